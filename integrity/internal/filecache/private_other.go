//go:build !unix

package filecache

// isPrivate is false: there are no caches on such systems.
func isPrivate(string) bool { return false }
