package hasher

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Limits of one metadata value. A value with every known algorithm is below
// 400 bytes; the limits bound what a hostile map costs.
const (
	maxMetadata = 8 << 10 // bytes
	maxTokens   = 64
)

// Metadata is parsed integrity metadata: one or more digests that a file may
// have. The zero value matches nothing.
type Metadata struct {
	text    string
	digests []Digest // of the known algorithms, as they came
}

// ParseMetadata parses an integrity metadata value by the grammar of SRI §3.5:
//
//	metadata  = *WSP token *(1*WSP token) *WSP
//	WSP       = space / tab / LF / FF / CR
//	token     = algorithm "-" value *("?" *VCHAR)
//	algorithm = 1*(ALPHA / DIGIT)
//	value     = 1*(ALPHA / DIGIT / "+" / "/") *2"="
//
// It departs from what a browser does in three places, each time to refuse
// more:
//
//   - A value without any known algorithm is an error: empty, blank, or only
//     such as sha1 or SHA384 (names are in lower case). SRI §3.3.4 says that an
//     empty set of metadata matches; nodeint fails closed.
//   - A token that the grammar does not allow is an error. SRI §3.3.3 skips it.
//   - A known algorithm's digest has exactly its length, in canonical standard
//     base64: padded, no base64url, trailing bits zero. So one digest has one
//     spelling.
//
// A token of an unknown algorithm is skipped, as SRI has it, where a known one
// stands beside it. Options (after "?") have no meaning and are kept as text. A
// value has at most 64 tokens and 8 KiB.
func ParseMetadata(s string) (Metadata, error) {
	if len(s) > maxMetadata {
		return Metadata{}, fmt.Errorf("integrity metadata has %d bytes: at most %d are read", len(s), maxMetadata)
	}
	tokens := []string{s} // as nearly always
	if s == "" || strings.ContainsAny(s, " \t\n\f\r") {
		tokens = strings.FieldsFunc(s, isSpace)
	}
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

// String returns the metadata as it was, with one space between two tokens and
// none around them. ParseMetadata of it gives m again.
func (m Metadata) String() string { return m.text }

// Digests returns the digests of known algorithms, in the order they came.
func (m Metadata) Digests() []Digest { return slices.Clone(m.digests) }

// MetadataOf returns the metadata that lists the digests.
func MetadataOf(ds []Digest) Metadata { return Metadata{text: Format(ds), digests: ds} }

// Strongest returns the digests of the strongest SHA-2 algorithm that is listed,
// in the order they came: those that a browser looks at. Without one it returns
// nil. The digests are m's own and are not to be changed.
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

// Algorithms returns the algorithms that Match looks at: the strongest SHA-2 of
// those listed, and blake3 if it is listed.
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

// Match reports whether content with the digests got is what m describes.
//
// Of the SHA-2 algorithms only the strongest that is listed counts (SRI §3.3.2,
// §3.3.4), and one of its digests has to be the content's. Where blake3 is
// listed, one of its digests has to be the content's as well: in addition and
// never instead, so that nothing is accepted that a browser would refuse. Where
// an algorithm of [Metadata.Algorithms] is not in got, the answer is no.
func (m Metadata) Match(got []Digest) bool {
	need := m.Algorithms()
	if need == 0 {
		return false // SRI says yes
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

// Format returns the digests as a metadata value: in the order sha256, sha384,
// sha512, blake3, with one space between.
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

// isSpace is ASCII white space (Infra §4.6).
func isSpace(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\f' || r == '\r'
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// isVisible is VCHAR (RFC 5234, appendix B.1).
func isVisible(c byte) bool { return 0x21 <= c && c <= 0x7e }

// isBase64Value is the value of the grammar above. CSP's has "-" and "_" too;
// SRI's digests are never in base64url.
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
