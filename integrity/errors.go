package integrity

import "fmt"

// A Class tells the three ways in which nodeint cannot do its work apart. What
// it found in the files is no error: see [Report].
type Class int

const (
	Usage     Class = iota + 1 // wrong usage or configuration
	Untrusted                  // the map cannot be trusted
	Failed                     // could not check or write: I/O, permission, internal
)

// An Error is a failure with its class, its stable code and the next step.
type Error struct {
	Class Class
	Code  string // map-… for Untrusted; "usage", "config", "io" … for the others
	Path  string // what it is about; may be empty
	Want  string // what it should have been; may be empty
	Got   string // what it was; may be empty
	Hint  string // what to try next; may be empty
	Err   error  // what was being done, to what, and what went wrong
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause, so that callers can ask for fs.ErrNotExist and the like.
func (e *Error) Unwrap() error { return e.Err }

// instead adds what was wanted, and what was found instead.
func (e *Error) instead(want, got string) *Error {
	e.Want, e.Got = want, got
	return e
}

func usageError(hint, format string, args ...any) error {
	return &Error{Class: Usage, Code: "usage", Hint: hint, Err: fmt.Errorf(format, args...)}
}

func failed(path, hint, format string, args ...any) error {
	return &Error{Class: Failed, Code: "io", Path: path, Hint: hint, Err: fmt.Errorf(format, args...)}
}
