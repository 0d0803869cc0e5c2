package atomic

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/nodeint/nodeint/fixtures"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	check := func(text string, mode os.FileMode) {
		t.Helper()
		if err := Write(file, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil || string(got) != text {
			t.Errorf("it holds %q (%v)", got, err)
		}
		info, err := os.Stat(file)
		if err != nil || runtime.GOOS != "windows" && info.Mode() != mode {
			t.Errorf("its mode is %v (%v)", info.Mode(), err)
		}
	}
	check("one", 0o644)
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	check("two", 0o600)
}

func TestWriteLink(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", link); err != nil {
		fixtures.Lacking(t, "%v", err)
	}
	if err := Write(link, []byte("text")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if to, err2 := os.Readlink(link); err != nil || err2 != nil || string(text) != "text" || to != "file" {
		t.Errorf("the file holds %q (%v), the link leads to %q (%v)", text, err, to, err2)
	}
}

// Where the file cannot be replaced, nothing is left behind.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "file", "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "file"), nil); err == nil {
		t.Error("it took the place of a folder")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("there is %v (%v)", left, err)
	}
}
