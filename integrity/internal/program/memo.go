package program

import (
	"context"
	"slices"
	"sync"

	"github.com/nodeint/nodeint/integrity/internal/graph"
)

// A Memo keeps the module graphs of a walk for the next walk of the same program, to whose
// tree packages were added. It must not be used for another program.
//
// esbuild resolves names on the disk and does not find the packages that were added: the
// resolution record does, and Walk then goes on from their files. So the graph of the
// modules on the disk is the same in each walk, and parsing them is most of its time.
type Memo struct{ graphs []memoized }

// A memoized is the result of one call of graph.Discover.
type memoized struct {
	entries []string
	found   *graph.Graph
	absent  []string // files that were looked for among those of added packages
}

// discover is graph.Discover, or what it returned in the walk before this one. n counts the
// calls in this walk. A graph is used again if the calls before it had the same entries as in
// that walk, so that the same modules are known, and if no added package has a file that
// was looked for.
func (m *Memo) discover(ctx context.Context, n int, opt graph.Options) (*graph.Graph, error) {
	if n < len(m.graphs) {
		if kept := m.graphs[n]; slices.Equal(kept.entries, opt.Entries) && !slices.ContainsFunc(kept.absent, opt.Zips.Has) {
			return kept.found, nil
		}
		m.graphs = m.graphs[:n]
	}
	kept := memoized{entries: opt.Entries}
	has := opt.Zips.Has
	var mu sync.Mutex
	opt.Zips = &graph.Zips{Real: opt.Zips.Real, Has: func(p string) bool {
		if has(p) {
			return true
		}
		mu.Lock()
		defer mu.Unlock()
		kept.absent = append(kept.absent, p)
		return false
	}}
	var err error
	if kept.found, err = graph.Discover(ctx, opt); err == nil {
		m.graphs = append(m.graphs, kept)
	}
	return kept.found, err
}
