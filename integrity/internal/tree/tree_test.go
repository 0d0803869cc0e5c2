//go:build unix

package tree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"syscall"
	"testing"
)

// newTree returns a Tree over a new directory with links in it.
func newTree(t *testing.T) *Tree {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"a/b", "real/pkg", "empty"} {
		must(t, os.MkdirAll(filepath.Join(root, dir), 0o777))
	}
	for _, file := range []string{"a/b/x.js", "real/pkg/index.js", "top.js"} {
		must(t, os.WriteFile(filepath.Join(root, file), []byte(file), 0o666))
	}
	for link, target := range map[string]string{
		"link":      "real/pkg",
		"chain":     "a/hop",
		"a/hop":     "../link",
		"absolute":  filepath.Join(root, "a"),
		"out":       "../elsewhere",
		"far":       filepath.Join(filepath.Dir(root), "elsewhere"),
		"loop":      "loop2",
		"loop2":     "loop",
		"dangling":  "nothing",
		"a/deep":    "../no/thing",
		"a/back":    "../no/../x",
		"file-link": "top.js",
		"physical":  "link/../pkg", // real/pkg/../pkg
	} {
		must(t, os.Symlink(target, filepath.Join(root, link)))
	}
	tr, err := Open(root)
	must(t, err)
	t.Cleanup(func() { tr.Close() })
	return tr
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestResolve(t *testing.T) {
	tr := newTree(t)
	for _, c := range []struct {
		path string
		want Place // without what Dangling needs
	}{
		{"", Place{"", Directory, nil, false, "", 0, false}},
		{"top.js", Place{"top.js", File, nil, false, "", 0, false}},
		{"a/b/x.js", Place{"a/b/x.js", File, nil, false, "", 0, false}},
		{"a/./b/../b/x.js", Place{"a/b/x.js", File, nil, false, "", 0, false}},
		{"a/none", Place{"a/none", None, nil, false, "", 0, false}},
		{"none/x", Place{"none", None, nil, false, "x", 0, false}},
		{"top.js/x", Place{"top.js", None, nil, false, "x", 0, false}},
		{"link", Place{"real/pkg", Directory, []string{"link"}, false, "", 0, false}},
		{"link/index.js", Place{"real/pkg/index.js", File, []string{"link"}, false, "", 0, false}},
		{"chain/index.js", Place{"real/pkg/index.js", File, []string{"chain", "a/hop", "link"}, false, "", 0, false}},
		{"absolute/b/x.js", Place{"a/b/x.js", File, []string{"absolute"}, false, "", 0, false}},
		{"out/x", Place{"out", None, []string{"out"}, true, "", 0, false}},
		{"far", Place{"far", None, []string{"far"}, true, "", 0, false}},
		{"../x", Place{"../x", None, nil, true, "", 0, false}},
		{"dangling", Place{"nothing", None, []string{"dangling"}, false, "", 0, false}},
		{"dangling/x/y", Place{"nothing", None, []string{"dangling"}, false, "x/y", 0, false}},
		{"file-link", Place{"top.js", File, []string{"file-link"}, false, "", 0, false}},
		{"physical/index.js", Place{"real/pkg/index.js", File, []string{"physical", "link"}, false, "", 0, false}},
	} {
		got, err := tr.Resolve(c.path)
		got.inLink, got.isLink = 0, false
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("Resolve(%q) = %+v, %v, want %+v", c.path, got, err, c.want)
		}
	}
	if got, err := tr.Resolve("loop/x"); err != nil || got.Kind != None || len(got.Links) != maxLinks {
		t.Errorf("Resolve of a loop of links: %v, %v", got.Kind, err)
	}
}

func TestAbsent(t *testing.T) {
	tr := newTree(t)
	for p, want := range map[string][2]string{
		"top.js": {}, "a": {}, "out/x": {}, "loop/x": {}, "none": {"none"}, "none/x": {"none/x"}, "top.js/x": {"top.js/x"},
		"none/../x": {"x"}, "none/../../x": {}, "link/none": {"real/pkg/none"}, "chain/none/x": {"real/pkg/none/x"},
		"dangling": {"nothing", "nothing"}, "dangling/x/y": {"nothing/x/y", "nothing"},
		"a/deep/x": {"no/thing/x", "no/thing"}, "a/back": {"x", "x"},
	} {
		place, err := tr.Resolve(p)
		if got := [2]string{place.Absent(), place.Dangling()}; err != nil || got != want {
			t.Errorf("Absent and Dangling of %q = %q, %v, want %q", p, got, err, want)
		}
	}
}

func TestReadlink(t *testing.T) {
	tr := newTree(t)
	for _, c := range []struct {
		link, target string
		inside       bool
	}{
		{"link", "real/pkg", true},
		{"a/hop", "link", true},
		{"absolute", "a", true},
		{"out", "../elsewhere", false},
		{"far", filepath.Join(filepath.Dir(tr.Root()), "elsewhere"), false},
	} {
		target, inside, err := tr.Readlink(c.link)
		if err != nil || target != c.target || inside != c.inside {
			t.Errorf("Readlink(%q) = %q, %v, %v, want %q, %v", c.link, target, inside, err, c.target, c.inside)
		}
	}
}

func TestDir(t *testing.T) {
	tr := newTree(t)
	dir, err := tr.Dir("a")
	must(t, err)
	if want := (Dir{{"b", Directory}, {"back", Link}, {"deep", Link}, {"hop", Link}}); !reflect.DeepEqual(dir, want) {
		t.Errorf("Dir(a) = %v, want %v", dir, want)
	}
	for _, p := range []string{"none", "top.js", "link", "link/x", "absolute/b", "out"} {
		if dir, err := tr.Dir(p); dir != nil || err != nil {
			t.Errorf("Dir(%q) = %v, %v: want nil: it is not a directory that is reached without a link", p, dir, err)
		}
	}
	if dir, err := tr.Dir("empty"); dir == nil || len(dir) != 0 || err != nil {
		t.Errorf("Dir(empty) = %v, %v", dir, err)
	}
}

func TestReadFile(t *testing.T) {
	tr := newTree(t)
	if data, err := tr.ReadFile("top.js", 6); string(data) != "top.js" || err != nil {
		t.Errorf("ReadFile(top.js) = %q, %v", data, err)
	}
	for p, want := range map[string]error{"top.js": nil, "a": nil, "file-link": nil, "absolute/b/x.js": nil, "none": fs.ErrNotExist} {
		if _, err := tr.ReadFile(p, 5); err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("ReadFile(%q, 5): %v", p, err)
		}
	}
}

func TestMount(t *testing.T) {
	tr := newTree(t)
	read := func(p string) ([]byte, error) { return []byte("in " + p), nil }
	tr.Mount("a/b/x.js", []string{"dir/deep/y.js", "dir/z.js", "top"}, read)
	tr.Mount("top.js", nil, read)
	for p, want := range map[string]Dir{
		"a/b": {{"x.js", File}}, "a/b/x.js": {{"dir", Directory}, {"top", File}}, "a/b/x.js/dir": {{"deep", Directory}, {"z.js", File}},
		"a/b/x.js/dir/deep": {{"y.js", File}}, "top.js": {}, "a/b/x.js/none": nil,
	} {
		if dir, err := tr.Dir(p); err != nil || !reflect.DeepEqual(dir, want) {
			t.Errorf("Dir(%q) = %v, %v, want %v", p, dir, err, want)
		}
	}
	for p, want := range map[string]Kind{"a/b/x.js": File, "a/b/x.js/dir": Directory, "a/b/x.js/dir/z.js": File, "a/b/x.js/none": None, "top.js/x": None, "real/pkg/index.js/x": None} {
		if place, err := tr.Resolve(p); err != nil || place.Kind != want {
			t.Errorf("Resolve(%q) = %v, %v, want %v", p, place, err, want)
		}
	}
	if place, err := tr.Resolve("absolute/b/x.js/top"); err != nil || place.Path != "a/b/x.js/top" || len(place.Links) != 1 {
		t.Errorf("Resolve through a link: %v, %v", place, err)
	}
	if data, err := tr.ReadFile("a/b/x.js/dir/z.js", 100); err != nil || string(data) != "in dir/z.js" {
		t.Errorf("ReadFile: %q, %v", data, err)
	}
	if _, err := tr.ReadFile("a/b/x.js/dir/z.js", 3); err == nil {
		t.Error("ReadFile returned no error for a member larger than the limit")
	}
	if data, err := tr.ReadFile("a/b/x.js", 100); err != nil || string(data) != "a/b/x.js" {
		t.Errorf("ReadFile of the mounted file: %q, %v", data, err)
	}
}

func TestMountDir(t *testing.T) {
	tr := newTree(t)
	read := func(p string) ([]byte, error) { return []byte("in " + p), nil }
	must(t, tr.MountDir("new/node_modules/a", []string{"index.js"}, read))
	must(t, tr.MountDir("new/node_modules/a/node_modules/b", []string{"lib/b.js"}, read))
	must(t, tr.MountLink("new/node_modules/c", "new/node_modules/a/node_modules/b"))
	for p, want := range map[string]Dir{
		"new": {{"node_modules", Directory}}, "new/node_modules": {{"a", Directory}, {"c", Link}},
		"new/node_modules/a": {{"index.js", File}, {"node_modules", Directory}}, "new/node_modules/a/node_modules/b": {{"lib", Directory}},
	} {
		if dir, err := tr.Dir(p); err != nil || !reflect.DeepEqual(dir, want) {
			t.Errorf("Dir(%q) = %v, %v, want %v", p, dir, err, want)
		}
	}
	if root, err := tr.Dir(""); err != nil || root.Kind("new") != Directory {
		t.Errorf("the root does not list the directory: %v, %v", root, err)
	}
	want := Place{Path: "new/node_modules/a/node_modules/b/lib/b.js", Kind: File, Links: []string{"new/node_modules/c"}}
	if place, err := tr.Resolve("new/node_modules/c/lib/b.js"); err != nil || !reflect.DeepEqual(place, want) {
		t.Errorf("Resolve through a mounted link: %v, %v", place, err)
	}
	if target, inside, err := tr.Readlink("new/node_modules/c"); err != nil || !inside || target != "new/node_modules/a/node_modules/b" {
		t.Errorf("Readlink: %q, %v, %v", target, inside, err)
	}
	if data, err := tr.ReadFile(want.Path, 100); err != nil || string(data) != "in lib/b.js" {
		t.Errorf("ReadFile: %q, %v", data, err)
	}
}

// A directory with more names than fit in one buffer is read whole.
func TestManyNames(t *testing.T) {
	tr := newTree(t)
	const n = 3000
	for i := range n {
		must(t, os.WriteFile(tr.Abs(Join("empty", "a-rather-long-name-"+string(rune('a'+i%26))+"-"+strconv.Itoa(i))), nil, 0o666))
	}
	if dir, err := tr.Dir("empty"); len(dir) != n || err != nil {
		t.Errorf("Dir returned %d names, %v, want %d", len(dir), err, n)
	}
}

func TestOtherKinds(t *testing.T) {
	tr := newTree(t)
	must(t, syscall.Mkfifo(tr.Abs("empty/fifo"), 0o666))
	if k, err := tr.Kind("empty/fifo"); k != Other || err != nil {
		t.Errorf("Kind of a FIFO = %v, %v", k, err)
	}
	if _, err := tr.ReadFile("empty/fifo", 10); err == nil {
		t.Error("ReadFile returned no error for a FIFO")
	}
}
