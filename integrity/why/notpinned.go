package why

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/internal/glob"
	"github.com/nodeint/nodeint/integrity/internal/installs"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/shadow"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/unpinned"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/trace"
)

// The codes for what is not pinned. docs/findings.md explains each one.
const (
	Absent         = "absent"
	OutsideRoot    = "outside-root"
	VersionControl = "version-control"
	OwnFile        = "own-file"
	Cache          = "cache"
	Excluded       = "excluded"
	DevOnly        = "dev-only"
	Unreachable    = "unreachable"
	NotLoadable    = "not-loadable"
	NotReached     = "not-reached"
	NotCovered     = "not-covered"
)

const includeHint = "to pin it anyway, add it to nodeint.include in package.json"

// notPinned returns the item of a file or a package that is there and that the map does not
// pin.
func (f *finder) notPinned(p string, place tree.Place) Item {
	item := Item{Path: p, Package: f.nameVersion(p)}
	pattern := f.excludedBy(p, place.Kind == tree.Directory)
	dir, installed := mapfile.InstalledDir(p + "/x")
	_, isPackageKnown := f.m.Packages[dir]
	switch {
	case place.Outside:
		item.Code, item.Detail = OutsideRoot, fmt.Sprintf("the link %s leads out of the root", place.Path)
	case unpinned.IsVersionControl(p):
		item.Code, item.Detail = VersionControl, "no map pins the directory of a version control system"
	case f.isOwnFile(p):
		item.Code, item.Detail = OwnFile, "it is a file of nodeint itself: a map, its signature or a trace"
	case unpinned.IsCache(p):
		item.Code, item.Detail = Cache, "it is in the cache of a tool, and no module of the program names it"
	case pattern != "":
		item.Code, item.Detail = Excluded, fmt.Sprintf("the pattern %q of nodeint.exclude in package.json matches it", pattern)
	case installed && !isPackageKnown:
		item.Code, item.Detail, item.Package = f.unreachedPackage(dir)
		item.Hint = "if the program loads it by a computed name, record that: nodeint trace node SCRIPT"
	case f.m.Browser:
		item.Code, item.Detail = NotReached, "the map is for a browser, and no module of the page imports it"
	case !shadow.IsCode(p):
		item.Code, item.Detail, item.Hint = NotLoadable, "Node does not load a file with this name as a module, and no module of the program names it", includeHint
	case f.m.Coverage == mapfile.Graph:
		item.Code, item.Detail = NotReached, "the coverage graph pins only what the program loads by a fixed name"
		item.Hint = "to pin packages whole: nodeint generate --coverage dependencies"
	default:
		item.Code, item.Detail, item.Hint = NotCovered, "no module of the program names it, and it is in no directory with modules of the program", includeHint
	}
	return item
}

// isOwnFile reports whether a path is one where nodeint keeps its own files.
func (f *finder) isOwnFile(p string) bool {
	for _, name := range []string{integrity.MapName, integrity.EnvelopePath(integrity.MapName), trace.Name} {
		if path.Base(p) == name {
			return true
		}
	}
	if of, ok := unpinned.TemporaryOf(p); ok && path.Base(of) == integrity.MapName {
		return true
	}
	at, inside := f.tree.Rel(f.opt.Generate.Map)
	return inside && (p == at || p == integrity.EnvelopePath(at))
}

// excludedBy returns the pattern of the configuration that excludes p, or "".
func (f *finder) excludedBy(p string, isDir bool) string {
	list, err := glob.New(f.m.Exclude)
	if err != nil || !list.Match(p, isDir) {
		return ""
	}
	for _, text := range slices.Backward(f.m.Exclude) {
		if one, err := glob.New([]string{text}); err == nil && one.Match(p, isDir) {
			return text
		}
	}
	return f.m.Exclude[0]
}

// unreachedPackage says why the installed package in dir is not one of the map's.
func (f *finder) unreachedPackage(dir string) (code, detail, name string) {
	pkg, err := f.why.Program.Manifests.Package(dir)
	if err == nil {
		name = pkg.NameVersion()
	}
	shown := cmp.Or(name, mapfile.InstalledName(dir), dir)
	if f.isDev(dir) {
		return DevOnly, "no module of the program imports " + shown + ", which is installed for development", name
	}
	return Unreachable, "no module of the program imports " + shown + ", and no package that the program uses declares it", name
}

// isDev reports whether the lockfile, or the project's package.json, has a package for
// development alone.
func (f *finder) isDev(dir string) bool {
	if plan, err := installs.Read(f.tree); err == nil && plan != nil {
		only := &mapfile.Map{Packages: map[string]mapfile.Package{dir: {}}, Links: map[string]string{}}
		if pkg, err := f.why.Program.Manifests.Package(dir); err == nil {
			only.Packages[dir] = pkg
		}
		plan.Describe(only)
		if only.Packages[dir].Dev {
			return true
		}
	}
	text, err := f.why.Program.Manifests.Read(f.m.Project)
	return err == nil && gjson.GetBytes(text, "devDependencies."+gjson.Escape(mapfile.InstalledName(dir))).Exists()
}

// isAbsentOnDisk reports whether a file of the map is not on the disk.
func (f *finder) isAbsentOnDisk(p string) (bool, error) {
	if zip, _, inZip := pnp.SplitZip(p); inZip {
		p = zip
	}
	_, err := os.Lstat(f.tree.Abs(p))
	if err == nil || safefile.IsAbsent(err) {
		return err != nil, nil
	}
	return false, problem.NotChecked(p, "make this path readable", "%w", err)
}

// explainDirectory adds the item of a directory that is no package of the map and in no
// node_modules. It returns an error if it is no package at all, and not the name of one.
func (f *finder) explainDirectory(dir string) (bool, error) {
	pkg, err := f.why.Program.Manifests.Package(dir)
	switch {
	case err != nil:
		return false, err
	case pkg.Name != "":
		return true, f.addPackage(dir)
	case isPackageName(f.opt.Target):
		return false, nil
	}
	return false, notPackage(dir)
}

func notPackage(dir string) error {
	return problem.BadUsage("name a file in it, or a package", "%s is a directory, and no package", orRoot(dir))
}

// explainAbsent adds the item of a path that does not exist, unless it may be the name of a
// package.
func (f *finder) explainAbsent(p string) (bool, error) {
	if isPackageName(f.opt.Target) {
		return false, nil
	}
	f.add(f.absent(p))
	return true, nil
}

func (f *finder) absent(p string) Item {
	item := Item{Path: p, Code: Absent, Detail: "it does not exist"}
	stem := strings.TrimSuffix(p, path.Ext(p))
	if slices.Contains(f.m.Absent, "./"+p) || slices.Contains(f.m.Absent, "./"+stem) || slices.Contains(f.m.Absent, p) {
		item.Detail = "it does not exist; the program asks for it, and the map records that it is absent"
	}
	return item
}

// isPackageName reports whether text may be a package, with or without a version.
func isPackageName(text string) bool {
	if strings.ContainsAny(text, `\"`+"\x00") {
		return false
	}
	name, _ := splitVersion(text)
	scope, rest, scoped := strings.Cut(name, "/")
	if scoped {
		return len(scope) > 1 && scope[0] == '@' && rest != "" && !strings.Contains(rest, "/")
	}
	return name != "" && name[0] != '.' && name[0] != '@'
}

// splitVersion splits "express@5.1.0".
func splitVersion(text string) (name, version string) {
	if i := strings.LastIndexByte(text, '@'); i > 0 {
		return text[:i], text[i+1:]
	}
	return text, ""
}

// explainPackages adds the items of the packages that have the name of the target: those of
// the map, and else those that are installed.
func (f *finder) explainPackages() error {
	if !isPackageName(f.opt.Target) {
		rel, inside := f.tree.Rel(f.opt.Path)
		item := f.absent(rel)
		if !inside {
			item = Item{Path: f.opt.Target, Code: OutsideRoot, Detail: "it is outside the root " + f.tree.Root()}
		}
		f.add(item)
		return nil
	}
	name, version := splitVersion(f.opt.Target)
	var dirs []string
	for dir, pkg := range f.m.Packages {
		if (f.net.nameOf(dir) == name || pkg.Name == name) && (version == "" || pkg.Version == version) {
			dirs = append(dirs, dir)
		}
	}
	others, err := f.installed(name, version)
	if err != nil {
		return err
	}
	dirs = append(dirs, others...)
	slices.SortFunc(dirs, func(a, b string) int {
		_, hasA := f.m.Packages[a]
		_, hasB := f.m.Packages[b]
		return cmp.Or(-compareBool(hasA, hasB), cmp.Compare(f.net.cost[a], f.net.cost[b]), cmp.Compare(a, b))
	})
	for _, dir := range slices.Compact(dirs) {
		if err := f.addPackage(dir); err != nil {
			return err
		}
	}
	if len(dirs) == 0 {
		if p, inside := f.tree.Rel(f.opt.Path); inside {
			if place, err := f.tree.Resolve(p); err != nil || place.Kind == tree.Directory {
				return cmp.Or(err, notPackage(p))
			}
		}
		item := f.absent(f.opt.Target)
		what := "there is no file and no installed package of this name"
		if version != "" {
			what += " and version"
		}
		item.Detail = strings.Replace(item.Detail, "it does not exist", what, 1)
		f.add(item)
	}
	return nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// installed returns the directories of the installed packages of a name that are not in the
// map: in the node_modules of the root, of the project, of the packages of the map, and in
// the store of pnpm.
func (f *finder) installed(name, version string) ([]string, error) {
	places := []string{"", f.m.Project}
	for dir := range f.m.Packages {
		places = append(places, dir)
	}
	stores, err := f.tree.Dir(tree.Join(nodejs.NodeModules, ".pnpm"))
	if err != nil {
		return nil, problem.NotChecked("", "make this path readable", "%w", err)
	}
	for _, e := range stores {
		places = append(places, tree.Join(nodejs.NodeModules+"/.pnpm", e.Name))
	}
	found := make(map[string]bool)
	for _, at := range places {
		place, err := f.tree.Resolve(tree.Join(tree.Join(at, nodejs.NodeModules), name))
		if err != nil {
			return nil, problem.NotChecked("", "make this path readable", "%w", err)
		}
		if _, known := f.m.Packages[place.Path]; known || place.Kind != tree.Directory || place.Outside {
			continue
		}
		pkg, err := f.why.Program.Manifests.Package(place.Path)
		if err != nil {
			return nil, err
		}
		if version == "" || pkg.Version == version {
			found[place.Path] = true
		}
	}
	return mapKeys(found), nil
}
