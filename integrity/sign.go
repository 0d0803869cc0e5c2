package integrity

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"path/filepath"

	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/trust"
	"github.com/nodeint/nodeint/integrity/signkey"
)

// SignOptions say which map Sign signs.
type SignOptions struct {
	Root    string // absolute folder, where the lockfile is
	Map     string // absolute path of the map
	Key     *signkey.Private
	Serial  uint64 // 0 for that of the envelope there, where it is for the same map, or the next
	Version string // of nodeint, for the record; may be empty
}

// A Signed is what came of Sign.
type Signed struct {
	Envelope   string `json:"envelope"` // absolute path
	Serial     uint64 `json:"serial"`
	Key        string `json:"key"`        // the id of the key
	Signatures int    `json:"signatures"` // that the envelope has now
	Added      bool   `json:"added"`      // whether one was added by this key
	Dropped    int    `json:"dropped"`    // signatures of another map or serial, which were there before
}

// Sign signs a map that holds together, and writes the envelope beside it. Where an
// envelope says the very same already, its signatures stay, and one is added;
// otherwise it is replaced, if its serial is not greater.
//
// The envelope that is there is only believed to be in the way: whoever removes it has
// the serials begin anew, and whoever gives it a large one is asked about by an error
// or seen in what is printed. What holds is the least serial of whoever verifies.
func Sign(opt SignOptions) (*Signed, error) {
	statement, err := stateOf(opt)
	if err != nil {
		return nil, err
	}
	file := EnvelopeOf(opt.Map)
	e, dropped, err := place(statement, file, opt.Serial)
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
			return nil, notWritten(file, "the envelope", err)
		}
	}
	signed.Signatures = len(e.Signatures)
	return signed, nil
}

// stateOf says of a map what is to be signed, all but the serial.
func stateOf(opt SignOptions) (*trust.Statement, error) {
	text, err := readMapFile(opt.Map)
	if err != nil {
		return nil, err
	}
	doc, err := readDocument(opt.Map, text)
	if err != nil {
		return nil, err
	}
	m, err := trustDocument(opt.Map, doc)
	if err != nil {
		return nil, err
	}
	if m.digest == "" {
		return nil, untrusted(MapMember, opt.Map, "write the map with nodeint generate; any map can be pinned by --map-integrity", "%s has no member nodeint, which says what it covers", opt.Map)
	}
	s := &trust.Statement{
		Map:  trust.File{Name: filepath.Base(opt.Map), Digest: sha256.Sum256(bytesOf(text))},
		Root: m.digest, Coverage: string(m.pins.coverage), Entries: keysOf(m.pins.entries), Nodeint: opt.Version,
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

// place gives the envelope that a statement is to be signed in, and the statement its
// serial: the envelope that is there, or a new one for the signatures of which dropped
// go. serial is the one that was asked for, 0 for none.
func place(s *trust.Statement, file string, serial uint64) (e *trust.Envelope, dropped int, err error) {
	s.Serial = max(serial, 1)
	old, was, err := readSigned(file)
	if err != nil {
		return nil, 0, err
	}
	if old == nil {
		return &trust.Envelope{Payload: s.Format()}, 0, checkSerial(s.Serial)
	}
	if sameBut(s, was) && (serial == 0 || serial == was.Serial) {
		s.Serial = was.Serial
		return old, 0, nil
	}
	if serial == 0 {
		s.Serial = was.Serial + 1
	}
	if s.Serial <= was.Serial {
		return nil, 0, usageError("leave --serial out, or give a greater one; to begin anew, move the envelope away",
			"serial %d would go back: %s has serial %d", s.Serial, file, was.Serial)
	}
	return &trust.Envelope{Payload: s.Format()}, len(old.Signatures), checkSerial(s.Serial)
}

func checkSerial(serial uint64) error {
	if serial > trust.MaxSerial {
		return usageError("to begin anew, move the envelope away, and give --serial", "serial %d is beyond the largest, %d", serial, uint64(trust.MaxSerial))
	}
	return nil
}

// readSigned reads the envelope that is there, and what it is for; nil where there is
// none.
func readSigned(file string) (*trust.Envelope, *trust.Statement, error) {
	text, err := readEnvelopeFile(file)
	if e, ok := errors.AsType[*Error](err); ok && e.Code == MapUnsigned {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	e, err := parseEnvelope(file, text)
	if err != nil {
		return nil, nil, kept(err)
	}
	s, err := parseStatement(file, e)
	if err != nil {
		return nil, nil, kept(err)
	}
	return e, s, nil
}

// kept is the error for an envelope that could be anybody's.
func kept(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.Hint = "move it away: it is not overwritten, since its serial would be lost"
	}
	return err
}

// sameBut reports whether was says what s says, but for the serial and what is for the
// record: who signed first may have had another version of nodeint, and no lockfile.
func sameBut(s, was *trust.Statement) bool {
	is := *s
	is.Serial, is.Nodeint = was.Serial, was.Nodeint
	if was.Lockfile == nil {
		is.Lockfile = nil
	}
	return bytes.Equal(is.Format(), was.Format())
}
