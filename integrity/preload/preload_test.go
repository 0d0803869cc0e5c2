package preload_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/preload"
	"github.com/nodeint/nodeint/integrity/preload/bundle"
)

// The committed bundle is that of the modules in src.
func TestBundle(t *testing.T) {
	script, err := bundle.Bundle("src", nil)
	if err != nil {
		t.Fatal(err)
	}
	if string(script) != preload.Script {
		t.Error("bundle.js is not the bundle of src: run go generate ./integrity/preload")
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
