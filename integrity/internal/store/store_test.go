package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/problem"
)

func integrity(t testing.TB, b []byte) hasher.Metadata {
	t.Helper()
	m, err := hasher.ParseMetadata(hasher.Sum(hasher.SetOf(hasher.SHA512), b)[0].String())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func digits(b []byte) string {
	return hex.EncodeToString(hasher.Sum(hasher.SetOf(hasher.SHA512), b)[0].Bytes())
}

func (s *setup) options() Options {
	return Options{Root: s.root, Env: s.env, Cache: filepath.Join(s.home, "own")}
}

func (s *setup) open(opt Options) *Store {
	s.t.Helper()
	store, err := Open(opt)
	if err != nil {
		s.t.Fatal(err)
	}
	return store
}

// ms is what is looked for.
func ms(t testing.TB, archive []byte) Want {
	return Want{Name: "ms", Version: "2.1.3", Integrity: integrity(t, archive)}
}

func npmPath(s *setup, archive []byte) string {
	d := digits(archive)
	return filepath.Join(s.home, ".npm", "_cacache", "content-v2", "sha512", d[:2], d[2:4], d[4:])
}

func ownPath(s *setup, archive []byte) string {
	d := digits(archive)
	return filepath.Join(s.home, "own", "sha512", d[:2], d[2:])
}

func classicPath(s *setup, name string) string {
	base := map[string]string{"linux": ".cache/yarn", "darwin": "Library/Caches/Yarn"}[runtime.GOOS]
	if base == "" {
		s.t.Skip("yarn's cache is elsewhere")
	}
	slug := strings.ReplaceAll(name, "/", "-")
	return filepath.Join(s.home, base, "v6", "npm-"+slug+"-2.1.3-574c8138ce1d2b5861f0b44579dbadd60c6615b2-integrity", "node_modules", name, ".yarn-tarball.tgz")
}

// read reads an archive at once.
func read(t *testing.T, a *Archive) string {
	t.Helper()
	defer a.Close()
	b, err := io.ReadAll(a)
	if err != nil || int64(len(b)) != a.Size {
		t.Errorf("%d of %d bytes, %v", len(b), a.Size, err)
	}
	var first [1]byte
	if _, err := a.ReadAt(first[:], 0); err != nil || len(b) > 0 && first[0] != b[0] {
		t.Errorf("at 0: %v", err)
	}
	return string(b)
}

func TestTarballs(t *testing.T) {
	const good = "the archive"
	large := strings.Repeat("large", 1<<16)
	for _, tt := range []struct {
		name, archive string
		place         func(*setup, []byte) string
		source        Source
	}{
		{"own", good, ownPath, Own},
		{"npm", good, npmPath, NPM},
		{"yarn 1", good, func(s *setup, _ []byte) string { return classicPath(s, "ms") }, Yarn},
		{"large", large, npmPath, NPM},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSetup(t)
			path := tt.place(s, []byte(tt.archive))
			s.write(path, tt.archive)
			a, where, err := s.open(s.options()).Archive(context.Background(), ms(t, []byte(tt.archive)))
			if err != nil {
				t.Fatal(err)
			}
			if got := read(t, a); got != tt.archive || where.Source != tt.source || where.Place != path || where.Result != IsFound {
				t.Errorf("%.20q from %v", got, where)
			}
		})
	}
}

func TestScope(t *testing.T) {
	s := newSetup(t)
	s.write(classicPath(s, "@babel/core"), "x")
	a, where, err := s.open(s.options()).Archive(context.Background(), Want{Name: "@babel/core", Version: "2.1.3", Integrity: integrity(t, []byte("x"))})
	if err != nil || where.Source != Yarn {
		t.Fatal(where, err)
	}
	a.Close()
}

func TestZips(t *testing.T) {
	b := []byte("the zip")
	d := digits(b)
	for _, tt := range []struct{ dir, name string }{
		{"project/.yarn/cache", "ms-npm-2.1.3-81ff3cfac1-" + d[:10] + ".zip"},
		{"project/.yarn/cache", "ms-npm-2.1.3-81ff3cfac1-" + d[:8] + ".zip"},
		{"project/.yarn/cache", "ms-patch-81ff3cfac1-" + d[:10] + ".zip"},
		{"home/.yarn/berry/cache", "ms-npm-2.1.3-81ff3cfac1-10c0.zip"},
		{"home/.yarn/berry/cache", "ms-patch-0123456789-10c0.zip"},
	} {
		s := newSetup(t)
		path := filepath.Join(filepath.Dir(s.home), tt.dir, tt.name)
		s.write(path, string(b))
		s.write(filepath.Join(filepath.Dir(path), "ms-npm-2.1.2-81ff3cfac1-10c0.zip"), "another")
		w := ms(t, b)
		w.Kind, w.CacheKey = Zip, "10c0"
		a, where, err := s.open(s.options()).Archive(context.Background(), w)
		if err != nil || where.Place != path || where.Source != Yarn {
			t.Errorf("%s: %v, %v", tt.name, where, err)
			continue
		}
		read(t, a)
	}
}

func TestAbsent(t *testing.T) {
	s := newSetup(t)
	s.write(classicPath(s, "ms"), "another: the name says nothing of its digest")
	store := s.open(s.options())
	a, _, err := store.Archive(context.Background(), ms(t, []byte("x")))
	var e *Error
	if a != nil || !errors.As(err, &e) || e.Code != Absent || e.Online {
		t.Fatalf("got %v, %v", a, err)
	}
	const want = "find the archive of ms@2.1.3: it is not in nodeint's cache, npm's cache, yarn's cache"
	if err.Error() != want || e.Hint != "download it with --fetch" || len(e.Attempts) != 3 {
		t.Errorf("got  %v (%s), %v\nwant %s", err, e.Hint, e.Attempts, want)
	}
	w := ms(t, []byte("x"))
	w.Kind = Zip
	if _, _, err = store.Archive(context.Background(), w); !errors.As(err, &e) || e.Code != Absent || e.Hint != "run yarn install, which makes this archive" {
		t.Errorf("a zip: %v", err)
	}
	// What is no name and no version leads nowhere.
	for _, w := range []Want{{Name: "../../x", Version: "1"}, {Name: "x", Version: "../1"}, {Name: "@/x", Version: "1"}, {}} {
		w.Integrity = integrity(t, []byte("x"))
		if _, _, err = store.Archive(context.Background(), w); !errors.As(err, &e) || e.Code != Absent {
			t.Errorf("%v: %v", w, err)
		}
	}
}

func TestWrong(t *testing.T) {
	b := []byte("x")
	s := newSetup(t)
	s.write(ownPath(s, b), "broken")
	s.write(npmPath(s, b), "tampered")
	store := s.open(s.options())
	_, _, err := store.Archive(context.Background(), ms(t, b))
	var e *Error
	if !errors.As(err, &e) || e.Code != WrongDigest {
		t.Fatal(err)
	}
	for _, want := range []string{"the archive has another digest than the lockfile", ownPath(s, b), npmPath(s, b), "and was removed", integrity(t, []byte("tampered")).String()} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nhas no %s", err, want)
		}
	}
	if _, err := os.Stat(ownPath(s, b)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nodeint's own is still there: %v", err)
	}
	if _, err := os.Stat(npmPath(s, b)); err != nil {
		t.Errorf("npm's was touched: %v", err)
	}
	// A right one elsewhere is found, and the wrong one is told.
	s.write(classicPath(s, "ms"), "x")
	a, where, err := s.open(s.options()).Archive(context.Background(), ms(t, b))
	if err != nil || where.Source != Yarn || len(a.Attempts) != 2 || a.Attempts[1].Result != IsWrong || a.Attempts[1].Place != npmPath(s, b) {
		t.Errorf("%v, %v, %v", where, a, err)
	}
	// So does a zip that is called as the right one.
	w := ms(t, b)
	w.Kind = Zip
	s.write(filepath.Join(s.root, ".yarn", "cache", "ms-npm-2.1.3-81ff3cfac1-"+digits(b)[:10]+".zip"), "tampered")
	if _, _, err = s.open(s.options()).Archive(context.Background(), w); !errors.As(err, &e) || e.Code != WrongDigest {
		t.Errorf("a zip: %v", err)
	}
}

func TestNoFile(t *testing.T) {
	b := []byte("x")
	s := newSetup(t)
	if err := os.MkdirAll(npmPath(s, b), 0o755); err != nil {
		t.Fatal(err)
	}
	_, _, err := s.open(s.options()).Archive(context.Background(), ms(t, b))
	var e *Error
	if !errors.As(err, &e) || e.Code != Failed || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a directory: %v", err)
	}
}

func TestFIFO(t *testing.T) {
	b := []byte("x")
	s := newSetup(t)
	path := npmPath(s, b)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := mkfifo(path); err != nil {
		testenv.Unavailable(t, "%v", err)
	}
	if err := mkfifo(filepath.Join(s.root, ".npmrc")); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := Open(s.options())
		done <- err
	}()
	select {
	case err := <-done:
		if e, ok := errors.AsType[*problem.Error](err); !ok || e.Code != problem.CodeSettings || !strings.Contains(err.Error(), "it is a FIFO, not a regular file") {
			t.Errorf("settings: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("a FIFO is waited for")
	}
	os.Remove(filepath.Join(s.root, ".npmrc"))
	if _, _, err := s.open(s.options()).Archive(context.Background(), ms(t, b)); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("cache: %v", err)
	}
}

func TestTooLarge(t *testing.T) {
	b := []byte("the archive")
	s := newSetup(t)
	s.write(npmPath(s, b), string(b))
	opt := s.options()
	opt.Limit = int64(len(b)) - 1
	_, _, err := s.open(opt).Archive(context.Background(), ms(t, b))
	if err == nil || !strings.Contains(err.Error(), "it is larger than the limit for archives") {
		t.Error(err)
	}
}

func TestCanceled(t *testing.T) {
	s := newSetup(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := s.open(s.options()).Archive(ctx, ms(t, []byte("x"))); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestSettingsErrors(t *testing.T) {
	s := newSetup(t)
	s.write(filepath.Join(s.root, ".npmrc"), "registry=nonsense\n")
	s.open(s.options()) // what is not fetched needs no registry
	opt := s.options()
	opt.Fetch = true
	_, err := Open(opt)
	var e *problem.Error
	if !errors.As(err, &e) || e.Code != problem.CodeSettings || !strings.Contains(err.Error(), ".npmrc:1: not the URL of a registry") || e.Hint == "" {
		t.Error(err)
	}
	s.write(filepath.Join(s.root, ".npmrc"), "\x00")
	if _, err := Open(s.options()); !errors.As(err, &e) || e.Code != problem.CodeSettings {
		t.Error(err)
	}
}

// keepOne writes an archive to a cache, as fetching does.
func keepOne(c cache, b []byte) error {
	p, err := c.create(hasher.SetOf(hasher.SHA512))
	if err != nil {
		return err
	}
	// In parts, so that others come between.
	for i := range 10 {
		if _, err := p.Write(b[i*len(b)/10 : (i+1)*len(b)/10]); err != nil {
			return err
		}
	}
	return c.keep(p, p.hash.Append(nil)[0])
}

func TestTwoWriters(t *testing.T) {
	s := newSetup(t)
	b := bytes.Repeat([]byte("archive"), 10_000)
	c := cache{filepath.Join(s.home, "own")}
	errs := make(chan error)
	for range 8 {
		go func() {
			for range 5 {
				if err := keepOne(c, b); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	got, err := os.ReadFile(ownPath(s, b))
	if err != nil || !bytes.Equal(got, b) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	left, err := os.ReadDir(filepath.Join(c.dir, "tmp"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	checkModes(t, c.dir)
}

func checkModes(t *testing.T, dir string) {
	if runtime.GOOS == "windows" {
		return
	}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().Perm() != map[bool]os.FileMode{true: 0o700, false: 0o600}[info.IsDir()] {
			t.Errorf("%s has the mode %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestStale(t *testing.T) {
	s := newSetup(t)
	c := cache{filepath.Join(s.home, "own")}
	old, young := filepath.Join(c.dir, "tmp", "archive-old"), filepath.Join(c.dir, "tmp", "archive-young")
	s.write(old, "x")
	s.write(young, "x")
	long := time.Now().Add(-2 * staleAfter)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	if err := keepOne(c, []byte("0123456789")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Error("what a writer left behind stays for ever")
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("what somebody is writing was removed")
	}
}

// A writer that is killed leaves nothing under a digest that is not the archive.
func TestKilled(t *testing.T) {
	b := bytes.Repeat([]byte("archive"), 50_000)
	if dir := os.Getenv("STORE_TEST_WRITES_TO"); dir != "" {
		for {
			_ = keepOne(cache{dir}, b)
			_ = os.Remove(cache{dir}.path(hasher.Sum(hasher.SetOf(hasher.SHA512), b)[0]))
		}
	}
	if testing.Short() {
		t.Skip("it starts processes")
	}
	s := newSetup(t)
	for i := range 10 {
		killWriter(t, filepath.Join(s.home, "own"), time.Duration(20+13*i)*time.Millisecond)
		got, err := os.ReadFile(ownPath(s, b))
		if err != nil && !errors.Is(err, os.ErrNotExist) || err == nil && !bytes.Equal(got, b) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	}
	// And it is in nobody's way.
	if err := keepOne(cache{filepath.Join(s.home, "own")}, b); err != nil {
		t.Error(err)
	}
	a, where, err := s.open(s.options()).Archive(context.Background(), ms(t, b))
	if err != nil || where.Source != Own || read(t, a) != string(b) {
		t.Error(where, err)
	}
}

func killWriter(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := os.StartProcess(exe, []string{exe, "-test.run", "^TestKilled$"}, &os.ProcAttr{Env: append(os.Environ(), "STORE_TEST_WRITES_TO="+dir)})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Wait(); err != nil {
		t.Fatal(err)
	}
}

// shortError removes the operation and path of an error of the system.
func TestShortError(t *testing.T) {
	_, err := os.Open(filepath.Join(t.TempDir(), "gone"))
	if got := shortError(fmt.Errorf("x: %w", err)).Error(); got != syscall.ENOENT.Error() && runtime.GOOS != "windows" {
		t.Errorf("got %q", got)
	}
}
