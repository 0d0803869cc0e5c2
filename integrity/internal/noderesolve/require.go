package noderesolve

import (
	"path"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// requirePath is LOAD_AS_FILE and LOAD_AS_DIRECTORY. onlyDirectory is for a path that
// ends in a slash or a dot.
func (e *evaluation) requirePath(p string, onlyDirectory bool) (Result, error) {
	if !onlyDirectory {
		result, err := e.exactFile(p)
		if result != failed || err != nil {
			return result, err
		}
		if result, err = e.withExtension(p); result != failed || err != nil {
			return result, err
		}
	}
	place, err := e.tree.Resolve(p)
	if err != nil || place.Kind != tree.Directory {
		return failed, err
	}
	return e.loadAsDirectory(place.Path)
}

func (e *evaluation) withExtension(p string) (Result, error) {
	for _, ext := range nodejs.RequireExtensions() {
		result, err := e.exactFile(p + ext)
		if result != failed || err != nil {
			return result, err
		}
	}
	return failed, nil
}

// loadAsDirectory is LOAD_AS_DIRECTORY.
func (e *evaluation) loadAsDirectory(dir string) (Result, error) {
	m, err := e.manifest(dir)
	if err != nil {
		return failed, err
	}
	index := tree.Join(dir, "index")
	if m == nil || m.Main == "" {
		return e.withExtension(index)
	}
	at := path.Join(dir, m.Main)
	if isAbove(at) || path.IsAbs(m.Main) {
		return undetermined, nil
	}
	if at == "." {
		at = ""
	}
	tries := []func() (Result, error){
		func() (Result, error) { return e.exactFile(at) },
		func() (Result, error) { return e.withExtension(at) },
		func() (Result, error) { return e.withExtension(tree.Join(at, "index")) },
		func() (Result, error) { return e.withExtension(index) },
	}
	for _, try := range tries {
		if result, err := try(); result != failed || err != nil {
			return result, err
		}
	}
	return failed, nil
}

func isAbove(p string) bool { return p == ".." || strings.HasPrefix(p, "../") }

// requireFrom is LOAD_NODE_MODULES for one node_modules directory. final is true if
// Node looks no further.
func (e *evaluation) requireFrom(modules, specifier string) (result Result, final bool, err error) {
	name, subpath, valid := splitName(specifier)
	if valid {
		place, err := e.tree.Resolve(tree.Join(modules, name))
		if err != nil {
			return failed, true, err
		}
		if place.Outside {
			return undetermined, true, nil
		}
		m, err := e.manifestIn(place)
		if err != nil {
			return failed, true, err
		}
		if m != nil && m.Exports != nil {
			result, err := e.resolveExports(place.Path, m, subpath)
			return result, true, err
		}
	}
	p := path.Join(modules, specifier)
	if p != modules && !strings.HasPrefix(p, modules+"/") {
		return undetermined, true, nil // a name with ".." in it
	}
	result, err = e.requirePath(p, namesDirectory(specifier))
	if err != nil || result != failed {
		return result, true, err
	}
	final, err = e.hasMain(p)
	return failed, final, err
}

// hasMain reports whether p is a directory whose package.json names a main file. If
// that and the index are missing, require throws and looks no further.
func (e *evaluation) hasMain(p string) (bool, error) {
	place, err := e.tree.Resolve(p)
	if err != nil {
		return true, err
	}
	m, err := e.manifestIn(place)
	return m != nil && m.Main != "", err
}
