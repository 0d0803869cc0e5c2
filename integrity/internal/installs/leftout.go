package installs

import (
	"maps"

	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// LeftOut returns the packages that a tree leaves out, and that the map lets an
// install on the platform leave out: the number of their files, by directory. The
// second result is the findings that are not about these packages.
//
// A package is left out if none of its files exists. checked are the pinned files
// that were compared with the tree, and findings are the differences of files and
// links. If a file of a package exists, the others must exist too.
func LeftOut(t *tree.Tree, m *mapfile.Map, on lockfile.Platform, checked []mapfile.Pinned, findings []problem.Finding) (map[string]int, []problem.Finding) {
	zips := newZips(m)
	dirs := leftOutPackages(zips, on, checked, findings)
	if len(dirs) == 0 && len(m.OptionalLinks) == 0 {
		return nil, findings
	}
	modules := make(map[string]bool) // node_modules directories that are left out as well
	for dir := range dirs {
		if kind, err := t.Kind(nodejs.ModulesOf(dir)); err == nil && kind == tree.None {
			modules[nodejs.ModulesOf(dir)] = true
		}
	}
	var rest []problem.Finding
	for _, f := range findings {
		if f.Code == problem.Missing {
			if owner, ok := zips.owner(f.Path); ok && dirs[owner] > 0 {
				continue
			}
			if isLink(m, f.Path) && (m.OptionalLinks[f.Path] || leadsTo(m, f.Path, dirs) || modules[nodejs.ModulesOf(f.Path)]) {
				continue
			}
		}
		rest = append(rest, f)
	}
	return dirs, rest
}

// leftOutPackages returns the packages of which every checked file is missing: the
// number of their files, by directory.
func leftOutPackages(m zips, on lockfile.Platform, checked []mapfile.Pinned, findings []problem.Finding) map[string]int {
	missing := make(map[string]int) // files, by the directory of their package
	for _, f := range findings {
		if f.Code != problem.Missing || isLink(m.Map, f.Path) {
			continue
		}
		if dir, ok := m.owner(f.Path); ok && m.Packages[dir].MayBeAbsent(on) {
			missing[dir]++
		}
	}
	if len(missing) == 0 {
		return nil
	}
	pinned := make(map[string]int)
	for i := range checked {
		if dir, ok := m.owner(checked[i].Path); ok && missing[dir] > 0 {
			pinned[dir]++
		}
	}
	maps.DeleteFunc(missing, func(dir string, n int) bool { return n < pinned[dir] })
	return missing
}

// zips finds the owners of files. A zip of Plug'n'Play belongs to the package in it.
type zips struct {
	*mapfile.Map
	dirs map[string]string // of the packages, by the path of the zip
}

func newZips(m *mapfile.Map) zips {
	z := zips{m, make(map[string]string)}
	for dir := range m.Packages {
		if zip, _, ok := pnp.SplitZip(dir); ok {
			z.dirs[zip] = dir
		}
	}
	return z
}

func (z zips) owner(file string) (string, bool) {
	if dir, ok := z.dirs[file]; ok {
		return dir, true
	}
	return z.Owner(file)
}

func isLink(m *mapfile.Map, p string) bool {
	_, ok := m.Links[p]
	return ok
}

// leadsTo reports whether a link of the map leads to one of the packages in dirs.
func leadsTo(m *mapfile.Map, link string, dirs map[string]int) bool {
	target, err := mapfile.PathOf(m.Links[link])
	return err == nil && dirs[target] > 0
}
