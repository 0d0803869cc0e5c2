// Package coverage decides which files a map pins: the modules that a program
// loads, and what the level of coverage adds to them.
//
// The levels are those of [mapfile.Coverage]. [Pin] adds, in this order,
//
//   - from "dependencies" on, the packages that the reached packages declare and
//     that are installed, and the ones that those declare;
//   - the package.json files and symbolic links that resolutions consulted;
//   - shadowing files (package shadow), until there are none: pinning one may
//     make others matter.
//
// So a map contains exactly what verify would otherwise report as unexpected.
package coverage

import (
	"context"
	"maps"
	"slices"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/program"
	"github.com/nodeint/nodeint/integrity/internal/shadow"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Options say what Pin pins.
type Options struct {
	Tree             *tree.Tree
	Project          string // the project's directory
	Program          *program.Program
	Level            mapfile.Coverage
	Browser          bool // the program is that of a web page
	Include, Exclude []string
	Files            []string // to be pinned besides: patches

	// OwnFiles returns the paths of nodeint's own files, which m must not pin.
	OwnFiles func(m *mapfile.Map) map[string]bool

	// Describe sets the names, versions and conditions of the packages of m, and its
	// optional links: they say which shadowing files there can be.
	Describe func(m *mapfile.Map) error

	Reasons *Reasons // filled in by Pin; may be nil

	Progress func(files int) // called now and then
}

// Pin returns a map with the paths of all files to pin, its packages, links,
// absent names and gaps. The values of Files are empty: nothing is hashed.
func Pin(ctx context.Context, opt Options) (*mapfile.Map, error) {
	p := &pinner{opt: opt, tree: opt.Tree, program: opt.Program, m: &mapfile.Map{
		Project: opt.Project, Coverage: opt.Level, Entries: opt.Program.Entries, Browser: opt.Browser, Include: opt.Include, Exclude: opt.Exclude,
		Conditions: opt.Program.Conditions, NodePath: opt.Program.NodePath, PackageMap: opt.Program.PackageMap,
		Files: make(map[string]string), Packages: make(map[string]mapfile.Package), Links: make(map[string]string),
		Gaps: slices.Clone(opt.Program.Gaps),
	}}
	for f := range opt.Program.Files {
		p.addFile(f)
	}
	for dir := range opt.Program.Packages {
		p.addPackage(dir)
	}
	opt.Reasons.begin(p.m, opt.Program)
	if opt.Browser { // it loads what the map names, and nothing else
		return p.m, opt.Describe(p.m)
	}
	if opt.Level == mapfile.Dependencies || opt.Level == mapfile.Tree {
		if err := p.closeDependencies(ctx); err != nil {
			return nil, err
		}
	}
	if err := p.addRecord(); err != nil {
		return nil, err
	}
	for _, f := range opt.Files {
		opt.Reasons.addPatch(f)
		p.m.Files[f] = ""
	}
	p.removeNeverPinned()
	if err := p.addShadowing(ctx); err != nil {
		return nil, err
	}
	return p.m, nil
}

// A pinner is one call of Pin.
type pinner struct {
	opt     Options
	tree    *tree.Tree
	program *program.Program
	m       *mapfile.Map
}

func (p *pinner) addFile(path string) {
	p.m.Files[path] = ""
	if dir, ok := mapfile.InstalledDir(path); ok {
		p.addPackage(dir)
	}
}

func (p *pinner) addPackage(dir string) {
	if _, known := p.m.Packages[dir]; !known {
		p.m.Packages[dir] = mapfile.Package{}
	}
}

func (p *pinner) addLink(link string) error {
	target, err := mapfile.LinkTarget(p.tree, link)
	if err != nil {
		return problem.NotChecked(link, "", "%w", err)
	}
	p.m.Links[link] = target
	return nil
}

// closeDependencies adds the installed packages that the packages declare, and
// those that these declare.
func (p *pinner) closeDependencies(ctx context.Context) error {
	record := p.program.Record
	record.RecordPackages(maps.Keys(p.m.Packages))
	done := make(map[string]bool)
	queue := record.Packages()
	for len(queue) > 0 {
		dir := queue[0]
		queue = queue[1:]
		if done[dir] {
			continue
		}
		done[dir] = true
		if err := ctx.Err(); err != nil {
			return err
		}
		names, err := p.program.Manifests.Declared(dir)
		if err != nil {
			return err
		}
		found, err := p.program.Resolver.Dependencies(dir, names)
		if err != nil {
			return problem.NotChecked("", "make this path readable", "%w", err)
		}
		for _, found := range found {
			p.opt.Reasons.addDeclared(found, dir)
			if !done[found] {
				queue = append(queue, found)
			}
		}
	}
	return nil
}

// addRecord adds what resolutions consulted.
func (p *pinner) addRecord() error {
	record := p.program.Record
	for _, dir := range record.Packages() {
		p.addPackage(dir)
	}
	for _, manifest := range record.Manifests() {
		p.opt.Reasons.addManifest(manifest)
		p.addFile(manifest)
	}
	for _, link := range record.Links() {
		if err := p.addLink(link); err != nil {
			return err
		}
	}
	for _, link := range record.Outside() {
		p.m.Gaps = append(p.m.Gaps, problem.Gap{Path: link, Reason: problem.GapOutside})
	}
	return nil
}

// addShadowing adds shadowing files until there are none. Each round must find
// new ones.
func (p *pinner) addShadowing(ctx context.Context) error {
	pinned := make(map[string]bool)
	for {
		p.m.Absent = p.missing()
		if err := p.opt.Describe(p.m); err != nil {
			return err
		}
		if err := p.addBinLinks(); err != nil {
			return err
		}
		search, err := shadow.NewSearch(p.tree, p.m, p.opt.OwnFiles(p.m))
		if err != nil {
			return problem.BadUsage("", "reading the configuration: %w", err)
		}
		files, err := search.Run(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return problem.NotChecked("", "make this path readable, or exclude it with nodeint.exclude in package.json", "%w", err)
		}
		if len(files) == 0 {
			p.m.AddDirectories(p.program.Record.Directories())
			return p.addParentModules(search)
		}
		p.opt.Progress(len(p.m.Files))
		for _, f := range files {
			if pinned[f.Path] {
				return problem.NotChecked(f.Path, "report this as a bug of nodeint", "internal error: %s is pinned, but is still reported as unexpected", f.Path)
			}
			pinned[f.Path] = true
			if err := p.addShadow(f); err != nil {
				return err
			}
		}
	}
}

func (p *pinner) addShadow(f shadow.File) error {
	p.opt.Reasons.addShadow(f)
	switch f.Kind {
	case tree.File:
		p.addFile(f.Path)
	case tree.Directory:
		p.addPackage(f.Path)
		if dir, err := p.tree.Dir(f.Path); err == nil && dir.Kind(nodejs.PackageJSON) == tree.File {
			p.addFile(tree.Join(f.Path, nodejs.PackageJSON))
		}
	case tree.Link:
		return p.addShadowLink(f)
	default:
		return problem.NotChecked(f.Path, "remove this path, or exclude it with nodeint.exclude in package.json", "cannot pin %s: it is %s", f.Path, f.Kind)
	}
	return nil
}

// addShadowLink adds a link and its target, if that is a file that Node could
// load through the link. The next round finds what is in a directory that it
// leads to.
func (p *pinner) addShadowLink(f shadow.File) error {
	place, err := p.tree.Resolve(f.Path)
	if err != nil {
		return problem.NotChecked(f.Path, "", "%w", err)
	}
	if err := p.addLink(f.Path); err != nil {
		return err
	}
	for _, link := range place.Links {
		if err := p.addLink(link); err != nil {
			return err
		}
	}
	if place.Outside {
		p.m.Gaps = append(p.m.Gaps, problem.Gap{Path: f.Path, Reason: problem.GapOutside})
	} else if place.Kind == tree.None {
		return p.recordTarget(f.Path)
	}
	p.opt.Reasons.addTarget(place.Path, f)
	if place.Kind == tree.File && (f.Reason != shadow.Covered || p.m.Coverage == mapfile.Tree || shadow.IsCode(f.Path) || shadow.IsCode(place.Path)) {
		p.addFile(place.Path)
	}
	return nil
}

// recordTarget records that the target of a link does not exist: Node would load
// what appears there later.
func (p *pinner) recordTarget(link string) error {
	target, inside, err := p.tree.Readlink(link)
	if err == nil && inside {
		err = p.program.Record.RecordMissing(target)
	}
	if err != nil {
		return problem.NotChecked(link, "", "%w", err)
	}
	return nil
}
