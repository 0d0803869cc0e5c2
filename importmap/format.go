package importmap

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Format returns the text of the map, as the package comment has it. It is a fixed
// point: to read and format what Format wrote changes nothing.
//
// What Read returned can always be formatted. Format panics where the program has
// put in what Read would refuse: text that is not JSON, a key twice, a string that is
// not UTF-8. Such a map must not be written.
func (d *Document) Format() []byte {
	d.mustBeFresh()
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

// mustBeFresh panics where a member that was set is one of the sections, or is there twice.
func (d *Document) mustBeFresh() {
	seen := make(map[string]bool, len(d.Members))
	for _, m := range d.Members {
		for _, known := range sections {
			if strings.EqualFold(m.Name, known) && m.Name != "nodeint" {
				panic(fmt.Sprintf("importmap: member %q is, but for case, a section of the map", m.Name))
			}
		}
		if seen[m.Name] {
			panic(fmt.Sprintf("importmap: duplicate member %q", m.Name))
		}
		seen[m.Name] = true
	}
}

// A printer writes JSON. Every member and element is followed by ",\n" when it is
// written, so that members can change places; closeBracket takes the last one back.
type printer struct {
	buf    []byte
	sorted bool // sort members, and write strings anew
}

const separator = ",\n"

func (p *printer) indent(level int) {
	for range level {
		p.buf = append(p.buf, ' ', ' ')
	}
}

// line begins a member or an element.
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

// value copies one value from s; level is that of the line it stands in.
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

// literal writes a string anew or, where the document is to stay as found, as it was.
func (p *printer) literal(text, found string) {
	if p.sorted {
		p.string(text)
	} else {
		p.buf = append(p.buf, found...)
	}
}

// A span is where a member was written.
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

// sort brings members that were written one after the other into the order of their names.
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

// string writes a string with the escapes of JSON.stringify.
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
