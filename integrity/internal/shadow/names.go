package shadow

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A place is an entry of a node_modules directory: the parent of that directory, and
// the name by which modules in and below the parent find the entry.
type place struct{ dir, name string }

// addName adds the pinned entry at p, which is installed under name; "" is none.
func (s *Search) addName(p, name string) {
	if name == "" {
		return
	}
	modules := tree.Parent(p)
	if path.Base(modules) != nodejs.NodeModules {
		modules = tree.Parent(modules) // p is in the directory of a scope
	}
	s.addPlace(place{tree.Parent(modules), name}, p)
}

func (s *Search) addPlace(at place, p string) {
	s.names[at.name] = true
	if first, ok := s.pinned[at]; !ok || p < first {
		s.pinned[at] = p
	}
}

// addLinkedModules adds the pinned entries of directories that a link named node_modules
// leads to. They are pinned under their real paths.
func (s *Search) addLinkedModules() error {
	for _, link := range slices.Sorted(maps.Keys(s.m.Links)) {
		if path.Base(link) != nodejs.NodeModules {
			continue
		}
		target, err := s.tree.Resolve(link)
		if err != nil {
			return err
		}
		if target.Outside {
			continue
		}
		add := func(p string) {
			rest, ok := strings.CutPrefix(p, target.Path+"/")
			if !ok {
				return
			}
			name, _ := nodejs.SplitSpecifier(rest)
			s.addPlace(place{tree.Parent(link), name}, p)
			s.addPlace(place{tree.Parent(link), strings.TrimSuffix(name, path.Ext(name))}, p)
		}
		for f := range s.m.Paths() {
			add(f)
		}
		for l := range s.m.Links {
			add(l)
		}
		for dir := range s.m.Packages {
			add(dir)
		}
	}
	return nil
}

// nearer reports whether a module could find an entry named name in the node_modules
// directory of dir. It could if it requested that name in vain, or if it now finds a
// pinned entry further up: instead. An entry above all pinned ones of its name is found
// by no module, because each module that uses the name finds a pinned one first.
func (s *Search) nearer(dir, name string) (instead string, ok bool) {
	if s.absent[name] {
		return "", true
	}
	scope, _, isScoped := strings.Cut(name, "/")
	if !s.names[name] && !(isScoped && s.names[scope]) {
		return "", false
	}
	for {
		if p, ok := s.pinned[place{dir, name}]; ok {
			return p, true
		}
		if p, ok := s.pinned[place{dir, scope}]; ok && isScoped { // a link in the place of the scope
			return p, true
		}
		if dir == "" {
			return "", false
		}
		dir = tree.Parent(dir)
	}
}

// nearerScope is nearer for something in the place of the directory of a scope.
func (s *Search) nearerScope(dir, scope string) (instead string, ok bool) {
	for _, names := range []map[string]bool{s.absent, s.names} {
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if name == scope || strings.HasPrefix(name, scope+"/") {
				if instead, ok := s.nearer(dir, name); ok {
					return instead, true
				}
			}
		}
	}
	return "", false
}
