//go:build linux

package filecache

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

var onlySHA256 = hasher.SetOf(hasher.SHA256)

// A fixture is a tree with one file, a.js, and a directory of caches.
type fixture struct {
	root, cache string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{root, filepath.Join(t.TempDir(), "cache")}
	f.write(t, "a.js", "one")
	return f
}

func (f *fixture) path(name string) string { return filepath.Join(f.root, name) }

func (f *fixture) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(f.path(name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// open opens the cache. Unless it is strict, it also keeps files that were changed just now.
func (f *fixture) open(t *testing.T, strict bool) *Cache {
	t.Helper()
	tr, err := tree.Open(f.root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	c := Open(f.cache, tr, f.path("importmap.json"))
	if c == nil {
		t.Skip("the file system of the temporary directory keeps no times")
	}
	if !strict {
		c.oldest = math.MaxInt64
	}
	return c
}

// fill keeps all that there is of a.js.
func (f *fixture) fill(t *testing.T, strict bool) {
	t.Helper()
	c := f.open(t, strict)
	data, err := c.Read("a.js", 100)
	if err != nil {
		t.Fatal(err)
	}
	c.KeepDigests("a.js", hasher.Sum(onlySHA256, data))
	c.KeepModule("a.js", "facts")
	c.KeepPowers("a.js", c.PowersOf(nil), c.PowersOf(map[nodejs.Power]bool{nodejs.Eval: true}))
	c.Save()
}

// has reports whether another run finds a.js.
func (f *fixture) has(t *testing.T) bool {
	t.Helper()
	result, ok := f.open(t, false).Digests("a.js", onlySHA256)
	return ok && len(result.Digests) == 1
}

func TestCache(t *testing.T) {
	f := newFixture(t)
	f.fill(t, false)
	c := f.open(t, false)
	if r, ok := c.Digests("a.js", onlySHA256); !ok || r.Size != 3 || r.Digests[0] != hasher.Sum(onlySHA256, []byte("one"))[0] {
		t.Errorf("Digests = %v, %v", r, ok)
	}
	if _, ok := c.Digests("a.js", hasher.SetOf(hasher.SHA512)); ok {
		t.Error("digests of another algorithm")
	}
	if facts, ok := c.Module("a.js"); !ok || facts != "facts" {
		t.Errorf("Module = %q, %v", facts, ok)
	}
	found := map[nodejs.Power]bool{}
	if !c.Powers("a.js", found) || !found[nodejs.Eval] || len(found) != 1 {
		t.Errorf("Powers adds %v", found)
	}
	if c.Powers("a.js", map[nodejs.Power]bool{nodejs.Worker: true}) {
		t.Error("powers of a package that had others when the file was read")
	}
	c.Save() // nothing has changed
	if !f.has(t) {
		t.Error("the cache is lost")
	}
}

// TestChanged checks that a record is not used once the file is not the one that was read.
func TestChanged(t *testing.T) {
	restore := func(t *testing.T, f *fixture, change func()) {
		t.Helper()
		info, err := os.Stat(f.path("a.js"))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond) // longer than the kernel's clock ticks
		change()
		if err := os.Chtimes(f.path("a.js"), time.Time{}, info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	for name, change := range map[string]func(t *testing.T, f *fixture){
		"another size":                      func(t *testing.T, f *fixture) { f.write(t, "a.js", "three") },
		"the same size and time of writing": func(t *testing.T, f *fixture) { restore(t, f, func() { f.write(t, "a.js", "two") }) },
		"another file with these": func(t *testing.T, f *fixture) {
			restore(t, f, func() {
				f.write(t, "b.js", "two")
				if err := os.Rename(f.path("b.js"), f.path("a.js")); err != nil {
					t.Fatal(err)
				}
			})
		},
		"a link to it": func(t *testing.T, f *fixture) {
			if err := os.Rename(f.path("a.js"), f.path("b.js")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("b.js", f.path("a.js")); err != nil {
				t.Fatal(err)
			}
		},
		"removed": func(t *testing.T, f *fixture) { os.Remove(f.path("a.js")) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.fill(t, false)
			if !f.has(t) {
				t.Fatal("the cache is empty")
			}
			change(t, f)
			if f.has(t) {
				t.Error("the record is used")
			}
		})
	}
}

// TestYoung checks that nothing is kept of a file that may be written again with the same
// times.
func TestYoung(t *testing.T) {
	f := newFixture(t)
	f.fill(t, true)
	if f.has(t) {
		t.Error("a file that was written just now is kept")
	}
	time.Sleep(minAge + 100*time.Millisecond)
	f.fill(t, true)
	if !f.has(t) {
		t.Error("an older file is not kept")
	}
}

// TestMixed checks that nothing is kept of a file that changed between two reads.
func TestMixed(t *testing.T) {
	f := newFixture(t)
	c := f.open(t, false)
	if _, err := c.Read("a.js", 100); err != nil {
		t.Fatal(err)
	}
	f.write(t, "a.js", "three")
	data, err := c.Read("a.js", 100)
	if err != nil {
		t.Fatal(err)
	}
	c.KeepDigests("a.js", hasher.Sum(onlySHA256, data))
	c.Save()
	if f.has(t) {
		t.Error("the file is kept")
	}
}

// TestHashed checks the stamps of package hasher.
func TestHashed(t *testing.T) {
	f := newFixture(t)
	c := f.open(t, false)
	job := hasher.Job{Path: "a.js", Algorithms: onlySHA256, Stamp: new(hasher.Stamp)}
	results, err := hasher.Files(t.Context(), f.root, []hasher.Job{job}, hasher.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tree.Stamp(*job.Stamp), c.tree.Stamp("a.js"); got != want || got == (tree.Stamp{}) {
		t.Errorf("the stamp is %v, want %v", got, want)
	}
	c.KeepHashed("a.js", *job.Stamp, results[0].Digests)
	c.Save()
	if !f.has(t) {
		t.Error("the file is not kept")
	}
}

// TestUntrusted checks that a cache is not used if somebody else could have written it, or
// if it is damaged.
func TestUntrusted(t *testing.T) {
	f := newFixture(t)
	f.fill(t, false)
	files, err := filepath.Glob(filepath.Join(f.cache, "*"+suffix))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, path := range []string{f.cache, files[0]} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		for _, mode := range []os.FileMode{0o020, 0o002} {
			os.Chmod(path, info.Mode().Perm()|mode)
			if f.has(t) {
				t.Errorf("%s with the mode %v is trusted", path, mode)
			}
		}
		os.Chmod(path, info.Mode().Perm())
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		damaged := bytes.Clone(data)
		damaged[i] ^= 1
		if _, err := decode(damaged, f.open(t, false).key); err == nil {
			t.Fatalf("byte %d can be changed", i)
		}
	}
	if _, err := decode(data, "another nodeint"); err == nil {
		t.Error("the cache of another nodeint is used")
	}
}

// TestRemoveOldest checks that a directory of caches does not grow for ever.
func TestRemoveOldest(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	for i := range maxFiles + 3 {
		file := filepath.Join(dir, string(rune('A'+i))+suffix)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		os.Chtimes(file, time.Time{}, now.Add(-time.Duration(i)*time.Minute))
	}
	removeOldest(dir)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != maxFiles || entries[0].Name() != "A"+suffix {
		t.Errorf("%d files are left, the first is %v; %v", len(entries), entries[0], err)
	}
}
