package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// One processor is for little work alone, and what the environment says wins.
func TestExpect(t *testing.T) {
	runtime.SetDefaultGOMAXPROCS()
	t.Cleanup(runtime.SetDefaultGOMAXPROCS)
	all := runtime.GOMAXPROCS(0)
	for _, tt := range []struct {
		size           int // of the map, in bytes
		archives, lazy bool
		env            string
		want           int
	}{
		{10 << 10, false, true, "", 1},
		{600 << 10, false, true, "", all},
		{10 << 10, false, false, "", all},
		{10 << 10, true, true, "", all},
		{10 << 10, false, true, "3", all},
	} {
		t.Setenv("GOMAXPROCS", tt.env)
		t.Setenv("GOGC", "100") // no room for a large heap here
		file := filepath.Join(t.TempDir(), "importmap.json")
		if err := os.WriteFile(file, make([]byte, tt.size), 0o600); err != nil {
			t.Fatal(err)
		}
		runtime.GOMAXPROCS(all)
		expectLittle()
		expectVerify(file, tt.archives, tt.lazy)
		if got := runtime.GOMAXPROCS(0); got != tt.want {
			t.Errorf("%+v: %d processors", tt, got)
		}
	}
}
