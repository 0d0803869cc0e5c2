package installs

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// treeOf returns a tree with empty files, and links "PATH -> TARGET".
func treeOf(t *testing.T, entries ...string) *tree.Tree {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		p, target, isLink := strings.Cut(e, " -> ")
		p = filepath.Join(root, filepath.FromSlash(p))
		err := os.MkdirAll(filepath.Dir(p), 0o755)
		if isLink && err == nil {
			err = os.Symlink(target, p)
		} else if err == nil {
			err = os.WriteFile(p, nil, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	tr, err := tree.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	return tr
}

const pnpmLock = `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: 1.0.0, version: 1.0.0}
    devDependencies:
      d: {specifier: 1.0.0, version: 1.0.0}
    optionalDependencies:
      o: {specifier: 1.0.0, version: 1.0.0}
packages:
  a@1.0.0: {resolution: {integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==}}
  d@1.0.0: {resolution: {integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==}}
  o@1.0.0: {resolution: {integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==}, os: [linux], cpu: [x64]}
snapshots:
  a@1.0.0:
    optionalDependencies: {o: 1.0.0}
  d@1.0.0: {}
  o@1.0.0: {optional: true}
`

// Describe finds the conditions of packages, and the links that depend on what else
// is installed.
func TestDescribe(t *testing.T) {
	const store = "node_modules/.pnpm/"
	lock, err := lockfile.Parse("pnpm-lock.yaml", pnpmLock, lockfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(treeOf(t), lock)
	if err != nil {
		t.Fatal(err)
	}
	a, d, o := store+"a@1.0.0/node_modules/a", store+"d@1.0.0/node_modules/d", store+"o@1.0.0/node_modules/o"
	m := &mapfile.Map{
		Packages: map[string]mapfile.Package{"": {}, a: {Name: "a", Version: "1.0.0"}, d: {Name: "d", Version: "1.0.0"}, o: {Name: "o", Version: "2.0.0"}},
		Links: map[string]string{
			"node_modules/a": "./" + a, "node_modules/d": "./" + d, store + "node_modules/a": "./" + a,
			store + "a@1.0.0/node_modules/o": "./" + o, "elsewhere": "./" + a,
		},
	}
	p.Describe(m)
	conditions := make(map[string]mapfile.Condition)
	for dir, pkg := range m.Packages {
		conditions[dir] = pkg.Condition
	}
	// The version of o that is installed is not the lockfile's, so nothing is known of it.
	if diff := cmp.Diff(map[string]mapfile.Condition{"": {}, a: {}, d: {Dev: true}, o: {}}, conditions); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
	want := []string{store + "a@1.0.0/node_modules/o", store + "node_modules/a", "node_modules/d"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(m.OptionalLinks))); diff != "" {
		t.Errorf("optional links (-want +got):\n%s", diff)
	}
	m.Packages[o] = mapfile.Package{Name: "o", Version: "1.0.0"}
	p.Describe(m)
	if diff := cmp.Diff(mapfile.Condition{Optional: true, OS: []string{"linux"}, CPU: []string{"x64"}}, m.Packages[o].Condition); diff != "" {
		t.Errorf("condition of an optional package (-want +got):\n%s", diff)
	}
}

// leftOutMap returns a map with packages that may be absent, and links to them.
func leftOutMap() *mapfile.Map {
	m := &mapfile.Map{
		Packages: map[string]mapfile.Package{
			"": {}, "node_modules/a": {}, "node_modules/d": {Condition: mapfile.Condition{Dev: true}},
			"node_modules/d/node_modules/n": {}, "node_modules/mac": {Condition: mapfile.Condition{OS: []string{"darwin"}}},
			".pnpm/x@1/node_modules/x": {Condition: mapfile.Condition{Optional: true}},
		},
		Links: map[string]string{
			"node_modules/link-d": "./node_modules/d", "node_modules/hoisted": "./node_modules/a", "node_modules/link-a": "./node_modules/a",
			".pnpm/x@1/node_modules/beside": "./node_modules/a", "node_modules/d/bin": "./node_modules/d/1.js",
		},
		OptionalLinks: map[string]bool{"node_modules/hoisted": true},
	}
	for _, f := range []string{"app.js", "node_modules/a/i.js", "node_modules/d/1.js", "node_modules/d/2.js", "node_modules/d/node_modules/n/i.js", "node_modules/mac/i.js", ".pnpm/x@1/node_modules/x/i.js"} {
		m.Pinned = append(m.Pinned, mapfile.Pinned{Path: f})
	}
	return m
}

func TestLeftOut(t *testing.T) {
	m := leftOutMap()
	linux := lockfile.Platform{OS: "linux", CPU: "x64", Libc: "glibc"}
	tests := []struct {
		name            string
		on              lockfile.Platform
		exists          []string // in the tree
		missing         string   // paths of findings
		leftOut, remain string
	}{
		{"nothing", linux, nil, "", "", ""},
		{"a package for development", linux, nil, "node_modules/d/1.js node_modules/d/2.js", "node_modules/d", ""},
		{"a part of it", linux, nil, "node_modules/d/1.js", "", "node_modules/d/1.js"},
		{"a required package", linux, nil, "node_modules/a/i.js", "", "node_modules/a/i.js"},
		{"a required package in one for development", linux, nil, "node_modules/d/1.js node_modules/d/2.js node_modules/d/node_modules/n/i.js", "node_modules/d", "node_modules/d/node_modules/n/i.js"},
		{"another platform's", linux, nil, "node_modules/mac/i.js", "node_modules/mac", ""},
		{"this platform's", lockfile.Platform{OS: "darwin", CPU: "arm64"}, nil, "node_modules/mac/i.js", "", "node_modules/mac/i.js"},
		{"the link to a package that is left out", linux, nil, "node_modules/d/1.js node_modules/d/2.js node_modules/link-d", "node_modules/d", ""},
		{"the link to one that is not", linux, nil, "node_modules/link-d", "", "node_modules/link-d"},
		{"a link in a package that is left out", linux, nil, "node_modules/d/1.js node_modules/d/2.js node_modules/d/bin", "node_modules/d", ""},
		{"a required link", linux, nil, "node_modules/link-a", "", "node_modules/link-a"},
		{"an optional link", linux, nil, "node_modules/hoisted", "", ""},
		{"a link in a directory that is left out", linux, nil, ".pnpm/x@1/node_modules/x/i.js .pnpm/x@1/node_modules/beside", ".pnpm/x@1/node_modules/x", ""},
		{"one in a directory that is not", linux, []string{".pnpm/x@1/node_modules/y"}, ".pnpm/x@1/node_modules/x/i.js .pnpm/x@1/node_modules/beside", ".pnpm/x@1/node_modules/x", ".pnpm/x@1/node_modules/beside"},
		{"a file of the project", linux, nil, "app.js", "", "app.js"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var findings []problem.Finding
			for _, p := range strings.Fields(tt.missing) {
				findings = append(findings, problem.Finding{Code: problem.Missing, Path: p})
			}
			findings = append(findings, problem.Finding{Code: problem.Mismatch, Path: "node_modules/a/i.js"})
			dirs, rest := LeftOut(treeOf(t, tt.exists...), m, tt.on, m.Pinned, findings)
			var remain []string
			for _, f := range rest[:len(rest)-1] {
				remain = append(remain, f.Path)
			}
			if got := strings.Join(slices.Sorted(maps.Keys(dirs)), " "); got != tt.leftOut {
				t.Errorf("left out %q, want %q", got, tt.leftOut)
			}
			if got := strings.Join(remain, " "); got != tt.remain {
				t.Errorf("remaining findings %q, want %q", got, tt.remain)
			}
		})
	}
}
