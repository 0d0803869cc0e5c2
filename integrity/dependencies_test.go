package integrity_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/nodeint/nodeint/"

// internal is where the packages that only integrity uses are.
const internal = "integrity/internal/"

// dependencies lists the packages of this module that each package may import,
// directly or through another one. A name that begins with "/" is below
// integrity/internal, and one that begins with "." is below integrity. Every
// package may import those in leaves.
var dependencies = map[string]string{
	"importmap":             "",
	"hasher":                "",
	".problem":              "",
	".project":              "/shell",
	".signkey":              "",
	".packagejson":          "/shell",
	".installhook":          ".packagejson .project /atomic /manager /shell",
	".setup":                ".installhook .packagejson .project /atomic /manager /shell",
	".launch":               "hasher .preload .preload/sha256wasm /confine /execwatch",
	".trace":                "importmap /atomic",
	".page":                 "importmap /atomic",
	".mapdiff":              "/glob /jsscan /lockcheck /lockfile /manager /mapfile /pnp /powers /resolution /store /tarball /tree /unpinned hasher importmap",
	".sbom":                 ".project .trace /atomic /filecache /glob /graph /installs /jsscan /lockcheck /lockfile /manager /mapfile /noderesolve /pnp /pnparchive /program /resolution /scopes /shadow /shell /store /tarball /tree /unpinned hasher importmap",
	".policy":               "/atomic /glob /lockcheck /lockfile /manager /mapfile /pnp /policyfile /resolution /store /tarball /tree /unpinned hasher importmap",
	"/policyfile":           "hasher importmap",
	"/nodejs":               "",
	"/nodeflags":            "",
	"/execwatch":            "",
	"/safefile":             "",
	"/atomic":               "",
	"/shell":                "",
	"/glob":                 "",
	"/tree":                 "",
	"/unpinned":             "",
	"/pnp":                  "",
	"/filecache":            "/tree hasher",
	"/graph":                "/filecache /jsscan /tree hasher",
	"/resolution":           "/pnp /tree",
	"/noderesolve":          "/tree",
	"/scopes":               "/glob /lockcheck /lockfile /manager /mapfile /noderesolve /pnp /resolution /store /tarball /tree /unpinned hasher importmap",
	"/lockfile":             "/manager importmap",
	"/tarball":              "hasher",
	"/store":                "/manager hasher",
	"/lockcheck":            "/lockfile /manager /pnp /resolution /store /tarball /tree /unpinned hasher importmap",
	"/mapfile":              "/glob /lockcheck /lockfile /manager /pnp /resolution /store /tarball /tree /unpinned hasher importmap",
	"/nametable":            "/glob /lockcheck /lockfile /manager /pnp /resolution /store /tarball /tree /unpinned hasher importmap /mapfile",
	"/mapmerge":             "/glob /lockcheck /lockfile /manager /mapfile /pnp /resolution /store /tarball /tree /unpinned hasher importmap",
	"/shadow":               "/glob /lockcheck /lockfile /manager /mapfile /pnp /resolution /store /tarball /tree /unpinned hasher importmap",
	"/trust":                ".signkey /glob /lockcheck /lockfile /manager /mapfile /pnp /resolution /store /tarball /tree /unpinned hasher importmap",
	"/lineends":             "/glob /lockcheck /lockfile /manager /mapfile /pnp /resolution /store /tarball /tree /unpinned hasher importmap",
	"/installs":             "/glob /lockcheck /lockfile /manager /mapfile /pnp /resolution /store /tarball /tree /unpinned hasher importmap",
	"/pnparchive":           "/glob /lockcheck /lockfile /manager /mapfile /pnp /resolution /shadow /store /tarball /tree /unpinned hasher importmap",
	"/program":              ".project .trace /atomic /filecache /glob /graph /jsscan /lockcheck /lockfile /manager /mapfile /noderesolve /pnp /pnparchive /resolution /scopes /shadow /shell /store /tarball /tree /unpinned hasher importmap",
	"/coverage":             ".project .trace /atomic /filecache /glob /graph /jsscan /lockcheck /lockfile /manager /mapfile /noderesolve /pnp /pnparchive /powers /program /resolution /scopes /shadow /shell /store /tarball /tree /unpinned hasher importmap",
	"integrity":             ".project .signkey .trace /atomic /coverage /filecache /glob /graph /installs /jsscan /lineends /lockcheck /lockfile /manager /mapfile /mapmerge /nametable /noderesolve /pnp /pnparchive /powers /program /resolution /scopes /shadow /shell /store /tarball /tree /trust /unpinned hasher importmap",
	"cmd/nodeint/hugepages": "",
	"cmd/nodeint":           "cmd/nodeint/hugepages docs .audit .codes .installhook .launch .mapdiff .output .packagejson .page .permissions .policy .preload .preload/sha256wasm .project .report .sbom .setup .signkey .trace .why /atomic /confine /coverage /execwatch /filecache /glob /graph /installs /jsscan /lineends /lockcheck /lockfile /manager /mapfile /mapmerge /nametable /noderesolve /pnp /pnparchive /policyfile /powers /program /resolution /scopes /shadow /shell /store /tarball /tree /trust /unpinned hasher importmap integrity",
	"/jsscan":               "",
	"/lazyregexp":           "",
	"/powers":               "/jsscan",
	".permissions":          "/jsscan /powers",
	".jsontext":             "",
	".output":               ".signkey /atomic /glob /lockcheck /lockfile /manager /mapfile /pnp /resolution /store /tarball /tree /trust /unpinned hasher importmap",
	".report":               "docs .codes /glob /lockcheck /lockfile /manager /mapfile /pnp /resolution /store /tarball /tree /unpinned hasher importmap",
	".why":                  ".project .signkey .trace /atomic /coverage /filecache /glob /graph /installs /jsscan /lineends /lockcheck /lockfile /manager /mapfile /mapmerge /nametable /noderesolve /pnp /pnparchive /powers /program /resolution /scopes /shadow /shell /store /tarball /tree /trust /unpinned hasher importmap integrity",
	".audit":                ".project .signkey .trace /atomic /coverage /filecache /glob /graph /installs /jsscan /lineends /lockcheck /lockfile /manager /mapfile /mapmerge /nametable /noderesolve /pnp /pnparchive /powers /program /resolution /scopes /shadow /shell /store /tarball /tree /trust /unpinned hasher importmap integrity",
	".codes":                "",
	".preload":              "",
	".preload/bundle":       "",
	".preload/sha256wasm":   "",
	"/manager":              "",
	"/confine":              "/execwatch",
}

// leaves may be imported by every package.
const leaves = "/lazyregexp .problem .jsontext /nodeflags /nodejs /safefile"

// only lists packages of other modules that only some packages may import.
var only = map[string]string{
	"github.com/evanw/esbuild/pkg/api":                     "/graph .preload/bundle",
	"github.com/nlnwa/whatwg-url/url":                      "importmap",
	"github.com/zeebo/blake3":                              "hasher",
	"github.com/klauspost/cpuid/v2":                        "hasher",
	"github.com/klauspost/compress/flate":                  "/tarball",
	"github.com/klauspost/compress/gzip":                   "/tarball",
	"github.com/spf13/cobra":                               "cmd/nodeint",
	"go.yaml.in/yaml/v3":                                   "/lockfile .project /store",
	"golang.org/x/net/html":                                ".page",
	"golang.org/x/net/http/httpproxy":                      "/store",
	"github.com/tidwall/gjson":                             ".audit .why /lockcheck /mapfile /mapmerge .mapdiff /nametable /noderesolve /policyfile /program /trust .installhook /lockfile /resolution /pnp .project .setup .trace",
	"github.com/bmatcuk/doublestar/v4":                     "/glob .project",
	"github.com/github/go-spdx/v2/spdxexp/spdxlicenses":    ".sbom",
	"mvdan.cc/sh/v3/syntax":                                "/shell",
	"github.com/landlock-lsm/go-landlock/landlock/syscall": "/confine",
}

// shortName returns the name of a package in the tables.
func shortName(pkg string) string {
	pkg = strings.TrimPrefix(pkg, module)
	if rest, ok := strings.CutPrefix(pkg, internal); ok {
		return "/" + rest
	}
	if rest, ok := strings.CutPrefix(pkg, "integrity/"); ok {
		return "." + rest
	}
	return pkg
}

func TestDependencies(t *testing.T) {
	found := 0
	for _, line := range goList(t, "-f", "{{.ImportPath}}: {{join .Deps \" \"}}", "../importmap", "../hasher", "./...", "../cmd/...") {
		pkg, deps, _ := strings.Cut(line, ": ")
		pkg = shortName(pkg)
		allowed, known := dependencies[pkg]
		if !known {
			t.Errorf("package %s has no line in the table of dependencies", pkg)
			continue
		}
		found++
		for _, dep := range strings.Fields(deps) {
			if dep, ours := shortName(dep), strings.HasPrefix(dep, module); ours && !contains(allowed+" "+leaves, dep) {
				t.Errorf("%s must not depend on %s", pkg, dep)
			}
		}
	}
	if found != len(dependencies) {
		t.Errorf("%d of the table's %d packages exist", found, len(dependencies))
	}
}

func TestOutsidePackages(t *testing.T) {
	for _, line := range goList(t, "-f", "{{.ImportPath}}: {{join .Imports \" \"}}", "../importmap", "../hasher", "./...", "../cmd/...") {
		pkg, imports, _ := strings.Cut(line, ": ")
		pkg = shortName(pkg)
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

// The table of docs/architecture.md lists every package of this module, and no
// other.
func TestArchitecturePage(t *testing.T) {
	text, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for line := range strings.Lines(string(text)) {
		if row, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ := strings.Cut(row, "`")
			listed = append(listed, name)
		}
	}
	slices.Sort(listed)
	var packages []string
	for _, pkg := range goList(t, "-f", "{{.ImportPath}}", "../...") {
		packages = append(packages, strings.TrimPrefix(pkg, module))
	}
	slices.Sort(packages)
	if diff := cmp.Diff(packages, listed); diff != "" {
		t.Errorf("go list ./... (-) and docs/architecture.md (+):\n%s", diff)
	}
}
