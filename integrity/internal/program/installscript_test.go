package program

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A package with a binding.gyp is built when it is installed, unless a script builds it.
func TestInstallBindingGyp(t *testing.T) {
	root := t.TempDir()
	for dir, text := range map[string]string{
		"node_modules/a": `{"name": "a"}`,
		"node_modules/b": `{"name": "b", "scripts": {"install": "make"}}`,
		"node_modules/c": `{"name": "c", "scripts": {"postinstall": "x"}}`,
		"packages/own":   `{"name": "own", "scripts": {"postinstall": "x"}}`,
	} {
		dir = filepath.Join(root, dir)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"package.json": text, "binding.gyp": ""} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	tr, err := tree.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	for dir, want := range map[string]map[string]string{
		"node_modules/a": {"install": mapfile.BuildAddon},
		"node_modules/b": {"install": "make"},
		"node_modules/c": {"install": mapfile.BuildAddon, "postinstall": "x"},
		"packages/own":   nil,
	} {
		p, err := NewManifests(tr).Package(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, p.Install); diff != "" {
			t.Errorf("%s (-want +got):\n%s", dir, diff)
		}
	}
}
