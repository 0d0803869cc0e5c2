package importmap

import (
	"fmt"
	"strconv"
	"strings"
)

// A SyntaxError says why the text of a map is refused, and where.
type SyntaxError struct {
	File   string // the name given to Read
	Line   int    // from 1; 0 where the error has no place
	Column int    // from 1, in bytes
	Key    string // the place as a path of names: integrity["./app.js"]; "" for the map itself
	Reason string
}

// Error returns the parts in one line: file:line:column: key: reason.
func (e *SyntaxError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	return b.String() + e.Reason
}

// lineColumn counts lines and bytes from 1.
func lineColumn(text string, pos int) (line, column int) {
	before := text[:pos]
	return 1 + strings.Count(before, "\n"), pos - strings.LastIndexByte(before, '\n')
}

// keyPath writes steps as JavaScript would: nodeint.links[3], integrity["./a.js"].
// Names are quoted, so that no control character of a hostile map reaches a terminal.
func keyPath(path []step) string {
	var b strings.Builder
	for _, p := range path {
		switch {
		case p.index == noMember:
		case p.index >= 0:
			fmt.Fprintf(&b, "[%d]", p.index)
		case !isIdentifier(p.name):
			fmt.Fprintf(&b, "[%s]", quoteShort(p.name))
		case b.Len() > 0:
			b.WriteString("." + p.name)
		default:
			b.WriteString(p.name)
		}
	}
	return b.String()
}

func isIdentifier(name string) bool {
	for i, c := range []byte(name) {
		letter := c == '_' || c == '$' || 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != "" && len(name) <= maxQuoted
}

// maxQuoted bounds, in bytes, what an error repeats of a hostile text.
const maxQuoted = 256

func quoteShort(s string) string {
	if len(s) <= maxQuoted {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:maxQuoted], "")) + "…"
}
