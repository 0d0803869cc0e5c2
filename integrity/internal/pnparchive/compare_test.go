package pnparchive

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// state are tables of a project that needs a, and b for development.
const state = `{"packageRegistryData": [
[null, [[null, {"packageLocation": "./", "packageDependencies": [["a", "npm:1"], ["b", "npm:1"]]}]]],
["app", [["workspace:.", {"packageLocation": "./", "packageDependencies": [["a", "npm:1"], ["b", "npm:1"]]}]]],
["a", [["npm:1", {"packageLocation": "./a.zip/node_modules/a/", "packageDependencies": []}]]],
["b", [["npm:1", {"packageLocation": "./b.zip/node_modules/b/", "packageDependencies": []}]]]
]}`

var withoutB = strings.NewReplacer(`, ["b", "npm:1"]`, "", `{"packageLocation": "./a.zip/node_modules/a/", "packageDependencies": []}]]],`, `{"packageLocation": "./a.zip/node_modules/a/", "packageDependencies": []}]]]`,
	`["b", [["npm:1", {"packageLocation": "./b.zip/node_modules/b/", "packageDependencies": []}]]]`, "").Replace(state)

// program returns the text of a .pnp.cjs.
func program(tables string) string {
	return "\"use strict\";\n\nconst RAW_RUNTIME_STATE =\n'" + strings.ReplaceAll(tables, "\n", "\\\n") + "';\n\nsetup(RAW_RUNTIME_STATE);\n"
}

const noTables = "function $$SETUP_STATE(hydrateRuntimeState, basePath) {\n  return hydrateRuntimeState(JSON.parse(read()), {basePath});\n}\n"

func TestCompareTables(t *testing.T) {
	for _, tt := range []struct {
		name   string
		file   string
		text   string
		detail string // "" if the tables are accepted
	}{
		{"without a development dependency", ".pnp.cjs", program(withoutB), ""},
		{"without a required one", ".pnp.cjs", program(strings.ReplaceAll(state, `["a", "npm:1"], `, "")), `the dependency of app@workspace:. on "a" is missing, and 1 more`},
		{"other code", ".pnp.cjs", program(withoutB) + "evil();\n", "its code differs"},
		{"other code before it", ".pnp.cjs", "evil();\n" + program(withoutB), "its code differs"},
		{"no tables", ".pnp.cjs", "evil();\n", "no tables found"},
		{"tables in another file", ".pnp.cjs", noTables, "its code differs"},
		{"tables that are not JSON", ".pnp.cjs", program("{"), "the tables are not JSON"},
		{"a file without a development dependency", ".pnp.data.json", withoutB, ""},
		{"a file with another place", ".pnp.data.json", strings.Replace(state, "./a.zip/", "./b.zip/", 1), "a@npm:1 is in"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			was := map[string]string{".pnp.cjs": program(state)}
			if tt.file == ".pnp.data.json" {
				was = map[string]string{".pnp.cjs": noTables, tt.file: state}
			}
			tr, m := newInstall(t, was)
			if err := os.WriteFile(tr.Abs(tt.file), []byte(tt.text), 0o644); err != nil {
				t.Fatal(err)
			}
			findings := []problem.Finding{{Code: problem.Missing, Path: "b.zip"}, {Code: problem.Mismatch, Path: tt.file}, {Code: problem.Missing, Path: "a.zip"}}
			in, err := CompareTables(tr, m, findings)
			if err != nil {
				t.Fatal(err)
			}
			if tt.detail != "" {
				if len(in.Findings) != 3 || in.Tables != nil || !strings.Contains(in.Findings[1].Detail, tt.detail) {
					t.Errorf("findings %v, tables %v, want the detail %q", in.Findings, in.Tables, tt.detail)
				}
				return
			}
			want := []problem.Finding{{Code: problem.Missing, Path: "a.zip"}}
			if !slices.Equal(in.Findings, want) || in.LeftOut != 1 || in.Tables == nil || !in.Tables.Metadata.Match(hasher.Sum(hasher.SetOf(hasher.SHA256), []byte(tt.text))) {
				t.Errorf("findings %v, left out %d, tables %v", in.Findings, in.LeftOut, in.Tables)
			}
		})
	}
}

// newInstall returns a tree with some files, and the map of it.
func newInstall(t *testing.T, files map[string]string) (*tree.Tree, *mapfile.Map) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m := &mapfile.Map{Coverage: mapfile.Dependencies}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		m.Pinned = append(m.Pinned, mapfile.Pinned{Path: name, Metadata: hasher.MetadataOf(hasher.Sum(hasher.SetOf(hasher.SHA256), []byte(text)))})
	}
	tr, err := tree.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	tables, err := ReadTables(tr)
	if err != nil {
		t.Fatal(err)
	}
	if m.PnP, err = (&Project{Tables: tables}).PinTables(tr, map[string][]string{"": {"b"}}); err != nil || m.PnP == nil {
		t.Fatal(m.PnP, err)
	}
	return tr, m
}

// Tables that are code, as those of Yarn 3, cannot be told from other code.
func TestPinTablesOfYarn3(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	text := "function $$SETUP_STATE(hydrateRuntimeState, basePath) {\n  return hydrateRuntimeState({\n    \"packageRegistryData\": [[null, [[null, {\"packageLocation\": \"./\", \"packageDependencies\": []}]]]]\n  }, {basePath: basePath || __dirname});\n}\n"
	if err := os.WriteFile(filepath.Join(root, ".pnp.cjs"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	tr, err := tree.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	tables, err := ReadTables(tr)
	if err != nil {
		t.Fatal(err)
	}
	if pinned, err := (&Project{Tables: tables}).PinTables(tr, nil); pinned != nil || err != nil {
		t.Errorf("PinTables: %v, %v", pinned, err)
	}
}
