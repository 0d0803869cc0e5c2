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

// CheckParentModules looks in the node_modules directories above the root for
// packages that the program requested and that are not below the root: those that
// did not exist when the map was made, and those that this install leaves out. Node
// goes on upward from the root. Those for which the map has a gap were there already.
func (s *Search) CheckParentModules() ([]problem.Finding, error) {
	parents, err := s.ParentModules()
	if err != nil {
		return nil, err
	}
	var findings []problem.Finding
	for _, gap := range parents {
		if slices.Contains(s.m.Gaps, gap) {
			continue
		}
		name := strings.TrimPrefix(gap.Path, nodejs.NodeModules+"/")
		findings = append(findings, problem.Finding{
			Code: problem.Unexpected, Path: filepath.ToSlash(filepath.Join(s.tree.Root(), filepath.FromSlash(gap.Text))),
			Detail: fmt.Sprintf("the program loads %q, which is not installed in the project", name),
		})
	}
	return findings, nil
}

// ParentModules returns a gap for each package that the program requested, that is not
// installed below the root, and that is in a node_modules directory above it. The path
// of a gap is where the package would be in the root. Its text is where it is, relative
// to the root.
func (s *Search) ParentModules() ([]problem.Gap, error) {
	if err := s.addLeftOut(); err != nil {
		return nil, err
	}
	var gaps []problem.Gap
	above := ".."
	for dir := filepath.Dir(s.tree.Root()); ; dir = filepath.Dir(dir) {
		found, err := s.absentIn(filepath.Join(dir, nodejs.NodeModules))
		if err != nil {
			return nil, problem.NotChecked(dir, "run nodeint as a user that can read this path", "looking for packages above the root: %w", err)
		}
		for _, p := range found {
			gaps = append(gaps, problem.Gap{Path: p, Text: tree.Join(above, p), Reason: problem.GapAboveRoot})
		}
		if dir == filepath.Dir(dir) {
			return gaps, nil
		}
		above += "/.."
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

// absentIn returns the absent packages, and files in place of them, that are in the
// node_modules directory at an absolute path, as paths relative to its parent.
func (s *Search) absentIn(modules string) ([]string, error) {
	if exists, err := safefile.TargetExists(modules); !exists || err != nil {
		return nil, err
	}
	var found []string
	for _, name := range slices.Concat(s.m.Absent, s.leftOut) {
		if strings.HasPrefix(name, "./") {
			continue
		}
		for _, ext := range append([]string{""}, requireExtensions...) {
			exists, err := safefile.Exists(filepath.Join(modules, filepath.FromSlash(name+ext)))
			if err != nil {
				return nil, err
			}
			if exists {
				found = append(found, tree.Join(nodejs.NodeModules, name+ext))
			}
		}
	}
	return found, nil
}
