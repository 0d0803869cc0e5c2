// Package installs says which trees a lockfile can install, so that one map is
// right for all of them (guarantee G6).
//
// An install may leave out packages: those for development, the optional ones, and
// those of other platforms. A map gives each package that the lockfile lets an
// install leave out a condition ([mapfile.Condition]). verify then accepts such a
// package whole or not at all; see [LeftOut].
//
// A package that is not installed where the map is made may be installed elsewhere.
// If the program would load it there, its files are pinned too; see [Overlay].
//
// Some links of package managers with a store (pnpm) depend on what else is
// installed: those of development dependencies, and those that hoist a package for
// every other package of the store. The map lists them as optional.
//
// What is given up: nobody notices if an optional package, or one for development,
// is removed. Node then finds nothing, or a package of the same name further up,
// which is pinned as well.
package installs

import (
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A Plan is what a lockfile says about the packages of a tree.
type Plan struct {
	tree       *tree.Tree
	lock       *lockfile.Lock
	at         map[string][]int        // indexes of lock.Packages, by place
	named      map[string][]int        // by the name of their directory
	slugs      map[string][]int        // by the name of their zip without the digest, for Yarn 2 and later
	importers  map[string]int          // by the node_modules directory in which the package finds its dependencies
	modules    map[int]string          // the reverse of importers
	dependents map[int][]lockfile.Edge // by the package that they lead to
	pnp        bool                    // whether the tree uses Plug'n'Play
	variant    int                     // which of several places this version of pnpm uses
}

// Read reads the lockfile of a tree. The plan is nil if there is none. A lockfile
// that cannot be read or parsed is an error.
func Read(t *tree.Tree) (*Plan, error) {
	lock, err := lockfile.Load(t.Root(), lockfile.Options{})
	if errors.Is(err, lockfile.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return New(t, lock)
}

// New returns the plan for a parsed lockfile.
func New(t *tree.Tree, lock *lockfile.Lock) (*Plan, error) {
	manifests, err := readManifests(t, lock)
	if err != nil {
		return nil, err
	}
	if err := lock.Require(manifests); err != nil {
		return nil, err
	}
	p := &Plan{tree: t, lock: lock, at: make(map[string][]int), named: make(map[string][]int), slugs: make(map[string][]int), importers: make(map[string]int), modules: make(map[int]string), dependents: make(map[int][]lockfile.Edge)}
	program, err := t.Kind(pnp.Program)
	if err != nil {
		return nil, unreadable(pnp.Program, err)
	}
	p.pnp = program == tree.File
	for _, e := range lock.Edges {
		p.dependents[e.To] = append(p.dependents[e.To], e)
	}
	uses := make([]int, 4)
	for i := range lock.Packages {
		pkg := &lock.Packages[i]
		if err := p.addPlaces(i, uses); err != nil {
			return nil, err
		}
		if pkg.Kind != lockfile.Member && pkg.Kind != lockfile.Link {
			p.named[pkg.Alias] = append(p.named[pkg.Alias], i)
			p.slugs[pkg.Slug] = append(p.slugs[pkg.Slug], i)
		}
	}
	for n := range uses {
		if uses[n] > uses[p.variant] {
			p.variant = n
		}
	}
	return p, nil
}

// addPlaces adds the places of package i. uses counts the packages that are at their
// first place, their second, and so on.
func (p *Plan) addPlaces(i int, uses []int) error {
	pkg := &p.lock.Packages[i]
	for n, place := range pkg.Places {
		if place == "." {
			place = ""
		}
		p.at[place] = append(p.at[place], i)
		p.importers[importerModules(pkg, place)] = i
		kind, err := p.tree.Kind(place)
		if err != nil {
			return unreadable(place, err)
		}
		if n == 0 || kind == tree.Directory {
			p.modules[i] = importerModules(pkg, place)
		}
		if n < len(uses) && kind == tree.Directory {
			uses[n]++
		}
	}
	return nil
}

// unreadable returns the error for a path about which the system does not answer.
func unreadable(p string, err error) error {
	return problem.NotChecked(p, "make this path readable", "%w", err)
}

// readManifests reads the package.json files of the root and of the members of the
// workspace, by directory; "." is the root. Only the lockfiles of Yarn do not say
// which dependencies are for development.
func readManifests(t *tree.Tree, lock *lockfile.Lock) (map[string][]byte, error) {
	dirs := []string{"."}
	var err error
	switch lock.Manager {
	case manager.YarnClassic:
		if dirs, err = linkedDirs(t); err != nil {
			return nil, err
		}
	case manager.YarnBerry:
		for i := range lock.Packages {
			if p := &lock.Packages[i]; p.Kind == lockfile.Member {
				dirs = append(dirs, p.Places...)
			}
		}
	default:
		return nil, nil
	}
	manifests := make(map[string][]byte)
	for _, dir := range dirs {
		text, err := safefile.Read(filepath.Join(t.Root(), filepath.FromSlash(dir), nodejs.PackageJSON), nodejs.MaxPackageJSON)
		if safefile.IsAbsent(err) {
			continue // then the lockfile has packages that no manifest leads to, and all are required
		}
		if err != nil {
			return nil, problem.NotChecked(dir, "make this path readable", "reading a package.json of the project: %w", err)
		}
		manifests[dir] = text
	}
	return manifests, nil
}

// linkedDirs returns the root and the directories of the project that links in its
// node_modules lead to. Yarn 1 links every member of a workspace there, and its
// lockfile does not list them.
func linkedDirs(t *tree.Tree) ([]string, error) {
	dirs := []string{"."}
	todo := []string{nodejs.NodeModules}
	for len(todo) > 0 {
		dir := todo[0]
		todo = todo[1:]
		entries, err := t.Dir(dir)
		if err != nil {
			return nil, unreadable(dir, err)
		}
		for _, e := range entries {
			p := tree.Join(dir, e.Name)
			if e.Kind == tree.Directory && strings.HasPrefix(e.Name, "@") && dir == nodejs.NodeModules {
				todo = append(todo, p)
			}
			if e.Kind != tree.Link {
				continue
			}
			place, err := t.Resolve(p)
			if err != nil {
				return nil, unreadable(p, err)
			}
			if place.Kind == tree.Directory && !place.Outside {
				dirs = append(dirs, place.Path)
			}
		}
	}
	return dirs, nil
}

// importerModules returns the node_modules directory in which a package finds its
// own dependencies: the one beside it in a store, otherwise the one in it.
func importerModules(pkg *lockfile.Package, place string) string {
	if modules := nodejs.ModulesOf(place); pkg.Kind != lockfile.Member && isStore(modules) {
		return modules
	}
	return tree.Join(place, nodejs.NodeModules)
}

// isStore reports whether modules is the node_modules directory of one package in a
// store of pnpm, Bun or Yarn: node_modules/.pnpm/ms@2.1.3/node_modules.
func isStore(modules string) bool {
	store := tree.Parent(tree.Parent(modules))
	return lockcheck.IsStore(path.Base(store)) && path.Base(tree.Parent(store)) == nodejs.NodeModules
}

// find returns the packages of the lockfile that the package in a directory can be.
func (p *Plan) find(dir string, pkg mapfile.Package) []int {
	matches := func(i int) bool {
		l := &p.lock.Packages[i]
		return l.Version == "" || pkg.Version == "" || l.Version == pkg.Version
	}
	list := p.at[dir]
	if zip, _, ok := pnp.SplitZip(dir); ok { // SLUG-DIGEST.zip
		slug := path.Base(zip)
		list = p.slugs[slug[:max(0, strings.LastIndexByte(slug, '-'))]]
	} else if len(list) == 0 {
		list = p.named[mapfile.InstalledName(dir)]
	}
	return slices.DeleteFunc(slices.Clone(list), func(i int) bool { return !matches(i) })
}

// Locked returns the package of the lockfile that is installed in a directory. It returns
// nil if there is none, or if it can be one of several packages with different archives. p
// may be nil.
func (p *Plan) Locked(dir string, pkg mapfile.Package) *lockfile.Package {
	if p == nil {
		return nil
	}
	var found *lockfile.Package
	for _, i := range p.find(dir, pkg) {
		l := &p.lock.Packages[i]
		if found != nil && (l.Name != found.Name || l.Resolved != found.Resolved || !slices.Equal(l.Integrity, found.Integrity)) {
			return nil
		}
		found = l
	}
	return found
}

// Describe gives the packages of a map their conditions, and finds the optional
// links.
func (p *Plan) Describe(m *mapfile.Map) {
	for dir, pkg := range m.Packages {
		list := p.find(dir, pkg)
		if len(list) == 0 {
			continue
		}
		if pkg.Condition = p.condition(list); pkg.IsZero() {
			continue
		}
		if ds := p.lock.Packages[list[0]].Strongest(); len(ds) > 0 {
			pkg.Integrity = ds[0].String()
		}
		m.Packages[dir] = pkg
	}
	for link := range m.Links {
		if p.isOptionalLink(link) {
			m.AddOptionalLink(link)
		}
	}
}

// OptionalDependencies returns the names of the dependencies that an install may leave
// out although it has the workspace that declares them: devDependencies, by the directory
// of the workspace. Yarn's tables name the optional ones in every install.
func (p *Plan) OptionalDependencies() map[string][]string {
	names := make(map[string][]string)
	for i := range p.lock.Packages {
		if p.lock.Packages[i].Kind != lockfile.Member {
			continue
		}
		for _, place := range p.lock.Packages[i].Places {
			if place == "." {
				place = ""
			}
			for _, e := range p.lock.Dependencies(i) {
				if e.Kind == lockfile.Dev {
					names[place] = append(names[place], e.Name)
				}
			}
			slices.Sort(names[place])
			if names[place] = slices.Compact(names[place]); len(names[place]) == 0 {
				delete(names, place)
			}
		}
	}
	return names
}

// condition returns the condition of a package that can be any of several packages
// of the lockfile. It may be absent only if each of them may.
func (p *Plan) condition(list []int) mapfile.Condition {
	first := conditionOf(&p.lock.Packages[list[0]])
	for _, i := range list[1:] {
		c := conditionOf(&p.lock.Packages[i])
		if c.IsZero() {
			return c
		}
		if !first.Equal(c) {
			first = mapfile.Condition{Optional: true}
		}
	}
	return first
}

func conditionOf(p *lockfile.Package) mapfile.Condition {
	if p.Kind == lockfile.Member {
		return mapfile.Condition{}
	}
	return mapfile.Condition{Dev: p.Dev, Optional: p.Optional, OS: p.OS, CPU: p.CPU, Libc: p.Libc}
}

// isOptionalLink reports whether some installs do not have a link of a
// node_modules.
func (p *Plan) isOptionalLink(link string) bool {
	name := mapfile.InstalledName(link)
	if name == "" {
		return false
	}
	modules := nodejs.ModulesOf(link)
	if isHoisted(modules) {
		return true
	}
	if list := p.at[link]; len(list) > 0 { // npm lists links like packages
		return !p.condition(list).IsZero()
	}
	from, ok := p.importers[modules]
	if !ok {
		return false
	}
	for _, e := range p.lock.Dependencies(from) {
		if e.Name == name {
			return e.Kind != lockfile.Required
		}
	}
	return false
}

// isHoisted reports whether modules is the node_modules directory into which a
// package manager hoists packages for every package of its store.
func isHoisted(modules string) bool {
	store := tree.Parent(modules)
	return lockcheck.IsStore(path.Base(store)) && path.Base(tree.Parent(store)) == nodejs.NodeModules
}
