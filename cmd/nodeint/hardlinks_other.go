//go:build !unix

package main

import "io/fs"

// hardLinks returns 1: --read-only does not exist on this system.
func hardLinks(fs.FileInfo) int { return 1 }
