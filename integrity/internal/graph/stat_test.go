package graph

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// failing returns an os.Stat that fails with EIO for path.
func failing(path string) statFunc {
	return func(name string) (fs.FileInfo, error) {
		if name == path {
			return nil, &fs.PathError{Op: "stat", Path: name, Err: syscall.EIO}
		}
		return os.Stat(name)
	}
}

// TestIsAbsent checks the errors that the system returns for paths without a file, and
// the errors that must be reported.
func TestIsAbsent(t *testing.T) {
	root := lay(t, map[string]string{"file": ""})
	if err := os.Symlink("ring", filepath.Join(root, "ring")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"none", "file/x", "ring", "ring/x", strings.Repeat("n", 300), "a\x00b"} {
		path := filepath.Join(root, name)
		if _, err := os.Stat(path); !safefile.IsAbsentName(err) {
			t.Errorf("%.20q: %v is not absent", name, err)
		}
		if ok, err := statFunc(os.Stat).isRegular(path); ok || err != nil {
			t.Errorf("isRegular(%.20q): %v, %v", name, ok, err)
		}
		if real, err := statFunc(os.Stat).realPath(path); real != "" || err != nil {
			t.Errorf("realPath(%.20q): %q, %v", name, real, err)
		}
	}
	for _, err := range []error{nil, syscall.EIO, syscall.EACCES, syscall.EMFILE, fs.ErrPermission} {
		if safefile.IsAbsentName(err) {
			t.Errorf("%v is absent", err)
		}
	}
}

// TestExpandReportsErrors checks that an I/O error is not taken for a missing file.
func TestExpandReportsErrors(t *testing.T) {
	root := lay(t, map[string]string{"l/a.js": "", "l/b/index.js": ""})
	for _, path := range []string{"l/a.js", "l/b/index.js"} {
		d := newDiscovery(Options{Root: root, Dir: root})
		d.stat = failing(filepath.Join(root, path))
		files := d.expand(root, jsscan.Specifier{Text: "l/" + jsscan.Wildcard, Probe: true})
		if len(files) != 0 || !errors.Is(d.err, syscall.EIO) {
			t.Errorf("%s: %v, %v", path, files, d.err)
		}
	}
}

// TestMentionReportsErrors does the same for a file that a module only mentions.
func TestMentionReportsErrors(t *testing.T) {
	root := lay(t, map[string]string{"b.js": ""})
	d := newDiscovery(Options{Root: root, Dir: root})
	d.stat = failing(filepath.Join(root, "b.js"))
	d.source(filepath.Join(root, "a.js"), "a.js", []byte("use(__dirname + '/b.js')"))
	if !errors.Is(d.err, syscall.EIO) {
		t.Errorf("%v, want EIO", d.err)
	}
}
