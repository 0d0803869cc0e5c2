package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/tidwall/gjson"
)

// extensions are what node tries behind a name, in this order.
// https://nodejs.org/api/modules.html#file-modules
var extensions = []string{".js", ".json", ".node"}

// looks keeps the first thing that the system did not tell. Node takes whatever it
// cannot stat for absent; but what is pinned must not hang on a disk that fails, or
// on who runs nodeint.
type looks struct{ err error }

// isFile reports whether path is a file that Node would read: regular, links
// followed.
func (l *looks) isFile(path string) bool {
	info, err := os.Stat(path)
	return l.told(err) && info.Mode().IsRegular()
}

func (l *looks) isDir(path string) bool {
	info, err := os.Stat(path)
	return l.told(err) && info.IsDir()
}

// told reports whether there was an answer, and that something is there.
func (l *looks) told(err error) bool {
	for _, no := range []error{fs.ErrNotExist, fs.ErrInvalid, syscall.ENOTDIR, syscall.ELOOP, syscall.ENAMETOOLONG} {
		if errors.Is(err, no) {
			return false
		}
	}
	if l.err == nil {
		l.err = err
	}
	return err == nil
}

// probe returns the file that `node path` starts: the file itself, the file
// with an extension, or what the folder's package.json or index names. "" if
// there is none. https://nodejs.org/api/modules.html#all-together
func (l *looks) probe(path string) string {
	if file := l.probeFile(path); file != "" {
		return file
	}
	if !l.isDir(path) {
		return ""
	}
	if m, err := readManifest(path); err == nil && m != nil {
		if main := m.members["main"]; main.Type == gjson.String && main.Str != "" {
			return l.probeMain(path, main.Str)
		}
	}
	return l.probeIndex(path)
}

// probeMain is LOAD_AS_DIRECTORY's way with a main: the file, then the folder
// main, then the folder dir itself.
func (l *looks) probeMain(dir, main string) string {
	path := filepath.Join(dir, filepath.FromSlash(main))
	if file := l.probeFile(path); file != "" {
		return file
	}
	if file := l.probeIndex(path); file != "" {
		return file
	}
	return l.probeIndex(dir)
}

// probeFile is LOAD_AS_FILE.
func (l *looks) probeFile(path string) string {
	if l.isFile(path) {
		return path
	}
	for _, ext := range extensions {
		if l.isFile(path + ext) {
			return path + ext
		}
	}
	return ""
}

// probeIndex is LOAD_INDEX.
func (l *looks) probeIndex(dir string) string {
	for _, ext := range extensions {
		if file := filepath.Join(dir, "index"+ext); l.isFile(file) {
			return file
		}
	}
	return ""
}
