package lazyregexp

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestNew(t *testing.T) {
	digits := New(`^[0-9]+$`)
	first := digits()
	if !first.MatchString("42") || first.MatchString("x") {
		t.Errorf("New returns an expression that does not match")
	}
	if digits() != first {
		t.Errorf("the expression is compiled twice")
	}
	defer func() {
		if recover() == nil {
			t.Errorf("an expression that is not valid did not panic")
		}
	}()
	New(`(`)()
}

// TestNoneAtStart checks that no package of nodeint compiles an expression at its start.
func TestNoneAtStart(t *testing.T) {
	early := regexp.MustCompile(`(?m)^(var |\t)\w+ += regexp\.MustCompile`)
	root := filepath.Join("..", "..", "..")
	for _, dir := range []string{"cmd", "hasher", "importmap", "integrity"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if found := early.Find(text); found != nil {
				t.Errorf("%s: %s: use lazyregexp.New", path, strings.TrimSpace(string(found)))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
