// Package atomic writes files whole or not at all.
package atomic

import (
	"errors"
	"os"
	"path/filepath"
)

// Write puts the data into a file: a temporary one in the same folder, flushed
// to the disk, then renamed. A file that was there keeps its mode, and a link
// to it stays a link.
func Write(file string, data []byte) (err error) {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	dir := filepath.Dir(file)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(file)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if err := errors.Join(write(tmp, data), tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), file); err != nil {
		return err
	}
	return syncDir(dir)
}

func write(f *os.File, data []byte) error {
	_, err := f.Write(data)
	return err
}

// syncDir makes the rename itself outlast a power cut. Not every system lets a
// folder be flushed; the file has been.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	d.Sync()
	return nil
}
