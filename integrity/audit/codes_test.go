package audit

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The table of docs/findings.md lists the codes of places, and no others.
func TestDocumentedCodes(t *testing.T) {
	codes := slices.Sorted(slices.Values(testenv.ConstantTexts(t, "audit.go")))
	if diff := cmp.Diff(codes, testenv.DocumentedNames(t, "docs/findings.md", "Places of audit")); diff != "" {
		t.Errorf("in the code (-) and in the page (+):\n%s", diff)
	}
}
