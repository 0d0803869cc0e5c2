package hasher

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
)

// writeFile writes a file below root and creates its parent directories.
func writeFile(t testing.TB, root, path string, data []byte) {
	t.Helper()
	name := filepath.Join(root, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// content returns n bytes that differ from those for any other n.
func content(n int) []byte {
	data := bytes.Repeat([]byte{byte(n), 'x', '\n'}, n/3+1)
	return data[:n]
}

// TestFilesSizes hashes files of sizes around the limits of buffers and blocks.
// Outside CI it leaves out the largest sizes and most numbers of workers.
func TestFilesSizes(t *testing.T) {
	sizes := []int{0, 1, 55, 56, 63, 64, 1024, 1025, bufferSize - 1, bufferSize, bufferSize + 1}
	workers := []int{0, 1}
	if os.Getenv("CI") != "" {
		sizes = append(sizes, bufferSize-1024, 2*bufferSize, 2*bufferSize+1, 1<<20-1, 1<<20, 5<<20)
		workers = append(workers, 2, 16, 1000)
	}
	sets := []Set{SetOf(SHA256), SetOf(SHA384), SetOf(SHA512), SetOf(BLAKE3), SetOf(BLAKE3, SHA256), everyOne}
	root := t.TempDir()
	var jobs []Job
	var want []Result
	for i, size := range sizes {
		path := fmt.Sprintf("d%d/%d.js", i%3, size)
		data := content(size)
		writeFile(t, root, path, data)
		for _, set := range sets {
			jobs = append(jobs, Job{Path: path, Algorithms: set, Content: new([]byte)})
			want = append(want, Result{Digests: Sum(set, data), Size: int64(size)})
		}
	}
	for _, n := range workers {
		got, err := Files(t.Context(), root, jobs, Options{Workers: n})
		if err != nil {
			t.Fatal(err)
		}
		for i, j := range jobs {
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Errorf("%d workers: %s %v: got %v, want %v", n, j.Path, j.Algorithms, got[i], want[i])
			}
			kept, size := *j.Content, int(want[i].Size)
			if kept == nil && size < 64<<10 || kept != nil && (size >= bufferSize || !bytes.Equal(kept, content(size))) {
				t.Errorf("%d workers: %s %v: kept %d bytes", n, j.Path, j.Algorithms, len(kept))
			}
			*j.Content = nil
		}
	}
}

func TestFilesNone(t *testing.T) {
	got, err := Files(t.Context(), t.TempDir(), nil, Options{})
	if len(got) != 0 || err != nil {
		t.Errorf("Files of nothing = %v, %v", got, err)
	}
	_, err = Files(t.Context(), filepath.Join(t.TempDir(), "none"), nil, Options{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Files of a missing root = %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, filepath.Dir(file), "file", nil)
	if _, err = Files(t.Context(), file, nil, Options{}); err == nil {
		t.Error("Files of a root that is a file: no error")
	}
}

func TestFilesBadPath(t *testing.T) {
	parent := t.TempDir()
	root := filepath.Join(parent, "root")
	writeFile(t, parent, "outside.js", nil)
	writeFile(t, root, "d/a.js", nil)
	for _, path := range []string{
		"", "/", ".", "..", "../outside.js", "d/../d/a.js", "d/../../outside.js", "./d/a.js", "d/./a.js", "d//a.js",
		"d/a.js/", "d/", "/d/a.js", filepath.ToSlash(filepath.Join(parent, "outside.js")), "d/a.js\x00", "\x00",
	} {
		got, err := Files(t.Context(), root, []Job{{Path: path, Algorithms: everyOne}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !errors.Is(got[0].Err, ErrPath) || got[0].Digests != nil {
			t.Errorf("%q: got %v, want ErrPath", path, got[0])
		}
	}
}

func TestFilesNoAlgorithm(t *testing.T) {
	root := t.TempDir()
	writeFile(t, root, "a.js", nil)
	got, err := Files(t.Context(), root, []Job{{Path: "a.js"}}, Options{})
	if err != nil || got[0].Err == nil {
		t.Errorf("Files = %v, %v, want an error for a.js", got, err)
	}
}

func TestFilesProgress(t *testing.T) {
	root := t.TempDir()
	var jobs []Job
	var want int64
	for i := range 300 {
		path := fmt.Sprintf("%d.js", i)
		writeFile(t, root, path, content(i))
		want += int64(i)
		jobs = append(jobs, Job{Path: path, Algorithms: SetOf(SHA256)})
	}
	jobs = append(jobs, Job{Path: "missing.js", Algorithms: SetOf(SHA256)})
	var calls, files, bytes atomic.Int64
	_, err := Files(t.Context(), root, jobs, Options{Progress: func(f int, b int64) {
		calls.Add(1)
		files.Store(max(files.Load(), int64(f)))
		bytes.Store(max(bytes.Load(), b))
	}})
	if err != nil || files.Load() != 301 || bytes.Load() != want || calls.Load() < 3 {
		t.Errorf("%d calls up to %d files, %d bytes, want 301 and %d; error %v", calls.Load(), files.Load(), bytes.Load(), want, err)
	}
}

func TestFilesCancelled(t *testing.T) {
	root := t.TempDir()
	writeFile(t, root, "a.js", content(100))
	jobs := make([]Job, 1000)
	for i := range jobs {
		jobs[i] = Job{Path: "a.js", Algorithms: SetOf(SHA256)}
	}
	ctx, cancel := context.WithCancel(t.Context())
	got, err := Files(ctx, root, jobs, Options{Workers: 2, Progress: func(int, int64) { cancel() }})
	if got != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("Files = %d results, %v, want none and %v", len(got), err, context.Canceled)
	}
}

// TestFilesMany mixes files that exist with files that do not.
func TestFilesMany(t *testing.T) {
	root := t.TempDir()
	var jobs []Job
	for i := range 2000 {
		path := fmt.Sprintf("p%d/lib/%d.js", i/10, i)
		if i%3 != 0 {
			writeFile(t, root, path, content(i))
		}
		jobs = append(jobs, Job{Path: path, Algorithms: SetOf(SHA256, BLAKE3)})
	}
	got, err := Files(t.Context(), root, jobs, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range got {
		switch {
		case i%3 == 0:
			if !errors.Is(r.Err, fs.ErrNotExist) || r.Digests != nil || !strings.Contains(r.Err.Error(), jobs[i].Path) {
				t.Errorf("%s: got %v, want fs.ErrNotExist", jobs[i].Path, r)
			}
		case !reflect.DeepEqual(r, Result{Digests: Sum(jobs[i].Algorithms, content(i)), Size: int64(i)}):
			t.Errorf("%s: got %v", jobs[i].Path, r)
		}
	}
}

// TestFilesGarbage checks that a file costs one allocation (the system's copy of
// its name) and not many.
func TestFilesGarbage(t *testing.T) {
	root := t.TempDir()
	jobs := make([]Job, 1000)
	for i := range jobs {
		jobs[i] = Job{Path: fmt.Sprintf("d%d/%d.js", i/50, i), Algorithms: everyOne}
		writeFile(t, root, jobs[i].Path, content(i))
	}
	n := testing.AllocsPerRun(3, func() {
		if _, err := Files(t.Context(), root, jobs, Options{}); err != nil {
			t.Fatal(err)
		}
	})
	if n > 1500 {
		t.Errorf("%v allocations for %d files", n, len(jobs))
	}
}

// BenchmarkFiles hashes a generated tree with the file sizes of a node_modules:
// half below 2 KB, a mean of 13 KB.
func BenchmarkFiles(b *testing.B) {
	root := b.TempDir()
	sizes := []int{200, 400, 600, 900, 1300, 1900, 2800, 4500, 9000, 110_000}
	jobs := make([]Job, 5000)
	var total int64
	for i := range jobs {
		size := sizes[i*7%len(sizes)] + i%100
		jobs[i].Path = fmt.Sprintf("node_modules/p%d/lib/%d.js", i/40, i)
		writeFile(b, root, jobs[i].Path, content(size))
		total += int64(size)
	}
	for _, set := range []Set{SetOf(SHA256), SetOf(SHA384), SetOf(BLAKE3), SetOf(SHA256, BLAKE3)} {
		b.Run(set.String(), func(b *testing.B) {
			for i := range jobs {
				jobs[i].Algorithms = set
			}
			b.SetBytes(total)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Files(b.Context(), root, jobs, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
