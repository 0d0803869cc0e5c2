package program

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/pnparchive"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// TestMemo: a walk after a package was added finds what a walk without memo finds, and
// reads the modules on the disk again only if it has to.
func TestMemo(t *testing.T) {
	const common = "require('added'); require('./own');"
	for _, tt := range []struct {
		name, main string
		rereads    bool
	}{
		{"the project's own module", common, false},
		{"a package's module", common + "require('here')", false},
		{"two rounds", common + "require('here/*.js')", false},
		{"a path", common + "const file = require('path').join(__dirname, 'node_modules/added/lib/more.js')", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			writeFiles(t, root, map[string]string{
				"package.json": `{"name": "main", "dependencies": {"added": "1"}}`, "main.js": tt.main, "own.js": "first",
				"node_modules/here/package.json": `{"name": "here"}`,
				"node_modules/here/index.js":     "require('added/lib/more'); require('absent')",
				"node_modules/here/*.js":         "require('added')",
			})
			want := walkFiles(t, openTree(t, root, true), nil)
			memo := new(Memo)
			before := walkFiles(t, openTree(t, root, false), memo)
			if before["node_modules/added/lib/more.js"] != "" || want["node_modules/added/lib/more.js"] == "" {
				t.Fatalf("without the added package: %q, with it: %q", before, want)
			}
			writeFiles(t, root, map[string]string{"own.js": "second"})
			got := walkFiles(t, openTree(t, root, true), memo)
			if rereads := got["own.js"] != want["own.js"]; rereads != tt.rereads {
				t.Errorf("own.js was read again: %t, want %t", rereads, tt.rereads)
			}
			got["own.js"] = want["own.js"]
			if !maps.Equal(got, want) {
				t.Errorf("with a memo: %q, want %q", got, want)
			}
		})
	}
}

func writeFiles(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(root, name)
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		if err == nil {
			err = os.WriteFile(file, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

var addedPackage = map[string]string{
	"package.json": `{"name": "added", "main": "lib"}`, "lib/index.js": "require('./more')", "lib/more.js": "require('here')",
}

// isAdded reports whether p is a file of the added package.
func isAdded(p string) bool {
	member, ok := strings.CutPrefix(p, "node_modules/added/")
	return ok && addedPackage[member] != ""
}

// openTree opens a tree, with the added package mounted or not.
func openTree(t *testing.T, root string, mounted bool) *tree.Tree {
	t.Helper()
	tr, err := tree.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	if mounted {
		read := func(member string) ([]byte, error) { return []byte(addedPackage[member]), nil }
		if err := tr.MountDir("node_modules/added", slices.Sorted(maps.Keys(addedPackage)), read); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

// walkFiles walks from main.js and returns the digests of the files by path, and the gaps.
func walkFiles(t *testing.T, tr *tree.Tree, memo *Memo) map[string]string {
	t.Helper()
	kind, err := tr.Kind("node_modules/added")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Walk(t.Context(), Options{
		Tree: tr, Dir: tr.Root(), Entries: []string{tr.Abs("main.js")}, Algorithms: hasher.SetOf(hasher.SHA256), PnP: &pnparchive.Project{}, Memo: memo,
		IsMounted: func(p string) bool { return kind == tree.Directory && isAdded(p) }, IsOpaque: func(string) bool { return false },
		Progress: func(int) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for name, r := range p.Files {
		files[name] = hasher.Format(r.Digests)
	}
	for _, gap := range p.Gaps {
		files["gap "+gap.Path+" "+gap.Text] = string(gap.Reason)
	}
	return files
}
