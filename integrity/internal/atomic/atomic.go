// Package atomic writes files whole or not at all.
//
// A write makes a temporary file in the folder of the file that it replaces,
//
//	.importmap.json.123456789.tmp
//
// holds a lock on it (flock(2)) for as long as it lives, flushes it to the disk,
// and renames it. So whenever the process dies, the file is the old one or the new
// one, whole; and once the write has returned, it is the new one after a power cut
// as well, as far as the disk and the file system keep what fsync promises.
//
// A process that is killed on the way leaves its temporary file behind. RemoveStaleTemps, and
// the next write to the same file, remove those whose lock nobody holds; where the
// file system has no locks they stay.
package atomic

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrUnflushed is in the error of a write that has put the new file in its place,
// whole, and could not make sure that it outlasts a power cut.
var ErrUnflushed = errors.New("the new file is in its place, but may not outlast a power cut")

// Write puts the data into a file, which is created or replaced. A file that was
// there keeps its mode, and a link to it stays a link. After an error that is not
// ErrUnflushed all is as it was.
func Write(file string, data []byte) (err error) {
	file, mode, err := look(file)
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

// look follows links to the file, and gives the mode that it is to have.
func look(file string) (real string, mode os.FileMode, err error) {
	const usual = 0o644
	real, err = filepath.EvalSymlinks(file)
	if errors.Is(err, fs.ErrNotExist) {
		return file, usual, nil
	}
	if err != nil {
		return "", 0, err
	}
	info, err := os.Stat(real)
	if errors.Is(err, fs.ErrNotExist) {
		return real, usual, nil
	}
	if err != nil {
		return "", 0, err
	}
	return real, info.Mode().Perm(), nil
}

// A temporary file, and what holds the lock on it.
type temporary struct {
	*os.File
	unlock func()
}

// create makes a temporary file for file. Between the two steps, a RemoveStaleTemps may take
// it for one that was left behind; then another is made.
func create(file string) (*temporary, error) {
	for {
		f, err := os.CreateTemp(filepath.Dir(file), prefix(file)+"*"+ending)
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

// The names of the temporary files for a file: between these are digits.
func prefix(file string) string { return "." + filepath.Base(file) + "." }

const ending = ".tmp"

// RemoveStaleTemps removes the temporary files for a file that killed processes have left, as
// far as that can be done: what it cannot remove does no harm.
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
			removeAbandoned(filepath.Join(filepath.Dir(file), name))
		}
	}
}

func isTemporary(file, name string) bool {
	digits, ok := strings.CutPrefix(name, prefix(file))
	digits, ok2 := strings.CutSuffix(digits, ending)
	return ok && ok2 && digits != "" && strings.Trim(digits, "0123456789") == ""
}

func write(f *os.File, data []byte) error {
	_, err := f.Write(data)
	return err
}
