package program

import (
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

var installScriptTests = []struct {
	name, text string
	want       map[string]string
}{
	{"none", `{"scripts": {"test": "x", "prepare": "x"}}`, nil},
	{"all", `{"scripts": {"preinstall": "a", "install": "b", "postinstall": "c"}}`, map[string]string{"preinstall": "a", "install": "b", "postinstall": "c"}},
	{"the last of two", `{"scripts": {"install": "a"}, "scripts": {"install": "b", "install": "c"}}`, map[string]string{"install": "c"}},
	{"escapes", `{"scripts": {"postinst\u0061ll": "a"}}`, map[string]string{"postinstall": "a"}},
	{"escapes alone", `{"scripts": {"postin\u0073tall": "a"}}`, map[string]string{"postinstall": "a"}},
	{"byte order mark", "\uFEFF" + `{"scripts": {"install": "a"}}`, map[string]string{"install": "a"}},
	{"another case", `{"Scripts": {"install": "a"}, "scripts": {"Install": "a"}}`, nil},
	{"no text", `{"scripts": {"install": ["a"], "postinstall": "", "preinstall": " "}}`, nil},
	{"no object", `{"scripts": "install"}`, nil},
	{"no JSON", `install`, nil},
	{"null", `null //install`, nil},
}

func TestInstallScripts(t *testing.T) {
	for _, c := range installScriptTests {
		if diff := cmp.Diff(c.want, installScripts([]byte(c.text))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

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
		"node_modules/a": {"install": buildAddon},
		"node_modules/b": {"install": "make"},
		"node_modules/c": {"install": buildAddon, "postinstall": "x"},
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

// FuzzInstallScripts checks that a map can hold the scripts of any package.json.
func FuzzInstallScripts(f *testing.F) {
	for _, c := range installScriptTests {
		f.Add([]byte(c.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		commands := installScripts(text)
		if commands == nil {
			return
		}
		for _, command := range commands {
			if !utf8.ValidString(command) {
				t.Fatalf("%q is not UTF-8", command)
			}
		}
		m := &mapfile.Map{Coverage: mapfile.Graph, Entries: []string{"a"}, Files: map[string]string{"a": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
			Packages: map[string]mapfile.Package{"node_modules/a": {Install: commands}}}
		doc, err := m.Document(nil)
		if err != nil {
			t.Fatal(err)
		}
		doc, err = mapfile.ReadDocument("m", string(doc.Format()))
		if err != nil {
			t.Fatal(err)
		}
		back, err := mapfile.Parse("m", doc)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(commands, back.Packages["node_modules/a"].Install); diff != "" {
			t.Errorf("read back (-written +read):\n%s", diff)
		}
	})
}
