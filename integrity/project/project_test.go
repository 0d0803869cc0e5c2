package project

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree writes the files, by slash-separated name, below a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// relative gives the paths relative to dir, slash-separated.
func relative(t *testing.T, dir string, paths []string) []string {
	t.Helper()
	var out []string
	for _, p := range paths {
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, filepath.ToSlash(rel))
	}
	return out
}

// wantError checks that err is an *Error with a hint, whose message and hint
// hold the texts.
func wantError(t *testing.T, err error, texts ...string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want an *Error that says %q", err, texts)
	}
	if e.Hint == "" {
		t.Errorf("error %q has no hint", e)
	}
	for _, text := range texts {
		if !strings.Contains(e.Error()+"\n"+e.Hint, text) {
			t.Errorf("error %q with hint %q does not say %q", e, e.Hint, text)
		}
	}
}

var entryTests = []struct {
	name  string
	pkg   string
	files string // separated by blanks
	want  string
	err   string
}{
	{name: "configured", pkg: `{"main":"m.js","nodeint":{"entries":["a","./b.js"]}}`, files: "a.js b.js m.js", want: "a.js b.js"},
	{name: "configured folder", pkg: `{"nodeint":{"entries":["lib"]}}`, files: "lib/index.js", want: "lib/index.js"},
	{name: "configured and absent", pkg: `{"nodeint":{"entries":["gone.js"]}}`, err: `nodeint.entries: entry "gone.js" does not exist`},
	{name: "configured outside", pkg: `{"nodeint":{"entries":["../package.json"]}}`, err: `lies outside`},
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
	{name: "main folder", pkg: `{"main":"lib"}`, files: "lib/index.js", want: "lib/index.js"},
	{name: "main absent, index there", pkg: `{"main":"a.js"}`, files: "index.js", want: "index.js"},
	{name: "main absent, start there", pkg: `{"main":"index.js","scripts":{"start":"node a"}}`, files: "a.js", want: "a.js"},
	{name: "main upward", pkg: `{"main":"../package.json"}`, err: "lies outside"},
	{name: "bin string", pkg: `{"bin":"./cli.js"}`, files: "cli.js index.js", want: "cli.js"},
	{name: "bin map and main", pkg: `{"main":"a.js","bin":{"x":"x","y":"a.js"}}`, files: "a.js x", want: "a.js x"},
	{name: "bin absent", pkg: `{"bin":"cli.js"}`, err: `bin names "cli.js"`},
	{name: "start", pkg: `{"scripts":{"start":"node server.js --port 1"}}`, files: "server.js index.js", want: "server.js"},
	{name: "start with a preload", pkg: `{"scripts":{"start":"node --import ./x.mjs -r lib/sub server.js"}}`,
		files: "server.js x.mjs node_modules/lib/sub.js", want: "x.mjs node_modules/lib/sub.js server.js"},
	{name: "start with an absent preload", pkg: `{"scripts":{"start":"node -r nope server.js"}}`, files: "server.js", err: `preloads "nope"`},
	{name: "start absent", pkg: `{"scripts":{"start":"node server.js"}}`, files: "index.js", err: `starts "server.js", which is not there`},
	{name: "start of another kind", pkg: `{"scripts":{"start":"next start"}}`, files: "index.js", err: "not of the form node FILE"},
	{name: "index", pkg: `{}`, files: "index.js", want: "index.js"},
	{name: "nothing", pkg: `{"main":"x.js"}`, err: `looked at nodeint.entries, exports, main, bin and scripts.start of package.json (its main "x.js" is not there), and for index.js`},
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

// A preload of a package with exports stands for all its targets.
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

var manifestErrors = []struct {
	name, text, want string
}{
	{"not JSON", "{\n  \"name\": \"x\",\n  oops\n}", "package.json:3:3 is not JSON: invalid character 'o'"},
	{"cut off", `{"name":`, "package.json:1:8 is not JSON: unexpected end"},
	{"empty", " \n", "is empty"},
	{"array", "[]", "is not a JSON object"},
	{"not UTF-8", "{\"name\":\"\xff\"}", "is not UTF-8"},
	{"too deep", strings.Repeat("[", 1<<20), "exceeded max depth"},
	{"main twice", `{"main":"a.js","m\u0061in":"b.js"}`, `has the member "main" twice`},
	{"nodeint not an object", `{"nodeint":[]}`, "nodeint is not an object"},
	{"unknown member", `{"nodeint":{"entires":[]}}`, "nodeint.entires is not known\ndid you mean entries?"},
	{"unknown member, none near", `{"nodeint":{"zzzzzz":[]}}`, "choose one of algorithms, conditions, coverage, entries, exclude, include"},
	{"member twice", `{"nodeint":{"include":["a"],"include":[]}}`, "nodeint.include is there twice"},
	{"entries a string", `{"nodeint":{"entries":"a.js"}}`, `nodeint.entries is not a list of strings`},
	{"entries of numbers", `{"nodeint":{"entries":[1]}}`, `nodeint.entries is not a list of strings`},
	{"entries empty string", `{"nodeint":{"entries":[""]}}`, `which is no path`},
	{"coverage unknown", `{"nodeint":{"coverage":"dependancies"}}`, "\"dependancies\" is not known\ndid you mean dependencies?"},
	{"coverage a number", `{"nodeint":{"coverage":1}}`, "nodeint.coverage is not a string"},
	{"algorithm unknown", `{"nodeint":{"algorithms":["sha265"]}}`, "did you mean sha256?"},
	{"blake3 alone", `{"nodeint":{"algorithms":["blake3"]}}`, "names no sha256, sha384 or sha512"},
	{"no algorithm", `{"nodeint":{"algorithms":[]}}`, "names no sha256, sha384 or sha512"},
	{"bad glob", `{"nodeint":{"include":["a[b"]}}`, "which is no glob"},
	{"glob upward", `{"nodeint":{"include":["../x"]}}`, "which leads out of the root"},
	{"explosive glob", `{"nodeint":{"exclude":["` + strings.Repeat("{a,b}", 30) + `"]}}`, "which is no glob"},
	{"bad trace", `{"nodeint":{"trace":"t.json"}}`, "is not a list of strings"},
	{"bad condition", `{"nodeint":{"conditions":["a,b"]}}`, "which is no name"},
}

func TestManifestErrors(t *testing.T) {
	for _, tt := range manifestErrors {
		t.Run(tt.name, func(t *testing.T) {
			dir := tree(t, map[string]string{"package.json": tt.text})
			_, err := Find(dir)
			wantError(t, err, tt.want)
		})
	}
}

func TestConfig(t *testing.T) {
	dir := tree(t, map[string]string{"package.json": "\xef\xbb\xbf" + `{"name":"n","version":"1.2.3","nodeint":{
		"entries":["a.js"],"coverage":"tree","algorithms":["sha512","blake3"],
		"include":["v/**"],"exclude":["!t/*"],"conditions":["production"],"trace":["t.json"],"scripts":["esbuild"],"lockfile":"fetch"}}`})
	p, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{[]string{"a.js"}, "tree", []string{"sha512", "blake3"}, []string{"v/**"}, []string{"!t/*"}, []string{"production"}, []string{"t.json"}, "fetch", []string{"esbuild"}}
	if diff := cmp.Diff(want, p.Config); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if p.Name != "n" || p.Version != "1.2.3" {
		t.Errorf("got %s@%s, want n@1.2.3", p.Name, p.Version)
	}
}

func TestFind(t *testing.T) {
	dir := tree(t, map[string]string{
		"a/package.json":            "{}",
		"a/b/c/x.js":                "",
		"a/d/package.json/f":        "",
		"a/node_modules/m/index.js": "",
	})
	for from, want := range map[string]string{"a": "a", "a/b/c": "a", "a/d": "a", "a/node_modules/m": "a"} {
		p, err := Find(filepath.Join(dir, from))
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(dir, want); p.Dir != want || p.Root != want {
			t.Errorf("Find(%s): %s with root %s, want %s", from, p.Dir, p.Root, want)
		}
	}
	_, err := Find(dir)
	wantError(t, err, "no package.json in "+dir+" or any folder above it", "npm init -y", "-C DIR")
	_, err = Find(filepath.Join(dir, "gone"))
	wantError(t, err, "does not exist")
	_, err = Find(filepath.Join(dir, "a/b/c/x.js"))
	wantError(t, err, "is not a folder")
}

func TestLocate(t *testing.T) {
	dir := tree(t, map[string]string{
		"package.json":        `{"workspaces":["w/*"]}`,
		"w/a/package.json":    "{ broken",
		"w/b/importmap.json":  "{}",
		"w/c/package.json/x":  "",
		"other/importmap.txt": "",
	})
	for from, want := range map[string]string{"w/a": "w/a", "w/b": "w/b", "w/c": ".", "other": ".", ".": "."} {
		p, err := Locate(filepath.Join(dir, from), "importmap.json")
		if err != nil {
			t.Fatal(err)
		}
		if p.Dir != filepath.Join(dir, want) || p.Root != dir {
			t.Errorf("Locate(%s): %s with root %s, want %s", from, p.Dir, p.Root, want)
		}
	}
	_, err := Locate(filepath.Dir(dir), "importmap.json")
	wantError(t, err, "no package.json in")
}

// A project reached through a symbolic link is the one that the link leads to.
func TestFindThroughLink(t *testing.T) {
	dir := tree(t, map[string]string{"a/package.json": "{}", "a/x.js": ""})
	link := filepath.Join(dir, "l")
	if err := os.Symlink("a", link); err != nil {
		t.Fatal(err)
	}
	p, err := Find(link)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Resolve([]string{"x.js", filepath.Join(link, "x.js")}, link)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"x.js"}, relative(t, filepath.Join(dir, "a"), got)); diff != "" {
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
		{".", "empty", "", `entry "empty" is a folder without a main or an index.js`},
		{".", "../out.js", "", "lies outside of"},
		{".", "link.js", "", "lies outside of"},
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

func TestWorkspaces(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		from  string
		root  string
		err   string
	}{
		{name: "npm", files: map[string]string{"package.json": `{"workspaces":["packages/*"]}`}, from: "packages/a", root: "."},
		{name: "npm, a dotted pattern", files: map[string]string{"package.json": `{"workspaces":["./packages/*/"]}`}, from: "packages/a", root: "."},
		{name: "npm, a plain name", files: map[string]string{"package.json": `{"workspaces":["a"]}`}, from: "a", root: "."},
		{name: "npm, any depth", files: map[string]string{"package.json": `{"workspaces":["packages/**"]}`}, from: "packages/x/y/a", root: "."},
		{name: "npm, too deep", files: map[string]string{"package.json": `{"workspaces":["packages/*"]}`}, from: "packages/x/a", root: "packages/x/a"},
		{name: "npm, taken out", files: map[string]string{"package.json": `{"workspaces":["packages/*","!packages/a"]}`}, from: "packages/a", root: "packages/a"},
		{name: "npm, taken out and in again", files: map[string]string{"package.json": `{"workspaces":["!packages/a","packages/*"]}`}, from: "packages/a", root: "."},
		{name: "npm, the workspace itself", files: map[string]string{"package.json": `{"workspaces":["packages/*"]}`}, from: ".", root: "."},
		{name: "npm, not in node_modules", files: map[string]string{"package.json": `{"workspaces":["**"]}`}, from: "node_modules/a", root: "node_modules/a"},
		{name: "yarn 1", files: map[string]string{"package.json": `{"workspaces":{"packages":["packages/*"],"nohoist":[]}}`}, from: "packages/a", root: "."},
		{name: "yarn, within another", files: map[string]string{"package.json": `{"workspaces":["w"]}`, "w/package.json": `{"workspaces":["a"]}`}, from: "w/a", root: "."},
		{name: "pnpm", files: map[string]string{"package.json": `{}`, "pnpm-workspace.yaml": "packages:\n  - 'packages/*'\n"}, from: "packages/a", root: "."},
		{name: "pnpm, taken out first", files: map[string]string{"pnpm-workspace.yaml": "packages: ['!**/a', 'packages/**']"}, from: "packages/a", root: "packages/a"},
		{name: "pnpm, settings only", files: map[string]string{"pnpm-workspace.yaml": "onlyBuiltDependencies:\n  - esbuild\n"}, from: "packages/a", root: "packages/a"},
		{name: "no workspace", files: map[string]string{"package.json": `{}`}, from: "packages/a", root: "packages/a"},
		{name: "null", files: map[string]string{"package.json": `{"workspaces":null}`}, from: "a", root: "a"},
		{name: "wrong type", files: map[string]string{"package.json": `{"workspaces":"a"}`}, from: "a", err: "workspaces is not a list of strings"},
		{name: "bad pattern", files: map[string]string{"package.json": `{"workspaces":["a["]}`}, from: "a", err: "which is no glob"},
		{name: "bad YAML", files: map[string]string{"pnpm-workspace.yaml": "packages: [a"}, from: "a", err: "pnpm-workspace.yaml"},
		{name: "YAML of a wrong type", files: map[string]string{"pnpm-workspace.yaml": "packages: {a: b}"}, from: "a", err: "pnpm-workspace.yaml"},
		{name: "YAML of a wrong item", files: map[string]string{"pnpm-workspace.yaml": "packages: [a, [b]]"}, from: "a", err: "something else than texts"},
		{name: "deep YAML", files: map[string]string{"pnpm-workspace.yaml": "packages: " + strings.Repeat("[", 60<<10)}, from: "a", err: "pnpm-workspace.yaml"},
		{name: "broken package.json above", files: map[string]string{"package.json": `{`}, from: "a", err: "is not JSON"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.files[tt.from+"/package.json"] == "" && tt.from != "." {
				tt.files[tt.from+"/package.json"] = "{}"
			}
			dir := tree(t, tt.files)
			p, err := Find(filepath.Join(dir, tt.from))
			if tt.err != "" {
				wantError(t, err, tt.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := filepath.Join(dir, tt.root); p.Root != want {
				t.Errorf("root is %s, want %s", p.Root, want)
			}
		})
	}
}

var startTests = []struct {
	script string
	want   string // the file and then the preloads, separated by blanks
	err    string
}{
	{script: "node server.js", want: "server.js"},
	{script: "node .", want: "."},
	{script: " node\tserver.js --port 80 ", want: "server.js"},
	{script: "NODE_ENV=production node server.js", want: "server.js"},
	{script: "cross-env A=b C=d node server.js", want: "server.js"},
	{script: "env A=b exec /usr/bin/node server.js", want: "server.js"},
	{script: `node "my app.js"`, want: "my app.js"},
	{script: `node 'it'"'"'s.js'`, want: "it's.js"},
	{script: `node "a\"b\c.js"`, want: `a"b\c.js`},
	{script: `node a\ b.js`, want: "a b.js"},
	{script: "node --enable-source-maps --max-old-space-size=4096 server.js", want: "server.js"},
	{script: "node -C production --env-file .env server.js", want: "server.js"},
	{script: "node --import ./x.mjs app.js", want: "app.js ./x.mjs"},
	{script: "node --import=./x.mjs -r dotenv/config --require=y app.js", want: "app.js ./x.mjs dotenv/config y"},
	{script: "node --import file:///a/b%20c.mjs app.js", want: "app.js /a/b c.mjs"},
	{script: "node -- -odd.js", want: "-odd.js"},
	{script: "node server.js # in production", want: "server.js"},
	{script: "node a#b.js;", want: "a#b.js"},
	{script: "node", err: "without a file"},
	{script: "node --import", err: "has no value"},
	{script: "node --import data:text/javascript,1 a.js", err: "which is not a file"},
	{script: "node -e 1", err: "starts no file"},
	{script: "node --test", err: "starts no file"},
	{script: "node -", err: "starts no file"},
	{script: "nodemon server.js", err: "not of the form"},
	{script: "npm run build && node server.js", err: "needs a shell"},
	{script: "node $MAIN", err: `a shell, which expands "$MAIN"`},
	{script: "node `x`", err: "which expands"},
	{script: `node "$MAIN"`, err: "which expands"},
	{script: "node *.js", err: "needs a shell"},
	{script: "node 'a", err: "closing quote"},
	{script: "node server.js &", err: "needs a shell"},
	{script: "node server.js >log", err: "needs a shell"},
	{script: "A=$B node server.js", err: "which expands"},
	{script: "node a.js\nnode b.js", err: "needs a shell"},
	{script: "", err: "not of the form"},
}

func TestReadStart(t *testing.T) {
	for _, tt := range startTests {
		got, err := readStart(tt.script)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: error %v, want %q", tt.script, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.script, err)
			continue
		}
		if got := strings.Join(append([]string{got.file}, got.preloads...), " "); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.script, got, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"entries", "coverage", "algorithms"}
	for name, want := range map[string]string{
		"entires": "entries", "entry": "", "Coverage": "coverage", "algoritm": "algorithms", "": "", "xyz": "",
	} {
		if got := Nearest(name, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzManifest(f *testing.F) {
	for _, tt := range entryTests {
		f.Add([]byte(tt.pkg))
	}
	for _, tt := range manifestErrors {
		if len(tt.text) < 1000 {
			f.Add([]byte(tt.text))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest("package.json", data)
		if err == nil {
			_, err = readConfig(m.path, m.members["nodeint"])
		}
		if err == nil {
			_, _ = exportTargets(m.members["exports"], "", nil)
			_ = bins(m.members["bin"])
			_, err = npmPatterns(m.path, m.members["workspaces"])
		}
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Hint == "") {
			t.Errorf("error without a hint: %v", err)
		}
	})
}

func FuzzWorkspaces(f *testing.F) {
	f.Add("packages: ['packages/*', '!**/test/**']", "packages/a")
	f.Add("packages:\n ! 0\n", "a")
	f.Add("packages:\n  - a\n  - &x b/{c,d}\n  - *x\ncatalog:\n  x: 1", "a/b")
	f.Fuzz(func(t *testing.T, text, rel string) {
		path := filepath.Join(t.TempDir(), "pnpm-workspace.yaml")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if patterns, err := pnpmPatterns(path); err == nil {
			isMember(patterns, rel)
		}
	})
}

func FuzzReadStart(f *testing.F) {
	for _, tt := range startTests {
		f.Add(tt.script)
	}
	f.Fuzz(func(t *testing.T, script string) {
		s, err := readStart(script)
		if err == nil && s.file == "" && !strings.ContainsAny(script, `"'`) {
			t.Errorf("%q starts a file without a name", script)
		}
	})
}

func TestYAMLList(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
		err        string // part of it; "" for none
	}{
		{name: "nothing"},
		{name: "a comment", text: "# list:\n"},
		{name: "null", text: "~"},
		{name: "a mark alone", text: "---\n"},
		{name: "another key", text: "other: [a]\nsub:\n  list: [b]\n"},
		{name: "no value", text: "list:\n"},
		{name: "empty", text: "list: []\n"},
		{name: "lines", text: "list:\n  - a\n  - 'b'\n  - \"c\\t\"\n", want: []string{"a", "b", "c\t"}},
		{name: "lines, CRLF", text: "list:\r\n- a\r\n- b # c\r\n", want: []string{"a", "b"}},
		{name: "a quoted key", text: `{"list": [a]}`, want: []string{"a"}},
		{name: "a mark of the order of bytes", text: "\ufefflist: [a]", want: []string{"a"}},
		{name: "no texts", text: "list: [1, 1.10, true, ~, {a: b}, [c]]", want: []string{"1", "1.10", "true", "", "", ""}},
		{name: "aliases", text: "a: &a x\nb: &b [*a, y]\nlist: *b\n", want: []string{"x", "y"}},
		{name: "an alias for itself", text: "list: &a [*a]", want: []string{""}},
		{name: "marks around it", text: "---\nlist: [a]\n...\n", want: []string{"a"}},
		{name: "two documents", text: "list: [a]\n---\nlist: [b]\n", err: "follows its first document"},
		{name: "twice", text: "list: [a]\nlist: [b]\n", err: "line 2: list is there twice"},
		{name: "merged", text: "a: &a {list: [a]}\n<<: *a\n", err: "line 2: a merge key"},
		{name: "a text", text: "list: a", err: "list is not a list"},
		{name: "no mapping", text: "- list", err: "it is not a mapping"},
		{name: "broken", text: "list: [a", err: "it is not YAML"},
		{name: "no such anchor", text: "list: *a", err: "it is not YAML"},
		{name: "a tag that is none", text: "a: b\nlist:\n ! 0", err: "list is not a list"},
		{name: "deep", text: "list: " + strings.Repeat("[", 60<<10), err: "it is not YAML"},
		{name: "large", text: strings.Repeat("#", 256<<10+1), err: "it is larger than 256 KiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := YAMLList([]byte(tt.text), "list")
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v does not say %q", err, tt.err)
				}
				return
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("it is %q (%v), not %q", got, err, tt.want)
			}
		})
	}
}
