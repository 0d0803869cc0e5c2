package glob

import (
	"io/fs"
	"strings"
	"testing"
)

// cases follow the rules of gitignore(5).
var cases = []struct {
	name     string
	patterns []string
	path     string
	dir      bool
	want     bool
}{
	{"nothing", nil, "a.js", false, false},
	{"name at the root", []string{"a.js"}, "a.js", false, true},
	{"name at depth", []string{"a.js"}, "x/y/a.js", false, true},
	{"star", []string{"*.log"}, "x/a.log", false, true},
	{"star stays in a component", []string{"x/*.log"}, "x/y/a.log", false, false},
	{"leading slash", []string{"/a.js"}, "x/a.js", false, false},
	{"leading slash at the root", []string{"/a.js"}, "a.js", false, true},
	{"slash in the middle", []string{"x/a.js"}, "y/x/a.js", false, false},
	{"leading dot slash", []string{"./x/a.js"}, "x/a.js", false, true},
	{"leading dot slash, one component", []string{"./a.js"}, "x/a.js", false, false},
	{"leading dot slash at the root", []string{"./a.js"}, "a.js", false, true},
	{"double star", []string{"**/test/**"}, "x/test/a.js", false, true},
	{"double star at the end", []string{"test/**"}, "test/a/b.js", false, true},
	{"directory only, a directory", []string{"dist/"}, "dist", true, true},
	{"directory only, a file", []string{"dist/"}, "dist", false, false},
	{"in a directory that matches", []string{"dist/"}, "dist/a/b.js", false, true},
	{"in a directory that matches at depth", []string{"coverage"}, "x/coverage/a.js", false, true},
	{"negated", []string{"*.json", "!keep.json"}, "keep.json", false, false},
	{"negated and matched again", []string{"*.json", "!keep.json", "x/*"}, "x/keep.json", false, true},
	{"class", []string{"[ab].js"}, "b.js", false, true},
	{"question mark", []string{"?.js"}, "ab.js", false, false},
	{"braces", []string{"*.{js,ts}"}, "a.ts", false, true},
	{"dot files", []string{"*"}, ".env", false, true},
	{"not a path relative to the root", []string{"*0"}, "/", false, false},
}

func TestMatch(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l, err := New(c.patterns)
			if err != nil {
				t.Fatal(err)
			}
			if got := l.Match(c.path, c.dir); got != c.want {
				t.Errorf("%q matches %q: %v, want %v", c.patterns, c.path, got, c.want)
			}
		})
	}
}

func TestNewRejects(t *testing.T) {
	for _, pattern := range []string{"", "/", "!", "./", "../x", "a/../b", "[a", "{a"} {
		if _, err := New([]string{pattern}); err == nil {
			t.Errorf("New(%q) returned no error", pattern)
		}
	}
}

// No list takes long to match, however hostile its patterns.
func TestNewBounds(t *testing.T) {
	for _, patterns := range [][]string{
		make([]string, maxPatterns+1),
		{strings.Repeat("a", maxLength+1)},
		{strings.Repeat("a*", maxStars+1) + "b"},
		{strings.Repeat("{a,b}", maxBraces+1)},
		{strings.Repeat("{", maxBraces+1) + "a" + strings.Repeat("}", maxBraces+1)},
	} {
		if _, err := New(patterns); err == nil {
			t.Errorf("New returned no error for %d patterns, the first %.20q", len(patterns), patterns[0])
		}
	}
	worst := "*{a*,*" + strings.Repeat("{b,*", maxBraces-1) + strings.Repeat("}", maxBraces) + "**/*q"
	l, err := New([]string{worst})
	if err != nil {
		t.Fatal(err)
	}
	if l.Match(strings.Repeat("ab/", 80)+strings.Repeat("ab", 100), false) {
		t.Errorf("%q matched", worst)
	}
}

func TestMayMatchBelow(t *testing.T) {
	l, err := New([]string{"views/**/*.html", "/data/x.bin"})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"views": true, "views/a": true, "data": true, "lib": false, "viewsx": false} {
		if got := l.MayMatchBelow(path); got != want {
			t.Errorf("MayMatchBelow(%q) = %v, want %v", path, got, want)
		}
	}
}

// FuzzMatch checks that no pattern panics, and that everything in a directory that
// matches, matches too.
func FuzzMatch(f *testing.F) {
	for _, c := range cases {
		for _, p := range c.patterns {
			f.Add(p, c.path)
		}
	}
	f.Fuzz(func(t *testing.T, pattern, path string) {
		l, err := New([]string{pattern})
		if err != nil || len(path) > 200 || len(pattern) > 200 {
			return
		}
		if matched := l.Match(path, true); matched && path != "." && fs.ValidPath(path) && !l.Match(path+"/x", false) {
			t.Errorf("%q matches the directory %q, but not a file in it", pattern, path)
		}
	})
}
