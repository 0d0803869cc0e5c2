package integrity

import (
	"cmp"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// pins are what a map holds, by paths relative to the root: the meaning of its
// text. Generate fills them and writes them (mapfile.go), Verify reads them
// back and holds them against the tree.
type pins struct {
	coverage   Coverage
	entries    []string
	project    string // the project's folder
	conditions []string
	include    []string
	exclude    []string
	scripts    []string               // packages whose install scripts may write, where the lockfile was asked
	files      map[string]string      // integrity metadata by path
	order      []string               // the paths of files in the order of the map, where one was read
	packages   map[string]packageInfo // by folder
	links      map[string]string      // what a symbolic link points at, as linkTarget gives it, by path
	absent     []string               // package names and "./"+paths that were asked for and not there
	gaps       []Gap
}

// A packageInfo says which package lies in a folder.
type packageInfo struct {
	name, version string
	integrity     string // of its archive, by the lockfile; "" where that was not asked
	class         string // an anchor.Class: what the lockfile vouches for; "" where that was not asked
}

// String names the package for a person: express@5.1.0, anchored.
func (p packageInfo) String() string {
	s := p.name
	if p.version != "" {
		s = cmp.Or(p.name, "?") + "@" + p.version
	}
	if p.class != "" && s != "" {
		s += ", " + p.class
	}
	return s
}

// paths gives the paths of the files, neighbours one after the other where the
// order of a map is known.
func (p *pins) paths() iter.Seq[string] {
	if p.order != nil {
		return slices.Values(p.order)
	}
	return maps.Keys(p.files)
}

// owner returns the folder of the package that holds path. Below node_modules
// that is the folder after the last one; elsewhere the nearest folder upward
// that is known as a package.
func (p *pins) owner(file string) (string, bool) {
	for dir := tree.Parent(file); ; dir = tree.Parent(dir) {
		if _, ok := p.packages[dir]; ok {
			return dir, true
		}
		if dir == "" || path.Base(dir) == nodejs.NodeModules {
			return "", false
		}
	}
}

// packageOf names the package that holds path, for a person.
func (p *pins) packageOf(file string) string {
	dir, ok := p.owner(file)
	if !ok {
		return ""
	}
	return p.packages[dir].String()
}

// inhabited counts the packages that hold one of the files. Where the files are
// sorted, neighbours mostly share a folder, and so an owner.
func (p *pins) inhabited(files iter.Seq[string]) int {
	owners := make(map[string]bool)
	last := "\x00"
	for f := range files {
		if dir := tree.Parent(f); dir != last {
			last = dir
			if owner, ok := p.owner(f); ok {
				owners[owner] = true
			}
		}
	}
	return len(owners)
}

// nameOf gives the name that a package has by the place of its folder:
// "@s/b" for "a/node_modules/@s/b". It is empty outside node_modules.
func nameOf(dir string) string {
	base, parent := path.Base(dir), tree.Parent(dir)
	if scope := path.Base(parent); strings.HasPrefix(scope, "@") {
		base, parent = scope+"/"+base, tree.Parent(parent)
	}
	if path.Base(parent) != nodejs.NodeModules {
		return ""
	}
	return base
}

// packageFolder gives the folder of the package that the path of a file below
// node_modules names, whether or not that package has a package.json.
func packageFolder(file string) (string, bool) {
	i := strings.LastIndex("/"+file, "/"+nodejs.NodeModules+"/")
	if i < 0 {
		return "", false
	}
	start := i + len(nodejs.NodeModules) + 1
	name, sub := nodejs.SplitSpecifier(file[start:])
	if name == "" || sub == "" {
		return "", false // a file in node_modules itself
	}
	return file[:start] + name, true
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}

// isOutermost reports whether a file lies directly in a node_modules folder, or
// in one for a scope there.
func isOutermost(file string) bool {
	dir := tree.Parent(file)
	if strings.HasPrefix(path.Base(dir), "@") {
		dir = tree.Parent(dir)
	}
	return path.Base(dir) == nodejs.NodeModules
}
