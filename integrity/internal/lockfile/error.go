package lockfile

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nodeint/nodeint/importmap"
)

// An Error says why a lockfile is refused, or is not found, and where.
type Error struct {
	File   string
	Line   int // from 1; 0 where the error has no place
	Column int // from 1; 0 where it is of the whole line
	Reason string
	Hint   string // what to try next

	op  string // "read" if empty
	err error
}

// Error returns what was being done, to what and where, and what is wrong.
func (e *Error) Error() string {
	place := e.File
	if e.Line > 0 {
		place += ":" + strconv.Itoa(e.Line)
	}
	if e.Line > 0 && e.Column > 0 {
		place += ":" + strconv.Itoa(e.Column)
	}
	return cmp.Or(e.op, "read") + " " + place + ": " + e.Reason
}

// Unwrap gives the cause: fs.ErrNotExist where no lockfile is there.
func (e *Error) Unwrap() error { return e.err }

// A pos is a place in the text; the zero value is the text as a whole.
type pos struct{ line, column int }

// A reader reads one lockfile, and keeps the first thing that is not as it should be.
type reader struct {
	file, text string
	hint       string
	options    Options
	lock       *Lock
	err        error

	// For at: the offset asked last, the lines before it, and where its line begins.
	seen, line, begin int
}

func (r *reader) bad(at pos, format string, args ...any) {
	r.refuse(at, r.hint, format, args...)
}

// refuse is bad with a hint of its own.
func (r *reader) refuse(at pos, hint, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{File: r.file, Line: at.line, Column: at.column, Reason: fmt.Sprintf(format, args...), Hint: hint}
	}
}

// at gives the line and the column, in bytes, of an offset. What is asked goes on
// from what was asked before, so that a walk through the text reads it once.
func (r *reader) at(offset int) pos {
	if offset < r.seen {
		r.seen, r.line, r.begin = 0, 0, 0
	}
	part := r.text[r.seen:offset]
	r.line += strings.Count(part, "\n")
	if i := strings.LastIndexByte(part, '\n'); i >= 0 {
		r.begin = r.seen + i + 1
	}
	r.seen = offset
	return pos{r.line + 1, offset - r.begin + 1}
}

// check holds what is asked of a lockfile whatever its format.
func (r *reader) check() {
	switch {
	case len(r.text) > MaxSize:
		r.bad(pos{}, "the lockfile is larger than %d MiB", MaxSize>>20)
	case r.text == "":
		r.bad(pos{}, "the lockfile is empty")
	case strings.HasPrefix(r.text, "bun-lockfile") || base(r.file) == "bun.lockb": // binary
	case !utf8.ValidString(r.text):
		r.bad(r.at(firstInvalid(r.text)), "invalid UTF-8")
	default:
		r.conflict()
	}
}

func firstInvalid(s string) int {
	for i, c := range s {
		if c == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return len(s)
}

// conflict looks for what git leaves of a merge.
func (r *reader) conflict() {
	const marker = "<<<<<<< "
	i := strings.Index(r.text, "\n"+marker) + 1
	if i > 0 || strings.HasPrefix(r.text, marker) {
		r.refuse(r.at(i), "settle the merge, then "+r.hint, "a conflict of a merge is not settled")
	}
}

// json holds the text to what is asked of JSON that means the same to every reader.
func (r *reader) json(text string) {
	err := importmap.Check(r.file, "lockfile", []byte(text))
	var syntax *importmap.SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.Key != "":
		r.bad(pos{syntax.Line, syntax.Column}, "%s: %s", syntax.Key, syntax.Reason)
	case err != nil:
		r.bad(pos{syntax.Line, syntax.Column}, "%s", syntax.Reason)
	}
}

// maxQuoted bounds, in bytes, what an error repeats of a hostile text.
const maxQuoted = 120

// quote is for errors: no control character of a hostile text reaches a terminal.
func quote(s string) string {
	if len(s) <= maxQuoted {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:maxQuoted], "")) + "…"
}
