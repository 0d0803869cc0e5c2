package sbom

import (
	"maps"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// addImports adds the imports of the map: which package's modules import which package.
func (b *builder) addImports() error {
	b.edges = make(map[[2]string]bool)
	for _, e := range b.m.Entries {
		b.reach(b.owner(e))
	}
	n := b.m.Names
	b.addNames(b.m.Project, withoutKept(n.Imports, b.m.Kept.Imports))
	for scope, names := range n.Scopes {
		if dir, ok := dirOfScope(scope); ok {
			b.addNames(b.owner(tree.Join(dir, "_")), withoutKept(names, b.m.Kept.Scopes[scope]))
		}
	}
	for scope, names := range n.Require {
		if dir, ok := dirOfScope(scope); ok {
			b.addNames(b.owner(tree.Join(dir, "_")), names)
		}
	}
	if b.m.Browser {
		return nil // the names have every import: a browser loads nothing else
	}
	return b.addGraph()
}

// addNames adds the packages that the names of a scope lead to.
func (b *builder) addNames(from string, names mapfile.Specifiers) {
	for _, address := range names {
		if p, err := importmap.PathOf(address); err == nil { // not the URL of a builtin module
			b.addEdge(from, b.owner(p))
		}
	}
}

// addEdge adds an import of a package in one directory of the package in another one.
func (b *builder) addEdge(from, to string) {
	b.reach(from)
	b.reach(to)
	if from != to {
		b.edges[[2]string{from, to}] = true
	}
}

// reach marks the package in a directory as imported.
func (b *builder) reach(dir string) {
	if c := b.places[dir]; c != nil {
		c.Reach = Imports
	}
}

// withoutKept returns the names that generate has made.
func withoutKept(names mapfile.Specifiers, kept []string) mapfile.Specifiers {
	if len(kept) == 0 {
		return names
	}
	names = maps.Clone(names)
	for _, name := range kept {
		delete(names, name)
	}
	return names
}

// dirOfScope returns the directory of a scope. ok is false for the scope of a URL.
func dirOfScope(scope string) (dir string, ok bool) {
	if scope == "./" {
		return "", true
	}
	dir, err := importmap.PathOf(strings.TrimSuffix(scope, "/"))
	return dir, err == nil
}

// sortedValues returns the values of a map in the order of their keys.
func sortedValues[V any](m map[string]V) []V {
	var list []V
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[k])
	}
	return list
}
