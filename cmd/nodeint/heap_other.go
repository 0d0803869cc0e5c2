//go:build !linux

package main

// hugePages does nothing: no other system has to be asked.
func hugePages(int) {}
