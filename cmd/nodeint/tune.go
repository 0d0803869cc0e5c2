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

// expectLittle has one processor do all until more is expected: to start threads,
// and to hand over to them, would take longer than what they would do.
func expectLittle() {
	if !steered() {
		runtime.GOMAXPROCS(1)
	}
}

// expectMany takes back that one processor is enough.
func expectMany() {
	if !steered() {
		runtime.SetDefaultGOMAXPROCS()
	}
}

// expectMuch prepares for a heap that grows as well: a module graph, or archives.
func expectMuch() {
	expectMany()
	if !tuned() {
		hugePages(softLimit)
	}
}

// expectVerify expects what a verify of the map in file needs: the preparations for
// much take longer than they save where that is small. What is left to do if it is
// lazy, to read package.json files, is little then.
func expectVerify(file string, archives, lazy bool) {
	const large = 512 << 10 // bytes
	fi, err := os.Stat(file)
	switch {
	case archives || err == nil && fi.Size() > large:
		expectMuch()
	case !lazy:
		expectMany()
	}
}

// readMore lets sixteen files be read at a time, for package hasher's workers
// keep their processor while a disk makes them wait.
func readMore() {
	const readers = 16
	if !steered() && runtime.GOMAXPROCS(0) < readers {
		runtime.GOMAXPROCS(readers)
	}
}

// steered reports whether the environment says how many processors are to be used.
func steered() bool { return os.Getenv("GOMAXPROCS") != "" }
