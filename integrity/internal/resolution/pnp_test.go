//go:build unix

package resolution

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/pnp"
)

const plugTables = `{"packageRegistryData": [
  [null, [[null, {"packageLocation": "./", "packageDependencies": [["a", "virtual:1#npm:1"], ["b", "npm:1"], ["far", "npm:1"], ["gone", "npm:1"], ["none", null]]}]]],
  ["a", [
    ["npm:1", {"packageLocation": "./z/a.zip/node_modules/a/", "packageDependencies": []}],
    ["virtual:1#npm:1", {"packageLocation": "./z/__virtual__/a/0/a.zip/node_modules/a/", "packageDependencies": [["b", "npm:1"]]}]]],
  ["b", [["npm:1", {"packageLocation": "./z/b/", "packageDependencies": []}]]],
  ["far", [["npm:1", {"packageLocation": "../far/", "packageDependencies": []}]]],
  ["gone", [["npm:1", {"packageLocation": "./z/gone.zip/node_modules/gone/", "packageDependencies": []}]]]
]}`

// plugged has package a in a zip, b in a folder, and packages that no table names.
func plugged(t *testing.T) *Lookup {
	t.Helper()
	l := lay(t, "z/a.zip: zip", "z/b/package.json: {\"exports\":\"./x.js\"}", "z/b/x.js", "node_modules/none/index.js", "node_modules/b/index.js")
	tables, err := pnp.Parse([]byte(plugTables))
	must(t, err)
	l.tables = tables
	l.tree.Mount("z/a.zip", []string{"node_modules/a/package.json", "node_modules/a/lib/m.js"}, func(p string) ([]byte, error) {
		return []byte(`{"main":"lib/m","dependencies":{"b":"1"}}`), nil
	})
	return l
}

func keys(set map[string]struct{}) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), " ")
}

func TestPlugged(t *testing.T) {
	const virtual = "z/__virtual__/a/0/a.zip/node_modules/a"
	for _, tt := range []struct {
		dir, specifier                     string
		files, manifests, packages, absent string
	}{
		{"src", "a", "z/a.zip/node_modules/a/lib/m.js", "z/a.zip/node_modules/a/package.json", "z/a.zip/node_modules/a", ""},
		{"src", "a/lib/m.js", "z/a.zip/node_modules/a/lib/m.js", "z/a.zip/node_modules/a/package.json", "z/a.zip/node_modules/a", ""},
		{virtual + "/lib", "./m", "z/a.zip/node_modules/a/lib/m.js", "", "", ""},
		{virtual + "/lib", "../none", "", "", "", "./z/a.zip/node_modules/a/none"},
		{virtual + "/lib", "b", "", "z/b/package.json", "z/b", ""},
		{"src", "gone", "", "", "", "./z/gone.zip"},
		{"src", "none", "", "", "", ""},       // though it lies in node_modules
		{"src", "undeclared", "", "", "", ""}, // the tables are pinned
		{"src", "far", "", "", "", ""},
	} {
		l := plugged(t)
		if _, err := l.Specifier(tt.dir, tt.specifier, false); err != nil {
			t.Fatal(err)
		}
		got := []string{keys(l.Files), keys(l.Manifests), keys(l.Packages), keys(l.Absent)}
		if want := []string{tt.files, tt.manifests, tt.packages, tt.absent}; !slices.Equal(got, want) {
			t.Errorf("%s from %s: %q, want %q", tt.specifier, tt.dir, got, want)
		}
	}
}

func TestDependencies(t *testing.T) {
	for _, tt := range []struct {
		dir      string
		declared []string
		want     string
	}{
		{"", []string{"a", "none"}, "z/a.zip/node_modules/a"}, // the project's: what it declares
		{"z/a.zip/node_modules/a", nil, "z/b"},                // others: what the tables have
		{"elsewhere/none", []string{"b"}, "node_modules/b"},   // no package of the tables
	} {
		l := plugged(t)
		found, err := l.Dependencies(tt.dir, tt.declared)
		if got := strings.Join(slices.Compact(found), " "); err != nil || got != tt.want {
			t.Errorf("%s: %s, %v, want %s", tt.dir, got, err, tt.want)
		}
	}
}
