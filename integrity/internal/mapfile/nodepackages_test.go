package mapfile

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/importmap"
)

func TestRelativeURL(t *testing.T) {
	for _, test := range []struct{ path, project, want string }{
		{"", "", "./"},
		{"app.js", "", "./app.js"},
		{"node_modules/@s/a b", "", "./node_modules/@s/a%20b"},
		{"", "packages/app", "./../../"},
		{"packages/app", "packages/app", "../app"},
		{"packages/app/lib", "packages/app", "./lib"},
		{"packages/app2", "packages/app", "../app2"},
		{"packages", "packages/app", "../../packages"},
		{"node_modules/a", "packages/app", "../../node_modules/a"},
		{"packages/a%/x", "packages/app", "../a%25/x"},
	} {
		if got := relativeURL(test.path, test.project); got != test.want {
			t.Errorf("%q from %q: %q, want %q", test.path, test.project, got, test.want)
		}
	}
}

func TestAbsoluteText(t *testing.T) {
	got, err := NodePackages{"": {"a": "node_modules/a"}, "node_modules/a": nil}.AbsoluteText("/srv/my app?")
	if want := `{"packages":{"./":{"url":"file:///srv/my%20app%3F","dependencies":{"a":"./node_modules/a"}},"./node_modules/a":{"url":"file:///srv/my%20app%3F/node_modules/a"}}}`; string(got) != want || err != nil {
		t.Errorf("got  %s\nwant %s, %v", got, want, err)
	}
	if got, err := NodePackages(nil).AbsoluteText("/srv"); got != nil || err != nil {
		t.Errorf("no package map: %s, %v", got, err)
	}
}

// badPackages are edits of the package map of sampleMap, in a map with the right digest.
var badPackages = []struct{ name, old, new, want string }{
	{"none", `"packages":{"./":{"url"`, `"package":{"./":{"url"`, "it is missing"},
	{"not an object", `"./app.js":{`, `"./none.js":[],"./app.js":{`, "is not an object"},
	{"a path outside", `"./app.js":{`, `"../app.js":{`, "packages: "},
	{"another URL", `"url":"../../app.js"`, `"url":"../../other.js"`, `the url is not "../../app.js"`},
	{"an absolute URL", `"url":"../../app.js"`, `"url":"file:///app.js"`, "the url is not"},
	{"no URL", `{"url":"../d"}`, `{}`, "the url is not"},
	{"another member", `"url":"../../app.js"`, `"url":"../../app.js","x":1`, `member "x" is unknown`},
	{"a dependency that is not listed", `"d":"./packages/d"`, `"d":"./packages/e"`, `the name "d" does not lead to ./packages/e`},
	{"a dependency outside", `"d":"./packages/d"`, `"d":"../d"`, "dependencies: "},
	{"a dependency that is not a string", `"d":"./packages/d"`, `"d":1`, "is not a string"},
	{"another package", `"d":"./packages/d"`, `"d":"./node_modules/a%20b"`, `the name "d" does not lead to`},
	{"a name that no link leads to", `"d":"./packages/d"`, `"e":"./packages/d"`, `the name "e" does not lead to`},
	{"the own name of another package", `"a b":"./node_modules/a%20b"`, `"a":"./node_modules/a%20b"`, `the name "a" does not lead to`},
	{"a path as a name", `"d":"./packages/d"`, `"..":"./"`, `".." is not the name of a package`},
	{"a file of a package as a name", `"d":"./packages/d"`, `"d/x":"./packages/d"`, `"d/x" is not the name of a package`},
}

func TestBadPackages(t *testing.T) {
	good, err := sampleMap().Document(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range badPackages {
		t.Run(strings.ReplaceAll(test.name, " ", "-"), func(t *testing.T) {
			_, err := read(resealed(t, good, test.old, test.new))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// resealed returns the text of a document with one edit and the digest of the result.
func resealed(t testing.TB, good *importmap.Document, old, new string) string {
	t.Helper()
	text := compact(good.Format())
	if !strings.Contains(text, old) {
		t.Fatalf("%s is not in\n%s", old, text)
	}
	doc, err := importmap.ReadString("importmap.json", strings.Replace(text, old, new, 1))
	if err != nil {
		t.Fatal(err)
	}
	if doc, err = Seal(doc); err != nil {
		t.Fatal(err)
	}
	return string(doc.Format())
}

// A package map of somebody else is kept, or is a conflict.
func TestForeignPackages(t *testing.T) {
	old, err := importmap.ReadString("importmap.json", `{"packages":{"a":{"url":"../a"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sampleMap().Document(old); !IsConflict(err) {
		t.Errorf("a package map is overwritten: %v", err)
	}
	m := sampleMap()
	m.NodePackages = nil
	doc, err := m.Document(old)
	if err != nil {
		t.Fatal(err)
	}
	if raw, _ := doc.Member(packagesMember); !json.Valid(raw) || compact(raw) != `{"a":{"url":"../a"}}` {
		t.Errorf("not kept: %s", raw)
	}
}

// generate removes the package map that it has made, and no other.
func TestPackagesRemoved(t *testing.T) {
	old, err := sampleMap().Document(nil)
	if err != nil {
		t.Fatal(err)
	}
	m := sampleMap()
	m.NodePackages = nil
	doc, err := m.Document(old)
	if err != nil {
		t.Fatal(err)
	}
	if raw, ok := doc.Member(packagesMember); ok {
		t.Errorf("still there: %s", raw)
	}
	m = sampleMap()
	m.NodePackages["app.js"]["d"] = "packages/app"
	changed, err := m.Document(old)
	if err != nil {
		t.Fatal(err)
	}
	changes, _ := Compare(old, changed)
	if diff := cmp.Diff([]Change{{"changed", `packages["./app.js"]`}}, changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}
