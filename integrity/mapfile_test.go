package integrity

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/nodeint/nodeint/importmap"
)

func samplePins() *pins {
	return &pins{
		coverage:   Dependencies,
		entries:    []string{"app.js"},
		project:    "packages/app",
		conditions: []string{"production"},
		include:    []string{"views/**"},
		exclude:    []string{"coverage/"},
		files: map[string]string{
			"app.js":                        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
			"node_modules/a b/package.json": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		},
		scripts: []string{"esbuild"},
		packages: map[string]packageInfo{
			"": {name: "shop", version: "1.0.0"}, "node_modules/a b": {"a", "2.0.0", "sha512-AAAA", "anchored"}, "node_modules/c": {},
		},
		links:  map[string]string{"node_modules/d": "./packages/d", "node_modules/e": "../elsewhere/e"},
		absent: []string{"./lib/none", "bufferutil", "@s/none"},
		gaps:   []Gap{{Path: "app.js", Line: 3, Column: 7, Text: "require(<name> & \u2028)", Reason: GapComputed}},
	}
}

func textOf(t testing.TB, p *pins) string {
	t.Helper()
	doc, err := p.document(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc.Format())
}

func read(text string) (*trusted, error) {
	doc, err := readDocument("importmap.json", text)
	if err != nil {
		return nil, err
	}
	m, err := trustDocument("importmap.json", doc)
	if err == nil {
		m.index()
	}
	return m, err
}

func TestMapRoundTrip(t *testing.T) {
	want := samplePins()
	m, err := read(textOf(t, want))
	if err != nil {
		t.Fatal(err)
	}
	want.absent = []string{"./lib/none", "@s/none", "bufferutil"} // sorted in the map
	if diff := cmp.Diff(want, m.pins, cmp.AllowUnexported(pins{}, packageInfo{}), cmpopts.IgnoreFields(pins{}, "order")); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
	if again := textOf(t, m.pins); again != textOf(t, want) {
		t.Errorf("writing it again gives\n%s", again)
	}
}

func TestMapKeepsWhatIsNotOurs(t *testing.T) {
	old, err := importmap.Read("importmap.json", []byte(`{"x":[1.0,{"b":1,"a":2}],"scopes":{"/b/":{},"/a/":{}},"imports":{"z":"./z.js","a":"./a.js"},"integrity":{"./gone.js":"sha256-x"}}`))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := samplePins().document(old)
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
	{"an entry removed", appEntry, "", MapRoot},
	{"an entry added", appEntry, appEntry + strings.Replace(appEntry, "app", "new", 1), MapRoot},
	{"a digest changed", "47DEQ", "47DEA", MapRoot},
	{"coverage weakened", `"dependencies"`, `"graph"`, MapRoot},
	{"coverage unknown", `"dependencies"`, `"all"`, MapMember},
	{"no coverage", "    \"coverage\": \"dependencies\",\n", "", MapMember},
	{"coverage empty", `"dependencies"`, `""`, MapMember},
	{"a link changed", "./packages/d", "./packages/e", MapRoot},
	{"a package removed", `"./node_modules/c": {}`, `"./node_modules/c2": {}`, MapRoot},
	{"an absent name removed", "      \"bufferutil\"\n", "      \"bufferutils\"\n", MapRoot},
	{"an exclude pattern widened", "coverage/", "**", MapRoot},
	{"a gap hidden", "\"line\": 3", "\"line\": 4", MapRoot},
	{"imports added", `"integrity": {`, `"imports": {"a": "./b.js"}, "integrity": {`, MapRoot},
	{"scopes added", `"integrity": {`, `"scopes": {"./": {"a": "./b.js"}}, "integrity": {`, MapRoot},
	{"an unknown member added", `"integrity": {`, `"x": 1, "integrity": {`, MapRoot},
	{"a member that looks like one of nodeint", `"integrity": {`, `"nodeint\u0000exclude": ["coverage/"], "integrity": {`, MapRoot},
	{"an unknown member of nodeint", `"version": 1`, `"version": 1, "x": 1`, MapMember},
	{"a later version", `"version": 1`, `"version": 2`, MapMember},
	{"a version that only looks like it", `"version": 1`, `"version": 1.0`, MapMember},
	{"no version", "\"version\": 1\n", "\"versions\": 1\n", MapMember},
	{"a wrong root", `"root": "blake3-`, `"root": "blake3-A`, MapRoot},
	{"nodeint not an object", `"nodeint": {`, `"nodeint": 1, "x": {`, MapMember},
	{"a key outside the root", `"./app.js"`, `"../app.js"`, MapKey},
	{"a key as deep as no tree is", `"./app.js"`, `"./` + strings.Repeat("a/", maxDepth+1) + `app.js"`, MapKey},
	{"a key longer than any path", `"./app.js"`, `"./` + strings.Repeat("a", maxPath+1) + `"`, MapKey},
	{"an absolute key", `"./app.js"`, `"/app.js"`, MapKey},
	{"a URL as key", `"./app.js"`, `"https://a/app.js"`, MapKey},
	{"a key not in canonical form", `"./app.js": `, `"./%61pp.js": `, MapKey},
	{"empty metadata", "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "", MapMetadata},
	{"sha1", "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "sha1-AAAA", MapMetadata},
	{"too short", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "47DEQpj8", MapMetadata},
	{"a path in entries outside", "\"entries\": [\n      \"./app.js\"", "\"entries\": [\n      \"./../app.js\"", MapMember},
	{"a path in packages outside", `"./node_modules/c": {}`, `"./../c": {}`, MapMember},
	{"a pattern that never ends matching", `"coverage/"`, `"` + strings.Repeat("{a,b}", 30) + `"`, MapMember},
	{"entries not an array", "\"entries\": [\n      \"./app.js\"\n    ]", `"entries": "./app.js"`, MapMember},
	{"truncated", "\n  }\n}\n", "", MapSyntax},
	{"more bytes", "\n  }\n}\n", "\n  }\n}\n{}", MapSyntax},
	{"a duplicate section", `"integrity": {`, `"integrity": {}, "integrity": {`, MapSyntax},
	{"a wrong-case twin", `"integrity": {`, `"Integrity": {}, "integrity": {`, MapSyntax},
	{"empty", "", "", MapSyntax},
	{"no integrity", "", "{}", MapEmpty},
	{"an empty integrity", "", `{"integrity": {}}`, MapEmpty},
	{"null", "", `{"integrity": null}`, MapSyntax},
	{"an array", "", `{"integrity": []}`, MapSyntax},
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
	good := textOf(t, samplePins())
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(edited(t, good, c.old, c.new))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("taken: %v", err)
			}
			if e.Class != Untrusted || e.Code != c.code || e.Hint == "" {
				t.Errorf("%v %s (%v; %s), want %s", e.Class, e.Code, e, e.Hint, c.code)
			}
		})
	}
}

// FuzzTrust holds that no text of a map panics, and that what is trusted is
// written back as the same map.
func FuzzTrust(f *testing.F) {
	good := textOf(f, samplePins())
	f.Add([]byte(good))
	for _, c := range refused {
		f.Add([]byte(edited(f, good, c.old, c.new)))
	}
	for _, s := range []string{
		`{"integrity":{"./a.js":"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}}`,
		`{"integrity":{"./a.js":"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},"nodeint":{"version":1,"coverage":"tree","root":"x","packages":{"./":{"name":1}},"gaps":[1],"links":[],"absent":{}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := read(string(text))
		if err != nil || m.digest == "" {
			return
		}
		doc, err := m.pins.document(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := read(string(doc.Format())); err != nil {
			t.Errorf("written back it is refused: %v", err)
		}
	})
}
