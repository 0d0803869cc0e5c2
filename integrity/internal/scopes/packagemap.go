package scopes

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// Manifests read package.json files.
type Manifests interface {
	// Declared returns the names of the packages on which the package in dir may depend.
	Declared(dir string) ([]string, error)

	// ExportedName returns the name of the package in dir if it has exports: its own
	// modules may then ask for it. Otherwise it returns "".
	ExportedName(dir string) (string, error)
}

// NodePackages returns Node's package map of the program: for each package the names for
// which its modules ask, and those that it declares. left has the questions that Node
// answers by node_modules and cannot answer by the package map, sorted.
func NodePackages(m *mapfile.Map, t *tree.Tree, questions []Question, manifests Manifests) (packages mapfile.NodePackages, left []Question, err error) {
	b := &packageBuilder{m: m, tree: t, packages: make(mapfile.NodePackages)}
	b.addPaths(questions)
	for _, p := range slices.Sorted(maps.Keys(m.Packages)) {
		if err := b.addDeclared(p, manifests); err != nil {
			return nil, nil, err
		}
	}
	for _, q := range questions {
		if err := b.addQuestion(q); err != nil {
			return nil, nil, err
		}
	}
	b.splitRoot()
	if err := b.inherit(); err != nil {
		return nil, nil, err
	}
	slices.SortFunc(b.left, func(x, y Question) int {
		return cmp.Or(cmp.Compare(x.Dir, y.Dir), cmp.Compare(x.Specifier, y.Specifier))
	})
	return b.packages, b.left, nil
}

// A packageBuilder is one call of NodePackages.
type packageBuilder struct {
	m        *mapfile.Map
	tree     *tree.Tree
	packages mapfile.NodePackages
	left     []Question
}

// addPaths adds the directories of packages, and those directories in them that have a
// nearer node_modules for a module that asks for a name.
func (b *packageBuilder) addPaths(questions []Question) {
	b.addPath("")
	for dir := range b.m.Packages {
		b.addPath(dir)
	}
	for f := range b.m.Files {
		if dir, ok := mapfile.InstalledDir(f); ok {
			b.addPath(dir)
		}
	}
	above := make(map[string]bool) // directories that contain a node_modules
	for _, paths := range []map[string]bool{keysOf(b.packages), keysOf(b.m.Links)} {
		for p := range paths {
			if modules := nodejs.ModulesOf(p); modules != "" {
				above[tree.Parent(modules)] = true
			}
		}
	}
	for _, q := range questions {
		for dir := q.Dir; !b.isListed(dir); dir = tree.Parent(dir) {
			if above[dir] {
				b.addPath(dir)
			}
		}
	}
}

func (b *packageBuilder) addPath(p string) {
	if b.packages[p] == nil {
		b.packages[p] = make(map[string]string)
	}
}

func (b *packageBuilder) isListed(p string) bool { return b.packages[p] != nil }

// nearest returns the listed path to which a module at p, or in the directory p, belongs.
func (b *packageBuilder) nearest(p string) string {
	for ; p != "" && !b.isListed(p); p = tree.Parent(p) {
	}
	return p
}

// addDeclared adds the names that a package declares, and its own: it finds itself in the
// node_modules directory that contains it, and by its name if it has exports.
func (b *packageBuilder) addDeclared(dir string, manifests Manifests) error {
	names, err := manifests.Declared(dir)
	if err != nil {
		return err
	}
	if name := mapfile.InstalledName(dir); name != "" {
		names = append(names, name)
	}
	for _, name := range names {
		if _, err := b.add(dir, name); err != nil {
			return err
		}
	}
	own, err := manifests.ExportedName(dir)
	if nodejs.IsPackageName(own) && own == b.m.Packages[dir].Name {
		b.packages[dir][own] = dir
	}
	return err
}

// addQuestion adds the name for which a module asks.
func (b *packageBuilder) addQuestion(q Question) error {
	name, _ := nodejs.SplitSpecifier(q.Specifier)
	if !nodejs.IsPackageName(name) || name[0] == '#' || mapfile.IsURL(q.Specifier) || nodejs.IsBuiltin(q.Specifier) {
		return nil
	}
	p := b.nearest(q.Dir)
	if _, known := b.packages[p][name]; known {
		return nil
	}
	exists, err := b.add(p, name)
	if _, added := b.packages[p][name]; exists && !added {
		b.left = append(b.left, q)
	}
	return err
}

// add adds the package that a name means to the modules of a path, if a package map can
// name it. exists reports whether Node finds anything under the name.
func (b *packageBuilder) add(p, name string) (exists bool, err error) {
	for at := p; ; at = tree.Parent(at) {
		if path.Base(at) != nodejs.NodeModules {
			place, err := b.tree.Resolve(tree.Join(tree.Join(at, nodejs.NodeModules), name))
			if err != nil {
				return false, err
			}
			if place.Outside || place.Kind != tree.None {
				found, ok := b.m.FindPackage(b.isListed, p, name)
				if ok && found == place.Path && place.Kind == tree.Directory && b.isListed(found) {
					b.packages[p][name] = found
				}
				return true, nil
			}
		}
		if at == "" {
			return false, nil
		}
	}
}

// splitRoot lists what is directly in the root and contains modules of no other path:
// Node cannot name the root itself. A root without such modules and without a package is
// not listed.
func (b *packageBuilder) splitRoot() {
	tops := make(map[string]bool)
	for f := range b.m.Files {
		if b.nearest(f) == "" && mayAsk(f) {
			top, _, _ := strings.Cut(f, "/")
			tops[top] = true
		}
	}
	for top := range tops {
		b.addPath(top)
	}
	if _, isPackage := b.m.Packages[""]; !isPackage && len(tops) == 0 {
		delete(b.packages, "")
	}
}

// mayAsk reports whether a file may be a module that asks for others.
func mayAsk(f string) bool {
	switch path.Ext(f) {
	case ".json", ".node", ".wasm":
		return false
	}
	return nodejs.IsLoadable(f) || path.Ext(f) == ""
}

// inherit adds to each path that is no installed package the names of the path around it:
// Node would find those from there too.
func (b *packageBuilder) inherit() error {
	for _, p := range slices.Sorted(maps.Keys(b.packages)) { // a directory before those in it
		if p == "" || mapfile.InstalledName(p) != "" {
			continue
		}
		around := b.nearest(tree.Parent(p))
		_, isPackage := b.m.Packages[p]
		for name, target := range b.packages[around] {
			if _, known := b.packages[p][name]; known {
				continue
			}
			if !isPackage && b.m.IsOwnName(around, name, target) {
				b.packages[p][name] = target
				continue
			}
			if _, err := b.add(p, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func keysOf[V any](m map[string]V) map[string]bool {
	keys := make(map[string]bool, len(m))
	for k := range m {
		keys[k] = true
	}
	return keys
}
