//go:build unix

package noderesolve

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A fuzzTree is a tree in memory, in the directory "app" of an empty root.
type fuzzTree struct {
	files []string          // relative to app
	texts map[string][]byte // by file
	links map[string]string // targets relative to app, by link
}

// parseTree reads the lines of a resolveTest. It leaves out lines that contradict earlier
// ones, and paths that are not plain.
func parseTree(text string) *fuzzTree {
	ft := &fuzzTree{texts: make(map[string][]byte), links: make(map[string]string)}
	dirs := map[string]bool{"": true}
	for line := range strings.SplitSeq(text, "\n") {
		name, content, _ := strings.Cut(line, ": ")
		link, target, isLink := strings.Cut(line, " -> ")
		switch {
		case isLink:
			name, target = link, path.Join(path.Dir(link), target)
		case strings.HasSuffix(name, "/"):
			name += ".keep"
		}
		if !isPlainPath(name) || isLink && !isPlainPath(target) || ft.contradicts(name, dirs) {
			continue
		}
		for dir := tree.Parent(name); !dirs[dir]; dir = tree.Parent(dir) {
			dirs[dir] = true
		}
		if isLink {
			ft.links[name] = target
		} else {
			ft.files = append(ft.files, name)
			ft.texts[name] = []byte(content)
		}
	}
	return ft
}

func isPlainPath(p string) bool {
	return p != "" && p != "." && path.Clean(p) == p && p[0] != '/' && p != ".." && !strings.HasPrefix(p, "../") && !strings.Contains(p, "\x00")
}

// contradicts reports whether a name is another kind of entry already, or is below one
// that is no directory.
func (ft *fuzzTree) contradicts(name string, dirs map[string]bool) bool {
	if dirs[name] {
		return true
	}
	for p := name; p != ""; p = tree.Parent(p) {
		if _, isFile := ft.texts[p]; isFile {
			return true
		}
		if _, isLink := ft.links[p]; isLink {
			return true
		}
	}
	return false
}

// open returns the tree with its files listed in the given order.
func (ft *fuzzTree) open(t *testing.T, root string, files []string) *tree.Tree {
	tr, err := tree.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.MountDir("app", files, func(p string) ([]byte, error) { return bytes.Clone(ft.texts[p]), nil }); err != nil {
		t.Fatal(err)
	}
	for link, target := range ft.links {
		if err := tr.MountLink("app/"+link, "app/"+target); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

// FuzzResolve checks that a resolution ends, that it ends at a file of the tree, and that
// the answer does not depend on the order of the files or of the questions.
func FuzzResolve(f *testing.F) {
	for _, test := range resolveTests {
		f.Add(strings.Join(test.files, "\n"), test.dir, test.specifiers, false)
	}
	for _, test := range browserTests {
		f.Add(strings.Join(test.files, "\n"), test.dir, test.specifiers, true)
	}
	root := f.TempDir()
	f.Fuzz(func(t *testing.T, text, dir, specifiers string, browser bool) {
		if dir != "" && !isPlainPath(dir) || len(text) > 4<<10 || len(specifiers) > 512 {
			return
		}
		ft := parseTree(text)
		reversed := slices.Clone(ft.files)
		slices.Reverse(reversed)
		var all [2]map[question]Result
		for i, files := range [][]string{ft.files, reversed} {
			tr := ft.open(t, root, files)
			defer tr.Close()
			r := New(tr, []string{"custom"})
			if browser {
				r = NewBrowser(tr, []string{"custom"})
			}
			words := strings.Fields(specifiers)
			if i == 1 {
				slices.Reverse(words)
			}
			all[i] = make(map[question]Result)
			for _, s := range words {
				for _, isImport := range []bool{i == 0, i == 1} {
					all[i][question{dir, s, isImport}] = ft.resolve(t, r, dir, s, isImport)
				}
			}
		}
		for q, result := range all[0] {
			if other := all[1][q]; other != result {
				t.Errorf("%+v: %+v, and in another order %+v", q, result, other)
			}
		}
	})
}

// resolve resolves a specifier and checks the result.
func (ft *fuzzTree) resolve(t *testing.T, r *Resolver, dir, specifier string, isImport bool) Result {
	result, err := r.Resolve(path.Join("app", dir), specifier, isImport)
	if err != nil {
		t.Fatalf("%q: %v", specifier, err)
	}
	file, inApp := strings.CutPrefix(result.Path, "app/")
	_, isFile := ft.texts[file]
	switch result.Outcome {
	case Found:
		if !inApp || !isFile {
			t.Errorf("%q leads to %q, which is no file of the tree", specifier, result.Path)
		}
	case Builtin:
		if !strings.HasPrefix(result.Path, "node:") {
			t.Errorf("%q leads to the module %q", specifier, result.Path)
		}
	default:
		if result.Path != "" {
			t.Errorf("%q: outcome %d with the path %q", specifier, result.Outcome, result.Path)
		}
	}
	return result
}
