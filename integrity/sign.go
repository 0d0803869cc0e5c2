package integrity

import (
	"crypto/sha256"
	"errors"
	"path/filepath"

	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/trust"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/signkey"
)

// SignOptions say which map Sign signs, and with which key.
type SignOptions struct {
	Root    string // absolute directory that contains the lockfile
	Map     string // absolute path of the map
	Key     *signkey.Private
	Serial  uint64 // 0 keeps the serial of an envelope for the same map, or takes the next one
	Version string // of nodeint, for the record; may be empty
}

// A Signed is the result of Sign.
type Signed struct {
	Envelope   string `json:"envelope"` // absolute path
	Serial     uint64 `json:"serial"`
	Key        string `json:"key"`        // the id of the key
	Signatures int    `json:"signatures"` // number in the envelope now
	Added      bool   `json:"added"`      // false if the key had already signed
	Dropped    int    `json:"dropped"`    // signatures of another map or serial that were replaced
}

// Sign checks that the map is well formed, signs it, and writes the envelope
// beside it. If an envelope for the same map and serial exists, Sign adds the
// signature to it. Otherwise it replaces the envelope, unless that has a greater
// serial.
//
// Sign reads the existing envelope only to choose the next serial number. An
// attacker who writes there gains nothing: verifiers set the minimum serial.
func Sign(opt SignOptions) (*Signed, error) {
	statement, err := newStatement(opt)
	if err != nil {
		return nil, err
	}
	file := trust.EnvelopePath(opt.Map)
	e, dropped, err := trust.EnvelopeFor(statement, file, opt.Serial)
	if err != nil {
		return nil, err
	}
	signed := &Signed{Envelope: file, Serial: statement.Serial, Key: opt.Key.Public().ID(), Dropped: dropped}
	if len(e.Signers([]*signkey.Public{opt.Key.Public()})) == 0 {
		signed.Added = true
		if err := e.Sign(opt.Key); err != nil {
			return nil, err
		}
		if err := atomic.Write(file, e.Format()); err != nil {
			return nil, atomic.Problem(file, "the envelope", err)
		}
	}
	signed.Signatures = len(e.Signatures)
	return signed, nil
}

// newStatement returns the statement about a map, without its serial.
func newStatement(opt SignOptions) (*trust.Statement, error) {
	text, err := mapfile.ReadText(opt.Map)
	if err != nil {
		return nil, err
	}
	_, m, err := mapfile.Read(opt.Map, text)
	if err != nil {
		return nil, err
	}
	if m.Digest == "" {
		return nil, problem.NotTrusted(problem.MapMember, opt.Map, "run nodeint generate, then sign; a map of another tool can be checked with --map-integrity", "cannot sign %s: the map has no member nodeint", opt.Map)
	}
	s := &trust.Statement{
		Map:  trust.File{Name: filepath.Base(opt.Map), Digest: sha256.Sum256(mapfile.Bytes(text))},
		Root: m.Digest, Coverage: string(m.Coverage), Entries: mapfile.KeysOf(m.Entries), Nodeint: opt.Version,
	}
	s.Lockfile, err = lockfileOf(opt.Root)
	return s, err
}

// lockfileOf returns the digest of the project's lockfile, or nil if it has none.
func lockfileOf(root string) (*trust.File, error) {
	name, text, err := lockfile.Read(root)
	if errors.Is(err, lockfile.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &trust.File{Name: name, Digest: sha256.Sum256(text)}, nil
}
