package sbom

import (
	"crypto/sha1" // SPDX 2.3 requires it; the files are compared by other digests
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// maxFile is the size limit of a file whose SHA-1 is computed, in bytes. Programs of real
// packages have up to 200 MB.
const maxFile = 2 << 30

// digests returns the digests of a pinned file. Metadata may have several of one algorithm,
// of which the file has one: then the file is read.
func (b *builder) digests(f *mapfile.Pinned) ([]hasher.Digest, error) {
	set := f.Metadata.Algorithms()
	list := slices.DeleteFunc(f.Metadata.Digests(), func(d hasher.Digest) bool { return !set.Has(d.Algorithm()) })
	if len(list) == set.Len() {
		return list, nil
	}
	data, err := b.read(f)
	return hasher.Sum(set, data), err
}

// sha1 returns the SHA-1 of a pinned file, if the file is what is pinned.
func (b *builder) sha1(f *mapfile.Pinned) ([]byte, error) {
	data, err := b.read(f)
	sum := sha1.Sum(data)
	return sum[:], err
}

// read returns the bytes of a pinned file, if they are what is pinned.
func (b *builder) read(f *mapfile.Pinned) ([]byte, error) {
	data, err := b.tree.ReadFile(f.Path, maxFile)
	if err != nil {
		return nil, problem.NotChecked(f.Path, "make this file readable", "hashing: %w", err)
	}
	if !f.Metadata.Match(hasher.Sum(f.Metadata.Algorithms(), data)) {
		return nil, problem.NotChecked(f.Path, "run nodeint verify", "hashing: %s was changed since it was compared with the map", f.Path)
	}
	return data, nil
}

// addUnreached makes a component of each installed package without pinned files.
func (b *builder) addUnreached() error {
	known := make(map[string]bool)
	for _, c := range b.unreached { // those of traces
		known[c.Dirs[0]] = true
	}
	add := func(dir string) {
		if b.places[dir] == nil && !known[dir] {
			known[dir] = true
			b.unreached = append(b.unreached, &Component{Dirs: []string{dir}})
		}
	}
	if b.pnp.Tables != nil {
		for _, dir := range b.pnp.Tables.Places() {
			if kind, err := b.tree.Kind(dir); err == nil && kind == tree.Directory && !strings.HasPrefix(dir, "..") {
				add(dir)
			}
		}
	}
	roots := []string{""}
	for dir := range b.places {
		if mapfile.IsOwn(dir) && dir != "" {
			roots = append(roots, dir) // a member of the workspace
		}
	}
	slices.Sort(roots)
	for _, dir := range roots {
		if err := b.findInstalled(tree.Join(dir, nodejs.NodeModules), add); err != nil {
			return err
		}
	}
	slices.SortFunc(b.unreached, func(x, y *Component) int { return strings.Compare(x.Dirs[0], y.Dirs[0]) })
	return nil
}

// markLoaded makes components of packages that a trace has and the map does not pin.
func (b *builder) markLoaded(dirs map[string]bool) {
	for dir := range dirs {
		at := slices.IndexFunc(b.unreached, func(c *Component) bool { return c.Dirs[0] == dir })
		if at < 0 {
			b.unreached = append(b.unreached, &Component{Dirs: []string{dir}, Loaded: true, Reach: Traced})
		}
	}
}

// findInstalled calls add for each package below a node_modules directory, if there is one.
// A directory is a package if it has a package.json.
func (b *builder) findInstalled(modules string, add func(dir string)) error {
	if kind, err := b.tree.Kind(modules); err != nil || kind != tree.Directory {
		return unreadable(modules, err)
	}
	entries, err := b.tree.Dir(modules)
	if err != nil {
		return unreadable(modules, err)
	}
	for _, e := range entries {
		dir := tree.Join(modules, e.Name)
		switch {
		case e.Kind != tree.Directory:
		case lockcheck.IsStore(e.Name):
			err = b.findInStore(dir, add)
		case strings.HasPrefix(e.Name, "@"):
			err = b.findScoped(dir, add)
		case !strings.HasPrefix(e.Name, "."):
			err = b.findPackage(dir, add)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// findInStore calls add for each package of a store of pnpm, Bun or Yarn.
func (b *builder) findInStore(store string, add func(dir string)) error {
	entries, err := b.tree.Dir(store)
	if err != nil {
		return unreadable(store, err)
	}
	for _, e := range entries {
		if e.Kind == tree.Directory && e.Name != nodejs.NodeModules {
			dir := tree.Join(store, e.Name)
			if err := b.findInstalled(tree.Join(dir, nodejs.NodeModules), add); err != nil {
				return err
			}
			if kind, _ := b.tree.Kind(tree.Join(dir, "package/"+nodejs.PackageJSON)); kind == tree.File {
				add(tree.Join(dir, "package")) // Yarn's linker pnpm
			}
		}
	}
	return nil
}

func (b *builder) findScoped(scope string, add func(dir string)) error {
	entries, err := b.tree.Dir(scope)
	if err != nil {
		return unreadable(scope, err)
	}
	for _, e := range entries {
		if e.Kind == tree.Directory {
			if err := b.findPackage(tree.Join(scope, e.Name), add); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *builder) findPackage(dir string, add func(dir string)) error {
	kind, err := b.tree.Kind(tree.Join(dir, nodejs.PackageJSON))
	if err != nil {
		return unreadable(dir, err)
	}
	if kind == tree.File {
		add(dir)
	}
	return b.findInstalled(tree.Join(dir, nodejs.NodeModules), add)
}

func unreadable(p string, err error) error {
	if err == nil {
		return nil
	}
	return problem.NotChecked(p, "make this path readable", "listing the installed packages: %w", err)
}

// describe sets the name, version, license and archive of each component.
func (b *builder) describe() error {
	for _, c := range sortedValues(b.places) {
		if err := b.describeOne(c); err != nil {
			return err
		}
	}
	for _, c := range b.unreached {
		if err := b.describeOne(c); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) describeOne(c *Component) error {
	dir := c.Dirs[0]
	manifest, err := b.manifest(dir)
	if err != nil {
		return err
	}
	c.License = licenseOf(manifest)
	pkg, known := b.m.Packages[dir]
	if !known {
		pkg.Name, pkg.Version = nameOf(manifest)
	}
	c.Name, c.Version = clean(pkg.Name, maxText), clean(pkg.Version, maxText)
	if c.Name == "" {
		c.Name = mapfile.InstalledName(dir)
	}
	var source []qualifier
	locked := b.plan.Locked(dir, pkg)
	switch {
	case locked != nil:
		if !locked.Bundled { // the lockfile has no archive with its files
			source, c.Archive = sourceOf(locked)
		}
		if locked.Name != "" && locked.Kind != lockfile.Member {
			c.Name = locked.Name
		}
		if locked.Version != "" && locked.Kind != lockfile.Member {
			c.Version = locked.Version
		}
		for _, d := range locked.Integrity {
			if locked.Bundled {
				break
			}
			if locked.Slug != "" {
				c.Checksum = d.String()
			} else {
				c.Integrity = append(c.Integrity, d.String())
			}
		}
	case pkg.Integrity != "" && b.m.PnP == nil:
		c.Integrity = []string{pkg.Integrity}
	}
	c.URL = purlOf(c.Name, c.Version, source)
	if c.Name == "" && c.isRoot {
		c.Name = "program" // a name is required, and that of the directory is one of this machine
	}
	return nil
}

// manifest returns the text of the package.json in a directory, or nil if there is none.
func (b *builder) manifest(dir string) ([]byte, error) {
	p := tree.Join(dir, nodejs.PackageJSON)
	place, err := b.tree.Resolve(p)
	if err != nil || place.Kind != tree.File || place.Outside {
		return nil, unreadable(p, err)
	}
	text, err := b.tree.ReadFile(place.Path, nodejs.MaxPackageJSON)
	return text, unreadable(p, err)
}

// addOthers lists the files of each package that are not pinned: the verification code of
// SPDX 2.3 does not cover them.
func (b *builder) addOthers() error {
	if !b.opt.SHA1 {
		return nil
	}
	for _, c := range sortedValues(b.places) {
		if c.isRoot {
			continue // a project has files that are no part of the program
		}
		pinned := make(map[string]bool)
		for _, f := range c.Files {
			pinned[tree.Join(c.Dirs[0], f.Path)] = true
		}
		if err := b.listOthers(c, c.Dirs[0], pinned); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) listOthers(c *Component, dir string, pinned map[string]bool) error {
	entries, err := b.tree.Dir(dir)
	if err != nil {
		return unreadable(dir, err)
	}
	for _, e := range entries {
		p := tree.Join(dir, e.Name)
		switch {
		case e.Kind == tree.File && !pinned[p]:
			c.Others = append(c.Others, p)
		case e.Kind == tree.Directory && e.Name != nodejs.NodeModules && b.places[p] == nil && !strings.HasPrefix(path.Base(p), ".git"):
			if err := b.listOthers(c, p, pinned); err != nil {
				return err
			}
		}
	}
	return nil
}
