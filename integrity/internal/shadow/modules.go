package shadow

import (
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// modules is rule 4 for the node_modules directory at p, which modules in and below
// parent look into.
func (s *Search) modules(p, parent string, files []File) ([]File, error) {
	dir, err := s.tree.Dir(p)
	if err != nil {
		return nil, err
	}
	for _, e := range dir {
		at := tree.Join(p, e.Name)
		switch {
		case strings.HasPrefix(e.Name, "@") && e.Kind == tree.Directory:
			if files, err = s.scope(at, parent, e.Name, files); err != nil {
				return nil, err
			}
		case strings.HasPrefix(e.Name, "@") && s.isDirLink(at):
			place, err := s.tree.Resolve(at)
			if err != nil {
				return nil, err
			}
			if files, err = s.scope(place.Path, parent, e.Name, files); err != nil {
				return nil, err
			}
		case strings.HasPrefix(e.Name, "@"):
			if instead, ok := s.nearerScope(parent, e.Name); ok && !s.isPinned(at) {
				files = append(files, File{Path: at, Kind: e.Kind, Reason: Nearer, Instead: instead, Below: parent})
			}
		default:
			files = s.module(at, parent, e.Name, e.Kind, files)
		}
	}
	return files, nil
}

// scope is rule 4 for the directory of one scope, at p.
func (s *Search) scope(p, parent, name string, files []File) ([]File, error) {
	dir, err := s.tree.Dir(p)
	for _, e := range dir {
		files = s.module(tree.Join(p, e.Name), parent, name+"/"+e.Name, e.Kind, files)
	}
	return files, err
}

// module is rule 4 for one entry of a node_modules directory.
func (s *Search) module(p, parent, name string, kind tree.Kind, files []File) []File {
	if kind == tree.Directory {
		if _, known := s.m.Packages[p]; known {
			return files
		}
		instead, ok := s.nearer(parent, name)
		if ok && instead != "" && s.anyPinned(p, requireExtensions) { // a file is found before it
			instead, ok = s.nearer(tree.Parent(parent), name)
			ok = ok && parent != ""
		}
		if ok {
			return append(files, File{Path: p, Kind: kind, Reason: Nearer, Instead: instead, Below: parent})
		}
		return files
	}
	if s.isPinned(p) {
		return files
	}
	for rank, ext := range append([]string{""}, requireExtensions...) {
		stem, ok := strings.CutSuffix(name, ext)
		if !ok || rank > 0 && s.foundBefore(strings.TrimSuffix(p, ext), rank-1) {
			continue
		}
		if instead, ok := s.nearer(parent, stem); ok {
			return append(files, File{Path: p, Kind: kind, Reason: Nearer, Instead: instead, Below: parent})
		}
	}
	return files
}

// WouldMatter reports whether the directory of a package, or a link to one, would be
// a shadowing file if it appeared at p: by rule 4, or because it was requested there.
func (s *Search) WouldMatter(p string) bool {
	name := mapfile.InstalledName(p)
	if name == "" {
		return false
	}
	parent := tree.Parent(nodejs.ModulesOf(p))
	return s.missing[p] || s.dirs[parent] && len(s.module(p, parent, name, tree.Directory, nil)) > 0
}
