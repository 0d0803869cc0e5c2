package shadow

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
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

// CheckParentModules looks in the node_modules directories above the root for
// packages that the program requested and that did not exist when the map was
// made: Node goes on upward from the root.
func (s *Search) CheckParentModules() ([]problem.Finding, error) {
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

// checkModules looks in the node_modules directory at an absolute path.
func (s *Search) checkModules(modules string) ([]problem.Finding, error) {
	if exists, err := safefile.TargetExists(modules); !exists || err != nil {
		return nil, err
	}
	var findings []problem.Finding
	for _, name := range s.m.Absent {
		if strings.HasPrefix(name, "./") {
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
				Detail: fmt.Sprintf("the program loads %q, which was not installed when the map was generated", name),
			})
		}
	}
	return findings, nil
}
