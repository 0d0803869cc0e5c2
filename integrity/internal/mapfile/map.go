// Package mapfile reads and writes nodeint's import maps: what the integrity
// section and the member nodeint of a map mean.
//
// The package reads a map in three steps. [ReadText] reads the file once.
// [ReadDocument] parses it strictly as an import map (package importmap). [Parse]
// checks that keys, metadata and the member nodeint are well formed and that
// the tree digest matches, and returns a [Map]. A caller that has to check a
// signature or an expected digest does so after the first step.
//
// [Map.Document] does the reverse.
//
// # The sections of the standard
//
// imports and scopes say which file a name means where a module asks for it by
// import, see [Names]. Only bare specifiers are listed ("express", "#config"): others
// name their file. generate writes them, and keeps entries of others, see
// [Map.KeepEntries].
//
// A key of integrity is that of a file, or an absolute URL. nodeint does not check
// what is at a URL; a browser does.
//
// The member packages is Node's package map, see [NodePackages], if nodeint.isPackageMap is
// true. Otherwise it is somebody else's, like every member that nodeint does not know.
//
// # The member nodeint, version 2
//
// All members but version, root, coverage and entries are absent if they would
// be empty:
//
//	version     2. A map of version 1 has none of require, kept and isPackageMap
//	root        the tree digest, see treeDigest
//	coverage    a Coverage
//	entries     keys of the files that the module graph was walked from
//	project     key of the project's directory, unless it is the root
//	browser     true if the map is for a web page, and not for Node
//	isPackageMap  true if the member packages of the map is generate's, see NodePackages
//	conditions  those of the configuration, in its order, then the other ones with
//	            which node is started, sorted
//	nodePath    keys of the directories of NODE_PATH with which node is started
//	packageMap  key of the file of --experimental-package-map with which node may be
//	            started
//	include     patterns, in the configuration's order
//	exclude     patterns, in the configuration's order
//	scripts     names of packages whose install scripts may write files, in the
//	            configuration's order, if the map was compared with the lockfile
//	packages    by key of the directory: {"name", "version"}, each if package.json
//	            has it; "install", the commands of an installed package that run when
//	            it is installed, by the name of the script; {"dev", "optional", "os", "cpu", "libc"}, each if the lockfile
//	            allows an install without the package, see Condition; "integrity",
//	            the digest of the archive, if there is such a condition or if the
//	            map was compared with the lockfile; and "class", the provenance
//	            class, if the map was compared with the lockfile
//	links       by key of a symbolic link: the key of its target, or the text of
//	            the link if the target is outside the root, "/" if it is absolute
//	optionalLinks  keys of links that some installs of the lockfile do not have.
//	            Such a link may also lead to another package of the map that is
//	            installed under the same name
//	pnp         the tables of Yarn's Plug'n'Play, see PnP: {"tables": their JSON,
//	            "code": the SHA-256 of .pnp.cjs with empty tables, unless they are in
//	            .pnp.data.json, "optional": by key of a workspace's directory, the
//	            names of dependencies that some installs do not have}
//	require     what require gets where it is not what import gets, by the key of the
//	            directory that the module is in: {specifier: address}. An address of
//	            null says that the map does not know. See Names
//	kept        keys of entries that generate has not made: {"imports": [specifier],
//	            "scopes": {scope: [specifier]}, "integrity": [key]}
//	absent      package names and keys that were requested and did not exist, and
//	            paths above the root, which begin with "../"
//	directories  keys of directories that decide a resolution by their existence
//	            and that contain no pinned file
//	powers      by key of the directory of a package: the powers that its pinned files
//	            use, sorted, see package powers. "any" says that this is not known. A map
//	            without the member says so of all packages
//	gaps        what the graph could not resolve: {"path": key, "line", "column",
//	            "text", "reason"}
//
// The key of the root directory is "./". A reader rejects a member that is not
// in this list: a later version may use it for a promise that this one does not
// keep.
package mapfile

import (
	"cmp"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A Coverage says how much of the tree a map pins.
type Coverage string

// The levels of coverage. Each one pins what the one before it pins.
const (
	Graph        Coverage = "graph"        // what the static module graph reaches
	Packages     Coverage = "packages"     // and every loadable file of each package reached
	Dependencies Coverage = "dependencies" // and of the packages that those declare and that are installed
	Tree         Coverage = "tree"         // every file of the root
)

// ParseCoverage returns the level with the given name; "" is Dependencies.
func ParseCoverage(name string) (Coverage, error) {
	switch c := Coverage(name); c {
	case "":
		return Dependencies, nil
	case Graph, Packages, Dependencies, Tree:
		return c, nil
	}
	return "", problem.BadUsage("use one of graph, packages, dependencies, tree", "unknown coverage %q", name)
}

// A Map is the meaning of an import map. All paths are relative to the root and
// slash-separated; "" is the root.
type Map struct {
	Coverage      Coverage
	Entries       []string
	Project       string // the project's directory
	Browser       bool   // for a web page, and not for Node
	Conditions    []string
	NodePath      []string     // directories of NODE_PATH
	PackageMap    string       // the file of --experimental-package-map, or ""
	NodePackages  NodePackages // nil if the map is not Node's package map
	Include       []string
	Exclude       []string
	Scripts       []string           // packages whose install scripts may write files, if compared with the lockfile
	Packages      map[string]Package // by directory
	Links         map[string]string  // target of a symbolic link, as [LinkTarget] returns it, by path
	OptionalLinks map[string]bool    // links that some installs of the lockfile do not have, by path
	Names         Names
	Kept          Kept
	URLs          map[string]string // metadata by absolute URL, which nodeint does not check
	Absent        []string          // package names, "./"+paths and "../"+paths that were requested and did not exist
	Directories   []string          // directories without pinned files that must exist: see [Map.AddDirectories]
	PnP           *PnP              // nil without Plug'n'Play
	Powers        Powers            // nil if they are not known
	Gaps          []problem.Gap

	// Files holds integrity metadata by path. Parse leaves it nil; see [Map.IndexFiles].
	Files map[string]string

	// Pinned holds the files of a parsed map, in the map's order, which is sorted by key.
	Pinned []Pinned

	// Version is that of the member nodeint of a parsed map; 0 if it has none.
	Version int

	// Digest is the tree digest of a parsed map. It is empty if the map has no
	// member nodeint.
	Digest string
}

// A Pinned is a file with the metadata that it must match.
type Pinned struct {
	Path     string // relative to the root, slash-separated
	Metadata hasher.Metadata
}

// A Package is a package in a directory.
type Package struct {
	Name, Version string
	Integrity     string // of its archive, from the lockfile; "" if it was not used
	Class         string // a provenance class (lockcheck.Class); "" if not compared with a lockfile
	Condition

	// Install holds the commands that package managers run when they install the package,
	// by the name of the script, see [InstallScripts].
	Install map[string]string
}

// A Condition says which installs of the lockfile leave a package out. The zero
// value is a package that every install has.
type Condition struct {
	Dev      bool // installs without development dependencies
	Optional bool // installs without optional dependencies, or on which its install script failed

	// OS, CPU and Libc are those of the package's package.json. Installs on other
	// platforms leave the package out.
	OS, CPU, Libc []string
}

// IsZero reports whether every install has the package.
func (c Condition) IsZero() bool {
	return !c.Dev && !c.Optional && len(c.OS)+len(c.CPU)+len(c.Libc) == 0
}

// Equal reports whether c and d are the same condition.
func (c Condition) Equal(d Condition) bool {
	return c.Dev == d.Dev && c.Optional == d.Optional &&
		slices.Equal(c.OS, d.OS) && slices.Equal(c.CPU, d.CPU) && slices.Equal(c.Libc, d.Libc)
}

// MayBeAbsent reports whether an install on a platform may leave the package out.
func (c Condition) MayBeAbsent(on lockfile.Platform) bool {
	platform := lockfile.Package{OS: c.OS, CPU: c.CPU, Libc: c.Libc}
	return c.Dev || c.Optional || !platform.Installs(on)
}

// NameVersion returns "express@5.1.0".
func (p Package) NameVersion() string {
	if p.Version == "" {
		return p.Name
	}
	return cmp.Or(p.Name, "?") + "@" + p.Version
}

// String returns the package for a person: "express@5.1.0, anchored".
func (p Package) String() string {
	s := p.NameVersion()
	if p.Class != "" && s != "" {
		s += ", " + p.Class
	}
	return s
}

// Start returns what the map says about the start of node. abs returns the absolute
// path of a path.
func (m *Map) Start(abs func(p string) string) nodeflags.Record {
	r := nodeflags.Record{Conditions: m.Conditions}
	for _, dir := range m.NodePath {
		r.NodePath = append(r.NodePath, abs(dir))
	}
	if m.PackageMap != "" {
		r.PackageMap = abs(m.PackageMap)
	}
	return r
}

// IndexFiles fills Files from Pinned. Only a search for shadowing files and the
// writer of a map need it.
func (m *Map) IndexFiles() {
	m.Files = make(map[string]string, len(m.Pinned))
	for i := range m.Pinned {
		m.Files[m.Pinned[i].Path] = m.Pinned[i].Metadata.String()
	}
}

// AddOptionalLink records that some installs of the lockfile do not have a link.
func (m *Map) AddOptionalLink(link string) {
	if m.OptionalLinks == nil {
		m.OptionalLinks = make(map[string]bool)
	}
	m.OptionalLinks[link] = true
}

// Paths returns the paths of the files. Those of a parsed map are sorted, so
// neighbours mostly share a directory.
func (m *Map) Paths() iter.Seq[string] {
	if m.Pinned == nil {
		return maps.Keys(m.Files)
	}
	return func(yield func(string) bool) {
		for i := range m.Pinned {
			if !yield(m.Pinned[i].Path) {
				return
			}
		}
	}
}

// Owner returns the directory of the package that contains file. Below
// node_modules that is the directory after the last one; elsewhere it is the
// nearest parent directory that is known as a package.
func (m *Map) Owner(file string) (string, bool) { return OwnerIn(m.Packages, file) }

// OwnerIn is [Map.Owner] for packages by directory.
func OwnerIn[P any](packages map[string]P, file string) (string, bool) {
	for dir := tree.Parent(file); ; dir = tree.Parent(dir) {
		if _, ok := packages[dir]; ok {
			return dir, true
		}
		if dir == "" || path.Base(dir) == nodejs.NodeModules {
			return "", false
		}
	}
}

// PackageOf names the package that contains file, for a person. It returns ""
// if none does.
func (m *Map) PackageOf(file string) string {
	dir, ok := m.Owner(file)
	if !ok {
		return ""
	}
	return m.Packages[dir].String()
}

// CountPackages counts the packages that contain at least one of the files.
// It is faster if neighbours share a directory.
func (m *Map) CountPackages(files iter.Seq[string]) int {
	owners := make(map[string]bool)
	last := "\x00"
	for f := range files {
		if dir := tree.Parent(f); dir != last {
			last = dir
			if owner, ok := m.Owner(f); ok {
				owners[owner] = true
			}
		}
	}
	return len(owners)
}

// InstalledName returns the name under which the package in dir is installed:
// "@s/b" for "a/node_modules/@s/b". It is empty outside node_modules.
func InstalledName(dir string) string {
	base, parent := path.Base(dir), tree.Parent(dir)
	if scope := path.Base(parent); strings.HasPrefix(scope, "@") {
		base, parent = scope+"/"+base, tree.Parent(parent)
	}
	if path.Base(parent) != nodejs.NodeModules {
		return ""
	}
	return base
}

// InstalledDir returns the directory of the package below node_modules that
// file belongs to by its path, whether or not that package has a package.json.
func InstalledDir(file string) (string, bool) {
	i := strings.LastIndex("/"+file, "/"+nodejs.NodeModules+"/")
	if i < 0 {
		return "", false
	}
	start := i + len(nodejs.NodeModules) + 1
	name, sub := nodejs.SplitSpecifier(file[start:])
	if name == "" || sub == "" {
		return "", false // a file in node_modules itself
	}
	return file[:start] + name, true
}

// IsOwn reports whether a file is the project's own: not below a node_modules.
func IsOwn(file string) bool {
	return !strings.Contains("/"+file, "/"+nodejs.NodeModules+"/")
}

// rootKey is the key of the root directory.
const rootKey = "./"

// KeyOf returns the key of a path; "./" for the root.
func KeyOf(p string) string {
	if p == "" {
		return rootKey
	}
	return importmap.KeyOf(p)
}

// KeysOf returns the keys of paths.
func KeysOf(paths []string) []string {
	keys := make([]string, len(paths))
	for i, p := range paths {
		keys[i] = KeyOf(p)
	}
	return keys
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
