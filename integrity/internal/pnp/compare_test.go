package pnp

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// full are the tables of an install with development dependencies. Yarn has merged the
// two sets of peer dependencies of debug, and named it after the linter. app needs ui,
// whose peer is the development dependency react.
const full = `{
  "enableTopLevelFallback": true,
  "fallbackExclusionList": [["app", ["workspace:."]]],
  "fallbackPool": [],
  "packageRegistryData": [
    [null, [[null, {"packageLocation": "./", "packageDependencies": [["app", "workspace:."], ["http", "npm:1.0.0"], ["linter", "npm:1.0.0"], ["ms", "npm:2.0.0"], ["react", "npm:1.0.0"], ["ui", "virtual:app#npm:1.0.0"]], "linkType": "SOFT"}]]],
    ["app", [["workspace:.", {"packageLocation": "./", "packageDependencies": [["app", "workspace:."], ["http", "npm:1.0.0"], ["linter", "npm:1.0.0"], ["ms", "npm:2.0.0"], ["react", "npm:1.0.0"], ["ui", "virtual:app#npm:1.0.0"]], "linkType": "SOFT"}]]],
    ["debug", [
      ["npm:4.0.0", {"packageLocation": "./.yarn/cache/debug.zip/node_modules/debug/", "packageDependencies": [["debug", "npm:4.0.0"]], "linkType": "SOFT"}],
      ["virtual:linter#npm:4.0.0", {"packageLocation": "./.yarn/__virtual__/debug-virtual-11/0/cache/debug.zip/node_modules/debug/", "packageDependencies": [["color", null], ["ms", "npm:2.0.0"]], "packagePeers": ["color"], "linkType": "HARD"}]
    ]],
    ["http", [["npm:1.0.0", {"packageLocation": "./.yarn/cache/http.zip/node_modules/http/", "packageDependencies": [["debug", "virtual:linter#npm:4.0.0"], ["ms", "npm:1.0.0"]], "linkType": "HARD"}]]],
    ["linter", [["npm:1.0.0", {"packageLocation": "./.yarn/cache/linter.zip/node_modules/linter/", "packageDependencies": [["debug", "virtual:linter#npm:4.0.0"]], "linkType": "HARD"}]]],
    ["ms", [
      ["npm:1.0.0", {"packageLocation": "./.yarn/cache/ms1.zip/node_modules/ms/", "packageDependencies": [["ms", "npm:1.0.0"]], "linkType": "HARD"}],
      ["npm:2.0.0", {"packageLocation": "./.yarn/cache/ms2.zip/node_modules/ms/", "packageDependencies": [["ms", "npm:2.0.0"]], "linkType": "HARD"}]
    ]],
    ["react", [["npm:1.0.0", {"packageLocation": "./.yarn/cache/react.zip/node_modules/react/", "packageDependencies": [], "linkType": "HARD"}]]],
    ["ui", [
      ["npm:1.0.0", {"packageLocation": "./.yarn/cache/ui.zip/node_modules/ui/", "packageDependencies": [["ui", "npm:1.0.0"]], "linkType": "SOFT"}],
      ["virtual:app#npm:1.0.0", {"packageLocation": "./.yarn/__virtual__/ui-virtual-22/0/cache/ui.zip/node_modules/ui/", "packageDependencies": [["react", "npm:1.0.0"]], "packagePeers": ["react"], "linkType": "HARD"}]
    ]]
  ]
}`

// production are the tables of the same lockfile without the development dependencies
// linter and react. debug is now named after http.
var production = strings.NewReplacer(
	`["linter", "npm:1.0.0"], `, "", `["react", "npm:1.0.0"], ["ui"`, `["ui"`,
	`["react", "npm:1.0.0"]]`, `["react", null]]`,
	"virtual:linter", "virtual:http", "debug-virtual-11", "debug-virtual-33",
	`["linter", [["npm:1.0.0", {"packageLocation": "./.yarn/cache/linter.zip/node_modules/linter/", "packageDependencies": [["debug", "virtual:linter#npm:4.0.0"]], "linkType": "HARD"}]]],`, "",
	`["react", [["npm:1.0.0", {"packageLocation": "./.yarn/cache/react.zip/node_modules/react/", "packageDependencies": [], "linkType": "HARD"}]]],`, "",
).Replace(full)

func parse(t testing.TB, text string) *Tables {
	t.Helper()
	p, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// comparison is one with a map that pins the packages that app needs.
func comparison(pinned *Tables) *Comparison {
	return &Comparison{
		Pinned:   pinned,
		MayLack:  func(dir, name string) bool { return dir == "" && (name == "linter" || name == "react") },
		IsWanted: func(name string) bool { return name == "wanted" },
		HasPinned: func(dir string) bool {
			for _, f := range []string{"app.js", "lib/a.js", ".yarn/cache/ms2.zip/node_modules/ms/lib/index.js"} {
				if dir == "" || strings.HasPrefix(f, dir+"/") {
					return true
				}
			}
			return false
		},
	}
}

const (
	ms2      = `"packageLocation": "./.yarn/cache/ms2.zip/node_modules/ms/"`
	appUI    = `["ui", "virtual:app#npm:1.0.0"]], "linkType": "SOFT"}]]],` + "\n    [\"debug\""
	lastList = `    ["ui", [`
)

// addPackage returns a replacement that adds a package, in its place by name.
func addPackage(name, reference, location string) (old, new string) {
	return lastList, `["` + name + `", [["` + reference + `", {"packageLocation": "` + location + `", "packageDependencies": [["ms", "npm:1.0.0"]], "linkType": "HARD"}]]],` + lastList
}

type tableChange struct {
	name     string
	old, new string
	want     string // of the first difference; "" for none
}

var tableChanges = []tableChange{
	{"nothing", "", "", ""},
	{"the settings", `"enableTopLevelFallback": true`, `"enableTopLevelFallback": false`, "the settings beside the packages differ"},
	{"an unknown setting", `"fallbackPool"`, `"more": 1, "fallbackPool"`, "the settings beside the packages differ"},
	{"the exclusions", `[["app", ["workspace:."]]],`, `[],`, "the settings beside the packages differ"},
	{"white space and order", `"packageDependencies": [["ms", "npm:2.0.0"]], "linkType": "HARD"`, `"linkType" : "HARD", "packageDependencies": [["ms", "npm:2.0.0"]]`, ""},
	{"another version", `["color", null], ["ms", "npm:2.0.0"]`, `["color", null], ["ms", "npm:1.0.0"]`, "a dependency on ms@npm:2.0.0 became one on ms@npm:1.0.0"},
	{"an alias", `["color", null], ["ms", "npm:2.0.0"]`, `["color", null], ["ms", ["ui", "npm:1.0.0"]]`, "a dependency on ms@npm:2.0.0 became one on ui@npm:1.0.0"},
	{"another place", ms2, `"packageLocation": "./.yarn/cache/ms1.zip/node_modules/ms/"`, "ms@npm:2.0.0 is in ./.yarn/cache/ms1.zip/node_modules/ms instead of ./.yarn/cache/ms2.zip/node_modules/ms"},
	{"another virtual place", "ui-virtual-22/0/cache/ui.zip", "ui-virtual-22/0/cache/ms1.zip", "ui@npm:1.0.0 is in ./.yarn/__virtual__/ui-virtual-22/0/cache/ms1.zip"},
	{"another name of a virtual place", "ui-virtual-22", "ui-virtual-23", ""},
	{"the place of another set of peers", "ui-virtual-22", "debug-virtual-11", ""}, // a name means nothing
	{"a place outside", ms2, `"packageLocation": "../ms2.zip/node_modules/ms/"`, "ms@npm:2.0.0 is in"},
	{"another link type", `[["ms", "npm:2.0.0"]], "linkType": "HARD"`, `[["ms", "npm:2.0.0"]], "linkType": "SOFT"`, "ms@npm:2.0.0 has other settings"},
	{"not the owner of its files", ms2, ms2 + `, "discardFromLookup": true`, "ms@npm:2.0.0 has other settings"},
	{"a required dependency that is missing", `["debug", "virtual:linter#npm:4.0.0"], ["ms", "npm:1.0.0"]`, `["debug", "virtual:linter#npm:4.0.0"]`, `the dependency of http@npm:1.0.0 on "ms" is missing`},
	{"a required dependency that is null", `["debug", "virtual:linter#npm:4.0.0"], ["ms", "npm:1.0.0"]`, `["debug", "virtual:linter#npm:4.0.0"], ["ms", null]`, `the dependency of http@npm:1.0.0 on "ms" is missing`},
	{"a dependency without package", `["debug", "virtual:linter#npm:4.0.0"], ["ms", "npm:1.0.0"]`, `["debug", "virtual:http#npm:4.0.0"], ["ms", "npm:1.0.0"]`, "debug@npm:4.0.0, which is not in the tables"},
	{"the owner of the real path", `["npm:4.0.0", {"packageLocation": "./.yarn/cache/debug.zip/node_modules/debug/", "packageDependencies": [["debug", "npm:4.0.0"]], "linkType": "SOFT"}],`, "", "debug@npm:4.0.0 is missing"},
	{"an added dependency of a package", `["color", null], ["ms"`, `["color", null], ["more", "npm:1.0.0"], ["ms"`, `the dependency of debug@npm:4.0.0 on "more" was added`},
	{"an added dependency of the project", appUI, `["more", "npm:1.0.0"], ` + appUI, ""},
	{"one that the program requests", appUI, `["wanted", "npm:1.0.0"], ` + appUI, `the dependency of app@workspace:. on "wanted" was added, and the program requests it`},
	{"a provided peer", `["color", null]`, `["color", "npm:1.0.0"]`, ""},
	{"an added fallback", `"fallbackPool": []`, `"fallbackPool": [["more", "npm:1.0.0"]]`, ""},
	{"an added fallback that the program requests", `"fallbackPool": []`, `"fallbackPool": [["wanted", "npm:1.0.0"]]`, `the fallback for "wanted" was added`},
}

func TestDifferences(t *testing.T) {
	for _, tt := range tableChanges {
		t.Run(tt.name, func(t *testing.T) { checkChange(t, full, full, tt) })
	}
	for name, p := range map[string][2]string{
		"an added package":                     {".yarn/cache/more.zip/node_modules/more", ""},
		"an added package over own files":      {"lib", "more@npm:1.0.0 was added, in ./lib, which contains pinned files"},
		"an added package over files in a zip": {".yarn/cache/ms2.zip/node_modules/ms/lib", "which contains pinned files"},
		"one over them, at a virtual path":     {".yarn/__virtual__/more/1/lib", "which contains pinned files"},
		"one around all zips":                  {".yarn", "which contains pinned files"},
		"one outside":                          {"../more", "more@npm:1.0.0 was added, in ../more"},
		"one outside, at a virtual path":       {".yarn/__virtual__/more/2/more", "more@npm:1.0.0 was added"},
		"one in the place of another":          {".yarn/cache/ms1.zip/node_modules/ms", "is in ./.yarn/cache/ms1.zip/node_modules/ms, like another package"},
		"one in a virtual place of another":    {".yarn/__virtual__/ui-virtual-22/0/cache/ui.zip/node_modules/ui", "like another package"},
		"another set of peers":                 {".yarn/__virtual__/ui-virtual-44/0/cache/ui.zip/node_modules/ui", ""},
	} {
		location := p[0] + "/"
		if !strings.HasPrefix(location, "../") {
			location = "./" + location
		}
		old, new := addPackage("more", "npm:1.0.0", location)
		t.Run(name, func(t *testing.T) { checkChange(t, full, full, tableChange{name, old, new, p[1]}) })
	}
}

func checkChange(t *testing.T, pinned, text string, change tableChange) {
	t.Helper()
	if !strings.Contains(text, change.old) {
		t.Fatalf("the tables have no %s", change.old)
	}
	differences, _ := comparison(parse(t, pinned)).Differences(parse(t, strings.Replace(text, change.old, change.new, 1)))
	if change.want == "" && len(differences) > 0 || change.want != "" && !slices.ContainsFunc(differences, func(d string) bool { return strings.Contains(d, change.want) }) {
		t.Errorf("differences %q, want %q", differences, change.want)
	}
}

// Two instances of a package must not be in one virtual place: the second would be the
// owner of the files of both.
func TestOneVirtualPlace(t *testing.T) {
	second := `["virtual:b#npm:4.0.0", {"packageLocation": "./.yarn/__virtual__/debug-virtual-55/0/cache/debug.zip/node_modules/debug/", "packageDependencies": [["color", null], ["ms", "npm:1.0.0"]], "packagePeers": ["color"], "linkType": "HARD"}]`
	pinned := strings.Replace(full, `"packagePeers": ["color"], "linkType": "HARD"}]`, `"packagePeers": ["color"], "linkType": "HARD"}],`+second, 1)
	checkChange(t, pinned, pinned, tableChange{"", "debug-virtual-55", "debug-virtual-66", ""})
	text := strings.Replace(pinned, "debug-virtual-11", "debug-virtual-66", 1)
	checkChange(t, pinned, text, tableChange{"", "debug-virtual-55", "debug-virtual-66", "like another package"})
}

// The tables of each of two installs are those of one map, whichever it was made of.
func TestOtherInstall(t *testing.T) {
	a, b := parse(t, full), parse(t, production)
	differences, leftOut := comparison(a).Differences(b)
	want := []string{".yarn/cache/linter.zip/node_modules/linter", ".yarn/cache/react.zip/node_modules/react"}
	if got := slices.Sorted(maps.Keys(leftOut)); len(differences) > 0 || !slices.Equal(got, want) {
		t.Errorf("differences %q, left out %q, want %q", differences, got, want)
	}
	if differences, _ := comparison(b).Differences(a); len(differences) > 0 {
		t.Errorf("differences %q", differences)
	}
	wants := comparison(b)
	wants.IsWanted = func(name string) bool { return name == "react" }
	if differences, _ := wants.Differences(a); len(differences) == 0 {
		t.Error("a package that the program requests appeared, and there is no difference")
	}
	strict := comparison(a)
	strict.MayLack = func(string, string) bool { return false }
	if differences, _ := strict.Differences(b); len(differences) == 0 {
		t.Error("required packages are missing, and there is no difference")
	}
	// What nothing of the project needs may be absent: another workspace was installed alone.
	other := comparison(parse(t, full))
	other.Project = ".yarn/cache/ms2.zip/node_modules/ms"
	if differences, _ := other.Differences(parse(t, production)); len(differences) > 0 {
		t.Errorf("differences %q", differences)
	}
}

func TestSplit(t *testing.T) {
	raw, code, err := Split([]byte(program(full)))
	if _, parseErr := Parse(raw); err != nil || parseErr != nil || string(code) != program("") {
		t.Errorf("Split: %v, %v, code %q", err, parseErr, code)
	}
	for _, text := range []string{older, elsewhere} {
		if raw, code, err := Split([]byte(text)); raw != nil || code != nil || err != nil {
			t.Errorf("Split(%.40q): %q, %q, %v", text, raw, code, err)
		}
	}
}

// If there are no differences, every name of a needed package leads where it led.
func FuzzDifferences(f *testing.F) {
	f.Add(full)
	f.Add(production)
	for _, c := range tableChanges {
		f.Add(strings.Replace(full, c.old, c.new, 1))
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse([]byte(text))
		if err != nil {
			return
		}
		c := comparison(parse(t, full))
		c.MayLack = func(string, string) bool { return false }
		if differences, _ := c.Differences(got); len(differences) > 0 {
			return
		}
		for l, p := range c.Pinned.packages {
			owner, ok := got.Owner(p.path)
			if !ok || owner != l {
				continue // a virtual one that has another name
			}
			for name, to := range p.deps {
				if at, ok := got.Resolve(owner, name); to.Reference != "" && (!ok || Real(at) != Real(c.Pinned.packages[to].path)) {
					t.Errorf("%s from %s leads to %q", name, l, at)
				}
			}
		}
	})
}
