package integrity

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/trace"
)

func TestExplainedGaps(t *testing.T) {
	gaps := []Gap{
		0:  {Path: "a.js", Line: 3, Column: 5, Text: "require(a)", Reason: GapComputed},
		1:  {Path: "a.js", Line: 7, Column: 5, Text: "require(b)", Reason: GapComputed},
		2:  {Path: "a.js", Line: 7, Column: 40, Text: "require(c)", Reason: GapComputed},
		3:  {Path: "a.js", Line: 7, Column: 60, Text: "import(d)", Reason: GapComputed},
		4:  {Path: "a.js", Line: 9, Column: 1, Text: "import(e)", Reason: GapComputed},
		5:  {Path: "b.js", Line: 1, Column: 30, Text: "module.require(f)", Reason: GapComputed},
		6:  {Path: "b.js", Line: 2, Column: 10, Text: "require", Reason: GapIndirect},
		7:  {Path: "b.js", Line: 4, Column: 1, Text: "Unexpected end of file", Reason: GapSyntax},
		8:  {Path: "c.js", Reason: GapOutside},
		10: {Path: "m.js", Line: 2, Column: 25, Text: "module.require(x)", Reason: GapComputed},
		11: {Path: "m.js", Line: 2, Column: 32, Text: "require(x)", Reason: GapComputed},
		12: {Path: "m.js", Line: 2, Column: 44, Text: "require(y)", Reason: GapComputed},
		9:  {Path: "w.js", Line: 2, Column: 3, Text: "new Worker(x)", Reason: GapComputed},
	}
	// A specifier that begins with "static" stands for one that the graph has read.
	isStatic := func(a trace.Ask) bool { return strings.HasPrefix(a.Specifier, "static") }
	for _, tt := range []struct {
		name string
		ask  trace.Ask
		want []int
	}{
		{"line and column", trace.Ask{Path: "a.js", Line: 3, Column: 5}, []int{0}},
		{"another column, alone on the line", trace.Ask{Path: "a.js", Line: 3, Column: 9}, []int{0}},
		{"line alone", trace.Ask{Path: "a.js", Line: 3}, []int{0}},
		{"another line", trace.Ask{Path: "a.js", Line: 4, Column: 5}, nil},
		{"another module", trace.Ask{Path: "d.js", Line: 3, Column: 5}, nil},
		{"the first of two", trace.Ask{Path: "a.js", Line: 7, Column: 8}, []int{1}},
		{"the second of two", trace.Ask{Path: "a.js", Line: 7, Column: 38}, []int{2}},
		{"two and no column", trace.Ask{Path: "a.js", Line: 7}, []int{1, 2}},
		{"import with a line", trace.Ask{Path: "a.js", Line: 7, Import: true}, []int{3}},
		{"import of a fixed name, given at run time", trace.Ask{Path: "a.js", Line: 7, Column: 67, Import: true, Specifier: "static"}, []int{3}},
		{"import of a fixed name beside it", trace.Ask{Path: "a.js", Line: 7, Column: 80, Import: true, Specifier: "static"}, nil},
		{"import without a line", trace.Ask{Path: "a.js", Import: true}, []int{3, 4}},
		{"require without a line", trace.Ask{Path: "a.js"}, nil},
		{"import of a fixed name", trace.Ask{Path: "a.js", Import: true, Specifier: "static"}, nil},
		{"fixed name on the line", trace.Ask{Path: "b.js", Line: 1, Column: 3, Specifier: "static"}, nil},
		{"fixed name on the line, without column", trace.Ask{Path: "b.js", Line: 1, Specifier: "static"}, nil},
		{"fixed name on the line, given at run time", trace.Ask{Path: "b.js", Line: 1, Column: 37, Specifier: "static"}, []int{5}},
		{"require handed on", trace.Ask{Path: "b.js"}, []int{6}},
		{"require handed on, with the line of a call", trace.Ask{Path: "b.js", Line: 20, Column: 3}, []int{6}},
		{"require handed on, fixed name", trace.Ask{Path: "b.js", Line: 20, Column: 3, Specifier: "static"}, nil},
		{"import where require is handed on", trace.Ask{Path: "b.js", Import: true}, nil},
		{"not parsed", trace.Ask{Path: "b.js", Line: 4, Column: 1}, []int{6}},
		{"no module", trace.Ask{Path: "c.js"}, nil},
		{"one call, two gaps", trace.Ask{Path: "m.js", Line: 2, Column: 32}, []int{10, 11}},
		{"the call beside it", trace.Ask{Path: "m.js", Line: 2, Column: 44}, []int{12}},
		{"worker", trace.Ask{Path: "w.js", Line: 2, Column: 3}, []int{9}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := slices.Sorted(maps.Keys(explainedGaps(gaps, []trace.Ask{tt.ask}, isStatic)))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
