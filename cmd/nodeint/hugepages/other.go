//go:build !linux || !(amd64 || arm64)

package hugepages

// Grow makes the next size bytes that the heap grows huge pages.
func Grow(size int, free func()) {}

// Stop makes no more huge pages.
func Stop() {}
