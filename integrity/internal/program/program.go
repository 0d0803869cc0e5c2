// Package program finds what a program loads: the modules that its entries
// reach, and what Node.js consults on the way to them.
//
// [Walk] walks the module graph (package graph) from the entries, and records
// what each resolution consulted (package resolution). Names that differ by case
// alone, or that contain "*", esbuild resolves differently from Node; the
// resolution record then ends at files that the graph has not read, and Walk
// goes on from them. Files of traces are walked like entries, so that everything
// that holds for a module of the graph holds for them.
package program

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/glob"
	"github.com/nodeint/nodeint/integrity/internal/graph"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/noderesolve"
	"github.com/nodeint/nodeint/integrity/internal/pnparchive"
	"github.com/nodeint/nodeint/integrity/internal/resolution"
	"github.com/nodeint/nodeint/integrity/internal/scopes"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/unpinned"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/trace"
)

// Options say which program Walk walks.
type Options struct {
	Tree       *tree.Tree
	Dir        string         // absolute directory of the project
	Entries    []string       // absolute paths
	Conditions []string       // of exports and imports, beside Node's own; those of the configuration
	Start      *project.Start // nil if it is not known
	Exclude    []string       // patterns of files that are not evidence enough: see graph.Options.Excluded
	Algorithms hasher.Set
	PnP        *pnparchive.Project
	IsMounted  func(p string) bool // whether p is a file of a package that is mounted in Tree
	IsOpaque   func(p string) bool // whether p is such a file, whose bytes are not known
	Trace      *trace.Trace        // nil without traces
	Progress   func(modules int)   // called now and then
	OwnFiles   map[string]bool     // paths of nodeint's own files, which no map pins
	Browser    bool                // the program is that of a web page
	Importers  bool                // whether the Program has all Imports
	Memo       *Memo               // for walks that begin again after packages were mounted; nil for one walk
}

// A Program is what Walk found. Paths are relative to the root.
type Program struct {
	Entries   []string                 // real paths, sorted
	Files     map[string]hasher.Result // modules and other pinned files, by path; without digests if the graph did not read them
	Packages  map[string]bool          // directories of the packages that the files belong to
	Gaps      []problem.Gap
	Imports   []graph.Import // if Options.Importers
	Record    *resolution.Record
	Resolver  *resolution.Resolver
	Manifests *Manifests

	Conditions []string // those of the options, then those of the start
	NodePath   []string // directories of NODE_PATH
	PackageMap string   // the file of --experimental-package-map, or ""

	options  Options
	asked    map[scopes.Question]struct{}
	askedPnP map[scopes.Question]struct{} // of modules for which the tables of Plug'n'Play answer
	browser  *browserWalk                 // nil for a program of Node
	traced   *traced                      // nil without traces
	notFound []problem.NotFound           // by modules
}

// Walk finds the modules that the program loads. The error is for an entry or a
// module that cannot be read, or that is outside the root.
func Walk(ctx context.Context, opt Options) (*Program, error) {
	resolver := resolution.New(opt.Tree, opt.PnP.Tables)
	w := &walker{
		opt: opt, tree: opt.Tree, pnp: opt.PnP, memo: cmp.Or(opt.Memo, new(Memo)),
		Program: &Program{
			options: opt,
			Files:   make(map[string]hasher.Result), Packages: make(map[string]bool),
			asked: make(map[scopes.Question]struct{}), askedPnP: make(map[scopes.Question]struct{}), Resolver: resolver, Record: resolver.Record(), Manifests: NewManifests(opt.Tree),
			Conditions: opt.Start.AllConditions(opt.Conditions),
		},
	}
	var err error
	if w.exclude, err = glob.New(opt.Exclude); err != nil {
		return nil, problem.BadUsage("", "reading the configuration: %w", err)
	}
	if opt.Trace != nil {
		w.traced = &traced{Trace: opt.Trace, static: make(map[string]bool)}
	}
	if err := w.addPnP(); err != nil {
		return nil, err
	}
	dir, _ := w.tree.Rel(opt.Dir)
	w.Packages[dir] = true
	w.Resolver.SetConditions(w.Conditions)
	if err := w.addStart(); err != nil {
		return nil, err
	}
	if w.mains, err = w.realEntries(); err != nil {
		return nil, err
	}
	if opt.Browser {
		return w.Program, w.walkBrowser(ctx)
	}
	if err := w.walkFrom(ctx, w.mains); err != nil {
		return nil, err
	}
	if err := w.walkTraced(ctx); err != nil {
		return nil, err
	}
	return w.Program, nil
}

// Names returns what the bare specifiers of the program mean in the map m, under the
// conditions of node's --conditions.
func (p *Program) Names(m *mapfile.Map, conditions []string) (mapfile.Names, error) {
	if p.browser != nil {
		return p.browserNames(m)
	}
	return scopes.Of(m, slices.Collect(maps.Keys(p.asked)), noderesolve.New(p.Manifests.tree, conditions))
}

// Asks returns a function that reports whether a module of the package in a directory of m
// asks for a specifier.
func (p *Program) Asks(m *mapfile.Map) func(dir, specifier string) bool {
	return scopes.Asked(m, maps.Keys(p.asked))
}

// Questions returns the specifiers that modules ask for, with the directories of the modules,
// in no order. The directories of modules for which the tables of Plug'n'Play answer may be
// virtual. It returns none for a program of a web page.
func (p *Program) Questions() iter.Seq[scopes.Question] {
	return func(yield func(scopes.Question) bool) {
		for _, asked := range []map[scopes.Question]struct{}{p.asked, p.askedPnP} {
			for q := range asked {
				if !yield(q) {
					return
				}
			}
		}
	}
}

// A walker is one call of Walk.
type walker struct {
	*Program
	opt   Options
	tree  *tree.Tree
	pnp   *pnparchive.Project
	mains []string // absolute real paths of the entries

	exclude *glob.List
	memo    *Memo
	rounds  int // calls of Memo.discover
}

// addPnP adds what Plug'n'Play needs at run time.
func (w *walker) addPnP() error {
	for p, result := range w.pnp.Files {
		w.addFile(p, result)
	}
	for _, zip := range w.pnp.Missing {
		if err := w.Record.RecordMissing(zip); err != nil {
			return problem.NotChecked(zip, "make this path readable", "%w", err)
		}
	}
	return nil
}

// walkFrom walks from entries, and then from the files that resolutions ended at
// and that the graph has not read, until there are none.
func (w *walker) walkFrom(ctx context.Context, entries []string) error {
	for len(entries) > 0 {
		found, err := w.discover(ctx, entries)
		if err != nil {
			return err
		}
		if err := w.record(ctx, found); err != nil {
			return err
		}
		entries = w.unread()
	}
	return nil
}

// unread returns the absolute paths of files that resolutions ended at and that
// the graph has not read.
func (w *walker) unread() []string {
	var files []string
	for _, f := range w.Record.Files() {
		switch {
		case w.isKnown(f):
		case w.isNeverPinned(f):
			w.addNeverPinned(f)
		default:
			files = append(files, w.tree.Abs(f))
		}
	}
	return files
}

func (w *walker) isKnown(f string) bool {
	_, ok := w.Files[f]
	return ok
}

func (w *walker) addFile(p string, result hasher.Result) {
	w.Files[p] = result
	if dir, ok := mapfile.InstalledDir(p); ok {
		w.Packages[dir] = true
	}
}

// discover walks the module graph from entries and adds its modules and gaps.
func (w *walker) discover(ctx context.Context, entries []string) (*graph.Graph, error) {
	known := len(w.Files)
	found, err := w.memo.discover(ctx, w.rounds, graph.Options{
		Root: w.tree.Root(), Dir: w.opt.Dir, Entries: entries, Mains: w.mains, Conditions: w.Conditions, NodePath: w.absolute(w.NodePath),
		Algorithms: w.opt.Algorithms, Importers: w.opt.Importers, Read: w.tree.ReadFile, IsOpaque: w.opt.IsOpaque, Known: w.isKnown, Zips: w.graphZips(),
		Excluded: func(p string) bool { return w.exclude.Match(p, false) },
		Unpinned: func(p string) bool { return w.isNeverPinned(p) || unpinned.IsCache(p) },
		Progress: func(n int) { w.opt.Progress(known + n) },
	})
	w.rounds++
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, w.readError(err)
	}
	w.Imports = append(w.Imports, found.Imports...)
	for _, m := range found.Modules {
		w.addFile(m.Path, hasher.Result{Digests: m.Digests, Size: m.Size})
		if err := w.addPackage(m.Path); err != nil {
			return nil, err
		}
	}
	for _, gap := range found.Gaps {
		w.Gaps = append(w.Gaps, problem.Gap{
			Path: gap.Path, Line: gap.Line, Column: gap.Column, Text: gap.Text, Reason: string(gap.Reason),
		})
	}
	return found, nil
}

// graphZips returns what is mounted in the tree, for esbuild's resolver: members of
// Plug'n'Play's zips, and packages that are not installed.
func (w *walker) graphZips() *graph.Zips {
	return &graph.Zips{
		Real: w.pnp.Real,
		Has:  func(p string) bool { return w.pnp.Archives.File(p) != nil || w.opt.IsMounted(p) },
	}
}

// readError returns the error for a module that could not be read. esbuild
// returns real paths, unless the system failed when it asked about a link; the
// tree reads nothing through links.
func (w *walker) readError(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		p, inside := w.tree.Rel(e.Path)
		for ; inside && p != ""; p = tree.Parent(p) {
			if kind, err := w.tree.Kind(p); err == nil && kind == tree.Link {
				return problem.NotChecked(p, "check the disk and the permissions, then run the command again",
					"reading a module: %s is a symbolic link, but the system first reported something else", p)
			}
		}
	}
	return problem.NotChecked("", "make this file readable, or remove it from the program", "%w", err)
}

// realEntries returns the absolute real paths of the entries, and records their
// keys.
func (w *walker) realEntries() ([]string, error) {
	var real []string
	for _, e := range w.opt.Entries {
		p, inside := w.tree.Rel(filepath.Clean(e))
		if !inside {
			return nil, outsideError(e, w.tree.Root(), "")
		}
		place, err := w.tree.Resolve(p)
		if err != nil {
			return nil, problem.NotChecked(e, "", "%w", err)
		}
		w.Record.RecordPlace(place)
		if place.Outside {
			return nil, outsideError(e, w.tree.Root(), place.Path)
		}
		if place.Kind != tree.File {
			return nil, problem.BadUsage("use a file that node can run", "the entry %s is %s", e, place.Kind)
		}
		if w.isNeverPinned(place.Path) {
			return nil, problem.BadUsage("use a file of the program", "the entry %s is a file that no map pins", e)
		}
		w.Entries = append(w.Entries, place.Path)
		real = append(real, w.tree.Abs(place.Path))
	}
	slices.Sort(w.Entries)
	w.Entries = slices.Compact(w.Entries)
	return real, nil
}

func outsideError(file, root, link string) error {
	by := ""
	if link != "" {
		by = fmt.Sprintf(" (linked from %s)", link)
	}
	hint := "install the linked package as a copy (npm install ./path --install-links), or run nodeint in the workspace that contains both"
	if slashed := filepath.ToSlash(file); strings.Contains(slashed, "/store/v") && strings.Contains(slashed, "/links/") {
		hint = "it is in pnpm's global virtual store: set enableGlobalVirtualStore: false in pnpm-workspace.yaml, and run pnpm install"
	}
	return problem.New(problem.Usage, problem.GapOutside, file, hint,
		"%s is outside the root %s%s, so the map cannot pin it", file, root, by)
}

// addPackage adds the package that a module belongs to. Outside node_modules
// that is the nearest parent directory whose package.json has a name. One
// without a name only says what ".js" means below it.
func (w *walker) addPackage(module string) error {
	for dir := tree.Parent(module); ; dir = tree.Parent(dir) {
		if w.Packages[dir] || path.Base(dir) == nodejs.NodeModules {
			return nil
		}
		text, err := w.Manifests.Read(dir)
		if err != nil {
			return err
		}
		if gjson.GetBytes(text, "name").Str != "" && dir != "" {
			w.Packages[dir] = true
			return nil
		}
		if dir == "" {
			return nil
		}
	}
}

// record records what each edge of the graph consulted when it was resolved.
func (w *walker) record(ctx context.Context, found *graph.Graph) error {
	onPath := map[string]bool{"": true}
	for f := range w.Files {
		for dir := tree.Parent(f); !onPath[dir]; dir = tree.Parent(dir) {
			onPath[dir] = true
		}
	}
	verdict := make(map[request]*verdicts)
	for _, e := range found.Edges {
		if err := ctx.Err(); err != nil {
			return err
		}
		dir, inside := w.tree.Rel(e.Dir)
		if !inside {
			continue
		}
		ok, err := w.Resolver.Resolve(dir, filepath.ToSlash(e.Specifier), e.Import)
		if err != nil {
			return problem.NotChecked("", "make this path readable", "%w", err)
		}
		addVerdict(verdict, e, ok)
		if w.Resolver.IsPnP(dir) {
			w.askedPnP[scopes.Question{Dir: dir, Specifier: filepath.ToSlash(e.Specifier)}] = struct{}{}
			w.traced.see(w.tree.Root(), w.pnp.Real(dir), e)
			continue // no node_modules has a say
		}
		w.asked[scopes.Question{Dir: dir, Specifier: filepath.ToSlash(e.Specifier)}] = struct{}{}
		w.traced.see(w.tree.Root(), dir, e)
		if err := w.recordElsewhere(onPath, dir, e); err != nil {
			return problem.NotChecked("", "make this path readable", "%w", err)
		}
	}
	if err := w.checkOutside(found); err != nil {
		return err
	}
	return w.addUnresolved(found, verdict)
}

// recordElsewhere records packages as missing that an edge would find nearer. It
// is for edges from a directory without modules, which createRequire can name: a
// search for shadowing files does not look there.
func (w *walker) recordElsewhere(onPath map[string]bool, dir string, e graph.Edge) error {
	name, _ := nodejs.SplitSpecifier(e.Specifier)
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "#:") {
		return nil
	}
	for ; !onPath[dir]; dir = tree.Parent(dir) {
		if path.Base(dir) == nodejs.NodeModules {
			continue
		}
		if err := w.Record.RecordMissing(tree.Join(tree.Join(dir, nodejs.NodeModules), name)); err != nil {
			return err
		}
	}
	return nil
}
