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
	"importmap":                     "",
	"hasher":                        "",
	"integrity/problem":             "",
	"integrity/internal/nodejs":     "",
	"integrity/internal/manager":    "",
	"integrity/internal/safefile":   "",
	"integrity/internal/atomic":     "",
	"integrity/internal/glob":       "",
	"integrity/packagejson":         "",
	"integrity/installhook":         "integrity/internal/atomic integrity/packagejson integrity/project",
	"integrity/internal/tree":       "",
	"integrity/project":             "",
	"integrity/internal/graph":      "hasher",
	"integrity/internal/pnp":        "",
	"integrity/internal/resolution": "integrity/internal/pnp integrity/internal/tree",
	"integrity/launch":              "hasher",
	"integrity/trace":               "importmap",
	"integrity/internal/lockfile":   "integrity/problem integrity/internal/nodejs integrity/internal/safefile integrity/internal/manager importmap",
	"integrity/signkey":             "",
	"integrity/internal/trust":      "importmap integrity/signkey",
	"integrity/internal/tarball":    "hasher",
	"integrity/internal/store":      "integrity/problem integrity/internal/nodejs integrity/internal/safefile integrity/internal/manager hasher",
	"integrity/internal/lockcheck":  "integrity/problem integrity/internal/nodejs integrity/internal/safefile integrity/internal/manager importmap hasher integrity/internal/lockfile integrity/internal/pnp integrity/internal/store integrity/internal/tarball integrity/internal/tree",
	"integrity":                     "integrity/problem importmap hasher integrity/internal/lockcheck integrity/internal/atomic integrity/internal/trust integrity/internal/glob integrity/internal/lockfile integrity/signkey integrity/internal/store integrity/internal/tarball integrity/internal/tree integrity/project integrity/internal/graph integrity/internal/resolution integrity/internal/pnp integrity/trace integrity/internal/manager integrity/internal/nodejs integrity/internal/safefile",
	"cmd/nodeint":                   "integrity/problem importmap hasher integrity integrity/internal/lockcheck integrity/internal/atomic integrity/internal/glob integrity/internal/tree integrity/project integrity/internal/graph integrity/internal/resolution integrity/internal/pnp integrity/launch integrity/installhook integrity/internal/lockfile integrity/packagejson integrity/internal/trust integrity/signkey integrity/internal/store integrity/internal/tarball integrity/trace integrity/internal/manager integrity/internal/nodejs integrity/internal/safefile",
}

// only says which outside package may be imported by one package alone.
var only = map[string]string{
	"github.com/evanw/esbuild/pkg/api":    "integrity/internal/graph",
	"github.com/nlnwa/whatwg-url/url":     "importmap",
	"github.com/zeebo/blake3":             "hasher",
	"github.com/klauspost/cpuid/v2":       "hasher",
	"github.com/klauspost/compress/flate": "integrity/internal/tarball",
	"github.com/klauspost/compress/gzip":  "integrity/internal/tarball",
	"github.com/spf13/cobra":              "cmd/nodeint",
	"go.yaml.in/yaml/v3":                  "integrity/internal/lockfile integrity/project integrity/internal/store",
	"golang.org/x/net/http/httpproxy":     "integrity/internal/store",
	"github.com/tidwall/gjson":            "integrity integrity/internal/lockcheck integrity/internal/trust integrity/installhook integrity/internal/lockfile integrity/internal/resolution integrity/internal/pnp integrity/project integrity/trace",
	"github.com/bmatcuk/doublestar/v4":    "integrity/internal/glob integrity/project",
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
