package resolution

import (
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A Record holds what resolutions consulted. Its sets only grow. All paths are
// relative to the root and slash-separated.
type Record struct {
	tree *tree.Tree

	files     set
	links     set
	outside   set
	manifests set
	packages  set
	missing   set
	dirs      set

	uninstalled map[Uninstalled]struct{}
}

// An Uninstalled is a package that the package.json in a directory declares and that is
// not installed.
type Uninstalled struct{ Dir, Name string }

type set map[string]struct{}

func (s set) add(p string) { s[p] = struct{}{} }

func (s set) sorted() []string { return slices.Sorted(maps.Keys(s)) }

func newRecord(t *tree.Tree) *Record {
	return &Record{
		tree: t, files: make(set), links: make(set), outside: make(set),
		manifests: make(set), packages: make(set), missing: make(set), dirs: make(set),
		uninstalled: make(map[Uninstalled]struct{}),
	}
}

// Uninstalled returns the declared packages that are not installed, in no order.
func (r *Record) Uninstalled() []Uninstalled { return slices.Collect(maps.Keys(r.uninstalled)) }

func (r *Record) recordUninstalled(dir, name string) {
	r.uninstalled[Uninstalled{dir, name}] = struct{}{}
}

// Files returns the real paths of the files that resolutions ended at, sorted,
// except those that exports or imports lead to.
func (r *Record) Files() []string { return r.files.sorted() }

// Links returns the paths of the symbolic links that were followed, sorted.
func (r *Record) Links() []string { return r.links.sorted() }

// Outside returns the paths of the links that lead out of the root, sorted.
func (r *Record) Outside() []string { return r.outside.sorted() }

// Manifests returns the real paths of the package.json files that were consulted,
// sorted.
func (r *Record) Manifests() []string { return r.manifests.sorted() }

// Packages returns the real paths of the directories of the packages that were
// entered, sorted.
func (r *Record) Packages() []string { return r.packages.sorted() }

// Missing returns what was asked for and does not exist, sorted: the names of
// packages, and "./" with the path of files, without extension where require would
// try several. A path above the root begins with "../".
func (r *Record) Missing() []string { return r.missing.sorted() }

// Directories returns the real paths of the directories that end a resolution whatever is
// in them, sorted: import goes no further than the nearest directory of a package's name.
func (r *Record) Directories() []string { return r.dirs.sorted() }

// RecordPlace records the links that lead to place. If they lead to nothing, it records
// what they lead to as missing.
func (r *Record) RecordPlace(place tree.Place) {
	for _, link := range place.Links {
		r.links.add(link)
	}
	if place.Outside {
		r.outside.add(place.Path)
	}
	r.recordAbsent(place, place.Dangling())
}

// recordAbsent records as missing a path that is looked for at place. If what is left of
// the path goes back up, the first name that does not exist decides as well.
func (r *Record) recordAbsent(place tree.Place, absent string) {
	if absent == "" {
		return
	}
	r.missing.add("./" + absent)
	if strings.Contains("/"+place.Rest+"/", "/../") {
		r.missing.add("./" + place.Path)
	}
}

// RecordPackages records the directories of packages.
func (r *Record) RecordPackages(dirs iter.Seq[string]) {
	for dir := range dirs {
		r.packages.add(dir)
	}
}

// RecordMissing records that no file is found at p. The path is recorded as it would be
// without links: behind a link to a directory, it is missing in the link's target. If p
// is a link to nothing, its target is missing as well. A path above the root is recorded
// as it is.
func (r *Record) RecordMissing(p string) error {
	switch {
	case p == "":
		return nil // the root exists; loadAsDirectory has recorded its index as missing
	case isAboveRoot(p):
		if strings.Trim(p, "./") != "" {
			r.missing.add(p)
		}
		return nil
	}
	place, err := r.tree.Resolve(p)
	if err != nil {
		return err
	}
	r.RecordPlace(place)
	r.recordAbsent(place, place.Absent())
	parent, err := r.tree.Resolve(tree.Parent(p))
	if err != nil {
		return err
	}
	r.RecordPlace(parent)
	switch dir := parent.Absent(); {
	case parent.Kind != tree.None:
		r.missing.add("./" + tree.Join(parent.Path, path.Base(p)))
	case dir != "":
		r.missing.add("./" + tree.Join(dir, path.Base(p)))
	}
	return nil
}

func (r *Record) recordMissingPackage(name string) { r.missing.add(name) }

func (r *Record) recordDirectory(place tree.Place) {
	r.RecordPlace(place)
	if _, _, inZip := pnp.SplitZip(place.Path); place.Path != "" && !inZip {
		r.dirs.add(place.Path)
	}
}

func (r *Record) recordFile(place tree.Place) {
	r.RecordPlace(place)
	r.files.add(place.Path)
}

func (r *Record) recordManifest(m *manifest) {
	r.RecordPlace(m.place)
	r.manifests.add(m.place.Path)
}

func (r *Record) recordPackage(place tree.Place) {
	r.RecordPlace(place)
	r.packages.add(place.Path)
}
