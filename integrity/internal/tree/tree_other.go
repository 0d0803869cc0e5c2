//go:build !linux

package tree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// An opener opens files below a root without following symbolic links.
type opener struct {
	root *os.Root
}

func openRoot(root string) (opener, error) {
	r, err := os.OpenRoot(root)
	return opener{root: r}, err
}

func (o opener) close() error { return o.root.Close() }

// checkComponents returns an error unless every component of p but the last is a
// directory, and none is a link: os.Root follows links that stay in the root.
func (o opener) checkComponents(p string) error {
	parts := splitPath(p)
	for i := range parts {
		at := filepath.Join(parts[:i+1]...)
		info, err := o.root.Lstat(at)
		if err != nil {
			return err
		}
		if i < len(parts)-1 && !info.IsDir() || info.Mode()&(fs.ModeSymlink|fs.ModeIrregular) != 0 {
			return errNotDirectory
		}
	}
	return nil
}

func (o opener) open(p string) (*os.File, error) {
	if err := o.checkComponents(p); err != nil {
		return nil, &fs.PathError{Op: "open", Path: p, Err: err}
	}
	f, err := o.root.Open(filepath.FromSlash(p))
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, &fs.PathError{Op: "open", Path: p, Err: errors.New("not a regular file")}
	}
	return f, nil
}

func (o opener) readDir(p string) (Dir, error) {
	if err := o.checkComponents(p); err != nil {
		return nil, err
	}
	name := filepath.FromSlash(p)
	if name == "" {
		name = "."
	}
	info, err := o.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, errNotDirectory
	}
	f, err := o.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	dir := make(Dir, 0, len(entries))
	for _, e := range entries {
		dir = append(dir, Entry{Name: e.Name(), Kind: kindOfMode(e.Type())})
	}
	return dir, nil
}

func kindOfMode(m fs.FileMode) Kind {
	switch {
	case m.IsRegular():
		return File
	case m.IsDir():
		return Directory
	case m&(fs.ModeSymlink|fs.ModeIrregular) != 0: // Go reports a junction as irregular
		return Link
	}
	return Other
}
