package shadow

import (
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// modules is rule 4 for the node_modules directory at p.
func (s *Search) modules(p string, files []File) ([]File, error) {
	dir, err := s.tree.Dir(p)
	if err != nil {
		return nil, err
	}
	for _, e := range dir {
		at := tree.Join(p, e.Name)
		switch {
		case strings.HasPrefix(e.Name, "@") && e.Kind == tree.Directory:
			if files, err = s.scope(at, e.Name, files); err != nil {
				return nil, err
			}
		case strings.HasPrefix(e.Name, "@") && s.isDirLink(at):
			place, err := s.tree.Resolve(at)
			if err != nil {
				return nil, err
			}
			if files, err = s.scope(place.Path, e.Name, files); err != nil {
				return nil, err
			}
		case strings.HasPrefix(e.Name, "@"):
			if !s.isPinned(at) && s.usesScope(e.Name) {
				files = append(files, File{Path: at, Kind: e.Kind, Reason: Nearer, Instead: e.Name})
			}
		default:
			files = s.module(at, e.Name, e.Kind, files)
		}
	}
	return files, nil
}

// scope is rule 4 for the directory of one scope, at p.
func (s *Search) scope(p, name string, files []File) ([]File, error) {
	dir, err := s.tree.Dir(p)
	for _, e := range dir {
		files = s.module(tree.Join(p, e.Name), name+"/"+e.Name, e.Kind, files)
	}
	return files, err
}

func (s *Search) usesScope(scope string) bool {
	for name := range s.names {
		if strings.HasPrefix(name, scope+"/") {
			return true
		}
	}
	return false
}

// module is rule 4 for one entry of a node_modules directory.
func (s *Search) module(p, name string, kind tree.Kind, files []File) []File {
	if kind == tree.Directory {
		if _, known := s.m.Packages[p]; !known && s.names[name] {
			return append(files, File{Path: p, Kind: kind, Reason: Nearer, Instead: name})
		}
		return files
	}
	if s.isPinned(p) {
		return files
	}
	for _, ext := range append([]string{""}, requireExtensions...) {
		if stem, ok := strings.CutSuffix(name, ext); ok && s.names[stem] {
			return append(files, File{Path: p, Kind: kind, Reason: Nearer, Instead: stem})
		}
	}
	return files
}

// WouldMatter reports whether the directory of a package, or a link to one, would be
// a shadowing file by rule 4 if it appeared at p.
func (s *Search) WouldMatter(p string) bool {
	name := mapfile.InstalledName(p)
	if name == "" {
		return false
	}
	modules := strings.TrimSuffix(strings.TrimSuffix(p, name), "/")
	return s.dirs[tree.Parent(modules)] && len(s.module(p, name, tree.Directory, nil)) > 0
}
