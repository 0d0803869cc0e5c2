// Package atomic writes files whole or not at all.
//
// [Write] creates a temporary file in the directory of the file that it replaces, such
// as .importmap.json.123456789.tmp. It locks the temporary file (flock(2)), writes it,
// flushes it to the disk, and renames it. If the process dies at any point, the file
// is either the old one or the new one, complete. After Write has returned, the new
// file also survives a power failure, if the disk and the file system implement fsync
// correctly.
//
// A process that is killed leaves its temporary file behind. [RemoveStaleTemps] and the
// next write to the same file remove temporary files that no process has locked. A lock
// shows at once, and in every container that shares the directory, whether the writer
// is alive; the age of the file or a process number does not. If the file system has
// no locks, stale files stay.
package atomic

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// ErrUnflushed is wrapped by the error of a write that replaced the file, but could not
// flush the directory.
var ErrUnflushed = errors.New("the file was replaced, but may not survive a power failure")

// Write creates or replaces a file with the given content. It follows links, and an
// existing file keeps its mode. After an error that does not wrap [ErrUnflushed],
// nothing has changed.
func Write(file string, data []byte) (err error) {
	file, mode, err := target(file)
	if err != nil {
		return err
	}
	RemoveStaleTemps(file)
	tmp, err := create(file)
	if err != nil {
		return err
	}
	defer tmp.unlock()
	defer func() {
		if err != nil && !errors.Is(err, ErrUnflushed) {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if err := errors.Join(write(tmp.File, data), tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), file); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(file)); err != nil {
		return errors.Join(ErrUnflushed, err)
	}
	return nil
}

// target returns the real path of a file, links followed, and the mode that the new file
// gets: that of the existing file, or 0644.
func target(file string) (real string, mode os.FileMode, err error) {
	const defaultMode = 0o644
	real, err = filepath.EvalSymlinks(file)
	if safefile.IsAbsent(err) {
		return file, defaultMode, nil
	}
	if err != nil {
		return "", 0, err
	}
	info, err := os.Stat(real)
	if safefile.IsAbsent(err) {
		return real, defaultMode, nil
	}
	if err != nil {
		return "", 0, err
	}
	return real, info.Mode().Perm(), nil
}

// A temporary is an open temporary file and the release of its lock.
type temporary struct {
	*os.File
	unlock func()
}

// create creates and locks a temporary file for file. If another process removes it as
// stale before it is locked, create tries again.
func create(file string) (*temporary, error) {
	for {
		f, err := os.CreateTemp(filepath.Dir(file), prefix(file)+"*"+suffix)
		if err != nil {
			return nil, err
		}
		unlock, kept, err := lock(f)
		if err == nil && kept {
			return &temporary{f, unlock}, nil
		}
		f.Close()
		if err != nil {
			os.Remove(f.Name())
			return nil, err
		}
	}
}

// The name of a temporary file is prefix, digits and suffix.
func prefix(file string) string { return "." + filepath.Base(file) + "." }

const suffix = ".tmp"

// RemoveStaleTemps removes the temporary files of file that killed processes have left.
// It reports no errors: a temporary file that it cannot remove does no harm.
func RemoveStaleTemps(file string) {
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return
	}
	names, _ := dir.Readdirnames(-1)
	dir.Close()
	for _, name := range names {
		if isTemporary(file, name) {
			removeUnlocked(filepath.Join(filepath.Dir(file), name))
		}
	}
}

func isTemporary(file, name string) bool {
	digits, ok := strings.CutPrefix(name, prefix(file))
	digits, ok2 := strings.CutSuffix(digits, suffix)
	return ok && ok2 && digits != "" && strings.Trim(digits, "0123456789") == ""
}

func write(f *os.File, data []byte) error {
	_, err := f.Write(data)
	return err
}
