package integrity

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The tables of docs/findings.md list the codes of package problem, and no
// others. They leave out the codes of errors that are not about a map.
func TestDocumentedCodes(t *testing.T) {
	codes := make(map[string][]string)
	for name, code := range constants(t, "problem/code.go") {
		if !strings.HasPrefix(name, "Code") {
			heading := headingOf(name)
			codes[heading] = append(codes[heading], code)
		}
	}
	for heading, want := range codes {
		slices.Sort(want)
		if diff := cmp.Diff(want, testenv.DocumentedNames(t, "docs/findings.md", heading)); diff != "" {
			t.Errorf("%s: in the code (-) and in the page (+):\n%s", heading, diff)
		}
	}
}

// constants returns the string constants of a file, by name.
func constants(t *testing.T, name string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	ast.Inspect(file, func(n ast.Node) bool {
		constant, ok := n.(*ast.ValueSpec)
		if !ok || len(constant.Values) != 1 {
			return true
		}
		if literal, ok := constant.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[constant.Names[0].Name] = text
		}
		return true
	})
	return found
}

// headingOf returns the heading of docs/findings.md for a constant of package problem.
func headingOf(name string) string {
	switch {
	case strings.HasPrefix(name, "Map"):
		return "Untrusted maps (exit 4)"
	case strings.HasPrefix(name, "NotFound"):
		return "Names that may be absent"
	case strings.HasPrefix(name, "Gap"):
		return "Gaps"
	}
	return "Findings (exit 1)"
}
