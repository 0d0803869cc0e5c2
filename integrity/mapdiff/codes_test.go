package mapdiff

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The table of docs/findings.md lists the codes of remarks, those of the kinds of packages,
// and no others.
func TestDocumentedCodes(t *testing.T) {
	codes := testenv.ConstantTexts(t, "report.go")
	for _, kind := range []Kind{Changed, Added, Removed} {
		codes = append(codes, "package-"+string(kind))
	}
	slices.Sort(codes)
	if diff := cmp.Diff(codes, testenv.DocumentedNames(t, "docs/findings.md", "Remarks of diff")); diff != "" {
		t.Errorf("in the code (-) and in the page (+):\n%s", diff)
	}
}
