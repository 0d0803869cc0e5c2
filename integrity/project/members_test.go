package project

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Members agrees with Find: each member that it lists has the root of the workspace.
func TestMembers(t *testing.T) {
	dir := tree(t, map[string]string{
		"package.json":                         `{"workspaces": ["apps/*", "nested", "!apps/out"], "scripts": {"start": "node x.js"}}`,
		"pnpm-workspace.yaml":                  "packages: [libs/**]",
		"x.js":                                 "",
		"apps/api/package.json":                `{"scripts": {"start": "nodeint run node server.js"}}`,
		"apps/api/server.js":                   "",
		"apps/api/node_modules/b/package.json": `{"main": "b.js"}`,
		"apps/broken/package.json":             `{`,
		"apps/map/package.json":                `{}`,
		"apps/map/map.json":                    "",
		"apps/nothing/readme":                  "",
		"apps/out/package.json":                `{}`,
		"apps/unbuilt/package.json":            `{"bin": "dist/main.js"}`,
		"apps/main/package.json":               `{"main": "dist/main.js"}`,
		"apps/types/package.json":              `{"types": "index.d.ts"}`,
		"apps/deep/er/package.json":            `{}`,
		"libs/a/b/package.json":                `{"main": "b.js"}`,
		"libs/a/b/b.js":                        "",
		"nested/package.json":                  `{"workspaces": ["c"]}`,
		"nested/c/package.json":                `{"exports": "./c.js"}`,
		"nested/c/c.js":                        "",
	})
	for _, from := range []string{".", "apps/api", "nested/c"} {
		root, members, err := Members(filepath.Join(dir, from), "map.json")
		if err != nil || root != dir {
			t.Fatalf("root %s (%v), want %s", root, err, dir)
		}
		var got []string
		for _, m := range members {
			mark := ""
			if m.Skip != "" {
				mark = " skipped"
			}
			got = append(got, m.Dir+mark)
			if found, err := workspaceRoot(filepath.Join(dir, m.Dir)); err != nil || found != dir {
				t.Errorf("%s is a member, and its root is %s (%v)", m.Dir, found, err)
			}
		}
		want := []string{
			"apps/api", "apps/broken", "apps/main", "apps/map", "apps/types skipped", "apps/unbuilt", "libs/a/b",
			"nested skipped", "nested/c",
		}
		if !slices.Equal(got, want) {
			t.Errorf("from %s: members %q, want %q", from, got, want)
		}
	}
	if _, _, err := Members(filepath.Join(dir, "apps/out"), "map.json"); err == nil || !strings.Contains(err.Error(), "has no workspaces") {
		t.Errorf("in a directory that is no member: error %v", err)
	}
}

func TestLocateMap(t *testing.T) {
	dir := tree(t, map[string]string{
		"package.json": `{"workspaces": ["apps/*"]}`, "map.json": "",
		"apps/api/map.json": "", "apps/api/dist/package.json": "{}", "apps/web/src/x.js": "",
		"node_modules/x/map.json": "", "node_modules/x/bin/x.js": "", "apps/api/node_modules/y/map.json": "",
	})
	for _, tt := range []struct{ from, stop, dir, root string }{
		{"apps/api/dist", ".", "apps/api", "."},
		{"apps/api/dist", "apps/api/dist", "", ""},
		{"apps/web/src", ".", ".", "."},
		{"apps/web/src", "apps", "", ""},
		{"node_modules/x/bin", ".", ".", "."},
		{"apps/api/node_modules/y", ".", "apps/api", "."},
	} {
		p, err := LocateMap(filepath.Join(dir, tt.from), filepath.Join(dir, tt.stop), "map.json")
		switch {
		case err != nil:
			t.Errorf("%v: %v", tt, err)
		case p == nil && tt.dir != "" || p != nil && (tt.dir == "" || p.Dir != filepath.Join(dir, tt.dir) || p.Root != filepath.Join(dir, tt.root)):
			t.Errorf("%v: %+v", tt, p)
		}
	}
}

func TestBins(t *testing.T) {
	dir := tree(t, map[string]string{
		"node_modules/.bin/next": "", "apps/web/node_modules/.bin/vite": "", "apps/web/node_modules/.bin/dir/x": "",
		"node_modules/next/package.json":        `{"name": "next", "bin": {"next": "./dist/bin/next", "other": "dist/bin/other"}}`,
		"node_modules/next/dist/bin/next":       "",
		"node_modules/next/dist/package.json":   `{"type": "commonjs"}`,
		"node_modules/@a/b/package.json":        `{"name": "@a/b", "bin": "b.js"}`,
		"node_modules/broken/bin.js":            "",
		"node_modules/broken/package.json":      `{`,
		"node_modules/next/nested/package.json": `{"name": "nested", "bin": {"next": "../dist/bin/next"}}`,
	})
	for _, tt := range []struct{ from, name, want string }{
		{"apps/web", "next", "node_modules/.bin/next"},
		{"apps/web", "vite", "apps/web/node_modules/.bin/vite"},
		{".", "vite", ""}, {"apps/web", "dir", ""}, {"apps/web", "", ""}, {"apps/web", "..", ""}, {"apps/web", "../.bin/next", ""},
	} {
		got, err := FindBin(filepath.Join(dir, tt.from), dir, tt.name)
		if want := tt.want; err != nil || want == "" && got != "" || want != "" && got != filepath.Join(dir, want) {
			t.Errorf("%v: %s (%v)", tt, got, err)
		}
	}
	for _, tt := range []struct{ file, name, want string }{
		{"node_modules/next/dist/bin/next", "next", "node_modules/next"},
		{"node_modules/next/dist/bin/next", "other", ""},
		{"node_modules/next/dist/bin/next", "absent", ""},
		{"node_modules/next/package.json", "next", ""},
		{"node_modules/@a/b/b.js", "b", "node_modules/@a/b"},
		{"node_modules/@a/b/b.js", "@a/b", ""},
		{"node_modules/next/nested/x", "next", ""},
	} {
		got, err := BinPackage(filepath.Join(dir, tt.file), tt.name)
		if want := tt.want; err != nil || want == "" && got != "" || want != "" && got != filepath.Join(dir, want) {
			t.Errorf("%v: %s (%v)", tt, got, err)
		}
	}
	if _, err := BinPackage(filepath.Join(dir, "node_modules/broken/bin.js"), "broken"); err == nil {
		t.Error("no error for a package.json that cannot be parsed")
	}
}

func TestStart(t *testing.T) {
	for _, tt := range []struct{ script, words, env, err string }{
		{script: "node server.js", words: "node server.js"},
		{script: "A=b nodeint verify && C='d e' cross-env F=g nodeint run --allow eval node -r x server.js 80", words: "node -r x server.js 80", env: "C=d e,F=g"},
		{script: "nodeint run next start", words: "next start"},
		{script: "dumb-init -- node server.js", words: "node server.js"},
		{script: "", err: "has no scripts.start"},
		{script: "npm run x && node y", err: "needs a shell"},
		{script: "nodeint run", err: "without a command"},
		{script: "nodeint -C a run node b.js", err: "in another directory"},
		{script: "cross-env 'A=$B' node b.js", err: `expands the variable in "A=$B"`},
	} {
		p := &Project{pkg: manifest{path: "package.json", text: []byte("text")}}
		m, err := parseManifest("package.json", []byte(`{"scripts": {"start": `+quote(tt.script)+`}}`))
		if err != nil {
			t.Fatal(err)
		}
		p.pkg.members = m.members
		c, err := p.Start()
		if tt.err != "" {
			wantError(t, err, tt.err)
			continue
		}
		if err != nil || strings.Join(c.Words, " ") != tt.words || strings.Join(c.Env, ",") != tt.env || string(c.Manifest) != "text" {
			t.Errorf("%q: %+v (%v)", tt.script, c, err)
		}
	}
}
