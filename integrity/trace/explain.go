package trace

import (
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/problem"
)

// ExplainGaps returns the indexes of the gaps that the recorded requests explain.
// The line of the call identifies the gap. If a request has no line, or require
// was passed on and called elsewhere, the module alone identifies it. A request
// for which isStatic returns true explains nothing by its module: it may come
// from a specifier that the graph has read, such as an import statement, which
// has no line either.
func ExplainGaps(gaps []problem.Gap, requests []Request, isStatic func(Request) bool) map[int]bool {
	type place struct {
		path string
		line int
	}
	onLine, inModule := make(map[place][]int), make(map[string][]int)
	for i, gap := range gaps {
		if gap.Reason == problem.GapComputed || gap.Reason == problem.GapIndirect {
			at := place{gap.Path, gap.Line}
			onLine[at] = append(onLine[at], i)
			inModule[gap.Path] = append(inModule[gap.Path], i)
		}
	}
	explained := make(map[int]bool)
	for _, a := range requests {
		static := isStatic(a)
		found := gapsOfCall(gaps, onLine[place{a.Path, a.Line}], a, static)
		if len(found) == 0 && !static {
			found = gapsOfModule(gaps, inModule[a.Path], a)
		}
		for _, i := range found {
			explained[i] = true
		}
	}
	return explained
}

// gapsOfCall returns those gaps on the line of a request that it explains. V8 and
// esbuild report slightly different columns for a call, so the line decides. The
// column decides only between two gaps, or if the line also has a static
// specifier.
func gapsOfCall(gaps []problem.Gap, onLine []int, a Request, static bool) []int {
	var found []int
	for _, i := range onLine {
		if a.Line > 0 && isImportCall(gaps[i]) == a.Import && (!static || isPlaceOf(gaps[i], a.Column)) {
			found = append(found, i)
		}
	}
	if len(found) < 2 || a.Column == 0 || slices.ContainsFunc(found, func(i int) bool { return gaps[i].Column == 0 }) {
		return found
	}
	// module.require(x) may be two gaps: the call, and the require in it.
	if here := slices.DeleteFunc(slices.Clone(found), func(i int) bool { return !isPlaceOf(gaps[i], a.Column) }); len(here) > 0 {
		return here
	}
	distance := func(i int) int { return max(gaps[i].Column-a.Column, a.Column-gaps[i].Column) }
	return []int{slices.MinFunc(found, func(i, j int) int { return distance(i) - distance(j) })}
}

// gapsOfModule returns the gaps that a request explains by its module: calls of
// import if it has no line, and places that pass require on.
func gapsOfModule(gaps []problem.Gap, inModule []int, a Request) []int {
	var found []int
	for _, i := range inModule {
		if a.Import && a.Line == 0 && isImportCall(gaps[i]) || !a.Import && gaps[i].Reason == problem.GapIndirect {
			found = append(found, i)
		}
	}
	return found
}

func isImportCall(gap problem.Gap) bool { return strings.HasPrefix(gap.Text, "import(") }

// isPlaceOf reports whether V8 may report column for a gap's call: it reports
// a.b(c) at b, and import(c + d) at the expression of the specifier.
func isPlaceOf(gap problem.Gap, column int) bool {
	callee, _, _ := strings.Cut(gap.Text, "(")
	if isImportCall(gap) {
		callee = gap.Text
	}
	return gap.Column > 0 && gap.Column <= column && column < gap.Column+len(callee)
}
