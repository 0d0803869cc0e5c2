package jsscan

// The interning of identifiers.

import "sync"

// names gives every identifier of a source a number.
type names struct {
	table []uint32 // number + 1; a hash table with open addressing
	texts [][]byte
	hash  []uint32
}

const presetTableSize = 512

// preset holds the preset names.
var preset = sync.OnceValue(func() *names {
	n := &names{table: make([]uint32, presetTableSize)}
	for _, s := range presetNames {
		n.intern([]byte(s), hashName([]byte(s)))
	}
	return n
})

// reset removes all names except the preset ones.
func (n *names) reset() {
	if cap(n.table) < presetTableSize {
		n.table = make([]uint32, presetTableSize)
	}
	n.table = n.table[:presetTableSize]
	p := preset()
	copy(n.table, p.table)
	n.texts = append(n.texts[:0], p.texts...)
	n.hash = append(n.hash[:0], p.hash...)
}

// hashName is FNV-1a. The lexer computes it while it reads.
func hashName(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

// intern returns the number of the name text.
func (n *names) intern(text []byte, hash uint32) uint32 {
	mask := uint32(len(n.table) - 1)
	// The low bits of FNV are badly distributed for short names.
	for i := (hash ^ hash>>15) & mask; ; i = (i + 1) & mask {
		id := n.table[i]
		if id == 0 {
			n.table[i] = uint32(len(n.texts) + 1)
			break
		}
		if id--; n.hash[id] == hash && string(n.texts[id]) == string(text) {
			return id
		}
	}
	n.texts = append(n.texts, text)
	n.hash = append(n.hash, hash)
	if len(n.texts)*2 > len(n.table) {
		n.grow()
	}
	return uint32(len(n.texts) - 1)
}

func (n *names) grow() {
	size := len(n.table) * 4
	n.table = make([]uint32, size)
	mask := uint32(size - 1)
	for id, hash := range n.hash {
		i := (hash ^ hash>>15) & mask
		for n.table[i] != 0 {
			i = (i + 1) & mask
		}
		n.table[i] = uint32(id + 1)
	}
}
