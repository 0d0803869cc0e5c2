//go:build !linux

package main

// adviseHugePages does nothing: only Linux has to be asked.
func adviseHugePages(int) {}
