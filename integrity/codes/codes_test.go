package codes

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/docs"
)

const page = "# Codes\n\nNot in a section.\n\n" +
	"## Findings (exit 1)\n\nThe files [differ](map.md#a).\n\n" +
	"| code | meaning | what to do |\n|---|---|---|\n| `a` | is [here](#x). More | restore it |\n| `b` | is there | the same |\n\n" +
	"About `a`:\n\n- one\n- two\n\n```sh\n## no heading\n\ncd `a`\n```\n\nAbout neither.\n\n" +
	"Only of the third:\n\n| code | meaning |\n|---|---|\n| `c` | see [site](https://example.com/) |\n\nWhat to do.\n\n" +
	"## Numbers\n\n| status | meaning |\n|---|---|\n| 0 | success |\n"

func TestCodes(t *testing.T) {
	want := []Code{
		{"a", "Findings (exit 1)", []Cell{{"meaning", "is here. More", "is [here](#x). More"}, {"what to do", "restore it", "restore it"}},
			"The files differ (docs/map.md#a).\n\nAbout `a`:\n\n- one\n- two\n\n    ## no heading\n    \n    cd `a`"},
		{"b", "Findings (exit 1)", []Cell{{"meaning", "is there", "is there"}, {"what to do", "restore it", "restore it"}}, "The files differ (docs/map.md#a)."},
		{"c", "Findings (exit 1)", []Cell{{"meaning", "see site (https://example.com/)", "see [site](https://example.com/)"}}, "Only of the third:\n\nWhat to do."},
	}
	if diff := cmp.Diff(want, All(page)); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
	if found := Find(page, "b"); len(found) != 1 || found[0].Code != "b" {
		t.Errorf("b: %+v", found)
	}
	if found := Find(page, "d"); len(found) != 0 {
		t.Errorf("d: %+v", found)
	}
}

func TestBrief(t *testing.T) {
	c := Code{Columns: []Cell{{Name: "meaning", Text: "is a file, with a name. More"}}}
	for limit, want := range map[int]string{30: "is a file, with a name", 22: "is a file, with a name", 21: "is a file, with a…", 12: "is a file…", 2: "…"} {
		if got := c.Brief(limit); got != want {
			t.Errorf("%d: %q, want %q", limit, got, want)
		}
	}
}

// Each row of a table of the real page whose first cell is one code is found: a row with a
// vertical bar in a cell would not be.
func TestRealPage(t *testing.T) {
	known := make(map[string]bool)
	for _, c := range All(docs.Findings()) {
		known[c.Code] = true
		if c.Section == "" || len(c.Columns) == 0 || c.Columns[0].Text == "" {
			t.Errorf("%+v", c)
		}
	}
	section := ""
	for line := range strings.Lines(docs.Findings()) {
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			section = heading
		}
		row, ok := strings.CutPrefix(line, "| `")
		code, _, _ := strings.Cut(row, "`")
		if ok && !strings.HasPrefix(section, "The JSON report") && !known[code] {
			t.Errorf("%s is not found", code)
		}
	}
}
