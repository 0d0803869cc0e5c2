package installhook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// maxFile is the size of the largest file that is edited, in bytes.
const maxFile = 16 << 20

// A Change is the text of a file before and after; nil if the file does not
// exist.
type Change struct {
	Path     string
	Old, New []byte
}

// Apply makes the changes. It writes each file whole or not at all. If one
// fails, it undoes those before it.
func Apply(changes []Change) error {
	for _, c := range changes {
		info, err := os.Lstat(c.Path)
		switch {
		case safefile.IsAbsent(err):
		case err != nil:
			return err
		case info.Mode().Perm()&0o222 == 0:
			// Renaming another file over it would succeed, and root may write it.
			return problem.BadConfig(c.Path, "make it writable: chmod u+w "+filepath.Base(c.Path), "%s is read-only", c.Path)
		}
	}
	for i, c := range changes {
		if err := write(c.Path, c.New); err != nil {
			for _, done := range slices.Backward(changes[:i]) {
				err = errors.Join(err, write(done.Path, done.Old))
			}
			return fmt.Errorf("writing %s: %w", c.Path, err)
		}
	}
	return nil
}

// write writes the file. If text is nil, it deletes the file, and .yarn/plugins
// and .yarn if they are then empty.
func write(path string, text []byte) error {
	dir := filepath.Dir(path)
	if text != nil {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		return atomic.Write(path, text)
	}
	if err := os.Remove(path); err != nil && !safefile.IsAbsent(err) {
		return err
	}
	if filepath.Base(dir) == "plugins" && filepath.Base(filepath.Dir(dir)) == ".yarn" {
		_ = os.Remove(dir) // fails if it is not empty
		_ = os.Remove(filepath.Dir(dir))
	}
	return nil
}

// ReadFile returns the text of a file to edit in place, or nil if it does not exist. A
// symbolic link is an error.
func ReadFile(path string) ([]byte, error) { return read(path) }

// read returns the text of a file to edit in place, or nil if it does not exist.
// A symbolic link is an error: nodeint does not edit files outside the project.
func read(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	switch {
	case safefile.IsAbsent(err):
		return nil, nil
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(path)
		if err != nil {
			return nil, err
		}
		return nil, problem.BadConfig(path, "replace the link by the file: nodeint does not edit through links", "%s is a symbolic link to %s", path, target)
	}
	text, err := safefile.Read(path, maxFile)
	switch kind, ok := errors.AsType[*safefile.KindError](err); {
	case ok:
		return nil, problem.BadConfig(path, "replace it by a regular file", "%s is a %s, not a regular file", path, kind.Kind)
	case errors.Is(err, safefile.ErrTooLarge):
		return nil, problem.BadConfig(path, "reduce its size", "%s is larger than %d MiB", path, maxFile>>20)
	}
	return text, err
}
