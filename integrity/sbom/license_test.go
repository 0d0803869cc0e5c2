package sbom

import (
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var licenses = []struct {
	manifest string
	want     License
}{
	{`{"license": "MIT"}`, License{Expression: "MIT"}},
	{`{"license": "mit"}`, License{Expression: "MIT"}},
	{`{"licence": "ISC"}`, License{Expression: "ISC"}},
	{`{"License": "ISC"}`, License{}},
	{`{"license": " (MIT  OR (Apache-2.0 AND ISC)) "}`, License{Expression: "(MIT OR (Apache-2.0 AND ISC))"}},
	{`{"license": "GPL-2.0+"}`, License{Expression: "GPL-2.0+"}},
	{`{"license": "EPL-1.0+"}`, License{Expression: "EPL-1.0+"}},
	{`{"license": "GPL-2.0-only WITH classpath-exception-2.0"}`, License{Expression: "GPL-2.0-only WITH Classpath-exception-2.0"}},
	{`{"license": "GPL-2.0-only WITH MIT"}`, License{Names: []string{"GPL-2.0-only WITH MIT"}}},
	{`{"license": "MIT or ISC"}`, License{Names: []string{"MIT or ISC"}}},
	{`{"license": "MIT OR"}`, License{Names: []string{"MIT OR"}}},
	{`{"license": "(MIT"}`, License{Names: []string{"(MIT"}}},
	{`{"license": "MIT)"}`, License{Names: []string{"MIT)"}}},
	{`{"license": "Apache 2.0"}`, License{Names: []string{"Apache 2.0"}}},
	{`{"license": "UNLICENSED"}`, License{Names: []string{"UNLICENSED"}}},
	{`{"license": "LicenseRef-Own"}`, License{Names: []string{"LicenseRef-Own"}}},
	{`{"license": "SEE LICENSE IN LICENSE.md"}`, License{Names: []string{"SEE LICENSE IN LICENSE.md"}}},
	{`{"license": {"type": "BSD-3-Clause", "url": "http://x"}}`, License{Expression: "BSD-3-Clause"}},
	{`{"license": {"name": "BSD"}}`, License{Names: []string{"BSD"}}},
	{`{"licenses": [{"type": "MIT"}, {"type": "GPL-2.0-only AND ISC"}, "MIT"]}`, License{Expression: "MIT OR (GPL-2.0-only AND ISC)"}},
	{`{"licenses": [{"type": "MIT"}, {"type": "GPL"}]}`, License{Names: []string{"MIT", "GPL"}}},
	{`{"license": "", "licenses": ["MIT"]}`, License{Expression: "MIT"}},
	{`{"license": "a\u0000b\u001b[31mc\u202Ed\r\ne\u200b"}`, License{Names: []string{"ab[31mcd e"}}},
	{`{"license": "\ud800"}`, License{Names: []string{"\uFFFD"}}},
	{`{"license": "\u0001"}`, License{}},
	{`{"license": 1}`, License{}},
	{`{"license": [[["MIT"]]]}`, License{}},
	{`{"license": {"type": {"type": "MIT"}}}`, License{}},
	{`{"license": null, "licenses": false}`, License{}},
	{`["MIT"]`, License{}},
	{`{"license": "MIT"`, License{}},
	{``, License{}},
	{`{"license": "` + strings.Repeat("(", 17) + "MIT" + strings.Repeat(")", 17) + `"}`, License{Names: []string{strings.Repeat("(", 17) + "MIT" + strings.Repeat(")", 17)}}},
	{`{"license": "` + strings.Repeat("x", 1<<20) + `"}`, License{Names: []string{strings.Repeat("x", maxName) + "…"}}},
}

func TestLicense(t *testing.T) {
	for _, c := range licenses {
		if diff := cmp.Diff(c.want, licenseOf([]byte(c.manifest))); diff != "" {
			t.Errorf("%.100s: -want +got:\n%s", c.manifest, diff)
		}
	}
}

// A license of any package.json is an expression that stays the same when it is read again, or
// names without control characters and of limited length.
func FuzzLicense(f *testing.F) {
	for _, c := range licenses {
		if len(c.manifest) < 10_000 {
			f.Add(c.manifest)
		}
	}
	f.Fuzz(func(t *testing.T, manifest string) {
		l := licenseOf([]byte(manifest))
		if again, ok := expression(l.Expression); l.Expression != "" && (!ok || again != l.Expression) && len(l.Expression) <= maxExpression {
			t.Errorf("%q becomes %q", l.Expression, again)
		}
		for _, name := range l.Names {
			if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName+1 || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) }) {
				t.Errorf("the name %q", name)
			}
		}
		if text, _ := l.spdxExpression(); (text == "") != (l.Expression == "" && l.Names == nil) {
			t.Errorf("%v becomes %q", l, text)
		}
	})
}

func TestName(t *testing.T) {
	for _, c := range []struct{ manifest, name, version string }{
		{`{"name": "a", "version": "1.0.0"}`, "a", "1.0.0"},
		{`{"name": ["a"], "version": 1}`, "", ""},
		{`{"Name": "a"}`, "", ""},
		{`null`, "", ""},
	} {
		if name, version := nameOf([]byte(c.manifest)); name != c.name || version != c.version {
			t.Errorf("%s: %q %q", c.manifest, name, version)
		}
	}
}

// The package comment is the specification, so it names every fact and every reach.
func TestPackageComment(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"nodeint:reach", "nodeint:loaded", "nodeint:provenance", "nodeint:power", "nodeint:gap", "nodeint:lockfile:checksum", "nodeint:dependencies", string(Imports), string(Traced), string(Declared)} {
		if !strings.Contains(string(text), word) {
			t.Errorf("doc.go does not explain %s", word)
		}
	}
}
