package hasher

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func encodeTree(pairs []Pair) []byte {
	pairs = slices.Clone(pairs)
	slices.SortFunc(pairs, comparePairs)
	b := []byte(treePrefix)
	for _, p := range pairs {
		b = appendPair(b, p)
	}
	return b
}

// decodeTree is the inverse of encodeTree. Because an inverse exists, no two lists
// have the same encoding.
func decodeTree(b []byte) (pairs []Pair) {
	b = b[len(treePrefix):]
	next := func() string {
		n := binary.LittleEndian.Uint64(b)
		s := string(b[8 : 8+n])
		b = b[8+n:]
		return s
	}
	for len(b) > 0 {
		key := next()
		pairs = append(pairs, Pair{key, next()})
	}
	return pairs
}

var treeTests = []struct {
	name  string
	pairs []Pair
}{
	{"none", nil},
	{"empty", []Pair{{"", ""}}},
	{"two empty", []Pair{{"", ""}, {"", ""}}},
	{"one", []Pair{{"a", "b"}}},
	{"swapped", []Pair{{"b", "a"}}},
	{"moved border", []Pair{{"ab", ""}}},
	{"moved border, other way", []Pair{{"", "ab"}}},
	{"two", []Pair{{"a", "b"}, {"c", "d"}}},
	{"values exchanged", []Pair{{"a", "d"}, {"c", "b"}}},
	{"same key twice", []Pair{{"a", "b"}, {"a", "c"}}},
	{"one pair twice", []Pair{{"a", "b"}, {"a", "b"}}},
	{"NUL", []Pair{{"a\x00", "b"}}},
	{"a pair in a value", []Pair{{"a", "b\x01\x00\x00\x00\x00\x00\x00\x00c\x01\x00\x00\x00\x00\x00\x00\x00d"}}},
	{"not UTF-8", []Pair{{"\xff", "\xfe"}}},
}

func TestTree(t *testing.T) {
	seen := map[Digest]string{}
	for _, tt := range treeTests {
		d := Tree(tt.pairs)
		if other, ok := seen[d]; ok {
			t.Errorf("%q has the digest of %q", tt.name, other)
		}
		seen[d] = tt.name
		if want := Sum(SetOf(BLAKE3), encodeTree(tt.pairs))[0]; d != want {
			t.Errorf("%s: Tree = %v, want %v", tt.name, d, want)
		}
		reversed := slices.Clone(tt.pairs)
		slices.Reverse(reversed)
		before := slices.Clone(reversed)
		if Tree(reversed) != d {
			t.Errorf("%s: the order of the pairs matters", tt.name)
		}
		if !slices.Equal(reversed, before) {
			t.Errorf("%s: Tree changed its argument", tt.name)
		}
	}
}

// TestTreeLarge encodes more than the buffer of Tree.
func TestTreeLarge(t *testing.T) {
	var pairs []Pair
	for i := range 5000 {
		pairs = append(pairs, Pair{fmt.Sprintf("./node_modules/p%04d/index.js", i), strings.Repeat("v", i%97)})
	}
	pairs = append(pairs, Pair{"./z", strings.Repeat("long", 100_000)})
	if got, want := Tree(pairs), Sum(SetOf(BLAKE3), encodeTree(pairs))[0]; got != want {
		t.Errorf("Tree = %v, want %v", got, want)
	}
}

// TestTreeExample checks the example of the package comment, which is the
// specification.
func TestTreeExample(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	example := []Pair{{"./b.js", "sha256-BBBB"}, {"./a.js", "sha256-AAAA"}}
	for _, pairs := range [][]Pair{example, nil} {
		if d := Tree(pairs).String(); !bytes.Contains(doc, []byte("\n//\t"+d+"\n")) {
			t.Errorf("the package comment lacks %s for %v", d, pairs)
		}
	}
}

func FuzzTree(f *testing.F) {
	// Fields of a list are separated by "|" in the seeds.
	for _, tt := range treeTests {
		var fields []string
		for _, p := range tt.pairs {
			fields = append(fields, p.Key, p.Value)
		}
		f.Add(strings.Join(fields, "|"), "a|b|c|d")
	}
	f.Fuzz(func(t *testing.T, x, y string) {
		a, b := splitPairs(x), splitPairs(y)
		ea, eb := encodeTree(a), encodeTree(b)
		slices.SortFunc(a, comparePairs)
		slices.SortFunc(b, comparePairs)
		if !slices.Equal(decodeTree(ea), a) {
			t.Fatalf("%q decodes to %q", a, decodeTree(ea))
		}
		if slices.Equal(a, b) != bytes.Equal(ea, eb) || slices.Equal(a, b) != (Tree(a) == Tree(b)) {
			t.Fatalf("%q and %q: only equal lists must have equal encodings", a, b)
		}
	})
}

func splitPairs(s string) (pairs []Pair) {
	fields := strings.Split(s, "|")
	for i := 0; i+1 < len(fields); i += 2 {
		pairs = append(pairs, Pair{fields[i], fields[i+1]})
	}
	return pairs
}
