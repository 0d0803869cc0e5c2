package why

import (
	"cmp"
	"fmt"
	"path"
	"slices"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/shadow"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// The codes of the rules that pin a file or a package. docs/findings.md explains each one.
const (
	Entry        = "entry"
	Import       = "import"
	FromTrace    = "trace"
	Start        = "start"
	PackageJSON  = "package-json"
	Own          = "own"
	Declared     = "declared"
	Whole        = "package"
	Directory    = "directory"
	Tree         = "tree"
	Include      = "include"
	Shadowing    = "shadowing"
	Patch        = "patch"
	OtherInstall = "other-install"
	Kept         = "kept"
	Link         = "link"
	PnP          = "plug-n-play"
	Resolution   = "resolution"
)

// addFile adds the item of a file or link of the map.
func (f *finder) addFile(p string) error {
	item := Item{Path: p, Package: f.nameVersion(p), Pinned: true}
	var ways [][]edge
	item.Code, item.Detail, ways = f.ruleOf(p)
	if missing, err := f.isOtherInstall(p); err != nil {
		return err
	} else if missing {
		item.Code, item.Detail = OtherInstall, "its package is not installed here, but other installs of the lockfile have it: on another platform, or with other groups of dependencies"
	}
	f.add(f.withWays(item, ways))
	return nil
}

func (f *finder) withWays(item Item, ways [][]edge) Item {
	item.Total = len(ways)
	for _, way := range ways[:min(len(ways), maxWays)] {
		item.Ways = append(item.Ways, f.steps(way))
	}
	return item
}

// isOtherInstall reports whether a file of a package is not on the disk, so that the map has
// it from an archive.
func (f *finder) isOtherInstall(p string) (bool, error) {
	dir, ok := f.m.Owner(p)
	if !ok || f.m.Packages[dir].IsZero() {
		return false, nil
	}
	return f.isAbsentOnDisk(p)
}

// ruleOf returns the rule by which a file or link of the map is pinned, and the ways to it,
// or to its package.
func (f *finder) ruleOf(p string) (code, detail string, ways [][]edge) {
	dir, _ := f.m.Owner(p)
	_, reached := f.net.length[p]
	s, isShadow := f.why.Shadows[p]
	switch {
	case slices.Contains(f.m.Entries, p):
		return Entry, "it is an entry of the program", nil
	case reached && len(f.net.in[p]) > 0:
		ways = f.net.waysToFile(p)
		if len(ways) > 0 && ways[0][len(ways[0])-1].kind == Traced {
			return FromTrace, "a trace says that the program loads it by a computed name", ways
		}
		return Import, "the program loads it", ways
	case reached:
		return FromTrace, "a trace says that the program loads it", nil
	case f.m.Links[p] != "" && !isShadow:
		if f.m.OptionalLinks[p] {
			return Link, "it is a link to a file or package of the program, which some installs do not have", nil
		}
		return Link, "it is a symbolic link on the way to a file of the program", nil
	case f.why.Manifests[p]:
		return PackageJSON, "Node reads it to find the modules of its package", f.net.waysToPackage(dir)
	case f.why.Patches[p]:
		return Patch, "the package manager has patched an installed package with it", nil
	case path.Dir(p) == "." && (p == ".pnp.cjs" || p == ".pnp.data.json" || p == ".pnp.loader.mjs"):
		return PnP, "Plug'n'Play of Yarn loads it", nil
	}
	if isShadow {
		return f.shadowRule(dir, s)
	}
	if _, isWalked := f.why.Program.Files[p]; isWalked && f.isStart(p) {
		return Start, "node, or the package manager that starts it, reads it at the start", nil
	}
	if slices.Contains(f.m.Kept.Integrity, mapfile.KeyOf(p)) {
		return Kept, "somebody else than generate has added it to the map", nil
	}
	if f.isManifest(p) {
		return PackageJSON, "Node reads it to find the modules of its package", f.net.waysToPackage(dir)
	}
	return Resolution, "Node may find it when it resolves a name of the program", f.net.waysToPackage(dir)
}

// isStart reports whether node reads a file for its settings.
func (f *finder) isStart(p string) bool {
	return path.Base(p) != nodejs.PackageJSON && !nodejs.IsLoadable(p) || p == f.m.PackageMap
}

// shadowRule returns the rule for a file in the surroundings of the program.
func (f *finder) shadowRule(dir string, s shadow.File) (code, detail string, ways [][]edge) {
	switch s.Reason {
	case shadow.Included:
		return Include, "nodeint.include in package.json matches it", nil
	case shadow.Manifest:
		return PackageJSON, s.Detail(), nil
	case shadow.Precedes, shadow.Nearer:
		if s.Instead != "" {
			return Shadowing, s.Detail(), nil
		}
		return Shadowing, "modules in and below " + orRoot(s.Below) + " look for packages there", nil
	case shadow.Requested:
		return Shadowing, "a module of the program asks for this path", nil
	}
	_, isPackage := f.m.Packages[dir]
	switch {
	case f.m.Coverage == mapfile.Tree:
		return Tree, "the coverage tree pins every file of the root", nil
	case isPackage && dir != f.m.Project:
		return Whole, fmt.Sprintf("Node can load it, and %s is pinned whole", cmp.Or(f.m.Packages[dir].NameVersion(), f.net.nameOf(dir))), f.net.waysToPackage(dir)
	}
	return Directory, "Node can load it, and it is in or below a directory with modules of the program", nil
}

func orRoot(dir string) string {
	if dir == "" {
		return "the root"
	}
	return dir
}

// addPackage adds the item of the package in a directory.
func (f *finder) addPackage(dir string) error {
	pkg, known := f.m.Packages[dir]
	if !known {
		place, err := f.tree.Resolve(dir)
		if err == nil {
			f.add(f.notPinned(dir, place))
		}
		return err
	}
	item := Item{Path: dir, Package: pkg.NameVersion(), Pinned: true}
	ways := f.net.waysToPackage(dir)
	switch {
	case dir == f.m.Project:
		item.Code, item.Detail = Own, "it is the project itself"
	case len(ways) > 0 && ways[0][len(ways[0])-1].kind == Declares:
		item.Code, item.Detail = Declared, "no module of the program imports it, but a package that it uses declares it"
	case len(ways) > 0:
		item.Code, item.Detail = Import, "the program loads it"
	default:
		item.Code, item.Detail = Resolution, "Node may find it when it resolves a name of the program"
	}
	missing, err := f.isAbsentOnDisk(tree.Join(dir, nodejs.PackageJSON))
	if err != nil {
		return err
	}
	if missing && !pkg.IsZero() {
		item.Code, item.Detail = OtherInstall, "it is not installed here, but other installs of the lockfile have it: on another platform, or with other groups of dependencies"
	}
	f.add(f.withWays(item, ways))
	return nil
}
