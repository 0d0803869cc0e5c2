// Package graph finds the modules that a Node.js program names, with esbuild's
// parser and resolver. It is the only package that imports esbuild.
//
// One build is started for all entries and stopped before it would link
// anything: what is wanted is the scan. A plugin stands at both of its doors.
// At OnLoad each file is read once, hashed, and handed over (plugin.go); at
// OnResolve each question that a module asks is noted as an [Edge], so that
// others can tell what its resolution passed on the way.
//
// esbuild is told to resolve as Node does: the conditions "module-sync" and
// "node-addons" beside those it knows, "main" and no other main field, ".js",
// ".json" and ".node" in that order, and no tsconfig.json. It is looser than
// Node in places (it probes extensions in import statements too), which makes
// the graph larger and never smaller.
//
// What esbuild's parser does not report, a scanner of our own adds (scan.go):
// createRequire, workers, paths joined to __dirname, and the like. A place that
// asks for a module that neither can name is a [Gap].
package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/nodeint/nodeint/hasher"
)

// Options say where the graph starts and how it is resolved.
type Options struct {
	Root       string     // absolute real path; what lies outside is reported, not read
	Dir        string     // absolute folder that the program is started in: the project's
	Entries    []string   // absolute real paths of files below Root
	Mains      []string   // those that Node may be started with; nil for Entries
	Conditions []string   // as node's --conditions, beside those that Node always has
	Algorithms hasher.Set // the digests wanted of each module

	// Read returns the bytes of a regular file, by its path relative to Root, if there
	// are at most so many; no link may lead it elsewhere, however the tree changes.
	Read func(path string, most int64) ([]byte, error)

	// Known reports, for a path relative to Root, that an earlier walk has read
	// that file and what it asks for. nil knows nothing.
	Known func(path string) bool

	// Zips, if not nil, says what Yarn's Plug'n'Play makes of paths.
	Zips *Zips

	// Progress, if not nil, is called with the number of modules read so far,
	// from any goroutine.
	Progress func(modules int)
}

// Zips are files that lie in archives and that esbuild resolves to. All paths are
// relative to the root, slash-separated. A module with peer dependencies has a
// virtual path for each set of them, and asks at each of those.
type Zips struct {
	Real func(path string) string // without what is virtual
	Has  func(path string) bool   // a real path, of a file in a zip
}

// A Module is a file that the program names.
type Module struct {
	Path    string // relative to the root, slash-separated
	Digests []hasher.Digest
	Size    int64
}

// An Edge is a question that a module asked of the resolver.
type Edge struct {
	Dir       string // absolute folder of the module that asks
	Specifier string
	Import    bool // asked by import, whose specifiers are URLs, and not by require
}

// A Gap is a place that asks for a module that cannot be named before the
// program runs. Line counts from 1, Column counts bytes from 1.
type Gap struct {
	Path         string // relative to the root
	Line, Column int
	Text         string // the call, cut short; for Syntax, what is wrong
	Reason       Reason
}

// A Reason says why something could not be seen.
type Reason string

// The reasons of gaps.
const (
	Computed Reason = "computed-specifier"
	Indirect Reason = "indirect-require"
	Syntax   Reason = "syntax"
)

// A Graph is what Discover found, sorted by path.
type Graph struct {
	Modules []Module
	Edges   []Edge
	Gaps    []Gap
	Outside []string // absolute paths of files outside the root that a module names
}

// errScanned stops esbuild between the scan and the link.
var errScanned = errors.New("the scan is all that is wanted")

// Discover walks the module graph from the entries. The error of a file that
// cannot be read names the file and wraps the system's.
//
// A large graph takes several builds: esbuild keeps the syntax trees of all that
// it has read, many times the size of the source, so each build reads a share and
// leaves the rest to the next one.
func Discover(ctx context.Context, opt Options) (*Graph, error) {
	w := newWalk(opt)
	g := &Graph{}
	for entries := opt.Entries; len(entries) > 0; {
		n := min(len(entries), mostEntries)
		w.begin(entries[:n])
		result, err := w.build(ctx)
		if err != nil {
			return nil, err
		}
		g.Gaps = append(g.Gaps, w.gaps(result)...)
		for _, path := range entries[n:] {
			w.later[path] = struct{}{}
		}
		if entries = w.unread(); len(entries) > 0 {
			result = api.BuildResult{}
			runtime.GC() // the syntax trees, before as many again are made
		}
	}
	w.fill(g)
	return g, nil
}

// build runs esbuild once.
func (w *walk) build(ctx context.Context) (api.BuildResult, error) {
	done := make(chan api.BuildResult, 1)
	go func() { done <- api.Build(w.buildOptions()) }()
	select {
	case <-ctx.Done():
		w.stop(ctx.Err()) // the scan ends by itself soon: nothing more is read
		return api.BuildResult{}, ctx.Err()
	case result := <-done:
		if err := ctx.Err(); err != nil {
			return api.BuildResult{}, err // both were ready
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		return result, w.err
	}
}

func (w *walk) buildOptions() api.BuildOptions {
	entries := make([]api.EntryPoint, len(w.entries))
	for i := range entries {
		// A name of our own, since esbuild would read "*" in a path as a pattern.
		entries[i] = api.EntryPoint{InputPath: fmt.Sprintf("%s%d", entryPrefix, i), OutputPath: fmt.Sprint(i)}
	}
	return api.BuildOptions{
		AbsWorkingDir:       w.opt.Root,
		AbsPaths:            api.LogAbsPath,
		EntryPointsAdvanced: entries,
		Bundle:              true,
		Write:               false,
		Outdir:              filepath.Join(w.opt.Root, "nodeint-writes-nothing-here"),
		Platform:            api.PlatformNode,
		Format:              api.FormatESModule,
		TreeShaking:         api.TreeShakingFalse,
		Conditions:          append([]string{"module-sync", "node-addons"}, w.opt.Conditions...),
		MainFields:          []string{"main"},
		ResolveExtensions:   []string{".js", ".json", ".node"},
		TsconfigRaw:         `{"compilerOptions":{"verbatimModuleSyntax":true}}`,
		Define:              map[string]string{"require.resolve": "require", "import.meta.resolve": "require"},
		LogLevel:            api.LogLevelSilent,
		LogOverride: map[string]api.LogLevel{
			"unsupported-require-call":   api.LogLevelWarning,
			"unsupported-dynamic-import": api.LogLevelWarning,
			"indirect-require":           api.LogLevelWarning,
			"empty-glob":                 api.LogLevelWarning,
		},
		Plugins: []api.Plugin{{Name: "nodeint", Setup: w.setup}},
	}
}

// mostEntries is how many modules one build starts from: each costs something
// even if there is no share left for it.
const mostEntries = 1000

// share is how many bytes of source one build reads.
const share = 16 << 20

// A walk is one run of Discover. esbuild calls its methods from many goroutines.
type walk struct {
	opt     Options
	prefix  string // Root with a separator at the end
	reading chan struct{}
	guard   *guard
	entries []string // of this build

	mu      sync.Mutex
	err     error
	left    int64               // of this build's share
	later   map[string]struct{} // absolute paths that are left to the next build
	modules map[string]*Module  // by absolute path
	texts   map[string]*text    // of this build, by absolute path, for those that have something to remember
	edges   map[Edge]struct{}
	outside map[string]struct{}
}

// A text is what the scanner learnt about a module and gaps needs again.
type text struct {
	gaps      []Gap
	explained map[position]bool
}

type position struct{ line, column int }

func newWalk(opt Options) *walk {
	return &walk{
		opt:     opt,
		prefix:  strings.TrimSuffix(opt.Root, string(filepath.Separator)) + string(filepath.Separator),
		reading: make(chan struct{}, max(8, 2*runtime.GOMAXPROCS(0))),
		guard:   newGuard(),
		modules: make(map[string]*Module),
		edges:   make(map[Edge]struct{}),
		outside: make(map[string]struct{}),
	}
}

// begin makes ready for a build from entries.
func (w *walk) begin(entries []string) {
	w.entries, w.left = entries, share
	w.later, w.texts = make(map[string]struct{}), make(map[string]*text)
}

// unread gives what is left to the next build.
func (w *walk) unread() []string {
	for path := range w.modules {
		delete(w.later, path)
	}
	return sorted(w.later)
}

// stop keeps the first error; after it nothing is read any more.
func (w *walk) stop(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

// takes reports whether this build is to read a file: not if an earlier one has,
// and not if its share is used up, which leaves the file to the next.
func (w *walk) takes(path, rel string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil || w.modules[path] != nil || w.opt.Known != nil && w.opt.Known(rel) {
		return false
	}
	if w.left <= 0 {
		w.later[path] = struct{}{}
		return false
	}
	return true
}

// rel returns path relative to the root, slash-separated.
func (w *walk) rel(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, w.prefix)
	return filepath.ToSlash(rest), ok
}

// real returns the path relative to the root that a file has on disk or in a zip.
func (w *walk) real(path string) (string, bool) {
	rel, ok := w.rel(path)
	if ok && w.opt.Zips != nil {
		rel = w.opt.Zips.Real(rel)
	}
	return rel, ok
}

// fill puts what the scans left into g.
func (w *walk) fill(g *Graph) {
	read := make(map[string]bool) // a file may have been met under several virtual paths
	for _, m := range w.modules {
		if !read[m.Path] {
			read[m.Path] = true
			g.Modules = append(g.Modules, *m)
		}
	}
	for e := range w.edges {
		g.Edges = append(g.Edges, e)
	}
	g.Outside = sorted(w.outside)
	slices.SortFunc(g.Modules, func(a, b Module) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortFunc(g.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Specifier, b.Specifier), compareBool(a.Import, b.Import))
	})
	slices.SortFunc(g.Gaps, compareGaps)
}

func sorted(set map[string]struct{}) []string { return slices.Sorted(maps.Keys(set)) }

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
