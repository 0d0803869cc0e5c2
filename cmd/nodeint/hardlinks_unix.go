//go:build unix

package main

import (
	"io/fs"
	"syscall"
)

// hardLinks returns the number of names of a file.
func hardLinks(info fs.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Nlink)
	}
	return 1
}
