package main

import (
	"testing"

	"github.com/nodeint/nodeint/integrity"
)

func TestPackageDir(t *testing.T) {
	packages := map[string]string{"": "app@1.0.0", "packages/lib": "lib@1.0.0", "node_modules/dep": "dep@1.0.0", "node_modules/dep/inner": "inner@1.0.0"}
	for _, c := range []struct{ file, want string }{
		{"index.js", ""},
		{"packages/lib/a.js", ""},
		{"node_modules/dep/a.js", "node_modules/dep"},
		{"node_modules/dep/inner/a.js", "node_modules/dep/inner"},
		{"node_modules/dep/lib/a.js", "node_modules/dep"},
		{"node_modules/new/lib/a.js", "node_modules/new"},
		{"node_modules/@s/new/lib/a.js", "node_modules/@s/new"},
		{"node_modules/dep/node_modules/new/a.js", "node_modules/dep/node_modules/new"},
		{"node_modules/file.js", ""},
		{"node_modules/@s/file.js", ""},
		{"/above/node_modules/x", ""},
		{"/x", ""},
	} {
		if got := integrity.InstalledPackage(packages, c.file); got != c.want {
			t.Errorf("%s: %q, want %q", c.file, got, c.want)
		}
	}
}

func TestOutermost(t *testing.T) {
	dirs := newOutermost(&integrity.Report{Pinned: []integrity.Pinned{{Path: "a/b/c.js"}, {Path: "d.js"}}})
	for _, c := range []struct{ file, want string }{
		{"x.js", ""}, {"a/x.js", ""}, {"a/b/x.js", ""}, {"a/e/x.js", "a/e"}, {"a/e/f/x.js", "a/e"}, {"g/h/x.js", "g"}, {"/x", ""},
	} {
		if got := dirs.of(c.file); got != c.want {
			t.Errorf("%s: %q, want %q", c.file, got, c.want)
		}
	}
}
