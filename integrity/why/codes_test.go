package why

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The table of docs/findings.md lists the codes of the answers, and no others.
func TestDocumentedCodes(t *testing.T) {
	var codes []string
	for _, file := range []string{"pinned.go", "notpinned.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^\t[A-Z]\w+ += "([a-z-]+)"$`).FindAllStringSubmatch(string(text), -1) {
			codes = append(codes, m[1])
		}
	}
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
