// Package importmap reads, resolves and writes import maps as the HTML standard
// defines them (https://html.spec.whatwg.org/#import-maps). It knows nothing of
// files.
//
// [Read] parses the text of a map into a [Document], and [Document.Format] writes
// it. [Document.Parse] turns a Document into a [Map], which resolves specifiers
// with [Map.Resolve]. [KeyOf] and [PathOf] convert between the path of a file and
// its key in the integrity section.
//
// # Format of a map
//
// A map is one JSON object in UTF-8:
//
//	{
//	  "imports": {
//	    "shop/": "./lib/"
//	  },
//	  "scopes": {},
//	  "integrity": {
//	    "./app.js": "sha256-…",
//	    "./node_modules/express/index.js": "sha256-…"
//	  },
//	  "nodeint": {
//	    "version": 1
//	  }
//	}
//
// The members imports, scopes and integrity are objects. The values of integrity
// are strings. Every member may be absent. Members with other names are kept.
//
// # Reading
//
// Read is strict, because a map is hostile input and JSON readers disagree about
// sloppy text. If two readers see two different maps, one program verifies files
// that the other does not load. In addition to everything that RFC 8259 forbids,
// Read rejects:
//
//   - a name that occurs twice in one object, at any level, compared after decoding;
//   - a top-level name that differs from imports, scopes, integrity or nodeint only
//     by case, Unicode simple folding included ("Integrity", "ſcopes");
//   - invalid UTF-8, an escaped surrogate without its partner, a byte order mark;
//   - anything except white space after the object;
//   - more than 64 levels, more than 256 MiB, an empty text.
//
// # Writing
//
// Format writes exactly one text for a document: two spaces for each level, LF, and
// a final newline. The order is imports, scopes, integrity, nodeint, then the other
// members in the order found. The members of integrity, and those of nodeint at
// every level, are sorted by code point. Within imports, scopes and unknown members
// Format keeps the order, the numbers and the strings, and changes only the white
// space. A string that Format encodes itself has only the escapes that JSON
// requires: it does not escape <, >, &, U+2028 or U+2029.
//
// # Keys
//
// A key that nodeint writes to integrity is the path of a file relative to the
// root, in the form that KeyOf documents.
//
// # Resolving
//
// Document.Parse implements "parse an import map string" of the standard, and
// Map.Resolve implements "resolve a module specifier". URLs follow the URL standard
// (https://url.spec.whatwg.org/).
package importmap

import (
	"slices"
	"strings"
)

// An Entry is one member of integrity: a key and its metadata, both decoded.
type Entry struct {
	Key, Value string
}

// A Member is a top-level member that the HTML standard does not define.
type Member struct {
	Name string
	Raw  []byte // the JSON text of the value, as found
}

// A Document has the parts of a map's text. The zero value is the map {}.
type Document struct {
	Imports, Scopes []byte   // JSON text of an object; nil where absent
	Integrity       []Entry  // in the order of the text
	HasIntegrity    bool     // whether the section is present, even if it is empty
	Members         []Member // all other members, nodeint included, in the order of the text

	file, text string // for ErrorAt
}

// Read parses the text of a map by the rules of the package comment. name is the
// name of the file, for errors. Every error is a [*SyntaxError]. Read accepts any
// string as metadata and does not parse it. The document does not refer to data.
func Read(name string, data []byte) (*Document, error) {
	if err := checkSize(name, "map", len(data)); err != nil { // before the copy
		return nil, err
	}
	return ReadString(name, string(data))
}

// ReadString is like Read, but it does not copy the text.
func ReadString(name, text string) (*Document, error) {
	s, err := begin(name, "map", text)
	if err != nil {
		return nil, err
	}
	d := &Document{file: name, text: text}
	if err := s.object(func(m member) error { return d.readMember(s, m) }); err != nil {
		return nil, err
	}
	if err := s.end("map"); err != nil {
		return nil, err
	}
	return d, nil
}

// Check checks that data is one JSON object by the rules of Read, except those about
// top-level names. It is for other files that must mean the same to every reader.
// name is the name of the file and what the kind of text ("trace"), for errors. Every
// error is a [*SyntaxError].
func Check(name, what string, data []byte) error {
	s, err := begin(name, what, string(data))
	if err != nil {
		return err
	}
	if err := s.value(); err != nil {
		return err
	}
	return s.end(what)
}

// begin returns a scanner that is positioned at the object of the text.
func begin(name, what, text string) (*scanner, error) {
	if err := checkSize(name, what, len(text)); err != nil {
		return nil, err
	}
	if strings.HasPrefix(text, "\ufeff") {
		return nil, &SyntaxError{File: name, Reason: "the " + what + " begins with a byte order mark"}
	}
	s := &scanner{file: name, text: text}
	s.space()
	return s, s.wantObject()
}

// checkSize returns an error if a text of n bytes is empty or too large.
func checkSize(name, what string, n int) error {
	switch {
	case n == 0:
		return &SyntaxError{File: name, Reason: "the " + what + " is empty"}
	case n > maxSize:
		return &SyntaxError{File: name, Reason: "the " + what + " is larger than 256 MiB"}
	}
	return nil
}

// end returns an error if anything except white space follows.
func (s *scanner) end(what string) error {
	if s.space(); s.pos < len(s.text) {
		return s.fail(s.pos, "more text after the end of the %s", what)
	}
	return nil
}

func (d *Document) readMember(s *scanner, m member) error {
	switch m.name {
	case "imports":
		return s.rawObject(&d.Imports)
	case "scopes":
		return s.rawObject(&d.Scopes)
	case "integrity":
		d.HasIntegrity = true
		return d.readIntegrity(s)
	case "nodeint":
	default:
		for _, known := range sections {
			if strings.EqualFold(m.name, known) {
				return s.fail(m.start, "differs from %q only by case", known)
			}
		}
	}
	raw, err := s.raw()
	d.Members = append(d.Members, Member{m.name, []byte(raw)})
	return err
}

// sections are the top-level members that this package knows, in the order of Format.
var sections = []string{"imports", "scopes", "integrity", "nodeint"}

func (d *Document) readIntegrity(s *scanner) error {
	if err := s.wantObject(); err != nil {
		return err
	}
	// An entry that nodeint writes has about 128 bytes. The estimate avoids growing
	// the slices in steps.
	estimate := (len(s.text) - s.pos) / 128
	d.Integrity = make([]Entry, 0, estimate)
	s.names = slices.Grow(s.names, estimate)
	return s.object(func(m member) error {
		if err := s.want('"', "a string"); err != nil {
			return err
		}
		value, err := s.str()
		d.Integrity = append(d.Integrity, Entry{m.name, value})
		return err
	})
}

func (s *scanner) rawObject(to *[]byte) error {
	if err := s.wantObject(); err != nil {
		return err
	}
	raw, err := s.raw()
	*to = []byte(raw)
	return err
}

func (s *scanner) wantObject() error { return s.want('{', "an object") }

// want returns an error unless the next value begins with c. what names the kind of
// value for the error.
func (s *scanner) want(c byte, what string) error {
	switch {
	case s.peek() == c:
		return nil
	case s.kind() == "":
		return s.unexpected(what)
	}
	return s.fail(s.pos, "%s where %s should be", s.kind(), what)
}

// kind returns the kind of the next value, or "" if no value can begin there.
func (s *scanner) kind() string {
	switch c := s.peek(); {
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == '"':
		return "a string"
	case c == 'n':
		return "null"
	case c == 't' || c == 'f':
		return "a boolean"
	case c == '-' || '0' <= c && c <= '9':
		return "a number"
	}
	return ""
}

// Member returns the JSON text of a top-level member that the HTML standard does not
// define, such as nodeint. ok is false if there is no such member.
func (d *Document) Member(name string) (raw []byte, ok bool) {
	for _, m := range d.Members {
		if m.Name == name {
			return m.Raw, true
		}
	}
	return nil, false
}

// SetMember replaces the JSON text of a top-level member that the HTML standard does
// not define. If there is no such member, it adds one at the end.
func (d *Document) SetMember(name string, raw []byte) {
	i := slices.IndexFunc(d.Members, func(m Member) bool { return m.Name == name })
	if i < 0 {
		i = len(d.Members)
		d.Members = append(d.Members, Member{Name: name})
	}
	d.Members[i].Raw = raw
}

// position returns the line and column of a member, both from 1 and the column in
// bytes: position("integrity", "./app.js"). It returns 0, 0 if there is no such member
// or if the document was not read from a text. It scans the text again.
func (d *Document) position(names ...string) (line, column int) {
	s := &scanner{text: d.text}
	s.space()
	if pos, ok := s.find(names); ok {
		return lineColumn(d.text, pos)
	}
	return 0, 0
}

// find follows the names and returns the offset of the last one.
func (s *scanner) find(names []string) (pos int, ok bool) {
	if len(names) == 0 || s.peek() != '{' {
		return 0, false
	}
	_ = s.object(func(m member) error {
		if m.name != names[0] {
			return s.value()
		}
		pos, ok = m.start, true
		if len(names) > 1 {
			pos, ok = s.find(names[1:])
		}
		return errFound
	})
	return pos, ok
}

// errFound ends the search of find.
var errFound = &SyntaxError{Reason: "found"}

// ErrorAt returns an error at the member that names lead to, such as
// ErrorAt(reason, "integrity", "./app.js"). It is for callers that parse a part of the
// document, such as metadata or the member nodeint. The error has a line and a column
// if the member is in the text.
func (d *Document) ErrorAt(reason string, names ...string) *SyntaxError {
	path := make([]step, len(names))
	for i, name := range names {
		path[i] = step{name, inObject}
	}
	line, column := d.position(names...)
	return &SyntaxError{d.file, line, column, keyPath(path), reason}
}
