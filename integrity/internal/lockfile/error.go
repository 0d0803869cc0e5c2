package lockfile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A pos is a position in the text. Both numbers count from 1; column counts bytes. The
// zero value stands for the whole text, and column 0 for the whole line.
type pos struct{ line, column int }

// A reader reads one lockfile. It keeps the first error.
type reader struct {
	file, text string
	hint       string
	options    Options
	lock       *Lock
	err        error

	classicNeeds []classicNeed

	// The last offset passed to at, the number of lines before it, and the offset
	// where its line begins.
	seen, line, begin int
}

// bad records an error at a position, with the hint of the format.
func (r *reader) bad(at pos, format string, args ...any) {
	r.badHint(at, r.hint, format, args...)
}

// badHint is bad with another hint.
func (r *reader) badHint(at pos, hint, format string, args ...any) {
	if r.err != nil {
		return
	}
	place := r.file
	if at.line > 0 {
		place += ":" + strconv.Itoa(at.line)
	}
	if at.line > 0 && at.column > 0 {
		place += ":" + strconv.Itoa(at.column)
	}
	r.err = refused(r.file, hint, "read %s: %s", place, fmt.Sprintf(format, args...))
}

// refused returns the error for a lockfile that cannot be used.
func refused(file, hint, format string, args ...any) error {
	return problem.New(problem.Failed, problem.CodeLockfile, file, hint, format, args...)
}

// at returns the position of an offset. It counts from the offset of the previous call,
// so that calls with rising offsets read the text once.
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

// check checks what holds for every format.
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

// conflict looks for the conflict markers of git.
func (r *reader) conflict() {
	const marker = "<<<<<<< "
	i := strings.Index(r.text, "\n"+marker) + 1
	if i > 0 || strings.HasPrefix(r.text, marker) {
		r.badHint(r.at(i), "resolve the merge conflict, then "+r.hint, "it contains an unresolved merge conflict")
	}
}

// json checks that text is JSON that every reader understands alike.
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

// maxQuoted is the most bytes of a text that an error repeats.
const maxQuoted = 120

// quote quotes a text for an error, so that no control character reaches a terminal.
func quote(s string) string {
	if len(s) <= maxQuoted {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:maxQuoted], "")) + "…"
}
