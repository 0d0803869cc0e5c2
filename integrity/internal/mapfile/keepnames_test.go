package mapfile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The package "p" is kept, and "q" is installed.
func TestKeepNames(t *testing.T) {
	m := &Map{
		Packages: map[string]Package{"": {}, "node_modules/p": {}, "node_modules/q": {}},
		Files:    map[string]string{"node_modules/p/index.js": "x", "node_modules/q/index.js": "x", "a.js": "x"},
		Names:    Names{Imports: Specifiers{"q": "./a.js"}},
	}
	was := &Map{Names: Names{
		Imports: Specifiers{"p": "./node_modules/p/index.js", "p/old": "./node_modules/p/index.js", "q": "./node_modules/p/index.js", "other": "./a.js"},
		Scopes: map[string]Specifiers{
			"./node_modules/q/": {"p": "./node_modules/p/index.js", "unasked": "./node_modules/p/index.js"},
			"./node_modules/p/": {"q": "./node_modules/q/index.js", "gone": "./node_modules/gone/index.js", "#fs": "node:fs", "none": ""},
			"./a.js":            {"p": "./node_modules/p/index.js"},
		},
		Require: map[string]Specifiers{"./": {"p": "./node_modules/p/index.js"}, "./node_modules/q/": {"p": "", "unasked": ""}},
	}}
	asked := map[[2]string]bool{{"", "p"}: true, {"", "q"}: true, {"", "other"}: true, {"node_modules/q", "p"}: true}
	m.KeepNames(was, func(dir string) bool { return dir == "node_modules/p" }, func(dir, s string) bool { return asked[[2]string{dir, s}] })
	want := Names{
		Imports: Specifiers{"p": "./node_modules/p/index.js", "q": "./a.js"},
		Scopes: map[string]Specifiers{
			"./node_modules/q/": {"p": "./node_modules/p/index.js"},
			"./node_modules/p/": {"q": "./node_modules/q/index.js", "#fs": "node:fs", "none": ""},
		},
		Require: map[string]Specifiers{"./": {"p": "./node_modules/p/index.js"}, "./node_modules/q/": {"p": ""}},
	}
	if diff := cmp.Diff(want, m.Names); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
