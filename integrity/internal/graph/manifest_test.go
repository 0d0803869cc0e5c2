package graph

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNestedTooDeep(t *testing.T) {
	n := maxNesting
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"nothing":                 {"", false},
		"as deep as allowed":      {strings.Repeat("[", n) + strings.Repeat("]", n), false},
		"one deeper":              {strings.Repeat("[", n+1), true},
		"all kinds":               {strings.Repeat("([{", n/2), true},
		"side by side":            {strings.Repeat("(){}[]", n), false},
		"more closed than opened": {strings.Repeat(")", n) + strings.Repeat("(", n), false},
	} {
		if got := nestedTooDeep([]byte(c.text)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestPackageName(t *testing.T) {
	for specifier, want := range map[string]string{
		"a": "a", "a/b": "a", "a/b/c": "a", "@s/a": "@s/a", "@s/a/b/c": "@s/a", "@s": "@s", "@s/..": "@s/..", "": "",
	} {
		if got := packageName(specifier); got != want {
			t.Errorf("%q of %q, want %q", got, specifier, want)
		}
	}
}

// TestManifestChecker checks which package.json files are refused.
func TestManifestChecker(t *testing.T) {
	root := lay(t, map[string]string{
		"a/package.json": "{}", "node_modules/p/package.json": "{}", "node_modules/p/lib/package.json": "{}",
		"node_modules/large/package.json": strings.Repeat("[", maxNesting+1),
	})
	for _, link := range []string{"ring", "node_modules/ring"} {
		if err := os.Symlink("ring", filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	long := strings.Repeat("n", 300)
	for _, tt := range []struct {
		specifier string
		fails     string // path for which stat returns EIO
		want      string
	}{
		{"p", "", ""},
		{"./a", "", ""},
		{"none", "", ""},
		{"ring", "", ""},
		{"./ring/x", "", ""},
		{long, "", ""},
		{"./" + long, "", ""},
		{"@s", "", ""},
		{"large", "", "more than 20000 nested brackets"},
		{"p", "node_modules", "input/output error"},
		{"p", "package.json", "input/output error"},
		{"p", "node_modules/p/lib/package.json", "input/output error"},
		{"./a", "a/package.json", "input/output error"},
	} {
		c := newManifestChecker(failing(filepath.Join(root, tt.fails)))
		err := c.check(root, tt.specifier)
		if got := fmt.Sprint(err); tt.want == "" && err != nil || !strings.Contains(got, tt.want) {
			t.Errorf("%s with an error for %q: %v, want %q", tt.specifier, tt.fails, err, tt.want)
		}
	}
}
