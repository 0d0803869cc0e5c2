package pnp

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// tables are those of a project that depends on ms, on debug, which has a peer
// dependency, and on a workspace.
const tables = `{
  "__info": ["anything"],
  "enableTopLevelFallback": true,
  "ignorePatternData": "(^(?:\\.yarn\\/sdks(?:\\/(?!\\.{1,2}(?:\\/|$))(?:(?:(?!(?:^|\\/)\\.{1,2}(?:\\/|$)).)*?)|$))$)",
  "fallbackExclusionList": [["shop", ["workspace:."]], ["strict", ["npm:1.0.0"]]],
  "fallbackPool": [["pooled", "npm:1.0.0"]],
  "packageRegistryData": [
    [null, [[null, {"packageLocation": "./", "packageDependencies": [["ms", "npm:2.1.3"], ["other", ["ms", "npm:2.0.0"]]], "linkType": "SOFT"}]]],
    ["shop", [["workspace:.", {"packageLocation": "./", "packageDependencies": [["ms", "npm:2.1.3"], ["debug", "virtual:c0#npm:4.3.4"], ["a", "workspace:packages/a"], ["other", ["ms", "npm:2.0.0"]]]}]]],
    ["a", [["workspace:packages/a", {"packageLocation": "./packages/a/", "packageDependencies": [["none", null]]}]]],
    ["debug", [
      ["npm:4.3.4", {"packageLocation": "./.yarn/cache/debug.zip/node_modules/debug/", "packageDependencies": []}],
      ["virtual:c0#npm:4.3.4", {"packageLocation": "./.yarn/__virtual__/debug-virtual-70/0/cache/debug.zip/node_modules/debug/", "packageDependencies": [["ms", "npm:2.0.0"], ["supports-color", null]]}]
    ]],
    ["ms", [
      ["npm:2.0.0", {"packageLocation": "./.yarn/cache/ms-2.0.0.zip/node_modules/ms/", "packageDependencies": []}],
      ["npm:2.1.3", {"packageLocation": "../cache/ms-2.1.3.zip/node_modules/ms/", "packageDependencies": []}]
    ]],
    ["strict", [["npm:1.0.0", {"packageLocation": "./.yarn/unplugged/strict/node_modules/strict/", "packageDependencies": []}]]],
    ["pooled", [["npm:1.0.0", {"packageLocation": "./.yarn/cache/pooled.zip/node_modules/pooled/", "packageDependencies": [], "discardFromLookup": true}]]]
  ]
}`

// program returns the text of a .pnp.cjs as Yarn 4 writes it.
func program(state string) string {
	state = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", "\\\n").Replace(state)
	return "#!/usr/bin/env node\n\"use strict\";\n\nconst RAW_RUNTIME_STATE =\n'" + state + "';\n\n" +
		"function $$SETUP_STATE(hydrateRuntimeState, basePath) {\n  return hydrateRuntimeState(JSON.parse(RAW_RUNTIME_STATE), {basePath: basePath || __dirname});\n}\n"
}

// older is a .pnp.cjs as Yarn 3 writes it.
const older = "#!/usr/bin/env node\nfunction $$SETUP_STATE(hydrateRuntimeState, basePath) {\n  return hydrateRuntimeState({\n" +
	"    \"packageRegistryData\": [[null, [[null, {\"packageLocation\": \"./\", \"packageDependencies\": []}]]]]\n  }, {basePath: basePath || __dirname});\n}\n"

const elsewhere = "function $$SETUP_STATE(hydrateRuntimeState, basePath) {\n  const fs = require('fs');\n  return hydrateRuntimeState(JSON.parse(fs.readFileSync(1)), {basePath});\n}\n"

func TestFromProgram(t *testing.T) {
	for name, text := range map[string]string{"yarn 4": program(tables), "yarn 3": older} {
		if p, err := FromProgram([]byte(text)); err != nil || p == nil || len(p.Places()) == 0 {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if p, err := FromProgram([]byte(elsewhere)); p != nil || err != nil {
		t.Errorf("tables in another file: %v, %v", p, err)
	}
}

// entry returns tables with one more package.
func entry(pkg string) string {
	return `{"packageRegistryData": [[null, [[null, {"packageLocation": "./", "packageDependencies": []}]]], ["x", [["npm:1", ` + pkg + `]]]]}`
}

var rejectedTables = []struct{ text, want string }{
	{"", "not JSON"},
	{"{", "not JSON"},
	{strings.Repeat("[", 1<<20), "not JSON"},
	{"[]", "the top level is not an object"},
	{"{}", "no entry for the project itself"},
	{`{"packageRegistryData": 1}`, "packageRegistryData is not a list"},
	{`{"packageRegistryData": [1]}`, "an item that is not a pair"},
	{`{"fallbackPool": [["a", 1]]}`, "a reference is not a string"},
	{`{"fallbackPool": [["a", ["b"]]]}`, "an alias is not a pair"},
	{`{"fallbackPool": [], "fallbackPool": []}`, `the member "fallbackPool" twice`},
	{entry(`{"packageLocation": "/etc/", "packageDependencies": []}`), `the location "/etc/" is not one`},
	{entry(`{"packageLocation": "./x", "packageDependencies": []}`), `the location "./x" is not one`},
	{entry(`{"packageLocation": "./\u0000/", "packageDependencies": []}`), `is not one that Yarn writes`},
	{entry(`{"packageLocation": "./a/", "packageLocation": "./b/"}`), `"packageLocation" twice`},
	{entry(`{"packageDependencies": [[null, "x"]]}`), "packageDependencies is not a string"},
	{`{"packageRegistryData": [["x", [["1", {"packageLocation": "./x/"}], ["1", {"packageLocation": "./y/"}]]]]}`, "the package x@1 occurs twice"},
	{`{"packageRegistryData": [["x", []], ["x", []]]}`, `the packages named "x" are in two lists`},
	{`{"packageRegistryData": [["x", [["1", {}]]]]}`, "the package x@1 has no location"},
	{`{"packageRegistryData": [["x", [[null, {"packageLocation": "./x/"}]]]]}`, "a name without a reference"},
	{`{"packageRegistryData": [["", [[null, {"packageLocation": "./x/"}]]]]}`, `a package's name is ""`},
	{entry(`{"packageLocation": "./\ud800/"}`), "packageLocation is \"./\ufffd/\""},
	{entry(`{"packageLocation": "././x/"}`), `the location "././x/" is not one`},
	{entry(`{"packageLocation": "./", "packageDependencies": [["a", "1"], ["a", "2"]]}`), `packageDependencies has "a" twice`},
	{"{\"a\": \"\xff\"}", "not UTF-8"},
}

func TestRejected(t *testing.T) {
	for _, tt := range rejectedTables {
		if _, err := Parse([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.60q: %v, want %q", tt.text, err, tt.want)
		}
	}
	for text, want := range map[string]string{
		"console.log(1)":                                "no tables found",
		"\nconst RAW_RUNTIME_STATE =\n`{}`":             "not a string as Yarn writes it",
		"\nconst RAW_RUNTIME_STATE =\n'{\\x7d'":         `the escape \x`,
		"\nconst RAW_RUNTIME_STATE =\n'{}":              "has no end",
		"\nconst RAW_RUNTIME_STATE =\n'{\\":             "has no end",
		"\nconst RAW_RUNTIME_STATE =\n'{\n}'":           "contains a line end",
		"return hydrateRuntimeState({\n}":               "have no end",
		"\nconst RAW_RUNTIME_STATE =\n'{\\\n  \\'a\\''": "not JSON",
	} {
		if _, err := FromProgram([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func parsed(t testing.TB) *Tables {
	t.Helper()
	p, err := Parse([]byte(tables))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const debugVirtual = ".yarn/__virtual__/debug-virtual-70/0/cache/debug.zip/node_modules/debug"

func TestResolve(t *testing.T) {
	p := parsed(t)
	for _, tt := range []struct{ from, name, want string }{
		{"", "ms", "../cache/ms-2.1.3.zip/node_modules/ms"},
		{"lib/x", "debug", debugVirtual},
		{"lib", "other", ".yarn/cache/ms-2.0.0.zip/node_modules/ms"},
		{"lib", "a", "packages/a"},
		{"lib", "pooled", ""}, // the project may import only what it declares
		{debugVirtual + "/src", "ms", ".yarn/cache/ms-2.0.0.zip/node_modules/ms"},
		{debugVirtual, "supports-color", ""},
		{"packages/a/b", "ms", "../cache/ms-2.1.3.zip/node_modules/ms"},        // by the fallback
		{"packages/a", "other", ".yarn/cache/ms-2.0.0.zip/node_modules/ms"},    // under an alias
		{"packages/a", "pooled", ".yarn/cache/pooled.zip/node_modules/pooled"}, // from the pool
		{"packages/a", "none", ""},                                             // declared and not installed
		{".yarn/unplugged/strict/node_modules/strict", "ms", ""},               // without fallback
		{".yarn/cache/pooled.zip/node_modules/pooled", "a", "packages/a"},      // in the project, since pooled has discardFromLookup
		{".yarn/sdks/typescript", "ms", "no owner"},
		{"../x", "ms", "no owner"},
		{"/", "ms", "../cache/ms-2.1.3.zip/node_modules/ms"}, // not a path that callers pass; the loop ends
	} {
		owner, ok := p.Owner(tt.from)
		if !ok {
			if tt.want != "no owner" {
				t.Errorf("%s has no owner", tt.from)
			}
			continue
		}
		if got, _ := p.Resolve(owner, tt.name); got != tt.want {
			t.Errorf("%s from %s (%s): %q, want %q", tt.name, tt.from, owner, got, tt.want)
		}
	}
	if l := p.At(".yarn/cache/debug.zip/node_modules/debug"); len(l) != 2 || l[1].String() != "debug@npm:4.3.4" {
		t.Errorf("At(debug) = %v", l)
	}
	if zips := p.Zips(); !slices.Equal(zips, []string{"../cache/ms-2.1.3.zip", ".yarn/cache/debug.zip", ".yarn/cache/ms-2.0.0.zip", ".yarn/cache/pooled.zip"}) {
		t.Errorf("Zips() = %q", zips)
	}
	if a, _ := p.Owner("packages/a"); !a.IsWorkspace() || !slices.Equal(p.Names(a), []string{"none"}) {
		t.Errorf("a is %v with the dependencies %v", a, p.Names(a))
	}
}

func TestReal(t *testing.T) {
	for p, want := range map[string]string{
		"":                                      "",
		"a/b.js":                                "a/b.js",
		".yarn/__virtual__/x/0/cache/a.zip/b":   ".yarn/cache/a.zip/b",
		".yarn/__virtual__/x/1/packages/a":      "packages/a",
		".yarn/__virtual__/x/1":                 "",
		".yarn/__virtual__/x/3/home/a.zip":      "../../home/a.zip",
		".yarn/__virtual__/x/y/b":               ".yarn/__virtual__/x/y/b",
		".yarn/__virtual__/x/-1/b":              ".yarn/__virtual__/x/-1/b",
		".yarn/__virtual__/x/999/b":             ".yarn/__virtual__/x/999/b",
		".yarn/__virtual__/x":                   ".yarn/__virtual__/x",
		"a__virtual__/x/0/b":                    "a__virtual__/x/0/b",
		"__virtual__/x/0/b":                     "b",
		"a/__virtual__/x/q/__virtual__/y/0/c/d": "a/__virtual__/x/q/c/d",
	} {
		if got := Real(p); got != want {
			t.Errorf("Real(%q) = %q, want %q", p, got, want)
		}
	}
}

func TestSplitZip(t *testing.T) {
	for p, want := range map[string][2]string{
		"a.zip/b/c":       {"a.zip", "b/c"},
		"x/a.zip/b.zip/c": {"x/a.zip", "b.zip/c"},
		"a.zip":           {},
		".zip/a":          {},
		"x/.zip/a":        {},
		"a.zipped/b":      {},
	} {
		if zip, member, ok := SplitZip(p); zip != want[0] || member != want[1] || ok != (want[0] != "") {
			t.Errorf("SplitZip(%q) = %q, %q, %v", p, zip, member, ok)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(tables)
	for _, tt := range rejectedTables {
		if len(tt.text) < 1000 {
			f.Add(tt.text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ReplaceAll(text, "\n", "") // in a program, a line end follows a backslash and is not part of the string
		p, err := Parse([]byte(text))
		if again, err2 := FromProgram([]byte(program(text))); (err == nil) != (err2 == nil) || err == nil && !slices.Equal(p.Places(), again.Places()) {
			t.Fatalf("Parse: %v, FromProgram: %v", err, err2)
		}
		if err != nil {
			return
		}
		for _, place := range p.Places() {
			if path.IsAbs(place) || place != "" && path.Clean(place) != place {
				t.Errorf("the path %q is not clean and relative", place)
			}
			for _, l := range p.At(place) {
				for _, name := range p.Names(l) {
					p.Resolve(l, name)
				}
			}
			p.Owner(place + "/x")
		}
	})
}

func FuzzFromProgram(f *testing.F) {
	for _, text := range []string{program("{}"), older, elsewhere} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { _, _ = FromProgram([]byte(text)) })
}

func FuzzReal(f *testing.F) {
	f.Add(".yarn/__virtual__/x/1/a/__virtual__/y/2/b")
	f.Fuzz(func(t *testing.T, p string) {
		if !strings.Contains(p, "__virtual__") && Real(p) != p {
			t.Errorf("Real(%q) = %q", p, Real(p))
		}
	})
}
