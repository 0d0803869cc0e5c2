package importmap

import (
	"fmt"
	"strconv"
	"strings"
)

// A SyntaxError reports why Read rejects the text of a map, and where.
type SyntaxError struct {
	File   string // the name given to Read
	Line   int    // from 1; 0 if the error has no position
	Column int    // from 1, in bytes
	Key    string // the member as JavaScript would write it: integrity["./app.js"]; "" for the whole map
	Reason string
}

// Error returns the error in one line: file:line:column: key: reason.
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

// lineColumn returns the line and the column of an offset, both from 1 and the column
// in bytes.
func lineColumn(text string, pos int) (line, column int) {
	before := text[:pos]
	return 1 + strings.Count(before, "\n"), pos - strings.LastIndexByte(before, '\n')
}

// keyPath formats steps as JavaScript would: nodeint.links[3], integrity["./a.js"].
// It quotes names, so that a control character of a hostile map does not reach a
// terminal.
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

// maxQuoted is the length, in bytes, to which an error shortens a hostile text.
const maxQuoted = 256

func quoteShort(s string) string {
	if len(s) <= maxQuoted {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:maxQuoted], "")) + "…"
}
