package hasher

import (
	"encoding/binary"
	"iter"
	"slices"
	"strings"
)

// treePrefix names the version of the encoding. It also separates tree digests
// from the BLAKE3 digests of other bytes that nodeint hashes.
const treePrefix = "nodeint tree v1\n"

// A Pair is one entry of a tree digest, such as a key of a map and its integrity
// metadata.
type Pair struct{ Key, Value string }

// Tree returns the tree digest of the pairs, which the package comment specifies.
// The pairs may be in any order. Tree does not modify them.
func Tree(pairs []Pair) Digest { return TreeOf(slices.Values(pairs)) }

// TreeOf is Tree for a sequence, which it reads twice. A sorted one is not copied.
func TreeOf(pairs iter.Seq[Pair]) Digest {
	if !isSorted(pairs) {
		pairs = slices.Values(slices.SortedFunc(pairs, comparePairs))
	}
	var h Hasher
	h.Reset(SetOf(BLAKE3))
	buf := append(make([]byte, 0, 64<<10), treePrefix...)
	for p := range pairs {
		buf = appendPair(buf, p)
		if len(buf) >= 32<<10 {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	h.Write(buf)
	return h.Append(nil)[0]
}

func isSorted(pairs iter.Seq[Pair]) bool {
	var last Pair // the smallest of all
	for p := range pairs {
		if comparePairs(last, p) > 0 {
			return false
		}
		last = p
	}
	return true
}

func comparePairs(a, b Pair) int {
	if c := strings.Compare(a.Key, b.Key); c != 0 {
		return c
	}
	return strings.Compare(a.Value, b.Value)
}

// appendPair appends the encoding of one pair.
func appendPair(b []byte, p Pair) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(len(p.Key)))
	b = append(b, p.Key...)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(p.Value)))
	return append(b, p.Value...)
}
