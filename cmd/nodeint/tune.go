package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// collectLess sets the garbage collector up for a process that lives for a
// second: little of what it makes is garbage while it runs, and collecting each
// time the heap has doubled took a third of a generate. The limit, a soft one,
// keeps large graphs from using more memory for it. What the environment says
// wins.
func collectLess() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(512 << 20)
	}
}

// readMore lets sixteen files be read at a time, for package hasher's workers
// keep their processor while a disk makes them wait.
func readMore() {
	const readers = 16
	if os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) < readers {
		runtime.GOMAXPROCS(readers)
	}
}
