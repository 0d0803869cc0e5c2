package nametable_test

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nametable"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// read returns the directories of a table, by the paths that the caller knows.
func read(t *testing.T, table []byte, dirs ...string) (flags uint32, texts map[string]any) {
	t.Helper()
	count := int(binary.LittleEndian.Uint32(table))
	records, text := table[8:8+24*count], table[8+24*count:]
	texts = make(map[string]any)
	last := ""
	for i := range count {
		r := records[24*i : 24*i+24]
		key := string(r[:16])
		if key <= last {
			t.Errorf("the records are not sorted")
		}
		last = key
		from, size := binary.LittleEndian.Uint32(r[16:]), binary.LittleEndian.Uint32(r[20:])
		name := "?"
		for _, dir := range dirs {
			if sum := sha256.Sum256([]byte(dir)); string(sum[:16]) == key {
				name = dir
			}
		}
		var value any
		if err := json.Unmarshal(text[from:from+size], &value); err != nil {
			t.Fatal(err)
		}
		texts[name] = value
	}
	return binary.LittleEndian.Uint32(table[4:]), texts
}

func pinned(t *testing.T, root string, files map[string]string) []mapfile.Pinned {
	t.Helper()
	var list []mapfile.Pinned
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		list = append(list, mapfile.Pinned{Path: name, Metadata: hasher.MetadataOf(hasher.Sum(hasher.SetOf(hasher.SHA256), []byte(text)))})
	}
	return list
}

func TestOf(t *testing.T) {
	root := t.TempDir()
	m := &mapfile.Map{
		Digest: "blake3-x", Conditions: []string{"blue"},
		Packages: map[string]mapfile.Package{"": {}, "node_modules/a": {}, "node_modules/gone": {}},
		Links:    map[string]string{"lib/link": "./node_modules/a", "lib/out": "/"},
		Pinned: pinned(t, root, map[string]string{
			"app.js": "", "node_modules/a/package.json": `{"type": "module", "main": "./x"}`, "node_modules/a/x.js": "", "node_modules/gone/index.js": "",
		}),
		Names: mapfile.Names{
			Imports: mapfile.Specifiers{
				"a": "./node_modules/a/x.js", "a/": "./node_modules/a/", "#log": "node:console", "unpinned": "./node_modules/a/y.js", "gone": "./node_modules/gone/index.js",
				"null": "", "web": "https://example.com/a.js", "./lib/x": "./app.js", "https://example.com/b.js": "./app.js", "/c.js": "./app.js",
			},
			Scopes:  map[string]mapfile.Specifiers{"./node_modules/a/": {"app": "./app.js"}, "./app.js": {"one": "./app.js"}, "https://example.com/": {"a": "./app.js"}},
			Require: map[string]mapfile.Specifiers{"./": {"a": "./app.js"}},
		},
	}
	table, err := nametable.Of(root, m, map[string]int{"node_modules/gone": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	flags, got := read(t, table, "", "lib", "node_modules/a")
	object := func(text string) (v any) {
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	want := map[string]any{
		"": object(`{"f": ["app.js"], "o": true, "c": ["blue"], "r": {"e": {"a": "app.js"}}, "x": {"app.js": {"s": {"e": {"one": "app.js"}}}}, "i": {
			"e": {"a": "node_modules/a/x.js", "#log": "/node:console", "unpinned": 0, "gone": 0, "null": 0, "web": 0, "./lib/x": "app.js"}, "p": [["a/", "node_modules/a/"]]}}`),
		"lib": object(`{"l": {"link": "node_modules/a"}}`),
	}
	a := got["node_modules/a"].(map[string]any)
	if a["t"] != "module" || a["m"] != "./x" || a["o"] != true || len(a["f"].([]any)) != 2 {
		t.Errorf("node_modules/a: %v", a)
	}
	delete(got, "node_modules/a")
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	if flags != 3 {
		t.Errorf("flags %d, want 3", flags)
	}
}

// A map from another tool has no table: nobody has looked for added files.
func TestOfForeignMap(t *testing.T) {
	root := t.TempDir()
	m := &mapfile.Map{Pinned: pinned(t, root, map[string]string{"app.js": ""})}
	if table, err := nametable.Of(root, m, nil, nil); err != nil || table != nil {
		t.Errorf("%d bytes, %v", len(table), err)
	}
}

// The type and main are those of the pinned bytes, as Node reads them.
func TestManifests(t *testing.T) {
	for text, want := range map[string][2]string{
		`{"type": "module"}`:                        {"module", ""},
		`{"type": "commonjs", "main": "a"}`:         {"commonjs", "a"},
		`{"type": "mod\u0075le", "main": "\u0061"}`: {"module", "a"},
		`{"type": "module", "type": "commonjs"}`:    {"commonjs", ""},
		`{"Type": "module", "Main": "a"}`:           {"none", ""},
		`{"type": "x", "main": {"type": "module"}}`: {"none", ""},
		`{"type": "module", "type": "x"}`:           {"module", ""},
		`{"typ\u0065": "module", "m\u0061in": "a"}`: {"none", ""},
		`{"type": 1}`:                                  {"?", ""}, // Node rejects it
		`{"type": "module", "type": null}`:             {"?", ""},
		`{"exports": {"type": "module", "main": "a"}}`: {"none", ""},
		`{}`:                {"none", ""},
		"\ufeff{}":          {"?", ""},
		`[]`:                {"?", ""},
		`null`:              {"?", ""},
		`{"type": "module"`: {"?", ""},
		"{\"type\": \"module\", \"x\": \"\xff\"}":           {"?", ""},
		"{\"main\": \"" + strings.Repeat("a", 5000) + "\"}": {"none", strings.Repeat("a", 5000)},
	} {
		root := t.TempDir()
		m := &mapfile.Map{Digest: "blake3-x", Pinned: pinned(t, root, map[string]string{"package.json": text})}
		check := func(want [2]string) {
			t.Helper()
			table, err := nametable.Of(root, m, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, dirs := read(t, table, "")
			dir := dirs[""].(map[string]any)
			main, _ := dir["m"].(string)
			if got := [2]string{dir["t"].(string), main}; got != want {
				t.Errorf("%.60q: %.60q, want %.60q", text, got, want)
			}
		}
		check(want)
		given := map[string][]byte{"package.json": []byte(text)}
		if again, err := nametable.Of(t.TempDir(), m, nil, given); err != nil {
			t.Error(err)
		} else if table, err := nametable.Of(root, m, nil, nil); err != nil || !bytes.Equal(again, table) {
			t.Errorf("%.60q: another table for the same bytes: %s, %s, %v", text, again, table, err)
		}
		if err := os.WriteFile(filepath.Join(root, "package.json"), []byte(`{"type":"module" }`), 0o644); err != nil {
			t.Fatal(err)
		}
		check([2]string{"?", ""}) // no longer the pinned bytes
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"type": "module", "main": "x"}`))
	f.Add([]byte(`{"type": "module", "type": 1}`))
	f.Add([]byte("\ufeff{}"))
	for _, text := range []string{
		"", "{", "[]", "1", `"x"`, "{}", " { } ", `{"a":1}`, `{"a":true ,"type":"commonjs"}`, `{"type":null}`, `{"type":"x"}`, `{"type":"modul\u0065"}`,
		`{"typ\u0065":"module"}`, `{"type":"module","type":"x"}`, `{"main":"a\\\"b","type":"module"}`, `{"main":1,"main":"a","main":[]}`,
		`{"exports":{"type":"module","main":["}"]},"x":[{},"]"],"main":"ü"}`, `{"a":"\\","type" : "module" }`, "{\"main\":\"\xff\"}",
		`{"a":` + strings.Repeat("[", 101) + strings.Repeat("]", 101) + `,"type":"module"}`,
		`{"a":` + strings.Repeat(`{"":`, 200) + "1" + strings.Repeat("}", 200) + `}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		kind, main := nametable.ReadManifest(data)
		if m, ok := nodejs.ReadManifest(data); ok && !m.BadType && json.Valid(data) && utf8.Valid(data) {
			isDeep := bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > 100
			if want := cmp.Or(m.Type, "none"); (kind != want || main != m.Main) && !(kind == "?" && isDeep) {
				t.Errorf("%q: %q, main %q; nodejs.ReadManifest: %q, main %q", data, kind, main, want, m.Main)
			}
		} else if kind != "?" {
			t.Errorf("%q: type %q, but nodejs.ReadManifest cannot read it", data, kind)
		}
		switch kind {
		case "module", "commonjs", "none":
		case "?":
			if main != "" {
				t.Errorf("a main without a type: %q", main)
			}
		default:
			t.Errorf("type %q", kind)
		}
	})
}
