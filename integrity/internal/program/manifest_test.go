package program

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/tree"
)

func TestDeclared(t *testing.T) {
	for _, tt := range []struct{ manifest, want string }{
		{`{}`, ""},
		{`{"dependencies": {"b": "1", "@s/a": "1"}, "devDependencies": {"d": "1"}}`, "@s/a b"},
		{`{"optionalDependencies": {"o": "1"}, "peerDependencies": {"p": "1"}, "peerDependenciesMeta": {"q": {"optional": true}}}`, "o p q"},
		{`{"bundleDependencies": ["x"], "bundledDependencies": ["y", "x"]}`, "x y"},
		{`{"bundleDependencies": true, "dependencies": {"b": "1"}}`, "b"},
		{`{"dependencies": {"../up": "1", "a/sub": "1", "": "1", ".bin": "1"}, "bundleDependencies": ["./z", 1]}`, ""},
		{`{"dependencies": []}`, ""},
	} {
		root, err := filepath.EvalSymlinks(t.TempDir())
		if err == nil {
			err = os.WriteFile(filepath.Join(root, "package.json"), []byte(tt.manifest), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		tr, err := tree.Open(root)
		if err != nil {
			t.Fatal(err)
		}
		names, err := NewManifests(tr).Declared("")
		if got := strings.Join(names, " "); err != nil || got != tt.want {
			t.Errorf("Declared of %s: %q, %v, want %q", tt.manifest, got, err, tt.want)
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	}
}
