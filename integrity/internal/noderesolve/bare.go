package noderesolve

import (
	"path"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// resolveBare is LOAD_PACKAGE_SELF and LOAD_NODE_MODULES, or PACKAGE_RESOLVE.
func (e *evaluation) resolveBare(dir, specifier string) (Result, error) {
	name, subpath, valid := splitName(specifier)
	if !valid && e.isImport {
		return failed, nil // ERR_INVALID_MODULE_SPECIFIER
	}
	if valid {
		m, at, err := e.packageScope(dir)
		if err != nil {
			return failed, err
		}
		if m != nil && m.Exports != nil && m.Name == name {
			return e.resolveExports(at, m, subpath)
		}
	}
	for at := dir; ; at = tree.Parent(at) {
		// NODE_MODULES_PATHS omits node_modules/node_modules; PACKAGE_RESOLVE does not.
		if e.isImport || path.Base(at) != nodejs.NodeModules {
			result, final, err := e.inModules(tree.Join(at, nodejs.NodeModules), specifier, name, subpath)
			if final || err != nil {
				return result, err
			}
		}
		if at == "" && e.browser {
			return failed, nil
		}
		if at == "" {
			return undetermined, nil // what is above the root is not fixed
		}
	}
}

// inModules resolves a bare specifier in one node_modules directory. final is true if
// Node looks no further.
func (e *evaluation) inModules(modules, specifier, name, subpath string) (result Result, final bool, err error) {
	place, err := e.tree.Resolve(modules)
	if err != nil {
		return failed, true, err
	}
	if place.Outside {
		return undetermined, true, nil
	}
	if place.Kind != tree.Directory {
		return failed, false, nil
	}
	if !e.isImport {
		return e.requireFrom(modules, specifier)
	}
	return e.importFrom(modules, name, subpath)
}

// importFrom is the step of PACKAGE_RESOLVE for one node_modules directory.
func (e *evaluation) importFrom(modules, name, subpath string) (result Result, final bool, err error) {
	place, err := e.tree.Resolve(tree.Join(modules, name))
	if err != nil {
		return failed, true, err
	}
	if place.Outside {
		return undetermined, true, nil
	}
	if place.Kind != tree.Directory {
		return failed, false, nil
	}
	m, err := e.manifestIn(place)
	if err != nil {
		return failed, true, err
	}
	if m != nil && m.Exports != nil {
		result, err = e.resolveExports(place.Path, m, subpath)
		return result, true, err
	}
	if e.browser {
		result, err = e.browserFrom(place, m, subpath)
		return result, true, err
	}
	if subpath == "." {
		result, err = e.legacyMain(place.Path, m)
		return result, true, err
	}
	result, err = e.targetFile(tree.Join(modules, name), subpath)
	return result, true, err
}

// legacyMain resolves the main module of a package without exports, for import.
func (e *evaluation) legacyMain(dir string, m *manifest) (Result, error) {
	var tries []string
	if m != nil && m.Main != "" {
		for _, suffix := range []string{"", ".js", ".json", ".node", "/index.js", "/index.json", "/index.node"} {
			tries = append(tries, m.Main+suffix)
		}
	}
	for _, name := range append(tries, "index.js", "index.json", "index.node") {
		p := path.Join(dir, name)
		if isAbove(p) || path.IsAbs(name) {
			return undetermined, nil
		}
		if result, err := e.exactFile(p); result != failed || err != nil {
			return result, err
		}
	}
	return failed, nil
}

// splitName splits a bare specifier into the name of the package and the subpath, which
// begins with ".". valid is false if PACKAGE_RESOLVE throws "Invalid Module Specifier".
func splitName(specifier string) (name, subpath string, valid bool) {
	end := strings.IndexByte(specifier, '/')
	if strings.HasPrefix(specifier, "@") {
		if end < 0 {
			return "", "", false
		}
		if next := strings.IndexByte(specifier[end+1:], '/'); next >= 0 {
			end += 1 + next
		} else {
			end = -1
		}
	}
	name, subpath = specifier, "."
	if end >= 0 {
		name, subpath = specifier[:end], "."+specifier[end:]
	}
	if name == "" || name[0] == '.' || strings.ContainsAny(name, `\%`) || strings.HasSuffix(name, "/") {
		return "", "", false
	}
	return name, subpath, true
}
