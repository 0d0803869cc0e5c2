package importmap

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Format returns the text of the map, in the form that the package comment specifies.
// Reading that text and formatting it again gives the same text.
//
// A document that Read returned can always be formatted. Format panics if the caller
// has put something into the document that Read would reject: text that is not JSON,
// a duplicate key, a string that is not UTF-8. Such a map must not be written.
func (d *Document) Format() []byte {
	d.checkMembers()
	p := &printer{}
	p.buf = append(p.buf, '{')
	p.section("imports", d.Imports, false)
	p.section("scopes", d.Scopes, false)
	if d.HasIntegrity || len(d.Integrity) > 0 {
		p.integrity(d.Integrity)
	}
	if raw, ok := d.Member("nodeint"); ok {
		p.section("nodeint", raw, true)
	}
	for _, m := range d.Members {
		if m.Name != "nodeint" {
			p.section(m.Name, m.Raw, false)
		}
	}
	p.closeBracket('}', 0)
	return append(p.buf, '\n')
}

// checkMembers panics if a member has the name of a section, or occurs twice.
func (d *Document) checkMembers() {
	seen := make(map[string]bool, len(d.Members))
	for _, m := range d.Members {
		for _, known := range sections {
			if strings.EqualFold(m.Name, known) && m.Name != "nodeint" {
				panic(fmt.Sprintf("importmap: member %q differs from a section of the map only by case", m.Name))
			}
		}
		if seen[m.Name] {
			panic(fmt.Sprintf("importmap: duplicate member %q", m.Name))
		}
		seen[m.Name] = true
	}
}

// A printer writes JSON. It writes ",\n" after every member and element, so that
// members can be sorted afterwards. closeBracket removes the last ",\n".
type printer struct {
	buf    []byte
	sorted bool // sort members and encode strings again
}

const separator = ",\n"

func (p *printer) indent(level int) {
	for range level {
		p.buf = append(p.buf, ' ', ' ')
	}
}

// line begins the line of a member or an element.
func (p *printer) line(level int) {
	if c := p.buf[len(p.buf)-1]; c == '{' || c == '[' {
		p.buf = append(p.buf, '\n')
	}
	p.indent(level)
}

func (p *printer) closeBracket(c byte, level int) {
	if bytes.HasSuffix(p.buf, []byte(separator)) {
		p.buf = append(p.buf[:len(p.buf)-len(separator)], '\n')
		p.indent(level)
	}
	p.buf = append(p.buf, c)
}

// section writes a top-level member from its JSON text.
func (p *printer) section(name string, raw []byte, sorted bool) {
	if raw == nil {
		return
	}
	p.sorted = sorted
	p.line(1)
	p.string(name)
	p.buf = append(p.buf, ": "...)
	s := &scanner{file: "importmap: member " + name, text: string(raw), depth: 1}
	s.space()
	isObject := s.peek() == '{'
	err := p.value(s, 1)
	if s.space(); err == nil && s.pos < len(s.text) {
		err = s.unexpected("the end")
	}
	if err == nil && !isObject && (name == "imports" || name == "scopes") {
		err = s.fail(0, "not an object")
	}
	if err != nil {
		panic(err.Error())
	}
	p.buf = append(p.buf, separator...)
}

func (p *printer) integrity(entries []Entry) {
	byKey := func(a, b Entry) int { return strings.Compare(a.Key, b.Key) }
	if !slices.IsSortedFunc(entries, byKey) {
		entries = slices.Clone(entries)
		slices.SortFunc(entries, byKey)
	}
	size := 0
	for _, e := range entries {
		size += len(e.Key) + len(e.Value) + len(`    "": "",`+"\n")
	}
	p.buf = slices.Grow(p.buf, size)
	p.line(1)
	p.buf = append(p.buf, `"integrity": {`...)
	for i, e := range entries {
		if i > 0 && e.Key == entries[i-1].Key {
			panic(fmt.Sprintf("importmap: duplicate key %q in integrity", e.Key))
		}
		p.line(2)
		p.string(e.Key)
		p.buf = append(p.buf, ": "...)
		p.string(e.Value)
		p.buf = append(p.buf, separator...)
	}
	p.closeBracket('}', 1)
	p.buf = append(p.buf, separator...)
}

// value copies one value from s. level is the level of its line.
func (p *printer) value(s *scanner, level int) error {
	switch s.peek() {
	case '{':
		return p.object(s, level)
	case '[':
		p.buf = append(p.buf, '[')
		err := s.array(func(int) error {
			p.line(level + 1)
			err := p.value(s, level+1)
			p.buf = append(p.buf, separator...)
			return err
		})
		p.closeBracket(']', level)
		return err
	case '"':
		start := s.pos
		text, err := s.str()
		p.literal(text, s.text[start:s.pos])
		return err
	}
	raw, err := s.raw()
	p.buf = append(p.buf, raw...)
	return err
}

// literal writes a string: encoded again if p.sorted, otherwise as found.
func (p *printer) literal(text, found string) {
	if p.sorted {
		p.string(text)
	} else {
		p.buf = append(p.buf, found...)
	}
}

// A span is the position of a member in printer.buf.
type span struct {
	name       string
	start, end int
}

func (p *printer) object(s *scanner, level int) error {
	p.buf = append(p.buf, '{')
	var spans []span
	err := s.object(func(m member) error {
		p.line(level + 1)
		start := len(p.buf) - 2*(level+1)
		p.literal(m.name, s.text[m.start:m.end])
		p.buf = append(p.buf, ": "...)
		err := p.value(s, level+1)
		p.buf = append(p.buf, separator...)
		if p.sorted {
			spans = append(spans, span{m.name, start, len(p.buf)})
		}
		return err
	})
	p.sort(spans)
	p.closeBracket('}', level)
	return err
}

// sort sorts members that were written one after the other by name.
func (p *printer) sort(spans []span) {
	byName := func(a, b span) int { return strings.Compare(a.name, b.name) }
	if slices.IsSortedFunc(spans, byName) {
		return
	}
	start := spans[0].start
	found := bytes.Clone(p.buf[start:])
	slices.SortFunc(spans, byName)
	p.buf = p.buf[:start]
	for _, m := range spans {
		p.buf = append(p.buf, found[m.start-start:m.end-start]...)
	}
}

// string encodes a string with the escapes of JSON.stringify.
func (p *printer) string(text string) {
	if !utf8.ValidString(text) {
		panic(fmt.Sprintf("importmap: string %q is not UTF-8", text))
	}
	p.buf = append(p.buf, '"')
	start := 0
	for i := range len(text) {
		c := text[i]
		if plain[c] || c >= 0x80 {
			continue
		}
		p.buf = append(p.buf, text[start:i]...)
		start = i + 1
		if k := strings.IndexByte("\"\\\b\f\n\r\t", c); k >= 0 {
			p.buf = append(p.buf, '\\', `"\bfnrt`[k])
		} else {
			p.buf = fmt.Appendf(p.buf, `\u%04x`, c)
		}
	}
	p.buf = append(append(p.buf, text[start:]...), '"')
}
