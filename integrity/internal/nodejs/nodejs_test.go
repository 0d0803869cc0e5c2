package nodejs

import "testing"

func TestSplitSpecifier(t *testing.T) {
	for _, tt := range []struct{ specifier, name, subpath string }{
		{"a", "a", ""},
		{"a/", "a", ""},
		{"a/b", "a", "b"},
		{"a/b/c.js", "a", "b/c.js"},
		{"@s/a", "@s/a", ""},
		{"@s/a/b/c", "@s/a", "b/c"},
		{"@s", "", ""},
		{"@s/", "", ""},
		{"@s/..", "", ""},
		{"@s/./a", "", ""},
		{"", "", ""},
	} {
		if name, subpath := SplitSpecifier(tt.specifier); name != tt.name || subpath != tt.subpath {
			t.Errorf("SplitSpecifier(%q) = %q, %q; want %q, %q", tt.specifier, name, subpath, tt.name, tt.subpath)
		}
	}
}

func TestIsLoadable(t *testing.T) {
	for name, want := range map[string]bool{
		"a.js": true, "a.cjs": true, "a.mjs": true, "a.json": true, "a.node": true, "a.wasm": true,
		"a.ts": true, "a.cts": true, "a.mts": true, "b.c/a.js": true,
		"a": false, "a.txt": false, "a.js/b": false, "a.JS": false, ".js": true, "": false,
	} {
		if got := IsLoadable(name); got != want {
			t.Errorf("IsLoadable(%q) = %v", name, got)
		}
	}
}
