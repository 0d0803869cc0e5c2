package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var entryTests = []struct {
	name  string
	pkg   string
	files string // separated by spaces
	want  string
	err   string
}{
	{name: "configured", pkg: `{"main":"m.js","nodeint":{"entries":["a","./b.js"]}}`, files: "a.js b.js m.js", want: "a.js b.js"},
	{name: "configured directory", pkg: `{"nodeint":{"entries":["lib"]}}`, files: "lib/index.js", want: "lib/index.js"},
	{name: "configured and absent", pkg: `{"nodeint":{"entries":["gone.js"]}}`, err: `nodeint.entries: entry "gone.js" does not exist`},
	{name: "configured outside", pkg: `{"nodeint":{"entries":["../package.json"]}}`, err: `is outside the root`},
	{name: "exports string", pkg: `{"exports":"./a.js"}`, files: "a.js", want: "a.js"},
	{name: "exports conditions", pkg: `{"exports":{"types":"./a.d.ts","import":"./a.mjs","browser":"./w.js","require":{"node":"./n.cjs","default":"./a.cjs"}}}`,
		files: "a.mjs n.cjs a.cjs", want: "a.mjs n.cjs a.cjs"},
	{name: "exports subpaths", pkg: `{"exports":{".":"./a.js","./b":["./b.js",null],"./c":null}}`, files: "a.js b.js", want: "a.js b.js"},
	{name: "exports own condition", pkg: `{"exports":{"x":"./x.js","default":"./a.js"},"nodeint":{"conditions":["x"]}}`, files: "x.js a.js", want: "x.js a.js"},
	{name: "exports pattern", pkg: `{"exports":{"./*":"./lib/*.js"}}`, files: "lib/a.js lib/b/c.js lib/d.txt lib/node_modules/x/y.js", want: "lib/a.js lib/b/c.js"},
	{name: "exports pattern without files", pkg: `{"exports":{"./*":"./lib/*.js",".":"./a.js"}}`, files: "a.js", want: "a.js"},
	{name: "exports not built", pkg: `{"exports":"./dist/a.js"}`, err: `exports names "./dist/a.js", which is not a file`},
	{name: "exports upward", pkg: `{"exports":"./../a.js"}`, err: "not a path within the package"},
	{name: "exports bare", pkg: `{"exports":"a.js"}`, files: "a.js", err: "not a path within the package"},
	{name: "main", pkg: `{"main":"./a.js"}`, files: "a.js index.js", want: "a.js"},
	{name: "main without extension", pkg: `{"main":"a"}`, files: "a.js", want: "a.js"},
	{name: "main json", pkg: `{"main":"a"}`, files: "a.json", want: "a.json"},
	{name: "main directory", pkg: `{"main":"lib"}`, files: "lib/index.js", want: "lib/index.js"},
	{name: "main absent, index present", pkg: `{"main":"a.js"}`, files: "index.js", want: "index.js"},
	{name: "main absent, start present", pkg: `{"main":"index.js","scripts":{"start":"node a"}}`, files: "a.js", want: "a.js"},
	{name: "main upward", pkg: `{"main":"../package.json"}`, err: "is outside the root"},
	{name: "bin string", pkg: `{"bin":"./cli.js"}`, files: "cli.js index.js", want: "cli.js"},
	{name: "bin map and main", pkg: `{"main":"a.js","bin":{"x":"x","y":"a.js"}}`, files: "a.js x", want: "a.js x"},
	{name: "bin absent", pkg: `{"bin":"cli.js"}`, err: `bin names "cli.js"`},
	{name: "start", pkg: `{"scripts":{"start":"node server.js --port 1"}}`, files: "server.js index.js", want: "server.js"},
	{name: "start with a preload", pkg: `{"scripts":{"start":"node --import ./x.mjs -r lib/sub server.js"}}`,
		files: "server.js x.mjs node_modules/lib/sub.js", want: "x.mjs node_modules/lib/sub.js server.js"},
	{name: "start with an absent preload", pkg: `{"scripts":{"start":"node -r nope server.js"}}`, files: "server.js", err: `preloads "nope"`},
	{name: "start absent", pkg: `{"scripts":{"start":"node server.js"}}`, files: "index.js", err: `starts "server.js", which does not exist`},
	{name: "start of another kind", pkg: `{"scripts":{"start":"next start"}}`, files: "index.js", err: "not of the form node FILE"},
	{name: "index", pkg: `{}`, files: "index.js", want: "index.js"},
	{name: "nothing", pkg: `{"main":"x.js"}`, err: `tried nodeint.entries, exports, main, bin and scripts.start of package.json (its main "x.js" does not exist), and index.js`},
}

func TestEntries(t *testing.T) {
	for _, tt := range entryTests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"package.json": "{}", "p/package.json": tt.pkg}
			for name := range strings.FieldsSeq(tt.files) {
				files["p/"+name] = ""
			}
			dir := tree(t, files)
			p, err := Find(filepath.Join(dir, "p"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Entries()
			if tt.err != "" {
				wantError(t, err, tt.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Fields(tt.want), relative(t, p.Dir, got)); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

// All targets of a preloaded package with exports are entries.
func TestPreloadExports(t *testing.T) {
	dir := tree(t, map[string]string{
		"package.json":                          `{"workspaces":["app"]}`,
		"app/package.json":                      `{"scripts":{"start":"node --import @x/tel/register app.js"}}`,
		"app/app.js":                            "",
		"node_modules/@x/tel/package.json":      `{"exports":{"./register":{"import":"./r.mjs","require":"./r.cjs"},".":"./no.js"}}`,
		"node_modules/@x/tel/r.mjs":             "",
		"node_modules/@x/tel/r.cjs":             "",
		"node_modules/@x/tel/no.js":             "",
		"app/node_modules/other/package.json":   `{}`,
		"app/node_modules/@x/tel2/package.json": `{}`,
	})
	p, err := Find(filepath.Join(dir, "app"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Entries()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"node_modules/@x/tel/r.mjs", "node_modules/@x/tel/r.cjs", "app/app.js"}
	if diff := cmp.Diff(want, relative(t, dir, got)); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestResolve(t *testing.T) {
	dir := tree(t, map[string]string{
		"out.js":               "",
		"p/package.json":       `{"main":"lib"}`,
		"p/lib/index.js":       "",
		"p/server.js":          "",
		"p/bin/cli":            "",
		"p/sub/package.json/x": "",
		"p/empty/readme.md":    "",
	})
	p, err := Find(filepath.Join(dir, "p"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "out.js"), filepath.Join(p.Dir, "link.js")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ cwd, arg, want, err string }{
		{".", "server.js", "server.js", ""},
		{".", "server", "server.js", ""},
		{".", "./bin/cli", "bin/cli", ""},
		{"bin", "../server.js", "server.js", ""},
		{"bin", "cli", "bin/cli", ""},
		{".", ".", "lib/index.js", ""},
		{".", "lib", "lib/index.js", ""},
		{".", filepath.Join(p.Dir, "server.js"), "server.js", ""},
		{".", "gone.js", "", `entry "gone.js" does not exist`},
		{".", "empty", "", `entry "empty" is a directory without a main or an index.js`},
		{".", "../out.js", "", "is outside the root"},
		{".", "link.js", "", "is outside the root"},
		{".", os.DevNull, "", "is a device"},
	} {
		got, err := p.Resolve([]string{tt.arg}, filepath.Join(p.Dir, tt.cwd))
		if tt.err != "" {
			wantError(t, err, tt.err)
			continue
		}
		if err != nil {
			t.Errorf("%s in %s: %v", tt.arg, tt.cwd, err)
			continue
		}
		if diff := cmp.Diff([]string{tt.want}, relative(t, p.Dir, got)); diff != "" {
			t.Errorf("%s in %s (-want +got):\n%s", tt.arg, tt.cwd, diff)
		}
	}
}
