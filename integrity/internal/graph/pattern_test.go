package graph

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/internal/jsscan"
)

var patternFiles = []string{
	"package.json",
	"lib/a.js", "lib/b.mjs", "lib/c.json", "lib/d.txt", "lib/e.d.ts", "lib/.hidden.js", "lib/noext",
	"lib/one/index.js", "lib/two/package.json", "lib/none/readme.md", "lib/x-a.js", "lib/x-b.min.js",
	"lib/node_modules/p/index.js", "lib/three/sub.js", "lib/three/sub/deep.js",
	"node_modules/q/l/a.js", "node_modules/q/package.json", "node_modules/@s/r/l/a.js", "node_modules/@s/r/package.json",
}

// patternRoot returns a project with patternFiles, and links in lib: in to a directory of
// lib, out and out.js out of the project, loop to lib itself, gone to nothing, ring and
// ring.js to themselves.
func patternRoot(t *testing.T) string {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(top, "app")
	for _, name := range append([]string{"../away/index.js", "../away/a.js"}, patternFiles...) {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{"in": "one", "out": "../../away", "out.js": "../../away/a.js", "loop": ".", "gone": "nothing", "ring": "ring", "ring.js": "ring.js"} {
		if err := os.Symlink(filepath.FromSlash(target), filepath.Join(root, "lib", name)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestExpand(t *testing.T) {
	root := patternRoot(t)
	for _, tt := range []struct {
		name, dir, pattern string
		probe              bool
		want               string
	}{
		{"all, by require", ".", "lib/*", true, "lib/a.js lib/b.mjs lib/c.json lib/in lib/one lib/two lib/x-a.js lib/x-b.min.js"},
		{"all, by import", ".", "lib/*", false, "lib/a.js lib/b.mjs lib/c.json lib/x-a.js lib/x-b.min.js"},
		{"extension", ".", "lib/*.js", false, "lib/a.js lib/x-a.js lib/x-b.min.js"},
		{"another extension", ".", "lib/*.txt", true, "lib/d.txt"},
		{"prefix", ".", "lib/x-*", true, "lib/x-a.js lib/x-b.min.js"},
		{"no extension that Node loads", ".", "lib/*-a", true, "lib/x-a.js"},
		{"both ends", "lib", "x-*.min.js", true, "lib/x-b.min.js"},
		{"two wildcards", "lib", "*-*.js", true, "lib/x-a.js lib/x-b.min.js"},
		{"hidden", ".", "lib/.*.js", true, "lib/.hidden.js"},
		{"directories", ".", "lib/*/index.js", false, "lib/in/index.js lib/one/index.js"},
		{"directories, probed", ".", "lib/*/sub", true, "lib/three/sub"},
		{"wildcard below wildcard", ".", "lib/*/*/*.js", true, "lib/loop/in/index.js lib/loop/loop/a.js lib/loop/loop/x-a.js lib/loop/loop/x-b.min.js lib/loop/one/index.js lib/loop/three/sub.js lib/three/sub/deep.js"},
		{"upward", "lib/one", "../x-*", true, "lib/x-a.js lib/x-b.min.js"},
		{"out of the project", ".", "../away/*", true, ""},
		{"in a package", "node_modules/q/l", "../l/*", true, "node_modules/q/l/a.js"},
		{"in a scoped package", "node_modules/@s/r", "l/*", true, "node_modules/@s/r/l/a.js"},
		{"out of a package", "node_modules/q", "../@s/r/l/*", true, ""},
		{"into node_modules", ".", "node_modules/q/l/*", true, ""},
		{"no such directory", ".", "nothing/*", true, ""},
		{"a file as a directory", ".", "lib/a.js/*", true, ""},
		{"a loop of links as a directory", ".", "lib/ring/*", true, ""},
		{"a name that is too long", ".", strings.Repeat("n", 300) + "/*", true, ""},
		{"a name that is too long, after a wildcard", ".", "lib/*/" + strings.Repeat("n", 300), true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDiscovery(Options{Root: root, Dir: root})
			var got []string
			for _, path := range d.expand(filepath.Join(root, tt.dir), jsscan.Specifier{Text: strings.ReplaceAll(tt.pattern, "*", jsscan.Wildcard), Probe: tt.probe}) {
				rel, err := filepath.Rel(root, path)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, filepath.ToSlash(rel))
			}
			if d.err != nil {
				t.Fatal(d.err)
			}
			if diff := cmp.Diff(strings.Fields(tt.want), got); diff != "" && len(got)+len(tt.want) > 0 {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestExpandLimits checks that a pattern with too many files matches none.
func TestExpandLimits(t *testing.T) {
	root := t.TempDir()
	for i := range maxOptionalMatches + 1 {
		if err := os.WriteFile(filepath.Join(root, "a"+strings.Repeat("b", i%200)+strings.Repeat("c", i/200)+".js"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	d := newDiscovery(Options{Root: root, Dir: root})
	p := jsscan.Specifier{Text: "a" + jsscan.Wildcard, Probe: true}
	if n := len(d.expand(root, p)); n != maxOptionalMatches+1 {
		t.Errorf("loaded: %d files, want %d", n, maxOptionalMatches+1)
	}
	p.Optional = true
	if n := len(d.expand(root, p)); n != 0 {
		t.Errorf("mentioned: %d files, want none", n)
	}
}
