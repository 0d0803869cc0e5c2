package trace

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nodeint/nodeint/integrity/problem"
)

func TestExplainGaps(t *testing.T) {
	gaps := []problem.Gap{
		0:  {Path: "a.js", Line: 3, Column: 5, Text: "require(a)", Reason: problem.GapComputed},
		1:  {Path: "a.js", Line: 7, Column: 5, Text: "require(b)", Reason: problem.GapComputed},
		2:  {Path: "a.js", Line: 7, Column: 40, Text: "require(c)", Reason: problem.GapComputed},
		3:  {Path: "a.js", Line: 7, Column: 60, Text: "import(d)", Reason: problem.GapComputed},
		4:  {Path: "a.js", Line: 9, Column: 1, Text: "import(e)", Reason: problem.GapComputed},
		5:  {Path: "b.js", Line: 1, Column: 30, Text: "module.require(f)", Reason: problem.GapComputed},
		6:  {Path: "b.js", Line: 2, Column: 10, Text: "require", Reason: problem.GapIndirect},
		7:  {Path: "b.js", Line: 4, Column: 1, Text: "Unexpected end of file", Reason: problem.GapSyntax},
		8:  {Path: "c.js", Reason: problem.GapOutside},
		10: {Path: "m.js", Line: 2, Column: 25, Text: "module.require(x)", Reason: problem.GapComputed},
		11: {Path: "m.js", Line: 2, Column: 32, Text: "require(x)", Reason: problem.GapComputed},
		12: {Path: "m.js", Line: 2, Column: 44, Text: "require(y)", Reason: problem.GapComputed},
		9:  {Path: "w.js", Line: 2, Column: 3, Text: "new Worker(x)", Reason: problem.GapComputed},
	}
	// A specifier that begins with "static" stands for one that the graph has read.
	isStatic := func(a Request) bool { return strings.HasPrefix(a.Specifier, "static") }
	for _, tt := range []struct {
		name string
		ask  Request
		want []int
	}{
		{"line and column", Request{Path: "a.js", Line: 3, Column: 5}, []int{0}},
		{"another column, alone on the line", Request{Path: "a.js", Line: 3, Column: 9}, []int{0}},
		{"line alone", Request{Path: "a.js", Line: 3}, []int{0}},
		{"another line", Request{Path: "a.js", Line: 4, Column: 5}, nil},
		{"another module", Request{Path: "d.js", Line: 3, Column: 5}, nil},
		{"the first of two", Request{Path: "a.js", Line: 7, Column: 8}, []int{1}},
		{"the second of two", Request{Path: "a.js", Line: 7, Column: 38}, []int{2}},
		{"two and no column", Request{Path: "a.js", Line: 7}, []int{1, 2}},
		{"import with a line", Request{Path: "a.js", Line: 7, Import: true}, []int{3}},
		{"import of a fixed name, given at run time", Request{Path: "a.js", Line: 7, Column: 67, Import: true, Specifier: "static"}, []int{3}},
		{"import of a fixed name beside it", Request{Path: "a.js", Line: 7, Column: 80, Import: true, Specifier: "static"}, nil},
		{"import without a line", Request{Path: "a.js", Import: true}, []int{3, 4}},
		{"require without a line", Request{Path: "a.js"}, nil},
		{"import of a fixed name", Request{Path: "a.js", Import: true, Specifier: "static"}, nil},
		{"fixed name on the line", Request{Path: "b.js", Line: 1, Column: 3, Specifier: "static"}, nil},
		{"fixed name on the line, without column", Request{Path: "b.js", Line: 1, Specifier: "static"}, nil},
		{"fixed name on the line, given at run time", Request{Path: "b.js", Line: 1, Column: 37, Specifier: "static"}, []int{5}},
		{"require handed on", Request{Path: "b.js"}, []int{6}},
		{"require handed on, with the line of a call", Request{Path: "b.js", Line: 20, Column: 3}, []int{6}},
		{"require handed on, fixed name", Request{Path: "b.js", Line: 20, Column: 3, Specifier: "static"}, nil},
		{"import where require is handed on", Request{Path: "b.js", Import: true}, nil},
		{"not parsed", Request{Path: "b.js", Line: 4, Column: 1}, []int{6}},
		{"no module", Request{Path: "c.js"}, nil},
		{"one call, two gaps", Request{Path: "m.js", Line: 2, Column: 32}, []int{10, 11}},
		{"the call beside it", Request{Path: "m.js", Line: 2, Column: 44}, []int{12}},
		{"worker", Request{Path: "w.js", Line: 2, Column: 3}, []int{9}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := slices.Sorted(maps.Keys(ExplainGaps(gaps, []Request{tt.ask}, isStatic)))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
