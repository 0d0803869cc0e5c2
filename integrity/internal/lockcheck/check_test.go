package lockcheck

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A testProject is a directory where npm has installed four packages, with the contents of
// their archives.
type testProject struct {
	root     string
	lock     string
	archives map[string]map[string]string // files by path, by name@version
	scripts  []string
	patches  []string
	entry    tarball.Code // the irregular entry in the archive of a-linux; "" for none
}

func sri(name string) string {
	return hasher.Format(hasher.Sum(hasher.SetOf(hasher.SHA512), []byte(name)))
}

func newTestProject(t *testing.T) *testProject {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &testProject{root: root, archives: map[string]map[string]string{
		"a@1.0.0":     {"package.json": `{"name":"a","version":"1.0.0"}`, "index.js": "a", "lib/x.js": "x", "bin.js": "#!/usr/bin/env node\r\n1\r\n", ".gitignore": "out"},
		"a-linux@1.0": {"package.json": `{"name":"a-linux","version":"1.0"}`, "a.bin": "binary"},
		"@s/b@2.0.0":  {"package.json": `{"name":"@s/b","version":"2.0.0"}`, "index.js": "b", "node_modules/in/index.js": "in", "test/node_modules/y/y.js": "y"},
		"a@0.5.0":     {"package.json": `{"name":"a","version":"0.5.0"}`, "index.js": "old"},
	}}
	entry := func(place, at, more string) string {
		return fmt.Sprintf("%q: {\"version\": %q, \"integrity\": %q%s}", place, at[strings.LastIndex(at, "@")+1:], sri(at), more)
	}
	w.lock = `{"lockfileVersion": 3, "packages": {"": {"name": "shop"}, ` + strings.Join([]string{
		entry("node_modules/a", "a@1.0.0", ""), entry("node_modules/a-linux", "a-linux@1.0", ""),
		entry("node_modules/@s/b", "@s/b@2.0.0", ""), entry("node_modules/@s/b/node_modules/a", "a@0.5.0", ""),
		entry("node_modules/@s/b/node_modules/in", "in@1.0.0", `, "inBundle": true`),
		entry("node_modules/dev", "dev@1.0.0", `, "dev": true`),
		`"node_modules/git": {"version": "1.0.0", "resolved": "git+ssh://git@example.org/git.git#0123456789012345678901234567890123456789"}`,
	}, ", ") + "}}"
	for at, dir := range map[string]string{"a@1.0.0": "a", "a-linux@1.0": "a-linux", "@s/b@2.0.0": "@s/b", "a@0.5.0": "@s/b/node_modules/a"} {
		for path, text := range w.archives[at] {
			w.write(t, "node_modules/"+dir+"/"+path, text)
		}
	}
	w.write(t, "node_modules/git/index.js", "git")
	w.write(t, "node_modules/.package-lock.json", "{}")
	w.write(t, "node_modules/.bin/a", "#!/bin/sh")
	return w
}

func (w *testProject) write(t *testing.T, path, text string) {
	t.Helper()
	name := filepath.Join(w.root, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (w *testProject) link(t *testing.T, path, to string) {
	t.Helper()
	if err := os.Symlink(filepath.FromSlash(to), filepath.Join(w.root, filepath.FromSlash(path))); err != nil {
		testenv.Unavailable(t, "%v", err)
	}
}

func (w *testProject) remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(w.root, filepath.FromSlash(path))); err != nil {
		t.Fatal(err)
	}
}

// archive lists the archive of a package, as package tarball does.
func (w *testProject) archive(_ context.Context, p *lockfile.Package) (*tarball.Listing, error) {
	files, ok := w.archives[nameOf(p)+"@"+p.Version]
	if !ok {
		return nil, &absentError{"it is in no cache"}
	}
	sum := func(text string) []hasher.Digest { return hasher.Sum(hasher.SetOf(hasher.SHA256), []byte(text)) }
	l := &tarball.Listing{Manifest: []byte(files["package.json"])}
	if w.entry != "" && p.Name == "a-linux" {
		l.Irregular = []tarball.IrregularEntry{{Code: w.entry, Path: "../x", Reason: "it is made up"}}
	}
	for path, text := range files {
		f := tarball.File{Path: path, Size: int64(len(text)), Digests: sum(text)}
		if first, rest, ok := strings.Cut(text, "\r\n"); ok && strings.HasPrefix(text, "#!") {
			f.Unix = sum(first + "\n" + rest)
		}
		l.Files = append(l.Files, f)
	}
	slices.SortFunc(l.Files, func(a, b tarball.File) int { return strings.Compare(a.Path, b.Path) })
	return l, nil
}

func (w *testProject) check(t *testing.T) *report {
	t.Helper()
	r, err := w.checkError(t)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (w *testProject) checkError(t *testing.T) (*report, error) {
	t.Helper()
	lock, err := lockfile.Parse("package-lock.json", w.lock, lockfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := tree.Open(w.root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() }) // Account reads after the check
	return check(t.Context(), input{Tree: tr, Lock: lock, Archive: w.archive, Scripts: w.scripts, Patches: w.patches, IsMember: func(dir string) (bool, error) { return dir == "packages/m", nil }})
}

// brief returns "code path" for each finding and "class path" for each file that is
// not anchored, sorted.
func brief(r *report) []string {
	var lines []string
	for _, f := range r.findings {
		lines = append(lines, f.Code+" "+f.Path)
	}
	for _, f := range r.files {
		lines = append(lines, string(f.Class)+" "+f.Path)
	}
	slices.Sort(lines)
	return lines
}

// usual is the brief report of an unchanged project.
var usual = []string{
	"manager-meta node_modules/.bin", "manager-meta node_modules/.package-lock.json", "unanchored node_modules/git/index.js",
}

// checkTests change an unchanged project, with the brief report in addition to usual.
var checkTests = []struct {
	name string
	do   func(t *testing.T, w *testProject)
	want []string // in addition to usual
}{
	{"unchanged", func(*testing.T, *testProject) {}, nil},
	{"edited", func(t *testing.T, w *testProject) { w.write(t, "node_modules/a/index.js", "b") }, []string{"anchor-mismatch node_modules/a/index.js"}},
	{"edited package.json", func(t *testing.T, w *testProject) {
		w.write(t, "node_modules/a/package.json", `{"name":"a","main":"x"}`)
	},
		[]string{"anchor-mismatch node_modules/a/package.json"}},
	{"edited below a nested node_modules", func(t *testing.T, w *testProject) { w.write(t, "node_modules/@s/b/node_modules/a/index.js", "new") },
		[]string{"anchor-mismatch node_modules/@s/b/node_modules/a/index.js"}},
	{"edited in a bundled package", func(t *testing.T, w *testProject) { w.write(t, "node_modules/@s/b/node_modules/in/index.js", "out") },
		[]string{"anchor-mismatch node_modules/@s/b/node_modules/in/index.js"}},
	{"edited in a deeper node_modules", func(t *testing.T, w *testProject) { w.write(t, "node_modules/@s/b/test/node_modules/y/y.js", "z") },
		[]string{"anchor-mismatch node_modules/@s/b/test/node_modules/y/y.js"}},
	{"added", func(t *testing.T, w *testProject) { w.write(t, "node_modules/a/lib/new.js", "1") }, []string{"anchor-extra node_modules/a/lib/new.js"}},
	{"added to a bundled package", func(t *testing.T, w *testProject) { w.write(t, "node_modules/@s/b/node_modules/in/new.js", "1") },
		[]string{"anchor-extra node_modules/@s/b/node_modules/in/new.js"}},
	{"deleted", func(t *testing.T, w *testProject) { w.remove(t, "node_modules/a/lib/x.js") }, []string{"anchor-missing node_modules/a/lib/x.js"}},
	{"a package deleted", func(t *testing.T, w *testProject) { w.remove(t, "node_modules/a-linux") }, []string{"anchor-missing node_modules/a-linux"}},
	{"a package added", func(t *testing.T, w *testProject) { w.write(t, "node_modules/evil/index.js", "1") }, []string{"anchor-unlocked node_modules/evil"}},
	{"a package added in a scope", func(t *testing.T, w *testProject) { w.write(t, "node_modules/@s/evil/index.js", "1") }, []string{"anchor-unlocked node_modules/@s/evil"}},
	{"a package added in a package", func(t *testing.T, w *testProject) { w.write(t, "node_modules/a/node_modules/evil/index.js", "1") },
		[]string{"anchor-unlocked node_modules/a/node_modules/evil"}},
	{"a file added to node_modules", func(t *testing.T, w *testProject) { w.write(t, "node_modules/evil.js", "1") }, []string{"anchor-unlocked node_modules/evil.js"}},
	{"a hidden directory added", func(t *testing.T, w *testProject) { w.write(t, "node_modules/.prisma/client/index.js", "1") }, []string{"anchor-unlocked node_modules/.prisma"}},
	{"a hidden directory that a script may write", func(t *testing.T, w *testProject) {
		w.scripts = []string{".prisma"}
		w.write(t, "node_modules/.prisma/client/index.js", "1")
	}, []string{"script-output node_modules/.prisma"}},
	{"empty directories", func(t *testing.T, w *testProject) {
		for _, dir := range []string{"a/node_modules/.tmp", "evil", ".evil"} {
			if err := os.MkdirAll(filepath.Join(w.root, "node_modules", dir), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}, nil},
	{"temporary files", func(t *testing.T, w *testProject) {
		w.scripts = []string{"@s/b"}
		w.write(t, "node_modules/a/node_modules/.tmp/x.js", "1")
		w.write(t, "node_modules/@s/b/node_modules/.tmp/x.js", "1")
	}, []string{"anchor-unlocked node_modules/a/node_modules/.tmp", "script-output node_modules/@s/b/node_modules/.tmp"}},
	{"a link instead of a file", func(t *testing.T, w *testProject) {
		w.remove(t, "node_modules/a/index.js")
		if err := os.Symlink("lib/x.js", filepath.Join(w.root, "node_modules/a/index.js")); err != nil {
			testenv.Unavailable(t, "%v", err)
		}
	}, []string{"anchor-mismatch node_modules/a/index.js"}},
	{"bundled by an archive without it", func(t *testing.T, w *testProject) {
		w.lock = strings.Replace(w.lock, `"node_modules/dev":`, `"node_modules/a/node_modules/evil": {"version": "1.0.0", "inBundle": true}, "node_modules/dev":`, 1)
		w.write(t, "node_modules/a/node_modules/evil/index.js", "1")
	}, []string{"anchor-unlocked node_modules/a/node_modules/evil"}},
	{"bundled by a package without archive", func(t *testing.T, w *testProject) {
		w.lock = strings.Replace(w.lock, `"node_modules/dev":`, `"node_modules/git/node_modules/evil": {"version": "1.0.0", "inBundle": true}, "node_modules/dev":`, 1)
		w.write(t, "node_modules/git/node_modules/evil/index.js", "1")
	}, []string{"unanchored node_modules/git/node_modules/evil/index.js"}},
	{"an archive of another package", func(_ *testing.T, w *testProject) {
		w.archives["a@1.0.0"]["package.json"] = `{"name":"b","version":"1.0.0"}`
	}, []string{"anchor-archive node_modules/a", "anchor-mismatch node_modules/a/package.json"}},
	{"an archive of another version", func(_ *testing.T, w *testProject) {
		w.archives["a@1.0.0"]["package.json"] = `{"name":"a","version":"1.0.1"}`
	}, []string{"anchor-archive node_modules/a", "anchor-mismatch node_modules/a/package.json"}},
	{"modules among the manager's files", func(t *testing.T, w *testProject) {
		for _, p := range []string{".pnpm/x.js", ".pnpm/x/x.js", ".bin/x.js", ".bin/x/y", ".bun-tag/x.js", ".yarn-integrity/x.js"} {
			w.write(t, "node_modules/"+p, "1")
		}
		w.write(t, "node_modules/.pnpm/lock.yaml", "1")
		w.write(t, "node_modules/.vite/deps/x.js", "1")
	}, []string{
		"anchor-unlocked node_modules/.bin/x", "anchor-unlocked node_modules/.bin/x.js", "anchor-unlocked node_modules/.bun-tag", "anchor-unlocked node_modules/.pnpm/x.js",
		"anchor-unlocked node_modules/.pnpm/x/x.js", "anchor-unlocked node_modules/.yarn-integrity", "manager-meta node_modules/.pnpm/lock.yaml",
	}},
	{"a link to an unlisted directory", func(t *testing.T, w *testProject) {
		w.write(t, "evil/index.js", "1")
		w.remove(t, "node_modules/a-linux")
		w.link(t, "node_modules/a-linux", "../evil")
		w.link(t, "node_modules/@s/out", os.TempDir())
	}, []string{"anchor-missing node_modules/a-linux", "anchor-unlocked node_modules/@s/out", "anchor-unlocked node_modules/a-linux"}},
	{"links to a package and to a member", func(t *testing.T, w *testProject) {
		w.write(t, "packages/m/index.js", "1")
		w.link(t, "node_modules/m", "../packages/m")
		w.link(t, "node_modules/@s/a", "../a")
		w.link(t, "node_modules/dangling", "nowhere")
	}, nil},
	{"a directory instead of a file", func(t *testing.T, w *testProject) {
		w.remove(t, "node_modules/a/index.js")
		w.write(t, "node_modules/a/index.js/index.js", "a")
	}, []string{"anchor-extra node_modules/a/index.js/index.js", "anchor-missing node_modules/a/index.js"}},
	{"npm's .npmignore", func(t *testing.T, w *testProject) {
		w.remove(t, "node_modules/a/.gitignore")
		w.write(t, "node_modules/a/.npmignore", "out")
	}, []string{"derived node_modules/a/.gitignore", "derived node_modules/a/.npmignore"}},
	{"another .npmignore", func(t *testing.T, w *testProject) { w.write(t, "node_modules/a/.npmignore", "in") }, []string{"anchor-extra node_modules/a/.npmignore"}},
	{"a program's first line", func(t *testing.T, w *testProject) { w.write(t, "node_modules/a/bin.js", "#!/usr/bin/env node\n1\r\n") }, []string{"derived node_modules/a/bin.js"}},
	{"the binary of the family", func(t *testing.T, w *testProject) { w.write(t, "node_modules/a/lib/x.js", "binary") }, []string{"alias node_modules/a/lib/x.js"}},
	{"the file of an unrelated package", func(t *testing.T, w *testProject) { w.write(t, "node_modules/a/lib/x.js", "b") }, []string{"anchor-mismatch node_modules/a/lib/x.js"}},
	{"a script that may write", func(t *testing.T, w *testProject) {
		w.scripts = []string{"a"}
		w.write(t, "node_modules/a/index.js", "b")
		w.write(t, "node_modules/a/build/a.node", "native")
		w.write(t, "node_modules/@s/b/index.js", "a")
	}, []string{
		"anchor-mismatch node_modules/@s/b/index.js", "script-output node_modules/a/build/a.node", "script-output node_modules/a/index.js",
	}},
	{"a patch of patch-package", func(t *testing.T, w *testProject) {
		w.patches = []string{"patches/a+1.0.0.patch"}
		w.write(t, "patches/a+1.0.0.patch", "diff --git a/node_modules/a/index.js b/node_modules/a/index.js\n--- a/node_modules/a/index.js\n+++ b/node_modules/a/index.js\n@@ -1 +1 @@\n-a\n+b\n")
		w.write(t, "node_modules/a/index.js", "b")
		w.write(t, "node_modules/a/lib/x.js", "b")
	}, []string{"anchor-mismatch node_modules/a/lib/x.js", "patched node_modules/a/index.js"}},
	{"a patch of another version", func(t *testing.T, w *testProject) {
		w.patches = []string{"patches/a+0.9.0.patch"}
		w.write(t, "patches/a+0.9.0.patch", "+++ b/node_modules/a/index.js\n")
		w.write(t, "node_modules/a/index.js", "b")
	}, []string{"anchor-mismatch node_modules/a/index.js"}},
	{"an archive with a path out of the package", func(_ *testing.T, w *testProject) { w.entry = tarball.PathParent }, []string{"anchor-archive node_modules/a-linux"}},
	{"an archive with a link", func(_ *testing.T, w *testProject) { w.entry = tarball.Symlink }, nil},
	{"an archive with other files", func(_ *testing.T, w *testProject) { w.archives["a@1.0.0"] = nil; delete(w.archives, "a-linux@1.0") }, []string{
		"anchor-archive node_modules/a",
		"anchor-extra node_modules/a/.gitignore", "anchor-extra node_modules/a/bin.js", "anchor-extra node_modules/a/index.js",
		"anchor-extra node_modules/a/lib/x.js", "anchor-extra node_modules/a/package.json",
		"unanchored node_modules/a-linux/a.bin", "unanchored node_modules/a-linux/package.json",
	}},
}

func TestCheck(t *testing.T) {
	for _, tt := range checkTests {
		t.Run(tt.name, func(t *testing.T) {
			w := newTestProject(t)
			tt.do(t, w)
			want := append(slices.Clone(usual), tt.want...)
			slices.Sort(want)
			if got := brief(w.check(t)); !slices.Equal(got, want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
		})
	}
}
