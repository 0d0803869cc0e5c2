package lockcheck

import (
	"path"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/unpinned"
	"github.com/nodeint/nodeint/integrity/problem"
)

// stores are the directories in a node_modules where package managers keep packages,
// each package in a directory of its own.
var stores = map[string]bool{".pnpm": true, ".bun": true, ".store": true}

// IsStore reports whether name is that of a directory in a node_modules where package
// managers keep packages.
func IsStore(name string) bool { return stores[name] }

// storeFiles are the files that package managers write to a store.
var storeFiles = map[string]bool{"lock.yaml": true}

// yarnPackage is the directory of a package in the store of Yarn's linker pnpm.
const yarnPackage = "package"

// binDir is the directory of links to programs, or of small programs that start them.
const binDir = ".bin"

// managerFiles are the entries that package managers write to a node_modules for
// themselves. The value is the kind of the entry.
var managerFiles = map[string]tree.Kind{
	binDir: tree.Directory, ".pnpm-config": tree.Directory,
	".package-lock.json": tree.File, ".yarn-integrity": tree.File, ".yarn-state.yml": tree.File, ".modules.yaml": tree.File,
	".package-map.json": tree.File, ".pnpm-workspace-state.json": tree.File, ".pnpm-workspace-state-v1.json": tree.File, ".bun-tag": tree.File,
}

// dotEntry visits an entry whose name begins with a dot: a store, a package manager's
// own file, a cache, or the output of install scripts.
func (w *walk) dotEntry(p string, e tree.Entry) error {
	kind, isManagers := managerFiles[e.Name]
	switch {
	case isManagers && kind == e.Kind:
		w.addManagerFile(p)
		if e.Name == binDir {
			return w.bin(p)
		}
	case stores[e.Name] && e.Kind == tree.Directory:
		return w.store(p)
	case w.scripts[e.Name]:
		w.claimed[p] = true
		w.add(File{Path: p, Class: ScriptOutput, Reason: "an install script may write it"})
	case unpinned.IsCache(p) && e.Kind == tree.Directory: // if the program loads a file of it, Account reports it
	default:
		return w.addUnlisted(p, e.Kind)
	}
	return nil
}

// addManagerFile records a package manager's own file. Node runs no JSON, so a program
// may load such a file.
func (w *walk) addManagerFile(p string) {
	w.add(File{Path: p, Class: ManagerMeta, Reason: managerFile})
	if path.Ext(p) == ".json" {
		w.claimed[p] = true
	}
}

// addUnlisted records an entry that the lockfile does not list. Empty directories are
// ignored: pnpm leaves one for the temporary files of an install script.
func (w *walk) addUnlisted(p string, kind tree.Kind) error {
	if kind == tree.Directory {
		entries, err := w.in.Tree.Dir(p)
		if err != nil || len(entries) == 0 {
			return err
		}
	}
	w.unlisted = append(w.unlisted, p)
	return nil
}

// bin visits a .bin directory. A link in it is not compared: what it points to is. A
// file is what pnpm and Yarn write instead of a link, or what Node can load.
func (w *walk) bin(dir string) error {
	entries, err := w.in.Tree.Dir(dir)
	for _, e := range entries {
		if err != nil {
			return err
		}
		p := tree.Join(dir, e.Name)
		if e.Kind != tree.Link && (e.Kind != tree.File || nodejs.IsLoadable(e.Name) && !w.isShim(p)) {
			err = w.addUnlisted(p, e.Kind)
		}
	}
	return err
}

// isShim reports whether a file is a shell script with which package managers start a
// program. Its second line is no JavaScript, whatever follows.
func (c *checker) isShim(p string) bool {
	const limit = 1 << 20
	text, err := c.in.Tree.ReadFile(p, limit)
	first, rest, _ := strings.Cut(string(text), "\n")
	return err == nil && first == "#!/bin/sh" && strings.HasPrefix(rest, `basedir=$(dirname "`)
}

// store visits a store. In each directory is a node_modules with a package and links to
// the packages that it depends on, or, in Yarn's, that and the package beside it.
func (w *walk) store(dir string) error {
	w.linked = w.linked || w.in.Lock.Manager == manager.NPM
	entries, err := w.in.Tree.Dir(dir)
	for _, e := range entries {
		if err != nil {
			return err
		}
		p := tree.Join(dir, e.Name)
		switch {
		case e.Name == nodejs.NodeModules:
			err = w.modules(p)
		case e.Kind == tree.Directory && w.in.Lock.Manager == manager.NPM && isScope(e.Name):
			err = w.store(p)
		case e.Kind == tree.Directory:
			err = w.storeEntry(p)
		case storeFiles[e.Name] && e.Kind == tree.File:
			w.addManagerFile(p)
		case e.Kind == tree.Link:
			w.links = append(w.links, p)
		default:
			err = w.addUnlisted(p, e.Kind)
		}
	}
	return err
}

// storeEntry visits the directory of one package in a store.
func (w *walk) storeEntry(dir string) error {
	entries, err := w.in.Tree.Dir(dir)
	for _, e := range entries {
		if err != nil {
			return err
		}
		p := tree.Join(dir, e.Name)
		switch {
		case e.Name == nodejs.NodeModules && e.Kind == tree.Directory:
			err = w.storedModules(p)
		case e.Name == yarnPackage && e.Kind == tree.Directory && w.in.Lock.Manager == manager.YarnBerry:
			w.seen[p] = true
			found := w.at[p]
			if found == nil {
				name, _ := w.nameAndVersion(p)
				found = w.match(p, w.stored[name])
			}
			err = w.addPackage(p, found)
		case e.Kind == tree.Link:
			w.links = append(w.links, p)
		default:
			err = w.addUnlisted(p, e.Kind)
		}
	}
	return err
}

// storedModules visits the node_modules of a package in a store. npm's lockfile has
// other places for the packages of its store, so they are found by their names.
func (w *walk) storedModules(dir string) error {
	if w.in.Lock.Manager == manager.NPM {
		name := storedName(tree.Parent(dir))
		p := tree.Join(dir, name)
		kind, err := w.in.Tree.Kind(p)
		if err != nil {
			return err
		}
		if found := w.match(p, w.stored[name]); kind == tree.Directory && found != nil && !w.seen[p] {
			w.seen[p] = true
			if err := w.addPackage(p, found); err != nil {
				return err
			}
		}
	}
	return w.modules(dir)
}

// isScope reports whether a directory of npm's store is that of a scope. Those of
// packages have a version.
func isScope(name string) bool { return strings.LastIndex(name, "@") == 0 }

// storedName returns the name of the package in a directory of npm's store:
// NAME@VERSION-HASH, or that in the directory of a scope.
func storedName(dir string) string {
	name, _, _ := strings.Cut(path.Base(dir), "@")
	if scope := path.Base(tree.Parent(dir)); isScope(scope) {
		name = scope + "/" + name
	}
	return name
}

// checkLayout returns an error if nothing in node_modules is at a place that the
// lockfile names: the comparison does not know the layout, and would accuse every
// package.
func (w *walk) checkLayout() error {
	if len(w.installs) > 0 || len(w.bundled) > 0 {
		return nil
	}
	locked := false
	for i := range w.in.Lock.Packages {
		switch w.in.Lock.Packages[i].Kind {
		case lockfile.Member, lockfile.Link, lockfile.Directory:
		default:
			locked = true
		}
	}
	outside := 0
	for _, link := range w.links {
		place, err := w.in.Tree.Resolve(link)
		if err != nil {
			return err
		}
		if place.Outside {
			outside++
		}
	}
	file := path.Base(w.in.Lock.File)
	switch {
	case !locked:
	case outside > 1 && w.in.Lock.Manager == manager.PNPM:
		return problem.BadConfig(nodejs.NodeModules, "set enableGlobalVirtualStore: false in pnpm-workspace.yaml, and run pnpm install",
			"node_modules has links to packages outside the root (pnpm's global virtual store): nodeint cannot compare them with %s", file)
	case outside > 1 || len(w.unlisted) > 1:
		return problem.BadConfig(nodejs.NodeModules, "delete node_modules, and install again with the package manager of the lockfile",
			"no package in node_modules is at a place that %s names: another package manager, or a setting that nodeint does not know, has made this layout", file)
	}
	return nil
}
