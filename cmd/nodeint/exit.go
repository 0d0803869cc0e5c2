package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/nodeint/nodeint/integrity/problem"
)

// The exit statuses. They do not depend on the output format.
const (
	exitOK          = 0
	exitDiffers     = 1   // the files differ from the map, or --check would change it
	exitUsage       = 2   // wrong usage or configuration
	exitGaps        = 3   // --strict is set and the coverage is incomplete
	exitUntrusted   = 4   // the map cannot be trusted
	exitFailed      = 5   // could not check: I/O, permission, internal
	exitInterrupted = 130 // Ctrl-C
	// nodeint run exits with the status of the program, or with 77 if the preload
	// stopped it.
)

// A statusError is the exit status of a command that ran to its end and has
// already printed its result.
type statusError int

func (v statusError) Error() string { return fmt.Sprintf("exit status %d; see the report", int(v)) }

// A failure is an error in the form that the user sees.
type failure struct {
	exit    int
	Code    string `json:"code"`
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
	Want    string `json:"want,omitempty"`
	Got     string `json:"got,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// explain converts an error to a failure: the exit status, the code and the
// message.
func explain(err error) failure {
	f := classify(err)
	if f.exit == exitFailed {
		f.Hint = systemHint(err, f.Hint)
	}
	return f
}

// systemHint returns the hint for an error of the system. It keeps the given hint
// unless that is empty or the process has run out of file descriptors: then only
// a higher limit helps.
func systemHint(err error, hint string) string {
	switch {
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "raise the limit of open files: ulimit -n 4096"
	case hint != "":
	case errors.Is(err, fs.ErrPermission):
		return "run nodeint as a user with the required permissions"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "free some disk space"
	case errors.Is(err, syscall.ENOMEM):
		return "raise the memory limit"
	case errors.Is(err, syscall.EIO):
		return "check the disk for errors, then run the command again"
	}
	return hint
}

func classify(err error) failure {
	var lib *problem.Error
	switch {
	case errors.Is(err, context.Canceled):
		return failure{exit: exitInterrupted, Code: "interrupted", Message: "interrupted"}
	case errors.As(err, &lib):
		f := failure{exit: exitFailed, Code: lib.Code, Path: lib.Path, Message: err.Error(), Want: lib.Want, Got: lib.Got, Hint: lib.Hint}
		switch lib.Class {
		case problem.Usage:
			f.exit = exitUsage
		case problem.Untrusted:
			f.exit = exitUntrusted
		}
		return f
	}
	return failure{exit: exitFailed, Code: "io", Message: err.Error()}
}
