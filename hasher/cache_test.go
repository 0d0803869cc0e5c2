package hasher

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Calls that share a cache read each file once, and get the results of Files.
func TestCache(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	set := SetOf(SHA256)
	jobs := []Job{{Path: "a", Algorithms: set}, {Path: "none", Algorithms: set}, {Path: "b", Algorithms: set}, {Path: "b", Algorithms: SetOf(SHA512)}}
	want, err := Files(context.Background(), root, jobs, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var cache Cache
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			got, err := Files(context.Background(), root, jobs, Options{Cache: &cache})
			if err != nil {
				t.Error(err)
				return
			}
			for i := range want {
				if Format(got[i].Digests) != Format(want[i].Digests) || !errors.Is(got[i].Err, fs.ErrNotExist) == errors.Is(want[i].Err, fs.ErrNotExist) {
					t.Errorf("%s: %v, want %v", jobs[i].Path, got[i], want[i])
				}
			}
		})
	}
	group.Wait()
	// What is in the cache is not read again, and everything else is.
	if err := os.WriteFile(filepath.Join(root, "a"), []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := Files(context.Background(), root, append(jobs, Job{Path: "c", Algorithms: set}), Options{Cache: &cache})
	if err != nil || Format(got[0].Digests) != Format(want[0].Digests) || Format(got[4].Digests) != Format(Sum(set, []byte("c"))) {
		t.Errorf("%v (%v)", got, err)
	}
}

// The error of a call is also that of the calls that wait for its results.
func TestCacheError(t *testing.T) {
	var cache Cache
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	jobs := []Job{{Path: "a", Algorithms: SetOf(SHA256)}}
	for range 2 {
		if _, err := Files(ctx, t.TempDir(), jobs, Options{Cache: &cache}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
}
