package mapdiff

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
)

// eachName calls fn for each name of a map: scope is the key of a directory, or "" for
// imports.
func (s *side) eachName(fn func(section, scope, specifier, address string)) {
	each := func(section, scope string, names mapfile.Specifiers) {
		for _, specifier := range slices.Sorted(maps.Keys(names)) {
			fn(section, scope, specifier, names[specifier])
		}
	}
	each("import", "", s.m.Names.Imports)
	for _, scope := range slices.Sorted(maps.Keys(s.m.Names.Scopes)) {
		each("import", scope, s.m.Names.Scopes[scope])
	}
	for _, scope := range slices.Sorted(maps.Keys(s.m.Names.Require)) {
		each("require", scope, s.m.Names.Require[scope])
	}
}

// dirOf returns the directory of a package to which an address or the key of a directory
// leads.
func (s *side) dirOf(key string) (dir string, ok bool) {
	path, err := importmap.PathOf(strings.TrimSuffix(key, "/"))
	switch {
	case key == "" || key == "./":
		return "", true
	case err != nil:
		return "", false
	}
	if _, ok := s.byDir[path]; ok {
		return path, true
	}
	return s.owner(path), true
}

// requesters returns for each installed package the names of the packages that import it,
// and whether the project's own code does.
func (s *side) requesters() (names map[string][]string, direct map[string]bool) {
	names, direct = make(map[string][]string), make(map[string]bool)
	s.eachName(func(_, scope, _, address string) {
		dir, ok := s.dirOf(address)
		from, ok2 := s.dirOf(scope)
		if !ok || !ok2 || dir == from || address == "" || mapfile.IsOwn(dir) {
			return
		}
		if mapfile.IsOwn(from) {
			direct[dir] = true
		} else if in := s.byDir[from]; in != nil && !slices.Contains(names[dir], in.name) {
			names[dir] = append(names[dir], in.name)
		}
	})
	for _, list := range names {
		slices.Sort(list)
	}
	return names, direct
}

// targetOf names what an address leads to: a package, or the address itself.
func (s *side) targetOf(address string) string {
	dir, ok := s.dirOf(address)
	in := s.byDir[dir]
	if !ok || in == nil {
		return address
	}
	return cmp.Or(in.name, "./")
}

// compareNames lists the names that mean a file of another package than before.
func (r *Report) compareNames(was, is *side) {
	type name struct{ section, scope, specifier string }
	before := make(map[name]string)
	was.eachName(func(section, scope, specifier, address string) { before[name{section, scope, specifier}] = address })
	is.eachName(func(section, scope, specifier, address string) {
		old, ok := before[name{section, scope, specifier}]
		if !ok || old == address || old == "" || address == "" || was.targetOf(old) == is.targetOf(address) {
			return
		}
		n := Name{From: scope, Specifier: specifier, Old: old, New: address}
		if !slices.Contains(r.Names, n) {
			r.Names = append(r.Names, n)
		}
	})
}
