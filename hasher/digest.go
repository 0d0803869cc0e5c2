package hasher

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"
	"sync"

	"github.com/zeebo/blake3"
)

// An Algorithm is a hash function. The zero value is not an algorithm.
type Algorithm uint8

// The algorithms, in the order in which Format writes them.
const (
	SHA256 Algorithm = 1 + iota
	SHA384
	SHA512
	BLAKE3

	algorithms // one more than the last
)

const known = "sha256, sha384, sha512, blake3"

// ParseSet returns the set of the named algorithms; SHA-256 if there are none.
func ParseSet(names []string) (Set, error) {
	set := Set(0)
	for _, name := range names {
		a, err := ParseAlgorithm(name)
		if err != nil {
			return 0, err
		}
		set = set.With(a)
	}
	if set == 0 {
		set = SetOf(SHA256)
	}
	return set, nil
}

// ParseAlgorithm returns the algorithm with the given name, which is in lower
// case. It returns an error if the name is unknown.
func ParseAlgorithm(name string) (Algorithm, error) {
	for a := SHA256; a < algorithms; a++ {
		if a.String() == name {
			return a, nil
		}
	}
	return 0, fmt.Errorf("unknown algorithm %q: use one of %s", name, known)
}

// String returns the name of the algorithm, as metadata has it before the "-".
func (a Algorithm) String() string {
	switch a {
	case SHA256:
		return "sha256"
	case SHA384:
		return "sha384"
	case SHA512:
		return "sha512"
	case BLAKE3:
		return "blake3"
	}
	return fmt.Sprintf("algorithm(%d)", uint8(a))
}

// Size returns the length of a digest in bytes. It returns 0 for the zero value.
func (a Algorithm) Size() int {
	switch a {
	case SHA256, BLAKE3:
		return 32
	case SHA384:
		return 48
	case SHA512:
		return 64
	}
	return 0
}

func (a Algorithm) new() hash.Hash {
	switch a {
	case SHA256:
		return sha256.New()
	case SHA384:
		return sha512.New384()
	case SHA512:
		return sha512.New()
	}
	return blake3.New()
}

// A Set is a set of algorithms. The zero value is the empty set.
type Set uint8

// SetOf returns the set of the given algorithms.
func SetOf(as ...Algorithm) Set {
	var s Set
	for _, a := range as {
		s = s.With(a)
	}
	return s
}

// With returns s with a added.
func (s Set) With(a Algorithm) Set { return s | 1<<a }

// Has reports whether a is in s.
func (s Set) Has(a Algorithm) bool { return s&(1<<a) != 0 }

// Len returns the number of algorithms in s.
func (s Set) Len() int {
	n := 0
	for a := SHA256; a < algorithms; a++ {
		if s.Has(a) {
			n++
		}
	}
	return n
}

// Algorithms returns the algorithms in s, in the order sha256, sha384, sha512,
// blake3.
func (s Set) Algorithms() []Algorithm {
	var as []Algorithm
	for a := SHA256; a < algorithms; a++ {
		if s.Has(a) {
			as = append(as, a)
		}
	}
	return as
}

// String returns the names of the algorithms in s, separated by commas.
func (s Set) String() string {
	var names []string
	for _, a := range s.Algorithms() {
		names = append(names, a.String())
	}
	return strings.Join(names, ",")
}

// A Digest is the output of an algorithm. Digests can be compared with ==. The
// zero value is not a digest and matches nothing.
type Digest struct {
	algorithm Algorithm
	sum       [64]byte
}

// ParseDigest parses one digest of a known algorithm, such as "sha256-…". It is as
// strict as [ParseMetadata], and allows neither options nor white space.
func ParseDigest(s string) (Digest, error) {
	name, value, ok := strings.Cut(s, "-")
	if !ok {
		return Digest{}, fmt.Errorf("digest %q has no %q: expected something like sha256-…", clip(s), "-")
	}
	a, err := ParseAlgorithm(name)
	if err != nil {
		return Digest{}, err
	}
	return decodeDigest(a, value)
}

// decodeDigest decodes the base64 text of a digest. It accepts only the canonical
// text, so that one digest has one spelling.
func decodeDigest(a Algorithm, value string) (Digest, error) {
	d := Digest{algorithm: a}
	if want := base64.StdEncoding.EncodedLen(a.Size()); len(value) != want {
		return Digest{}, fmt.Errorf("%s digest %q has %d characters, not %d", a, clip(value), len(value), want)
	}
	// One group of three bytes more: the decoder may write more than it returns.
	var buf [66]byte
	n, err := strictBase64.Decode(buf[:], []byte(value))
	// The decoder skips line breaks, so the length is checked again.
	if err != nil || n != a.Size() {
		return Digest{}, fmt.Errorf("%s digest %q is not canonical base64 of %d bytes", a, clip(value), a.Size())
	}
	copy(d.sum[:], buf[:n])
	return d, nil
}

// strictBase64 rejects trailing bits that are not zero.
var strictBase64 = base64.StdEncoding.Strict()

// Algorithm returns the algorithm of d. It returns 0 for the zero value.
func (d Digest) Algorithm() Algorithm { return d.algorithm }

// Bytes returns a copy of the digest in binary. Its length is Algorithm().Size().
func (d Digest) Bytes() []byte { return append([]byte(nil), d.sum[:d.algorithm.Size()]...) }

// AppendBytes appends the digest in binary to b.
func (d *Digest) AppendBytes(b []byte) []byte { return append(b, d.sum[:d.algorithm.Size()]...) }

// String returns d in the form of SRI, such as "sha256-…". It returns "" for the
// zero value.
func (d Digest) String() string {
	if d.algorithm == 0 {
		return ""
	}
	var buf [7 + 88]byte // the length of sha512's, the longest
	b := append(buf[:0], d.algorithm.String()...)
	b = append(b, '-')
	return string(base64.StdEncoding.AppendEncode(b, d.sum[:d.algorithm.Size()]))
}

// A Hasher computes several digests of the same bytes. It can be reused: call
// Reset before the first Write and between two inputs. It is not safe for
// concurrent use.
type Hasher struct {
	set    Set
	states [algorithms]hash.Hash
}

// Reset starts a new input. h computes its digests for the algorithms in set.
func (h *Hasher) Reset(set Set) {
	h.set = set
	for a := SHA256; a < algorithms; a++ {
		if !set.Has(a) {
			continue
		}
		if h.states[a] == nil {
			h.states[a] = a.new()
		} else {
			h.states[a].Reset()
		}
	}
}

// Write adds p to the input. It never returns an error.
func (h *Hasher) Write(p []byte) (int, error) {
	for a := SHA256; a < algorithms; a++ {
		if h.set.Has(a) {
			h.states[a].Write(p)
		}
	}
	return len(p), nil
}

// Append appends the digests of the input to ds, in the order of
// [Set.Algorithms]. It does not allocate if ds has the capacity.
func (h *Hasher) Append(ds []Digest) []Digest {
	for a := SHA256; a < algorithms; a++ {
		if !h.set.Has(a) {
			continue
		}
		ds = append(ds, Digest{algorithm: a})
		h.states[a].Sum(ds[len(ds)-1].sum[:0])
	}
	return ds
}

var hashers = sync.Pool{New: func() any { return new(Hasher) }}

// Sum returns the digests of data, in the order of [Set.Algorithms].
func Sum(set Set, data []byte) []Digest {
	h := hashers.Get().(*Hasher)
	defer hashers.Put(h)
	h.Reset(set)
	h.Write(data)
	return h.Append(make([]Digest, 0, set.Len()))
}

// clip shortens a text that an error quotes, because the text may be hostile.
func clip(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
