package project

import (
	"os"
	"path/filepath"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// A prober looks for files as Node does, and keeps the first error that does not
// mean "absent". To Node, every path that it cannot stat is absent. But the content
// of a map must not depend on a failing disk, or on the user who runs nodeint.
type prober struct{ err error }

// isFile reports whether path is a file that Node would read: a regular one, links
// followed.
func (pr *prober) isFile(path string) bool {
	info, err := os.Stat(path)
	return pr.exists(err) && info.Mode().IsRegular()
}

func (pr *prober) isDir(path string) bool {
	info, err := os.Stat(path)
	return pr.exists(err) && info.IsDir()
}

// exists reports whether an error of stat means that the path exists.
func (pr *prober) exists(err error) bool {
	if safefile.IsAbsentName(err) {
		return false
	}
	if pr.err == nil {
		pr.err = err
	}
	return err == nil
}

// probe returns the file that `node path` starts: the file itself, the file with an
// extension, or for a directory, the file of main or index. It returns "" if there is
// none. See https://nodejs.org/api/modules.html#all-together.
func (pr *prober) probe(path string) string {
	if file := pr.probeFile(path); file != "" {
		return file
	}
	if !pr.isDir(path) {
		return ""
	}
	if m, err := readManifest(path); err == nil && m != nil {
		if main := m.members["main"]; main.Type == gjson.String && main.Str != "" {
			return pr.probeMain(path, main.Str)
		}
	}
	return pr.probeIndex(path)
}

// probeMain is LOAD_AS_DIRECTORY for a package.json with a main: it tries the file
// main, then the directory main, then the index of dir.
func (pr *prober) probeMain(dir, main string) string {
	path := filepath.Join(dir, filepath.FromSlash(main))
	if file := pr.probeFile(path); file != "" {
		return file
	}
	if file := pr.probeIndex(path); file != "" {
		return file
	}
	return pr.probeIndex(dir)
}

// probeFile is LOAD_AS_FILE.
func (pr *prober) probeFile(path string) string {
	if pr.isFile(path) {
		return path
	}
	for _, ext := range nodejs.RequireExtensions() {
		if pr.isFile(path + ext) {
			return path + ext
		}
	}
	return ""
}

// probeIndex is LOAD_INDEX.
func (pr *prober) probeIndex(dir string) string {
	for _, ext := range nodejs.RequireExtensions() {
		if file := filepath.Join(dir, "index"+ext); pr.isFile(file) {
			return file
		}
	}
	return ""
}

// ReadFile returns the bytes of a regular file, links followed. A file that is larger
// than limit is an error. It does not wait for a FIFO.
func ReadFile(path string, limit int64) ([]byte, error) { return safefile.Read(path, limit) }
