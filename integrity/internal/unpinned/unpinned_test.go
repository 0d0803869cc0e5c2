package unpinned

import (
	"os"
	"strings"
	"testing"
)

func TestIs(t *testing.T) {
	for _, tt := range []struct {
		path            string
		anyDepth, cache bool
		root            bool // the version-control directory is that of the root
	}{
		{"", false, false, false},
		{"app.js", false, false, false},
		{".git", true, false, true},
		{".git/hooks/x.js", true, false, true},
		{"packages/a/.hg/x", true, false, false},
		{".svn/.next/cache/x", true, true, true},
		{".gitignore", false, false, false},
		{".github/x.js", false, false, false},
		{"x.git", false, false, false},
		{"x.git/.git/x", true, false, false},
		{"node_modules/.cache/babel/x.json", false, true, false},
		{"packages/a/node_modules/.cache", false, true, false},
		{"my_node_modules/.cache/x", false, false, false},
		{"node_modules/.cached/x", false, false, false},
		{"node_modules/.pnpm/x.js", false, false, false},
		{"node_modules/.vite/deps/x.js", false, true, false},
		{".cache/x.js", false, false, false},
		{".next/server/app.js", false, false, false},
		{".next/server/route-cache/PAGES/0/$/old.json", false, true, false},
		{".next/standalone/.next/cache/x", false, true, false},
		{".turbo/x.log", false, true, false},
		{"a.turbo", false, false, false},
	} {
		if got := IsVersionControl(tt.path); got != tt.root {
			t.Errorf("IsVersionControl(%q) = %v", tt.path, got)
		}
		if got := InVersionControl(tt.path); got != tt.anyDepth {
			t.Errorf("InVersionControl(%q) = %v", tt.path, got)
		}
		if got := IsCache(tt.path); got != tt.cache {
			t.Errorf("IsCache(%q) = %v", tt.path, got)
		}
	}
}

func TestTemporaryOf(t *testing.T) {
	for path, want := range map[string]string{
		".importmap.json.123.tmp":       "importmap.json",
		"app/.importmap.json.9.tmp":     "app/importmap.json",
		"importmap.json.123.tmp":        "",
		".importmap.json..tmp":          "",
		".importmap.json.1x.tmp":        "",
		".importmap.json.123.tmp~":      "",
		".123.tmp":                      "",
		".tmp":                          "",
		"..1.tmp":                       "",
		"a/.importmap.json.12.tmp/x.js": "",
	} {
		if got, ok := TemporaryOf(path); got != want || ok != (want != "") {
			t.Errorf("TemporaryOf(%q) = %q, %v", path, got, ok)
		}
	}
}

func TestPlace(t *testing.T) {
	own := map[string]bool{"app/importmap.json": true}
	for path, want := range map[string]string{
		".git/hooks/x.js":              ".git",
		"a/.git/.hg/x":                 "",
		".git/.hg/x":                   ".git",
		".svn":                         ".svn",
		"app/importmap.json":           "app/importmap.json",
		"app/.importmap.json.1.tmp":    "app/.importmap.json.1.tmp",
		"app/.importmap.json.1.tmp/.x": "",
		"importmap.json":               "",
		"app/.other.json.1.tmp":        "",
	} {
		if got := IsNever(path, own); got != (want != "") {
			t.Errorf("IsNever(%q) = %v", path, got)
		} else if got && Place(path) != want {
			t.Errorf("Place(%q) = %q, want %q", path, Place(path), want)
		}
	}
}

// docs/configuration.md lists every directory.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range append(VersionControl(), Caches()...) {
		if !strings.Contains(string(text), "`"+dir+"`") {
			t.Errorf("docs/configuration.md does not list %s", dir)
		}
	}
}
