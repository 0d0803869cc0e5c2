package mapfile

import (
	"slices"

	"github.com/nodeint/nodeint/integrity/internal/tree"
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
