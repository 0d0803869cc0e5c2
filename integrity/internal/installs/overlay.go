package installs

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// OverlayOptions say which packages an Overlay adds.
type OverlayOptions struct {
	Fetch      bool                // download archives that no cache has
	Platforms  []lockfile.Platform // of the installs beside those on this platform; empty for those whose archives a cache has
	Algorithms hasher.Set          // of the digests of files
}

// An Overlay adds packages to a tree that are not installed there, and that other
// installs of the lockfile have. Their files come from the archives that the
// lockfile names.
type Overlay struct {
	plan *Plan
	opt  OverlayOptions

	cached, fetched *lockcheck.Archives // fetched is nil if nothing may be downloaded
	done            map[int]bool        // packages that were added, or have no archive
	packages        map[string]*tarball.Listing
	unknown         map[string]Unknown
}

// An Unknown is a package that another install has, and whose files are not known.
type Unknown struct {
	Dir       string // relative to the root
	Package   string // name@version
	Integrity string // of its archive; may be empty
	Foreign   bool   // whether it is for other platforms only
	Unlocked  bool   // whether the lockfile has no checksum of it because it is for some platforms only
}

// Overlay returns an overlay without packages. The error is a [*problem.Error].
func (p *Plan) Overlay(opt OverlayOptions) (*Overlay, error) {
	o := &Overlay{plan: p, opt: opt, done: make(map[int]bool), packages: make(map[string]*tarball.Listing), unknown: make(map[string]Unknown)}
	var err error
	if o.cached, err = lockcheck.OpenArchives(p.tree, p.lock, false); err != nil {
		return nil, err
	}
	if opt.Fetch {
		o.fetched, err = lockcheck.OpenArchives(p.tree, p.lock, true)
	}
	return o, err
}

// Add adds the packages that matters selects, by their directory or by a link to
// it, and reports whether there was one. A package that is not installed and that no
// condition allows to be absent is not added: it is missing.
func (o *Overlay) Add(ctx context.Context, matters func(dir string) bool) (bool, error) {
	var dirs []string
	which := make(map[string]int)
	for i := range o.plan.lock.Packages {
		dir, ok := o.plan.placeOf(i)
		if !ok || o.done[i] || conditionOf(&o.plan.lock.Packages[i]).IsZero() {
			continue
		}
		if !matters(dir) && !slices.ContainsFunc(o.plan.linksTo(i, dir), matters) {
			continue
		}
		kind, err := o.plan.tree.Kind(dir)
		if err != nil {
			return false, unreadable(dir, err)
		}
		if kind == tree.None {
			which[dir] = i
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs) // parents come before what is nested in them
	added := false
	for _, dir := range dirs {
		ok, err := o.add(ctx, which[dir], dir)
		if err != nil {
			return added, err
		}
		added = added || ok
	}
	return added, nil
}

// add adds the package i in the directory dir.
func (o *Overlay) add(ctx context.Context, i int, dir string) (bool, error) {
	o.done[i] = true
	p := &o.plan.lock.Packages[i]
	from, wanted := o.source(p)
	if from == nil {
		return false, nil
	}
	listing, err := from.List(ctx, p, tarball.Options{Algorithms: o.opt.Algorithms, Keep: mayBeParsed})
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		u := Unknown{Dir: dir, Package: p.Name + "@" + p.Version, Foreign: !p.Installs(lockfile.HostPlatform()), Unlocked: o.plan.isUnlocked(p)}
		if ds := p.Strongest(); len(ds) > 0 {
			u.Integrity = ds[0].String()
		}
		o.unknown[dir] = u
		if wanted && u.Unlocked {
			return false, unlockedError(dir, u.Package, o.opt.Platforms)
		}
		if wanted && lockcheck.IsNoArchive(err) {
			return false, problem.NotChecked(dir, "run nodeint generate --lockfile --fetch", "pinning %s for the platforms in nodeint.platforms: no cache has its archive: %w", u.Package, err)
		}
		if !lockcheck.IsNoArchive(err) {
			return false, problem.NotChecked(dir, "remove this archive from the cache, then run the command again", "reading the archive of %s: %w", u.Package, err)
		}
		return false, nil
	}
	if err := lockcheck.CheckArchive(o.plan.lock.Manager, p, listing); err != nil {
		return false, problem.NotChecked(dir, "run nodeint generate --lockfile, which compares the installed packages with the lockfile", "reading the archive of %s@%s: %w", p.Name, p.Version, err)
	}
	return true, o.mount(i, dir, listing)
}

// source returns the archives that may be used for a package; nil for none. wanted
// means that the configuration asks for the package.
func (o *Overlay) source(p *lockfile.Package) (from *lockcheck.Archives, wanted bool) {
	here := p.Installs(lockfile.HostPlatform())
	there := slices.ContainsFunc(o.opt.Platforms, p.Installs)
	bound := isBound(p)
	switch {
	case bound && !here && !there && len(o.opt.Platforms) > 0:
		return nil, false
	case o.fetched != nil && (here || there):
		return o.fetched, bound && there
	}
	return o.cached, bound && there
}

// isBound reports whether a package is for some platforms only.
func isBound(p *lockfile.Package) bool { return len(p.OS)+len(p.CPU)+len(p.Libc) > 0 }

// mayBeParsed selects the files whose bytes the graph may want. Node runs a file with an
// unknown extension as JavaScript, and so a computed name may stand for any file.
func mayBeParsed(p string) bool {
	return !strings.HasSuffix(p, ".node") && !nodejs.IsLibraryName(path.Base(p))
}

// mount lets the tree find the files of a package, and the links of pnpm to it.
func (o *Overlay) mount(i int, dir string, listing *tarball.Listing) error {
	files := make([]string, len(listing.Files))
	for i, f := range listing.Files {
		files[i] = f.Path
	}
	err := o.plan.tree.MountDir(dir, files, func(member string) ([]byte, error) {
		f := listing.File(member)
		if f == nil {
			return nil, &fs.PathError{Op: "open", Path: o.plan.tree.Abs(tree.Join(dir, member)), Err: fs.ErrNotExist}
		}
		if b, ok := f.Bytes(); ok {
			return b, nil
		}
		return nil, fmt.Errorf("reading %s in the archive of its package: its bytes are not known", tree.Join(dir, member))
	})
	if err != nil {
		return unreadable(dir, err)
	}
	o.packages[dir] = listing
	for _, link := range o.plan.linksTo(i, dir) {
		kind, err := o.plan.tree.Kind(link)
		if err != nil {
			return unreadable(link, err)
		}
		if kind != tree.None {
			continue
		}
		if err := o.plan.tree.MountLink(link, dir); err != nil {
			return unreadable(link, err)
		}
	}
	return nil
}

// Has reports whether p is a file of an added package.
func (o *Overlay) Has(p string) bool { return o.file(p) != nil }

// IsOpaque reports whether p is a file of an added package whose digests are known, and
// not its bytes: machine code, or a file that is too large.
func (o *Overlay) IsOpaque(p string) bool {
	f := o.file(p)
	if f == nil {
		return false
	}
	_, ok := f.Bytes()
	return !ok
}

// Digests returns the digests of a file of an added package, and its size. There
// are two sets if package managers change the first line of the file. ok is false
// for other files.
func (o *Overlay) Digests(p string) (digests []hasher.Digest, size int64, ok bool) {
	f := o.file(p)
	if f == nil {
		return nil, 0, false
	}
	return slices.Concat(f.Digests, f.Unix), f.Size, true
}

func (o *Overlay) file(p string) *tarball.File {
	if o == nil || len(o.packages) == 0 {
		return nil
	}
	for dir := tree.Parent(p); dir != ""; dir = tree.Parent(dir) {
		if l := o.packages[dir]; l != nil {
			return l.File(p[len(dir)+1:])
		}
	}
	return nil
}

// Unknown returns the packages that other installs have and whose files are not
// known, sorted by directory.
func (o *Overlay) Unknown() []Unknown {
	var list []Unknown
	for _, u := range o.unknown {
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b Unknown) int { return strings.Compare(a.Dir, b.Dir) })
	return list
}

// placeOf returns the directory in which an install has package i. ok is false if
// the lockfile does not tell.
func (p *Plan) placeOf(i int) (string, bool) {
	pkg := &p.lock.Packages[i]
	if pkg.Kind != lockfile.Registry && pkg.Kind != lockfile.Tarball || pkg.Bundled || pkg.Config || pkg.Outside {
		return "", false
	}
	switch p.lock.Manager {
	case manager.YarnBerry:
		if p.pnp { // the tables list all packages; those of one platform are not in a zip
			return slices.Concat(pkg.Places, []string{""})[0], len(pkg.Places) > 0 && isBound(pkg)
		}
	case manager.NPM, manager.PNPM:
		if len(pkg.Places) == 0 {
			return "", false
		}
		return pkg.Places[min(p.variant, len(pkg.Places)-1)], true
	case manager.Bun:
		if len(pkg.Places) > 0 {
			return pkg.Places[0], true
		}
	}
	// Without places, a package that is there in one version only is hoisted to the root.
	if len(p.named[pkg.Alias]) != 1 {
		return "", false
	}
	return tree.Join(nodejs.NodeModules, pkg.Alias), true
}

// linksTo returns the links of pnpm that lead to package i in the directory dir: the
// one that hoists it, and those of the packages that depend on it.
func (p *Plan) linksTo(i int, dir string) []string {
	modules := nodejs.ModulesOf(dir)
	if p.lock.Manager != manager.PNPM || !isStore(modules) {
		return nil
	}
	store := tree.Parent(tree.Parent(modules))
	links := []string{tree.Join(store, nodejs.NodeModules+"/"+mapfile.InstalledName(dir))}
	for _, e := range p.dependents[i] {
		if importer, ok := p.modules[e.From]; ok && e.Name != "" {
			links = append(links, tree.Join(importer, e.Name))
		}
	}
	slices.Sort(links)
	return slices.Compact(links)
}
