package mapfile

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
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

func TestReadInstallScripts(t *testing.T) {
	for _, c := range installScriptTests {
		if diff := cmp.Diff(c.want, ReadInstallScripts([]byte(c.text))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// FuzzReadInstallScripts checks that a map can hold the scripts of any package.json.
func FuzzReadInstallScripts(f *testing.F) {
	for _, c := range installScriptTests {
		f.Add([]byte(c.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		commands := ReadInstallScripts(text)
		if commands == nil {
			return
		}
		for _, command := range commands {
			if !utf8.ValidString(command) {
				t.Fatalf("%q is not UTF-8", command)
			}
		}
		m := &Map{Coverage: Graph, Entries: []string{"a"}, Files: map[string]string{"a": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
			Packages: map[string]Package{"node_modules/a": {Install: commands}}}
		doc, err := m.Document(nil)
		if err != nil {
			t.Fatal(err)
		}
		doc, err = ReadDocument("m", string(doc.Format()))
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse("m", doc)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(commands, back.Packages["node_modules/a"].Install); diff != "" {
			t.Errorf("read back (-written +read):\n%s", diff)
		}
	})
}
