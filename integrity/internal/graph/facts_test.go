package graph

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/filecache"
	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

var exampleFacts = []facts{
	{},
	{scope: "s", requests: []moduleRequest{{api.ResolveJSRequireCall, "./b"}, {api.ResolveJSImportStatement, "c"}}},
	{specifiers: []jsscan.Specifier{
		{Place: jsscan.Place{Start: 1, End: 2, Line: 3, Column: 4}, Kind: jsscan.Pattern, Text: "a/\x00.js", Probe: true, Optional: true},
		{Kind: jsscan.Require, Text: "b", From: "../c", FromEntry: true, FromWorkingDir: true, Deep: true, Handled: true, Data: true},
	}},
}

func TestFactsCodec(t *testing.T) {
	for _, f := range exampleFacts {
		got, ok := decodeFacts(f.encode())
		if diff := cmp.Diff(f, got, cmp.AllowUnexported(facts{}, moduleRequest{})); !ok || diff != "" {
			t.Errorf("decodeFacts = %v (-want +got):\n%s", ok, diff)
		}
	}
}

func FuzzDecodeFacts(f *testing.F) {
	for _, e := range exampleFacts {
		f.Add(e.encode())
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := decodeFacts(text)
		if !ok {
			return
		}
		again, ok := decodeFacts(got.encode())
		if diff := cmp.Diff(got, again, cmp.AllowUnexported(facts{}, moduleRequest{})); !ok || diff != "" {
			t.Errorf("decodeFacts = %v:\n%s", ok, diff)
		}
	})
}

// TestEscapedName checks which sources may write require with escapes.
func TestEscapedName(t *testing.T) {
	for text, want := range map[string]bool{
		`requ\u0069re('./' + x)`: true, `\u{72}equire('./' + x)`: true, `'\u00e9'`: false, `"\u2028"`: false, `'\\u'`: false, `\u`: false,
	} {
		if got := hasEscapedName([]byte(text)); got != want {
			t.Errorf("hasEscapedName(%s) = %v", text, got)
		}
	}
}

// TestCachedGraph checks which modules a second Discover reads, and that it finds the same.
func TestCachedGraph(t *testing.T) {
	files := map[string]string{
		"package.json":                "{}",
		"a.js":                        "require('./b'); import('c'); new Worker(__dirname + '/w.js'); try { require('none') } catch {}",
		"b.js":                        "module.exports = 1 < 2 ? 'b' : { };",
		"w.js":                        "import './m.mjs'; export * from './n.mjs'",
		"m.mjs":                       "import data from './d.json' with { type: 'json' }",
		"n.mjs":                       "",
		"d.json":                      "{}",
		"node_modules/c/index.js":     "require(name)",
		"node_modules/c/package.json": `{ "name": "c" }`,
	}
	root := lay(t, files)
	time.Sleep(2100 * time.Millisecond)
	cache := t.TempDir()
	os.Chmod(cache, 0o700)
	first, _ := discoverWith(t, root, cache)
	second, read := discoverWith(t, root, cache)
	if diff := cmp.Diff(first, second, cmp.AllowUnexported(hasher.Digest{})); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
	// Those with a message or a gap, and those with what a stub cannot have.
	want := []string{"a.js", "m.mjs", "node_modules/c/index.js"}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Errorf("the second reads (-want +got):\n%s", diff)
	}

	// A stub about which there is a message is read.
	if err := os.Remove(filepath.Join(root, "n.mjs")); err != nil {
		t.Fatal(err)
	}
	third, read := discoverWith(t, root, cache)
	if !slices.Contains(read, "w.js") {
		t.Errorf("the third reads %v", read)
	}
	found := slices.ContainsFunc(third.Unresolved, func(u Unresolved) bool {
		return u.Path == "w.js" && u.Specifier == "./n.mjs" && u.Line == 1 && u.Column == 33
	})
	if !found {
		t.Errorf("the name that resolves to nothing is missing: %v", third.Unresolved)
	}
}

// TestCachedType checks that a module is read again when a package.json gives it another type:
// a comment as in HTML is an error in an ES module.
func TestCachedType(t *testing.T) {
	root := lay(t, map[string]string{
		"package.json": `{}`, "lib/package.json": `{}`, "a.js": "require('./lib/b')", "lib/b.js": "var b\n<!-- a comment\nrequire('../c')", "c.js": "",
	})
	time.Sleep(2100 * time.Millisecond)
	cache := t.TempDir()
	os.Chmod(cache, 0o700)
	if g, _ := discoverWith(t, root, cache); len(g.Gaps) > 0 {
		t.Fatalf("gaps: %v", g.Gaps)
	}
	if _, read := discoverWith(t, root, cache); len(read) > 0 {
		t.Errorf("the second reads %v", read)
	}
	if err := os.WriteFile(filepath.Join(root, "lib", "package.json"), []byte(`{ "type": "module" }`), 0o644); err != nil {
		t.Fatal(err)
	}
	if g, _ := discoverWith(t, root, cache); len(g.Gaps) != 1 {
		t.Errorf("with another type, gaps: %v", g.Gaps)
	}
}

// discoverWith returns the graph of a.js and the modules that were read.
func discoverWith(t *testing.T, root, cacheDir string) (g *Graph, read []string) {
	t.Helper()
	tr, err := tree.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	cache := filecache.Open(cacheDir, tr, "importmap.json")
	if cache == nil {
		t.Skip("the file system of the temporary directory keeps no times")
	}
	reads := make(chan string, 100)
	g, err = Discover(t.Context(), Options{
		Root: root, Dir: root, Entries: []string{filepath.Join(root, "a.js")}, Algorithms: hasher.SetOf(hasher.SHA256), Cache: cache,
		Read: func(p string, limit int64) ([]byte, error) {
			reads <- p
			return cache.Read(p, limit)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	cache.Save()
	close(reads)
	for p := range reads {
		read = append(read, p)
	}
	slices.Sort(read)
	return g, read
}
