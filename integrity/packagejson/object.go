package packagejson

import (
	"encoding/json"
	"strings"

	"github.com/nodeint/nodeint/integrity/jsontext"

	"github.com/nodeint/nodeint/integrity/problem"
)

// An object is a JSON object, as offsets into the text. The text is known to be
// JSON.
type object struct {
	open, close int // the offsets of its braces
	members     []member
}

// A member is a key and its value, as offsets into the text.
type member struct {
	name        string // the key, unquoted
	key, keyEnd int
	value, end  int // of the value
}

// scan reads the object whose opening brace is at the offset open.
func scan(text []byte, open int) *object {
	o := &object{open: open}
	at := skipSpace(text, open+1)
	for text[at] != '}' {
		m := member{key: at, keyEnd: skipValue(text, at)}
		m.name = unquote(text[m.key:m.keyEnd])
		m.value = skipSpace(text, skipSpace(text, m.keyEnd)+1) // +1 for the colon
		m.end = skipValue(text, m.value)
		o.members = append(o.members, m)
		at = skipSpace(text, m.end)
		if text[at] == ',' {
			at = skipSpace(text, at+1)
		}
	}
	o.close = at
	return o
}

// skipSpace returns the offset of the first byte from at that is not white
// space.
func skipSpace(text []byte, at int) int {
	for at < len(text) && strings.IndexByte(" \t\r\n", text[at]) >= 0 {
		at++
	}
	return at
}

// skipValue returns the end of the value that starts at the offset at.
func skipValue(text []byte, at int) int {
	depth := 0
	for {
		switch c := text[at]; {
		case c == '"':
			for at++; text[at] != '"'; at++ {
				if text[at] == '\\' {
					at++
				}
			}
			at++
		case c == '{' || c == '[':
			depth++
			at++
		case c == '}' || c == ']':
			depth--
			at++
		case depth > 0:
			at++
		default: // a number, true, false or null
			for at < len(text) && strings.IndexByte(" \t\r\n,]}", text[at]) < 0 {
				at++
			}
		}
		if depth == 0 {
			return at
		}
	}
}

// member returns the member with the name, or nil. Two of them are an error.
func (o *object) member(path, name string) (*member, error) {
	var found *member
	for i := range o.members {
		if o.members[i].name != name {
			continue
		}
		if found != nil {
			return nil, problem.BadConfig(path, "keep one of them", "%s: duplicate member %q", path, name)
		}
		found = &o.members[i]
	}
	return found, nil
}

// str returns the value of the member, and false if it is not a string.
func (m *member) str(text []byte) (string, bool) {
	if text[m.value] != '"' {
		return "", false
	}
	return unquote(text[m.value:m.end]), true
}

// leadingSpace returns the white space after the opening brace.
func (o *object) leadingSpace(text []byte) string {
	return string(text[o.open+1 : skipSpace(text, o.open+1)])
}

// A style is the white space of an object.
type style struct {
	between string // before each member
	unit    string // the indentation of one level; "" if the object is on one line
	colon   string // the colon with the white space around it
}

// style returns the style of the object's last member.
func (o *object) style(text []byte) style {
	if len(o.members) == 0 {
		return style{colon: ": "}
	}
	last := o.members[len(o.members)-1]
	s := style{
		between: string(text[last.key-spaceBefore(text, last.key) : last.key]),
		colon:   string(text[last.keyEnd:last.value]),
	}
	if s.between == "" && len(o.members) == 1 {
		_, s.between, _ = strings.Cut(s.colon, ":")
	}
	if strings.ContainsAny(s.colon, "\r\n") {
		s.colon = ": "
	}
	if i := strings.LastIndexByte(s.between, '\n'); i >= 0 {
		outer := string(text[o.close-spaceBefore(text, o.close) : o.close])
		s.unit = strings.TrimPrefix(s.between[i+1:], outer[strings.LastIndexByte(outer, '\n')+1:])
		if s.unit == "" {
			s.unit = "  "
		}
	}
	return s
}

// spaceBefore returns how many bytes of white space precede the offset at.
func spaceBefore(text []byte, at int) int {
	n := 0
	for strings.IndexByte(" \t\r\n", text[at-n-1]) >= 0 {
		n++
	}
	return n
}

// insert returns the text with a member after the last one. In an object
// without members, it inserts the member directly after the brace, between two
// marks, so that remove can tell the original white space from the inserted.
func (o *object) insert(text []byte, key string, value func(style) string, mark string) []byte {
	s := o.style(text)
	if n := len(o.members); n > 0 {
		end := o.members[n-1].end
		return splice(text, end, end, ","+s.between+quote(key)+s.colon+value(s))
	}
	if mark == "" && o.close == o.open+1 {
		s.between, s.unit = "\n  ", "  "
		return splice(text, o.close, o.close, s.between+quote(key)+s.colon+value(s)+"\n")
	}
	return splice(text, o.open+1, o.open+1, mark+quote(key)+s.colon+value(s)+mark)
}

// remove returns the text without the member. It undoes insert, also if the
// member was moved since.
func (o *object) remove(text []byte, m *member) []byte {
	for i := range o.members {
		if o.members[i].key != m.key {
			continue
		}
		switch {
		case i > 0:
			return splice(text, o.members[i-1].end, m.end, "")
		case len(o.members) > 1:
			return splice(text, m.key, o.members[1].key, "")
		}
	}
	if lead := o.leadingSpace(text); lead == "" || lead == " " {
		space := string(text[m.end:o.close])
		return splice(text, o.open+1, o.close, strings.TrimPrefix(space, lead))
	}
	return splice(text, o.open+1, o.close, "")
}

// splice returns the text with the bytes between two offsets replaced.
func splice(text []byte, from, to int, with string) []byte {
	out := make([]byte, 0, len(text)+len(with))
	out = append(out, text[:from]...)
	out = append(out, with...)
	return append(out, text[to:]...)
}

// unquote returns the value of a JSON string.
func unquote(literal []byte) string {
	var s string
	_ = json.Unmarshal(literal, &s) // the literal is known to be a JSON string
	return s
}

// quote returns s as a JSON string, as JSON.stringify writes it: without
// escapes for & < >.
func quote(s string) string {
	text, _ := jsontext.Marshal(s) // a string always encodes
	return string(text)
}

// escape returns quote(s) without the quotes.
func escape(s string) string {
	q := quote(s)
	return q[1 : len(q)-1]
}
