package mapfile

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/launch"
)

// A reading is what one reader makes of a map.
type reading struct {
	Map *struct {
		Members   []string
		Integrity [][2]string
		Paths     []*string // of the keys, base64
	}
	Image []string // the metadata that the preload finds for each probe
}

// A readerCase is a map, and what Go makes of it.
type readerCase struct {
	text   string
	doc    *importmap.Document // nil: refused
	m      *Map                // nil: refused
	probes []string            // paths that are looked for in the image
}

// TestReaders holds that a map which nodeint accepts means the same to whatever else
// reads it: JSON.parse and the URLs of browsers and Node.js, and the preload, which finds
// the digests in the image. What nodeint refuses may mean anything.
//
// The maps are made by a generator from the seeds in readerSeeds; one on which the
// readers differ is printed, and goes into oddMaps when it is mended.
func TestReaders(t *testing.T) {
	for _, run := range readerSeeds {
		t.Run(fmt.Sprintf("node %d, seed %d", run.node, run.seed), func(t *testing.T) {
			t.Parallel()
			maps := run.maps
			if !testenv.Thorough() {
				maps /= 50
			}
			r := rand.New(rand.NewPCG(run.seed, 0))
			var accepted, refused int
			for done := 0; done < maps; {
				cases := make([]readerCase, 0, readerBatch)
				for ; len(cases) < cap(cases) && done < maps; done++ {
					q := ask(aMap(t, r, done), r)
					if cases = append(cases, q); q.m != nil {
						accepted++
					} else {
						refused++
					}
				}
				for i, answer := range answers(t, run.node, cases) {
					for _, difference := range differences(cases[i], answer) {
						t.Errorf("the map %q: %s", cases[i].text, difference)
					}
				}
				if t.Failed() {
					return
				}
			}
			t.Logf("of %d maps %d were accepted", maps, accepted)
			if accepted < maps/5 || refused < maps/5 {
				t.Errorf("of %d maps %d were accepted and %d refused: too few of a kind to say much", maps, accepted, refused)
			}
		})
	}
}

// readerSeeds are the runs of TestReaders: a hundred thousand maps in all.
var readerSeeds = []struct {
	node int
	seed uint64
	maps int
}{
	{24, 1, 30_000}, {24, 2, 30_000}, {22, 3, 20_000}, {26, 4, 20_000},
}

const readerBatch = 5_000

// ask reads a map as nodeint does.
func ask(text string, r *rand.Rand) readerCase {
	q := readerCase{text: text}
	var err error
	if q.doc, err = ReadDocument("importmap.json", text); err != nil {
		return readerCase{text: text}
	}
	if q.m, err = Parse("importmap.json", q.doc); err != nil {
		return q
	}
	for _, f := range q.m.Pinned {
		if utf8.ValidString(f.Path) {
			q.probes = append(q.probes, f.Path, mutate(r, f.Path), strings.ToUpper(f.Path))
		}
	}
	q.probes = append(q.probes, "", ".", "/", "app.js", "no/such/file.js")
	q.probes = slices.DeleteFunc(q.probes, func(p string) bool { return !utf8.ValidString(p) })
	return q
}

// image returns the image for the preload.
func (q readerCase) image() ([]byte, error) {
	image, _, err := launch.Image{Script: "-", Count: len(q.m.Pinned), Files: func(yield func(string, hasher.Metadata) bool) {
		for _, f := range q.m.Pinned {
			if !yield(f.Path, f.Metadata) {
				return
			}
		}
	}}.Bytes()
	return image, err
}

// answers has Node.js read the maps.
func answers(t *testing.T, node int, cases []readerCase) []reading {
	t.Helper()
	var input bytes.Buffer
	for _, q := range cases {
		parts := [3][]byte{[]byte(q.text)}
		if q.m != nil {
			image, err := q.image()
			if err == nil { // else it is pinned by blake3 alone, and run refuses it
				parts[1] = image
				parts[2], _ = json.Marshal(q.probes)
			}
		}
		for _, p := range parts {
			_ = binary.Write(&input, binary.LittleEndian, uint32(len(p)))
		}
		for _, p := range parts {
			input.Write(p)
		}
	}
	sources := filepath.Join(testenv.Root(t), "integrity", "preload", "src")
	cmd := exec.Command(testenv.Node(t, node), filepath.Join("testdata", "reader.cjs"), sources)
	cmd.Stdin = &input
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("reading the maps in node: %v\n%s", err, err.(*exec.ExitError).Stderr)
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if len(lines) != len(cases) {
		t.Fatalf("node answered %d of %d", len(lines), len(cases))
	}
	readings := make([]reading, len(lines))
	for i, line := range lines {
		if err := json.Unmarshal(line, &readings[i]); err != nil {
			t.Fatal(err)
		}
	}
	return readings
}

// differences says in what Go and JavaScript differ on a map.
func differences(q readerCase, js reading) (list []string) {
	differ := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if q.doc == nil || !q.doc.HasIntegrity {
		return nil
	}
	if js.Map == nil {
		return []string{"only Go reads it"}
	}
	if got, want := sorted(js.Map.Members), sorted(membersOf(q.doc)); !slices.Equal(got, want) {
		differ("its members are %q in JavaScript, %q in Go", got, want)
	}
	goPairs, jsPairs := make(map[string]string), make(map[string]string)
	for _, e := range q.doc.Integrity {
		goPairs[e.Key] = e.Value
	}
	for _, p := range js.Map.Integrity {
		jsPairs[p[0]] = p[1]
	}
	if len(goPairs) != len(q.doc.Integrity) || fmt.Sprint(goPairs) != fmt.Sprint(jsPairs) {
		differ("integrity is %q in JavaScript, %q in Go", jsPairs, goPairs)
	}
	if q.m == nil {
		return list
	}
	if !slices.Equal(pathsOf(q.m.Pinned), sorted(decoded(js.Map.Paths))) {
		differ("its keys name %q as URLs, %q in Go", decoded(js.Map.Paths), pathsOf(q.m.Pinned))
	}
	return append(list, imageDifferences(q, js.Image)...)
}

// imageDifferences compares what the preload finds with the map.
func imageDifferences(q readerCase, found []string) (list []string) {
	if found == nil { // blake3 alone
		if _, err := q.image(); err == nil {
			return []string{"the image was not read"}
		}
		return nil
	}
	want := make(map[string]string)
	for _, f := range q.m.Pinned {
		digests := strings.Fields(hasher.MetadataOf(f.Metadata.Strongest()).String())
		want[f.Path] = strings.Join(slices.Compact(sorted(digests)), " ")
	}
	for i, path := range q.probes {
		if got := strings.Join(slices.Compact(sorted(strings.Fields(found[i]))), " "); got != want[path] {
			list = append(list, fmt.Sprintf("the preload finds %q for %q, Go %q", got, path, want[path]))
		}
	}
	return list
}

// membersOf are the names of the members of a map.
func membersOf(doc *importmap.Document) []string {
	names := []string{"integrity"}
	if doc.Imports != nil {
		names = append(names, "imports")
	}
	if doc.Scopes != nil {
		names = append(names, "scopes")
	}
	for _, m := range doc.Members {
		names = append(names, m.Name)
	}
	return names
}

func pathsOf(files []Pinned) []string {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.Path
	}
	return sorted(paths)
}

// decoded gives the bytes of paths; one that is outside the root is "../".
func decoded(paths []*string) []string {
	list := make([]string, len(paths))
	for i, p := range paths {
		list[i] = "../"
		if p != nil {
			b, _ := base64.StdEncoding.DecodeString(*p)
			list[i] = string(b)
		}
	}
	return list
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}
