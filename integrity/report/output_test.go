package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withMember is a map with coverage, patterns and absent names.
func withMember(t *testing.T, coverage string) *Map {
	t.Helper()
	m := parsed(t)
	switch coverage {
	case "":
		return nil
	case "graph":
		m.parsed.Coverage = "graph"
	case "tree":
		m.parsed.Coverage = "tree"
	default:
		m.parsed.Coverage = "dependencies"
	}
	m.parsed.Include, m.parsed.Exclude = []string{"data/*.txt"}, []string{"out/**"}
	m.parsed.Absent = []string{"./wanted", "pkg"}
	return m
}

// outputs are files below the root, and why CheckOutput refuses them.
var outputs = []struct {
	file, coverage string
	want           string // in the error; "" if there is none
}{
	{"new.sarif", "dependencies", ""},
	{"old.sarif", "dependencies", ""},
	{"new.sarif", "", ""},
	{"../new.json", "", ""},
	{"docs/out.sarif", "tree", ""},
	{"importmap.json", "dependencies", "the map or its envelope"},
	{"IMPORTMAP.JSON.dsse.json", "dependencies", "the map or its envelope"},
	{"link.sarif", "dependencies", "the map or its envelope"},
	{"importmap.json.dsse.json", "", "the map or its envelope"},
	{"dangling.sarif", "dependencies", "a link to nothing"},
	{"lib", "dependencies", "not a regular file"},
	{"docs/package.json", "", "a file of the program"},
	{"yarn.lock", "dependencies", "a file of the program"},
	{"lib/a b.js", "graph", "a file of the program"},
	{"lib/A B.js", "graph", "a file of the program"},
	{"docs/lib/a b.js", "graph", "a file of the program"},
	{"node_modules/dep/index.js", "dependencies", "a file of the program"},
	{"node_modules/dep/new.sarif", "dependencies", "the next map would pin"},
	{"node_modules/dep/new.sarif", "", "the next map would pin"},
	{"node_modules/.cache/new.json", "dependencies", ""},
	{"lib/new.json", "dependencies", "the next map would pin"},
	{"lib/new.json", "", "the next map would pin"},
	{"lib/new.json", "graph", ""},
	{"out/new.json", "dependencies", ""},
	{"out/new.json", "tree", ""},
	{"new.sarif", "tree", "the next map would pin"},
	{".git/new.json", "tree", ""},
	{"data/new.txt", "graph", "the next map would pin"},
	{"lib/a b", "graph", "the next map would pin"},
	{"wanted", "graph", "the next map would pin"},
}

// A report may be a new file that no map would pin, or a file outside of the root.
func TestCheckOutput(t *testing.T) {
	outer, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(outer, "root")
	for _, name := range []string{"root/lib/a b.js", "root/node_modules/dep/index.js", "root/importmap.json", "root/old.sarif", "root/data/x", "root/docs/x", "root/out/x", "root/.git/x"} {
		file := filepath.Join(outer, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for to, link := range map[string]string{"importmap.json": "link.sarif", "lib": "docs/lib", "nothing": "dangling.sarif", "../outside.sarif": "docs/out.sarif"} {
		if err := os.Symlink(filepath.Join(root, filepath.FromSlash(to)), filepath.Join(root, filepath.FromSlash(link))); err != nil {
			t.Skip(err)
		}
	}
	if err := os.WriteFile(filepath.Join(outer, "outside.sarif"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	own := []string{filepath.Join(root, "importmap.json"), filepath.Join(root, "importmap.json.dsse.json")}
	for _, test := range outputs {
		err := CheckOutput(filepath.Join(root, filepath.FromSlash(test.file)), root, own, withMember(t, test.coverage))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s with the coverage %q: %v, want %q", test.file, test.coverage, err, test.want)
		}
	}
	if err := CheckOutput(filepath.Join(root, "x.js"), root, nil); err == nil {
		t.Error("without any map, a module was accepted")
	}
}
