// Package problem defines what nodeint reports: errors, findings and gaps, with
// their stable codes.
//
// An [Error] means that nodeint could not do its work. Its [Class] decides the
// exit status of the command. A [Finding] is a difference between the files and
// the map; it is data, not an error. A [Gap] is a place where the program loads
// something that nodeint could not resolve.
//
// The package imports nothing else of nodeint, so every package can use it.
package problem

import (
	"fmt"
)

// A Class says why nodeint could not do its work.
type Class int

const (
	Usage     Class = iota + 1 // wrong usage or configuration
	Untrusted                  // the map, its signature or its digest cannot be trusted
	Failed                     // could not check or write: I/O, permission, internal
)

// An Error is a failure with its class, its stable code and the next step.
type Error struct {
	Class Class
	Code  string // one of the codes of this package; the codes of Untrusted begin with "map-"
	Path  string // the file that the error is about; may be empty
	Want  string // the expected value; may be empty
	Got   string // the value found instead; may be empty
	Hint  string // the next step to try; may be empty
	Err   error  // the operation, its object and the cause
}

// Error returns the message, without the hint.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause, so that errors.Is finds fs.ErrNotExist and the like.
func (e *Error) Unwrap() error { return e.Err }

// Compare sets the expected value and the value found, and returns e.
func (e *Error) Compare(want, got string) *Error {
	e.Want, e.Got = want, got
	return e
}

// New returns an Error. The message is formatted as by [fmt.Errorf].
func New(class Class, code, path, hint, format string, args ...any) *Error {
	return &Error{Class: class, Code: code, Path: path, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// BadUsage returns an Error for a wrong argument or a wrong call.
func BadUsage(hint, format string, args ...any) *Error {
	return New(Usage, CodeUsage, "", hint, format, args...)
}

// BadConfig returns an Error for a mistake in the configuration file at path.
func BadConfig(path, hint, format string, args ...any) *Error {
	return New(Usage, CodeConfig, path, hint, format, args...)
}

// NotTrusted returns an Error for the map, or the envelope, at path.
func NotTrusted(code, path, hint, format string, args ...any) *Error {
	return New(Untrusted, code, path, hint, format, args...)
}

// NotChecked returns an Error for a file that could not be read or written.
func NotChecked(path, hint, format string, args ...any) *Error {
	return New(Failed, CodeIO, path, hint, format, args...)
}
