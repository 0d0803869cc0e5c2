package shadow

import (
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
)

func TestOwnDirs(t *testing.T) {
	for _, tt := range []struct {
		name, project    string
		entries, include string
		pinned           string
		want             string // directories, with . for the root
	}{
		{"built", "", "dist/main.js", "", "dist/main.js dist/a/b.js package.json node_modules/dep/index.js", "dist dist/a"},
		{"in the root", "", "server.js", "", "server.js lib/a.js", ". lib"},
		{"an entry of any name", "", "bin/start", "", "bin/start package.json", "bin"},
		{"JSON", "", "dist/main.js", "", "dist/main.js version.json data/x.json", "dist"},
		{"a module above", "", "dist/main.js", "", "dist/main.js shared.cjs", ". dist"},
		{"included", "", "dist/main.js", "migrations/** dist/**", "dist/main.js migrations/a.js", "dist"},
		{"a cache", "", "dist/main.js", "", "dist/main.js .turbo/x.js", "dist"},
		{"Plug'n'Play", "", "src/main.js", "", "src/main.js .pnp.cjs .pnp.loader.mjs .yarn/cache/a.zip/node_modules/a/x.js", "src"},
		{"a file in node_modules", "", "src/main.js", "", "src/main.js node_modules/a.js", "src"},
		{"a member", "packages/app", "packages/app/src/main.js", "", "packages/app/src/main.js packages/lib/index.js packages/app-2/x.js tool.js", "packages/app/src"},
		{"an entry elsewhere", "packages/app", "tool.js", "", "tool.js", "packages/app"},
		{"an entry in node_modules", "", "node_modules/jest/bin/jest.js", "", "src/a.js", "."},
	} {
		m := &mapfile.Map{Coverage: mapfile.Packages, Project: tt.project, Entries: strings.Fields(tt.entries), Include: strings.Fields(tt.include),
			Files: make(map[string]string), Packages: map[string]mapfile.Package{tt.project: {}}}
		for _, f := range strings.Fields(tt.pinned) {
			m.Files[f] = "sha256-"
		}
		s, err := NewSearch(writeTree(t, nil), m, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, dir := range s.ownDirs() {
			if dir == "" {
				dir = "."
			}
			got = append(got, dir)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q, want %s", tt.name, got, tt.want)
		}
	}
}
