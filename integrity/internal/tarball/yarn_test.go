package tarball

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/hasher"
)

func yarnOf(b []byte, limits Limits) ([]byte, error) {
	var out bytes.Buffer
	err := WriteYarnZip(context.Background(), &out, "@made/x", bytes.NewReader(b), limits)
	return out.Bytes(), err
}

// fixtures/lockfiles holds the bytes against those of the real yarn.
func TestWriteYarnZip(t *testing.T) {
	b, err := yarnOf(gz(t, makeTar(t,
		entry{name: "package/", kind: tar.TypeDir},
		entry{name: "package/index.js", body: "1"},
		entry{name: "package/lib/a/run", body: "#!", mode: 0o654},
		entry{name: "package/lib/b.js"},
		entry{name: "package/l.js", kind: tar.TypeSymlink, link: "index.js"},
		entry{name: "package/none/", kind: tar.TypeDir},
		entry{name: "package/grün.js", body: "2"},
	)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.File {
		got = append(got, fmt.Sprintf("%s %o %s", f.Name, f.ExternalAttrs>>16, f.Modified.UTC().Format("2006-01-02 15:04:05")))
	}
	const at = " 1984-06-22 21:50:00"
	want := []string{
		"node_modules/ 40755" + at, "node_modules/@made/ 40755" + at, "node_modules/@made/x/ 40755" + at,
		"node_modules/@made/x/index.js 100644" + at,
		"node_modules/@made/x/lib/ 40755" + at, "node_modules/@made/x/lib/a/ 40755" + at,
		"node_modules/@made/x/lib/a/run 100755" + at, "node_modules/@made/x/lib/b.js 100644" + at,
		"node_modules/@made/x/none/ 40755" + at, "node_modules/@made/x/grün.js 100644" + at,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWriteYarnZipRefused(t *testing.T) {
	deep := "package/" + strings.Repeat("d/", 400)
	var many []entry
	for i := range 200 {
		many = append(many, entry{name: fmt.Sprintf("package/%d/%sx", i, deep)})
	}
	for _, tt := range []struct {
		name string
		data []byte
		code Code
	}{
		{"nothing", nil, BrokenTar},
		{"twice", makeTar(t, entry{name: "package/a", body: "1"}, entry{name: "package/a", body: "1"}), Duplicate},
		{"truncated", gz(t, makeTar(t, entry{name: "package/a", body: "1"}))[:20], BrokenGzip},
		{"more directories than a zip has entries", makeTar(t, many...), OverLimit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := yarnOf(tt.data, Limits{})
			if e, ok := errors.AsType[*Error](err); !ok || e.Code != tt.code {
				t.Errorf("%v, not %s", err, tt.code)
			}
		})
	}
}

// Whatever tarball there is: the zip that is made of it is one, with the same files.
func FuzzWriteYarnZip(f *testing.F) {
	for _, tt := range tars {
		f.Add(makeTar(f, tt.entries...))
	}
	for _, tt := range refusedTars(f) {
		f.Add(tt.data)
	}
	limits := Limits{Archive: 1 << 20, Unpacked: 4 << 20, Entries: 1000}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = repaired(data)
		b, err := yarnOf(data, limits)
		if err != nil {
			return
		}
		was, err := readTar(t, data, Limits{})
		if err != nil {
			t.Fatalf("of what is no tarball a zip was made: %v", err)
		}
		is, err := ReadZip(context.Background(), "x.zip", bytes.NewReader(b), int64(len(b)), Options{
			Want: metadata(t, b), Algorithms: hasher.SetOf(hasher.SHA256), Package: "@made/x",
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range is.Files {
			is.Files[i].packed = packed{} // a tarball's files have no place that can be gone to
		}
		if !reflect.DeepEqual(was.Files, is.Files) {
			t.Errorf("the tarball has %v and the zip %v", was.Files, is.Files)
		}
	})
}
