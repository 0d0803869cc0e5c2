//go:build unix

package resolution

import (
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/pnp"
)

const pnpTables = `{"packageRegistryData": [
  [null, [[null, {"packageLocation": "./", "packageDependencies": [["a", "virtual:1#npm:1"], ["b", "npm:1"], ["far", "npm:1"], ["gone", "npm:1"], ["none", null]]}]]],
  ["a", [
    ["npm:1", {"packageLocation": "./z/a.zip/node_modules/a/", "packageDependencies": []}],
    ["virtual:1#npm:1", {"packageLocation": "./z/__virtual__/a/0/a.zip/node_modules/a/", "packageDependencies": [["b", "npm:1"]]}]]],
  ["b", [["npm:1", {"packageLocation": "./z/b/", "packageDependencies": []}]]],
  ["far", [["npm:1", {"packageLocation": "../far/", "packageDependencies": []}]]],
  ["gone", [["npm:1", {"packageLocation": "./z/gone.zip/node_modules/gone/", "packageDependencies": []}]]]
]}`

// newPnPResolver has package a in a zip, package b in a directory, and packages that
// the tables do not list.
func newPnPResolver(t *testing.T) *Resolver {
	t.Helper()
	r := newResolver(t, "z/a.zip: zip", "z/b/package.json: {\"exports\":\"./x.js\"}", "z/b/x.js", "node_modules/none/index.js", "node_modules/b/index.js")
	tables, err := pnp.Parse([]byte(pnpTables))
	must(t, err)
	r.tables = tables
	r.tree.Mount("z/a.zip", []string{"node_modules/a/package.json", "node_modules/a/lib/m.js"}, func(p string) ([]byte, error) {
		return []byte(`{"main":"lib/m","dependencies":{"b":"1"}}`), nil
	})
	return r
}

func TestResolvePnP(t *testing.T) {
	const virtual = "z/__virtual__/a/0/a.zip/node_modules/a"
	for _, tt := range []struct {
		dir, specifier                      string
		files, manifests, packages, missing string
	}{
		{"src", "a", "z/a.zip/node_modules/a/lib/m.js", "z/a.zip/node_modules/a/package.json", "z/a.zip/node_modules/a", ""},
		{"src", "a/lib/m.js", "z/a.zip/node_modules/a/lib/m.js", "z/a.zip/node_modules/a/package.json", "z/a.zip/node_modules/a", ""},
		{virtual + "/lib", "./m", "z/a.zip/node_modules/a/lib/m.js", "", "", ""},
		{virtual + "/lib", "../none", "", "", "", "./z/a.zip/node_modules/a/none"},
		{virtual + "/lib", "b", "", "z/b/package.json", "z/b", ""},
		{"src", "gone", "", "", "", "./z/gone.zip"},
		{"src", "none", "", "", "", "none"}, // though node_modules has it
		{"src", "undeclared", "", "", "", "undeclared"},
		{"src", "far", "", "", "", ""},
	} {
		r := newPnPResolver(t)
		if _, err := r.Resolve(tt.dir, tt.specifier, false); err != nil {
			t.Fatal(err)
		}
		rec := r.Record()
		var got []string
		for _, paths := range [][]string{rec.Files(), rec.Manifests(), rec.Packages(), rec.Missing()} {
			got = append(got, strings.Join(paths, " "))
		}
		if want := []string{tt.files, tt.manifests, tt.packages, tt.missing}; !slices.Equal(got, want) {
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
		{"", []string{"a", "none"}, "z/a.zip/node_modules/a"}, // the project: what it declares
		{"z/a.zip/node_modules/a", nil, "z/b"},                // another package: what the tables list
		{"elsewhere/none", []string{"b"}, "node_modules/b"},   // not a package of the tables
	} {
		r := newPnPResolver(t)
		found, err := r.Dependencies(tt.dir, tt.declared)
		if got := strings.Join(slices.Compact(found), " "); err != nil || got != tt.want {
			t.Errorf("%s: %s, %v, want %s", tt.dir, got, err, tt.want)
		}
	}
}
