package project

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/problem"
)

// tree writes files, by slash-separated name, below a new directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// relative returns the paths relative to dir, slash-separated.
func relative(t *testing.T, dir string, paths []string) []string {
	t.Helper()
	var out []string
	for _, p := range paths {
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, filepath.ToSlash(rel))
	}
	return out
}

// wantError checks that err is a *problem.Error of the class Usage with a hint, and
// that its message and hint contain the texts.
func wantError(t *testing.T, err error, texts ...string) {
	t.Helper()
	var e *problem.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want a *problem.Error that contains %q", err, texts)
	}
	if e.Hint == "" || e.Class != problem.Usage {
		t.Errorf("error %q has the class %d and the hint %q", e, e.Class, e.Hint)
	}
	for _, text := range texts {
		if !strings.Contains(e.Error()+"\n"+e.Hint, text) {
			t.Errorf("error %q with hint %q does not contain %q", e, e.Hint, text)
		}
	}
}

func TestFind(t *testing.T) {
	dir := tree(t, map[string]string{
		"a/package.json":            "{}",
		"a/b/c/x.js":                "",
		"a/d/package.json/f":        "",
		"a/node_modules/m/index.js": "",
	})
	for from, want := range map[string]string{"a": "a", "a/b/c": "a", "a/d": "a", "a/node_modules/m": "a"} {
		p, err := Find(filepath.Join(dir, from))
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(dir, want); p.Dir != want || p.Root != want {
			t.Errorf("Find(%s): %s with root %s, want %s", from, p.Dir, p.Root, want)
		}
	}
	_, err := Find(dir)
	wantError(t, err, "no package.json in "+dir+" or any directory above it", "npm init -y", "-C DIR")
	_, err = Find(filepath.Join(dir, "gone"))
	wantError(t, err, "does not exist")
	_, err = Find(filepath.Join(dir, "a/b/c/x.js"))
	wantError(t, err, "is not a directory")
}

func TestLocate(t *testing.T) {
	dir := tree(t, map[string]string{
		"package.json":        `{"workspaces":["w/*"]}`,
		"w/a/package.json":    "{ broken",
		"w/b/importmap.json":  "{}",
		"w/c/package.json/x":  "",
		"other/importmap.txt": "",
	})
	for from, want := range map[string]string{"w/a": "w/a", "w/b": "w/b", "w/c": ".", "other": ".", ".": "."} {
		p, err := Locate(filepath.Join(dir, from), "importmap.json")
		if err != nil {
			t.Fatal(err)
		}
		if p.Dir != filepath.Join(dir, want) || p.Root != dir {
			t.Errorf("Locate(%s): %s with root %s, want %s", from, p.Dir, p.Root, want)
		}
	}
	_, err := Locate(filepath.Dir(dir), "importmap.json")
	wantError(t, err, "no package.json in")
}

// A project that is found through a symbolic link is the one in the link's target.
func TestFindThroughLink(t *testing.T) {
	dir := tree(t, map[string]string{"a/package.json": "{}", "a/x.js": ""})
	link := filepath.Join(dir, "l")
	if err := os.Symlink("a", link); err != nil {
		t.Fatal(err)
	}
	p, err := Find(link)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Resolve([]string{"x.js", filepath.Join(link, "x.js")}, link)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"x.js"}, relative(t, filepath.Join(dir, "a"), got)); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}
