package integrity_test

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/nodeint/nodeint/"

// arrows says which packages of this module each package may import, directly
// or through another: the drawing in docs/architecture.md, held.
var arrows = map[string]string{
	"importmap":           "",
	"hasher":              "",
	"integrity/atomic":    "",
	"integrity/glob":      "",
	"integrity/manifest":  "",
	"integrity/lifecycle": "integrity/atomic integrity/manifest integrity/project",
	"integrity/tree":      "",
	"integrity/project":   "",
	"integrity/graph":     "hasher",
	"integrity/pnp":       "",
	"integrity/lookup":    "integrity/pnp integrity/tree",
	"integrity/launch":    "hasher",
	"integrity/trace":     "importmap",
	"integrity/lockfile":  "importmap",
	"integrity/signkey":   "",
	"integrity/envelope":  "importmap integrity/signkey",
	"integrity/tarball":   "hasher",
	"integrity/store":     "hasher",
	"integrity/anchor":    "importmap hasher integrity/lockfile integrity/lookup integrity/pnp integrity/tarball integrity/tree",
	"integrity":           "importmap hasher integrity/anchor integrity/atomic integrity/envelope integrity/glob integrity/lockfile integrity/signkey integrity/store integrity/tarball integrity/tree integrity/project integrity/graph integrity/lookup integrity/pnp integrity/trace",
	"cmd/nodeint":         "importmap hasher integrity integrity/anchor integrity/atomic integrity/glob integrity/tree integrity/project integrity/graph integrity/lookup integrity/pnp integrity/launch integrity/lifecycle integrity/lockfile integrity/manifest integrity/envelope integrity/signkey integrity/store integrity/tarball integrity/trace",
}

// only says which outside package may be imported by one package alone.
var only = map[string]string{
	"github.com/evanw/esbuild/pkg/api":    "integrity/graph",
	"github.com/nlnwa/whatwg-url/url":     "importmap",
	"github.com/zeebo/blake3":             "hasher",
	"github.com/klauspost/compress/flate": "integrity/tarball",
	"github.com/klauspost/compress/gzip":  "integrity/tarball",
	"github.com/spf13/cobra":              "cmd/nodeint",
	"go.yaml.in/yaml/v3":                  "integrity/lockfile integrity/project integrity/store",
	"golang.org/x/net/http/httpproxy":     "integrity/store",
	"github.com/tidwall/gjson":            "integrity integrity/anchor integrity/envelope integrity/lifecycle integrity/lockfile integrity/lookup integrity/pnp integrity/project integrity/trace",
	"github.com/bmatcuk/doublestar/v4":    "integrity/glob integrity/project",
}

func TestArrows(t *testing.T) {
	found := 0
	for _, line := range goList(t, "-f", "{{.ImportPath}}: {{join .Deps \" \"}}", "../importmap", "../hasher", "./...", "../cmd/...") {
		pkg, deps, _ := strings.Cut(line, ": ")
		pkg = strings.TrimPrefix(pkg, module)
		allowed, known := arrows[pkg]
		if !known {
			t.Errorf("package %s has no line in the table: say what it may import", pkg)
			continue
		}
		found++
		for _, dep := range strings.Fields(deps) {
			if dep, ours := strings.CutPrefix(dep, module); ours && !contains(allowed, dep) {
				t.Errorf("%s must not depend on %s", pkg, dep)
			}
		}
	}
	if found != len(arrows) {
		t.Errorf("%d of the table's %d packages are there", found, len(arrows))
	}
}

func TestOutsidePackages(t *testing.T) {
	for _, line := range goList(t, "-f", "{{.ImportPath}}: {{join .Imports \" \"}}", "../importmap", "../hasher", "./...", "../cmd/...") {
		pkg, imports, _ := strings.Cut(line, ": ")
		pkg = strings.TrimPrefix(pkg, module)
		for _, imp := range strings.Fields(imports) {
			if allowed, limited := only[imp]; limited && !contains(allowed, pkg) {
				t.Errorf("%s imports %s, which is for %q alone", pkg, imp, allowed)
			}
		}
	}
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func contains(words, word string) bool {
	for _, w := range strings.Fields(words) {
		if w == word {
			return true
		}
	}
	return false
}
