package main

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/launch"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/signkey"
)

// The exit statuses. They do not depend on the output's format.
const (
	exitOK          = 0
	exitDiffers     = 1   // the files are not what the map says
	exitUsage       = 2   // wrong usage or configuration
	exitGaps        = 3   // --strict, and the coverage is incomplete
	exitUntrusted   = 4   // the map cannot be trusted
	exitFailed      = 5   // could not check: I/O, permission, internal
	exitInterrupted = 130 // Ctrl-C
	// Beside these, run exits as the program does, and 77 if the preload stopped it.
)

// A verdict is the exit status of a command that did its work and has said
// what it found.
type verdict int

func (v verdict) Error() string { return "the report says what is wrong" }

// A failure is an error as it is told to the user.
type failure struct {
	exit    int
	Code    string `json:"code"`
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
	Want    string `json:"want,omitempty"`
	Got     string `json:"got,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// explain finds the exit status and the words for an error.
func explain(err error) failure {
	f := classify(err)
	if f.exit == exitFailed {
		f.Hint = remedy(err, f.Hint)
	}
	return f
}

// remedy gives what to try where the system failed, unless something nearer to it
// has said so. But whatever is being done, a process that has no descriptors left
// has but one remedy.
func remedy(err error, hint string) string {
	switch {
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "let the process open more files: ulimit -n"
	case hint != "":
	case errors.Is(err, fs.ErrPermission):
		return "run it as a user who may"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "make room on the disk"
	case errors.Is(err, syscall.ENOMEM):
		return "leave it more memory"
	case errors.Is(err, syscall.EIO):
		return "see what is wrong with the disk, and run it again"
	}
	return hint
}

func classify(err error) failure {
	var lib *integrity.Error
	var conf *project.Error
	var start *launch.Error
	var key *signkey.Error
	switch {
	case errors.Is(err, context.Canceled):
		return failure{exit: exitInterrupted, Code: "interrupted", Message: "interrupted"}
	case errors.As(err, &lib):
		f := failure{exit: exitFailed, Code: lib.Code, Path: lib.Path, Message: err.Error(), Want: lib.Want, Got: lib.Got, Hint: lib.Hint}
		switch lib.Class {
		case integrity.Usage:
			f.exit = exitUsage
		case integrity.Untrusted:
			f.exit = exitUntrusted
		}
		return f
	case errors.As(err, &start):
		f := failure{exit: exitFailed, Code: start.Code, Path: start.Path, Message: err.Error(), Hint: start.Hint}
		switch start.Code {
		case "usage":
			f.exit = exitUsage
		case integrity.MapMetadata:
			f.exit = exitUntrusted
		}
		return f
	case errors.As(err, &conf):
		return failure{exit: exitUsage, Code: conf.Code, Path: conf.Path, Message: err.Error(), Hint: conf.Hint}
	case errors.As(err, &key):
		return failure{exit: exitUsage, Code: "key", Path: key.Path, Message: err.Error(), Hint: key.Hint}
	}
	return failure{exit: exitFailed, Code: "io", Message: err.Error()}
}
