//go:build !amd64 || purego

package hasher

// There are no two lanes here: files are hashed one after the other.
const hasBlocks2 = false

func blocks2(a, b *[8]uint32, p, q *byte, n int) { panic("not reached") }
