package importmap

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// vectors is a directory beside the repository. If it is missing, the tests that need
// it are skipped, except in CI, where they fail.
const vectors = "../../shared/vectors/wpt-import-maps"

func wptFiles(t testing.TB) map[string][]byte {
	names, err := filepath.Glob(filepath.Join(vectors, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = data
	}
	return files
}

// A wptCase is a node of a file: a leaf, or a group of tests that inherit its members.
type wptCase struct {
	ImportMap        json.RawMessage    `json:"importMap"`
	ImportMapBaseURL *string            `json:"importMapBaseURL"`
	BaseURL          *string            `json:"baseURL"`
	ExpectedResults  map[string]*string `json:"expectedResults"`
	ExpectedParsed   json.RawMessage    `json:"expectedParsedImportMap"`
	Tests            map[string]wptCase `json:"tests"`
}

// TestWPTImportMaps runs the data-driven cases of the web platform tests. They were
// written for the WICG form of import maps and cover imports and scopes. None conflicts
// with strict reading: their duplicate names are equal only as URLs, and their maps that
// are not objects are errors in the standard.
func TestWPTImportMaps(t *testing.T) {
	files := wptFiles(t)
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no vectors in %s", vectors)
		}
		t.Skipf("no vectors in %s", vectors)
	}
	leaves := 0
	for name, data := range files {
		var root wptCase
		if err := json.Unmarshal(data, &root); err != nil {
			t.Fatal(err)
		}
		leaves += root.leaves()
		t.Run(name, root.run)
	}
	if leaves < 118 {
		t.Errorf("%d leaf cases, want 118", leaves)
	}
}

func (c wptCase) leaves() int {
	if c.Tests == nil {
		return 1
	}
	n := 0
	for _, test := range c.Tests {
		n += test.leaves()
	}
	return n
}

func (c wptCase) run(t *testing.T) {
	if c.Tests == nil {
		c.leaf(t)
		return
	}
	for name, test := range c.Tests {
		t.Run(name, test.inherit(c).run)
	}
}

func (c wptCase) inherit(from wptCase) wptCase {
	if c.ImportMap == nil {
		c.ImportMap = from.ImportMap
	}
	if c.ImportMapBaseURL == nil {
		c.ImportMapBaseURL = from.ImportMapBaseURL
	}
	if c.BaseURL == nil {
		c.BaseURL = from.BaseURL
	}
	if c.ExpectedResults == nil {
		c.ExpectedResults = from.ExpectedResults
	}
	if c.ExpectedParsed == nil {
		c.ExpectedParsed = from.ExpectedParsed
	}
	return c
}

// text returns the text of the map. A case has it as a value or, if it is not JSON, as a
// string.
func (c wptCase) text() []byte {
	var text string
	if json.Unmarshal(c.ImportMap, &text) == nil && string(c.ImportMap) != "null" {
		return []byte(text)
	}
	return c.ImportMap
}

func (c wptCase) leaf(t *testing.T) {
	var m *Map
	d, err := Read("importmap.json", c.text())
	if err == nil {
		m, _, err = d.Parse(*c.ImportMapBaseURL)
	}
	checked := false
	if c.ExpectedParsed != nil {
		c.checkParsed(t, m, err)
		checked = true
	}
	for specifier, want := range c.ExpectedResults {
		if err != nil {
			t.Fatal(err)
		}
		checkResolve(t, m, specifier, *c.BaseURL, want)
		checked = true
	}
	if !checked {
		t.Error("the case expects nothing")
	}
}

func checkResolve(t *testing.T, m *Map, specifier, base string, want *string) {
	got, err := m.Resolve(specifier, base)
	switch {
	case want == nil && err == nil:
		t.Errorf("Resolve(%q, %q) = %q, want an error", specifier, base, got)
	case want != nil && (err != nil || got != *want):
		t.Errorf("Resolve(%q, %q) = %q, %v, want %q", specifier, base, got, err, *want)
	}
}

func (c wptCase) checkParsed(t *testing.T, m *Map, err error) {
	if string(c.ExpectedParsed) == "null" {
		if err == nil {
			t.Errorf("%s was parsed, want an error", c.text())
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Imports map[string]*string
		Scopes  map[string]map[string]*string
	}
	if err := json.Unmarshal(c.ExpectedParsed, &want); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(m.Imports, asSpecifiers(want.Imports)) {
		t.Errorf("imports = %q, want %q", m.Imports, asSpecifiers(want.Imports))
	}
	if len(m.Scopes) != len(want.Scopes) {
		t.Errorf("scopes = %q, want %d", m.Scopes, len(want.Scopes))
	}
	for _, scope := range m.Scopes {
		imports, ok := want.Scopes[scope.Prefix]
		if !ok || !maps.Equal(scope.Imports, asSpecifiers(imports)) {
			t.Errorf("scope %q = %q, want %q", scope.Prefix, scope.Imports, asSpecifiers(imports))
		}
	}
}

func asSpecifiers(m map[string]*string) Specifiers {
	s := Specifiers{}
	for key, address := range m {
		s[key] = ""
		if address != nil {
			s[key] = *address
		}
	}
	return s
}
