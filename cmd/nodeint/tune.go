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
	if !tuned() {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(softLimit)
	}
}

const softLimit = 512 << 20

// tuned reports whether the environment says how memory is to be used.
func tuned() bool { return os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" }

// expectMuch prepares for a heap that grows: a module graph, or archives.
func expectMuch() {
	if !tuned() {
		hugePages(softLimit)
	}
}

// expectVerify is expectMuch for a verify of the map in file, unless it is so small
// that the preparation costs more than it saves.
func expectVerify(file string, archives bool) {
	if fi, err := os.Stat(file); archives || err == nil && fi.Size() > 512<<10 {
		expectMuch()
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
