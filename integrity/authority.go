package integrity

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/trust"
	"github.com/nodeint/nodeint/integrity/signkey"
)

// An Authority says which map is the right one: whoever writes the tree can write a map
// that fits it. Each of its members that is given has to agree; the zero value takes
// any map.
type Authority struct {
	Pins      []Pin             // the map's bytes have to match every one
	Keys      []*signkey.Public // some of these have to have signed the map
	Threshold int               // how many different ones; 0 for one
	MinSerial uint64            // the oldest serial that is taken, where there are Keys
}

// A Pin is integrity metadata for the bytes of a map.
type Pin struct {
	Source   string // where it was given: --map-integrity
	Metadata hasher.Metadata
}

// A Trust says what vouched for a map.
type Trust struct {
	Pinned    bool     `json:"pinned"`
	Keys      []string `json:"keys"` // the ids of the keys given that have signed
	Threshold int      `json:"threshold"`
	Serial    uint64   `json:"serial"` // 0 where no key was given
}

// PinOf returns the value that pins the text of a map.
func PinOf(text []byte) string {
	return hasher.Format(hasher.Sum(hasher.SetOf(hasher.SHA256), text))
}

// EnvelopeOf returns the path of a map's envelope.
func EnvelopeOf(file string) string { return file + trust.Suffix }

// A vouched is a statement that enough keys have signed.
type vouched struct {
	*trust.Statement
	file    string // the envelope
	signers []*signkey.Public
}

// check holds the text of a map, not one byte of which has been looked at, against
// the pins and the signatures. Where there are no keys, the statement is nil.
func (a *Authority) check(file, text string) (*vouched, error) {
	for _, p := range a.Pins {
		if got := hasher.Sum(p.Metadata.Algorithms(), bytesOf(text)); !p.Metadata.Match(got) {
			return nil, untrusted(MapPin, file, "restore the map that was pinned; if this one is the right one, pin the value that nodeint generate prints",
				"the map is not the one that %s pins: %s", p.Source, file).Compare(p.Metadata.String(), hasher.Format(got))
		}
	}
	if len(a.Keys) == 0 {
		return nil, nil
	}
	file = EnvelopeOf(file)
	signed, err := readEnvelopeFile(file)
	if err != nil {
		return nil, err
	}
	return a.vouch(file, signed, text)
}

const hintSigned = "restore the map and its envelope together from where they were signed, or sign the map with nodeint sign"

// vouch reads the text of an envelope, and what was signed once enough keys have done
// so, which has to be this map.
func (a *Authority) vouch(file string, signed []byte, text string) (*vouched, error) {
	e, err := parseEnvelope(file, signed)
	if err != nil {
		return nil, err
	}
	threshold := max(a.Threshold, 1)
	s := &vouched{file: file, signers: e.Signers(a.Keys)}
	if n := len(s.signers); n < threshold {
		return nil, untrusted(MapSignature, file, "ask whoever signs the maps; if the key was changed on purpose, give the new one",
			"the map is signed by %d of the keys that were given, and has to be by %d: %s", n, threshold, file).
			Compare(keyList(a.Keys), signatureList(e))
	}
	if s.Statement, err = parseStatement(file, e); err != nil {
		return nil, err
	}
	if got := trust.Digest(sha256.Sum256(bytesOf(text))); got != s.Map.Digest {
		return nil, untrusted(MapStatement, file, hintSigned, "the map is not the one that was signed in %s", file).
			Compare(s.Map.Digest.String(), got.String())
	}
	if s.Serial < a.MinSerial {
		return nil, untrusted(MapSerial, file, "this map was signed once and has been replaced since: get the newest one",
			"the map is older than the oldest that is taken: %s", file).
			Compare(fmt.Sprintf("serial %d or more", a.MinSerial), fmt.Sprintf("serial %d", s.Serial))
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

// signatureList says whose an envelope's signatures are, by its own account.
func signatureList(e *trust.Envelope) string {
	var list []string
	for _, s := range e.Signatures {
		if s.KeyID == "" {
			list = append(list, "one without a keyid")
		} else {
			list = append(list, fmt.Sprintf("one with keyid %.80q", s.KeyID))
		}
	}
	if list == nil {
		return "no signature"
	}
	return strings.Join(list, ", ")
}

func parseEnvelope(file string, text []byte) (*trust.Envelope, error) {
	e, err := trust.Read(filepath.Base(file), text)
	if err != nil {
		return nil, untrusted(MapEnvelope, file, hintSigned, "%w", err)
	}
	return e, nil
}

func parseStatement(file string, e *trust.Envelope) (*trust.Statement, error) {
	s, err := trust.ReadStatement(filepath.Base(file), e.Payload)
	if err != nil {
		return nil, untrusted(MapEnvelope, file, hintSigned, "%w", err)
	}
	return s, nil
}

// readEnvelopeFile returns the text of an envelope, read once.
func readEnvelopeFile(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, untrusted(MapUnsigned, file, hintSigned, "the map is not signed: there is no %s", file)
	}
	if err != nil {
		return nil, failed(file, "", "reading the envelope: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, untrusted(MapEnvelope, file, hintSigned, "%s is not a file, so it is no envelope", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, failed(file, "make it readable to whoever runs nodeint", "reading the envelope: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, trust.MaxSize+1))
	if err != nil {
		return nil, failed(file, "", "reading the envelope: %w", err)
	}
	return text, nil
}

// agrees holds what was signed against what the map says: they cannot differ unless
// whoever signed did not look.
func (s *vouched) agrees(file string, m *trusted) error {
	if s == nil {
		return nil
	}
	for _, c := range []struct {
		what      string
		want, got []string
	}{
		{"root", []string{s.Root}, []string{m.digest}},
		{"coverage", []string{s.Coverage}, []string{string(m.pins.coverage)}},
		{"entries", s.Entries, keysOf(m.pins.entries)},
	} {
		if !slices.Equal(c.want, c.got) {
			return untrusted(MapStatement, file, hintSigned, "the %s that was signed is not the map's: %s", c.what, s.file).
				Compare(orNone(strings.Join(c.want, " ")), orNone(strings.Join(c.got, " ")))
		}
	}
	return nil
}

// result says what vouched for the map, once all has agreed.
func (a *Authority) result(s *vouched) *Trust {
	if len(a.Pins) == 0 && s == nil {
		return nil
	}
	t := &Trust{Pinned: len(a.Pins) > 0, Keys: []string{}}
	if s != nil {
		t.Threshold, t.Serial = max(a.Threshold, 1), s.Serial
		for _, k := range s.signers {
			t.Keys = append(t.Keys, k.ID())
		}
	}
	return t
}
