package trust

import (
	"bytes"
	"errors"

	"github.com/nodeint/nodeint/integrity/problem"
)

// EnvelopeFor returns the envelope in which to sign a statement, and sets the
// statement's serial. The result is the envelope at file if that is for the same
// statement; otherwise it is a new one, and dropped counts the signatures that
// it replaces. serial is the requested one; 0 takes the next one.
//
// EnvelopeFor reads the existing envelope only to choose the next serial number
// and to keep its signatures. Removing it makes serials start again, and forging
// a large serial makes the next one larger; the minimum serial that verifiers
// require is what protects against an old map.
func EnvelopeFor(s *Statement, file string, serial uint64) (e *Envelope, dropped int, err error) {
	s.Serial = max(serial, 1)
	old, was, err := readExisting(file)
	if err != nil {
		return nil, 0, err
	}
	if old == nil {
		return &Envelope{Payload: s.Format()}, 0, checkSerial(s.Serial)
	}
	if isSame(s, was) && (serial == 0 || serial == was.Serial) {
		s.Serial = was.Serial
		return old, 0, nil
	}
	if serial == 0 {
		s.Serial = was.Serial + 1
	}
	if s.Serial <= was.Serial {
		return nil, 0, problem.BadUsage("omit --serial, or use a higher one; to start again from 1, move the envelope to another place",
			"serial %d is not higher than that of %s, which is %d", s.Serial, file, was.Serial)
	}
	return &Envelope{Payload: s.Format()}, len(old.Signatures), checkSerial(s.Serial)
}

func checkSerial(serial uint64) error {
	if serial > MaxSerial {
		return problem.BadUsage("move the envelope to another place, then sign with --serial 1", "serial %d is higher than the maximum, %d", serial, uint64(MaxSerial))
	}
	return nil
}

// readExisting reads the envelope at file and its statement; nil if there is
// none.
func readExisting(file string) (*Envelope, *Statement, error) {
	text, err := ReadEnvelope(file)
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Code == problem.MapUnsigned {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	e, err := parseEnvelope(file, text)
	if err != nil {
		return nil, nil, notOverwritten(err)
	}
	s, err := parseStatement(file, e)
	if err != nil {
		return nil, nil, notOverwritten(err)
	}
	return e, s, nil
}

// notOverwritten changes the hint of the error for an envelope that sign cannot
// read: it may be another tool's.
func notOverwritten(err error) error {
	if e, ok := errors.AsType[*problem.Error](err); ok {
		e.Hint = "move the envelope to another place; sign does not overwrite it, because its serial would be lost"
	}
	return err
}

// isSame reports whether was states the same as s. The serial and the members
// that are only for the record do not count: the first signer may have had another
// version of nodeint, and no lockfile.
func isSame(s, was *Statement) bool {
	now := *s
	now.Serial, now.Nodeint = was.Serial, was.Nodeint
	if was.Lockfile == nil {
		now.Lockfile = nil
	}
	return bytes.Equal(now.Format(), was.Format())
}
