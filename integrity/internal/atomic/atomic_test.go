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
		testenv.Unavailable(t, "%v", err)
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

// What a killed process has left goes with the next write; what is not of that
// name stays, and what another process is about to rename.
func TestSweep(t *testing.T) {
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
	if runtime.GOOS == "windows" { // an empty folder goes
		want = slices.DeleteFunc(want, func(name string) bool { return name == ".file.5.tmp" })
	}
	entries, err := os.ReadDir(dir)
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	slices.Sort(want)
	if err != nil || !slices.Equal(left, want) {
		t.Errorf("there is %v, want %v (%v)", left, want, err)
	}
}

// Many at once, each of whom sweeps: nobody takes what another is writing.
func TestWriteAtOnce(t *testing.T) {
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
		t.Errorf("there is %v (%v)", left, err)
	}
}

// A folder that is not there is an error.
func TestWriteNowhere(t *testing.T) {
	if err := Write(filepath.Join(t.TempDir(), "no", "file"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it says %v", err)
	}
}
