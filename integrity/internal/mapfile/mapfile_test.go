package mapfile

import (
	"github.com/nodeint/nodeint/fixtures/testenv"

	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/jsontext"
	"github.com/nodeint/nodeint/integrity/problem"
)

var samplePnP, _ = NewPnP("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
	[]byte(`{"packageRegistryData": [[null, [[null, {"packageLocation": "./", "packageDependencies": [["a", "npm:1"]]}]]], ["a", [["npm:1", {"packageLocation": "./a/", "packageDependencies": []}]]]]}`),
	map[string][]string{"": {"a"}, "packages/app": {"b"}})

func sampleMap() *Map {
	return &Map{
		Coverage:   Dependencies,
		Entries:    []string{"app.js"},
		Project:    "packages/app",
		Conditions: []string{"production"}, Browser: true,
		NodePath:   []string{"lib", ""},
		PackageMap: "packages.json",
		NodePackages: NodePackages{
			"": {"a b": "node_modules/a b", "d": "packages/d"}, "app.js": {"a b": "node_modules/a b", "d": "packages/d"},
			"packages/app": {"a b": "node_modules/a b"}, "packages/d": {}, "node_modules/a b": {"a": "node_modules/a b"}, "node_modules/a b/lib": {"a": "node_modules/a b"},
		},
		Include: []string{"views/**"},
		Exclude: []string{"coverage/"},
		Files: map[string]string{
			"app.js":                        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
			"node_modules/a b/package.json": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		},
		Scripts: []string{"esbuild"},
		Packages: map[string]Package{
			"": {Name: "shop", Version: "1.0.0"}, "node_modules/a b": {Name: "a", Version: "2.0.0", Integrity: "sha512-AAAA", Class: "anchored"},
			"node_modules/g": {Install: map[string]string{"install": "node-gyp rebuild"}}, "node_modules/c": {}, "node_modules/f": {Condition: Condition{Dev: true, Optional: true, OS: []string{"linux", "!win32"}, CPU: []string{"x64"}, Libc: []string{"musl"}}},
		},
		Links:         map[string]string{"node_modules/d": "./packages/d", "node_modules/e": "../elsewhere/e"},
		OptionalLinks: map[string]bool{"node_modules/e": true},
		PnP:           samplePnP,
		Absent:        []string{"./lib/none", "bufferutil", "@s/none", "../sibling"},
		Directories:   []string{"lib/node_modules/a", "node_modules/a b/d"},
		Names: Names{
			Imports: Specifiers{"c": "./node_modules/c/i.mjs", "#fs": "node:fs"},
			Scopes:  map[string]Specifiers{"./node_modules/c/": {"d": "./packages/d/i.js"}, "./node_modules/c/lib/": {"d": ""}},
			Require: map[string]Specifiers{"./": {"c": "./node_modules/c/r.cjs", "x": ""}},
		},
		Kept:   Kept{Integrity: []string{"https://cdn.example/lit.js"}, Imports: []string{"#fs"}, Scopes: map[string][]string{"./node_modules/c/": {"d"}}},
		URLs:   map[string]string{"https://cdn.example/lit.js": "sha384-x"},
		Powers: Powers{"": {"child-process", "eval"}, "packages/d": {AnyPower}},
		Gaps:   []problem.Gap{{Path: "app.js", Line: 3, Column: 7, Text: "require(<name> & \u2028)", Reason: problem.GapComputed}},
	}
}

func textOf(t testing.TB, p *Map) string {
	t.Helper()
	doc, err := p.Document(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc.Format())
}

func read(text string) (*Map, error) {
	doc, err := ReadDocument("importmap.json", text)
	if err != nil {
		return nil, err
	}
	m, err := Parse("importmap.json", doc)
	if err == nil {
		m.IndexFiles()
	}
	return m, err
}

func TestMapRoundTrip(t *testing.T) {
	want := sampleMap()
	m, err := read(textOf(t, want))
	if err != nil {
		t.Fatal(err)
	}
	want.Absent = []string{"../sibling", "./lib/none", "@s/none", "bufferutil"} // sorted in the map
	samePnP := cmp.Comparer(func(a, b *PnP) bool {
		x, errX := jsontext.Marshal(a.member())
		y, errY := jsontext.Marshal(b.member())
		return errX == nil && errY == nil && string(x) == string(y)
	})
	if diff := cmp.Diff(want, m, cmpopts.IgnoreFields(Map{}, "Pinned", "Digest", "Version"), samePnP); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
	if again := textOf(t, m); again != textOf(t, want) {
		t.Errorf("writing it again gives\n%s", again)
	}
}

func TestMapKeepsWhatIsNotOurs(t *testing.T) {
	old, err := importmap.Read("importmap.json", []byte(`{"x":[1.0,{"b":1,"a":2}],"scopes":{"/b/":{},"/a/":{}},"imports":{"z":"./z.js","a":"./a.js"},"integrity":{"./gone.js":"sha256-x"},"nodeint":{"version":1,"coverage":"graph","root":"x"}}`))
	if err != nil {
		t.Fatal(err)
	}
	m := sampleMap()
	m.Names, m.Kept = Names{}, Kept{}
	m.KeepEntries(old, func(string) bool { return true })
	doc, err := m.Document(old)
	if err != nil {
		t.Fatal(err)
	}
	text := string(doc.Format())
	for _, want := range []string{"\"z\": \"./z.js\",\n    \"a\": \"./a.js\"", "\"/b/\": {},\n    \"/a/\": {}", "1.0", "\"b\": 1,"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "gone.js") {
		t.Error("an old entry stayed")
	}
	if _, err := read(text); err != nil {
		t.Error(err)
	}
}

// appEntry is an entry of the sample's map.
const appEntry = `    "./app.js": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",` + "\n"

// refused are edits of a good map, with the code of each. Where old is "", new
// stands for the whole map.
var refused = []struct{ name, old, new, code string }{
	{"an entry removed", appEntry, "", problem.MapRoot},
	{"an entry added", appEntry, appEntry + strings.Replace(appEntry, "app", "new", 1), problem.MapRoot},
	{"a digest changed", "47DEQ", "47DEA", problem.MapRoot},
	{"coverage weakened", `"dependencies"`, `"graph"`, problem.MapRoot},
	{"coverage unknown", `"dependencies"`, `"all"`, problem.MapMember},
	{"no coverage", "    \"coverage\": \"dependencies\",\n", "", problem.MapMember},
	{"coverage empty", `"dependencies"`, `""`, problem.MapMember},
	{"a link changed", "./packages/d", "./packages/e", problem.MapRoot},
	{"a package removed", `"./node_modules/c": {}`, `"./node_modules/c2": {}`, problem.MapRoot},
	{"a package that may be absent", `"./node_modules/c": {}`, `"./node_modules/c": {"optional": true}`, problem.MapRoot},
	{"a link that may be absent", "\"optionalLinks\": [\n      \"./node_modules/e\"", "\"optionalLinks\": [\n      \"./node_modules/d\"", problem.MapRoot},
	{"a condition that is neither true nor absent", `"dev": true`, `"dev": false`, problem.MapMember},
	{"a platform that is not a list", `"./node_modules/c": {}`, `"./node_modules/c": {"os": "linux"}`, problem.MapMember},
	{"an optional link outside", "\"optionalLinks\": [\n      \"./node_modules/e\"", "\"optionalLinks\": [\n      \"./../e\"", problem.MapMember},
	{"a name turned", `"./node_modules/c/i.mjs"`, `"./node_modules/d/i.mjs"`, problem.MapRoot},
	{"a name for require turned", `"./node_modules/c/r.cjs"`, `"./node_modules/d/r.cjs"`, problem.MapRoot},
	{"a package of the package map turned", `"d": "./packages/d"`, `"d": "./packages/app"`, problem.MapRoot},
	{"a URL of the package map turned", `"url": "../d"`, `"url": "../e"`, problem.MapRoot},
	{"no package map", `"packages": {` + "\n    \"./\"", `"package": {` + "\n    \"./\"", problem.MapRoot},
	{"a package map of somebody else", "    \"isPackageMap\": true,\n", "", problem.MapRoot},
	{"a package map that is false", `"isPackageMap": true`, `"isPackageMap": false`, problem.MapMember},
	{"a URL turned", `"sha384-x"`, `"sha384-y"`, problem.MapRoot},
	{"a member of version 2 in version 1", `"version": 2`, `"version": 1`, problem.MapMember},
	{"nothing but URLs", "", `{"integrity":{"https://a/b.js":"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}}`, problem.MapEmpty},
	{"tables changed", `"packageLocation": "./a/"`, `"packageLocation": "./b/"`, problem.MapRoot},
	{"tables that are none", `"tables": {`, `"tables": [], "more": {`, problem.MapMember},
	{"no tables", `"tables": {`, `"table": {`, problem.MapMember},
	{"the digest of the tables' code of another kind", `"code": "sha256-`, `"code": "sha512-`, problem.MapMember},
	{"a dependency that an install may leave out", `"./packages/app": [` + "\n" + `          "b"`, `"./packages/app": [` + "\n" + `          "c"`, problem.MapRoot},
	{"one of a workspace outside", `"./packages/app": [`, `"../app": [`, problem.MapMember},
	{"an absent name removed", "      \"bufferutil\"\n", "      \"bufferutils\"\n", problem.MapRoot},
	{"an exclude pattern widened", "coverage/", "**", problem.MapRoot},
	{"a gap hidden", "\"line\": 3", "\"line\": 4", problem.MapRoot},
	{"imports added", `"imports": {`, `"imports": { "q": "./q.js",`, problem.MapRoot},
	{"scopes added", `"scopes": {`, `"scopes": { "./q/": {},`, problem.MapRoot},
	{"an unknown member added", `"integrity": {`, `"x": 1, "integrity": {`, problem.MapRoot},
	{"a member that looks like one of nodeint", `"integrity": {`, `"nodeint\u0000exclude": ["coverage/"], "integrity": {`, problem.MapRoot},
	{"an unknown member of nodeint", `"version": 2`, `"version": 2, "x": 1`, problem.MapMember},
	{"a later version", `"version": 2`, `"version": 3`, problem.MapMember},
	{"a version that only looks like it", `"version": 2`, `"version": 2.0`, problem.MapMember},
	{"no version", "\"version\": 2\n", "\"versions\": 2\n", problem.MapMember},
	{"a wrong root", `"root": "blake3-`, `"root": "blake3-A`, problem.MapRoot},
	{"nodeint not an object", `"nodeint": {`, `"nodeint": 1, "x": {`, problem.MapMember},
	{"a key outside the root", `"./app.js"`, `"../app.js"`, problem.MapKey},
	{"a key as deep as no tree is", `"./app.js"`, `"./` + strings.Repeat("a/", maxDepth+1) + `app.js"`, problem.MapKey},
	{"a key longer than any path", `"./app.js"`, `"./` + strings.Repeat("a", maxPath+1) + `"`, problem.MapKey},
	{"an absolute key", `"./app.js"`, `"/app.js"`, problem.MapKey},
	{"a URL as key", `"./app.js"`, `"https://a/app.js"`, problem.MapRoot},
	{"a key not in canonical form", `"./app.js": `, `"./%61pp.js": `, problem.MapKey},
	{"empty metadata", "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "", problem.MapMetadata},
	{"sha1", "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "sha1-AAAA", problem.MapMetadata},
	{"too short", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "47DEQpj8", problem.MapMetadata},
	{"a path in entries outside", "\"entries\": [\n      \"./app.js\"", "\"entries\": [\n      \"./../app.js\"", problem.MapMember},
	{"a path in packages outside", `"./node_modules/c": {}`, `"./../c": {}`, problem.MapMember},
	{"a pattern that never ends matching", `"coverage/"`, `"` + strings.Repeat("{a,b}", 30) + `"`, problem.MapMember},
	{"an unknown power", `"eval"`, `"fly"`, problem.MapMember},
	{"powers not sorted", `"child-process"`, `"vm"`, problem.MapMember},
	{"a power twice", `"child-process"`, `"eval"`, problem.MapMember},
	{"a package without powers", "[\n        \"any\"\n      ]", `[]`, problem.MapMember},
	{"an install script changed", `"node-gyp rebuild"`, `"node-gyp"`, problem.MapRoot},
	{"an install script of another name", `"install": "node-gyp`, `"prepare": "node-gyp`, problem.MapMember},
	{"an empty install script", `"node-gyp rebuild"`, `""`, problem.MapMember},
	{"an install script that is no text", `"node-gyp rebuild"`, `["node-gyp"]`, problem.MapMember},
	{"powers of a list", `"powers": {`, `"powers": ["eval"], "x": {`, problem.MapMember},
	{"entries not an array", "\"entries\": [\n      \"./app.js\"\n    ]", `"entries": "./app.js"`, problem.MapMember},
	{"truncated", "\n  }\n}\n", "", problem.MapSyntax},
	{"more bytes", "\n  }\n}\n", "\n  }\n}\n{}", problem.MapSyntax},
	{"a duplicate section", `"integrity": {`, `"integrity": {}, "integrity": {`, problem.MapSyntax},
	{"a wrong-case twin", `"integrity": {`, `"Integrity": {}, "integrity": {`, problem.MapSyntax},
	{"empty", "", "", problem.MapSyntax},
	{"no integrity", "", "{}", problem.MapEmpty},
	{"an empty integrity", "", `{"integrity": {}}`, problem.MapEmpty},
	{"null", "", `{"integrity": null}`, problem.MapSyntax},
	{"an array", "", `{"integrity": []}`, problem.MapSyntax},
}

// edited makes one edit of refused.
func edited(t testing.TB, good, old, new string) string {
	if old == "" {
		return new
	}
	text := strings.Replace(good, old, new, 1)
	if text == good {
		t.Fatalf("%q is not in\n%s", old, good)
	}
	return text
}

// TestMapRefused edits a good map; each edit must be noticed, by the right code.
func TestMapRefused(t *testing.T) {
	good := textOf(t, sampleMap())
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(edited(t, good, c.old, c.new))
			var e *problem.Error
			if !errors.As(err, &e) {
				t.Fatalf("taken: %v", err)
			}
			if e.Class != problem.Untrusted || e.Code != c.code || e.Hint == "" {
				t.Errorf("%v %s (%v; %s), want %s", e.Class, e.Code, e, e.Hint, c.code)
			}
		})
	}
}

// FuzzParse holds that no text of a map panics, and that what is trusted is
// written back as the same map.
func FuzzParse(f *testing.F) {
	good := textOf(f, sampleMap())
	f.Add([]byte(good))
	for _, c := range refused {
		f.Add([]byte(edited(f, good, c.old, c.new)))
	}
	doc, err := sampleMap().Document(nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range badPackages {
		f.Add([]byte(resealed(f, doc, c.old, c.new)))
	}
	for _, s := range []string{
		`{"integrity":{"./a.js":"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}}`,
		`{"integrity":{"./a.js":"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},"nodeint":{"version":1,"coverage":"tree","root":"x","packages":{"./":{"name":1}},"gaps":[1],"links":[],"absent":{}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := read(string(text))
		if err != nil || m.Digest == "" {
			return
		}
		doc, err := m.Document(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := read(string(doc.Format())); err != nil {
			t.Errorf("written back it is refused: %v", err)
		}
	})
}

// The table of docs/map.md lists the members of nodeint that are written.
func TestDocumentedMember(t *testing.T) {
	member, err := sampleMap().member()
	if err != nil {
		t.Fatal(err)
	}
	member["root"] = ""
	if diff := cmp.Diff(sortedKeys(member), testenv.DocumentedNames(t, "docs/map.md", "`nodeint`")); diff != "" {
		t.Errorf("in a map (-) and in the page (+):\n%s", diff)
	}
}
