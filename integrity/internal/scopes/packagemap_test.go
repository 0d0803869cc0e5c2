//go:build unix

package scopes

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A manifestTable is what package.json files declare: "NAME…", and "=NAME" for a package
// with exports, by directory.
type manifestTable map[string]string

func (m manifestTable) Declared(dir string) ([]string, error) {
	return slices.DeleteFunc(strings.Fields(m[dir]), func(name string) bool { return name[0] == '=' }), nil
}

func (m manifestTable) ExportedName(dir string) (string, error) {
	for _, name := range strings.Fields(m[dir]) {
		if own, ok := strings.CutPrefix(name, "="); ok {
			return own, nil
		}
	}
	return "", nil
}

// packageTests are trees, whose files are all pinned but those marked "!" and those with
// "->", which are links; the names of the packages by directory; what these declare; and
// questions "dir specifier". The package map is JSON, and left are the questions that it
// does not answer.
var packageTests = []struct {
	name      string
	files     []string
	packages  map[string]string
	manifests manifestTable
	questions []string
	want      string
	left      string
}{
	{"the root in parts", []string{"app.js", "lib/x.js", "data.json", "node_modules/a/i.js"}, map[string]string{"": "app", "node_modules/a": "a"}, nil, []string{" a", "lib a/x.js"},
		`{"":{"a":"node_modules/a"},"app.js":{"a":"node_modules/a"},"lib":{"a":"node_modules/a"},"node_modules/a":{"a":"node_modules/a"}}`, ""},
	{"declared names", []string{"app.js", "node_modules/a/i.js", "node_modules/b/i.js"}, map[string]string{"": "app", "node_modules/a": "a", "node_modules/b": "b"}, manifestTable{"node_modules/a": "b none"}, nil,
		`{"":{},"app.js":{},"node_modules/a":{"a":"node_modules/a","b":"node_modules/b"},"node_modules/b":{"b":"node_modules/b"}}`, ""},
	{"a package for itself", []string{"node_modules/a/lib/i.js", "node_modules/b/i.js"}, map[string]string{"node_modules/a": "a", "node_modules/b": "b"}, manifestTable{"node_modules/a": "=a", "node_modules/b": "=other"}, []string{"node_modules/a/lib a"},
		`{"node_modules/a":{"a":"node_modules/a"},"node_modules/b":{"b":"node_modules/b"}}`, ""},
	{"a nearer version", []string{"node_modules/a/i.js", "node_modules/a/node_modules/b/i.js", "node_modules/b/i.js"}, map[string]string{"node_modules/a": "a", "node_modules/a/node_modules/b": "b", "node_modules/b": "b"}, manifestTable{"node_modules/a": "b"}, nil,
		`{"node_modules/a":{"a":"node_modules/a","b":"node_modules/a/node_modules/b"},"node_modules/a/node_modules/b":{"b":"node_modules/a/node_modules/b"},"node_modules/b":{"b":"node_modules/b"}}`, ""},
	{"a nearer version that is not pinned", []string{"node_modules/a/i.js", "!node_modules/a/node_modules/b/i.js", "node_modules/b/i.js"}, map[string]string{"node_modules/a": "a", "node_modules/b": "b"}, manifestTable{"node_modules/a": "b"}, nil,
		`{"node_modules/a":{"a":"node_modules/a"},"node_modules/b":{"b":"node_modules/b"}}`, ""},
	{"a node_modules in a package", []string{"node_modules/a/i.js", "node_modules/a/lib/i.js", "node_modules/a/lib/node_modules/b/i.js", "node_modules/b/i.js", "node_modules/c/i.js"},
		map[string]string{"node_modules/a": "a", "node_modules/a/lib/node_modules/b": "b", "node_modules/b": "b", "node_modules/c": "c"}, manifestTable{"node_modules/a": "b c =a"}, []string{"node_modules/a/lib b"},
		`{"node_modules/a":{"a":"node_modules/a","b":"node_modules/b","c":"node_modules/c"},"node_modules/a/lib":{"a":"node_modules/a","b":"node_modules/a/lib/node_modules/b","c":"node_modules/c"},"node_modules/a/lib/node_modules/b":{"b":"node_modules/a/lib/node_modules/b"},"node_modules/b":{"b":"node_modules/b"},"node_modules/c":{"c":"node_modules/c"}}`, ""},
	{"pnpm", []string{"app.js", "node_modules/a -> node_modules/.pnpm/a@1/node_modules/a", "node_modules/.pnpm/a@1/node_modules/a/i.js", "node_modules/.pnpm/a@1/node_modules/p -> node_modules/.pnpm/p@1/node_modules/p",
		"node_modules/.pnpm/a@1_p@2/node_modules/a/i.js", "node_modules/.pnpm/a@1_p@2/node_modules/p -> node_modules/.pnpm/p@2/node_modules/p", "node_modules/.pnpm/p@1/node_modules/p/i.js", "node_modules/.pnpm/p@2/node_modules/p/i.js"},
		map[string]string{"": "app", "node_modules/.pnpm/a@1/node_modules/a": "a", "node_modules/.pnpm/a@1_p@2/node_modules/a": "a", "node_modules/.pnpm/p@1/node_modules/p": "p", "node_modules/.pnpm/p@2/node_modules/p": "p"},
		manifestTable{"": "a", "node_modules/.pnpm/a@1/node_modules/a": "p", "node_modules/.pnpm/a@1_p@2/node_modules/a": "p"}, nil,
		`{"":{"a":"node_modules/.pnpm/a@1/node_modules/a"},"app.js":{"a":"node_modules/.pnpm/a@1/node_modules/a"},"node_modules/.pnpm/a@1/node_modules/a":{"a":"node_modules/.pnpm/a@1/node_modules/a","p":"node_modules/.pnpm/p@1/node_modules/p"},"node_modules/.pnpm/a@1_p@2/node_modules/a":{"a":"node_modules/.pnpm/a@1_p@2/node_modules/a","p":"node_modules/.pnpm/p@2/node_modules/p"},"node_modules/.pnpm/p@1/node_modules/p":{"p":"node_modules/.pnpm/p@1/node_modules/p"},"node_modules/.pnpm/p@2/node_modules/p":{"p":"node_modules/.pnpm/p@2/node_modules/p"}}`, ""},
	{"a workspace", []string{"packages/app/i.js", "node_modules/b -> packages/b", "packages/b/i.js", "node_modules/c/i.js"}, map[string]string{"": "root", "packages/app": "app", "packages/b": "b", "node_modules/c": "c"}, manifestTable{"": "c", "packages/app": "b"}, nil,
		`{"":{"c":"node_modules/c"},"node_modules/c":{"c":"node_modules/c"},"packages/app":{"b":"packages/b","c":"node_modules/c"},"packages/b":{"c":"node_modules/c"}}`, ""},
	{"a package without package.json", []string{"app.js", "node_modules/a/i.js"}, map[string]string{"": "app"}, nil, []string{" a"},
		`{"":{"a":"node_modules/a"},"app.js":{"a":"node_modules/a"},"node_modules/a":{}}`, ""},
	{"a package in a package", []string{"node_modules/a/i.js", "node_modules/a/sub/i.js", "node_modules/b/i.js"}, map[string]string{"node_modules/a": "a", "node_modules/a/sub": "sub", "node_modules/b": "b"}, manifestTable{"node_modules/a": "=a", "node_modules/a/sub": "b"}, nil,
		`{"node_modules/a":{"a":"node_modules/a"},"node_modules/a/sub":{"a":"node_modules/a","b":"node_modules/b"},"node_modules/b":{"b":"node_modules/b"}}`, ""},
	{"a file in node_modules", []string{"app.js", "node_modules/a.js"}, map[string]string{"": "app"}, nil, []string{" a.js", " a"},
		`{"":{},"app.js":{},"node_modules":{}}`, " a.js"},
	{"a link that is not pinned", []string{"app.js", "!node_modules/b -> packages/b", "packages/b/i.js"}, map[string]string{"": "app", "packages/b": "b"}, nil, []string{" b"},
		`{"":{},"app.js":{},"packages/b":{}}`, " b"},
	{"what is no name of a package", []string{"app.js"}, map[string]string{"": "app"}, nil, []string{" fs", " node:fs", " #x", " ./x", " https://a/b", " @s", " none"},
		`{"":{},"app.js":{}}`, ""},
}

func TestNodePackages(t *testing.T) {
	for _, test := range packageTests {
		t.Run(strings.ReplaceAll(test.name, " ", "-"), func(t *testing.T) {
			root, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			m := &mapfile.Map{Coverage: mapfile.Graph, Files: map[string]string{}, Links: map[string]string{}, Packages: map[string]mapfile.Package{}}
			for _, f := range test.files {
				addFile(t, root, m, f)
			}
			for dir, name := range test.packages {
				m.Packages[dir] = mapfile.Package{Name: name}
			}
			var questions []Question
			for _, text := range test.questions {
				dir, specifier, _ := strings.Cut(text, " ")
				questions = append(questions, Question{dir, specifier})
			}
			tr, err := tree.Open(root)
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close()
			packages, left, err := NodePackages(m, tr, questions, test.manifests)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(packages)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			var texts []string
			for _, q := range left {
				texts = append(texts, q.Dir+" "+q.Specifier)
			}
			if got := strings.Join(texts, ", "); got != test.left {
				t.Errorf("left %q, want %q", got, test.left)
			}
			checkReadable(t, m, packages)
		})
	}
}

// addFile adds a file or link of a test.
func addFile(t *testing.T, root string, m *mapfile.Map, text string) {
	t.Helper()
	text, unpinned := strings.CutPrefix(text, "!")
	name, target, isLink := strings.Cut(text, " -> ")
	switch {
	case isLink:
		if err := os.MkdirAll(filepath.Join(root, target), 0o755); err != nil {
			t.Fatal(err)
		}
		testenv.WriteLink(t, root, name, filepath.Join(root, target))
		if !unpinned {
			m.Links[name] = mapfile.KeyOf(target)
		}
	default:
		testenv.WriteFile(t, root, name, nil)
		if !unpinned {
			m.Files[name] = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
		}
	}
}

// checkReadable checks that verify accepts the package map.
func checkReadable(t *testing.T, m *mapfile.Map, packages mapfile.NodePackages) {
	t.Helper()
	m.NodePackages = packages
	doc, err := m.Document(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mapfile.Parse("importmap.json", doc); err != nil {
		t.Error(err)
	}
}
