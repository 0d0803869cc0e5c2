package lockfile

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

// recorded are lockfiles that record what is optional, and, unless their format is that
// of pnpm 9, what is for development.
var recorded = []string{
	"testdata/real/npm/package-lock.json", "testdata/real/npm-v2/npm-shrinkwrap.json",
	"../../../fixtures/real/package-lock.json", "../../../bench/package-lock.json",
	"testdata/real/pnpm8/pnpm-lock.yaml", "testdata/real/pnpm9/pnpm-lock.yaml", "testdata/real/pnpm10/pnpm-lock.yaml",
	"testdata/real/pnpm11/pnpm-lock.yaml", "testdata/real/pnpm12/pnpm-lock.yaml", "testdata/real/pnpm12-config/pnpm-lock.yaml",
}

// TestRecorded compares the graph with what package managers have recorded.
func TestRecorded(t *testing.T) {
	for _, path := range recorded {
		t.Run(path, func(t *testing.T) {
			l := parseFile(t, filepath.FromSlash(path), Options{})
			known := l.Manager == manager.NPM || l.Version == "6.0"
			for i, c := range l.conditions() {
				p := &l.Packages[i]
				if p.Kind == Link && l.Manager == manager.PNPM {
					continue // Parse sets its flags from the same group
				}
				if known && p.Dev != c.dev || p.Optional != c.optional {
					t.Errorf("line %d: %s: computed %+v, recorded dev %v optional %v", p.Line, p, c, p.Dev, p.Optional)
				}
			}
			for _, e := range l.Edges {
				// npm has installed no tarball of oxide-wasm32-wasi, which bundles its dependencies
				if e.To < 0 && !(e.Peer && e.Kind == Optional) && l.Packages[e.From].Name != "@tailwindcss/oxide-wasm32-wasi" {
					t.Errorf("%s has no %s", &l.Packages[e.From], e.Name)
				}
			}
		})
	}
}

// TestSameProject compares the conditions of the packages of one project in the
// lockfiles of all managers (testdata/make.sh).
func TestSameProject(t *testing.T) {
	const (
		root = `{"dependencies": {"@babel/code-frame": "7.24.7", "@babel/core": "7.24.7", "JSONStream": "1.3.5", "debug": "4.3.4", "is-number": "7.0.0",
"is-number-7": "patch:", "linked": "link:./vendor/linked", "ported": "portal:./vendor/ported", "local-dir": "file:./vendor/local-dir", "local-tar": "file:./vendor/local-tar-1.0.0.tgz",
"@babel/plugin-bugfix-safari-id-destructuring-collision-in-function-expression": "7.24.7", "ms-old": "npm:ms@2.0.0", "react": "18.2.0",
"tiny-git": "git+https://git.example/tiny-git.git#v1.0.0", "use-sync-external-store": "1.2.0"},
"optionalDependencies": {"@tailwindcss/oxide-wasm32-wasi": "4.1.11", "fsevents": "2.3.3"}, "devDependencies": {"esbuild": "0.21.5", "lightningcss": "1.25.1"}}`
		a = `{"name": "@sample/a", "version": "1.0.0", "dependencies": {"ms": "2.0.0", "is-number": "6.0.0"}}`
		b = `{"name": "@sample/b", "version": "1.0.0", "dependencies": {"@sample/a": "workspace:*"}, "devDependencies": {"debug": "2.6.9"}}`
	)
	want := make(map[string]condition)
	for _, name := range []string{"npm/package-lock.json", "pnpm8/pnpm-lock.yaml", "pnpm12/pnpm-lock.yaml", "bun/bun.lock", "yarn1/yarn.lock", "yarn4/yarn.lock"} {
		l := parseFile(t, filepath.FromSlash("testdata/real/"+name), Options{})
		if err := l.Require(map[string][]byte{".": []byte(root), "packages/a": []byte(a), "packages/b": []byte(b)}); err != nil {
			t.Fatal(err)
		}
		absent := 0
		for i := range l.Packages {
			p := &l.Packages[i]
			got := condition{p.Dev, p.Optional}
			if p.Dev || p.Optional {
				absent++
			}
			if before, known := want[p.String()]; known && before != got && p.Kind == Registry {
				t.Errorf("%s: %s: got %+v, want %+v", name, p, got, before)
			}
			want[p.String()] = got
		}
		if absent < 35 {
			t.Errorf("%s: only %d packages may be absent", name, absent)
		}
	}
}

// A requireTest is a small lockfile. want has a word for each package, in the order of
// Packages: its key, and after a colon d for Dev and o for Optional.
type requireTest struct {
	name, file, text string
	manifests        map[string]string
	want             string
}

var requireTests = []requireTest{
	{"npm", "package-lock.json", `{"lockfileVersion": 3, "packages": {
"": {"workspaces": ["w"], "dependencies": {"a": "1", "c": "1"}, "devDependencies": {"d": "1", "c": "1", "both": "1"}, "optionalDependencies": {"o": "1", "a": "1"}},
"w": {"devDependencies": {"e": "1"}, "dependencies": {"x": "1"}},
"node_modules/w": {"resolved": "w", "link": true},
"node_modules/a": {"dependencies": {"d2": "1"}, "optionalDependencies": {"both": "1"}, "devDependencies": {"unused": "1"}, "optional": true},
"node_modules/d": {"dev": true, "dependencies": {"d2": "1", "x": "1"}, "optionalDependencies": {"f": "1"}},
"node_modules/d/node_modules/x": {"dev": true},
"node_modules/d2": {"devOptional": true},
"node_modules/both": {"devOptional": true},
"node_modules/f": {"dev": true, "optional": true},
"node_modules/c": {},
"node_modules/o": {"optional": true},
"node_modules/e": {"dev": true},
"node_modules/x": {},
"node_modules/unused": {"extraneous": true}
}}`, nil, ": w: node_modules/w: node_modules/a:o node_modules/d:d node_modules/d/node_modules/x:d node_modules/d2:do node_modules/both:do node_modules/f:do node_modules/c: node_modules/o:o node_modules/e:d node_modules/x: node_modules/unused:"},
	{"npm: flags that the graph contradicts", "package-lock.json", `{"lockfileVersion": 3, "packages": {
"": {"dependencies": {"a": "1"}, "devDependencies": {"d": "1", "e": "1"}},
"node_modules/a": {"dev": true, "optional": true},
"node_modules/d": {},
"node_modules/e": {"optional": true},
"node_modules/u": {"dev": true}
}}`, nil, ": node_modules/a: node_modules/d: node_modules/e: node_modules/u:"},
	{"npm: peers", "package-lock.json", `{"lockfileVersion": 3, "packages": {
"": {"dependencies": {"a": "1"}, "devDependencies": {"p": "1", "q": "1", "r": "1"}, "peerDependencies": {"r": "1", "s": "1"}},
"node_modules/a": {"peerDependencies": {"p": "1", "q": "1", "missing": "1"}, "peerDependenciesMeta": {"q": {"optional": true}}},
"node_modules/p": {"dev": true}, "node_modules/q": {"devOptional": true}, "node_modules/r": {"dev": true}, "node_modules/s": {"dev": true},
"node_modules/r/node_modules/missing": {"dev": true}
}}`, nil, ": node_modules/a: node_modules/p: node_modules/q:do node_modules/r:d node_modules/s: node_modules/r/node_modules/missing:"},
	{"npm: a dependency that is nowhere", "package-lock.json", `{"lockfileVersion": 3, "packages": {
"": {"dependencies": {"a": "1"}, "devDependencies": {"d": "1"}},
"node_modules/a": {"dependencies": {"x": "1"}},
"node_modules/d": {"dev": true, "dependencies": {"x": "1"}},
"node_modules/d/node_modules/x": {"dev": true}
}}`, nil, ": node_modules/a: node_modules/d:d node_modules/d/node_modules/x:"},
	{"npm: links to directories", "package-lock.json", `{"lockfileVersion": 3, "packages": {
"": {"devDependencies": {"lib": "file:../lib", "own": "file:own"}},
"../lib": {"dev": true, "dependencies": {"x": "1", "y": "1"}},
"../lib/node_modules/x": {"dev": true},
"own": {"dev": true, "dependencies": {"x": "1"}},
"node_modules/lib": {"resolved": "../lib", "link": true, "dev": true},
"node_modules/own": {"resolved": "own", "link": true, "dev": true},
"node_modules/x": {"dev": true},
"node_modules/y": {"dev": true}
}}`, nil, ": ../lib:d ../lib/node_modules/x:d own:d node_modules/lib:d node_modules/own:d node_modules/x:d node_modules/y:d"},
	{"npm: workspace members and other directories", "package-lock.json", `{"lockfileVersion": 3, "packages": {
"": {"workspaces": {"packages": ["./packages/*/"]}, "devDependencies": {"lib": "file:lib", "c": "1"}, "dependencies": {"c": "1"}},
"packages/w": {"dependencies": {"x": "1"}},
"packages/w/deep": {"dev": true, "dependencies": {"y": "1"}},
"lib": {"dev": true, "dependencies": {"y": "1"}},
"node_modules/w": {"resolved": "packages/w", "link": true},
"node_modules/deep": {"resolved": "packages/w/deep", "link": true},
"node_modules/lib": {"resolved": "lib", "link": true},
"node_modules/c": {"dev": true},
"node_modules/x": {"dev": true},
"node_modules/y": {"dev": true}
}}`, nil, ": packages/w: packages/w/deep: lib:d node_modules/w: node_modules/deep: node_modules/lib:d node_modules/c:d node_modules/x: node_modules/y:d"},
	{"pnpm 9", "pnpm-lock.yaml", `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: '1', version: 1.0.0(p@1.0.0)}
      alias: {specifier: 'npm:real@1', version: '@s/real@1.0.0'}
      w: {specifier: 'workspace:*', version: link:w}
    devDependencies:
      p: {specifier: '1', version: 1.0.0}
      d: {specifier: '1', version: 'file:d(p@1.0.0)'}
      out: {specifier: 'link:../out', version: link:../out}
    optionalDependencies:
      o: {specifier: '1', version: https://web.example/o.tgz}
  w:
    devDependencies:
      x: {specifier: '1', version: 1.0.0}
packages:
  a@1.0.0: {resolution: {}}
  '@s/real@1.0.0': {resolution: {}}
  p@1.0.0: {resolution: {}}
  d@file:d: {resolution: {directory: d, type: directory}}
  o@https://web.example/o.tgz: {resolution: {tarball: https://web.example/o.tgz}}
  x@1.0.0: {resolution: {}}
  x@2.0.0: {resolution: {}}
snapshots:
  a@1.0.0(p@1.0.0): {dependencies: {p: 1.0.0}, optionalDependencies: {x: 1.0.0}}
  '@s/real@1.0.0': {dependencies: {up: link:w}}
  p@1.0.0: {}
  d@file:d(p@1.0.0): {dependencies: {p: 1.0.0, x: 2.0.0}}
  o@https://web.example/o.tgz: {optional: true, dependencies: {x: 1.0.0}}
  x@1.0.0: {}
  x@2.0.0: {optional: true}
`, nil, ".: w: out:d w: a@1.0.0(p@1.0.0): @s/real@1.0.0: p@1.0.0: d@file:d(p@1.0.0):d o@https://web.example/o.tgz:o x@1.0.0:do x@2.0.0:d"},
	{"pnpm 8", "pnpm-lock.yaml", `lockfileVersion: '6.0'
dependencies:
  a: {specifier: '1', version: 1.0.0(b@1.0.0)}
  alias: {specifier: 'npm:real@1', version: /@s/real@1.0.0}
devDependencies:
  git: {specifier: 'u/git', version: git.example/u/git/d908}
  gone: {specifier: '1', version: 1.0.0}
packages:
  /a@1.0.0(b@1.0.0): {resolution: {}, dev: true, dependencies: {dir: 'file:dir'}}
  /@s/real@1.0.0: {resolution: {}}
  file:dir: {resolution: {directory: dir, type: directory}, name: dir}
  git.example/u/git/d908: {resolution: {commit: d908, repo: 'https://git.example/u/git.git', type: git}, name: git, dependencies: {x: 1.0.0}}
  /x@1.0.0: {resolution: {}}
  /gone@2.0.0: {resolution: {}}
`, nil, ".: /a@1.0.0(b@1.0.0): /@s/real@1.0.0: file:dir: git.example/u/git/d908:d /x@1.0.0:d /gone@2.0.0:d"},
	{"bun", "bun.lock", `{"lockfileVersion": 1,
"workspaces": {
  "": {"name": "shop", "dependencies": {"a": "1"}, "devDependencies": {"d": "1"}, "optionalDependencies": {"o": "1"}, "peerDependencies": {"p": "1", "q": "1"}, "optionalPeers": ["q"]},
  "w": {"name": "@s/w", "dependencies": {"x": "1"}, "devDependencies": {"a": "1", "e": "1"}},
},
"packages": {
  "a": ["a@1.0.0", "", {"dependencies": {"x": "1"}, "optionalDependencies": {"y": "1"}}, ""],
  "d": ["d@1.0.0", "", {"dependencies": {"x": "1", "y": "1"}}, ""],
  "o": ["o@1.0.0", "", {"peerDependencies": {"z": "1"}}, ""],
  "p": ["p@1.0.0", "", {}, ""],
  "q": ["q@1.0.0", "", {}, ""],
  "x": ["x@1.0.0", "", {}, ""],
  "y": ["y@1.0.0", "", {}, ""],
  "z": ["z@1.0.0", "", {}, ""],
  "e": ["e@file:e", {"dependencies": {"z": "1"}}],
  "@s/w": ["@s/w@workspace:w"],
  "@s/w/x": ["x@2.0.0", "", {"dependencies": {"v": "1"}}, ""],
  "@s/w/e": ["e@2.0.0", "", {}, ""],
  "d/x": ["x@3.0.0", "", {"dependencies": {"x": "1"}}, ""],
  "v": ["v@1.0.0", "", {}, ""],
}}`, nil, ": w: a: d:d o:o p: q:o x: y:do z:o e: @s/w: @s/w/x: @s/w/e:d d/x:d v:"},
	{"yarn 1", "yarn.lock", yarn1Text, map[string]string{
		".": `{"workspaces": ["w"], "dependencies": {"a": "^1", "al": "npm:real@1", "bare": ""}, "devDependencies": {"d": "1", "a": "^1"}, "optionalDependencies": {"o": "1"}, "peerDependencies": {"d": "1"}}`,
		"w": `{"name": "w", "version": "1.0.0", "dependencies": {"x": "2"}, "devDependencies": {"e": "1"}}`,
	}, "a@^1: al@npm:real@1: real@1:d bare: d@1:d o@1:o x@1:do x@2: e@1:d .: w:"},
	{"yarn 1: without the manifests", "yarn.lock", yarn1Text, nil, "a@^1: al@npm:real@1: real@1: bare: d@1: o@1: x@1: x@2: e@1:"},
	{"yarn 1: without one of the manifests", "yarn.lock", yarn1Text, map[string]string{
		".": `{"dependencies": {"a": "^1", "al": "npm:real@1", "bare": ""}, "devDependencies": {"d": "1"}, "optionalDependencies": {"o": "1"}}`,
	}, "a@^1: al@npm:real@1: real@1: bare: d@1: o@1: x@1: x@2: e@1: .:"},
	{"yarn 1: resolutions", "yarn.lock", "# yarn lockfile v1\n\na@^1:\n  version \"1.0.0\"\n  dependencies:\n    x \"^1\"\n\nd@1:\n  version \"1.0.0\"\n\nx@3:\n  version \"3.0.0\"\n", map[string]string{
		".": `{"dependencies": {"a": "^1"}, "devDependencies": {"d": "1", "x": "3"}, "resolutions": {"x": "3"}}`,
	}, "a@^1: d@1:d x@3: .:"},
	{"yarn 4", "yarn.lock", yarn4Text, map[string]string{
		".": `{"dependencies": {"a": "^1", "w": "workspace:*", "pat": "1.0.0"}, "devDependencies": {"d": "^1", "p": "1"}, "optionalDependencies": {"o": "1"}}`,
		"w": `{"name": "w", "dependencies": {"x": "2"}, "devDependencies": {"al": "npm:real@1", "lib": "link:./lib"}}`,
	}, "a@npm:1.0.0: d@npm:1.0.0:d o@npm:1.0.0:o p@npm:1.0.0:d p@npm:2.0.0:d real@npm:1.0.0:d real@npm:1.0.0:d lib@link:./lib::locator=w%40workspace%3Aw:d pat@npm:1.0.0: pat@patch:pat@npm%3A1.0.0#~/a.patch::version=1.0.0&hash=abc: shop@workspace:.: w@workspace:w: x@npm:1.0.0:do x@npm:2.0.0:"},
	{"yarn 4: without the manifests", "yarn.lock", yarn4Text, nil, "a@npm:1.0.0: d@npm:1.0.0: o@npm:1.0.0:o p@npm:1.0.0: p@npm:2.0.0: real@npm:1.0.0: real@npm:1.0.0: lib@link:./lib::locator=w%40workspace%3Aw: pat@npm:1.0.0: pat@patch:pat@npm%3A1.0.0#~/a.patch::version=1.0.0&hash=abc: shop@workspace:.: w@workspace:w: x@npm:1.0.0: x@npm:2.0.0:"},
}

const yarn1Text = `# yarn lockfile v1


a@^1:
  version "1.0.0"
  optionalDependencies:
    x "1"
  dependencies:
    x "1"

"al@npm:real@1", real@1:
  version "1.0.0"

bare:
  version "1.0.0"

d@1:
  version "1.0.0"
  dependencies:
    x "1"
    w "1.0.0"

o@1:
  version "1.0.0"

x@1:
  version "1.0.0"

x@2:
  version "2.0.0"

e@1:
  version "1.0.0"
  dependencies:
    real "1"
`

const yarn4Text = `__metadata:
  version: 8

"a@npm:^1":
  version: 1.0.0
  resolution: "a@npm:1.0.0"
  dependencies:
    x: "npm:1"
  dependenciesMeta:
    x:
      optional: true
  peerDependencies:
    p: "*"
    d: "*"
  peerDependenciesMeta:
    d:
      optional: true

"d@npm:^1":
  version: 1.0.0
  resolution: "d@npm:1.0.0"
  dependencies:
    x: 1
    p: "npm:2"

"o@npm:1":
  version: 1.0.0
  resolution: "o@npm:1.0.0"

"p@npm:1":
  version: 1.0.0
  resolution: "p@npm:1.0.0"

"p@npm:2":
  version: 2.0.0
  resolution: "p@npm:2.0.0"

"al@npm:real@1, real@npm:1":
  version: 1.0.0
  resolution: "real@npm:1.0.0"

"lib@link:./lib::locator=w%40workspace%3Aw":
  version: 0.0.0-use.local
  resolution: "lib@link:./lib::locator=w%40workspace%3Aw"
  dependencies:
    real: "npm:1"

"pat@npm:1.0.0":
  version: 1.0.0
  resolution: "pat@npm:1.0.0"

"pat@patch:pat@npm%3A1.0.0#~/a.patch":
  version: 1.0.0
  resolution: "pat@patch:pat@npm%3A1.0.0#~/a.patch::version=1.0.0&hash=abc"

"shop@workspace:.":
  version: 0.0.0-use.local
  resolution: "shop@workspace:."
  dependencies:
    a: "npm:^1"
    d: "npm:^1"
    o: "npm:1"
    p: "npm:1"
    pat: "npm:1.0.0"
    w: "workspace:*"
  dependenciesMeta:
    o:
      optional: true

"w@workspace:*, w@workspace:w":
  version: 0.0.0-use.local
  resolution: "w@workspace:w"
  dependencies:
    al: "npm:real@1"
    lib: "link:./lib"
    x: "npm:2"

"x@npm:1":
  version: 1.0.0
  resolution: "x@npm:1.0.0"

"x@npm:2":
  version: 2.0.0
  resolution: "x@npm:2.0.0"
`

func TestRequire(t *testing.T) {
	for _, tt := range requireTests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := Parse(tt.file, tt.text, Options{})
			if err != nil {
				t.Fatal(err)
			}
			texts := make(map[string][]byte)
			for dir, text := range tt.manifests {
				texts[dir] = []byte(text)
			}
			for range 2 { // it may be called again
				if err := l.Require(texts); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(strings.Fields(tt.want), conditionsOf(l)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			}
			checkEdges(t, l)
		})
	}
}

// conditionsOf returns KEY:FLAGS for every package.
func conditionsOf(l *Lock) []string {
	var words []string
	for i := range l.Packages {
		p := &l.Packages[i]
		word := p.Key + ":"
		if p.Dev {
			word += "d"
		}
		if p.Optional {
			word += "o"
		}
		words = append(words, word)
	}
	return words
}

// checkEdges checks what holds for the edges of every lockfile.
func checkEdges(t *testing.T, l *Lock) {
	n := 0
	for i := range l.Packages {
		n += len(l.Dependencies(i))
	}
	if n != len(l.Edges) {
		t.Errorf("%d edges, of which %d are those of packages", len(l.Edges), n)
	}
	for _, e := range l.Edges {
		if e.To < -1 || e.To >= len(l.Packages) || e.ByName && e.To >= 0 || e.Name != "" && nameFault(e.Name) != "" {
			t.Errorf("an edge that cannot be: %+v", e)
		}
	}
}

// TestDependencies checks the links of an installation.
func TestDependencies(t *testing.T) {
	i := slices.IndexFunc(requireTests, func(tt requireTest) bool { return tt.name == "pnpm 9" })
	l, err := Parse("pnpm-lock.yaml", requireTests[i].text, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range l.Packages {
		for _, e := range l.Dependencies(i) {
			to := "nothing"
			if e.To >= 0 {
				to = l.Packages[e.To].Key
			}
			got = append(got, fmt.Sprintf("%s %s/node_modules/%s %s", e.Kind, l.Packages[i].Key, e.Name, to))
		}
	}
	want := []string{
		"required ./node_modules/a a@1.0.0(p@1.0.0)",
		"required ./node_modules/alias @s/real@1.0.0",
		"required ./node_modules/w w",
		"optional ./node_modules/o o@https://web.example/o.tgz",
		"dev ./node_modules/p p@1.0.0",
		"dev ./node_modules/d d@file:d(p@1.0.0)",
		"dev ./node_modules/out out",
		"required w/node_modules/ w",
		"dev w/node_modules/x x@1.0.0",
		"required a@1.0.0(p@1.0.0)/node_modules/p p@1.0.0",
		"optional a@1.0.0(p@1.0.0)/node_modules/x x@1.0.0",
		"required @s/real@1.0.0/node_modules/up w",
		"required d@file:d(p@1.0.0)/node_modules/p p@1.0.0",
		"required d@file:d(p@1.0.0)/node_modules/x x@2.0.0",
		"required o@https://web.example/o.tgz/node_modules/x x@1.0.0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestIsWorkspace(t *testing.T) {
	for _, tt := range []struct {
		pattern string
		want    string // the directories that match
	}{
		{"packages/*", "packages/a"},
		{"./packages/*/", "packages/a"},
		{"packages/a/b", "packages/a/b"},
		{"*", "lib"},
		{"packages/**", "lib packages/a packages/a/b"},
		{"{lib,packages/a}", "lib packages/a packages/a/b"},
		{"!lib", "lib packages/a packages/a/b"},
		{"[", "lib packages/a packages/a/b"},
		{"", ""},
	} {
		var got []string
		for _, dir := range []string{"lib", "packages/a", "packages/a/b"} {
			if isWorkspace(dir, []string{"other", tt.pattern}) {
				got = append(got, dir)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %v, want %s", tt.pattern, got, tt.want)
		}
	}
	if isWorkspace("lib", nil) {
		t.Error("a project without workspaces has members")
	}
}
