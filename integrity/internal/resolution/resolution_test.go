//go:build unix

package resolution

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/tree"
)

const rootName = "root" // of the directory of newResolver

// newResolver writes files ("path: text", or "path -> target" for a link) below a
// new directory and returns a Resolver over it.
func newResolver(t *testing.T, files ...string) *Resolver {
	t.Helper()
	parent, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	root := filepath.Join(parent, rootName)
	must(t, os.Mkdir(root, 0o777))
	for _, f := range files {
		name, text, _ := strings.Cut(f, ": ")
		link, target, isLink := strings.Cut(f, " -> ")
		if isLink {
			name = link
		}
		file := filepath.Join(root, name)
		must(t, os.MkdirAll(filepath.Dir(file), 0o777))
		if isLink {
			must(t, os.Symlink(target, file))
		} else {
			must(t, os.WriteFile(file, []byte(text), 0o666))
		}
	}
	tr, err := tree.Open(root)
	must(t, err)
	t.Cleanup(func() { tr.Close() })
	return New(tr, nil)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var resolveTests = []struct {
	name      string
	files     []string
	dir       string
	specifier string
	isImport  bool
	want      string // as recorded formats it
}{
	{"exact file", []string{"a.js"}, "", "./a.js", false, "files=a.js"},
	{"the first extension", []string{"a.js", "a.json", "a.node"}, "", "./a", false, "files=a.js"},
	{"file before directory", []string{"a.js", "a/index.js"}, "", "./a", false, "files=a.js"},
	{"directory with index", []string{"a/index.json"}, "", "./a", false, "files=a/index.json"},
	{"directory with main", []string{"a/package.json: {\"main\":\"lib\"}", "a/lib.js"}, "", "./a", false, "files=a/lib.js manifests=a/package.json"},
	{"main that is not there", []string{"a/package.json: {\"main\":\"lib\"}", "a/index.js"}, "", "./a", false, "missing=./a/lib files=a/index.js manifests=a/package.json"},
	{"main that is absolute", []string{"a/package.json: {\"main\":\"/lib.js\"}", "a/lib.js", "a/index.js"}, "", "./a", false, "files=a/index.js manifests=a/package.json"},
	{"main that leaves the directory", []string{"a/package.json: {\"main\":\"../b.js\"}", "b.js"}, "", "./a", false, "files=b.js manifests=a/package.json"},
	{"a member twice", []string{"a/package.json: {\"main\":\"b\",\"main\":\"c\"}", "a/b.js", "a/c.js"}, "", "./a", false, "files=a/c.js manifests=a/package.json"},
	{"nothing there", nil, "lib", "./a", false, "missing=./lib/a"},
	{"only a directory, by a slash", []string{"a.js", "a/index.js"}, "", "./a/", false, "files=a/index.js"},
	{"only a directory, by dots", []string{"a.js", "a/package.json: {\"main\":\"m\"}", "a/m.js"}, "a/b", "..", false, "files=a/m.js manifests=a/package.json"},
	{"no directory", []string{"a.js"}, "", "./a/", false, "missing=./a"},
	{"nothing there, through a link", []string{"lib -> real", "real/b.js"}, "", "./lib/a", false, "missing=./real/a links=lib"},
	{"nothing there, nor its directory, through a link", []string{"lib -> real", "real/b.js"}, "", "./lib/c/a", false, "missing=./real/c/a links=lib"},
	{"out of the root", nil, "lib", "../../a", false, "missing=../a"},
	{"percent escapes of import", []string{"a b.js"}, "", "./a%20b.js?x#y", true, "files=a b.js"},
	{"percent signs of require", []string{"a%20b.js"}, "", "./a%20b", false, "files=a%20b.js"},
	{"package with index", []string{"node_modules/p/index.js"}, "lib", "p", false, "files=node_modules/p/index.js packages=node_modules/p"},
	{"package with exports", []string{"node_modules/p/package.json: {\"exports\":\"./x.js\"}", "node_modules/p/x.js"}, "", "p", false, "manifests=node_modules/p/package.json packages=node_modules/p"},
	{"exports twice", []string{"node_modules/p/package.json: {\"exports\":\"./x.js\",\"exports\":{\"default\":\"./y.js\"}}", "node_modules/p/y.js"}, "", "p", false, "files=node_modules/p/y.js manifests=node_modules/p/package.json packages=node_modules/p"},
	{"subpath", []string{"node_modules/@s/p/package.json: {}", "node_modules/@s/p/lib/x.js"}, "", "@s/p/lib/x", false, "files=node_modules/@s/p/lib/x.js manifests=node_modules/@s/p/package.json packages=node_modules/@s/p"},
	{"package by a slash, beside a file", []string{"node_modules/p.js", "node_modules/p/index.js"}, "", "p/", false, "files=node_modules/p/index.js packages=node_modules/p"},
	{"file by a slash", []string{"node_modules/p.js"}, "", "p/", false, "missing=p"},
	{"subpath that is not there", []string{"node_modules/p/package.json: {}"}, "", "p/x", false, "missing=./node_modules/p/x,p manifests=node_modules/p/package.json packages=node_modules/p"},
	{"the nearest wins", []string{"node_modules/p/index.js", "a/node_modules/p/index.js"}, "a/b", "p", false, "files=a/node_modules/p/index.js packages=a/node_modules/p"},
	{"an empty nearer directory is skipped", []string{"node_modules/p/index.js", "a/node_modules/p/README.md"}, "a/b", "p", false, "missing=./a/node_modules/p/index files=node_modules/p/index.js packages=a/node_modules/p,node_modules/p"},
	{"not below node_modules twice", []string{"node_modules/q/index.js"}, "node_modules/p", "q", false, "files=node_modules/q/index.js packages=node_modules/q"},
	{"a file in node_modules", []string{"node_modules/p.js"}, "", "p", false, "files=node_modules/p.js"},
	{"not installed", nil, "lib", "@s/p/x", false, "missing=@s/p"},
	{"self-reference", []string{"package.json: {\"name\":\"me\",\"exports\":\"./x.js\"}"}, "lib", "me", false, "missing=./x.js"},
	{"imports to a package", []string{"package.json: {\"imports\":{\"#a\":{\"node\":\"p\",\"default\":\"./x.js\"},\"#b/*\":\"q/*\"}}", "node_modules/p/index.js", "node_modules/q/index.js"}, "", "#a", true, "missing=./x.js files=node_modules/p/index.js,node_modules/q/index.js packages=node_modules/p,node_modules/q directories=node_modules/p,node_modules/q"},
	{"a link to a package", []string{"node_modules/p -> .pnpm/p/node_modules/p", "node_modules/.pnpm/p/node_modules/p/index.js"}, "", "p", false, "files=node_modules/.pnpm/p/node_modules/p/index.js links=node_modules/p packages=node_modules/.pnpm/p/node_modules/p"},
	{"a link that leads out", []string{"node_modules/p -> ../../elsewhere"}, "", "p", false, "links=node_modules/p outside=node_modules/p"},
	{"a builtin with its scheme", nil, "", "node:fs", false, ""},
	{"a data URL", nil, "", "data:text/javascript,1", true, ""},
	{"subpath that leads out of the root", []string{"node_modules/p/index.js"}, "", "p/../../../x", false, "packages=node_modules/p"},
	{"subpath of nothing that leads out of the root", nil, "", "p/../../../x", false, ""},
	{"target that leads out of the root", []string{"node_modules/p/package.json: {\"exports\":\"./x.js\",\"exports\":\"./../../../y.js\"}"}, "", "p", false, "manifests=node_modules/p/package.json packages=node_modules/p"},
	{"target out of a pattern", []string{"node_modules/p/package.json: {\"exports\":{\"./f/*\":\"./f/*.js\"}}", "node_modules/p/f/x.js"}, "", "p/f/x", false, "manifests=node_modules/p/package.json packages=node_modules/p"},
	{"target out of a pattern that is missing", []string{"node_modules/p/package.json: {\"exports\":{\"./f/*\":\"./f/*.js\"}}"}, "", "p/f/x", false, "missing=./node_modules/p/f/x.js manifests=node_modules/p/package.json packages=node_modules/p"},
	{"target out of a pattern that leads out of the root", []string{"node_modules/p/package.json: {\"exports\":{\"./*\":\"./*\"}}"}, "", "p/../../../x", false, "manifests=node_modules/p/package.json packages=node_modules/p"},
	{"percent escapes of a subpath", []string{"node_modules/p/package.json: {\"exports\":{\"./*\":\"./%2e/*.js\"}}"}, "", "p/a%20b", true, "missing=./node_modules/p/a b.js manifests=node_modules/p/package.json packages=node_modules/p directories=node_modules/p"},
	{"a query of a subpath", []string{"node_modules/p/package.json: {\"exports\":{\"./*\":\"./*.js\"}}"}, "", "p/a?b", true, "missing=./node_modules/p/a manifests=node_modules/p/package.json packages=node_modules/p directories=node_modules/p"},
	{"self-reference by a pattern", []string{"package.json: {\"name\":\"me\",\"exports\":{\"./*\":\"./*.js\"}}"}, "lib", "me/x", false, "missing=./x.js"},
	{"imports by a pattern", []string{"package.json: {\"imports\":{\"#f/*\":[\"./f/*.js\",\"p/*\"]}}"}, "", "#f/x", false, "missing=./f/x.js,p"},
	{"imports to a builtin", []string{"package.json: {\"imports\":{\"#a\":\"fs\",\"#b\":\"_stream_wrap\"}}"}, "", "#a", false, "missing=_stream_wrap"},
	{"no imports, by require", nil, "", "#a/b", false, "missing=#a"},
	{"no imports, by import", nil, "", "#a/b", true, ""},
	{"imports without the name", []string{"package.json: {\"imports\":{}}"}, "", "#a", false, ""},
	{"a name with a colon, by require", nil, "", "a:b/c", false, "missing=a:b"},
	{"a name with a colon, by import", nil, "", "a:b/c", true, ""},
	{"a builtin", nil, "", "fs/promises", false, ""},
	{"a builtin of some versions", nil, "", "_stream_wrap", false, "missing=_stream_wrap"},
	{"a builtin of some versions that is a package with exports", []string{"node_modules/_stream_wrap/package.json: {\"exports\":\"./x.js\"}", "node_modules/_stream_wrap/x.js"}, "", "_stream_wrap", false, "files=node_modules/_stream_wrap/x.js manifests=node_modules/_stream_wrap/package.json packages=node_modules/_stream_wrap"},
	{"a link to nothing", []string{"x.js -> a/b"}, "", "./x", false, "missing=./a/b,./x links=x.js"},
	{"a link to nothing on the way", []string{"x -> a/b"}, "", "./x/y", false, "missing=./a/b,./a/b/y links=x"},
	{"a chain to nothing", []string{"x -> y", "y -> z"}, "", "./x", false, "missing=./x,./z links=x,y"},
	{"a link back out of nothing", []string{"x -> a/../b"}, "", "./x", false, "missing=./a,./b,./x links=x"},
	{"package.json is a link to nothing", []string{"node_modules/p/package.json -> m.json", "node_modules/p/index.js"}, "", "p", false, "missing=./node_modules/p/m.json files=node_modules/p/index.js links=node_modules/p/package.json packages=node_modules/p"},
	{"back into the root", []string{"a.js"}, "", "../" + rootName + "/a", false, "files=a.js"},
	{"import stops at a directory", []string{"a/node_modules/p/x", "node_modules/p/index.js"}, "a", "p", true, "missing=./a/node_modules/p/index files=node_modules/p/index.js packages=a/node_modules/p,node_modules/p directories=a/node_modules/p,node_modules/p"},
	{"a target that is a directory", []string{"node_modules/p/package.json: {\"exports\":{\"./a\":\"./d\",\"./b/\":\"./e/\"}}", "node_modules/p/d/x", "node_modules/p/e/x"}, "", "p/a", false, "manifests=node_modules/p/package.json packages=node_modules/p directories=node_modules/p/d"},
	{"a scope alone", nil, "", "@s/../p", false, ""},
}

func TestResolve(t *testing.T) {
	for _, c := range resolveTests {
		t.Run(c.name, func(t *testing.T) {
			r := newResolver(t, c.files...)
			if _, err := r.Resolve(c.dir, c.specifier, c.isImport); err != nil {
				t.Fatal(err)
			}
			if got := recorded(r.Record()); got != c.want {
				t.Errorf("recorded %s\nwant     %s", got, c.want)
			}
		})
	}
}

// recorded lists what a record holds.
func recorded(r *Record) string {
	var all []string
	for _, set := range []struct {
		name string
		of   []string
	}{{"missing", r.Missing()}, {"files", r.Files()}, {"links", r.Links()}, {"manifests", r.Manifests()}, {"packages", r.Packages()}, {"outside", r.Outside()}, {"directories", r.Directories()}} {
		if len(set.of) > 0 {
			all = append(all, set.name+"="+strings.Join(set.of, ","))
		}
	}
	return strings.Join(all, " ")
}

// FuzzResolve checks that every recorded path can be a key of a map: none leads out
// of the root, whatever a module and the packages that it imports contain.
func FuzzResolve(f *testing.F) {
	for _, c := range resolveTests {
		manifest := "{}"
		for _, file := range c.files {
			if _, text, ok := strings.Cut(file, "package.json: "); ok {
				manifest = text
			}
		}
		f.Add(c.specifier, manifest, c.isImport)
	}
	f.Fuzz(func(t *testing.T, specifier, manifest string, isImport bool) {
		r := newResolver(t, "node_modules/p/package.json: "+manifest, "lib/package.json: "+manifest, "node_modules/q -> ../lib/p")
		if _, err := r.Resolve("lib", specifier, isImport); err != nil && len(specifier)+len(manifest) < 200 {
			t.Error(err) // a name too long for the system is an error
		}
		rec := r.Record()
		for _, p := range slices.Concat(rec.Outside(), rec.Files(), rec.Links(), rec.Manifests(), rec.Packages(), rec.Directories(), rec.Missing()) {
			p = strings.TrimPrefix(p, "./")
			if p != "" && p != path.Clean(p) || isAboveRoot(p) && !slices.Contains(rec.Missing(), p) || strings.HasPrefix(p, "/") {
				t.Errorf("%q is recorded", p)
			}
		}
	})
}

func TestTargetsNest(t *testing.T) {
	for depth, want := range map[int]int{50: 1, 200: 0} {
		text := `{"imports":{"#a":` + strings.Repeat("[", depth) + `"p"` + strings.Repeat("]", depth) + `}}`
		if got := parseManifest(tree.Place{}, []byte(text)).bareTargets; len(got) != want {
			t.Errorf("%d deep: %d targets, want %d", depth, len(got), want)
		}
	}
}

// FuzzManifest checks that no package.json makes parseManifest panic or return a target
// of the wrong kind.
func FuzzManifest(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, ``, `{"main":1}`, `{"name":"a","main":"./b","exports":null}`, "\uFEFF{\"main\":\"x\"}",
		`{"imports":{"#a":["p/*",{"node":"q"},null]},"exports":"./a","exports":{".":["./b",{"x":"./c"}]}}`, `{"main":"x"`,
		`{"imports":{"#a":` + strings.Repeat("[", 200) + `"p"` + strings.Repeat("]", 200) + `}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m := parseManifest(tree.Place{}, data)
		for _, s := range m.bareTargets {
			if !isBare(s) && s != "" {
				t.Errorf("%q is not a bare target", s)
			}
		}
		for _, s := range m.oddTargets {
			if !isExactPath(s) {
				t.Errorf("%q is not a path", s)
			}
		}
	})
}
