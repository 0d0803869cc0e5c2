package store

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"syscall"

	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A Code says why [Store.Archive] found no archive. The values are stable.
type Code string

// The codes of an [Error].
const (
	Absent      Code = "absent"       // no source has the archive
	WrongDigest Code = "wrong-digest" // a source has another archive under its name, and none has the right one
	Failed      Code = "failed"       // a source could not be read, and none has the right one
)

// An Error says why [Store.Archive] found no archive. Callers switch on Code and turn
// the error into the reason of a class or finding.
type Error struct {
	Code     Code
	Want     string    // the wanted archive: ms@2.1.3
	Attempts []Attempt // the sources, in the order in which they were tried
	Online   bool      // whether registries were asked
	Reason   string
	Hint     string // the next step to try; may be empty
}

// Error returns the operation, the archive and the reason.
func (e *Error) Error() string { return "find the archive of " + e.Want + ": " + e.Reason }

// badSetting returns the error for a setting at a line of a file. The line is 0 if the
// error is about the whole file. The message must not contain a value of a setting,
// because it could be a token.
func badSetting(file string, line int, hint, format string, args ...any) error {
	return problem.New(problem.Usage, problem.CodeSettings, file, hint, "read settings: %s: %w", place(file, line), fmt.Errorf(format, args...))
}

// unreadable returns the error for a file that could not be read. what describes the
// failure.
func unreadable(file string, line int, what string, err error) error {
	e := problem.New(problem.Usage, problem.CodeSettings, file, "", "read settings: %s: %s: %w", place(file, line), what, shortError(err))
	if _, system := errors.AsType[syscall.Errno](err); system {
		e.Class, e.Code = problem.Failed, problem.CodeIO
	}
	return e
}

func place(file string, line int) string {
	if line == 0 {
		return file
	}
	return file + ":" + strconv.Itoa(line)
}

// shortError removes the path from an error of the system.
func shortError(err error) error {
	if e, ok := errors.AsType[*safefile.KindError](err); ok {
		return fmt.Errorf("it is a %s, not a regular file", e.Kind)
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// A Source is a kind of place that has archives.
type Source string

// The sources, in the order in which they are tried.
const (
	Own      Source = "nodeint's cache"
	NPM      Source = "npm's cache"
	Yarn     Source = "yarn's cache"
	Registry Source = "the registry"
)

// An Outcome is the result of one attempt.
type Outcome string

// The outcomes.
const (
	IsAbsent Outcome = "absent"
	IsWrong  Outcome = "wrong digest"
	IsFailed Outcome = "failed"
	IsFound  Outcome = "found"
)

// An Attempt is the search for an archive in one place.
type Attempt struct {
	Source Source
	Place  string // a path or URL; "" if the source has no place for such an archive
	Result Outcome
	Detail string // what was found instead, or what failed; may be empty
}

// String returns the attempt in one line.
func (a Attempt) String() string {
	s := string(a.Source) + ": "
	if a.Place != "" {
		s = a.Place + ": "
	}
	if a.Detail != "" {
		return s + a.Detail
	}
	return s + string(a.Result)
}

// notFound returns the error after all attempts were in vain.
func notFound(w Want, attempts []Attempt, online bool) error {
	e := &Error{Code: Absent, Want: w.label(), Attempts: attempts, Online: online}
	var wrong, failed, details, sources []string
	for _, a := range attempts {
		switch {
		case a.Result == IsWrong:
			wrong = append(wrong, a.String())
		case a.Result == IsFailed:
			failed = append(failed, a.String())
		case a.Detail != "":
			details = append(details, a.String())
		}
		if n := len(sources); n == 0 || sources[n-1] != string(a.Source) {
			sources = append(sources, string(a.Source))
		}
	}
	switch {
	case len(wrong) > 0:
		e.Code, e.Reason = WrongDigest, "the archive has another digest than the lockfile: "+strings.Join(append(wrong, failed...), "; ")
		e.Hint = "inspect it: it may have been tampered with; then remove it and install again"
	case len(failed) > 0:
		e.Code, e.Reason = Failed, strings.Join(failed, "; ")
	default:
		e.Reason = strings.Join(append([]string{"it is not in " + strings.Join(sources, ", ")}, details...), "; ")
	}
	if !online && w.isFetched() && e.Code != WrongDigest {
		e.Hint = "download it with --fetch"
	}
	if w.Kind == Zip && e.Hint == "" {
		e.Hint = "run yarn install, which makes this archive"
	}
	return e
}

// quote quotes a text for an error, shortened.
func quote(s string) string {
	const limit = 100
	if len(s) <= limit {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:limit], "")) + "…"
}
