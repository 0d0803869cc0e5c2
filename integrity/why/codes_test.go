package why

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The table of docs/findings.md lists the codes of the answers, and no others.
func TestDocumentedCodes(t *testing.T) {
	codes := slices.Concat(testenv.ConstantTexts(t, "pinned.go"), testenv.ConstantTexts(t, "notpinned.go"))
	slices.Sort(codes)
	if diff := cmp.Diff(codes, testenv.DocumentedNames(t, "docs/findings.md", "Answers of why")); diff != "" {
		t.Errorf("in the code (-) and in the page (+):\n%s", diff)
	}
}

func TestPlaceOfMember(t *testing.T) {
	text := "{\n  \"a\": 1,\n  \"dependencies\": {\n    \"a\" : \"1\", \"b.c\": \"2\"}}"
	for name, want := range map[string][2]int{"a": {4, 5}, "b.c": {4, 16}, "bxc": {}} {
		if line, column := placeOfMember([]byte(text), name); line != want[0] || column != want[1] {
			t.Errorf("%s: %d:%d, want %v", name, line, column, want)
		}
	}
}

func TestIsPackageName(t *testing.T) {
	for text, want := range map[string]bool{
		"express": true, "express@5.1.0": true, "@a/b": true, "@a/b@1": true, "lodash.merge": true,
		"": false, ".": false, "./a": false, "a/b": false, "@a": false, "@/b": false, "@a/b/c": false, `a\b`: false,
	} {
		if got := isPackageName(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
