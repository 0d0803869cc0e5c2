package launch

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/problem"
)

// An imageReader reads an image as the package comment specifies it, and as the
// preload does.
type imageReader struct {
	script, config, packages, names string
	records                         []byte
	size                            int // of a record
}

func readImage(t *testing.T, b []byte, head int) imageReader {
	t.Helper()
	if string(b[:8]) != "nodeint2" {
		t.Fatalf("image begins with %q, want nodeint2", b[:8])
	}
	var n [6]int
	for i := range n {
		n[i] = int(binary.LittleEndian.Uint32(b[8+4*i:]))
	}
	at := 32
	text := func(n int) string { at += n; return string(b[at-n : at]) }
	r := imageReader{script: text(n[0]), config: text(n[1]), size: 24 + n[3]}
	for ; at%8 != 0; at++ {
		if b[at] != 0 {
			t.Errorf("padding is not zero")
		}
	}
	for block := range slices.Chunk(b[head:], 16384) {
		if sum := sha256.Sum256(block); text(32) != string(sum[:]) {
			t.Error("a block has another digest")
		}
	}
	if at != head {
		t.Fatalf("the head has %d bytes, want %d", head, at)
	}
	r.records, r.names, r.packages = []byte(text(n[2]*r.size)), text(n[4]), text(n[5])
	if at != len(b) {
		t.Errorf("the image has %d bytes, want %d", len(b), at)
	}
	return r
}

// find returns the digests of a path, by a binary search for its key.
func (r imageReader) find(path string) (algorithm byte, digests []string) {
	sum := sha256.Sum256([]byte(path))
	key := sum[:16]
	records := slices.Collect(slices.Chunk(r.records, r.size))
	i, _ := slices.BinarySearchFunc(records, key, func(rec, key []byte) int { return bytes.Compare(rec[:16], key) })
	for ; i < len(records) && bytes.Equal(records[i][:16], key); i++ {
		algorithm = records[i][16]
		digests = append(digests, string(records[i][24:]))
	}
	return algorithm, digests
}

func parse(t *testing.T, s string) hasher.Metadata {
	t.Helper()
	md, err := hasher.ParseMetadata(s)
	if err != nil {
		t.Fatal(err)
	}
	return md
}

func formatted(text string, as ...hasher.Algorithm) string {
	return hasher.Format(hasher.Sum(hasher.SetOf(as...), []byte(text)))
}

func TestImage(t *testing.T) {
	pins := map[string]string{
		"app.js":                formatted("app", hasher.SHA256),
		"lib/ä b.js":            formatted("one", hasher.SHA384) + " " + formatted("two", hasher.SHA384) + " " + formatted("weak", hasher.SHA256),
		"node_modules/ms/a.cjs": formatted("ms", hasher.SHA256, hasher.SHA512, hasher.BLAKE3),
	}
	im := Image{Script: "script 'ü'", Config: Config{Mode: Enforce, Root: "/srv/<shop>"}, Packages: map[string]string{"": "shop@1.0.0"}}
	im.Files = files(t, pins)
	b, head, err := im.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	r := readImage(t, b, head)
	if r.script != im.Script || r.packages != `{"":"shop@1.0.0"}` || !strings.Contains(r.config, `"root":"/srv/<shop>"`) || !json.Valid([]byte(r.config)) {
		t.Errorf("image: %+v", r)
	}
	for path, want := range map[string]struct {
		algorithm byte
		contents  []string
	}{
		"app.js":                {1, []string{"app"}},
		"lib/ä b.js":            {2, []string{"one", "two"}},
		"node_modules/ms/a.cjs": {3, []string{"ms"}},
		"absent.js":             {0, nil},
	} {
		algorithm, digests := r.find(path)
		var wanted []string
		for _, c := range want.contents {
			sum := hasher.Sum(hasher.SetOf(hasher.Algorithm(want.algorithm)), []byte(c))[0].Bytes()
			wanted = append(wanted, string(append(sum, make([]byte, 64-len(sum))...)))
		}
		slices.Sort(wanted)
		if algorithm != want.algorithm || !slices.Equal(digests, wanted) {
			t.Errorf("%s: algorithm %d, %d digests, want %d, %d", path, algorithm, len(digests), want.algorithm, len(wanted))
		}
	}
}

// An image without records is valid: trace uses one.
func TestImageEmpty(t *testing.T) {
	b, head, err := Image{Script: "x", Config: Config{Mode: Trace}}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if r := readImage(t, b, head); r.packages != "{}" || len(r.records) != 0 || r.size != 24+32 {
		t.Errorf("image: %+v", r)
	}
}

// files returns pinned files in the form of Image.Files.
func files(t *testing.T, pins map[string]string) iter.Seq2[string, hasher.Metadata] {
	return func(yield func(string, hasher.Metadata) bool) {
		for path, text := range pins {
			if !yield(path, parse(t, text)) {
				return
			}
		}
	}
}

func TestImageOfBlake3(t *testing.T) {
	_, _, err := Image{Script: "x", Files: files(t, map[string]string{"app.js": formatted("app", hasher.BLAKE3)})}.Bytes()
	var e *problem.Error
	if !errors.As(err, &e) || e.Code != "map-metadata" || e.Hint == "" {
		t.Errorf("%#v", err)
	}
}

func TestChecksOnLoad(t *testing.T) {
	for path, want := range map[string]bool{
		"app.js": true, "a.json": true, "node_modules/x/package.json": false, "a.node": false, "bin/cli": false, "a.wasm": true, "a.mts": true,
	} {
		if got := ChecksOnLoad(path); got != want {
			t.Errorf("ChecksOnLoad(%q) = %v", path, got)
		}
	}
}

func TestChildEnv(t *testing.T) {
	env := []string{"A=1", "NODE_OPTIONS=--x", "NODE_COMPILE_CACHE=/tmp", "NODE_DISABLE_COMPILE_CACHE="}
	got, err := childEnv(env, []string{"--import=a", "--title=b c"})
	if want := []string{"A=1", "NODE_DISABLE_COMPILE_CACHE=1", `NODE_OPTIONS=--import=a "--title=b c"`}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q (%v), want %q", got, err, want)
	}
	if _, err := childEnv(env, []string{strings.Repeat("x", maxOptions+1)}); err == nil {
		t.Error("no error for options that are too long")
	}
}
