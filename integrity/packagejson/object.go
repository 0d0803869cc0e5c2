package packagejson

import (
	"encoding/json"
	"strings"
)

// An object is a JSON object, as offsets into the text, which is known to be
// JSON.
type object struct {
	open, close int // its braces
	members     []member
}

type member struct {
	name       string
	key        int // where its key begins
	keyEnd     int
	value, end int // its value
}

// scan reads the object that begins at open.
func scan(text []byte, open int) *object {
	o := &object{open: open}
	at := skip(text, open+1)
	for text[at] != '}' {
		m := member{key: at, keyEnd: pass(text, at)}
		m.name = unquote(text[m.key:m.keyEnd])
		m.value = skip(text, skip(text, m.keyEnd)+1) // behind the colon
		m.end = pass(text, m.value)
		o.members = append(o.members, m)
		at = skip(text, m.end)
		if text[at] == ',' {
			at = skip(text, at+1)
		}
	}
	o.close = at
	return o
}

// skip returns where the blanks that begin at at end.
func skip(text []byte, at int) int {
	for at < len(text) && strings.IndexByte(" \t\r\n", text[at]) >= 0 {
		at++
	}
	return at
}

// pass returns where the value that begins at at ends.
func pass(text []byte, at int) int {
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

// one returns the member of that name, or nil, and refuses two.
func (o *object) one(name string) (*member, error) {
	var found *member
	for i := range o.members {
		if o.members[i].name != name {
			continue
		}
		if found != nil {
			return nil, refuse("keep one of them", "it has the member %q twice", name)
		}
		found = &o.members[i]
	}
	return found, nil
}

// str returns the member's value, if that is a string.
func (m *member) str(text []byte) (string, bool) {
	if text[m.value] != '"' {
		return "", false
	}
	return unquote(text[m.value:m.end]), true
}

// lead returns the blanks before the first member, or all of an empty object's.
func (o *object) lead(text []byte) string {
	return string(text[o.open+1 : skip(text, o.open+1)])
}

// A style is how an object is laid out.
type style struct {
	between string // before each member
	unit    string // what one level more is indented by; "" where all is on one line
	colon   string
}

// style reads the layout of an object from its last member.
func (o *object) style(text []byte) style {
	if len(o.members) == 0 {
		return style{colon: ": "}
	}
	last := o.members[len(o.members)-1]
	s := style{
		between: string(text[last.key-leading(text, last.key) : last.key]),
		colon:   string(text[last.keyEnd:last.value]),
	}
	if s.between == "" && len(o.members) == 1 {
		_, s.between, _ = strings.Cut(s.colon, ":")
	}
	if strings.ContainsAny(s.colon, "\r\n") {
		s.colon = ": "
	}
	if i := strings.LastIndexByte(s.between, '\n'); i >= 0 {
		outer := string(text[o.close-leading(text, o.close) : o.close])
		s.unit = strings.TrimPrefix(s.between[i+1:], outer[strings.LastIndexByte(outer, '\n')+1:])
		if s.unit == "" {
			s.unit = "  "
		}
	}
	return s
}

// leading returns how many blanks are right before at.
func leading(text []byte, at int) int {
	n := 0
	for strings.IndexByte(" \t\r\n", text[at-n-1]) >= 0 {
		n++
	}
	return n
}

// insert puts a member behind the last one. In an object without members it
// stands right behind the brace, or between two marks, so that the blanks that
// were there can be told from others.
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

// remove undoes insert, wherever the member stands by now.
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
	if lead := o.lead(text); lead == "" || lead == " " {
		blanks := string(text[m.end:o.close])
		return splice(text, o.open+1, o.close, strings.TrimPrefix(blanks, lead))
	}
	return splice(text, o.open+1, o.close, "")
}

// splice returns the text with what is between two offsets replaced.
func splice(text []byte, from, to int, with string) []byte {
	out := make([]byte, 0, len(text)+len(with))
	out = append(out, text[:from]...)
	out = append(out, with...)
	return append(out, text[to:]...)
}

// unquote reads a JSON string.
func unquote(literal []byte) string {
	var s string
	_ = json.Unmarshal(literal, &s) // it is known to be one
	return s
}

// quote writes a JSON string as JSON.stringify does: & < > stay as they are.
func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}

// escape is quote without the quotes.
func escape(s string) string {
	q := quote(s)
	return q[1 : len(q)-1]
}
