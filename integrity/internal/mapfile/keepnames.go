package mapfile

import (
	"maps"
	"strings"

	"github.com/nodeint/nodeint/importmap"
)

// KeepNames copies from was the names of packages whose files m has kept from it: what
// their modules ask for, and what means a file of theirs to the modules of others. A name
// that m has stays. isKept reports whether the package in a directory is one of them, and
// asks whether a module of the package in a directory asks for a specifier.
func (m *Map) KeepNames(was *Map, isKept func(dir string) bool, asks func(dir, specifier string) bool) {
	k := &nameKeeper{m: m, isKept: isKept, asks: asks, kept: make(map[[2]string]bool)}
	m.Names.Imports = k.keep(m.Project, m.Names.Imports, was.Names.Imports)
	m.Names.Scopes = k.keepScopes(m.Names.Scopes, was.Names.Scopes)
	m.Names.Require = k.keepScopes(m.Names.Require, was.Names.Require)
}

// A nameKeeper is one call of KeepNames.
type nameKeeper struct {
	m      *Map
	isKept func(dir string) bool
	asks   func(dir, specifier string) bool
	kept   map[[2]string]bool // directory and specifier of the names that are kept
}

func (k *nameKeeper) keepScopes(to, from map[string]Specifiers) map[string]Specifiers {
	to = maps.Clone(to)
	for scope, names := range from {
		dir, ok := dirOf(scope)
		if !ok {
			continue
		}
		if kept := k.keep(dir, to[scope], names); len(kept) > 0 {
			if to == nil {
				to = make(map[string]Specifiers)
			}
			to[scope] = kept
		}
	}
	return to
}

// dirOf returns the directory of a scope.
func dirOf(scope string) (string, bool) {
	key, isDir := strings.CutSuffix(scope, "/")
	if key == "." {
		return "", isDir
	}
	dir, err := importmap.PathOf(key)
	return dir, isDir && err == nil
}

// keep returns to with the names of the modules in dir that are kept.
func (k *nameKeeper) keep(dir string, to, from Specifiers) Specifiers {
	owner, _ := OwnerIn(k.m.Packages, dir+"/_")
	if dir == "" {
		owner = ""
	}
	to = maps.Clone(to)
	for specifier, address := range from {
		if _, has := to[specifier]; has || !k.isWanted(owner, specifier, address) && !(address == "" && k.kept[[2]string{dir, specifier}]) {
			continue // where import gets a file of the package, require may get another or none
		}
		k.kept[[2]string{dir, specifier}] = true
		if to == nil {
			to = make(Specifiers)
		}
		to[specifier] = address
	}
	return to
}

// isWanted reports whether a name of the old map is one of a kept package.
func (k *nameKeeper) isWanted(owner, specifier, address string) bool {
	file, err := importmap.PathOf(address)
	if k.isKept(owner) { // what its modules ask for is not known, since nobody has read them
		_, isPinned := k.m.Files[file]
		return err != nil || isPinned
	}
	if err != nil || !k.asks(owner, specifier) {
		return false
	}
	dir, ok := k.m.Owner(file)
	return ok && k.isKept(dir)
}
