//go:build unix

package resolution

import (
	"strings"
	"testing"
)

// syncPackage has targets that depend on conditions which Node has or not by its version
// and its flags.
const syncPackage = `node_modules/p/package.json: {"exports": {
	".": {"custom": "./custom.js", "module-sync": "./sync.mjs", "import": "./import.mjs", "require": "./require.cjs"},
	"./plain": {"import": "./import.mjs", "require": "./require.cjs"},
	"./native": [null, {"node": {"node-addons": "./native.js"}, "default": "./plain.js"}],
	"./both": {"module-sync": "./sync.mjs", "node-addons": "./native.js", "default": "./plain.js"},
	"./same": {"module-sync": "./plain.js", "default": "./plain.js"},
	"./none": {"module-sync": null, "default": "./plain.js"},
	"./lib/*": {"module-sync": "./lib/*.mjs", "default": "./lib/*.cjs"},
	"./lib/x/*.js": {"module-sync": "./x/*.mjs", "default": "./x/*.cjs"},
	"./gone": {"module-sync": "./gone.mjs", "default": "./plain.js"}
}}`

func TestVariants(t *testing.T) {
	names := []string{"custom.js", "sync.mjs", "import.mjs", "require.cjs", "native.js", "plain.js", "lib/a.mjs", "lib/a.cjs", "x/a.mjs", "x/a.cjs"}
	files := []string{syncPackage, `package.json: {"name": "app", "imports": {"#p": {"module-sync": "./sync.mjs", "default": "./plain.js"}, "#q/*": {"node-addons": "p/both", "default": "./*.js"}}}`, "sync.mjs", "plain.js"}
	for _, name := range names {
		files = append(files, "node_modules/p/"+name)
	}
	for _, tt := range []struct {
		specifier  string
		isImport   bool
		conditions string
		want       string // the files, without node_modules/p/
	}{
		{"p", false, "", "require.cjs sync.mjs"},
		{"p", true, "", "import.mjs sync.mjs"},
		{"p", true, "custom", ""},
		{"p", true, "other", "import.mjs sync.mjs"},
		{"p/plain", true, "", ""},
		{"p/native", false, "", "native.js plain.js"},
		{"p/both", false, "", "native.js plain.js sync.mjs"},
		{"p/same", false, "", ""},
		{"p/none", false, "", ""},
		{"p/lib/a", false, "", "lib/a.cjs lib/a.mjs"},
		{"p/lib/x/a.js", false, "", "x/a.cjs x/a.mjs"},
		{"p/absent", false, "", ""},
		{"p/gone", false, "", "plain.js"},
		{"#p", false, "", "native.js plain.js sync.mjs /plain.js /sync.mjs"},
		{"#q/plain", true, "", "native.js plain.js sync.mjs /plain.js"},
	} {
		r := newResolver(t, files...)
		r.SetConditions(strings.Fields(tt.conditions))
		if _, err := r.Resolve("", tt.specifier, tt.isImport); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range r.Record().Files() {
			short, inPackage := strings.CutPrefix(f, "node_modules/p/")
			if !inPackage {
				short = "/" + f
			}
			got = append(got, short)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s (import: %t) with %q: %q, want %q", tt.specifier, tt.isImport, tt.conditions, got, tt.want)
		}
	}
}

func TestNodePath(t *testing.T) {
	for _, tt := range []struct {
		specifier string
		isImport  bool
		want      string
	}{
		{"q", false, "missing=./a/q,q files=b/q.js"},
		{"q", true, "missing=q"},
		{"p/x", false, "files=node_modules/p/x.js packages=node_modules/p"},
		{"none/x", false, "missing=./a/none/x,./b/none/x,none"},
	} {
		r := newResolver(t, "a/y.js", "b/q.js", "node_modules/p/x.js")
		r.SetNodePath([]string{"a", "b"})
		if _, err := r.Resolve("", tt.specifier, tt.isImport); err != nil {
			t.Fatal(err)
		}
		if got := recorded(r.Record()); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.specifier, got, tt.want)
		}
	}
}
