package resolution

import (
	"path"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// resolveBare is LOAD_NODE_MODULES and PACKAGE_RESOLVE.
func (r *Resolver) resolveBare(dir, specifier string, isImport bool) (bool, error) {
	name, subpath := nodejs.SplitSpecifier(specifier)
	if name == "" {
		return true, nil
	}
	if self, err := r.resolveSelf(dir, name, subpath, isImport); self || err != nil {
		return true, err
	}
	for at, ok := dir, true; ok; at, ok = parent(at) {
		// NODE_MODULES_PATHS omits node_modules/node_modules;
		// PACKAGE_RESOLVE does not.
		if path.Base(at) == nodejs.NodeModules && !isImport {
			continue
		}
		found, err := r.inNodeModules(tree.Join(at, nodejs.NodeModules), name, subpath, isImport)
		if found || err != nil {
			return found, err
		}
	}
	r.record.recordMissingPackage(name)
	if isImport {
		return false, nil
	}
	return r.inNodePath(name, subpath)
}

// inNodePath resolves a package, or a file in its place, in the directories of
// NODE_PATH. The first one that has it wins.
func (r *Resolver) inNodePath(name, subpath string) (bool, error) {
	for _, dir := range r.nodePath {
		found, err := r.inNodeModules(dir, name, subpath, false)
		if found || err != nil {
			return found, err
		}
		if err := r.record.RecordMissing(path.Join(dir, name, subpath)); err != nil {
			return false, err
		}
	}
	return false, nil
}

// parent returns the parent of dir, or false if dir is the root.
func parent(dir string) (string, bool) {
	if dir == "" {
		return "", false
	}
	return tree.Parent(dir), true
}

// inNodeModules resolves a package, or a file in its place, in one node_modules.
func (r *Resolver) inNodeModules(modules, name, subpath string, isImport bool) (bool, error) {
	place, err := r.tree.Resolve(tree.Join(modules, name))
	if err != nil {
		return false, err
	}
	if place.Outside {
		r.record.RecordPlace(place)
		return true, nil
	}
	if place.Kind != tree.Directory {
		return r.fileOrDirectory(path.Join(modules, name, subpath))
	}
	return r.inPackage(place, tree.Join(modules, name), subpath, isImport)
}

// inPackage resolves a subpath in the package whose directory is place. The package
// was found at the path at, which may be a link to it.
func (r *Resolver) inPackage(place tree.Place, at, subpath string, isImport bool) (bool, error) {
	r.record.recordPackage(place)
	m, err := r.manifest(place.Path)
	if err != nil {
		return false, err
	}
	if m != nil {
		r.record.recordManifest(m)
		if m.hasExports {
			return true, r.recordExports(place.Path, m, subpath, isImport)
		}
	}
	if subpath == "" {
		return r.fileOrDirectory(at)
	}
	return r.fileOrMissing(path.Join(place.Path, subpath))
}

// Package finds the package that require resolves name to from a module in dir. It
// records the package and the links to it, and returns the package's real directory.
// The directory is "" if a link to it leads out of the root. found is false if the
// package is not installed; then its name is recorded as missing.
func (r *Resolver) Package(dir, name string) (real string, found bool, err error) {
	for at, ok := dir, true; ok; at, ok = parent(at) {
		if path.Base(at) == nodejs.NodeModules {
			continue
		}
		place, err := r.tree.Resolve(tree.Join(tree.Join(at, nodejs.NodeModules), name))
		if err != nil {
			return "", false, err
		}
		if place.Outside {
			r.record.RecordPlace(place)
			return "", true, nil
		}
		if place.Kind == tree.Directory {
			r.record.recordPackage(place)
			return place.Path, true, nil
		}
	}
	r.record.recordMissingPackage(name)
	return "", false, nil
}

// resolveSelf is PACKAGE_SELF_RESOLVE: a package that has exports may import itself
// by its name.
func (r *Resolver) resolveSelf(dir, name, subpath string, isImport bool) (bool, error) {
	m, at, err := r.packageScope(dir)
	if err != nil || m == nil || !m.hasExports || m.name != name {
		return false, err
	}
	return true, r.recordExports(at, m, subpath, isImport)
}

// recordExports is PACKAGE_EXPORTS_RESOLVE for a subpath of the package in dir.
func (r *Resolver) recordExports(dir string, m *manifest, subpath string, isImport bool) error {
	if err := r.recordTargets(dir, m); err != nil {
		return err
	}
	key := "."
	if subpath != "" {
		key = "./" + subpath
	}
	return r.recordVariants(dir, m.exports, key, isImport)
}

// resolveImports is PACKAGE_IMPORTS_RESOLVE. Every package that a target of imports
// names is resolved, whatever its condition.
func (r *Resolver) resolveImports(q question) error {
	m, dir, err := r.packageScope(q.dir)
	if err != nil || m == nil {
		return err
	}
	for _, target := range m.bareTargets {
		if _, err := r.Resolve(dir, target, q.isImport); err != nil {
			return err
		}
	}
	if err := r.recordTargets(dir, m); err != nil {
		return err
	}
	return r.recordVariants(dir, m.imports, q.specifier, q.isImport)
}

// packageScope is LOOKUP_PACKAGE_SCOPE: it returns the nearest package.json upward
// and its directory, or nil if there is none below the root or a node_modules.
func (r *Resolver) packageScope(dir string) (*manifest, string, error) {
	for at, ok := dir, true; ok; at, ok = parent(at) {
		if path.Base(at) == nodejs.NodeModules {
			return nil, "", nil
		}
		m, err := r.manifest(at)
		if m != nil || err != nil {
			return m, at, err
		}
	}
	return nil, "", nil
}
