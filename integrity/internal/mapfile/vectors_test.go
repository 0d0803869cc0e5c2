package mapfile

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
)

// TestIntegrityVectors runs the cases of ../shared/vectors/integrity.json: what
// a browser does with a map, and what nodeint must do.
func TestIntegrityVectors(t *testing.T) {
	file := filepath.Join(testenv.Root(t), "..", "shared", "vectors", "integrity.json")
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) && os.Getenv("CI") != "true" {
		t.Skipf("%s is not there", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Source string
		Cases  []struct {
			Name, Request, Nodeint string
			Map                    json.RawMessage
		}
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Cases) < 33 {
		t.Fatalf("%d cases, want at least 33", len(vectors.Cases))
	}
	for _, c := range vectors.Cases {
		t.Run(c.Name, func(t *testing.T) {
			if got := outcome(c.Map, c.Request, []byte(vectors.Source)); got != c.Nodeint {
				t.Errorf("%s, want %s", got, c.Nodeint)
			}
		})
	}
}

// outcome is what nodeint makes of a request that Node would answer with source.
func outcome(text []byte, request string, source []byte) string {
	doc, err := ReadDocument("importmap.json", string(text))
	if err != nil {
		return "untrusted"
	}
	m, err := Parse("importmap.json", doc)
	if err != nil {
		return "untrusted"
	}
	// Node runs the same file whatever the query and the fragment.
	key, _, _ := strings.Cut(request, "?")
	key, _, _ = strings.Cut(key, "#")
	path, err := importmap.PathOf(key)
	if err != nil {
		return "untrusted"
	}
	i := slices.IndexFunc(m.Pinned, func(f Pinned) bool { return f.Path == path })
	if i < 0 {
		return "unlisted"
	}
	md := m.Pinned[i].Metadata
	if md.Match(hasher.Sum(md.Algorithms(), source)) {
		return "match"
	}
	return "mismatch"
}
