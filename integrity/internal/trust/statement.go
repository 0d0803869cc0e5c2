package trust

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/jsontext"
)

const (
	// StatementType is the member _type of a statement.
	StatementType = "https://in-toto.io/Statement/v1"

	// PredicateType is the member predicateType of a statement of nodeint.
	PredicateType = "https://github.com/nodeint/nodeint/integrity-map/v1"

	// MaxSerial is the largest serial. JSON readers disagree about larger numbers.
	MaxSerial = 1<<53 - 1

	maxEntries = 100_000
)

// A Digest is the SHA-256 of a file's bytes.
type Digest [sha256.Size]byte

// String returns the digest as sha256:2c26b46b….
func (d Digest) String() string { return "sha256:" + hex.EncodeToString(d[:]) }

// A File is a file by its digest. The name is for people.
type File struct {
	Name   string
	Digest Digest
}

// A Statement is the signed content of an envelope.
type Statement struct {
	Map      File
	Serial   uint64
	Root     string   // the map's tree digest
	Coverage string   // the map's coverage
	Entries  []string // keys, in the map's order
	Lockfile *File    // nil if there was none
	Nodeint  string   // the version that signed; may be empty
}

// The JSON of a statement, with the members in the order of the text.
type (
	fileText struct {
		Name   string            `json:"name"`
		Digest map[string]string `json:"digest"`
	}
	predicateText struct {
		Serial   uint64    `json:"serial"`
		Root     string    `json:"root"`
		Coverage string    `json:"coverage"`
		Entries  []string  `json:"entries"`
		Lockfile *fileText `json:"lockfile,omitempty"`
		Nodeint  string    `json:"nodeint,omitempty"`
	}
	statementText struct {
		Type          string        `json:"_type"`
		Subject       []fileText    `json:"subject"`
		PredicateType string        `json:"predicateType"`
		Predicate     predicateText `json:"predicate"`
	}
)

func (f File) text() fileText {
	return fileText{f.Name, map[string]string{"sha256": hex.EncodeToString(f.Digest[:])}}
}

// Format returns the text of the statement. Equal statements have equal texts.
func (s *Statement) Format() []byte {
	text := statementText{
		Type: StatementType, Subject: []fileText{s.Map.text()}, PredicateType: PredicateType,
		Predicate: predicateText{Serial: s.Serial, Root: s.Root, Coverage: s.Coverage, Entries: append([]string{}, s.Entries...), Nodeint: s.Nodeint},
	}
	if s.Lockfile != nil {
		lock := s.Lockfile.text()
		text.Predicate.Lockfile = &lock
	}
	b, _ := jsontext.Marshal(text) // nothing in it can fail
	return b
}

// ReadStatement parses the payload of an envelope. name is the name of the envelope's
// file in errors.
func ReadStatement(name string, payload []byte) (*Statement, error) {
	if err := importmap.Check(name, "statement", payload); err != nil {
		return nil, err
	}
	r := &reader{}
	s := &Statement{}
	m := r.members("the statement", gjson.ParseBytes(payload), "_type", "subject", "predicateType", "predicate")
	r.exact("_type", m, StatementType)
	r.exact("predicateType", m, PredicateType)
	r.list("subject", m, 1, 1, func(v gjson.Result) { s.Map = r.file("subject", v) })
	if r.err == nil {
		r.predicate(s, m["predicate"])
	}
	if r.err != nil {
		return nil, fmt.Errorf("%s: %w", name, r.err)
	}
	return s, nil
}

// predicate reads the member predicate into s.
func (r *reader) predicate(s *Statement, v gjson.Result) {
	m := r.members("the predicate", v, "serial", "root", "coverage", "entries", "lockfile?", "nodeint?")
	s.Serial = r.serial(m)
	s.Root, s.Coverage = r.text("root", m), r.text("coverage", m)
	r.list("entries", m, 0, maxEntries, func(v gjson.Result) {
		if v.Type != gjson.String {
			r.bad("entries has an element that is not a string")
		}
		s.Entries = append(s.Entries, v.Str)
	})
	if m["lockfile"].Exists() {
		lock := r.file("lockfile", m["lockfile"])
		s.Lockfile = &lock
	}
	if m["nodeint"].Exists() {
		s.Nodeint = r.text("nodeint", m)
	}
}

// exact requires that a member has the value want.
func (r *reader) exact(name string, m map[string]gjson.Result, want string) {
	if got := r.text(name, m); r.err == nil && got != want {
		r.bad("%s is %.80q, want %q", name, got, want)
	}
}

// file reads a resource descriptor of in-toto: a name and a SHA-256.
func (r *reader) file(name string, v gjson.Result) File {
	m := r.members(name, v, "name", "digest")
	digest := r.members(name+".digest", m["digest"], "sha256")
	f := File{Name: r.text("name", m)}
	text := r.text("sha256", digest)
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(f.Digest) || hex.EncodeToString(b) != text {
		r.bad("%s.digest.sha256 is not 64 lower-case hexadecimal digits", name)
	}
	copy(f.Digest[:], b)
	return f
}

// serial returns the member serial.
func (r *reader) serial(m map[string]gjson.Result) uint64 {
	v := m["serial"]
	n, err := strconv.ParseUint(v.Raw, 10, 64)
	if v.Type != gjson.Number || err != nil || n < 1 || n > MaxSerial {
		r.bad("serial is not an integer from 1 to %d, in decimal digits", uint64(MaxSerial))
	}
	return n
}
