package coverage

import (
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// addBinLinks adds the links in .bin directories that lead to files of the map's
// packages: the commands that the program and its scripts start. They are optional, since
// a package manager can be told not to make them. Packages that an install may leave out
// are skipped, so that the map is the same for every install.
func (p *pinner) addBinLinks() error {
	dirs := map[string]bool{tree.Join(p.m.Project, nodejs.NodeModules): true, nodejs.NodeModules: true}
	for dir := range p.m.Packages {
		if modules := nodejs.ModulesOf(dir); modules != "" {
			dirs[modules] = true
		} else {
			dirs[tree.Join(dir, nodejs.NodeModules)] = true
		}
	}
	for dir := range dirs {
		bin := tree.Join(dir, mapfile.BinDir)
		entries, err := p.tree.Dir(bin)
		if err != nil {
			return problem.NotChecked(bin, "make this path readable", "%w", err)
		}
		for _, e := range entries {
			if e.Kind != tree.Link {
				continue
			}
			if err := p.addBinLink(tree.Join(bin, e.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *pinner) addBinLink(link string) error {
	if _, known := p.m.Links[link]; known {
		return nil
	}
	place, err := p.tree.Resolve(link)
	if err != nil {
		return problem.NotChecked(link, "make this path readable", "%w", err)
	}
	owner, known := p.m.Owner(place.Path)
	if place.Outside || place.Kind != tree.File || !known || !p.m.Packages[owner].Condition.IsZero() {
		return nil
	}
	p.m.AddOptionalLink(link)
	return p.addLink(link)
}
