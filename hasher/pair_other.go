//go:build !amd64 || purego

package hasher

// newPairHasher returns false: two-way SHA-256 exists for amd64 only.
func newPairHasher(*worker) (pairHasher, bool) { return nil, false }
