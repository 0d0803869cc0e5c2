package mapfile

import (
	"errors"
	"testing"

	"github.com/nodeint/nodeint/importmap"
)

// AddKept seals a map that generate has written, and lists what it has added.
func TestAddKept(t *testing.T) {
	const digest = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	made := &Map{Coverage: Graph, Entries: []string{"a.js"}, Files: map[string]string{"a.js": digest}, Names: Names{Imports: Specifiers{"dep": "./a.js"}}}
	old, err := made.Document(nil)
	if err != nil {
		t.Fatal(err)
	}
	add := Names{Imports: Specifiers{"dep": "./a.js", "x": "./b.js"}, Scopes: map[string]Specifiers{"./a.js": {"y": "./b.js"}}}
	entries := []importmap.Entry{{Key: "./a.js", Value: "sha384-x"}, {Key: "./b.js", Value: digest}}
	doc, err := AddKept(old, add, entries)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse("importmap.json", doc)
	if err != nil {
		t.Fatal(err)
	}
	m.IndexFiles()
	if m.Files["a.js"] != digest || m.Files["b.js"] != digest || m.Names.Imports["x"] != "./b.js" || m.Names.Scopes["./a.js"]["y"] != "./b.js" {
		t.Errorf("%+v", m)
	}
	k := &m.Kept
	if !k.has("", "x") || k.has("", "dep") || !k.has("./a.js", "y") || len(k.Integrity) != 1 || k.Integrity[0] != "./b.js" {
		t.Errorf("kept: %+v", *k)
	}
	if old.Integrity[0].Value != digest || len(old.Integrity) != 1 {
		t.Error("the old map has changed")
	}
	again, err := AddKept(doc, add, entries)
	if err != nil || string(again.Format()) != string(doc.Format()) {
		t.Errorf("adding the same again (%v):\n%s\n%s", err, doc.Format(), again.Format())
	}
	_, err = AddKept(old, Names{Imports: Specifiers{"dep": "./b.js"}}, nil)
	if conflict, ok := errors.AsType[*ConflictError](err); !ok || conflict.Place() != `imports["dep"]` || conflict.Want != "./b.js" {
		t.Errorf("%v", err)
	}
	if doc, err := AddKept(nil, add, entries); err != nil || len(doc.Members) > 0 || len(doc.Integrity) != 2 {
		t.Errorf("%v, %+v", err, doc)
	}
}
