//go:build unix

package scopes

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/noderesolve"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// scopesTests are trees, whose files are all pinned but those marked "!", the packages
// among their directories, and questions "dir specifier". The names are imports, scopes
// and require, as JSON.
var scopesTests = []struct {
	name, packages  string
	files           []string
	questions       []string
	imports, scopes string
	require         string
}{
	{"names of the project", "node_modules/a", []string{"app.js", "node_modules/a/index.js"}, []string{" a", "lib a"},
		`{"a":"./node_modules/a/index.js"}`, `{}`, `{}`},
	{"names of a package", "node_modules/a node_modules/b", []string{"node_modules/a/index.js", "node_modules/b/index.js", "node_modules/b/x.js"}, []string{"node_modules/a b", "node_modules/a/lib b/x.js", "node_modules/a/lib b/x"},
		`{}`, `{"./node_modules/a/":{"b":"./node_modules/b/index.js","b/x.js":"./node_modules/b/x.js"}}`, `{"./node_modules/a/":{"b/x":"./node_modules/b/x.js"}}`},
	{"require gets another file", "node_modules/a", []string{`node_modules/a/package.json: {"exports":{"import":"./i.mjs","require":"./r.cjs"}}`, "node_modules/a/i.mjs", "node_modules/a/r.cjs"}, []string{" a"},
		`{"a":"./node_modules/a/i.mjs"}`, `{}`, `{"./":{"a":"./node_modules/a/r.cjs"}}`},
	{"only import gets a file", "node_modules/a", []string{`node_modules/a/package.json: {"exports":{"import":"./i.mjs"}}`, "node_modules/a/i.mjs"}, []string{" a"},
		`{"a":"./node_modules/a/i.mjs"}`, `{}`, `{"./":{"a":null}}`},
	{"a nearer node_modules", "node_modules/a node_modules/a/lib/node_modules/b node_modules/b", []string{"node_modules/a/index.js", "node_modules/a/lib/node_modules/b/index.js", "node_modules/b/index.js"}, []string{"node_modules/a b"},
		`{}`, `{"./node_modules/a/":{"b":"./node_modules/b/index.js"},"./node_modules/a/lib/":{"b":"./node_modules/a/lib/node_modules/b/index.js"}}`, `{}`},
	{"a nearer package that is not that one", "node_modules/a node_modules/a/lib/node_modules/c node_modules/b", []string{"node_modules/a/index.js", "node_modules/a/lib/node_modules/c/index.js", "node_modules/b/index.js"}, []string{"node_modules/a b"},
		`{}`, `{"./node_modules/a/":{"b":"./node_modules/b/index.js"}}`, `{}`},
	{"a nearer package.json", "node_modules/a", []string{`node_modules/a/package.json: {"imports":{"#x":"./x.js"}}`, "node_modules/a/x.js", `node_modules/a/lib/package.json: {}`}, []string{"node_modules/a #x"},
		`{}`, `{"./node_modules/a/":{"#x":"./node_modules/a/x.js"},"./node_modules/a/lib/":{"#x":null}}`, `{}`},
	{"a nearer package.json with conditions", "", []string{`package.json: {"imports":{"#x":{"import":"./i.js","require":"./r.js"}}}`, "i.js", "r.js", `lib/package.json: {"imports":{"#x":"./y.js"}}`, "lib/y.js"}, []string{" #x"},
		`{"#x":"./i.js"}`, `{"./lib/":{"#x":"./lib/y.js"}}`, `{"./":{"#x":"./r.js"},"./lib/":{"#x":"./lib/y.js"}}`},
	{"a file that is not pinned", "node_modules/a", []string{"!node_modules/a/index.js"}, []string{" a"}, `{}`, `{}`, `{}`},
	{"what depends on the version of Node", "node_modules/a node_modules/_stream_wrap", []string{`node_modules/a/package.json: {"exports":{"module-sync":"./i.mjs","default":"./r.cjs"}}`, "node_modules/a/i.mjs", "node_modules/a/r.cjs", "node_modules/_stream_wrap/index.js"}, []string{" a", " _stream_wrap"},
		`{}`, `{}`, `{}`},
	{"specifiers that are not bare", "node_modules/a", []string{"node_modules/a/index.js", "app.js"}, []string{" ./app.js", " fs", " node:fs", " /app.js", " https://a/b", " "},
		`{}`, `{}`, `{}`},
	{"a builtin module by a name of imports", "", []string{`package.json: {"imports":{"#fs":"fs"}}`}, []string{" #fs"}, `{"#fs":"node:fs"}`, `{}`, `{"./":{"#fs":null}}`},
	{"odd names", "node_modules/a", []string{"node_modules/a/index.js", "node_modules/a/b c.js"}, []string{" a/b c.js"}, `{"a/b c.js":"./node_modules/a/b%20c.js"}`, `{}`, `{}`},
}

func TestOf(t *testing.T) {
	for _, test := range scopesTests {
		t.Run(strings.ReplaceAll(test.name, " ", "-"), func(t *testing.T) {
			root, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			m := &mapfile.Map{Files: map[string]string{}, Packages: map[string]mapfile.Package{"": {}}}
			for _, f := range test.files {
				name, text, _ := strings.Cut(f, ": ")
				name, unpinned := strings.CutPrefix(name, "!")
				testenv.WriteFile(t, root, name, []byte(text))
				if !unpinned {
					m.Files[name] = "x"
				}
			}
			for _, dir := range strings.Fields(test.packages) {
				m.Packages[dir] = mapfile.Package{}
			}
			names := namesOf(t, root, m, test.questions)
			for _, part := range []struct {
				got  any
				want string
			}{{names.Imports, test.imports}, {names.Scopes, test.scopes}, {names.Require, test.require}} {
				got, err := json.Marshal(part.got)
				if err != nil {
					t.Fatal(err)
				}
				if want := strings.ReplaceAll(part.want, "null", `""`); string(got) != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			}
		})
	}
}

func namesOf(t *testing.T, root string, m *mapfile.Map, texts []string) mapfile.Names {
	tr, err := tree.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	var questions []Question
	for _, text := range texts {
		dir, specifier, _ := strings.Cut(text, " ")
		questions = append(questions, Question{dir, specifier})
	}
	names, err := Of(m, questions, noderesolve.New(tr, nil))
	if err != nil {
		t.Fatal(err)
	}
	return names
}
