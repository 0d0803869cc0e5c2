package nodejs

import (
	"slices"
	"testing"
)

func TestSplitSpecifier(t *testing.T) {
	for _, tt := range [][3]string{
		{"p", "p", ""}, {"p/", "p", ""}, {"p/x/y.js", "p", "x/y.js"}, {"p/x/", "p", "x"}, {"", "", ""},
		{"@s/p", "@s/p", ""}, {"@s/p/", "@s/p", ""}, {"@s/p/x", "@s/p", "x"},
		{"@s", "", ""}, {"@s/", "", ""}, {"@s/..", "", ""}, {"@s/./x", "", ""},
	} {
		if name, subpath := SplitSpecifier(tt[0]); name != tt[1] || subpath != tt[2] {
			t.Errorf("SplitSpecifier(%q) = %q, %q, want %q, %q", tt[0], name, subpath, tt[1], tt[2])
		}
	}
}

func TestIsLoadable(t *testing.T) {
	for name, want := range map[string]bool{
		"a.js": true, "a/b.cjs": true, "a.mjs": true, "a.json": true, "a.node": true, "a.wasm": true,
		"a.ts": true, "a.cts": true, "a.mts": true, "a.d.ts": true, ".js": true,
		"a": false, "a.txt": false, "a.JS": false, "a.tsx": false, "a.jsx": false, "a.js.map": false, "a.js/b": false, "": false,
	} {
		if got := IsLoadable(name); got != want {
			t.Errorf("IsLoadable(%q) = %v, want %v", name, got, want)
		}
	}
}

// A caller that changes the result changes no other's.
func TestRequireExtensions(t *testing.T) {
	RequireExtensions()[0] = ""
	if got := RequireExtensions(); !slices.Equal(got, []string{".js", ".json", ".node"}) {
		t.Errorf("RequireExtensions() = %q", got)
	}
}
