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

	"github.com/nodeint/nodeint/fixtures"
)

// The tables of docs/findings.md hold the codes of report.go, each and no other.
func TestDocumentedCodes(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "report.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := make(map[string][]string)
	for _, decl := range file.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST {
			continue
		}
		for _, spec := range d.Specs {
			constant := spec.(*ast.ValueSpec)
			code, err := strconv.Unquote(constant.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			heading := headingOf(constant.Names[0].Name)
			codes[heading] = append(codes[heading], code)
		}
	}
	for heading, want := range codes {
		slices.Sort(want)
		if diff := cmp.Diff(want, fixtures.Documented(t, "docs/findings.md", heading)); diff != "" {
			t.Errorf("%s: in report.go (-) and in the page (+):\n%s", heading, diff)
		}
	}
}

// headingOf gives the heading of docs/findings.md for a constant of report.go.
func headingOf(name string) string {
	switch {
	case strings.HasPrefix(name, "Map"):
		return "The map cannot be trusted (exit 4)"
	case strings.HasPrefix(name, "Gap"):
		return "Gaps: what the graph could not see"
	}
	return "Findings: the files are not what the map says (exit 1)"
}

// The table of docs/map.md holds the members of nodeint that are written.
func TestDocumentedMember(t *testing.T) {
	member := samplePins().member()
	member["root"] = ""
	if diff := cmp.Diff(sortedKeys(member), fixtures.Documented(t, "docs/map.md", "`nodeint`")); diff != "" {
		t.Errorf("in a map (-) and in the page (+):\n%s", diff)
	}
}
