package audit

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The table of docs/findings.md lists the codes of places, and no others.
func TestDocumentedCodes(t *testing.T) {
	text, err := os.ReadFile("audit.go")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, m := range regexp.MustCompile(`(?m)^\t[A-Z]\w+ += "([a-z-]+)"$`).FindAllStringSubmatch(string(text), -1) {
		codes = append(codes, m[1])
	}
	slices.Sort(codes)
	if diff := cmp.Diff(codes, testenv.DocumentedNames(t, "docs/findings.md", "Places of audit")); diff != "" {
		t.Errorf("in the code (-) and in the page (+):\n%s", diff)
	}
}
