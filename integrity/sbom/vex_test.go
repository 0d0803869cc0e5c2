package sbom

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ghsaPage is the page of an advisory.
const ghsaPage = "https://github.com/advisories/GHSA-2222-3333-4444"

var audits = []struct {
	text string
	want []Advisory // nil for an error
}{
	{
		`{"auditReportVersion": 2, "vulnerabilities": {
			"a": {"name": "a", "via": [{"source": 7, "name": "a", "url": "` + ghsaPage + `"}, {"source": 8, "url": "http://u:p@x/"}], "nodes": ["node_modules/b/node_modules/a", "node_modules/a"]},
			"b": {"name": "b", "via": ["a"], "nodes": ["node_modules/b"]}}}`,
		[]Advisory{
			{ID: "GHSA-2222-3333-4444", URL: ghsaPage, Package: "a", Places: []string{"node_modules/a", "node_modules/b/node_modules/a"}},
			{ID: "npm:8", Package: "a", Places: []string{"node_modules/a", "node_modules/b/node_modules/a"}},
		},
	},
	{
		`{"advisories": {"7": {"id": 7, "github_advisory_id": "GHSA-2222-3333-4444", "url": "` + ghsaPage + `", "module_name": "@s/b", "findings": [{"version": "1.0.0"}, {"version": "1.0.0"}]}}}`,
		[]Advisory{{ID: "GHSA-2222-3333-4444", URL: ghsaPage, Package: "@s/b", Version: "1.0.0"}},
	},
	{`{"vulnerabilities": {}}`, []Advisory{}},
	{`{"vulnerabilities": {"a": {"via": [{"source": 1, "name": "a\u0000\u202E", "url": "javascript:x"}]}}}`, []Advisory{{ID: "npm:1", Package: "a"}}},
	{`{"message": "405 Method Not Allowed"}`, nil},
	{`{"vulnerabilities": {"a": {"via": [{"source": {}}]}}}`, nil},
	{`{"vulnerabilities": {"a": {"via": "a"}}}`, nil},
	{`[]`, nil},
	{``, nil},
}

func TestAdvisories(t *testing.T) {
	for _, c := range audits {
		got, err := parseAdvisories([]byte(c.text))
		if (err == nil) != (c.want != nil) {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if len(got)+len(c.want) == 0 {
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.text, diff)
		}
	}
}

func FuzzAdvisories(f *testing.F) {
	for _, c := range audits {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseAdvisories([]byte(text))
		if err != nil {
			return
		}
		for _, a := range list {
			if a.ID == "" || a.URL != "" && !strings.HasPrefix(a.URL, "https://") {
				t.Errorf("%+v", a)
			}
		}
		inv := &Inventory{Root: &Component{Name: "app", Dirs: []string{""}}}
		if text, err := inv.VEX(list); err != nil || !json.Valid(text) {
			t.Errorf("%s %v", text, err)
		}
	})
}

// A package is only said to be not affected if nothing can load it, from any place.
func TestStatements(t *testing.T) {
	root := &Component{Name: "app", URL: "pkg:npm/app@1", Dirs: []string{""}, Reach: Imports}
	used := &Component{Name: "used", URL: "pkg:npm/used@1", Dirs: []string{"node_modules/used"}, Reach: Imports}
	loaded := &Component{Name: "loaded", URL: "pkg:npm/loaded@1", Dirs: []string{"node_modules/loaded"}, Reach: Declared, Loaded: true}
	declared := &Component{Name: "declared", URL: "pkg:npm/declared@1", Dirs: []string{"node_modules/declared"}, Reach: Declared}
	twin := &Component{Name: "used", URL: "pkg:npm/used@1", Dirs: []string{"node_modules/dev/node_modules/used"}}
	dev := &Component{Name: "dev", URL: "pkg:npm/dev@1", Dirs: []string{"node_modules/dev"}}
	unpinned := &Component{Name: "unpinned", URL: "pkg:npm/unpinned@1", Dirs: []string{"node_modules/unpinned"}, Reach: Traced, Loaded: true}
	for _, c := range []struct {
		about *Component
		gaps  int
		want  string
	}{
		{used, 0, "under_investigation"}, {loaded, 0, "under_investigation"}, {declared, 0, "under_investigation"},
		{twin, 0, "under_investigation"}, {unpinned, 0, "under_investigation"}, {root, 0, "under_investigation"},
		{dev, 0, "not_affected"}, {dev, 1, "under_investigation"},
	} {
		inv := &Inventory{Root: root, Packages: []*Component{declared, loaded, used}, Unreached: []*Component{dev, twin, unpinned}, Gaps: c.gaps}
		text, err := inv.VEX([]Advisory{{ID: "X", Package: c.about.Name, Places: c.about.Dirs}})
		if err != nil {
			t.Fatal(err)
		}
		var doc vexDocument
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		if len(doc.Statements) != 1 {
			t.Errorf("%s: %d statements", c.about.Dirs, len(doc.Statements))
			continue
		}
		s := doc.Statements[0]
		if s.Status != c.want || (s.Justification != "") != (c.want == "not_affected") || s.Products[0].ID != root.URL || s.Products[0].Components[0].ID != c.about.URL {
			t.Errorf("%s with %d gaps: %+v", c.about.Dirs, c.gaps, s)
		}
	}
}
