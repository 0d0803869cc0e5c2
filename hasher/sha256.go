package hasher

import (
	"encoding/binary"
	"slices"
)

// What SHA-256 (FIPS 180-4) does around its blocks, for blocks2.

const (
	blockSize = 64

	// maxPadding is what pad appends at most: the bit 1, zeros, the length.
	maxPadding = blockSize + 8
)

// initial is the state before the first block (§5.3.3).
var initial = [8]uint32{
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
}

// pad appends to tail, with which an input of size bytes ends, what makes it
// whole blocks (§5.1.1). All blocks before tail are full.
func pad(tail []byte, size int64) []byte {
	zeros := (2*blockSize - 1 - 8 - int(size%blockSize)) % blockSize
	tail = append(tail, 0x80)
	tail = slices.Grow(tail, zeros+8)
	clear(tail[len(tail) : len(tail)+zeros])
	return binary.BigEndian.AppendUint64(tail[:len(tail)+zeros], uint64(size)*8)
}

// digestOf gives the digest that a state is after the last block.
func digestOf(state *[8]uint32) Digest {
	d := Digest{algorithm: SHA256}
	for i, word := range state {
		binary.BigEndian.PutUint32(d.sum[4*i:], word)
	}
	return d
}
