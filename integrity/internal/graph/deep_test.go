package graph

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/internal/jsscan"
)

func TestExpandDeep(t *testing.T) {
	root := patternRoot(t)
	for _, tt := range []struct {
		dir, pattern string
		probe        bool
		want         string
	}{
		{".", "*", true, "lib/a.js lib/b.mjs lib/c.json lib/one/index.js lib/three/sub.js lib/three/sub/deep.js lib/two/package.json lib/x-a.js lib/x-b.min.js package.json"},
		{"lib/one", "../*", false, "lib/a.js lib/b.mjs lib/c.json lib/one/index.js lib/three/sub.js lib/three/sub/deep.js lib/two/package.json lib/x-a.js lib/x-b.min.js"},
		{".", "lib/*.json", false, "lib/c.json lib/two/package.json"},
		{".", "lib/*/deep", true, "lib/three/sub/deep.js"},
		{".", "lib/*/deep", false, ""},
		{".", "*/one", true, "lib/one/index.js"},
		{".", "*.txt", true, "lib/d.txt"},
		{".", "*.d.ts", true, ""},
		{".", "l*/x-*", true, "lib/x-a.js lib/x-b.min.js"},
		{"lib/three", "../../../away/*", true, ""},
		{"node_modules/q", "*", true, "node_modules/q/l/a.js node_modules/q/package.json"},
		{"node_modules/@s/r", "*/\xFF", true, ""},
	} {
		d := newDiscovery(Options{Root: root, Dir: root})
		var got []string
		for _, path := range d.expand(filepath.Join(root, filepath.FromSlash(tt.dir)),
			jsscan.Specifier{Kind: jsscan.Pattern, Text: strings.ReplaceAll(tt.pattern, "*", jsscan.Wildcard), Probe: tt.probe, Deep: true}) {
			rel, _ := filepath.Rel(root, path)
			got = append(got, filepath.ToSlash(rel))
		}
		if d.err != nil {
			t.Error(d.err)
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s in %s (-want +got)\n%s", tt.pattern, tt.dir, diff)
		}
	}
}

func TestExpandUnpinned(t *testing.T) {
	root := patternRoot(t)
	d := newDiscovery(Options{Root: root, Dir: root, Unpinned: func(p string) bool { return p != "lib/a.js" }})
	for _, deep := range []bool{false, true} {
		p := jsscan.Specifier{Kind: jsscan.Pattern, Text: "lib/" + jsscan.Wildcard, Deep: deep}
		if got := d.expand(root, p); len(got) != 1 || filepath.Base(got[0]) != "a.js" {
			t.Errorf("deep %v: %v", deep, got)
		}
	}
}
