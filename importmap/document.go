// Package importmap reads, resolves and writes import maps by the HTML standard
// (https://html.spec.whatwg.org/#import-maps). It knows nothing of files.
//
// # The text of a map
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
// imports, scopes and integrity are objects; the values of integrity are strings.
// Every member may be absent. Members of other names are kept.
//
// Read is strict, because a map is hostile input and JSON readers disagree about
// sloppy text: where two of them see two maps, one program verifies what the other
// does not load. It refuses, besides all that RFC 8259 does not allow:
//
//   - a name that occurs twice in one object, anywhere, compared after decoding;
//   - a top-level name that differs from imports, scopes, integrity or nodeint only
//     by case, Unicode simple folding included ("Integrity", "ſcopes");
//   - invalid UTF-8, an escaped surrogate without its partner, a byte order mark;
//   - anything but white space after the object;
//   - more than 64 levels, more than 256 MiB, an empty text.
//
// Format writes one text for one document: two spaces a level, LF, a final newline;
// imports, scopes, integrity, nodeint, then the other members in the order found;
// integrity sorted by code point, and nodeint too, at every level. Within imports,
// scopes and unknown members the order, the numbers and the strings stay as they were
// found, and only the white space is made uniform. Strings that Format writes anew
// escape what JSON requires and nothing else: not <, > or &, not U+2028, U+2029.
//
// # Keys
//
// nodeint's own keys in integrity name files by their place under a root: see KeyOf.
//
// # Resolving
//
// Document.Parse makes a Map of a document as the standard's "parse an import map
// string" does, and Map.Resolve is its "resolve a module specifier". URLs are the
// URL standard's (https://url.spec.whatwg.org/).
package importmap

import (
	"slices"
	"strings"
)

// An Entry is one member of integrity: a key and its metadata, decoded.
type Entry struct {
	Key, Value string
}

// A Member is a top-level member that the HTML standard does not define.
type Member struct {
	Name string
	Raw  []byte // the JSON text of the value, as found
}

// A Document is the text of a map, taken apart. The zero value is the map {}.
type Document struct {
	Imports, Scopes []byte   // JSON text of an object; nil where absent
	Integrity       []Entry  // in the order of the text
	HasIntegrity    bool     // the section is there, perhaps empty
	Members         []Member // all other members, nodeint included, in the order of the text

	file, text string // for Position
}

// Read reads the text of a map; name is the file's, for errors. The rules are in the
// package comment, and every error is a *SyntaxError. Metadata is any string: what it
// means is not judged here. The document does not refer to data.
func Read(name string, data []byte) (*Document, error) { return ReadString(name, string(data)) }

// ReadString is Read of a text that need not be copied.
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

// Check holds data to what Read asks of any JSON object, for the other files that must
// mean the same to every reader: the text of one object, without duplicate names at any
// level. what names the text in errors ("trace"), which are as those of Read.
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

// begin makes the scanner of a text, and leaves it before the object that the text is.
func begin(name, what, text string) (*scanner, error) {
	refuse := func(reason string) (*scanner, error) {
		return nil, &SyntaxError{File: name, Reason: "the " + what + " " + reason}
	}
	switch {
	case len(text) == 0:
		return refuse("is empty")
	case len(text) > maxSize:
		return refuse("is larger than 256 MiB")
	case strings.HasPrefix(text, "\ufeff"):
		return refuse("begins with a byte order mark")
	}
	s := &scanner{file: name, text: text}
	s.space()
	return s, s.wantObject()
}

// end holds that nothing but white space follows.
func (s *scanner) end(what string) error {
	if s.space(); s.pos < len(s.text) {
		return s.fail(s.pos, "more text after the %s's end", what)
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

// sections are the top-level members with a meaning, in the order of Format.
var sections = []string{"imports", "scopes", "integrity", "nodeint"}

func (d *Document) readIntegrity(s *scanner) error {
	if err := s.wantObject(); err != nil {
		return err
	}
	// An entry of nodeint's takes some 128 bytes; the guess saves growing in steps.
	guess := (len(s.text) - s.pos) / 128
	d.Integrity = make([]Entry, 0, guess)
	s.names = slices.Grow(s.names, guess)
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

// want holds that a value of one kind, which begins with c, lies at the position.
func (s *scanner) want(c byte, what string) error {
	switch {
	case s.peek() == c:
		return nil
	case s.kind() == "":
		return s.unexpected(what)
	}
	return s.fail(s.pos, "%s where %s should be", s.kind(), what)
}

// kind names the value at the scanner's position; "" where none can begin.
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
// define, such as nodeint.
func (d *Document) Member(name string) (raw []byte, ok bool) {
	for _, m := range d.Members {
		if m.Name == name {
			return m.Raw, true
		}
	}
	return nil, false
}

// SetMember replaces the JSON text of a member, or adds the member at the end.
func (d *Document) SetMember(name string, raw []byte) {
	i := slices.IndexFunc(d.Members, func(m Member) bool { return m.Name == name })
	if i < 0 {
		i = len(d.Members)
		d.Members = append(d.Members, Member{Name: name})
	}
	d.Members[i].Raw = raw
}

// Position returns the place, both from 1 and the column in bytes, of the member that
// the names lead to: Position("integrity", "./app.js"). It is 0, 0 where there is none,
// or where the document was not read from a text. It reads the text again.
func (d *Document) Position(names ...string) (line, column int) {
	s := &scanner{text: d.text}
	s.space()
	if pos, ok := s.find(names); ok {
		return lineColumn(d.text, pos)
	}
	return 0, 0
}

// find walks down the names and returns where the last of them lies.
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

// errFound ends a search.
var errFound = &SyntaxError{Reason: "found"}

// ErrorAt is the error for a reader of the document's parts: of metadata, say, or of
// nodeint. It has the place that Position finds for the names.
func (d *Document) ErrorAt(reason string, names ...string) *SyntaxError {
	path := make([]step, len(names))
	for i, name := range names {
		path[i] = step{name, inObject}
	}
	line, column := d.Position(names...)
	return &SyntaxError{d.file, line, column, keyPath(path), reason}
}
