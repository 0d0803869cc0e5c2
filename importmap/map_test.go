package importmap

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const mapBase = "https://base.example/app/index.html"

func mustParse(t testing.TB, text, base string) (*Map, []Warning) {
	t.Helper()
	d, err := Read("m.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	m, warnings, err := d.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return m, warnings
}

func TestParseIntegrity(t *testing.T) {
	m, warnings := mustParse(t, `{"integrity":{
		"./a.js":"A", "../b.js":"B", "/c.js":"C", "https://EXAMPLE.com/d.js":"D", "bare":"E", "":"F",
		"./x/../g.js":"G1", "./g.js":"G2", "./h%41 é.js?q#f":"H", "./a|b.js":"I", "//host/j":"", "./^":"K"}}`, mapBase)
	for url, want := range map[string]string{
		"https://base.example/app/a.js":                 "A",
		"https://base.example/b.js":                     "B",
		"https://base.example/c.js":                     "C",
		"https://example.com/d.js":                      "D",
		"https://base.example/app/g.js":                 "G2",
		"https://base.example/app/h%41%20%C3%A9.js?q#f": "H",
		"https://base.example/app/a|b.js":               "I",
		"https://host/j":                                "",
		"https://base.example/app/%5E":                  "K",
		"https://base.example/app/bare":                 "",
		"bare":                                          "",
	} {
		if got := m.IntegrityOf(url); got != want {
			t.Errorf("IntegrityOf(%q) = %q, want %q", url, got, want)
		}
	}
	if len(m.Integrity) != 9 || len(warnings) != 2 || warnings[0].Key != "integrity.bare" {
		t.Errorf("%q, warnings %q", m.Integrity, warnings)
	}
	if m, warnings = mustParse(t, `{"integrity":{"./a.js":"A","node:fs":"B"}}`, "data:text/html,x"); len(m.Integrity) != 1 || len(warnings) != 1 {
		t.Errorf("with a data: base: %q, warnings %q", m.Integrity, warnings)
	}
}

// TestJoinKey compares joinKey with the URL parser.
func TestJoinKey(t *testing.T) {
	for _, base := range []string{
		mapBase, "file:///", "file:///C:", "file:///C:/a/", "file:///a/b?c#d", "file://host", "foo:/", "foo:/a", "foo:/.//",
		"foo:/.//a/b", "foo://h", "https://u:p@h:81", "web+x:/a/..//b", "data:x", "about:blank",
	} {
		for _, test := range keyTests {
			checkJoin(t, base, test.key)
		}
	}
}

func checkJoin(t *testing.T, base, key string) {
	t.Helper()
	b, ok := parseURL(base, nil)
	if !ok {
		return
	}
	dir, _ := parseURL("./", b)
	if got, ok := joinKey(dir, key); ok && got != hrefOf(key, base) {
		t.Errorf("joinKey(%q, %q) = %q, the URL is %q", base, key, got, hrefOf(key, base))
	}
}

func TestParseWarnings(t *testing.T) {
	m, warnings := mustParse(t, `{
		"imports":{"":"/x","a":1,"b":"bare","c/":"/c","d":"/d"},
		"scopes":{"https://[":{},"/s/":{"":"/x","e":null}},
		"integrity":{"x y":"z"},
		"nodeint":{},"more":{}}`, mapBase)
	want := []string{
		`imports[""]: a specifier cannot be empty`,
		`imports.a: the address is not a string`,
		`imports.b: the address is not a URL and does not begin with /, ./ or ../`,
		`imports["c/"]: the specifier ends in "/" and its address does not`,
		`scopes["https://["]: the scope's prefix is not a URL`,
		`scopes["/s/"][""]: a specifier cannot be empty`,
		`scopes["/s/"].e: the address is not a string`,
		`integrity["x y"]: the key is not a URL and does not begin with /, ./ or ../`,
		`nodeint: not a member of import maps`,
		`more: not a member of import maps`,
	}
	var got []string
	for _, w := range warnings {
		got = append(got, w.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(m.Imports) != 4 || len(m.Scopes) != 1 {
		t.Errorf("imports = %q, scopes = %q", m.Imports, m.Scopes)
	}
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct{ text, base, err string }{
		{`{}`, "", `parse import map: base "" is not an absolute URL`},
		{`{}`, "./x", `parse import map: base "./x" is not an absolute URL`},
		{"{\"scopes\":{\n\"/s/\":[]}}", mapBase, `m.json:2:1: scopes["/s/"]: an array where an object should be`},
	} {
		d, err := Read("m.json", []byte(test.text))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.Parse(test.base); errorText(err) != test.err {
			t.Errorf("Parse(%q): got %v, want %s", test.text, err, test.err)
		}
	}
}

// resolveTests are cases that the web platform tests do not have.
var resolveTests = []struct{ text, specifier, base, want, err string }{
	{`{"imports":{"a/":"/lib/"}}`, "a/../b", mapBase, "", `"../b" is outside https://base.example/lib/`},
	{`{"imports":{"a/":"/lib/"}}`, "a/%2e%2e/b", mapBase, "", `"%2e%2e/b" is outside https://base.example/lib/`},
	{`{"imports":{"a/":"/lib/"}}`, "a//evil.example/b", mapBase, "", `"/evil.example/b" is outside https://base.example/lib/`},
	{`{"imports":{"a/":"/lib/"}}`, "a/https://evil.example/", mapBase, "", `"https://evil.example/" is outside https://base.example/lib/`},
	{`{"imports":{"a/":"/lib/"}}`, "a/b/../c", mapBase, "https://base.example/lib/c", ""},
	{`{"imports":{"a/":"/lib/"}}`, "a/", mapBase, "https://base.example/lib/", ""},
	{`{"imports":{"a/":"/lib/","a/b/":null}}`, "a/b/c", mapBase, "", `the import map blocks "a/b/"`},
	{`{"imports":{"a":null}}`, "a", mapBase, "", `the import map blocks "a"`},
	{`{"imports":{"./x.js":"./y.js"}}`, "./x.js", mapBase, "https://base.example/app/y.js", ""},
	{`{"imports":{"node:fs":"./fs.js"}}`, "node:fs", "file:///a.js", "https://base.example/app/fs.js", ""},
	{`{"imports":{"node:":"./fs.js"}}`, "node:fs", "file:///a.js", "node:fs", ""},
	{`{"scopes":{"./x.js":{"a":"/a"}}}`, "a", "https://base.example/app/x.js", "https://base.example/a", ""},
	{`{"scopes":{"./x":{"a":"/a"}}}`, "a", "https://base.example/app/x.js", "", `the import map has no entry for this bare specifier`},
	{`{"imports":{"a":"/1"},"scopes":{"/":{"a":"/2"},"/app/":{"a":null}}}`, "a", mapBase, "", `the import map blocks "a"`},
	{`{}`, "a", mapBase, "", `the import map has no entry for this bare specifier`},
	{`{}`, "", mapBase, "", `the import map has no entry for this bare specifier`},
	{`{}`, "./a b^|.js", "file:///r/m.js", "file:///r/a%20b%5E|.js", ""},
	{`{}`, "./a", "data:x", "", `the import map has no entry for this bare specifier`},
	{`{}`, "./a", "nowhere", "", `base "nowhere" is not an absolute URL`},
}

func TestResolve(t *testing.T) {
	for _, test := range resolveTests {
		m, _ := mustParse(t, test.text, mapBase)
		got, err := m.Resolve(test.specifier, test.base)
		if got != test.want || (err != nil) != (test.err != "") || !strings.HasSuffix(errorText(err), test.err) {
			t.Errorf("%s: Resolve(%q, %q) = %q, %v, want %q, %s", test.text, test.specifier, test.base, got, err, test.want, test.err)
		}
	}
}

// seed adds the maps and specifiers of the leaves to a corpus.
func (c wptCase) seed(f *testing.F) {
	for _, test := range c.Tests {
		test.inherit(c).seed(f)
	}
	if c.ImportMap != nil && c.ImportMapBaseURL != nil && c.BaseURL != nil {
		for specifier := range c.ExpectedResults {
			f.Add(c.text(), *c.ImportMapBaseURL, specifier, *c.BaseURL)
		}
	}
}

// FuzzResolve checks that Resolve returns a serialised URL, that the result is below
// the address of its prefix, and that joinKey agrees with the URL parser.
func FuzzResolve(f *testing.F) {
	for _, test := range resolveTests {
		f.Add([]byte(test.text), mapBase, test.specifier, test.base)
	}
	for _, test := range urlTests {
		f.Add([]byte(`{"imports":{"a/":"/b/"}}`), test.base, test.url, mapBase)
	}
	for _, data := range wptFiles(f) {
		var root wptCase
		if err := json.Unmarshal(data, &root); err != nil {
			f.Fatal(err)
		}
		root.seed(f)
	}
	f.Fuzz(func(t *testing.T, text []byte, mapURL, specifier, base string) {
		checkJoin(t, mapURL, KeyOf(specifier))
		d, err := Read("m.json", text)
		if err != nil {
			return
		}
		m, _, err := d.Parse(mapURL)
		if err != nil {
			return
		}
		got, err := m.Resolve(specifier, base)
		if err != nil {
			return
		}
		if again := hrefOf(got, ""); again != got {
			t.Fatalf("Resolve(%q, %q) = %q, which is the URL %q", specifier, base, got, again)
		}
		for prefix, address := range m.Imports {
			if len(m.Scopes) == 0 && len(m.Imports) == 1 && strings.HasSuffix(prefix, "/") &&
				strings.HasPrefix(specifier, prefix) && hrefOf(specifier, "") == "" && !strings.HasPrefix(got, address) {
				t.Fatalf("Resolve(%q, %q) = %q, which is not below %q", specifier, base, got, address)
			}
		}
	})
}

func BenchmarkParse60k(b *testing.B) {
	d := &Document{}
	for i := range 60000 {
		d.Integrity = append(d.Integrity, Entry{KeyOf(fmt.Sprintf("node_modules/package-%d/module-%d.js", i/40, i)), "sha256-"})
	}
	for b.Loop() {
		if _, _, err := d.Parse(mapBase); err != nil {
			b.Fatal(err)
		}
	}
}
