// Package safefile opens and reads files whose path an attacker may control.
//
// Open never blocks: a FIFO, a socket or a device is an error, not a wait. Read
// never returns more than its limit. Both decide by the open descriptor, so
// replacing the file in between changes nothing.
//
// IsAbsent is the only test in nodeint for "does not exist". Every error for
// which it returns false must be reported: a disk that fails is not an empty
// one.
package safefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// ErrTooLarge is the cause of the error for a file larger than the limit.
var ErrTooLarge = errors.New("larger than the limit")

// A KindError says that a path names something other than a regular file.
type KindError struct {
	Path string
	Kind string // "directory", "FIFO", "socket" or "device"
}

// Error returns the path and what it is.
func (e *KindError) Error() string { return e.Path + " is a " + e.Kind + ", not a regular file" }

// IsAbsent reports whether err means that the path does not exist: ENOENT, or
// ENOTDIR, where a file stands in the place of a parent directory.
func IsAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// Exists reports whether path exists, without following a link at its end. The
// error is any that does not mean absent.
func Exists(path string) (bool, error) { return exists(os.Lstat(path)) }

// TargetExists is Exists, following links.
func TargetExists(path string) (bool, error) { return exists(os.Stat(path)) }

func exists(_ fs.FileInfo, err error) (bool, error) {
	if IsAbsent(err) {
		return false, nil
	}
	return err == nil, err
}

// Open opens the regular file at path for reading, links followed, and returns
// what fstat says of it. The error wraps a [*KindError] if it is not a regular
// file.
func Open(path string) (*os.File, fs.FileInfo, error) {
	// O_NONBLOCK has no effect on a regular file. Without it, opening a FIFO
	// waits for a writer.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &KindError{Path: path, Kind: KindOf(info.Mode())}
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// Read returns the bytes of the regular file at path, at most limit of them,
// links followed. The error wraps [ErrTooLarge] if the file is larger, and a
// [*KindError] if it is not a regular file.
func Read(path string, limit int64) ([]byte, error) {
	text, _, err := ReadInfo(path, limit)
	return text, err
}

// ReadInfo is Read, and returns what fstat said of the open file.
func ReadInfo(path string, limit int64) ([]byte, fs.FileInfo, error) {
	f, info, err := Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if info.Size() > limit {
		return nil, nil, tooLarge(path, limit)
	}
	// The size is a hint: the file may grow while it is read.
	b := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := b.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return nil, nil, err
	}
	if int64(b.Len()) > limit {
		return nil, nil, tooLarge(path, limit)
	}
	return b.Bytes(), info, nil
}

func tooLarge(path string, limit int64) error {
	return &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%w of %d bytes", ErrTooLarge, limit)}
}

// KindOf names what a file mode describes: "regular file", "directory",
// "symbolic link", "FIFO", "socket" or "device".
func KindOf(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "regular file"
	case mode.IsDir():
		return "directory"
	case mode&fs.ModeSymlink != 0:
		return "symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "FIFO"
	case mode&fs.ModeSocket != 0:
		return "socket"
	}
	return "device"
}
