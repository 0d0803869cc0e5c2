package lockcheck

import (
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// An install is a package of the lockfile that lies on disk.
type install struct {
	pkg   *lockfile.Package
	dir   string
	zip   string // that dir lies in; "" if it is on disk
	files []file
	listed
	weakest Class // of its files; "" while all are anchored
}

// at is "name@version" of the package.
func (in *install) at() string { return nameOf(in.pkg) + "@" + in.pkg.Version }

func nameOf(p *lockfile.Package) string {
	if p.Name == "" {
		return p.Alias
	}
	return p.Name
}

// place finds where the packages of the lockfile lie.
func (c *checker) place() error {
	w := &walk{checker: c, at: make(map[string]*lockfile.Package), named: make(map[string][]*lockfile.Package), seen: make(map[string]bool)}
	folders := []string{nodejs.NodeModules}
	for i := range c.opt.Lock.Packages {
		p := &c.opt.Lock.Packages[i]
		for _, place := range p.Places {
			if p.Kind == lockfile.Member {
				folders = append(folders, tree.Join(strings.TrimPrefix(place, "."), nodejs.NodeModules))
				continue
			}
			w.at[place] = p
			if dir := modulesOf(place); dir != "" {
				folders = append(folders, dir)
			}
		}
		if len(p.Places) == 0 || mayLieElsewhere[c.opt.Lock.Manager] {
			w.named[p.Alias] = append(w.named[p.Alias], p)
		}
	}
	for _, dir := range folders {
		if err := w.modules(dir); err != nil {
			return err
		}
	}
	slices.SortFunc(c.installs, func(a, b *install) int { return strings.Compare(a.dir, b.dir) })
	w.lost()
	return nil
}

// A walk goes through the node_modules folders.
type walk struct {
	*checker
	at    map[string]*lockfile.Package   // by place
	named map[string][]*lockfile.Package // without a place, by the name of their folder
	seen  map[string]bool                // node_modules folders and packages
}

// mayLieElsewhere are the managers that have more layouts than the one whose places
// their lockfile gives.
var mayLieElsewhere = map[lockfile.Manager]bool{lockfile.Bun: true, lockfile.YarnBerry: true, lockfile.PNPM: true}

// modulesOf gives the node_modules that a package's place is in, "" if it is in
// none. It may be one that the walk does not come to by itself: pnpm's store can lie
// elsewhere.
func modulesOf(place string) string {
	dir := tree.Parent(place)
	if strings.HasPrefix(path.Base(dir), "@") {
		dir = tree.Parent(dir)
	}
	if path.Base(dir) != nodejs.NodeModules {
		return ""
	}
	return dir
}

// modules looks at one folder node_modules.
func (w *walk) modules(dir string) error {
	if w.seen[dir] {
		return nil
	}
	w.seen[dir] = true
	entries, err := w.opt.Tree.Dir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		p := tree.Join(dir, e.Name)
		switch {
		case e.Kind == tree.Link && !notes[e.Name]:
			w.links = append(w.links, p)
		case strings.HasPrefix(e.Name, "."):
			err = w.hidden(p, e)
		case e.Kind == tree.Directory && strings.HasPrefix(e.Name, "@"):
			err = w.scope(p)
		default:
			err = w.pack(p, e.Kind)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) scope(dir string) error {
	entries, err := w.opt.Tree.Dir(dir)
	for _, e := range entries {
		switch p := tree.Join(dir, e.Name); {
		case err != nil:
		case e.Kind == tree.Link:
			w.links = append(w.links, p)
		default:
			err = w.pack(p, e.Kind)
		}
	}
	return err
}

// follow looks where the symbolic links lead: to a package that was installed, to a
// member of the workspace, or to what the lockfile has as a link.
func (c *checker) follow() error {
	known := make(map[string]bool)
	for i := range c.opt.Lock.Packages {
		switch p := &c.opt.Lock.Packages[i]; p.Kind {
		case lockfile.Member:
			for _, place := range p.Places {
				known[strings.TrimPrefix(place, ".")] = true
			}
		case lockfile.Link, lockfile.Folder:
			known[path.Clean(p.Target)] = true
			for _, place := range p.Places {
				known[place] = true
			}
		}
	}
	for _, link := range c.links {
		place, err := c.opt.Tree.Resolve(link)
		if err != nil {
			return err
		}
		if place.Kind == tree.None && !place.Outside || known[link] || known[place.Path] || c.installAt(place.Path) != nil {
			continue
		}
		if c.opt.IsMember != nil && !place.Outside {
			isMember, err := c.opt.IsMember(place.Path)
			if err != nil {
				return err
			}
			if isMember {
				continue
			}
		}
		detail := "a symbolic link to " + place.Path + ", which is no package of the lockfile"
		if place.Outside {
			detail = "a symbolic link out of the root, which the lockfile does not have"
		}
		c.find(problem.Finding{Code: problem.AnchorUnlocked, Path: link, Detail: detail})
	}
	return nil
}

// stores are the folders in a node_modules in which managers keep packages, each in
// a node_modules of its own.
var stores = map[string]bool{".pnpm": true, ".bun": true, ".store": true}

// notes are what managers write there for themselves.
var notes = map[string]bool{
	".bin": true, ".package-lock.json": true, ".yarn-integrity": true, ".yarn-state.yml": true, ".modules.yaml": true,
	".package-map.json": true, ".pnpm-workspace-state.json": true, ".pnpm-workspace-state-v1.json": true, ".pnpm-config": true, ".bun-tag": true,
}

// hidden looks at what begins with a dot: stores, notes, and what scripts write.
func (w *walk) hidden(p string, e tree.Entry) error {
	switch {
	case notes[e.Name]:
		w.meta(p)
	case stores[e.Name] && e.Kind == tree.Directory:
		return w.store(p)
	case w.scripts[e.Name]:
		w.add(File{Path: p, Class: ScriptOutput, Reason: "an install script may write it"})
	default:
		return w.stranger(p, e.Kind)
	}
	return nil
}

// stranger notes what the lockfile does not know. A folder with nothing in it is
// none: pnpm leaves the folder for temporary files of an install script.
func (w *walk) stranger(p string, kind tree.Kind) error {
	if kind == tree.Directory {
		entries, err := w.opt.Tree.Dir(p)
		if err != nil || len(entries) == 0 {
			return err
		}
	}
	w.unknown = append(w.unknown, p)
	return nil
}

func (w *walk) store(dir string) error {
	entries, err := w.opt.Tree.Dir(dir)
	for _, e := range entries {
		p := tree.Join(dir, e.Name)
		switch {
		case err != nil:
		case e.Name == nodejs.NodeModules:
			err = w.modules(p)
		case e.Kind == tree.Directory:
			err = w.modules(tree.Join(p, nodejs.NodeModules))
		case e.Kind != tree.Link:
			w.meta(p)
		}
	}
	return err
}

func (w *walk) meta(p string) {
	w.add(File{Path: p, Class: ManagerMeta, Reason: "the package manager's own"})
}

// pack looks at what should be a package.
func (w *walk) pack(dir string, kind tree.Kind) error {
	if w.seen[dir] {
		return nil
	}
	w.seen[dir] = true
	if kind != tree.Directory {
		return w.stranger(dir, kind)
	}
	p := w.at[dir]
	if p == nil {
		p = w.match(dir)
	}
	switch {
	case p == nil:
		if err := w.stranger(dir, kind); err != nil {
			return err
		}
	case p.Bundled || p.Kind == lockfile.Member:
	default:
		w.installs = append(w.installs, &install{pkg: p, dir: dir})
	}
	return w.modules(tree.Join(dir, nodejs.NodeModules))
}

// match finds the entry of the lockfile for a folder by its name and by what its
// package.json says. Where more than one fits (two sources of one version), the
// first with a digest is as good as any: the bytes decide.
func (w *walk) match(dir string) *lockfile.Package {
	alias := dir[strings.LastIndex(dir, nodejs.NodeModules+"/")+len(nodejs.NodeModules+"/"):]
	candidates := w.named[alias]
	if len(candidates) == 0 {
		return nil
	}
	const most = 4 << 20
	text, err := w.opt.Tree.ReadFile(tree.Join(dir, "package.json"), most)
	if err != nil {
		return nil
	}
	name, version := gjson.GetBytes(text, "name").Str, gjson.GetBytes(text, "version").Str
	i := slices.IndexFunc(candidates, func(p *lockfile.Package) bool {
		return nameOf(p) == name && (p.Version == version || p.Version == "")
	})
	if i < 0 {
		return nil
	}
	return candidates[i]
}

// lost reports the packages that npm's lockfile has at a place and that are not
// there. Other lockfiles do not say what may be left out.
func (w *walk) lost() {
	if w.opt.Lock.Manager != lockfile.NPM {
		return
	}
	for i := range w.opt.Lock.Packages {
		p := &w.opt.Lock.Packages[i]
		if p.Kind == lockfile.Member || p.Kind == lockfile.Link || p.Bundled || p.Optional || p.Dev || len(p.OS)+len(p.CPU)+len(p.Libc) > 0 {
			continue
		}
		for _, place := range p.Places {
			if !w.seen[place] {
				w.find(problem.Finding{Code: problem.AnchorMissing, Path: place, Package: nameOf(p) + "@" + p.Version, Detail: "the lockfile has this package, and it is not installed"})
			}
		}
	}
}

// A file is one that lies in a package's folder.
type file struct {
	rel    string // relative to the package's folder
	kind   tree.Kind
	result hasher.Result
}

// files finds the files of a package's folder: all but its node_modules, of which
// only what its own archive brought belongs to it.
func (c *checker) files(in *install) error {
	mine := func(rel string) bool { return bundles(in.listing, rel) }
	var walk func(rel string) error
	walk = func(rel string) error {
		entries, err := c.opt.Tree.Dir(tree.Join(in.dir, rel))
		for _, e := range entries {
			if err != nil {
				return err
			}
			p := tree.Join(rel, e.Name)
			switch {
			case rel == "" && e.Name == nodejs.NodeModules || underModules(rel):
				if !mine(p) || e.Kind == tree.Link || c.installAt(tree.Join(in.dir, p)) != nil {
					continue
				}
				fallthrough
			default:
				if e.Kind == tree.Directory {
					err = walk(p)
				} else {
					in.files = append(in.files, file{rel: p, kind: e.Kind})
				}
			}
		}
		return err
	}
	return walk("")
}

// underModules reports whether rel is the package's node_modules or a scope in it:
// the folders whose entries are other packages.
func underModules(rel string) bool {
	if rel == nodejs.NodeModules {
		return true
	}
	rest, ok := strings.CutPrefix(rel, nodejs.NodeModules+"/")
	return ok && strings.HasPrefix(rest, "@") && !strings.Contains(rest, "/")
}

// bundles reports whether an archive has files at rel or below.
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

// installAt returns the package of its own that lies at dir, nil if none does.
func (c *checker) installAt(dir string) *install {
	i, ok := slices.BinarySearchFunc(c.installs, dir, func(in *install, dir string) int { return strings.Compare(in.dir, dir) })
	if !ok {
		return nil
	}
	return c.installs[i]
}
