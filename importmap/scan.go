package importmap

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxDepth = 64        // nested objects and arrays, the map itself included
	maxSize  = 256 << 20 // bytes of the text of a map
)

// plain are the ASCII bytes that a JSON string has unescaped (RFC 8259 §7).
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// A scanner reads JSON text from left to right. It is the only reader of JSON in this
// package, so all functions accept the same text.
//
// Names and strings without escapes are slices of the text, so that a map of tens of
// thousands of entries does not need an allocation for each.
type scanner struct {
	file  string
	text  string
	pos   int
	depth int
	path  []step  // the position in the document, for errors
	names []int32 // where the names of all open objects start, innermost last
}

// A step is the name or index of one value of an object or array.
type step struct {
	name  string
	index int // of an array's element; inObject or noMember in an object
}

const (
	inObject = -1
	noMember = -2 // before a member's name is read
)

// A member is the name of a member of an object. Its quotes are at text[start] and
// text[end-1].
type member struct {
	name       string
	start, end int
}

func (s *scanner) fail(pos int, format string, args ...any) error {
	line, column := lineColumn(s.text, pos)
	return &SyntaxError{
		File: s.file, Line: line, Column: column,
		Key: keyPath(s.path), Reason: fmt.Sprintf(format, args...),
	}
}

// unexpected returns an error for the text at the scanner's position.
func (s *scanner) unexpected(want string) error {
	if s.pos >= len(s.text) {
		return s.fail(len(s.text), "the text ends where %s should be", want)
	}
	r, n := utf8.DecodeRuneInString(s.text[s.pos:])
	if r == utf8.RuneError && n == 1 {
		return s.fail(s.pos, "byte 0x%02x where %s should be", s.text[s.pos], want)
	}
	return s.fail(s.pos, "%q where %s should be", r, want)
}

func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// peek returns the next byte, or 0 at the end. JSON has no token that begins with NUL.
func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// value reads one value of any kind.
func (s *scanner) value() error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(func(member) error { return s.value() })
	case c == '[':
		return s.array(func(int) error { return s.value() })
	case c == '"':
		_, err := s.str()
		return err
	case c == '-' || '0' <= c && c <= '9':
		return s.number()
	}
	for _, word := range []string{"null", "true", "false"} {
		if strings.HasPrefix(s.text[s.pos:], word) {
			s.pos += len(word)
			return nil
		}
	}
	return s.unexpected("a value")
}

// raw reads one value of any kind and returns its text.
func (s *scanner) raw() (string, error) {
	start := s.pos
	err := s.value()
	return s.text[start:s.pos], err
}

func (s *scanner) open(index int) error {
	if s.depth == maxDepth {
		return s.fail(s.pos, "nested deeper than %d levels", maxDepth)
	}
	s.depth++
	s.path = append(s.path, step{index: index})
	s.pos++
	s.space()
	return nil
}

func (s *scanner) close() {
	s.depth--
	s.path = s.path[:len(s.path)-1]
}

// object reads an object. It calls visit at the value of each member, and visit reads
// the value. A name that occurs twice is an error, because readers differ in which of
// the two they use. Names are compared after decoding.
func (s *scanner) object(visit func(member) error) error {
	if err := s.open(noMember); err != nil {
		return err
	}
	first, sorted, last := len(s.names), true, ""
	for !s.take('}') {
		if len(s.names) > first {
			if !s.take(',') {
				return s.unexpected(`"," or "}"`)
			}
			s.space()
		}
		m, err := s.name()
		if err != nil {
			return err
		}
		// In a map that Format wrote, each name is greater than the one before. So
		// there is no duplicate, and the names need not be sorted.
		sorted = sorted && (len(s.names) == first || last < m.name)
		last = m.name
		s.names = append(s.names, int32(m.start))
		if err := visit(m); err != nil {
			return err
		}
		s.space()
	}
	if !sorted {
		if err := s.duplicates(s.names[first:]); err != nil {
			return err
		}
	}
	s.names = s.names[:first]
	s.close()
	return nil
}

// name reads a member's name, the colon, and the white space around it.
func (s *scanner) name() (member, error) {
	m := member{start: s.pos}
	last := &s.path[len(s.path)-1]
	*last = step{index: noMember}
	if s.peek() != '"' {
		return m, s.unexpected("a name in double quotes")
	}
	var err error
	if m.name, err = s.str(); err != nil {
		return m, err
	}
	m.end = s.pos
	*last = step{m.name, inObject}
	s.space()
	if !s.take(':') {
		return m, s.unexpected(`":"`)
	}
	s.space()
	return m, nil
}

// duplicates returns an error for the first name, in the order of the text, that
// occurred before.
func (s *scanner) duplicates(starts []int32) error {
	names := make([]member, len(starts))
	again := scanner{file: s.file, text: s.text}
	for i, start := range starts {
		again.pos = int(start)
		name, err := again.str()
		if err != nil {
			return err // not reached: it was read before
		}
		names[i] = member{name: name, start: int(start)}
	}
	slices.SortFunc(names, func(a, b member) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return a.start - b.start
	})
	dup := -1
	for i := 1; i < len(names); i++ {
		if names[i].name == names[i-1].name && (dup < 0 || names[i].start < names[dup].start) {
			dup = i
		}
	}
	if dup < 0 {
		return nil
	}
	s.path[len(s.path)-1].name = names[dup].name
	return s.fail(names[dup].start, "duplicate member")
}

// array reads an array. It calls visit at each element, and visit reads the element.
func (s *scanner) array(visit func(index int) error) error {
	if err := s.open(0); err != nil {
		return err
	}
	for i := 0; !s.take(']'); i++ {
		if i > 0 {
			if !s.take(',') {
				return s.unexpected(`"," or "]"`)
			}
			s.space()
		}
		s.path[len(s.path)-1].index = i
		if err := visit(i); err != nil {
			return err
		}
		s.space()
	}
	s.close()
	return nil
}

// number reads a number and does not convert it (RFC 8259 §6).
func (s *scanner) number() error {
	s.take('-')
	if !s.take('0') && !s.digits() {
		return s.unexpected("a digit")
	}
	if s.take('.') && !s.digits() {
		return s.unexpected("a digit")
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		if !s.digits() {
			return s.unexpected("a digit")
		}
	}
	return nil
}

func (s *scanner) digits() bool {
	start := s.pos
	for c := s.peek(); '0' <= c && c <= '9'; c = s.peek() {
		s.pos++
	}
	return s.pos > start
}

// str reads a string and returns it decoded.
func (s *scanner) str() (string, error) {
	start := s.pos + 1
	end, err := s.run(start)
	if err != nil {
		return "", err
	}
	if s.text[end] == '"' {
		s.pos = end + 1
		return s.text[start:end], nil
	}
	return s.escaped(start, end)
}

// run returns the offset of the next quote or backslash, and checks the text before.
func (s *scanner) run(i int) (int, error) {
	for i+8 <= len(s.text) && allPlain(s.text[i:i+8]) {
		i += 8
	}
	for i < len(s.text) {
		switch c := s.text[i]; {
		case plain[c]:
			i++
		case c == '"' || c == '\\':
			return i, nil
		case c < 0x20:
			return 0, s.fail(i, "control character U+%04X in a string", c)
		default:
			r, n := utf8.DecodeRuneInString(s.text[i:])
			if r == utf8.RuneError && n == 1 {
				return 0, s.fail(i, "invalid UTF-8")
			}
			i += n
		}
	}
	return 0, s.fail(len(s.text), "the text ends inside a string")
}

// allPlain reports whether plain has all of eight bytes. It looks at them as one number.
func allPlain(b string) bool {
	_ = b[7]
	x := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	quote, backslash := x^('"'*ones), x^('\\'*ones) // zero in the place of the character
	return (x|(x-' '*ones)|(quote-ones)|(backslash-ones))&tops == 0
}

// escaped reads the rest of a string that begins at start and has its first backslash
// at i.
func (s *scanner) escaped(start, i int) (string, error) {
	var b strings.Builder
	for {
		b.WriteString(s.text[start:i])
		if s.text[i] == '"' {
			s.pos = i + 1
			return b.String(), nil
		}
		r, n, err := s.escape(i)
		if err != nil {
			return "", err
		}
		b.WriteRune(r)
		start = i + n
		if i, err = s.run(start); err != nil {
			return "", err
		}
	}
}

// escape decodes the escape at text[i] and returns its length.
func (s *scanner) escape(i int) (r rune, n int, err error) {
	if i+1 >= len(s.text) {
		return 0, 0, s.fail(len(s.text), "the text ends inside a string")
	}
	const short, means = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := s.text[i+1]
	if k := strings.IndexByte(short, c); k >= 0 {
		return rune(means[k]), 2, nil
	}
	if c != 'u' {
		return 0, 0, s.fail(i, "unknown escape in a string")
	}
	u, ok := s.hex4(i)
	switch {
	case !ok:
		return 0, 0, s.fail(i, `\u without four hexadecimal digits`)
	case u < 0xD800 || u > 0xDFFF:
		return u, 6, nil
	}
	// Go and JavaScript read a surrogate without its partner differently.
	low, ok := s.hex4(i + 6)
	if !ok || u > 0xDBFF || low < 0xDC00 || low > 0xDFFF {
		return 0, 0, s.fail(i, `lone surrogate \u%04x`, u)
	}
	return 0x10000 + (u-0xD800)<<10 + (low - 0xDC00), 12, nil
}

// hex4 reads \uXXXX at text[i].
func (s *scanner) hex4(i int) (rune, bool) {
	if i+6 > len(s.text) || s.text[i] != '\\' || s.text[i+1] != 'u' {
		return 0, false
	}
	var u rune
	for _, c := range []byte(s.text[i+2 : i+6]) {
		d, ok := unhex(c)
		if !ok {
			return 0, false
		}
		u = u<<4 | rune(d)
	}
	return u, true
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
