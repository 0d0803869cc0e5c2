package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// An Error is a failure with its stable code and the next step.
type Error struct {
	Code string // "usage", "map-metadata" or "io"
	Path string
	Hint string
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func usage(hint, format string, args ...any) error {
	return &Error{Code: "usage", Hint: hint, Err: fmt.Errorf(format, args...)}
}

func failed(path, hint, format string, args ...any) error {
	return &Error{Code: "io", Path: path, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// isSystem reports whether the system failed. It does not count that a file does not
// exist, or cannot be executed.
func isSystem(err error) bool {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) && errno != syscall.ENOEXEC && errno != syscall.ENOTDIR
	}
	return false
}
