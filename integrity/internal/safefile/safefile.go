// Package safefile opens and reads files whose path an attacker may control.
//
// Open never blocks: a FIFO, a socket or a device is an error, not a wait. Read
// never returns more than its limit. Both decide by the open descriptor, so
// replacing the file in between changes nothing. Links are followed: package tree
// opens files below a root without following any.
//
// IsAbsent is the test for "does not exist". Every error for which it returns
// false must be reported: a disk that fails is not an empty one.
package safefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"syscall"
)

// ErrTooLarge is the cause of the error for a file larger than the limit.
var ErrTooLarge = errors.New("larger than the limit")

// A KindError reports that a path names something other than a regular file.
type KindError struct {
	Path string
	Kind string // "directory", "FIFO", "socket" or "device"
}

// Error returns the path and the kind of file at it.
func (e *KindError) Error() string { return e.Path + " is a " + e.Kind + ", not a regular file" }

// IsAbsent reports whether err means that the path does not exist: ENOENT, or
// ENOTDIR if a component of the path is not a directory. It returns false for nil.
func IsAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// IsAbsentName is IsAbsent for a path that a program or a configuration names. It
// is also true for the errors that depend on nothing but the path and the tree,
// since such a path can never name a file:
//
//   - ELOOP: the path leads through a loop of symbolic links.
//   - ENAMETOOLONG: no file can have the name.
//   - EINVAL: the path contains NUL. On Windows ERROR_INVALID_NAME: it contains a
//     character that no path can contain.
//
// To Node every error of stat means absent. But EIO and EACCES may be gone when
// the program runs, and a map would then lack what the program loads.
func IsAbsentName(err error) bool {
	const errorInvalidName = syscall.Errno(123)
	return IsAbsent(err) || errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.ENAMETOOLONG) ||
		errors.Is(err, syscall.EINVAL) || runtime.GOOS == "windows" && errors.Is(err, errorInvalidName)
}

// TargetExists reports whether path exists. It follows links: one without a target does
// not exist. It returns every error that does not mean absent.
func TargetExists(path string) (bool, error) {
	_, err := os.Stat(path)
	if IsAbsent(err) {
		return false, nil
	}
	return err == nil, err
}

// openFlags has O_NONBLOCK, since opening a FIFO waits for a writer without it, and
// O_NOCTTY, since opening a terminal may make it the controlling one. Neither has an
// effect on a regular file.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK | syscall.O_NOCTTY

// Open opens the regular file at path for reading, links followed, and returns
// the result of fstat. The error wraps a [*KindError] if it is not a regular
// file.
func Open(path string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, openFlags, 0)
	if err != nil {
		return nil, nil, openError(path, err)
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

// openError returns a KindError for what cannot be opened because of its kind: a
// socket (ENXIO, on BSD and macOS EOPNOTSUPP), or a device without a driver (ENXIO,
// ENODEV). Other errors it returns unchanged.
func openError(path string, err error) error {
	if !errors.Is(err, syscall.ENXIO) && !errors.Is(err, syscall.EOPNOTSUPP) && !errors.Is(err, syscall.ENODEV) {
		return err
	}
	info, statErr := os.Stat(path)
	if statErr != nil || info.Mode().IsRegular() {
		return err
	}
	return &KindError{Path: path, Kind: KindOf(info.Mode())}
}

// Read returns the bytes of the regular file at path, at most limit of them,
// links followed. The error wraps [ErrTooLarge] if the file is larger, and a
// [*KindError] if it is not a regular file.
func Read(path string, limit int64) ([]byte, error) {
	text, _, err := ReadInfo(path, limit)
	return text, err
}

// ReadInfo is like [Read], and also returns the result of fstat on the open file.
func ReadInfo(path string, limit int64) ([]byte, fs.FileInfo, error) {
	f, info, err := Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	text, err := ReadOpen(f, info, limit)
	return text, info, err
}

// ReadOpen returns the bytes of an open regular file from its current offset, at
// most limit of them. info is the result of fstat. The error wraps [ErrTooLarge] if
// the file is larger, also if it grows while it is read.
func ReadOpen(f *os.File, info fs.FileInfo, limit int64) ([]byte, error) {
	if info.Size() > limit {
		return nil, tooLarge(f.Name(), limit)
	}
	b := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := b.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > limit {
		return nil, tooLarge(f.Name(), limit)
	}
	return b.Bytes(), nil
}

func tooLarge(path string, limit int64) error {
	return &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%w of %d bytes", ErrTooLarge, limit)}
}

// KindOf returns the kind of file that mode describes: "regular file", "directory",
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
