package mapdiff

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The table of docs/findings.md lists the codes of this package, and no others.
func TestCodes(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "report.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, kind := range []Kind{Changed, Added, Removed} {
		want = append(want, "package-"+string(kind))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type != nil || len(spec.Values) != 1 {
			return true
		}
		if value, ok := spec.Values[0].(*ast.BasicLit); ok && value.Kind == token.STRING {
			code, _ := strconv.Unquote(value.Value)
			want = append(want, code)
		}
		return true
	})
	slices.Sort(want)
	if diff := cmp.Diff(want, testenv.DocumentedNames(t, "docs/findings.md", "Remarks of diff")); diff != "" {
		t.Errorf("codes in the package (-) and in the page (+):\n%s", diff)
	}
}
