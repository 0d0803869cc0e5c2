package program

import (
	"fmt"
	"maps"
	"slices"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/scopes"
	"github.com/nodeint/nodeint/integrity/problem"
)

// NodePackages returns Node's package map of the program whose files and packages m has.
// notes say what Node does not find by it. The error is for a program that a package map
// cannot describe.
func (p *Program) NodePackages(m *mapfile.Map) (packages mapfile.NodePackages, notes []string, err error) {
	if err := p.checkPackageMap(); err != nil {
		return nil, nil, err
	}
	packages, left, err := scopes.NodePackages(m, p.Manifests.tree, slices.Collect(maps.Keys(p.asked)), p.Manifests)
	if err != nil {
		return nil, nil, problem.NotChecked("", "make this path readable", "making the package map: %w", err)
	}
	for _, q := range left {
		notes = append(notes, fmt.Sprintf("the package map has no package for %q in %s: with --experimental-package-map, Node does not find it", q.Specifier, mapfile.KeyOf(q.Dir)))
	}
	return packages, notes, nil
}

// checkPackageMap returns an error if names are resolved in a way that a package map
// cannot express.
func (p *Program) checkPackageMap() error {
	const leaveOut = "leave out --package-map and nodeint.packageMap"
	start := p.options.Start
	switch {
	case p.browser != nil:
		return problem.BadUsage(leaveOut, "a map for a browser cannot be Node's package map")
	case p.options.PnP.Tables != nil:
		return problem.BadUsage("set nodeLinker: node-modules in .yarnrc.yml, or "+leaveOut,
			"with Yarn's Plug'n'Play the map cannot be Node's package map: Node reads no zips, and allows one entry for each URL")
	case start != nil && start.PackageMap != "":
		return problem.BadUsage(leaveOut, "node may be started with the package map %s, so the map cannot be Node's package map too", start.PackageMap)
	case start != nil && len(start.NodePath) > 0:
		return problem.BadUsage("unset NODE_PATH, or "+leaveOut, "node is started with NODE_PATH, where it does not look with a package map")
	}
	return nil
}
