package shadow

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
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

// CheckParentModules looks in the node_modules directories above the root for
// packages that the program requested and that are not below the root: those that
// did not exist when the map was made, and those that this install leaves out. Node
// goes on upward from the root.
func (s *Search) CheckParentModules() ([]problem.Finding, error) {
	if err := s.addLeftOut(); err != nil {
		return nil, err
	}
	var findings []problem.Finding
	for dir := filepath.Dir(s.tree.Root()); ; dir = filepath.Dir(dir) {
		found, err := s.checkModules(filepath.Join(dir, nodejs.NodeModules))
		if err != nil {
			return nil, problem.NotChecked(dir, "run nodeint as a user that can read this path", "looking for packages above the root: %w", err)
		}
		findings = append(findings, found...)
		if dir == filepath.Dir(dir) {
			return findings, nil
		}
	}
}

// addLeftOut adds the names of the packages that this install leaves out to those
// that are looked for above the root.
func (s *Search) addLeftOut() error {
	for dir, p := range s.m.Packages {
		name := mapfile.InstalledName(dir)
		if p.Condition.IsZero() || name == "" {
			continue
		}
		kind, err := s.tree.Kind(dir)
		if err != nil {
			return problem.NotChecked(dir, "run nodeint as a user that can read this path", "%w", err)
		}
		if kind == tree.None {
			s.leftOut = append(s.leftOut, name)
		}
	}
	slices.Sort(s.leftOut)
	s.leftOut = slices.Compact(s.leftOut)
	return nil
}

// checkModules looks in the node_modules directory at an absolute path.
func (s *Search) checkModules(modules string) ([]problem.Finding, error) {
	if exists, err := safefile.TargetExists(modules); !exists || err != nil {
		return nil, err
	}
	var findings []problem.Finding
	for _, name := range slices.Concat(s.m.Absent, s.leftOut) {
		if strings.HasPrefix(name, "./") || !s.names[name] {
			continue
		}
		p := filepath.Join(modules, filepath.FromSlash(name))
		exists, err := safefile.Exists(p)
		if err != nil {
			return nil, err
		}
		if exists {
			findings = append(findings, problem.Finding{
				Code: problem.Unexpected, Path: filepath.ToSlash(p),
				Detail: fmt.Sprintf("the program loads %q, which is not installed in the project", name),
			})
		}
	}
	return findings, nil
}
