package preload_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/integrity/preload"
	"github.com/nodeint/nodeint/integrity/preload/bundle"
)

// The committed scripts are those of the modules in src and of bootstrap.cjs.
func TestBundle(t *testing.T) {
	script, err := bundle.Bundle("src", nil)
	if err != nil {
		t.Fatal(err)
	}
	if string(script) != preload.Script {
		t.Error("bundle.js is not the bundle of src: run go generate ./integrity/preload")
	}
	bootstrap, err := bundle.Bootstrap("bootstrap.cjs")
	if err != nil {
		t.Fatal(err)
	}
	if string(bootstrap) != preload.Bootstrap {
		t.Error("bootstrap.min.js is not made of bootstrap.cjs: run go generate ./integrity/preload")
	}
}

// A character outside ASCII would double the memory that V8 needs for the script.
func TestBundleText(t *testing.T) {
	for line := range strings.Lines(preload.Script) {
		for _, c := range line {
			if c > 0x7e {
				t.Errorf("not ASCII: %s", line)
				break
			}
		}
	}
}

func TestOverlay(t *testing.T) {
	overlay := map[string][]byte{"patch.cjs": []byte("module.exports = { changed: 'by the overlay' };\n")}
	script, err := bundle.Bundle("src", overlay)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(script, []byte("by the overlay")) || bytes.Contains(script, []byte("replaceForGood(object")) {
		t.Error("the bundle does not have the text of the overlay")
	}
	if _, err := bundle.Bundle("src", map[string][]byte{"absent.cjs": nil}); err == nil {
		t.Error("no error for an overlay of a module that does not exist")
	}
	if _, err := bundle.Bundle("src", map[string][]byte{"patch.cjs": []byte("}")}); err == nil || !strings.Contains(err.Error(), "patch.cjs:1:") {
		t.Errorf("error for a module that is no JavaScript: %v", err)
	}
}

// docs/preload.md lists each function that the preload replaces, and no other.
func TestDocumentedPatches(t *testing.T) {
	files, err := filepath.Glob("src/*.cjs")
	if err != nil {
		t.Fatal(err)
	}
	inCode := make(map[string]bool)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range patchCall.FindAllSubmatch(text, -1) {
			inCode[filepath.Base(file)+" "+string(m[1])] = true
		}
		if n := len(anyPatch.FindAll(text, -1)) - len(patchCall.FindAll(text, -1)); n > 0 && !slices.Contains([]string{"patch.cjs", "powers.cjs"}, filepath.Base(file)) {
			t.Errorf("%s has %d patches whose name is not a literal: the page cannot list them", file, n)
		}
	}
	page, err := os.ReadFile(filepath.Join(testenv.Root(t), "docs", "preload.md"))
	if err != nil {
		t.Fatal(err)
	}
	inPage := make(map[string]bool)
	for _, m := range patchRow.FindAllSubmatch(page, -1) {
		inPage[string(m[1])+" "+string(m[2])] = true
	}
	if len(inCode) < 30 {
		t.Errorf("found %d patches, want at least 30", len(inCode))
	}
	if diff := cmp.Diff(inCode, inPage); diff != "" {
		t.Errorf("patches in src (-) and in docs/preload.md (+):\n%s", diff)
	}
}

var (
	anyPatch  = regexp.MustCompile(`\b(?:replace(?:ForGood|Constructor)?|refuse)\(`)
	patchCall = regexp.MustCompile(`\b(?:(?:replace(?:ForGood|Constructor)?|refuse|usesBefore)\([\w.]+, |(?:usesConstructor|guardBinding)\()'(\w+)'`)
	patchRow  = regexp.MustCompile("(?m)^\\| .* \\| `(\\w+\\.cjs)` `(\\w+)` \\|")
)
