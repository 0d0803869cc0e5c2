package hasher

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Limits of one metadata value. They bound the time that a hostile map takes. A
// value with one digest of every known algorithm has fewer than 400 bytes.
const (
	maxMetadata = 8 << 10 // bytes
	maxTokens   = 64
)

// Metadata is parsed integrity metadata: one or more digests of which a file has
// to have one. The zero value matches nothing.
type Metadata struct {
	text    string
	digests []Digest // of the known algorithms, in the order of the text
}

// ParseMetadata parses an integrity metadata value by the grammar of SRI §3.5:
//
//	metadata  = *WSP token *(1*WSP token) *WSP
//	WSP       = space / tab / LF / FF / CR
//	token     = algorithm "-" value *("?" *VCHAR)
//	algorithm = 1*(ALPHA / DIGIT)
//	value     = 1*(ALPHA / DIGIT / "+" / "/") *2"="
//
// It is stricter than a browser in three places:
//
//   - A value without a known algorithm is an error: one that is empty, has only
//     white space, or only algorithms such as sha1 or SHA384 (names are in lower
//     case). In SRI §3.3.4 an empty set of metadata matches; nodeint fails closed.
//   - A token that does not follow the grammar is an error. SRI §3.3.3 skips it.
//   - The digest of a known algorithm has exactly the algorithm's length, in
//     canonical standard base64: padded, not base64url, trailing bits zero. So one
//     digest has one spelling.
//
// As in SRI, a token of an unknown algorithm is skipped if the value also has a
// known one. Options (after "?") have no meaning and are kept as text. A value
// with more than 64 tokens or 8 KiB is an error.
func ParseMetadata(s string) (Metadata, error) {
	if len(s) > maxMetadata {
		return Metadata{}, fmt.Errorf("integrity metadata has %d bytes: at most %d are read", len(s), maxMetadata)
	}
	if strings.IndexByte(s, ' ') < 0 { // the common case: one digest
		if d, err := ParseDigest(s); err == nil {
			return Metadata{text: s, digests: []Digest{d}}, nil
		}
	}
	tokens := strings.FieldsFunc(s, isSpace)
	if len(tokens) == 0 {
		return Metadata{}, errors.New("integrity metadata is empty: it would allow any content")
	}
	if len(tokens) > maxTokens {
		return Metadata{}, fmt.Errorf("integrity metadata has %d digests: at most %d are read", len(tokens), maxTokens)
	}
	m := Metadata{text: strings.Join(tokens, " ")}
	for _, token := range tokens {
		d, err := parseToken(token)
		if err != nil {
			return Metadata{}, err
		}
		if d != (Digest{}) {
			m.digests = append(m.digests, d)
		}
	}
	if len(m.digests) == 0 {
		return Metadata{}, fmt.Errorf("integrity metadata %q has no known algorithm (%s): it would allow any content", clip(m.text), known)
	}
	return m, nil
}

// parseToken returns the zero Digest for a token whose algorithm is unknown.
func parseToken(token string) (Digest, error) {
	expression, options, _ := strings.Cut(token, "?")
	name, value, ok := strings.Cut(expression, "-")
	if !ok || name == "" || !all(name, isAlphanumeric) {
		return Digest{}, fmt.Errorf("integrity metadata %q is not of the form algorithm-digest", clip(token))
	}
	if !all(options, isVisible) {
		return Digest{}, fmt.Errorf("integrity metadata %q has an option with a character that is not visible ASCII", clip(token))
	}
	a, err := ParseAlgorithm(name)
	if err == nil {
		return decodeDigest(a, value)
	}
	if !isBase64Value(value) {
		return Digest{}, fmt.Errorf("integrity metadata %q has a value that is not base64", clip(token))
	}
	return Digest{}, nil
}

// String returns the text of the metadata, with one space between two tokens and
// none around them. ParseMetadata of that text returns m.
func (m Metadata) String() string { return m.text }

// Digests returns a copy of the digests of known algorithms, in the order of the
// text.
func (m Metadata) Digests() []Digest { return slices.Clone(m.digests) }

// MetadataOf returns the metadata with the given digests. It keeps ds.
func MetadataOf(ds []Digest) Metadata { return Metadata{text: Format(ds), digests: ds} }

// Strongest returns the digests of the strongest SHA-2 algorithm in m, in the
// order of the text. These are the digests that a browser checks (SRI §3.3.2). It
// returns nil if m has no SHA-2 digest. The caller must not modify the digests.
func (m Metadata) Strongest() []Digest {
	if len(m.digests) == 1 && m.digests[0].algorithm != BLAKE3 {
		return m.digests
	}
	var ds []Digest
	for _, d := range m.digests {
		switch {
		case d.algorithm == BLAKE3 || len(ds) > 0 && d.algorithm < ds[0].algorithm:
		case len(ds) > 0 && d.algorithm == ds[0].algorithm:
			ds = append(ds, d)
		default:
			ds = []Digest{d}
		}
	}
	return ds
}

// Algorithms returns the algorithms that Match checks: the strongest SHA-2
// algorithm in m, and blake3 if m has it.
func (m Metadata) Algorithms() Set {
	var strongest Algorithm
	var s Set
	for _, d := range m.digests {
		if d.algorithm == BLAKE3 {
			s = s.With(BLAKE3)
		} else {
			strongest = max(strongest, d.algorithm)
		}
	}
	if strongest != 0 {
		s = s.With(strongest)
	}
	return s
}

// Cheapest returns the part of m that is the fastest to check: its blake3 digests if m
// has any, else m. The algorithms of generate are collision resistant, so one of them is
// enough to find a change.
func (m Metadata) Cheapest() Metadata {
	if len(m.digests) < 2 || m.Algorithms().Len() < 2 {
		return m
	}
	var fast []Digest
	for _, d := range m.digests {
		if d.algorithm == BLAKE3 {
			fast = append(fast, d)
		}
	}
	if fast == nil {
		return m
	}
	return MetadataOf(fast)
}

// Match reports whether the content with the digests got is the content that m
// describes.
//
// Of the SHA-2 algorithms only the strongest in m counts (SRI §3.3.2, §3.3.4), and
// one of its digests in m has to be in got. If m has blake3 digests, one of them
// has to be in got as well. Blake3 is an additional check and never a replacement,
// so Match accepts nothing that a browser would reject. Match returns false if got
// lacks an algorithm of [Metadata.Algorithms].
func (m Metadata) Match(got []Digest) bool {
	need := m.Algorithms()
	if need == 0 {
		return false // true in SRI
	}
	for a := SHA256; a < algorithms; a++ {
		if need.Has(a) && !m.matches(a, got) {
			return false
		}
	}
	return true
}

func (m Metadata) matches(a Algorithm, got []Digest) bool {
	i := slices.IndexFunc(got, func(d Digest) bool { return d.algorithm == a })
	return i >= 0 && slices.Contains(m.digests, got[i])
}

// Format returns the text of a metadata value with the digests, in the order
// sha256, sha384, sha512, blake3, separated by one space.
func Format(ds []Digest) string {
	if len(ds) == 1 {
		return ds[0].String()
	}
	var texts []string
	for a := SHA256; a < algorithms; a++ {
		for _, d := range ds {
			if d.algorithm == a {
				texts = append(texts, d.String())
			}
		}
	}
	return strings.Join(texts, " ")
}

// isSpace reports whether r is ASCII white space (Infra §4.6).
func isSpace(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\f' || r == '\r'
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// isVisible reports whether c is VCHAR (RFC 5234, appendix B.1).
func isVisible(c byte) bool { return 0x21 <= c && c <= 0x7e }

// isBase64Value reports whether s is a value of the grammar of ParseMetadata. The
// grammar of CSP also has "-" and "_", but a digest of SRI is never base64url.
func isBase64Value(s string) bool {
	for range 2 {
		s = strings.TrimSuffix(s, "=")
	}
	return s != "" && all(s, func(c byte) bool { return isAlphanumeric(c) || c == '+' || c == '/' })
}

func all(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}
