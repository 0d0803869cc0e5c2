package filecache

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// The file of a cache is magic, the SHA-256 of what follows, the key, the number of records,
// and the records, sorted by path. Numbers are unsigned or signed varints, and a text
// follows its length: see package encoding/binary.
const magic = "nodeint file cache 1\n"

// The flags of a record say what it has.
const (
	hasPowers = 1 << iota
	knownFlags
)

var errMalformed = errors.New("the cache is malformed")

func encode(records map[string]*record, key string) []byte {
	b := make([]byte, len(magic)+sha256.Size, 1<<20)
	copy(b, magic)
	b = AppendText(b, key)
	b = binary.AppendUvarint(b, uint64(len(records)))
	for _, p := range slices.Sorted(maps.Keys(records)) {
		r := records[p]
		b = AppendText(b, p)
		b = binary.AppendUvarint(b, r.stamp.Device)
		b = binary.AppendUvarint(b, r.stamp.Inode)
		b = binary.AppendVarint(b, r.stamp.Size)
		b = binary.AppendVarint(b, r.stamp.Modified)
		b = binary.AppendVarint(b, r.stamp.Changed)
		b = AppendText(b, r.digests)
		b = AppendText(b, r.module)
		if !r.hasPowers {
			b = append(b, 0)
			continue
		}
		b = append(b, hasPowers)
		b = binary.AppendUvarint(b, uint64(r.known))
		b = binary.AppendUvarint(b, uint64(r.powers))
	}
	sum := sha256.Sum256(b[len(magic)+sha256.Size:])
	copy(b[len(magic):], sum[:])
	return b
}

// decode returns the records in data, if they are for key.
func decode(data []byte, key string) (map[string]*record, error) {
	start := len(magic) + sha256.Size
	if len(data) < start || string(data[:len(magic)]) != magic {
		return nil, errMalformed
	}
	if sum := sha256.Sum256(data[start:]); string(sum[:]) != string(data[len(magic):start]) {
		return nil, errMalformed
	}
	r := NewReader(string(data[start:]))
	if r.Text() != key {
		return nil, errMalformed // or of another nodeint
	}
	n := r.Uint()
	const minRecord = 9 // bytes
	if n > uint64(r.Len()/minRecord) {
		return nil, errMalformed
	}
	records := make(map[string]*record, n)
	slab := make([]record, n)
	last := ""
	for i := range slab {
		p := r.Text()
		if i > 0 && p <= last || r.Failed() {
			return nil, errMalformed
		}
		last = p
		records[p] = &slab[i]
		readRecord(r, &slab[i])
	}
	if !r.AtEnd() {
		return nil, errMalformed
	}
	return records, nil
}

func readRecord(r *Reader, to *record) {
	to.stamp = tree.Stamp{Device: r.Uint(), Inode: r.Uint(), Size: r.Int(), Modified: r.Int(), Changed: r.Int()}
	to.digests, to.module = r.Text(), r.Text()
	flags := r.Byte()
	if flags >= knownFlags {
		r.fail()
	}
	if flags&hasPowers == 0 {
		return
	}
	known, found := r.Uint(), r.Uint()
	if (known|found)>>len(powers) != 0 {
		r.fail()
	}
	to.hasPowers, to.known, to.powers = true, uint32(known), uint32(found)
}

// AppendText appends the length of s, and s.
func AppendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// A Reader reads what AppendText and [binary.AppendUvarint] have written. After the first
// error it returns zeros.
type Reader struct {
	rest   string
	failed bool
}

// NewReader returns a Reader of s.
func NewReader(s string) *Reader { return &Reader{rest: s} }

// Len returns the number of bytes that are left.
func (r *Reader) Len() int { return len(r.rest) }

// Failed reports whether there was an error.
func (r *Reader) Failed() bool { return r.failed }

// AtEnd reports whether everything was read, without an error.
func (r *Reader) AtEnd() bool { return !r.failed && r.rest == "" }

func (r *Reader) fail() { r.rest, r.failed = "", true }

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if r.rest == "" {
		r.fail()
		return 0
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	return c
}

// Uint reads a number without a sign.
func (r *Reader) Uint() (x uint64) {
	for shift := 0; ; shift += 7 {
		c := r.Byte()
		if shift == 63 && c > 1 {
			r.fail()
			return 0
		}
		x |= uint64(c&0x7F) << shift
		if c < 0x80 {
			return x
		}
	}
}

// Int reads a number with a sign.
func (r *Reader) Int() int64 {
	u := r.Uint()
	x := int64(u >> 1)
	if u&1 != 0 {
		x = ^x
	}
	return x
}

// Text reads a text.
func (r *Reader) Text() string {
	n := r.Uint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}
