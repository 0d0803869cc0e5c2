package graph

import (
	"errors"
	"io/fs"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// A statFunc is [os.Stat], or a replacement in tests.
type statFunc func(path string) (fs.FileInfo, error)

// isAbsent reports whether err means that Node finds nothing at a path.
//
// Node takes every error of stat for absent. nodeint does not: an I/O error
// (EIO) or a missing permission (EACCES) may be gone when the program runs, and
// the graph would then lack what the program loads. Only errors that depend on
// nothing but the path and the tree mean absent:
//
//   - ENOENT and ENOTDIR: there is no such file.
//   - ELOOP: the path leads through a loop of symbolic links.
//   - ENAMETOOLONG: no file can have the name. Sources contain such "paths",
//     since the scanner also reports strings that are not paths.
//   - EINVAL: the path contains NUL. On Windows: ERROR_INVALID_NAME, for a character
//     that no path can contain.
func isAbsent(err error) bool {
	const errorInvalidName = syscall.Errno(123)
	return safefile.IsAbsent(err) || errors.Is(err, syscall.ELOOP) ||
		errors.Is(err, syscall.ENAMETOOLONG) || errors.Is(err, syscall.EINVAL) ||
		runtime.GOOS == "windows" && errors.Is(err, errorInvalidName)
}

// isRegular reports whether path is a regular file, links followed. An error that
// does not mean absent is returned.
func (stat statFunc) isRegular(path string) (bool, error) {
	info, err := stat(path)
	switch {
	case err == nil:
		return info.Mode().IsRegular(), nil
	case isAbsent(err):
		return false, nil
	}
	return false, err
}

// realPath resolves the symbolic links in path. It returns "" if the path does not
// exist.
func (stat statFunc) realPath(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		return real, nil
	}
	// For a loop EvalSymlinks returns an error of its own. stat returns ELOOP.
	if _, statErr := stat(path); statErr != nil {
		err = statErr
	}
	if isAbsent(err) {
		return "", nil
	}
	return "", err
}
