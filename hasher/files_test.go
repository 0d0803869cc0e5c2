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

// writeFile writes a file of a test's folder and the folders above it.
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

// content returns n bytes that no other call returns for another n.
func content(n int) []byte {
	data := bytes.Repeat([]byte{byte(n), 'x', '\n'}, n/3+1)
	return data[:n]
}

// wants are what a Job for data may expect: nothing, what is there, and
// something else.
func wants(t *testing.T, set Set, data []byte) []*Metadata {
	t.Helper()
	all := []*Metadata{nil}
	for _, data := range [][]byte{data, append(bytes.Clone(data), 'x')} {
		md, err := ParseMetadata(Format(Sum(set, data)))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &md)
	}
	return all
}

func TestFilesSizes(t *testing.T) {
	root := t.TempDir()
	sizes := []int{0, 1, 55, 56, 63, 64, 1024, 1025, laneBuffer - 1, laneBuffer, laneBuffer + 1, bufferSize - 1024, bufferSize - 1, bufferSize, bufferSize + 1,
		2 * bufferSize, largeFile - 1, largeFile, 5 << 20}
	sets := []Set{SetOf(SHA256), SetOf(SHA384), SetOf(SHA512), SetOf(BLAKE3), SetOf(BLAKE3, SHA256), everyOne}
	var jobs []Job
	for i, size := range sizes {
		path := fmt.Sprintf("d%d/%d.js", i%3, size)
		writeFile(t, root, path, content(size))
		for _, set := range sets {
			for _, hint := range []int64{0, int64(size), 1 << 40} {
				for _, want := range wants(t, set, content(size)) {
					jobs = append(jobs, Job{Path: path, Algorithms: set, Size: hint, Want: want})
				}
			}
		}
	}
	var first []Result
	workerCounts := []int{0, 1, 16}
	if os.Getenv("CI") == "true" {
		workerCounts = []int{0, 1, 2, 16, 1000}
	}
	for _, workers := range workerCounts {
		got, err := Files(t.Context(), root, jobs, Options{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if !reflect.DeepEqual(got, first) {
			t.Errorf("%d workers have other results", workers)
		}
	}
	for i, j := range jobs {
		size := sizes[i/(3*3*len(sets))]
		want := Result{Digests: Sum(j.Algorithms, content(size)), Size: int64(size)}
		if !reflect.DeepEqual(first[i], want) {
			t.Errorf("%s %v: got %v, want %v", j.Path, j.Algorithms, first[i], want)
		}
	}
}

func TestFilesHurry(t *testing.T) {
	root := t.TempDir()
	var jobs []Job
	for i := range 500 {
		path := fmt.Sprint(i)
		writeFile(t, root, path, []byte(path))
		jobs = append(jobs, Job{Path: path, Algorithms: SetOf(SHA256)})
	}
	fsys, err := openRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.close()
	waits := 0
	p := newPool(t.Context(), fsys, jobs, Options{Workers: 16, OnWait: func() { waits++ }})
	p.hurry()
	p.hurry()
	p.run()
	if waits != 1 {
		t.Errorf("OnWait was called %d times", waits)
	}
	for i, r := range p.results {
		if want := Sum(SetOf(SHA256), []byte(jobs[i].Path)); !reflect.DeepEqual(r.Digests, want) {
			t.Errorf("%s: got %v, want %v", jobs[i].Path, r, want)
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
		t.Errorf("Files of a root that is not there = %v", err)
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
		jobs = append(jobs, Job{Path: path, Algorithms: SetOf(SHA256), Size: int64(i%2) * largeFile})
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

// One result in a pool does not depend on what becomes of others.
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
				t.Errorf("%s: got %v, want that it does not exist", jobs[i].Path, r)
			}
		case !reflect.DeepEqual(r, Result{Digests: Sum(jobs[i].Algorithms, content(i)), Size: int64(i)}):
			t.Errorf("%s: got %v", jobs[i].Path, r)
		}
	}
}

// What a file costs in allocations has to stay far below one.
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
	if n > 300 {
		t.Errorf("%v allocations for %d files", n, len(jobs))
	}
}

// BenchmarkFiles hashes a made-up tree with the sizes that files of a
// node_modules have: half below 2 KB, a mean of 13 KB.
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
