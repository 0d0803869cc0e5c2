package trust

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/signkey"
)

// A Policy decides which map is the trusted one: an attacker who can write the
// tree can also write a map that fits it. Every condition that is set must hold.
// The zero value accepts any map.
type Policy struct {
	Digests   []ExpectedDigest  // the map's bytes must match each one
	Keys      []*signkey.Public // Threshold of these must have signed the map
	Threshold int               // number of different keys; 0 means 1
	MinSerial uint64            // the lowest serial to accept, if Keys are set
}

// An ExpectedDigest is integrity metadata for the bytes of a map.
type ExpectedDigest struct {
	Source   string // the flag or variable that gave it, for errors: --map-integrity
	Metadata hasher.Metadata
}

// A Result says which conditions of a policy a map has met.
type Result struct {
	Pinned    bool     `json:"pinned"` // a digest was given, and it matches
	Keys      []string `json:"keys"`   // the ids of the given keys that have signed
	Threshold int      `json:"threshold"`
	Serial    uint64   `json:"serial"` // 0 if no key was given
}

// DigestOf returns the expected digest of the text of a map, as a user gives it.
func DigestOf(text []byte) string {
	return hasher.Format(hasher.Sum(hasher.SetOf(hasher.SHA256), text))
}

// EnvelopePath returns the path of a map's envelope.
func EnvelopePath(file string) string { return file + Suffix }

// A Signed is a statement that enough keys have signed.
type Signed struct {
	*Statement
	file    string // the envelope
	signers []*signkey.Public
}

// Check compares the text of the map at file with the expected digests, then
// with the signatures of its envelope. The text has not been parsed yet. The
// result is nil if the policy has no keys.
func (p *Policy) Check(file, text string) (*Signed, error) {
	for _, d := range p.Digests {
		if got := hasher.Sum(d.Metadata.Algorithms(), mapfile.Bytes(text)); !d.Metadata.Match(got) {
			return nil, problem.NotTrusted(problem.MapPin, file, "restore the expected map; if this map is right, use the map-integrity value that nodeint generate prints",
				"the map does not match the digest from %s: %s", d.Source, file).Compare(d.Metadata.String(), hasher.Format(got))
		}
	}
	if len(p.Keys) == 0 {
		return nil, nil
	}
	file = EnvelopePath(file)
	envelope, err := ReadEnvelope(file)
	if err != nil {
		return nil, err
	}
	return p.CheckEnvelope(file, envelope, text)
}

const hintSigned = "restore the map together with its envelope, or sign the map: nodeint sign --key FILE"

// CheckEnvelope returns the statement in the text of an envelope if enough keys
// have signed it and it is about this map.
func (p *Policy) CheckEnvelope(file string, envelope []byte, text string) (*Signed, error) {
	e, err := parseEnvelope(file, envelope)
	if err != nil {
		return nil, err
	}
	threshold := max(p.Threshold, 1)
	s := &Signed{file: file, signers: e.Signers(p.Keys)}
	if n := len(s.signers); n < threshold {
		return nil, problem.NotTrusted(problem.MapSignature, file, "check that --key names the current public key of the signer",
			"the map has %d valid signatures from the given keys; %d required: %s", n, threshold, file).
			Compare(keyList(p.Keys), signatureList(e))
	}
	if s.Statement, err = parseStatement(file, e); err != nil {
		return nil, err
	}
	if got := Digest(sha256.Sum256(mapfile.Bytes(text))); got != s.Map.Digest {
		return nil, problem.NotTrusted(problem.MapStatement, file, hintSigned, "the signature in %s is for another map", file).
			Compare(s.Map.Digest.String(), got.String())
	}
	if s.Serial < p.MinSerial {
		return nil, problem.NotTrusted(problem.MapSerial, file, "get the newest signed map; this one has been replaced",
			"the map's serial is lower than the required minimum: %s", file).
			Compare(fmt.Sprintf("serial %d or more", p.MinSerial), fmt.Sprintf("serial %d", s.Serial))
	}
	return s, nil
}

func keyList(keys []*signkey.Public) string {
	var list []string
	for _, k := range signkey.Distinct(keys) {
		list = append(list, k.String())
	}
	return strings.Join(list, ", ")
}

// signatureList describes an envelope's signatures by the key ids in it, which
// nobody has checked.
func signatureList(e *Envelope) string {
	var list []string
	for _, s := range e.Signatures {
		if s.KeyID == "" {
			list = append(list, "a signature without a keyid")
		} else {
			list = append(list, fmt.Sprintf("a signature with keyid %.80q", s.KeyID))
		}
	}
	if list == nil {
		return "no signature"
	}
	return strings.Join(list, ", ")
}

func parseEnvelope(file string, text []byte) (*Envelope, error) {
	e, err := Read(filepath.Base(file), text)
	if err != nil {
		return nil, problem.NotTrusted(problem.MapEnvelope, file, hintSigned, "%w", err)
	}
	return e, nil
}

func parseStatement(file string, e *Envelope) (*Statement, error) {
	s, err := ReadStatement(filepath.Base(file), e.Payload)
	if err != nil {
		return nil, problem.NotTrusted(problem.MapEnvelope, file, hintSigned, "%w", err)
	}
	return s, nil
}

// ReadEnvelope returns the text of the envelope at an absolute path. It reads
// the file once and parses nothing.
func ReadEnvelope(file string) ([]byte, error) {
	text, err := safefile.Read(file, MaxSize)
	var kind *safefile.KindError
	switch {
	case safefile.IsAbsent(err):
		return nil, problem.NotTrusted(problem.MapUnsigned, file, hintSigned, "the map is not signed: %s does not exist", file)
	case errors.As(err, &kind):
		return nil, problem.NotTrusted(problem.MapEnvelope, file, hintSigned, "reading the envelope: %w", err)
	case errors.Is(err, safefile.ErrTooLarge):
		return nil, problem.NotTrusted(problem.MapEnvelope, file, hintSigned, "the envelope %s is larger than the maximum of %d MiB", file, MaxSize>>20)
	case err != nil:
		return nil, problem.NotChecked(file, "run nodeint as a user that can read this path", "reading the envelope: %w", err)
	}
	return text, nil
}

// Agrees compares the signed statement with the map's own content: its tree
// digest, coverage and the keys of its entries. They differ only if the
// signer did not use nodeint sign. s may be nil.
func (s *Signed) Agrees(m *mapfile.Map, file string) error {
	if s == nil {
		return nil
	}
	for _, c := range []struct {
		what      string
		want, got []string
	}{
		{"root", []string{s.Root}, []string{m.Digest}},
		{"coverage", []string{s.Coverage}, []string{string(m.Coverage)}},
		{"entries", s.Entries, mapfile.KeysOf(m.Entries)},
	} {
		if !slices.Equal(c.want, c.got) {
			return problem.NotTrusted(problem.MapStatement, file, hintSigned, "the signed statement and the map disagree on the %s: %s", c.what, s.file).
				Compare(orNone(c.want), orNone(c.got))
		}
	}
	return nil
}

func orNone(words []string) string {
	if s := strings.Join(words, " "); s != "" {
		return s
	}
	return "(none)"
}

// Result returns the conditions that a map has met after Check and Agrees
// returned no error; nil if the policy has none.
func (p *Policy) Result(s *Signed) *Result {
	if len(p.Digests) == 0 && s == nil {
		return nil
	}
	r := &Result{Pinned: len(p.Digests) > 0, Keys: []string{}}
	if s != nil {
		r.Threshold, r.Serial = max(p.Threshold, 1), s.Serial
		for _, k := range s.signers {
			r.Keys = append(r.Keys, k.ID())
		}
	}
	return r
}
