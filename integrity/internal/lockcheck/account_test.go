package lockcheck

import (
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
)

func TestPackageDir(t *testing.T) {
	for p, want := range map[string]string{
		"node_modules/a/b.js":                  "node_modules/a",
		"lib/node_modules/@s/a/lib/b.js":       "lib/node_modules/@s/a",
		"node_modules/a/node_modules/b/c/d.js": "node_modules/a/node_modules/b",
		"node_modules/x.js":                    "node_modules/x.js",
		"node_modules/@s/x.js":                 "node_modules/@s/x.js",
		"node_modules/@s":                      "node_modules/@s",
		"node_modules/.bin/x":                  "node_modules/.bin/x",
		"node_modules/.vite/deps/x.js":         "node_modules/.vite",
	} {
		if got := packageDir(p); got != want {
			t.Errorf("packageDir(%q) = %q, want %q", p, got, want)
		}
	}
}

func TestIsInModules(t *testing.T) {
	for p, want := range map[string]bool{
		"node_modules/a.js": true, "a/node_modules/b": true, "a.js": false, "my_node_modules/a.js": false, "a/node_modules.js": false, "node_modules": false,
	} {
		if got := isInModules(p); got != want {
			t.Errorf("isInModules(%q) = %v", p, got)
		}
	}
}

// What the program loads and no archive contains is listed, and is a finding with
// Options.Require.
func TestAccount(t *testing.T) {
	w := newTestProject(t)
	w.write(t, "lib/node_modules/x/index.js", "1")
	w.write(t, "lib/node_modules/x/a.js", "1")
	w.write(t, "node_modules/.bin/b", "1")
	w.write(t, "node_modules/y/index.js", "1") // a finding already
	w.scripts = []string{".prisma"}
	w.write(t, "node_modules/.prisma/index.js", "1")
	pinned := []string{
		"app.js", "node_modules/a/index.js", "node_modules/@s/b/node_modules/in/index.js", "node_modules/git/index.js", "node_modules/.package-lock.json",
		"lib/node_modules/x/index.js", "lib/node_modules/x/a.js", "node_modules/.bin/b", "node_modules/y/index.js", "node_modules/.prisma/index.js",
	}
	for _, require := range []bool{false, true} {
		checked := w.check(t)
		before := checked.counts[Unanchored]
		r := &Result{Summary: &Summary{Classes: checked.counts}, checker: checked.checker, require: require}
		for _, p := range checked.packages {
			if p.Reason != "" {
				r.Summary.Unanchored = append(r.Summary.Unanchored, UnanchoredPackage{p.Dir, p.Name, p.Reason})
			}
		}
		r.Account(slices.Values(pinned))
		var listed, found []string
		for _, p := range r.Summary.Unanchored {
			listed = append(listed, p.Path)
		}
		for _, f := range r.Findings {
			found = append(found, f.Path)
		}
		want := []string{"lib/node_modules/x", "node_modules/.bin/b", "node_modules/git"}
		if !slices.Equal(listed, want) || checked.counts[Unanchored] != before+3 {
			t.Errorf("listed %q, %d files", listed, checked.counts[Unanchored]-before)
		}
		if require != slices.Equal(found, want) || !require && found != nil {
			t.Errorf("require %v: findings %q", require, found)
		}
	}
}

func TestIdentity(t *testing.T) {
	for text, want := range map[string]string{
		`{"name":"a","version":"1.0.0"}`:                          "a@1.0.0",
		"\ufeff" + `{"name":"a","version":"1.0.0"}`:               "a@1.0.0",
		`{"name":"a","version":"1.0.0","name":"b"}`:               "b@1.0.0",
		`{"Name":"b","name":"a","VERSION":"2","version":"1.0.0"}`: "a@1.0.0",
		`{"name":"a"}`: "", `{"version":"1.0.0"}`: "", `{"name":1,"version":"1.0.0"}`: "", `[]`: "", ``: "", `{`: "",
	} {
		name, version, ok := identity(&tarball.Listing{Manifest: []byte(text)})
		if got := name + "@" + version; ok != (want != "") || ok && got != want {
			t.Errorf("%s: got %q, %v", text, got, ok)
		}
	}
}

func TestPlainVersion(t *testing.T) {
	for version, want := range map[string]string{"1.0.0": "1.0.0", "v1.0.0": "1.0.0", " =1.0.0 ": "1.0.0", "1.0.0+build.5": "1.0.0", "1.0.0-beta.1+x": "1.0.0-beta.1"} {
		if got := plainVersion(version); got != want {
			t.Errorf("plainVersion(%q) = %q, want %q", version, got, want)
		}
	}
}

func TestNamedByAddress(t *testing.T) {
	for _, test := range []struct {
		manager manager.Manager
		kind    lockfile.Kind
		key     string
		want    bool
	}{
		{manager.NPM, lockfile.Tarball, "node_modules/a", false},
		{manager.PNPM, lockfile.Tarball, "a@https://x.example/a.tgz", false},
		{manager.YarnClassic, lockfile.Registry, "a@^1.0.0", false},
		{manager.YarnClassic, lockfile.Tarball, "a@^1.0.0", false}, // resolved is another address
		{manager.YarnClassic, lockfile.Tarball, "@s/a@npm:b@1", false},
		{manager.YarnClassic, lockfile.Tarball, "a@https://x.example/b.tgz", true},
		{manager.YarnClassic, lockfile.Tarball, "@s/a@file:./b.tgz", true},
		{manager.YarnBerry, lockfile.Tarball, "a@https://x.example/b.tgz", true},
		{manager.YarnBerry, lockfile.Registry, "a@npm:1.0.0", false},
		{manager.Bun, lockfile.Tarball, "a", true},
	} {
		if got := namedByAddress(test.manager, &lockfile.Package{Kind: test.kind, Key: test.key}); got != test.want {
			t.Errorf("%s %s %s: %v", test.manager, test.kind, test.key, got)
		}
	}
}

func TestStoredName(t *testing.T) {
	for dir, want := range map[string]string{
		"node_modules/.store/a@1.0.0-hash":           "a",
		"node_modules/.store/a.b@1.0.0-x@y-hash":     "a.b",
		"node_modules/.store/@s/a@1.0.0-hash":        "@s/a",
		"packages/m/node_modules/.store/@s/a@1-hash": "@s/a",
	} {
		if got := storedName(dir); got != want {
			t.Errorf("storedName(%q) = %q, want %q", dir, got, want)
		}
	}
}

// A layout that the lockfile does not have is one error.
func TestUnknownLayout(t *testing.T) {
	w := newTestProject(t)
	w.remove(t, "node_modules")
	for _, name := range []string{"a@1.0.0", "@s+b@2.0.0"} {
		at := strings.ReplaceAll(name[:strings.LastIndex(name, "@")], "+", "/")
		w.write(t, "node_modules/.pnpm/"+name+"/node_modules/"+at+"/index.js", "1")
	}
	_, err := w.checkError(t)
	if err == nil || !strings.Contains(err.Error(), "no package in node_modules is at a place") {
		t.Errorf("got %v", err)
	}
}

// What is behind a link is not compared, so a node_modules must not be one.
func TestLinkedModules(t *testing.T) {
	for _, place := range []string{"node_modules", "node_modules/a/node_modules"} {
		w := newTestProject(t)
		w.write(t, "vendor/x/index.js", "1")
		w.remove(t, place)
		target := strings.Repeat("../", strings.Count(place, "/")) + "vendor"
		w.link(t, place, target)
		if got := brief(w.check(t)); !slices.Contains(got, "anchor-unlocked "+place) {
			t.Errorf("%s: got %q", place, got)
		}
	}
}
