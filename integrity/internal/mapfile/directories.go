package mapfile

import (
	"slices"

	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// AddDirectories adds those of dirs that nothing else in the map requires to exist: they
// contain no pinned file or link, and every install has them.
func (m *Map) AddDirectories(dirs []string) {
	required := make(map[string]bool)
	require := func(p string) {
		for dir := tree.Parent(p); dir != "" && !required[dir]; dir = tree.Parent(dir) {
			required[dir] = true
		}
	}
	for f := range m.Paths() {
		require(f)
	}
	for link := range m.Links {
		if !m.OptionalLinks[link] {
			require(link)
		}
	}
	for _, dir := range dirs {
		if owner, known := m.Owner(tree.Join(dir, "x")); !required[dir] && (!known || m.Packages[owner].Condition.IsZero()) {
			m.Directories = append(m.Directories, dir)
		}
	}
	slices.Sort(m.Directories)
	m.Directories = slices.Compact(m.Directories)
}

// CompareDirectories returns a finding for each of the map's directories that does not
// exist or is something else.
func (m *Map) CompareDirectories(t *tree.Tree) ([]problem.Finding, error) {
	var findings []problem.Finding
	for _, dir := range m.Directories {
		kind, err := t.Kind(dir)
		if err != nil {
			return nil, problem.NotChecked(dir, "run nodeint as a user that can read this path", "%w", err)
		}
		f := problem.Finding{
			Code: problem.WrongKind, Path: dir, Want: "a directory", Got: kind.String(),
			Detail: "Node stops at this directory; without it, the program may load something else",
		}
		switch kind {
		case tree.Directory:
			continue
		case tree.None:
			f.Code = problem.Missing
		}
		findings = append(findings, f)
	}
	return findings, nil
}
