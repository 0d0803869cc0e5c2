//go:build unix

package mapfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// newTree returns a tree of files, "dir/" and "link -> target".
func newTree(t *testing.T, entries ...string) *tree.Tree {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	for _, e := range entries {
		name, target, isLink := strings.Cut(e, " -> ")
		file := filepath.Join(root, name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(file), 0o777)
		}
		switch {
		case err != nil:
		case isLink:
			err = os.Symlink(target, file)
		case strings.HasSuffix(e, "/"):
			err = os.MkdirAll(file, 0o777)
		default:
			err = os.WriteFile(file, nil, 0o666)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	tr, err := tree.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

func TestLinkTarget(t *testing.T) {
	for text, want := range map[string]string{
		"x.js": "./lib/x.js", "./x.js": "./lib/x.js", "../x.js": "./x.js", "..//./x.js": "./x.js", "d/": "./lib/d",
		"./": "./lib", "..": "./", "d/../x.js": "d/../x.js", "./d/../x.js": "./d/../x.js", "../../x": "../../x", "/etc/x": "/",
	} {
		if got, err := LinkTarget(newTree(t, "lib/l -> "+text), "lib/l"); err != nil || got != want {
			t.Errorf("LinkTarget of %q = %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestAcceptsTarget(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		absent     string
		more       string
		accepted   bool
	}{
		{text: "x.js", want: "./lib/x.js", accepted: true},
		{text: "./x.js", want: "./lib/x.js", accepted: true},
		{text: "../x.js", want: "./lib/x.js"},
		{text: "./x.js", want: "./x.js", accepted: true}, // a map of an earlier version
		{text: "./x.js", want: "./x.js", more: "x.js"},
		{text: "./x.js", want: "./x.js", more: "x.js/"},
		{text: "./x.js", want: "./x.js", absent: "./x.js"},
		{text: "d//x.js", want: "d//x.js", accepted: true}, // as well
		{text: "d//y.js", want: "d//x.js"},
		{text: "d/../x.js", want: "d/../x.js", accepted: true},
		{text: "x.js", want: "d/../x.js"},
	} {
		m := &Map{Links: map[string]string{"lib/l": tt.want}}
		entries := []string{"lib/l -> " + tt.text}
		if tt.more != "" {
			entries = append(entries, tt.more)
		}
		if tt.absent != "" {
			m.Absent = []string{tt.absent}
		}
		tr := newTree(t, entries...)
		got, err := LinkTarget(tr, "lib/l")
		if err != nil {
			t.Fatal(err)
		}
		if ok := m.AcceptsTarget(tr, "lib/l", got); ok != tt.accepted {
			t.Errorf("%+v: %v", tt, ok)
		}
	}
}

func TestCompareDirectories(t *testing.T) {
	tr := newTree(t, "a/d/", "a/f", "a/l -> d")
	for dir, want := range map[string]string{"a/d": "", "a/f": "wrong-kind", "a/l": "wrong-kind", "a/n": "missing", "a/l/x": "missing"} {
		findings, err := (&Map{Directories: []string{dir}}).CompareDirectories(tr)
		got := ""
		for _, f := range findings {
			got += string(f.Code)
		}
		if err != nil || got != want {
			t.Errorf("CompareDirectories of %s: %q, %v, want %q", dir, got, err, want)
		}
	}
}

func TestAddDirectories(t *testing.T) {
	m := &Map{
		Files:         map[string]string{"a/b/x.js": ""},
		Links:         map[string]string{"l/m": "./x", "o/p": "./x"},
		OptionalLinks: map[string]bool{"o/p": true},
		Packages:      map[string]Package{"node_modules/dev": {Condition: Condition{Dev: true}}, "node_modules/p": {}},
	}
	m.AddDirectories([]string{"a", "a/b", "a/c", "l", "o", "node_modules/dev/d", "node_modules/p/d", "a/c"})
	if got := strings.Join(m.Directories, " "); got != "a/c node_modules/p/d o" {
		t.Errorf("the directories are %s", got)
	}
}
