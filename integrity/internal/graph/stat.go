package graph

import (
	"io/fs"
	"path/filepath"

	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// A statFunc is [os.Stat], or a replacement in tests.
type statFunc func(path string) (fs.FileInfo, error)

// isRegular reports whether path is a regular file, links followed. An error that
// does not mean absent is returned.
func (stat statFunc) isRegular(path string) (bool, error) {
	info, err := stat(path)
	switch {
	case err == nil:
		return info.Mode().IsRegular(), nil
	case safefile.IsAbsentName(err):
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
	if safefile.IsAbsentName(err) {
		return "", nil
	}
	return "", err
}
