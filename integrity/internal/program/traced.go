package program

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/graph"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/trace"
)

// traced is what traces add to one walk. Its methods accept nil.
type traced struct {
	*trace.Trace
	static map[string]bool // requests that the graph has resolved, see requestKey
	stale  []string        // paths of traced files that no longer exist
}

// walkTraced walks from the files that the traces name.
func (w *walker) walkTraced(ctx context.Context) error {
	if w.traced == nil {
		return nil
	}
	modules, err := w.tracedModules()
	if err != nil {
		return err
	}
	if err := w.walkFrom(ctx, modules); err != nil {
		return err
	}
	for _, a := range w.traced.Asked {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !w.isKnown(a.Path) || !w.isKnown(a.To) {
			continue
		}
		if _, err := w.Resolver.Resolve(tree.Parent(a.Path), a.Specifier, a.Import); err != nil {
			return problem.NotChecked("", "make this path readable", "%w", err)
		}
	}
	return w.walkFrom(ctx, w.unread())
}

// tracedModules adds the package.json files of the traces, and returns the
// absolute paths of the modules that the walk has not read.
func (w *walker) tracedModules() ([]string, error) {
	var modules []string
	for _, f := range sortedKeys(w.traced.Files) {
		place, err := w.tree.Resolve(w.pnp.Real(f))
		if err != nil {
			return nil, problem.NotChecked(f, "make this path readable", "%w", err)
		}
		w.Record.RecordPlace(place)
		switch {
		case place.Outside: // recorded
		case place.Kind != tree.File:
			w.traced.stale = append(w.traced.stale, f)
		case w.isKnown(place.Path):
		case w.isNeverPinned(place.Path):
			w.addNeverPinned(place.Path)
		case w.traced.Files[f] == trace.Package && path.Base(place.Path) == nodejs.PackageJSON:
			w.addFile(place.Path, hasher.Result{})
			if err := w.addPackage(place.Path); err != nil {
				return nil, err
			}
		default:
			modules = append(modules, w.tree.Abs(place.Path))
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(modules))), nil
}

// see notes a request that the graph has resolved by itself.
func (t *traced) see(root, dir string, e graph.Edge) {
	if t == nil {
		return
	}
	if s, inside := trace.PortableSpecifier(root, dir, filepath.ToSlash(e.Specifier), e.Import); inside {
		t.static[requestKey(dir, s, e.Import)] = true
	}
}

// requestKey names a specifier requested from a directory, by require or by import:
// a require of a specifier does not mean that import requests it, or the
// reverse.
func requestKey(dir, specifier string, isImport bool) string {
	if !isImport {
		return dir + "\x00" + specifier
	}
	if s, err := url.PathUnescape(specifier); err == nil {
		specifier = s
	}
	return dir + "\x00import\x00" + specifier
}

func (t *traced) isStatic(a trace.Request) bool {
	return t.static[requestKey(tree.Parent(a.Path), a.Specifier, a.Import)]
}

// ExplainGaps returns gaps without those that the traces explain, and how many
// those are. A recorded request counts only if isPinned reports both of its
// files.
func (p *Program) ExplainGaps(gaps []problem.Gap, isPinned func(path string) bool) (left []problem.Gap, explained int) {
	if p.traced == nil {
		return gaps, 0
	}
	asks := slices.DeleteFunc(slices.Clone(p.traced.Asked), func(a trace.Request) bool {
		return !isPinned(a.Path) || !isPinned(a.To)
	})
	found := trace.ExplainGaps(gaps, asks, p.traced.isStatic)
	left = make([]problem.Gap, 0, len(gaps))
	for i, gap := range gaps {
		if !found[i] {
			left = append(left, gap)
		}
	}
	return left, len(found)
}

// Trace returns the traces of the program, or nil.
func (p *Program) Trace() *trace.Trace {
	if p.traced == nil {
		return nil
	}
	return p.traced.Trace
}

// TracedPowers returns the powers that the traces have, by the path of the file that used
// them.
func (p *Program) TracedPowers() map[string][]nodejs.Power {
	if p.traced == nil {
		return nil
	}
	return p.traced.Powers
}

// StaleTraced returns the paths of traced files that no longer exist.
func (p *Program) StaleTraced() []string {
	if p.traced == nil {
		return nil
	}
	return p.traced.stale
}

// TraceNotes returns one sentence for each kind of file that the traces name and
// that the map cannot contain.
func (p *Program) TraceNotes() []string {
	if p.traced == nil {
		return nil
	}
	var notes []string
	if n := len(p.traced.stale); n > 0 {
		notes = append(notes, fmt.Sprintf("traced files that no longer exist: %s; run nodeint trace again", firstFew(mapfile.KeysOf(p.traced.stale))))
	}
	if n := len(p.traced.Outside); n > 0 {
		notes = append(notes, fmt.Sprintf("traced files outside the root, which the map cannot pin: %s", firstFew(p.traced.Outside)))
	}
	return notes
}

// firstFew lists the first few names.
func firstFew(names []string) string {
	const limit = 5
	if more := len(names) - limit; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:limit], ", "), more)
	}
	return strings.Join(names, ", ")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
