package lockcheck

import (
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// An install is an installed package of the lockfile.
type install struct {
	pkg   *lockfile.Package
	dir   string
	zip   string // the zip file that contains dir; "" if dir is a directory on disk
	files []file
	set   map[string]bool // of files, see has
	listed
	weakest Class // the weakest class of its files; "" while all are anchored
}

// at returns "name@version" of the package.
func (in *install) at() string { return nameOf(in.pkg) + "@" + in.pkg.Version }

// file returns the file at rel, or the zero value if there is none.
func (in *install) file(rel string) file {
	i := slices.IndexFunc(in.files, func(f file) bool { return f.rel == rel })
	if i < 0 {
		return file{}
	}
	return in.files[i]
}

func nameOf(p *lockfile.Package) string {
	if p.Name == "" {
		return p.Alias
	}
	return p.Name
}

// findInModules finds the installed packages in the node_modules directories.
func (c *checker) findInModules() error {
	w := &walk{
		checker: c, at: make(map[string]*lockfile.Package), named: make(map[string][]*lockfile.Package),
		stored: make(map[string][]*lockfile.Package), seen: make(map[string]bool),
	}
	dirs := []string{nodejs.NodeModules}
	for i := range c.in.Lock.Packages {
		p := &c.in.Lock.Packages[i]
		for _, place := range p.Places {
			if p.Kind == lockfile.Member {
				dirs = append(dirs, tree.Join(strings.TrimPrefix(place, "."), nodejs.NodeModules))
				continue
			}
			w.at[place] = p
			if dir := nodejs.ModulesOf(place); dir != "" {
				dirs = append(dirs, dir)
			}
		}
		if len(p.Places) == 0 || mayBeHoisted[c.in.Lock.Manager] {
			for _, name := range append([]string{p.Alias}, p.Aliases...) {
				w.named[name] = append(w.named[name], p)
			}
		}
		if !p.Bundled {
			w.stored[nameOf(p)] = append(w.stored[nameOf(p)], p)
		}
	}
	for _, dir := range dirs {
		if err := w.modules(dir); err != nil {
			return err
		}
	}
	if err := w.linkedMembers(); err != nil {
		return err
	}
	c.sortInstalls()
	if err := w.checkLayout(); err != nil {
		return err
	}
	w.reportMissing()
	return nil
}

// linkedMembers visits the node_modules of the members of the workspace that links point
// to. The lockfile of yarn 1 does not list members.
func (w *walk) linkedMembers() error {
	for i := 0; i < len(w.links) && w.in.IsMember != nil; i++ { // a visit may find more links
		place, err := w.in.Tree.Resolve(w.links[i])
		if err != nil {
			return err
		}
		if place.Outside || place.Kind != tree.Directory || isInModules(place.Path) {
			continue
		}
		if isMember, err := w.in.IsMember(place.Path); err != nil {
			return err
		} else if isMember {
			if err := w.modules(tree.Join(place.Path, nodejs.NodeModules)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) sortInstalls() {
	slices.SortFunc(c.installs, func(a, b *install) int { return strings.Compare(a.dir, b.dir) })
}

// A walk visits the node_modules directories.
type walk struct {
	*checker
	at    map[string]*lockfile.Package   // by place
	named map[string][]*lockfile.Package // packages without a fixed place, by directory name
	seen  map[string]bool                // node_modules directories and packages

	// stored are the packages that may be in a store, by their own name: aliases are
	// links there.
	stored map[string][]*lockfile.Package
}

// mayBeHoisted are the package managers that also have a layout whose places are not
// in the lockfile.
var mayBeHoisted = map[manager.Manager]bool{manager.Bun: true, manager.YarnBerry: true, manager.PNPM: true}

// modules visits one node_modules directory.
func (w *walk) modules(dir string) error {
	if w.seen[dir] {
		return nil
	}
	w.seen[dir] = true
	switch kind, err := w.in.Tree.Kind(dir); {
	case err != nil:
		return err
	case kind == tree.Link:
		w.find(problem.Finding{Code: problem.AnchorUnlocked, Path: dir, Detail: "it is a symbolic link, and what is behind it is not compared"})
		return nil
	}
	entries, err := w.in.Tree.Dir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		p := tree.Join(dir, e.Name)
		switch {
		case e.Kind == tree.Link:
			w.links = append(w.links, p)
		case strings.HasPrefix(e.Name, "."):
			err = w.dotEntry(p, e)
		case e.Kind == tree.Directory && strings.HasPrefix(e.Name, "@"):
			err = w.scope(p)
		default:
			err = w.packageAt(p, e.Kind)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) scope(dir string) error {
	entries, err := w.in.Tree.Dir(dir)
	for _, e := range entries {
		switch p := tree.Join(dir, e.Name); {
		case err != nil:
		case e.Kind == tree.Link:
			w.links = append(w.links, p)
		default:
			err = w.packageAt(p, e.Kind)
		}
	}
	return err
}

// packageAt visits an entry that should be the directory of a package.
func (w *walk) packageAt(dir string, kind tree.Kind) error {
	if w.seen[dir] {
		return nil
	}
	w.seen[dir] = true
	if kind != tree.Directory {
		return w.addUnlisted(dir, kind)
	}
	p := w.at[dir]
	if p == nil {
		p = w.match(dir, w.named[aliasAt(dir)])
	}
	return w.addPackage(dir, p)
}

// addPackage records the package of the lockfile, or nil, in the directory dir.
func (w *walk) addPackage(dir string, p *lockfile.Package) error {
	switch {
	case p == nil:
		if err := w.addUnlisted(dir, tree.Directory); err != nil {
			return err
		}
	case p.Kind == lockfile.Member:
	case p.Bundled:
		w.bundled = append(w.bundled, &install{pkg: p, dir: dir})
	default:
		w.installs = append(w.installs, &install{pkg: p, dir: dir})
	}
	return w.modules(tree.Join(dir, nodejs.NodeModules))
}

// aliasAt returns the name under which the package in dir is installed.
func aliasAt(dir string) string {
	return dir[strings.LastIndex(dir, nodejs.NodeModules+"/")+len(nodejs.NodeModules+"/"):]
}

// match finds the package of the lockfile for a directory among the candidates, by the
// name and version in its package.json. Several packages match if one version comes from
// two sources. It then returns the first one, because the bytes are compared anyway.
func (w *walk) match(dir string, candidates []*lockfile.Package) *lockfile.Package {
	if len(candidates) == 0 {
		return nil
	}
	name, version := w.nameAndVersion(dir)
	i := slices.IndexFunc(candidates, func(p *lockfile.Package) bool {
		return nameOf(p) == name && (p.Version == version || p.Version == "")
	})
	if i < 0 {
		return nil
	}
	return candidates[i]
}

// nameAndVersion returns what package.json in dir has; "" if it cannot be read: the
// directory is then reported as unlisted.
func (w *walk) nameAndVersion(dir string) (name, version string) {
	const limit = 4 << 20
	text, err := w.in.Tree.ReadFile(tree.Join(dir, nodejs.PackageJSON), limit)
	if err != nil {
		return "", ""
	}
	return gjson.GetBytes(text, "name").Str, gjson.GetBytes(text, "version").Str
}

// reportMissing reports the packages with a place in npm's lockfile that are not
// installed. Other lockfiles do not record which packages are optional.
func (w *walk) reportMissing() {
	if w.in.Lock.Manager != manager.NPM {
		return
	}
	installed := make(map[string]bool) // in a store, whatever the place
	for _, in := range w.installs {
		installed[in.at()] = true
	}
	for i := range w.in.Lock.Packages {
		p := &w.in.Lock.Packages[i]
		if p.Kind == lockfile.Member || p.Kind == lockfile.Link || p.Bundled || p.Optional || p.Dev || len(p.OS)+len(p.CPU)+len(p.Libc) > 0 {
			continue
		}
		for _, place := range p.Places {
			if !w.seen[place] && !(w.linked && installed[nameOf(p)+"@"+p.Version]) {
				w.find(problem.Finding{Code: problem.AnchorMissing, Path: place, Package: nameOf(p) + "@" + p.Version, Detail: "the lockfile lists this package, and it is not installed"})
			}
		}
	}
}

// checkLinks reports symbolic links that point to none of: an installed package, a
// member of the workspace, a link of the lockfile. A dangling link is ignored.
func (c *checker) checkLinks() error {
	known := make(map[string]bool)
	for i := range c.in.Lock.Packages {
		switch p := &c.in.Lock.Packages[i]; p.Kind {
		case lockfile.Member:
			for _, place := range p.Places {
				known[strings.TrimPrefix(place, ".")] = true
			}
		case lockfile.Link, lockfile.Directory:
			known[path.Clean(p.Target)] = true
			for _, place := range p.Places {
				known[place] = true
			}
		}
	}
	for _, link := range c.links {
		place, err := c.in.Tree.Resolve(link)
		if err != nil {
			return err
		}
		if place.Kind == tree.None && !place.Outside || known[link] || known[place.Path] || c.installAt(place.Path) != nil {
			continue
		}
		if c.in.IsMember != nil && !place.Outside {
			isMember, err := c.in.IsMember(place.Path)
			if err != nil {
				return err
			}
			if isMember {
				continue
			}
		}
		detail := "a symbolic link to " + place.Path + ", which is not a package of the lockfile"
		if place.Outside {
			detail = "a symbolic link out of the root that is not in the lockfile"
		}
		c.find(problem.Finding{Code: problem.AnchorUnlocked, Path: link, Detail: detail})
	}
	return nil
}

// A file is a file in the directory of a package.
type file struct {
	rel    string // relative to the directory of the package
	kind   tree.Kind
	result hasher.Result
}

// listFiles finds the files of a package. In its node_modules, only the files that
// its own archive contains belong to it.
func (c *checker) listFiles(in *install) error {
	var visit func(rel string) error
	visit = func(rel string) error {
		entries, err := c.in.Tree.Dir(tree.Join(in.dir, rel))
		for _, e := range entries {
			if err != nil {
				return err
			}
			p := tree.Join(rel, e.Name)
			isPackage := rel == "" && e.Name == nodejs.NodeModules || containsPackages(rel)
			switch {
			case isPackage && (!bundles(in.listing, p) || e.Kind == tree.Link || c.installAt(tree.Join(in.dir, p)) != nil):
			case e.Kind == tree.Directory:
				err = visit(p)
			default:
				in.files = append(in.files, file{rel: p, kind: e.Kind})
			}
		}
		return err
	}
	return visit("")
}

// containsPackages reports whether rel is the package's node_modules, or a scope in
// it: the directories whose entries are other packages.
func containsPackages(rel string) bool {
	if rel == nodejs.NodeModules {
		return true
	}
	rest, ok := strings.CutPrefix(rel, nodejs.NodeModules+"/")
	return ok && strings.HasPrefix(rest, "@") && !strings.Contains(rest, "/")
}

// bundles reports whether an archive has a file at rel or below.
func bundles(l *tarball.Listing, rel string) bool {
	if l == nil {
		return false
	}
	i, ok := slices.BinarySearchFunc(l.Files, rel, func(f tarball.File, rel string) int { return strings.Compare(f.Path, rel) })
	for ; !ok && i < len(l.Files) && strings.HasPrefix(l.Files[i].Path, rel); i++ {
		ok = l.Files[i].Path[len(rel)] == '/'
	}
	return ok
}

// installAt returns the installed package whose directory is dir, or nil.
func (c *checker) installAt(dir string) *install {
	i, ok := slices.BinarySearchFunc(c.installs, dir, func(in *install, dir string) int { return strings.Compare(in.dir, dir) })
	if !ok {
		return nil
	}
	return c.installs[i]
}
