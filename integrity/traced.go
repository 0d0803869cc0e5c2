package integrity

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/atomic"
	"github.com/nodeint/nodeint/integrity/graph"
	"github.com/nodeint/nodeint/integrity/lookup"
	"github.com/nodeint/nodeint/integrity/trace"
	"github.com/nodeint/nodeint/integrity/tree"
)

// What traces add to a map, see package trace. Every traced file is pinned as
// if the graph had reached it, so that all that holds of the graph (what lies
// around a file, its package, its own imports) holds of it. A gap that a trace
// explains is left out of the map's gaps.

// A traced holds the traces of one Generate. Methods of nil do nothing.
type traced struct {
	*trace.Trace
	count  int             // of traces
	static map[string]bool // questions that the graph has seen, see question
	stale  []string        // paths of files that are not there any more
}

// readTraces reads the traces that the options name, else the configuration.
func (g *generator) readTraces() error {
	files := g.opt.Traces
	if len(files) == 0 {
		for _, f := range g.project.Config.Trace {
			if f = filepath.FromSlash(f); !filepath.IsAbs(f) {
				f = filepath.Join(g.project.Dir, f)
			}
			files = append(files, f)
		}
	}
	files = slices.Compact(slices.Sorted(slices.Values(files)))
	var all []*trace.Trace
	for _, f := range files {
		t, err := ReadTrace(f)
		if err != nil {
			return err
		}
		all = append(all, t)
	}
	if len(all) > 0 {
		g.traced = &traced{Trace: trace.Merge(all...), count: len(all), static: make(map[string]bool)}
	}
	return nil
}

// ReadTrace reads the trace file at an absolute path.
func ReadTrace(file string) (*trace.Trace, error) {
	refuse := func(hint, format string, args ...any) (*trace.Trace, error) {
		return nil, &Error{Class: Usage, Code: "trace", Path: file, Hint: hint, Err: fmt.Errorf(format, args...)}
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return refuse("make it with nodeint trace, or leave it out", "there is no trace at %s", file)
	case err != nil:
		return nil, failed(file, "", "reading a trace: %w", err)
	case !info.Mode().IsRegular():
		return refuse("name the file that nodeint trace wrote", "%s is not a file, so it is no trace", file)
	case info.Size() > trace.MaxSize:
		return refuse("trace less at once: several traces are merged", "%s is larger than any trace that nodeint reads (%d MiB)", file, trace.MaxSize>>20)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, failed(file, "", "reading a trace: %w", err)
	}
	t, err := trace.Read(filepath.Base(file), data)
	if err != nil {
		return refuse("name the file that nodeint trace wrote, or make it anew", "%w", err)
	}
	return t, nil
}

// WriteTrace puts a trace at an absolute path, whole or not at all. With add, it
// goes to what the trace that lies there holds, if one does.
func WriteTrace(file string, t *trace.Trace, add bool) error {
	if _, err := os.Stat(file); add && !errors.Is(err, fs.ErrNotExist) {
		old, err := ReadTrace(file)
		if err != nil {
			return err
		}
		t = trace.Merge(old, t)
	}
	if err := atomic.Write(file, t.Format()); err != nil {
		return notWritten(file, "the trace", err)
	}
	return nil
}

// walkTraced goes on with the walk from what the traces name.
func (g *generator) walkTraced(ctx context.Context) error {
	if g.traced == nil {
		return nil
	}
	modules, err := g.tracedModules()
	if err != nil {
		return err
	}
	if err := g.walkFrom(ctx, modules); err != nil {
		return err
	}
	for _, a := range g.traced.Asked {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !g.isPinned(a.Path) || !g.isPinned(a.To) {
			continue
		}
		if _, err := g.lookup.Specifier(tree.Parent(a.Path), a.Specifier, a.Import); err != nil {
			return failed("", "make it readable", "%w", err)
		}
	}
	return g.walkFrom(ctx, g.unmet())
}

// tracedModules pins the package.json files of the traces, and gives the
// absolute paths of the modules that the walk has not met.
func (g *generator) tracedModules() ([]string, error) {
	var modules []string
	for _, f := range sortedKeys(g.traced.Files) {
		place, err := g.tree.Resolve(g.real(f))
		if err != nil {
			return nil, failed(f, "make it readable", "%w", err)
		}
		for _, l := range place.Links {
			g.lookup.Links[l] = struct{}{}
		}
		switch {
		case place.Outside:
			g.lookup.Outside[place.Path] = ""
		case place.Kind != tree.File:
			g.traced.stale = append(g.traced.stale, f)
		case g.isPinned(place.Path):
		case g.traced.Files[f] == trace.Package && path.Base(place.Path) == lookup.Manifest:
			g.pinFile(place.Path)
			if err := g.reach(place.Path); err != nil {
				return nil, err
			}
		default:
			modules = append(modules, g.tree.Abs(place.Path))
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(modules))), nil
}

// see notes a question that the graph has resolved by itself.
func (t *traced) see(root, dir string, e graph.Edge) {
	if t == nil {
		return
	}
	if s, inside := trace.PortableSpecifier(root, dir, filepath.ToSlash(e.Specifier), e.Import); inside {
		t.static[question(dir, s, e.Import)] = true
	}
}

// question names what is asked in a folder, and how: a require of the text does
// not make import ask, and the reverse.
func question(dir, specifier string, isImport bool) string {
	if !isImport {
		return dir + "\x00" + specifier
	}
	if s, err := url.PathUnescape(specifier); err == nil {
		specifier = s
	}
	return dir + "\x00import\x00" + specifier
}

func (t *traced) isStatic(a trace.Ask) bool {
	return t.static[question(tree.Parent(a.Path), a.Specifier, a.Import)]
}

// notes says what the traces name and no map can hold.
func (t *traced) notes() []string {
	if t == nil {
		return nil
	}
	var notes []string
	if n := len(t.stale); n > 0 {
		notes = append(notes, fmt.Sprintf("traced, and not there any more: %s; run nodeint trace again", some(keysOf(t.stale))))
	}
	if n := len(t.Outside); n > 0 {
		notes = append(notes, fmt.Sprintf("traced, and outside the root, where no key of the map can name it: %s", some(t.Outside)))
	}
	return notes
}

// some names the first few of a list.
func some(names []string) string {
	const most = 5
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}

// explain takes the gaps that the traces explain from the map. An ask counts
// only if what it led to is pinned.
func (g *generator) explain() *Traced {
	if g.traced == nil {
		return nil
	}
	asks := slices.DeleteFunc(slices.Clone(g.traced.Asked), func(a trace.Ask) bool {
		return !g.isPinned(a.Path) || !g.isPinned(a.To)
	})
	explained := explainedGaps(g.pins.gaps, asks, g.traced.isStatic)
	left := make([]Gap, 0, len(g.pins.gaps))
	for i, gap := range g.pins.gaps {
		if !explained[i] {
			left = append(left, gap)
		}
	}
	g.pins.gaps = left
	return &Traced{Traces: g.traced.count, Explained: len(explained), Stale: keysOf(g.traced.stale)}
}

// explainedGaps gives the indexes of the gaps that the asks explain: by the line
// of the call or, where an ask has none or require was handed on and called
// elsewhere, by the module alone. What is asked so and could as well come from a
// name that the graph has read, isStatic, explains nothing: an import statement
// has no line either.
func explainedGaps(gaps []Gap, asks []trace.Ask, isStatic func(trace.Ask) bool) map[int]bool {
	type place struct {
		path string
		line int
	}
	onLine, inModule := make(map[place][]int), make(map[string][]int)
	for i, gap := range gaps {
		if gap.Reason == GapComputed || gap.Reason == GapIndirect {
			at := place{gap.Path, gap.Line}
			onLine[at] = append(onLine[at], i)
			inModule[gap.Path] = append(inModule[gap.Path], i)
		}
	}
	explained := make(map[int]bool)
	for _, a := range asks {
		static := isStatic(a)
		found := gapsOfCall(gaps, onLine[place{a.Path, a.Line}], a, static)
		if len(found) == 0 && !static {
			found = gapsOfModule(gaps, inModule[a.Path], a)
		}
		for _, i := range found {
			explained[i] = true
		}
	}
	return explained
}

// gapsOfCall picks, from the gaps on the line of an ask, those that it explains.
// V8 and esbuild place a call a little differently, so the line decides, and the
// column only between two gaps, or where the line asks by a fixed name as well.
func gapsOfCall(gaps []Gap, onLine []int, a trace.Ask, static bool) []int {
	var found []int
	for _, i := range onLine {
		if a.Line > 0 && isImportCall(gaps[i]) == a.Import && (!static || isPlaceOf(gaps[i], a.Column)) {
			found = append(found, i)
		}
	}
	if len(found) < 2 || a.Column == 0 || slices.ContainsFunc(found, func(i int) bool { return gaps[i].Column == 0 }) {
		return found
	}
	// module.require(x) may be two gaps, of the call and of the require in it.
	if here := slices.DeleteFunc(slices.Clone(found), func(i int) bool { return !isPlaceOf(gaps[i], a.Column) }); len(here) > 0 {
		return here
	}
	distance := func(i int) int { return max(gaps[i].Column-a.Column, a.Column-gaps[i].Column) }
	return []int{slices.MinFunc(found, func(i, j int) int { return distance(i) - distance(j) })}
}

// gapsOfModule picks those that an ask explains without a line: calls of import
// if it has none, and where require was handed on.
func gapsOfModule(gaps []Gap, inModule []int, a trace.Ask) []int {
	var found []int
	for _, i := range inModule {
		if a.Import && a.Line == 0 && isImportCall(gaps[i]) || !a.Import && gaps[i].Reason == GapIndirect {
			found = append(found, i)
		}
	}
	return found
}

func isImportCall(gap Gap) bool { return strings.HasPrefix(gap.Text, "import(") }

// isPlaceOf reports whether a column lies where V8 places a gap's call: it places
// a.b(c) at b, and import(c + d) at what makes the name.
func isPlaceOf(gap Gap, column int) bool {
	callee, _, _ := strings.Cut(gap.Text, "(")
	if isImportCall(gap) {
		callee = gap.Text
	}
	return gap.Column > 0 && gap.Column <= column && column < gap.Column+len(callee)
}
