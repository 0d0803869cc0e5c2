//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMemory is the largest resident memory, in bytes, of a process that ended,
// or of one that it waited for, if that is larger.
func peakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	switch {
	case !ok:
		return 0
	case runtime.GOOS == "darwin":
		return int64(usage.Maxrss) // getrusage(2) of Darwin: in bytes
	}
	return int64(usage.Maxrss) * 1024
}
