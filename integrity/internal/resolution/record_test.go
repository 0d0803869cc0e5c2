//go:build unix

package resolution

import (
	"slices"
	"testing"
)

// The accessors return sorted lists that belong to the caller.
func TestRecord(t *testing.T) {
	r := newResolver(t, "b/x.js", "a -> b", "out -> ../elsewhere")
	rec := r.Record()
	rec.RecordPackages(slices.Values([]string{"z", "b", "z"}))
	for _, p := range []string{"", "a/none", "b/other", "out/none", "b/x.js/none"} {
		must(t, rec.RecordMissing(p))
	}
	place, err := r.tree.Resolve("a/x.js")
	must(t, err)
	rec.RecordPlace(place)
	const want = "missing=./b/none,./b/other,./b/x.js/none links=a,out packages=b,z outside=out"
	if got := recorded(rec); got != want {
		t.Errorf("recorded %s\nwant     %s", got, want)
	}
	rec.Packages()[0] = ""
	if got := recorded(rec); got != want {
		t.Errorf("after a change of a result: recorded %s\nwant     %s", got, want)
	}
}

func TestPackage(t *testing.T) {
	for _, tt := range []struct {
		dir, name, real string
		found           bool
		want            string
	}{
		{"lib", "p", "node_modules/p", true, "packages=node_modules/p"},
		{"node_modules/p", "linked", "real", true, "links=node_modules/linked packages=real"},
		{"lib", "out", "", true, "links=node_modules/out outside=node_modules/out"},
		{"lib", "none", "", false, "missing=none"},
	} {
		r := newResolver(t, "node_modules/p/index.js", "real/index.js", "node_modules/linked -> ../real", "node_modules/out -> ../../out")
		real, found, err := r.Package(tt.dir, tt.name)
		if err != nil || real != tt.real || found != tt.found || recorded(r.Record()) != tt.want {
			t.Errorf("Package(%s, %s) = %q, %v, %v and recorded %s", tt.dir, tt.name, real, found, err, recorded(r.Record()))
		}
	}
}

func TestIsPnP(t *testing.T) {
	r := newPnPResolver(t)
	for dir, want := range map[string]bool{"src": true, "z/b": true, "../other": false} {
		if got := r.IsPnP(dir); got != want {
			t.Errorf("IsPnP(%q) = %v, want %v", dir, got, want)
		}
	}
	if newResolver(t).IsPnP("src") {
		t.Error("IsPnP is true without tables")
	}
}
