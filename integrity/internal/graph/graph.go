// Package graph finds the modules that a Node.js program names, with esbuild's parser
// and resolver. It is the only package that imports esbuild.
//
// Discover runs esbuild for all entries and stops it after the scan: nothing is
// linked. A plugin handles both callbacks (plugin.go). OnLoad reads each file once,
// hashes it and passes the bytes to esbuild. OnResolve records each specifier with
// the directory it is resolved from as an [Edge], so that package resolution can
// record what the resolution reads.
//
// esbuild is configured to resolve as Node does: the conditions "module-sync" and
// "node-addons" besides its own, "main" and no other main field, ".js", ".json" and
// ".node" in that order, and no tsconfig.json. It accepts more than Node in places:
// it tries extensions in import statements, too. That can only make the graph
// larger.
//
// Package jsscan finds specifiers that esbuild does not report: createRequire,
// workers, paths joined to __dirname, and the like. An import is appended to the
// source for each (source.go), and esbuild resolves it. A call whose specifier
// neither can determine is a gap (gaps.go).
package graph

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/filecache"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Options say where the graph starts and how specifiers are resolved.
type Options struct {
	Root       string     // absolute real path; files outside are reported and not read
	Dir        string     // absolute path of the project's directory, in which the program starts
	Entries    []string   // absolute real paths of files below Root
	Mains      []string   // the entries that Node may be started with; nil for Entries
	Conditions []string   // as node's --conditions, besides those that Node always has
	NodePath   []string   // absolute paths of the directories of NODE_PATH
	Algorithms hasher.Set // of the digests of each module

	// Read returns the bytes of the regular file at path, relative to Root. It returns an
	// error if the file is larger than limit. It must not follow a link out of Root, however
	// the tree changes.
	Read func(path string, limit int64) ([]byte, error)

	// IsOpaque reports whether Read has no bytes of the file at path, relative to Root. Its
	// Module has no digests. It may be nil.
	IsOpaque func(path string) bool

	// Known reports whether an earlier Discover has read the file at path, relative to
	// Root, and returned its edges. It may be nil.
	Known func(path string) bool

	// Unpinned reports whether a map pins the file at path, relative to Root, only if a
	// module names it: caches, version-control directories. Patterns do not stand for
	// such files. Discover reads one only if it is an entry. It may be nil.
	Unpinned func(path string) bool

	// Excluded reports whether the user excludes the file at path, relative to Root. What
	// a pattern stands for and what a module only reads as data is then left out. It may
	// be nil.
	Excluded func(path string) bool

	// Zips describes the zip files of Yarn's Plug'n'Play. It may be nil.
	Zips *Zips

	// Importers says that the graph has all importers of each edge.
	Importers bool
	// Cache keeps what Discover finds in the bytes of modules. Read must be that of the
	// cache. It may be nil.
	Cache *filecache.Cache

	// Progress is called with the number of modules read so far, from any goroutine. It
	// may be nil.
	Progress func(modules int)
}

// Zips are files inside of zip archives, which esbuild resolves to. All paths are
// relative to the root and slash-separated. A module with peer dependencies has a
// virtual path for each set of them, and its specifiers are resolved from each.
type Zips struct {
	Real func(path string) string // removes the virtual part of a path
	Has  func(path string) bool   // reports whether the real path is a file in a zip
}

// A Module is a file that the program names.
type Module struct {
	Path    string // relative to the root, slash-separated
	Digests []hasher.Digest
	Size    int64
}

// An Edge is a specifier and the directory that a module resolves it from.
type Edge struct {
	Dir       string // absolute
	Specifier string
	Import    bool // import, whose specifiers are URLs, and not require

	// By is the first of the modules that resolve it, relative to the root.
	By string
}

// An Import is an edge and one of the modules that resolve it.
type Import struct {
	From         string // the module, relative to the root
	Dir          string // as in Edge
	Specifier    string
	Import       bool
	Line, Column int // of the call, from 1; 0 if the specifier is in an import or a plain require
}

// An Unresolved is a specifier that esbuild resolves to nothing, and a place in a module.
type Unresolved struct {
	Path         string // of the module, relative to the root
	Dir          string // as in Edge
	Specifier    string
	Text         string // the specifier as a message has it: no absolute path that the scanner made
	Line, Column int    // as in problem.Gap; 0 if the module only may name the specifier

	// Handled is true for a call whose failure is handled: it is in a try statement, or has
	// a catch, or the module looks first whether the file exists.
	Handled bool

	// Asks is true for import.meta.resolve, which loads nothing.
	Asks bool
}

// A Graph is the result of Discover. All lists are sorted.
type Graph struct {
	Modules    []Module
	Edges      []Edge
	Imports    []Import // if Options.Importers
	Unresolved []Unresolved
	Gaps       []problem.Gap // with paths relative to the root
	Outside    []string      // absolute paths of files outside the root that a module names
}

// errScanned stops esbuild between the scan and the link.
var errScanned = errors.New("the scan is complete")

// Discover returns the module graph of the entries. The error for a file that cannot
// be read contains its path and the error of the system.
//
// A large graph takes several builds. esbuild keeps the syntax trees of everything it
// has read, which are many times the size of the source, so each build reads a limited
// amount and leaves the rest to the next one.
func Discover(ctx context.Context, opt Options) (*Graph, error) {
	return newDiscovery(opt).run(ctx)
}

// run builds until every module is read.
func (d *discovery) run(ctx context.Context) (*Graph, error) {
	g := &Graph{}
	for entries := d.opt.Entries; len(entries) > 0; {
		n := min(len(entries), maxEntriesPerBuild)
		d.begin(entries[:n])
		result, err := d.build(ctx)
		if err != nil {
			return nil, err
		}
		if d.opt.Cache != nil {
			d.rereadStubs(&result)
			d.keepFacts(result)
		}
		g.Gaps = append(g.Gaps, d.gaps(result)...)
		g.Unresolved = append(g.Unresolved, d.unresolved(result)...)
		for _, path := range entries[n:] {
			d.pending[path] = struct{}{}
		}
		if entries = d.unread(); len(entries) > 0 {
			result = api.BuildResult{}
			runtime.GC() // frees the syntax trees before the next build makes as many
		}
	}
	d.collect(g)
	return g, nil
}

// collect adds the modules, edges and files outside to g, and sorts g.
func (d *discovery) collect(g *Graph) {
	read := make(map[string]bool) // a file can have several virtual paths
	for _, m := range d.modules {
		if !read[m.Path] {
			read[m.Path] = true
			g.Modules = append(g.Modules, *m)
		}
	}
	for e, by := range d.edges {
		e.By = by
		g.Edges = append(g.Edges, e)
	}
	g.Imports = d.allImports()
	g.Outside = sorted(d.outside)
	slices.SortFunc(g.Modules, func(a, b Module) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortFunc(g.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Specifier, b.Specifier), compareBool(a.Import, b.Import))
	})
	slices.SortFunc(g.Unresolved, func(a, b Unresolved) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Specifier, b.Specifier))
	})
	g.Unresolved = slices.Compact(g.Unresolved) // two builds may ask for one virtual module
	g.Gaps = problem.SortGaps(g.Gaps)
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
