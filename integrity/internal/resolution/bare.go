package resolution

import (
	"path"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A bare is a bare specifier. exportKey is the key of exports that the subpath asks for:
// exports is searched before the percent escapes of an import are decoded.
// isDirectory says that it ends with a slash, so that require takes no file in the place of
// the directory.
type bare struct {
	name, subpath, exportKey string
	isDirectory, isImport    bool
}

// newBare splits a specifier. raw is the specifier as the module has it.
func newBare(specifier, raw string, isImport bool) bare {
	name, subpath := nodejs.SplitSpecifier(specifier)
	b := bare{name: name, subpath: subpath, exportKey: ".", isImport: isImport}
	if name, _ := nodejs.SplitSpecifier(raw); len(raw) > len(name) {
		b.exportKey += raw[len(name):]
	}
	return b
}

// resolveBare is LOAD_NODE_MODULES and PACKAGE_RESOLVE.
func (r *Resolver) resolveBare(dir, specifier, raw string, isImport bool) (bool, error) {
	b := newBare(specifier, raw, isImport)
	b.isDirectory = !isImport && strings.HasSuffix(specifier, "/")
	if b.name == "" {
		return true, nil
	}
	if self, err := r.resolveSelf(dir, b); self || err != nil {
		return true, err
	}
	for at, ok := dir, true; ok; at, ok = parent(at) {
		// NODE_MODULES_PATHS omits node_modules/node_modules;
		// PACKAGE_RESOLVE does not.
		if path.Base(at) == nodejs.NodeModules && !isImport {
			continue
		}
		found, err := r.inNodeModules(tree.Join(at, nodejs.NodeModules), b, isImport)
		if found || err != nil {
			return found, err
		}
	}
	r.record.recordMissingPackage(b.name)
	if isImport {
		return false, nil
	}
	return r.inNodePath(b)
}

// inNodePath resolves a package, or a file in its place, in the directories of
// NODE_PATH. The first one that has it wins.
func (r *Resolver) inNodePath(b bare) (bool, error) {
	for _, dir := range r.nodePath {
		found, err := r.inNodeModules(dir, b, false)
		if found || err != nil {
			return found, err
		}
		if err := r.record.RecordMissing(path.Join(dir, b.name, b.subpath)); err != nil {
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
func (r *Resolver) inNodeModules(modules string, b bare, isImport bool) (bool, error) {
	place, err := r.tree.Resolve(tree.Join(modules, b.name))
	if err != nil {
		return false, err
	}
	if place.Outside {
		r.record.RecordPlace(place)
		return true, nil
	}
	if place.Kind != tree.Directory {
		if place.Kind == tree.None {
			r.record.RecordPlace(place)
		}
		if b.isDirectory {
			return false, nil
		}
		return r.fileOrDirectory(path.Join(modules, b.name, b.subpath))
	}
	if isImport {
		r.record.recordDirectory(place)
	}
	return r.inPackage(place, tree.Join(modules, b.name), b)
}

// inPackage resolves a subpath in the package whose directory is place. The package
// was found at the path at, which may be a link to it.
func (r *Resolver) inPackage(place tree.Place, at string, b bare) (bool, error) {
	r.record.recordPackage(place)
	m, err := r.manifest(place.Path)
	if err != nil {
		return false, err
	}
	if m != nil {
		r.record.recordManifest(m)
		if m.hasExports {
			return true, r.resolveExports(place.Path, m, b)
		}
	}
	if b.isDirectory {
		return r.directoryOrMissing(path.Join(place.Path, b.subpath))
	}
	if b.subpath == "" {
		return r.fileOrDirectory(at)
	}
	return r.fileOrMissing(path.Join(place.Path, b.subpath))
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
		if place.Outside || place.Kind == tree.None {
			r.record.RecordPlace(place)
		}
		if place.Outside {
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
func (r *Resolver) resolveSelf(dir string, b bare) (bool, error) {
	m, at, err := r.packageScope(dir)
	if err != nil || m == nil || !m.hasExports || m.name != b.name {
		return false, err
	}
	return true, r.resolveExports(at, m, b)
}

// resolveImports is PACKAGE_IMPORTS_RESOLVE. Every package that a target of imports
// names is resolved, whatever its condition. owned is false if there are no imports: for
// require, "#name" is then the name of a package.
func (r *Resolver) resolveImports(q question) (owned bool, err error) {
	m, dir, err := r.packageScope(q.dir)
	if err != nil || m == nil {
		return false, err
	}
	for _, target := range m.bareTargets {
		if _, err := r.Resolve(dir, target, true); err != nil {
			return true, err
		}
	}
	if err := r.recordTargets(dir, m); err != nil {
		return true, err
	}
	for _, target := range matchPattern(m.imports, q.specifier) {
		if isInPackage(target) {
			err = r.resolveTarget(dir, target)
		} else if isBare(target) {
			_, err = r.Resolve(dir, target, true)
		}
		if err != nil {
			return true, err
		}
	}
	return m.imports != nil, r.recordVariants(dir, m, q.specifier, q.isImport)
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
