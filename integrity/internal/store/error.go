package store

import (
	"fmt"
	"strconv"
	"strings"
)

// A Code names a kind of error. They are stable.
type Code string

// The codes.
const (
	Absent      Code = "absent"       // no source has the archive
	WrongDigest Code = "wrong-digest" // a source has another under its name, and none has the right one
	Failed      Code = "failed"       // a source could not be asked, and none has the right one
	Settings    Code = "settings"     // a package manager's settings cannot be used
)

// An Error says why there is no archive.
type Error struct {
	Code   Code
	Want   string // what was looked for: ms@2.1.3
	Looks  []Look // all sources that were looked at, in order
	Online bool   // whether registries were asked
	Reason string
	Hint   string // what to try next; may be empty
	Err    error  // the cause, where a caller may look inside
}

// Error returns what was being done, to what, and what is wrong.
func (e *Error) Error() string {
	if e.Want == "" {
		return e.Reason
	}
	return "looking for the archive of " + e.Want + ": " + e.Reason
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// A SettingError says why a file of settings is refused, and where. What it says
// never holds a value: it could be a token.
type SettingError struct {
	File   string
	Line   int // from 1; 0 where the error has no place
	Reason string
	Hint   string // may be empty
	Err    error  // the cause, where a caller may look inside
}

// Error returns the parts in one line: file:line: reason.
func (e *SettingError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Reason
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
}

// Unwrap gives the cause.
func (e *SettingError) Unwrap() error { return e.Err }

// A Source is a kind of place where archives are.
type Source string

// The sources, in the order in which they are asked.
const (
	Own      Source = "nodeint's cache"
	NPM      Source = "npm's cache"
	Yarn     Source = "yarn's cache"
	Registry Source = "the registry"
)

// A Result is what came of looking somewhere.
type Result string

// The results.
const (
	IsAbsent Result = "absent"
	IsWrong  Result = "wrong digest"
	IsFailed Result = "failed"
	IsFound  Result = "found"
)

// A Look is one place that was looked at.
type Look struct {
	Source Source
	Place  string // a path or URL; "" where the source has none for such an archive
	Result Result
	Detail string // what was there instead, or what failed; may be empty
}

// String says it in one line.
func (l Look) String() string {
	s := string(l.Source) + ": "
	if l.Place != "" {
		s = l.Place + ": "
	}
	if l.Detail != "" {
		return s + l.Detail
	}
	return s + string(l.Result)
}

// nowhere is the error for an archive that no look has found.
func nowhere(w Want, looks []Look, online bool) error {
	e := &Error{Code: Absent, Want: w.label(), Looks: looks, Online: online}
	var wrong, failed, details, asked []string
	for _, l := range looks {
		switch {
		case l.Result == IsWrong:
			wrong = append(wrong, l.String())
		case l.Result == IsFailed:
			failed = append(failed, l.String())
		case l.Detail != "":
			details = append(details, l.String())
		}
		if n := len(asked); n == 0 || asked[n-1] != string(l.Source) {
			asked = append(asked, string(l.Source))
		}
	}
	switch {
	case len(wrong) > 0:
		e.Code, e.Reason = WrongDigest, "what is there is not what is wanted: "+strings.Join(append(wrong, failed...), "; ")
		e.Hint = "somebody may have changed it: look at it, remove it, and install again"
	case len(failed) > 0:
		e.Code, e.Reason = Failed, strings.Join(failed, "; ")
	default:
		e.Reason = strings.Join(append([]string{"it is not in " + strings.Join(asked, ", ")}, details...), "; ")
	}
	if !online && w.isFetched() && e.Code != WrongDigest {
		e.Hint = "get it from its registry with --fetch"
	}
	if w.Kind == Zip && e.Hint == "" {
		e.Hint = "yarn makes this archive itself: get it with yarn install"
	}
	return e
}

// quote bounds what is repeated of a hostile text.
func quote(s string) string {
	const most = 100
	if len(s) <= most {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:most], "")) + "…"
}
