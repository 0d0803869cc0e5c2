package project

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/problem"
)

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
	{"unknown member, none similar", `{"nodeint":{"zzzzzz":[]}}`, "choose one of algorithms, browser, conditions, coverage, entries, exclude, include"},
	{"member twice", `{"nodeint":{"include":["a"],"include":[]}}`, "nodeint.include occurs twice"},
	{"entries a string", `{"nodeint":{"entries":"a.js"}}`, `nodeint.entries is not a list of strings`},
	{"entries of numbers", `{"nodeint":{"entries":[1]}}`, `nodeint.entries is not a list of strings`},
	{"entries empty string", `{"nodeint":{"entries":[""]}}`, `which is not a path`},
	{"coverage unknown", `{"nodeint":{"coverage":"dependancies"}}`, "\"dependancies\" is not known\ndid you mean dependencies?"},
	{"coverage a number", `{"nodeint":{"coverage":1}}`, "nodeint.coverage is not a string"},
	{"algorithm unknown", `{"nodeint":{"algorithms":["sha265"]}}`, "did you mean sha256?"},
	{"blake3 alone", `{"nodeint":{"algorithms":["blake3"]}}`, "contains none of sha256, sha384 and sha512"},
	{"no algorithm", `{"nodeint":{"algorithms":[]}}`, "contains none of sha256, sha384 and sha512"},
	{"bad glob", `{"nodeint":{"include":["a[b"]}}`, "which is not a glob pattern"},
	{"glob upward", `{"nodeint":{"include":["../x"]}}`, "which leads out of the root"},
	{"explosive glob", `{"nodeint":{"exclude":["` + strings.Repeat("{a,b}", 30) + `"]}}`, "which is not a glob pattern"},
	{"bad trace", `{"nodeint":{"trace":"t.json"}}`, "is not a list of strings"},
	{"browser is no boolean", `{"nodeint":{"browser":"yes"}}`, "write it as"},
	{"bad condition", `{"nodeint":{"conditions":["a,b"]}}`, "which is not a name"},
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
		"include":["v/**"],"exclude":["!t/*"],"browser":true,"conditions":["production"],"trace":["t.json"],"platforms":["linux-x64"],"scripts":["esbuild"],"lockfile":"fetch","writable":["up"]}}`})
	p, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{[]string{"a.js"}, "tree", []string{"sha512", "blake3"}, []string{"v/**"}, []string{"!t/*"}, true, []string{"production"}, []string{"t.json"}, "fetch", []string{"linux-x64"}, []string{"esbuild"}, []string{"up"}}
	if diff := cmp.Diff(want, p.Config); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if p.Name != "n" || p.Version != "1.2.3" {
		t.Errorf("got %s@%s, want n@1.2.3", p.Name, p.Version)
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
		var e *problem.Error
		if err != nil && (!errors.As(err, &e) || e.Hint == "") {
			t.Errorf("error without a hint: %v", err)
		}
	})
}
