package output

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
)

const mapText = `{
  "integrity": {
    "./app.js": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "./lib/a%20b.js": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "./node_modules/dep/index.js": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
  }
}
`

// mapOf returns a map with the coverage, with patterns and absent names; nil without a
// coverage.
func mapOf(t *testing.T, coverage mapfile.Coverage) *mapfile.Map {
	t.Helper()
	if coverage == "" {
		return nil
	}
	_, m, err := mapfile.Read("importmap.json", mapText)
	if err != nil {
		t.Fatal(err)
	}
	m.Coverage = coverage
	m.Include, m.Exclude = []string{"data/*.txt"}, []string{"out/**"}
	m.Absent = []string{"./wanted", "pkg"}
	return m
}

// outputs are files below the root, and why Check refuses them.
var outputs = []struct {
	file     string
	coverage mapfile.Coverage
	want     string // in the error; "" if there is none
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
func TestCheck(t *testing.T) {
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
			testenv.Unavailable(t, "%v", err)
		}
	}
	if err := os.WriteFile(filepath.Join(outer, "outside.sarif"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range outputs {
		err := guardOf(t, root, test.coverage).Check(fileOf(root, test.file))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s with the coverage %q: %v, want %q", test.file, test.coverage, err, test.want)
		}
	}
	if err := new(Guard).Check(fileOf(root, "x.js")); err == nil {
		t.Error("without any map, a module was accepted")
	}
}

func guardOf(t *testing.T, root string, coverage mapfile.Coverage) *Guard {
	own := filepath.Join(root, "importmap.json")
	return &Guard{root: root, own: []string{own, own + ".dsse.json"}, maps: []*mapfile.Map{mapOf(t, coverage)}}
}

func fileOf(root, name string) File {
	return File{Flag: "--output", What: "the report", Path: filepath.Join(root, filepath.FromSlash(name))}
}

// A command writes no file that it reads, and no file twice, under any spelling.
func TestCheckInputs(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"key.pub", "trace"} {
		if err := os.WriteFile(filepath.Join(root, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("trace", filepath.Join(root, "link")); err != nil {
		testenv.Unavailable(t, "%v", err)
	}
	g := guardOf(t, root, mapfile.Dependencies)
	g.AddInputs(filepath.Join(root, "key.pub"), filepath.Join(root, "trace"), filepath.Join(root, "none"))
	for _, test := range []struct{ file, want string }{
		{"a.sarif", ""},
		{"key.pub", "a file that this command reads"},
		{"link", "a file that this command reads"},
		{"none", "a file that this command reads"},
		{"./x/../NONE", "a file that this command reads"},
		{"A.sarif", "a file that this command also writes"},
		{"b.sarif", ""},
	} {
		err := g.Check(fileOf(root, test.file))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.file, err, test.want)
		}
	}
}

// A trace may be next to code. A file that a command appends to may be a device.
func TestCheckKinds(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path               string
		appended, pinnable bool
		want               string
	}{
		{filepath.Join(root, "run.json"), false, true, ""},
		{filepath.Join(root, "run.json"), false, false, "the next map would pin"},
		{filepath.Join(root, "app.js"), false, false, "would replace"},
		{filepath.Join(root, "app.js"), true, false, "would change"},
		{filepath.Join(root, "wanted"), false, true, "the next map would pin"},
		{filepath.Join(root, "Package.json"), false, true, "a file of the program"},
		{os.DevNull, true, false, ""},
		{os.DevNull, false, false, "not a regular file"},
		{root, true, false, "not a regular file"},
	} {
		f := File{Flag: "--out", What: "the trace", Path: test.path, Appended: test.appended, Pinnable: test.pinnable}
		err := guardOf(t, root, mapfile.Dependencies).Check(f)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", f, err, test.want)
		}
	}
}
