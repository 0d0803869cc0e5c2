//go:build linux || darwin || freebsd || openbsd || netbsd || dragonfly

package hasher

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// pairAndOthers are a set that two-way SHA-256 is used for and a set that it is not
// used for.
var pairAndOthers = []Set{SetOf(SHA256), everyOne}

// filesBy calls Files with each way to open a path.
func filesBy(t *testing.T, root string, jobs []Job, opt Options, check func(t *testing.T, got []Result)) {
	t.Helper()
	t.Run("best", func(t *testing.T) {
		got, err := Files(t.Context(), root, jobs, opt)
		if err != nil {
			t.Fatal(err)
		}
		check(t, got)
	})
	t.Run("by parts", func(t *testing.T) {
		fsys, err := openRoot(root)
		if err != nil {
			t.Fatal(err)
		}
		defer fsys.close()
		fsys.openPath = (*reader).openByParts
		p := newPool(t.Context(), fsys, jobs, opt)
		p.run()
		check(t, p.results)
	})
}

// hostileTree makes a root directory that has an entry of every kind, and a
// directory beside it that no path may reach.
func hostileTree(t *testing.T) string {
	t.Helper()
	parent := t.TempDir()
	root := filepath.Join(parent, "root")
	writeFile(t, parent, "outside/secret.js", []byte("secret"))
	for _, path := range []string{"a.js", "d/a.js", "d/e/f/deep.js", "odd\xff\n\\ name?#%.js", "\"'`$;|.js", strings.Repeat("n", 255)} {
		writeFile(t, root, path, []byte(path))
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Symlink("a.js", filepath.Join(root, "link.js")))
	must(os.Symlink("d", filepath.Join(root, "linkdir")))
	must(os.Symlink("e", filepath.Join(root, "d/linkdir")))
	must(os.Symlink("../outside", filepath.Join(root, "out")))
	must(os.Symlink("../outside/secret.js", filepath.Join(root, "out.js")))
	must(os.Symlink(filepath.Join(parent, "outside"), filepath.Join(root, "absolute")))
	must(os.Symlink("nowhere", filepath.Join(root, "dangling.js")))
	must(os.Symlink("loop.js", filepath.Join(root, "loop.js")))
	must(os.Symlink("/proc/self/root", filepath.Join(root, "magic")))
	must(unix.Mkfifo(filepath.Join(root, "fifo.js"), 0o644))
	// The address of a socket is short: it is bound by a relative path.
	t.Chdir(root)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: "socket.js", Net: "unix"})
	must(err)
	t.Cleanup(func() { l.Close() })
	return root
}

func TestFilesKinds(t *testing.T) {
	root := hostileTree(t)
	tests := []struct {
		path string
		kind *KindError // nil: a file whose content is its path
	}{
		{"a.js", nil},
		{"d/a.js", nil},
		{"d/e/f/deep.js", nil},
		{"odd\xff\n\\ name?#%.js", nil},
		{"\"'`$;|.js", nil},
		{strings.Repeat("n", 255), nil},
		{"link.js", &KindError{"link.js", "symbolic link"}},
		{"linkdir", &KindError{"linkdir", "symbolic link"}},
		{"linkdir/a.js", &KindError{"linkdir", "symbolic link"}},
		{"linkdir/missing.js", &KindError{"linkdir", "symbolic link"}},
		{"d/linkdir/f/deep.js", &KindError{"d/linkdir", "symbolic link"}},
		{"out/secret.js", &KindError{"out", "symbolic link"}},
		{"out.js", &KindError{"out.js", "symbolic link"}},
		{"absolute/secret.js", &KindError{"absolute", "symbolic link"}},
		{"dangling.js", &KindError{"dangling.js", "symbolic link"}},
		{"dangling.js/a.js", &KindError{"dangling.js", "symbolic link"}},
		{"loop.js", &KindError{"loop.js", "symbolic link"}},
		{"magic/etc/passwd", &KindError{"magic", "symbolic link"}},
		{"d", &KindError{"d", "directory"}},
		{"d/e/f", &KindError{"d/e/f", "directory"}},
		{"a.js/b.js", &KindError{"a.js", "regular file"}},
		{"d/a.js/b/c.js", &KindError{"d/a.js", "regular file"}},
		{"fifo.js", &KindError{"fifo.js", "FIFO"}},
		{"fifo.js/a", &KindError{"fifo.js", "FIFO"}},
		{"socket.js", &KindError{"socket.js", "socket"}},
	}
	for _, set := range pairAndOthers {
		var jobs []Job
		for _, tt := range tests {
			jobs = append(jobs, Job{Path: tt.path, Algorithms: set})
		}
		filesBy(t, root, jobs, Options{}, func(t *testing.T, got []Result) {
			for i, tt := range tests {
				if tt.kind == nil {
					want := Result{Digests: Sum(set, []byte(tt.path)), Size: int64(len(tt.path))}
					if !reflect.DeepEqual(got[i], want) {
						t.Errorf("%q: got %v, want %v", tt.path, got[i], want)
					}
					continue
				}
				var kind *KindError
				if !errors.As(got[i].Err, &kind) || *kind != *tt.kind || got[i].Digests != nil {
					t.Errorf("%q: got %v, want %v", tt.path, got[i], tt.kind)
				}
			}
		})
	}
}

func TestFilesDevice(t *testing.T) {
	var jobs []Job
	for _, set := range pairAndOthers {
		jobs = append(jobs, Job{Path: "null", Algorithms: set}, Job{Path: "zero", Algorithms: set})
	}
	filesBy(t, "/dev", jobs, Options{}, func(t *testing.T, got []Result) {
		for i, r := range got {
			var kind *KindError
			if !errors.As(r.Err, &kind) || kind.Kind != "device" {
				t.Errorf("%s: got %v, want a device", jobs[i].Path, r)
			}
		}
	})
}

func TestFilesSystemErrors(t *testing.T) {
	root := t.TempDir()
	writeFile(t, root, "d/locked.js", []byte("x"))
	writeFile(t, root, "shut/a.js", []byte("x"))
	tests := []struct {
		path string
		want error
	}{
		{"missing.js", fs.ErrNotExist},
		{"missing/a.js", fs.ErrNotExist},
		{"d/missing.js", fs.ErrNotExist},
		{strings.Repeat("n", 256), unix.ENAMETOOLONG},
		{"d/" + strings.Repeat("n", 256) + "/a.js", unix.ENAMETOOLONG},
		{strings.Repeat("missing/", 1000) + "a.js", nil}, // any error will do
	}
	if os.Geteuid() != 0 { // root reads everything
		for path, mode := range map[string]fs.FileMode{"d/locked.js": 0, "shut": 0} {
			if err := os.Chmod(filepath.Join(root, path), mode); err != nil {
				t.Fatal(err)
			}
		}
		t.Cleanup(func() { os.Chmod(filepath.Join(root, "shut"), 0o755) })
		tests = append(tests, tests[0], tests[0])
		tests[len(tests)-2].path, tests[len(tests)-2].want = "d/locked.js", fs.ErrPermission
		tests[len(tests)-1].path, tests[len(tests)-1].want = "shut/a.js", fs.ErrPermission
	}
	var jobs []Job
	for _, set := range pairAndOthers {
		for _, tt := range tests {
			jobs = append(jobs, Job{Path: tt.path, Algorithms: set})
		}
	}
	filesBy(t, root, jobs, Options{}, func(t *testing.T, got []Result) {
		for i := range got {
			tt := tests[i%len(tests)]
			var path *fs.PathError
			if !errors.As(got[i].Err, &path) || path.Path != tt.path || tt.want != nil && !errors.Is(got[i].Err, tt.want) {
				t.Errorf("%.30q: got %v, want %v", tt.path, got[i].Err, tt.want)
			}
		}
	})
}

// TestFilesChanged changes the length of a file between fstat and the reads.
func TestFilesChanged(t *testing.T) {
	root := t.TempDir()
	name := filepath.Join(root, "a.js")
	for _, tt := range []struct{ before, after int }{
		{0, 1}, {10, 11}, {11, 10}, {10, 0}, {10, 5 << 20}, {bufferSize, bufferSize + 1}, {bufferSize, bufferSize - 1}, {5 << 20, 10},
	} {
		fsys, err := openRoot(root)
		if err != nil {
			t.Fatal(err)
		}
		p := newPool(t.Context(), fsys, nil, Options{})
		w := &worker{pool: p, reader: fsys.newReader()}
		writeFile(t, root, "a.js", content(tt.before))
		f, err := w.start(&Job{Path: "a.js", Algorithms: everyOne})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, content(tt.after), 0o644); err != nil {
			t.Fatal(err)
		}
		last, buf := false, make([]byte, bufferSize)
		for err == nil && !last {
			_, last, err = f.next(buf)
		}
		if !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), "a.js") {
			t.Errorf("%d bytes, then %d: error %v", tt.before, tt.after, err)
		}
		f.close()
		w.reader.close()
		fsys.close()
	}
}

// TestFilesDirectoryReplaced replaces a directory by a link. A reader that had the
// directory open reports the link when it comes back from another directory.
func TestFilesDirectoryReplaced(t *testing.T) {
	parent := t.TempDir()
	root := filepath.Join(parent, "root")
	writeFile(t, root, "d/a.js", []byte("good"))
	writeFile(t, root, "e/a.js", []byte("good"))
	writeFile(t, parent, "outside/a.js", []byte("evil"))
	fsys, err := openRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.close()
	for _, open := range []func(*reader, string) (int, error){(*reader).openByParts, fsys.openPath} {
		fsys.openPath = open
		r := fsys.newReader()
		for _, path := range []string{"d/a.js", "e/a.js"} {
			f, err := r.open(path)
			if err != nil {
				t.Fatal(err)
			}
			f.close()
		}
		os.Rename(filepath.Join(root, "d"), filepath.Join(root, "moved"))
		if err := os.Symlink("../outside", filepath.Join(root, "d")); err != nil {
			t.Fatal(err)
		}
		var kind *KindError
		if _, err := r.open("d/a.js"); !errors.As(err, &kind) {
			t.Errorf("open = %v, want a KindError", err)
		}
		r.close()
		os.Remove(filepath.Join(root, "d"))
		os.Rename(filepath.Join(root, "moved"), filepath.Join(root, "d"))
	}
}

// openDescriptors counts the descriptors of this process.
func openDescriptors(t *testing.T) int {
	t.Helper()
	n := 0
	for fd := range 1024 {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
			n++
		}
	}
	return n
}

// TestFilesLeaveNothingOpen counts the open descriptors before and after.
func TestFilesLeaveNothingOpen(t *testing.T) {
	root := hostileTree(t)
	var jobs []Job
	for _, path := range []string{"a.js", "d/a.js", "d/e/f/deep.js", "link.js", "linkdir/a.js", "d", "fifo.js", "socket.js", "missing/x", "a.js/x"} {
		for _, set := range pairAndOthers {
			jobs = append(jobs, Job{Path: path, Algorithms: set})
		}
	}
	before := openDescriptors(t)
	filesBy(t, root, jobs, Options{}, func(t *testing.T, got []Result) {})
	if after := openDescriptors(t); after != before {
		t.Errorf("%d descriptors were open, now %d", before, after)
	}
}

// TestFilesFewDescriptors leaves so few descriptors that workers have to wait for
// each other.
func TestFilesFewDescriptors(t *testing.T) {
	root := t.TempDir()
	var jobs []Job
	for _, dir := range []string{"a", "b", "c", "d"} {
		for _, name := range []string{"1", "2", "3", "4", "5"} {
			path := dir + "/x/y/" + name
			writeFile(t, root, path, content(300_000))
			jobs = append(jobs, Job{Path: path, Algorithms: SetOf(SHA256)})
		}
	}
	want := Sum(SetOf(SHA256), content(300_000))
	limitDescriptors(t, 4) // the root, and three for a path by parts
	filesBy(t, root, jobs, Options{Workers: 16}, func(t *testing.T, got []Result) {
		for i, r := range got {
			if !reflect.DeepEqual(r.Digests, want) {
				t.Errorf("%s: %v", jobs[i].Path, r.Err)
			}
		}
	})
}

// TestFilesOneDescriptor leaves descriptors for the root and one file. A worker that
// hashes two files at once must close the first one to open the second one.
func TestFilesOneDescriptor(t *testing.T) {
	root := t.TempDir()
	var jobs []Job
	for _, name := range []string{"a.js", "b.js", "c.js"} {
		writeFile(t, root, name, content(300_000))
		jobs = append(jobs, Job{Path: name, Algorithms: SetOf(SHA256)})
	}
	want := Sum(SetOf(SHA256), content(300_000))
	limitDescriptors(t, 2)
	filesBy(t, root, jobs, Options{Workers: 1}, func(t *testing.T, got []Result) {
		for i, r := range got {
			if !reflect.DeepEqual(r.Digests, want) {
				t.Errorf("%s: %v", jobs[i].Path, r.Err)
			}
		}
	})
}

// TestFilesNoDescriptors leaves no descriptor. Files returns EMFILE after about a
// second, or the error of ctx at once.
func TestFilesNoDescriptors(t *testing.T) {
	root := t.TempDir()
	writeFile(t, root, "a.js", nil)
	limitDescriptors(t, 1)
	got, err := Files(t.Context(), root, []Job{{Path: "a.js", Algorithms: everyOne}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(got[0].Err, unix.EMFILE) {
		t.Errorf("got %v, want EMFILE", got[0])
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Files(ctx, root, []Job{{Path: "a.js", Algorithms: everyOne}}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Files = %v, want %v", err, context.Canceled)
	}
}

// limitDescriptors lets the process open n more files at most until the test ends.
func limitDescriptors(t *testing.T, n int) {
	t.Helper()
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	// The limit is on the number of a descriptor, so the lower ones are filled.
	var fill []int
	for {
		fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		fill = append(fill, fd)
		if fd >= 64 {
			break
		}
	}
	limit := old
	limit.Cur = 65
	runtime.GC() // a finalizer could free another descriptor
	t.Cleanup(func() {
		unix.Setrlimit(unix.RLIMIT_NOFILE, &old)
		for _, fd := range fill {
			unix.Close(fd)
		}
	})
	for range n {
		unix.Close(fill[len(fill)-1])
		fill = fill[:len(fill)-1]
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
}
