package main

import (
	"os"
	"runtime/debug"
	"sync"

	"github.com/nodeint/nodeint/cmd/nodeint/hugepages"
)

// The settings of the Go runtime. Each saves more than 15 % of the CPU time (user
// and system) of generate. They were measured on generate --coverage graph of
// jest's command (949 files) with Go 1.26 on Linux, in a virtual machine with 2
// processors, as medians of 9 runs in turn:
//
//	both settings         682 ms
//	without setGC         860 ms  (21 % saved)
//	without useHugePages 1424 ms  (52 % saved)
//
// Of verify with a map of 53,279 files, huge pages save 11 %: 1,445 ms without, 1,314
// with. A smaller GOMAXPROCS for small maps saved nothing and is not set.

// softLimit is the size, in bytes, from which the garbage collector runs more
// often.
const softLimit = 512 << 20

// setGC makes the garbage collector run less often. The process lives for about
// a second, and little of what it allocates is garbage by then. The soft limit
// bounds the memory of a large module graph. GOGC and GOMEMLIMIT take precedence.
func setGC() {
	if !hugepages.CollectorIsSet() {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(softLimit)
	}
}

// settle is for a process that has done its work and waits: each program that node starts
// leaves garbage.
func settle() {
	hugepages.Stop()
	if !hugepages.CollectorIsSet() {
		debug.SetGCPercent(100) // as Go has it
	}
}

// heapOfMap is how much larger than its map the heap of verify and run becomes.
const heapOfMap = 24

// useHugePagesFor makes room for what verify and run allocate for a map.
func useHugePagesFor(mapFile string) {
	if info, err := os.Stat(mapFile); err == nil && info.Size()*heapOfMap > hugepages.Initial {
		useHugePages(int(min(info.Size()*heapOfMap, softLimit)))
	}
}

// useHugePages makes the next size bytes that the heap grows huge pages, once: generate
// --workspaces generates several maps.
func useHugePages(size int) { hugePages.Do(func() { hugepages.Grow(size, debug.FreeOSMemory) }) }

var hugePages sync.Once
