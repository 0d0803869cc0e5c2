package mapfile

import (
	"strings"
	"testing"

	"github.com/nodeint/nodeint/importmap"
)

// conflicts are texts with conflict markers, and their sides.
var conflicts = []struct {
	name, text, ours, theirs string
	ok                       bool
}{
	{"two lines", "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\nd\n", "a\nb\nd\n", "a\nc\nd\n", true},
	{"CR LF", "a\r\n<<<<<<< HEAD\r\nb\r\n=======\r\nc\r\n>>>>>>> x\r\n", "a\r\nb\r\n", "a\r\nc\r\n", true},
	{"diff3", "<<<<<<< a\nb\n||||||| o\no\n=======\nc\n>>>>>>> x\n", "b\n", "c\n", true},
	{"no labels, no last newline", "<<<<<<<\nb\n=======\n>>>>>>>", "b\n", "", true},
	{"twice", "<<<<<<< a\nb\n=======\n>>>>>>> x\n<<<<<<< a\n=======\nc\n>>>>>>> x\n", "b\n", "c\n", true},
	{"none", "{}\n", "{}\n", "{}\n", false},
	{"not ended", "<<<<<<< a\nb\n=======\nc\n", "", "", false},
	{"nested", "<<<<<<< a\n<<<<<<< a\n=======\n>>>>>>> x\n=======\n>>>>>>> x\n", "", "", false},
	{"end first", ">>>>>>> x\n<<<<<<< a\n=======\n", "", "", false},
	{"without a middle", "<<<<<<< a\n>>>>>>> x\n", "", "", false},
	{"two middles", "<<<<<<< a\n=======\n=======\n>>>>>>> x\n", "", "", false},
	{"eight characters", "<<<<<<<< a\n========\n>>>>>>>> x\n", "<<<<<<<< a\n========\n>>>>>>>> x\n", "<<<<<<<< a\n========\n>>>>>>>> x\n", false},
}

func TestSides(t *testing.T) {
	for _, test := range conflicts {
		ours, theirs, ok := Sides(test.text)
		if ok != test.ok || ok && (ours != test.ours || theirs != test.theirs) {
			t.Errorf("%s: got %q, %q, %v", test.name, ours, theirs, ok)
		}
	}
}

func TestResolveConflict(t *testing.T) {
	const entry = `"integrity": {"./a.js": "` + empty256 + `"}`
	between := func(a, b string) string { return "<<<<<<< a\n" + a + "\n=======\n" + b + "\n>>>>>>> b\n" }
	for _, test := range []struct{ name, text, want string }{
		{"integrity and nodeint", between(`{"imports": {"a": "./a.js"}, `+entry+`, "nodeint": {"version": 1}}`, `{"imports": { "a":"./a.js"}}`), ""},
		{"imports", between(`{"imports": {}}`, `{}`), `differ in "imports", which`},
		{"several", between(`{"x": 1, "scopes": {}}`, `{"x": 2}`), `differ in "scopes", "x", which`},
		{"the order of scopes", between(`{"scopes": {"a": {}, "b": {}}}`, `{"scopes": {"b": {}, "a": {}}}`), `differ in "scopes", which`},
		{"a side is no map", between("{}", "{"), "m.json (theirs)"},
		{"two members", between(`{"a": 1, "a": 2}`, "{}"), "m.json (ours)"},
		{"no end", "<<<<<<< a\n{}", "not in order"},
	} {
		_, err := ResolveConflict("/m.json", test.text)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

// FuzzResolveConflict holds that a resolved map has nothing of which the sides differ,
// and that a text with conflict markers is never a map.
func FuzzResolveConflict(f *testing.F) {
	for _, test := range conflicts {
		f.Add(test.text)
	}
	f.Add("{\n<<<<<<< a\n\"integrity\": {},\n=======\n>>>>>>> b\n\"imports\": {}}")
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := ResolveConflict("m.json", text)
		if err != nil {
			return
		}
		if _, err := importmap.ReadString("m.json", text); err == nil {
			t.Fatal("a map has conflict markers")
		}
		_, theirs, _ := Sides(text)
		other, err := importmap.ReadString("m.json", theirs)
		if err != nil || len(keptDifferences(doc, other)) > 0 {
			t.Fatalf("the sides differ: %v", err)
		}
	})
}
