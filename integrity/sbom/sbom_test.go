package sbom

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
)

// trees are programs, and what the inventory has of them: for each component its Ref, its
// Reach, its directories, and after ">" the packages that it imports. Unreached ones follow
// after "apart".
var trees = []struct{ name, archive, want string }{
	{
		"the same package twice is one component, with other files it is another one", `
-- package.json --
{"name": "app", "version": "1.0.0", "main": "main.js"}
-- main.js --
require('a'); require('b'); require('c'); require('twin');
-- node_modules/twin/package.json --
{"name": "twin", "version": "1.0.0"}
-- node_modules/twin/index.js --
-- node_modules/a/package.json --
{"name": "a", "version": "1.0.0"}
-- node_modules/a/index.js --
require('twin');
-- node_modules/a/node_modules/twin/package.json --
{"name": "twin", "version": "1.0.0"}
-- node_modules/a/node_modules/twin/index.js --
-- node_modules/b/package.json --
{"name": "b", "version": "1.0.0"}
-- node_modules/b/index.js --
require('twin');
-- node_modules/b/node_modules/twin/package.json --
{"name": "twin", "version": "1.0.0"}
-- node_modules/b/node_modules/twin/index.js --
// other
-- node_modules/c/index.js --
// no package.json
-- node_modules/d/package.json --
{"name": "twin", "version": "1.0.0"}
-- node_modules/d/index.js --
`, `
app@1.0.0 imports . > a@1.0.0 b@1.0.0 c twin@1.0.0
a@1.0.0 imports node_modules/a > twin@1.0.0
b@1.0.0 imports node_modules/b > twin@1.0.0#node_modules/b/node_modules/twin
c imports node_modules/c
twin@1.0.0 imports node_modules/a/node_modules/twin node_modules/twin
twin@1.0.0#node_modules/b/node_modules/twin imports node_modules/b/node_modules/twin
apart twin@1.0.0#node_modules/d node_modules/d`,
	},
	{
		"imports, and not what package.json declares", `
-- package.json --
{"name": "app", "version": "1.0.0", "main": "main.mjs", "dependencies": {"declared": "1"}}
-- main.mjs --
import 'a/sub.js'; import '#own'; import 'app/self.js'; import 'node:fs'; import './node_modules/relative/index.js';
try { await import('missing'); } catch {}
-- self.js --
-- node_modules/a/package.json --
{"name": "a", "version": "1.0.0", "dependencies": {"declared": "1"}, "exports": {"./*": {"module-sync": "./*", "default": "./*"}}}
-- node_modules/a/sub.js --
require('undeclared');
-- node_modules/declared/package.json --
{"name": "declared", "version": "1.0.0"}
-- node_modules/declared/index.js --
require('undeclared');
-- node_modules/undeclared/package.json --
{"name": "undeclared", "version": "1.0.0"}
-- node_modules/undeclared/index.js --
-- node_modules/relative/package.json --
{"name": "relative", "version": "1.0.0"}
-- node_modules/relative/index.js --
`, `
app@1.0.0 imports . > a@1.0.0 relative@1.0.0
a@1.0.0 imports node_modules/a > undeclared@1.0.0
declared@1.0.0 declared node_modules/declared
relative@1.0.0 imports node_modules/relative
undeclared@1.0.0 imports node_modules/undeclared`,
	},
	{
		"the lockfile names a package, and not its own package.json", `
-- package.json --
{"name": "app", "version": "1.0.0", "main": "main.js", "dependencies": {"a": "1"}}
-- main.js --
require('a');
-- package-lock.json --
{"lockfileVersion": 3, "packages": {"": {"name": "app", "dependencies": {"a": "1"}}, "node_modules/a": {"name": "real", "version": "1.0.0"}}}
-- node_modules/a/package.json --
{"name": "false", "version": "1.0.0"}
-- node_modules/a/index.js --
`, `
app@1.0.0 imports . > real@1.0.0
real@1.0.0 imports node_modules/a`,
	},
}

func TestInventory(t *testing.T) {
	for _, c := range trees {
		t.Run(c.name, func(t *testing.T) {
			inv := inventory(t, c.archive)
			if diff := cmp.Diff(strings.TrimSpace(c.want), summary(inv)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// inventory generates the map of a program and reads its inventory.
func inventory(t *testing.T, archive string) *Inventory {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := project.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	g, err := integrity.Generate(t.Context(), integrity.GenerateOptions{Project: p})
	if err != nil {
		t.Fatal(err)
	}
	if err := integrity.Write(g); err != nil {
		t.Fatal(err)
	}
	opt := Options{Root: g.Root, Map: g.Map, Digest: g.Digest, Version: "v0.0.0"}
	inv, err := Read(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	opt.Digest = "blake3-other"
	if _, err := Read(t.Context(), opt); err == nil {
		t.Error("Read accepts another map than the one that was verified")
	}
	return inv
}

func summary(inv *Inventory) string {
	ref := func(c *Component) string { return strings.TrimPrefix(c.Ref, "pkg:npm/") }
	var lines []string
	for _, c := range inv.loaded() {
		line := ref(c) + " " + string(c.Reach) + " " + strings.Join(placeNames(c), " ")
		if len(c.Uses) > 0 {
			line += " >"
		}
		for _, used := range c.Uses {
			line += " " + ref(used)
		}
		lines = append(lines, line)
	}
	for _, c := range inv.Unreached {
		lines = append(lines, "apart "+ref(c)+" "+strings.Join(placeNames(c), " "))
	}
	return strings.Join(lines, "\n")
}
