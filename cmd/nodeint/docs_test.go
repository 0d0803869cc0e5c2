package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/integrity/problem"
)

// The table of docs/configuration.md lists every flag and its short form.
func TestDocumentedFlags(t *testing.T) {
	flags := make(map[string]bool)
	note := func(f *pflag.Flag) {
		if f.Name != "help" {
			flags["--"+f.Name] = true
		}
		if f.Shorthand != "" && f.Name != "help" {
			flags["-"+f.Shorthand] = true
		}
	}
	root := newRoot(newUI(io.Discard, io.Discard), "")
	root.PersistentFlags().VisitAll(note)
	root.Flags().VisitAll(note)
	for _, verb := range root.Commands() {
		if generated(verb) {
			continue
		}
		verb.Flags().VisitAll(note)
		for _, sub := range verb.Commands() {
			sub.Flags().VisitAll(note)
		}
	}
	var want []string
	for f := range flags {
		want = append(want, f)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, testenv.DocumentedNames(t, "docs/configuration.md", "Flags")); diff != "" {
		t.Errorf("flags in the code (-) and in the page (+):\n%s", diff)
	}
}

// generated reports whether cobra added the command.
func generated(verb *cobra.Command) bool {
	return verb.Name() == "help" || verb.Name() == "completion"
}

// The last table of docs/findings.md lists the members of the JSON report.
func TestDocumentedReport(t *testing.T) {
	var want []string
	for f := range reflect.TypeFor[document]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		want = append(want, name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, testenv.DocumentedNames(t, "docs/findings.md", "The JSON report")); diff != "" {
		t.Errorf("members in the code (-) and in the page (+):\n%s", diff)
	}
}

// The table of violations in docs/findings.md lists the codes of the preload and of the
// launcher, and no others.
func TestDocumentedViolations(t *testing.T) {
	parts, err := filepath.Glob(filepath.Join("..", "..", "integrity", "preload", "src", "*.cjs"))
	if err != nil || len(parts) == 0 {
		t.Fatalf("the files of the preload: %q (%v)", parts, err)
	}
	codes := make(map[string]bool)
	for _, part := range parts {
		text, err := os.ReadFile(part)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range preloadCode.FindAllStringSubmatch(string(text), -1) {
			value := m[1]
			if _, either, ok := strings.Cut(value, " ? "); ok {
				value = either
			}
			for _, code := range quotedCode.FindAllStringSubmatch(value, -1) {
				codes[code[1]] = true
			}
		}
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "integrity", "launch", "execcheck.go"))
	if err != nil {
		t.Fatal(err)
	}
	launcher := launcherCode.FindAllStringSubmatch(string(text), -1)
	if len(launcher) == 0 {
		t.Fatal("the launcher has no codes")
	}
	for _, m := range launcher {
		codes[m[1]] = true
	}
	checkTable(t, codes, "Violations (exit 77)")
}

var (
	launcherCode = regexp.MustCompile(`(?m)^\tcode[A-Z]\w* += "(\w+)"`)
	preloadCode  = regexp.MustCompile(`\bcode: ([^,\n]+)`)
	quotedCode   = regexp.MustCompile(`'([a-z-]+)'`)
)

// The table of errors in docs/findings.md lists the codes of errors, and no others:
// the constants Code… of package problem, and every code in a literal Error or
// failure. The codes of untrusted maps have a table of their own.
func TestDocumentedErrors(t *testing.T) {
	codes := map[string]bool{problem.GapOutside: true}
	for _, code := range errorCodes(t) {
		codes[code] = true
	}
	for _, top := range []string{"cmd", "integrity"} {
		err := filepath.WalkDir(filepath.Join("..", "..", top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err == nil {
				ast.Inspect(file, func(n ast.Node) bool { return noteError(n, codes) })
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	checkTable(t, codes, "Errors")
}

// errorCodes returns the values of the constants Code… of package problem.
func errorCodes(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "integrity", "problem", "code.go"))
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, m := range codeConstant.FindAllStringSubmatch(string(text), -1) {
		codes = append(codes, m[1])
	}
	if codes == nil {
		t.Fatal("package problem has no constants Code…")
	}
	return codes
}

var codeConstant = regexp.MustCompile(`(?m)^\tCode\w+ += "([a-z-]+)"`)

// noteError notes the code of a literal Error{…} or failure{…}.
func noteError(n ast.Node, codes map[string]bool) bool {
	literal, ok := n.(*ast.CompositeLit)
	if !ok {
		return true
	}
	kind := literal.Type
	if sel, ok := kind.(*ast.SelectorExpr); ok {
		kind = sel.Sel
	}
	if id, ok := kind.(*ast.Ident); !ok || id.Name != "Error" && id.Name != "failure" {
		return true
	}
	for _, e := range literal.Elts {
		field, ok := e.(*ast.KeyValueExpr)
		if !ok || field.Key.(*ast.Ident).Name != "Code" {
			continue
		}
		if value, ok := field.Value.(*ast.BasicLit); ok {
			if code, _ := strconv.Unquote(value.Value); code != "" && !strings.HasPrefix(code, "map-") {
				codes[code] = true
			}
		}
	}
	return true
}

// checkTable compares codes with the table below a heading of docs/findings.md.
func checkTable(t *testing.T, codes map[string]bool, heading string) {
	t.Helper()
	want := slices.Sorted(maps.Keys(codes))
	if diff := cmp.Diff(want, testenv.DocumentedNames(t, "docs/findings.md", heading)); diff != "" {
		t.Errorf("%s: codes in the code (-) and in the page (+):\n%s", heading, diff)
	}
}

// The links of the pages to files of this repository are valid. If the text of a link
// is the name of a test, the file contains that test: the assurance case of
// docs/threat-model.md consists of such links.
func TestDocumentedLinks(t *testing.T) {
	root := testenv.Root(t)
	evidence := 0
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		pages, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(pages) == 0 {
			t.Fatalf("the pages %s are %q (%v)", pattern, pages, err)
		}
		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, link := range linkOfPage.FindAllStringSubmatch(string(text), -1) {
				name, to := link[1], link[2]
				if strings.Contains(to, "://") || strings.HasPrefix(to, "#") {
					continue
				}
				to, _, _ = strings.Cut(to, "#")
				target, err := os.Stat(filepath.Join(filepath.Dir(page), filepath.FromSlash(to)))
				if err != nil {
					t.Errorf("%s: %v", filepath.Base(page), err)
					continue
				}
				if testName.MatchString(name) {
					evidence++
					checkTestExists(t, filepath.Join(filepath.Dir(page), filepath.FromSlash(to)), name, target)
				}
			}
		}
	}
	if evidence < 50 {
		t.Errorf("%d links to tests; the assurance case has more", evidence)
	}
}

var (
	linkOfPage = regexp.MustCompile("\\[`?([^\\]`]*)`?\\]\\(([^)\\s]+)\\)")
	testName   = regexp.MustCompile(`^(Test|Fuzz)[A-Z]\w*$`)
)

// checkTestExists checks that a file contains the test that a page names.
func checkTestExists(t *testing.T, file, name string, info fs.FileInfo) {
	t.Helper()
	if !info.Mode().IsRegular() || !strings.HasSuffix(file, "_test.go") {
		t.Errorf("%s: %s is not a test file", name, file)
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "\nfunc "+name+"(") {
		t.Errorf("%s does not contain %s", file, name)
	}
}

// README.md shows the digest of the shop's map.
func TestReadmeDigest(t *testing.T) {
	root := testenv.Root(t)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	shop, err := os.ReadFile(filepath.Join(root, "fixtures", "shop", "importmap.json"))
	if err != nil {
		t.Fatal(err)
	}
	digest := regexp.MustCompile(`blake3-[A-Za-z0-9+/]{43}=`)
	for _, shown := range digest.FindAllString(string(readme), -1) {
		if want := digest.FindString(string(shop)); shown != want {
			t.Errorf("README.md shows %s, the map has %s", shown, want)
		}
	}
}

// The example of docs/import-policy.md is the one of the script import-policy.
func TestDocumentedPolicy(t *testing.T) {
	root := testenv.Root(t)
	page, err := os.ReadFile(filepath.Join(root, "docs", "import-policy.md"))
	if err != nil {
		t.Fatal(err)
	}
	script, err := txtar.ParseFile(filepath.Join(root, "fixtures", "scripts", "import-policy.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```(?:console|json)\n(?:\\$ [^\n]*\n)?(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks", len(blocks))
	}
	for i, name := range []string{"imported", "app/policy.json", "map"} {
		for _, f := range script.Files {
			if f.Name == name && string(f.Data) != blocks[i][1] {
				t.Errorf("the page has\n%s\nand the script\n%s", blocks[i][1], f.Data)
			}
		}
	}
}
