package atomic

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
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
			t.Errorf("the file contains %q (%v), want %q", got, err, text)
		}
		info, err := os.Stat(file)
		if err != nil || runtime.GOOS != "windows" && info.Mode() != mode {
			t.Errorf("the mode is %v (%v), want %v", info.Mode(), err, mode)
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
		testenv.Unavailable(t, "%v", err)
	}
	if err := Write(link, []byte("text")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if to, err2 := os.Readlink(link); err != nil || err2 != nil || string(text) != "text" || to != "file" {
		t.Errorf("the file contains %q (%v), the target of the link is %q (%v)", text, err, to, err2)
	}
}

// If the file cannot be replaced, no temporary file is left.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "file", "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "file"), nil); err == nil {
		t.Error("Write replaced a directory")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the directory contains %v (%v)", left, err)
	}
}

// The next write removes the temporary files of killed processes. It keeps files with
// other names, and the file that another process is about to rename.
func TestRemoveStaleTemps(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	keep := []string{".file.tmp", ".file.1x.tmp", ".file.1.tmp~", ".other.1.tmp", "file.1.tmp"}
	for _, name := range append([]string{".file.1.tmp", ".file.234.tmp"}, keep...) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, ".file.5.tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	busy, err := create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer busy.unlock()
	defer busy.Close()
	if err := Write(file, []byte("text")); err != nil {
		t.Fatal(err)
	}
	want := append([]string{"file", ".file.5.tmp", filepath.Base(busy.Name())}, keep...)
	if runtime.GOOS == "windows" { // os.Remove removes an empty directory
		want = slices.DeleteFunc(want, func(name string) bool { return name == ".file.5.tmp" })
	}
	entries, err := os.ReadDir(dir)
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	slices.Sort(want)
	if err != nil || !slices.Equal(left, want) {
		t.Errorf("the directory contains %v, want %v (%v)", left, want, err)
	}
}

// Concurrent writers, each of which removes stale files, do not remove the files of
// one another.
func TestConcurrentWrites(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 50 {
				if err := Write(file, []byte("text")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
		t.Errorf("the directory contains %v (%v)", left, err)
	}
}

// A write to a directory that does not exist is an error.
func TestWriteWithoutDirectory(t *testing.T) {
	if err := Write(filepath.Join(t.TempDir(), "no", "file"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Write returned %v", err)
	}
}
