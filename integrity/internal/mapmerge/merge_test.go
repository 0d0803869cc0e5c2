package mapmerge

import (
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
)

// The tests write metadata as one letter, and nodeint without its root.
var digests = strings.NewReplacer(
	`"A"`, `"sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="`,
	`"B"`, `"sha256-BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA="`,
	`"C"`, `"sha256-CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCA="`)

// merges are merges of three maps. A want of "" is a conflict.
var merges = []struct{ name, base, ours, theirs, want, conflicts string }{
	{"entries of two sides", `{"integrity":{"./a":"A","./b":"A"}}`, `{"integrity":{"./a":"B","./b":"A"}}`, `{"integrity":{"./a":"A","./b":"C","./c":"A"}}`, `{"integrity":{"./a":"B","./b":"C","./c":"A"}}`, ""},
	{"the same change", `{"integrity":{"./a":"A"}}`, `{"integrity":{"./a":"B"}}`, `{"integrity":{"./a":"B"}}`, `{"integrity":{"./a":"B"}}`, ""},
	{"removed by one side", `{"integrity":{"./a":"A","./b":"A"}}`, `{"integrity":{"./a":"A"}}`, `{"integrity":{"./a":"B","./b":"A"}}`, `{"integrity":{"./a":"B"}}`, ""},
	{"removed and changed", `{"integrity":{"./a":"A","./b":"A"}}`, `{"integrity":{"./a":"A"}}`, `{"integrity":{"./a":"A","./b":"B"}}`, "", `integrity["./b"]`},
	{"two changes of one key", `{"integrity":{"./a":"A"}}`, `{"integrity":{"./a":"B"}}`, `{"integrity":{"./a":"C"}}`, "", `integrity["./a"]`},
	{"two new files of one name", `{}`, `{"integrity":{"./a":"B"}}`, `{"integrity":{"./a":"C"}}`, "", `integrity["./a"]`},
	{"no base", `{}`, `{"integrity":{"./a":"B"}}`, `{"integrity":{"./b":"C"}}`, `{"integrity":{"./a":"B","./b":"C"}}`, ""},
	{"imports", `{"imports":{"a":"./a"}}`, `{"imports":{"x":"./x","a":"./a"}}`, `{"imports":{"a":"./a","y":"./y"}}`, `{"imports":{"x":"./x","a":"./a","y":"./y"}}`, ""},
	{"imports of one side", `{}`, `{}`, `{"imports":{}}`, `{"imports":{}}`, ""},
	{"one import", `{"imports":{"a":"./a"}}`, `{"imports":{"a":"./b"}}`, `{"imports":{"a":"./c"}}`, "", `imports.a`},
	{"scopes", `{"scopes":{"./l/":{"a":"./a"}}}`, `{"scopes":{"./l/":{"a":"./b"}}}`, `{"scopes":{"./l/":{"a":"./a","c":"./c"},"./m/":{}}}`, `{"scopes":{"./l/":{"a":"./b","c":"./c"},"./m/":{}}}`, ""},
	{"one scope", `{"scopes":{"./l/":{"a":"./a"}}}`, `{"scopes":{"./l/":{"a":"./b"}}}`, `{"scopes":{"./l/":{"a":"./c"}}}`, "", `scopes["./l/"].a`},
	{"all imports removed, one added", `{"imports":{"a":"./a"}}`, `{}`, `{"imports":{"a":"./a","b":"./b"}}`, `{"imports":{"b":"./b"}}`, ""},
	{"white space", `{"imports":{"a":"./a"}}`, `{"imports": { "a" : "./a" } }`, `{"imports":{}}`, `{"imports":{}}`, ""},
	{"another tool's member", `{"packages":{"a":{"url":"./a","d":{}}}}`, `{"packages":{"a":{"url":"./a","d":{"x":"x"}}}}`, `{"packages":{"a":{"url":"./b","d":{}},"b":{}}}`, `{"packages":{"a":{"url":"./b","d":{"x":"x"}},"b":{}}}`, ""},
	{"the package map", `{"packages":{"./a":{"url":"./a"},"./x":{"url":"./x","dependencies":{"a":"./a"}}},"nodeint":{"version":2,"isPackageMap":true}}`,
		`{"packages":{"./a":{"url":"./a"},"./b":{"url":"./b"},"./x":{"url":"./x","dependencies":{"a":"./a","b":"./b"}}},"nodeint":{"version":2,"isPackageMap":true}}`,
		`{"packages":{"./c":{"url":"./c"},"./x":{"url":"./x","dependencies":{"c":"./c"}}},"nodeint":{"version":2,"isPackageMap":true}}`,
		`{"packages":{"./b":{"url":"./b"},"./c":{"url":"./c"},"./x":{"url":"./x","dependencies":{"b":"./b","c":"./c"}}},"nodeint":{"version":2,"isPackageMap":true}}`, ""},
	{"a list of another tool", `{"x":[1]}`, `{"x":[1,2]}`, `{"x":[1,3]}`, "", "x"},
	{"an object and a number", `{"x":{"a":1}}`, `{"x":{"a":2}}`, `{"x":1}`, "", "x"},
	{"lists of nodeint", `{"nodeint":{"version":1,"coverage":"graph","entries":["./a"],"absent":["x","y"]}}`, `{"nodeint":{"version":1,"coverage":"graph","entries":["./a","./b"],"absent":["x","y","z"]}}`, `{"nodeint":{"version":1,"coverage":"graph","entries":["./0","./a"],"absent":["a","x"]}}`, `{"nodeint":{"version":1,"coverage":"graph","entries":["./0","./a","./b"],"absent":["a","x","z"]}}`, ""},
	{"entries in an order", `{"nodeint":{"version":1,"entries":["./b","./a"]}}`, `{"nodeint":{"version":1,"entries":["./b","./x","./a"]}}`, `{"nodeint":{"version":1,"entries":["./b","./a","./y"]}}`, `{"nodeint":{"version":1,"entries":["./b","./x","./a","./y"]}}`, ""},
	{"gaps by path and place", `{"nodeint":{"version":1}}`, `{"nodeint":{"version":1,"gaps":[{"path":"./b","line":9},{"path":"./%25","line":9}]}}`, `{"nodeint":{"version":1,"gaps":[{"path":"./b","line":10},{"path":"./a","line":1}]}}`, `{"nodeint":{"version":1,"gaps":[{"path":"./%25","line":9},{"path":"./a","line":1},{"path":"./b","line":9},{"path":"./b","line":10}]}}`, ""},
	{"the last gap and a link", `{"nodeint":{"version":1,"gaps":[{"path":"./b"}]}}`, `{"nodeint":{"version":1}}`, `{"nodeint":{"version":1,"gaps":[{"path":"./b"}],"links":{"./a":"./b"}}}`, `{"nodeint":{"version":1,"links":{"./a":"./b"}}}`, ""},
	{"a package is one entry", `{"nodeint":{"version":1,"packages":{"./p/":{"version":"1"}}}}`, `{"nodeint":{"version":1,"packages":{"./p/":{"version":"2"}}}}`, `{"nodeint":{"version":1,"packages":{"./p/":{"version":"1","class":"alias"},"./q/":{}}}}`, "", `nodeint.packages["./p/"]`},
	{"powers", `{"nodeint":{"version":2,"powers":{"./":["eval"],"./p/":["vm"]}}}`, `{"nodeint":{"version":2,"powers":{"./":["eval","vm"],"./q/":["ffi"]}}}`, `{"nodeint":{"version":2,"powers":{"./":["addons","eval"],"./p/":["vm"]}}}`, `{"nodeint":{"version":2,"powers":{"./":["addons","eval","vm"],"./q/":["ffi"]}}}`, ""},
	{"powers of one side", `{"nodeint":{"version":2}}`, `{"nodeint":{"version":2,"powers":{"./":["eval"]}}}`, `{"nodeint":{"version":2,"links":{"./a":"./b"}}}`, `{"nodeint":{"version":2,"links":{"./a":"./b"}}}`, ""},
	{"no powers", `{"nodeint":{"version":2,"powers":{"./":["eval"]}}}`, `{"nodeint":{"version":2,"powers":{}}}`, `{"nodeint":{"version":2,"powers":{"./":["eval"]}}}`, `{"nodeint":{"version":2,"powers":{}}}`, ""},
	{"patterns have an order", `{"nodeint":{"version":1,"include":["a"]}}`, `{"nodeint":{"version":1,"include":["a","b"]}}`, `{"nodeint":{"version":1,"include":["a","c"]}}`, "", "nodeint.include"},
	{"coverage", `{"nodeint":{"version":1,"coverage":"graph"}}`, `{"nodeint":{"version":1,"coverage":"tree"}}`, `{"nodeint":{"version":1,"coverage":"graph","links":{"./a":"./b"}}}`, `{"nodeint":{"version":1,"coverage":"tree","links":{"./a":"./b"}}}`, ""},
	{"versions", `{"nodeint":{"version":1}}`, `{"nodeint":{"version":2,"links":{"./a":"./b"}}}`, `{"nodeint":{"version":1,"links":{"./c":"./d"}}}`, "", "nodeint"},
	{"a new version on one side", `{"nodeint":{"version":1}}`, `{"nodeint":{"version":2}}`, `{"nodeint":{"version":1}}`, `{"nodeint":{"version":2}}`, ""},
	{"no nodeint on one side", `{"nodeint":{"version":1}}`, `{}`, `{"nodeint":{"version":1,"links":{"./c":"./d"}}}`, "", "nodeint"},
	{"no nodeint at all", `{"integrity":{"./a":"A"}}`, `{"integrity":{"./a":"A"},"z":1}`, `{"integrity":{"./a":"B"}}`, `{"integrity":{"./a":"B"},"z":1}`, ""},
}

func read(t testing.TB, text string) *importmap.Document {
	doc, err := importmap.ReadString("m.json", digests.Replace(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// sealed returns a document with its digest, as generate writes it.
func sealed(t testing.TB, text string) *importmap.Document {
	doc, err := mapfile.Seal(read(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestMerge(t *testing.T) {
	for _, test := range merges {
		t.Run(test.name, func(t *testing.T) {
			base, ours, theirs := sealed(t, test.base), sealed(t, test.ours), sealed(t, test.theirs)
			r, err := Merge(base, ours, theirs)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(r.Conflicts, " "); got != test.conflicts {
				t.Fatalf("conflicts %q, want %q", got, test.conflicts)
			}
			if test.want != "" {
				if got, want := string(r.Ours.Format()), string(sealed(t, test.want).Format()); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
				return
			}
			checkSides(t, r)
		})
	}
}

// checkSides checks that a text with conflict markers has both sides.
func checkSides(t *testing.T, r *Result) {
	t.Helper()
	text, err := r.Text(Labels{"ours", "theirs"})
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs, ok := mapfile.Sides(string(text))
	if !ok || ours != string(r.Ours.Format()) || theirs != string(r.Theirs.Format()) {
		t.Errorf("the sides of the text with conflict markers are not the merged maps:\n%s", text)
	}
}

// Of a text of many lines, only those in conflict are between markers.
func TestMarked(t *testing.T) {
	for _, test := range []struct{ ours, theirs, want string }{
		{"a\nb\nc\nd\ne\nf\ng\nh\ni\n", "a\nB\nc\nd\ne\nf\ng\nh\nI\n", "a\n<<<<<<< o\nb\n=======\nB\n>>>>>>> t\nc\nd\ne\nf\ng\nh\n<<<<<<< o\ni\n=======\nI\n>>>>>>> t\n"},
		{"a\nb\n", "a\nb\nc\n", "a\nb\n<<<<<<< o\n=======\nc\n>>>>>>> t\n"},
		{"a\nb\n", "b\n", "<<<<<<< o\na\n=======\n>>>>>>> t\nb\n"},
		{"", "b", "<<<<<<< o\n=======\nb\n>>>>>>> t\n"},
		{"a", "a", "a"},
	} {
		got, err := Marked([]byte(test.ours), []byte(test.theirs), Labels{"o", "t"})
		if err != nil || string(got) != test.want {
			t.Errorf("%q and %q: got %q, %v, want %q", test.ours, test.theirs, got, err, test.want)
		}
	}
}

// FuzzMerge holds, for any three maps: a side that is the base loses to the other; the
// sides of the result are maps with the right digest and differ only if there are
// conflicts; every entry is one of a side; and the sides may be exchanged.
func FuzzMerge(f *testing.F) {
	for _, test := range merges {
		f.Add(digests.Replace(test.base), digests.Replace(test.ours), digests.Replace(test.theirs))
	}
	f.Fuzz(func(t *testing.T, baseText, oursText, theirsText string) {
		var docs [3]*importmap.Document
		for i, text := range []string{baseText, oursText, theirsText} {
			doc, err := importmap.ReadString("m.json", text)
			if err != nil {
				return
			}
			if docs[i], err = mapfile.Seal(doc); err != nil {
				return
			}
		}
		base, ours, theirs := docs[0], docs[1], docs[2]
		r, err := Merge(base, ours, theirs)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Merge(base, theirs, ours)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(slices.Sorted(slices.Values(r.Conflicts)), slices.Sorted(slices.Values(back.Conflicts))) {
			t.Fatalf("conflicts %q, exchanged %q", r.Conflicts, back.Conflicts)
		}
		for _, doc := range []*importmap.Document{r.Ours, r.Theirs} {
			for _, e := range doc.Integrity {
				if !slices.Contains(ours.Integrity, e) && !slices.Contains(theirs.Integrity, e) {
					t.Fatalf("the entry %q is of no side", e)
				}
			}
			if again, err := mapfile.Seal(doc); err != nil || string(again.Format()) != string(doc.Format()) {
				t.Fatalf("the digest is wrong: %v", err)
			}
		}
		if !slices.Equal(r.Ours.Integrity, r.Theirs.Integrity) && len(r.Conflicts) == 0 {
			t.Fatal("the sides differ without a conflict")
		}
		if r, err = Merge(base, base, theirs); err != nil || len(r.Conflicts) > 0 || !slices.Equal(sortedEntries(r.Ours), sortedEntries(theirs)) {
			t.Fatalf("the base won: %v, %q", err, r.Conflicts)
		}
	})
}

func sortedEntries(doc *importmap.Document) []importmap.Entry {
	return slices.SortedFunc(slices.Values(doc.Integrity), func(a, b importmap.Entry) int { return strings.Compare(a.Key, b.Key) })
}
