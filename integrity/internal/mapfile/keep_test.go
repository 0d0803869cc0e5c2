package mapfile

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/importmap"
)

const digestOfA = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

// newMap is a map that generate makes: app.js asks for "b".
func newMap() *Map {
	return &Map{
		Coverage: Graph, Entries: []string{"app.js"},
		Files: map[string]string{"app.js": digestOfA, "node_modules/b/i.js": digestOfA},
		Names: Names{
			Imports: Specifiers{"b": "./node_modules/b/i.js"},
			Scopes:  map[string]Specifiers{"./node_modules/b/": {"c": "./app.js"}},
		},
	}
}

// keepTests are existing maps. In generated, the old map is one that generate has written,
// with the edits of edit.
var keepTests = []struct {
	name      string
	old       string // "" for a generated one
	edit      []string
	want      []string // parts of the new map
	gone      []string
	notes     int
	conflicts string
}{
	{name: "names of a person", old: `{"imports":{"lit":"https://cdn.example/lit.js","app/":"./lib/","b":"./node_modules/b/i.js"},"scopes":{"./x/":{"y":"./z.js"}}}`,
		want: []string{`"lit": "https://cdn.example/lit.js"`, `"app/": "./lib/"`, `"y": "./z.js"`, `"b": "./node_modules/b/i.js"`, `"c": "./app.js"`}},
	{name: "values that are not strings", old: `{"imports":{"n":null,"x":7}}`, want: []string{`"n": null`, `"x": 7`}},
	{name: "a conflict in imports", old: `{"imports":{"b":"./other.js"}}`, conflicts: `imports["b"]`},
	{name: "a conflict in scopes", old: `{"scopes":{"./node_modules/b/":{"c":null}}}`, conflicts: `scopes["./node_modules/b/"]["c"]`},
	{name: "metadata of a URL", old: `{"integrity":{"https://cdn.example/lit.js":"sha384-x"}}`, want: []string{`"https://cdn.example/lit.js": "sha384-x"`}},
	{name: "metadata of a file that the program does not reach", old: `{"integrity":{"./extra.js":"` + digestOfA + `","./app.js":"sha256-old"}}`, want: []string{`"./extra.js": "sha256-47`}, gone: []string{"sha256-old"}},
	{name: "version 1", old: `{"imports":{"z":"./z.js"},"integrity":{"./gone.js":"` + digestOfA + `"},"nodeint":{"version":1,"coverage":"graph","root":"x"}}`, want: []string{`"z": "./z.js"`}, gone: []string{"gone.js"}},
	{name: "a generated map", want: []string{`"b": `}, gone: []string{`"old"`, `"./node_modules/old/"`, "./old.js"}},
	{name: "a generated map that was edited", edit: []string{`"old": "./old.js"`, `"old": "./old.js", "mine": "./mine.js"`}, want: []string{`"mine": "./mine.js"`, `"./old.js": "sha`}, notes: 4},
	{name: "a generated map with kept names", edit: []string{`"nodeint": {`, `"nodeint": { "kept": {"imports": ["old"], "integrity": ["./old.js"]},`, "seal", ""}, want: []string{`"old": "./old.js"`, `"./old.js": "sha`}, gone: []string{`"./node_modules/old/"`}},
}

func TestKeepEntries(t *testing.T) {
	for _, test := range keepTests {
		t.Run(test.name, func(t *testing.T) {
			old := oldDocument(t, test.old, test.edit)
			m := newMap()
			notes := m.KeepEntries(old, func(string) bool { return true })
			if len(notes) != test.notes {
				t.Errorf("%d notes, want %d: %q", len(notes), test.notes, notes)
			}
			doc, err := m.Document(old)
			if conflict, ok := errors.AsType[*ConflictError](err); ok || test.conflicts != "" {
				if !ok || !strings.HasPrefix(conflict.Error(), test.conflicts+" ") {
					t.Fatalf("the error is %v, want a conflict of %s", err, test.conflicts)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			checkKept(t, doc, test.want, test.gone)
		})
	}
}

// checkKept checks the text of a new map, and that generate keeps the same again.
func checkKept(t *testing.T, doc *importmap.Document, want, gone []string) {
	text := string(doc.Format())
	for _, part := range want {
		if !strings.Contains(text, part) {
			t.Errorf("%s is not in\n%s", part, text)
		}
	}
	for _, part := range gone {
		if strings.Contains(text, part) {
			t.Errorf("%s is in\n%s", part, text)
		}
	}
	if _, err := read(text); err != nil {
		t.Fatal(err)
	}
	old, err := importmap.ReadString("m.json", text)
	if err != nil {
		t.Fatal(err)
	}
	m := newMap()
	if notes := m.KeepEntries(old, func(string) bool { return true }); len(notes) > 0 {
		t.Errorf("the second time there are notes: %q", notes)
	}
	again, err := m.Document(old)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, string(again.Format())); diff != "" {
		t.Errorf("the second map differs (-first +second):\n%s", diff)
	}
}

// oldDocument returns an existing map: text, or one that generate has written for a
// program that has changed since, with edits.
func oldDocument(t *testing.T, text string, edit []string) *importmap.Document {
	seal := false
	if text == "" {
		m := newMap()
		m.Files["old.js"] = digestOfA
		m.Names.Imports["old"] = "./old.js"
		m.Names.Scopes["./node_modules/old/"] = Specifiers{"x": "./old.js"}
		text = textOf(t, m)
		for i := 0; i+1 < len(edit); i += 2 {
			if edit[i] == "seal" {
				seal = true
				continue
			}
			text = strings.Replace(text, edit[i], edit[i+1], 1)
		}
	}
	doc, err := importmap.ReadString("m.json", text)
	if err != nil {
		t.Fatal(err)
	}
	if seal {
		if doc, err = Seal(doc); err != nil {
			t.Fatal(err)
		}
	}
	return doc
}
