// Package resolution tells what the resolution of a specifier passes on its way:
// the symbolic links it goes through, the package.json files that steer it, the
// folders of the packages it enters, and the names it asks for and does not
// find. The module that it ends at is found by package graph; what lies on the
// way decides just as much what Node loads, and is pinned too.
//
// The walk is that of the Node.js documentation, "All together" of Modules:
// CommonJS modules (LOAD_AS_FILE, LOAD_AS_DIRECTORY, LOAD_NODE_MODULES) and the
// resolution algorithm of Modules: ECMAScript modules, without the conditions
// of exports and imports: those decide within a package.json that is pinned.
//
// Where Yarn's Plug'n'Play is in use, its tables say where the packages lie that a
// package may ask for by their names, and no node_modules counts (plugged.go).
package resolution

import (
	"bytes"
	"net/url"
	"path"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// Probes are the endings that require tries, in this order, after the name as
// it stands (LOAD_AS_FILE), and on "index" in a folder (LOAD_INDEX).
var Probes = [...]string{".js", ".json", ".node"}

// Manifest is the name of the file that steers resolution in a folder.
const Manifest = "package.json"

// MaxManifest is how large a package.json may be, in bytes: some are generated.
const MaxManifest = 16 << 20

// Modules is the name of the folders that packages are installed in.
const Modules = "node_modules"

// A Lookup gathers what resolutions pass. Its sets grow with every call.
type Lookup struct {
	Files     map[string]struct{} // files ended at, where no exports or imports decide
	Links     map[string]struct{} // symbolic links passed
	Manifests map[string]struct{} // package.json files that steered
	Packages  map[string]struct{} // real folders of packages entered
	Absent    map[string]struct{} // package names, and "./"+path of files, asked for and not there
	Outside   map[string]string   // links that lead out of the root, and where to

	tree      *tree.Tree
	tables    *pnp.Tables // nil without Plug'n'Play
	seen      map[question]bool
	manifests map[string]*manifest
}

type question struct {
	dir, specifier string
	isImport       bool
}

// New returns a Lookup over t that has passed nothing yet. tables is nil where
// Plug'n'Play is not in use.
func New(t *tree.Tree, tables *pnp.Tables) *Lookup {
	return &Lookup{
		Files:     make(map[string]struct{}),
		Links:     make(map[string]struct{}),
		Manifests: make(map[string]struct{}),
		Packages:  make(map[string]struct{}),
		Absent:    make(map[string]struct{}),
		Outside:   make(map[string]string),
		tree:      t,
		tables:    tables,
		seen:      make(map[question]bool),
		manifests: make(map[string]*manifest),
	}
}

// Specifier follows what a module in the folder dir asks for. It reports
// whether anything was found that answers. dir may be a virtual path of Plug'n'Play.
func (l *Lookup) Specifier(dir, specifier string, isImport bool) (bool, error) {
	q := question{dir, specifier, isImport}
	if found, ok := l.seen[q]; ok {
		return found, nil
	}
	l.seen[q] = true // for cycles: "#a" of imports may name "#a"
	found, err := l.specifier(q)
	l.seen[q] = found
	return found, err
}

func (l *Lookup) specifier(q question) (bool, error) {
	s := q.specifier
	if q.isImport {
		s = decode(s)
	}
	virtual := q.dir
	if l.tables != nil {
		q.dir = pnp.Real(q.dir)
	}
	switch {
	case s == "" || strings.Contains(s, "\x00"):
		return true, nil
	case len(s) > 5 && strings.EqualFold(s[:5], "file:"):
		u, err := url.Parse(s)
		if err != nil {
			return true, nil
		}
		return l.absolute(u.Path)
	case path.IsAbs(s):
		return l.absolute(s)
	case s == "." || s == ".." || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../"):
		p := path.Join(q.dir, s)
		if leadsOut(p) {
			return true, nil
		}
		if p == "." {
			p = ""
		}
		if namesFolder(s) {
			return l.folderOrAbsent(p)
		}
		return l.fileOrAbsent(p)
	case strings.HasPrefix(s, "#"):
		return true, l.internal(q)
	case strings.Contains(s, ":"):
		return true, nil // data:, node:, https:
	}
	if found, owned, err := l.plugged(virtual, s); owned {
		return found, err
	}
	return l.bare(q.dir, s, q.isImport)
}

// decode reads an import specifier as the URL that it is, if it is one.
func decode(s string) string {
	if strings.HasPrefix(s, "#") || !strings.ContainsAny(s, "%?#") {
		return s
	}
	if i := strings.IndexAny(s, "?#"); i > 0 {
		s = s[:i]
	}
	if d, err := url.PathUnescape(s); err == nil {
		return d
	}
	return s
}

func (l *Lookup) absolute(abs string) (bool, error) {
	p, inside := l.tree.Rel(path.Clean(abs))
	if !inside {
		return false, nil
	}
	return l.fileOrAbsent(p)
}

// namesFolder reports whether a path can only be a folder's: require tries no
// endings on it.
func namesFolder(s string) bool {
	base := s[strings.LastIndexByte(s, '/')+1:]
	return base == "" || base == "." || base == ".."
}

func (l *Lookup) fileOrAbsent(p string) (bool, error) {
	found, err := l.file(p)
	if err == nil && !found {
		err = l.Lack(p)
	}
	return found, err
}

func (l *Lookup) folderOrAbsent(p string) (bool, error) {
	place, err := l.tree.Resolve(p)
	if err != nil {
		return false, err
	}
	if place.Kind == tree.Folder {
		found, err := l.folder(place)
		if found || err != nil {
			return found, err
		}
	}
	return false, l.Lack(p)
}

// Lack notes that nothing answers to p, under the real path that it would have:
// through a link on the way, what is missing is missing where the link leads.
func (l *Lookup) Lack(p string) error {
	if p == "" {
		return nil // the root is there; what it lacks, folder has noted
	}
	for dir, rest := tree.Parent(p), path.Base(p); ; dir, rest = tree.Parent(dir), path.Base(dir)+"/"+rest {
		place, err := l.tree.Resolve(dir)
		if err != nil {
			return err
		}
		if place.Kind == tree.Folder {
			l.pass(place)
			l.Absent["./"+tree.Join(place.Path, rest)] = struct{}{}
			return nil
		}
		if place.Outside || dir == "" {
			l.pass(place)
			return nil
		}
	}
}

// leadsOut reports whether a clean path lies above the root. If a file is there,
// the graph says so.
func leadsOut(p string) bool { return p == ".." || strings.HasPrefix(p, "../") }

// file is LOAD_AS_FILE and LOAD_AS_DIRECTORY.
func (l *Lookup) file(p string) (bool, error) {
	if leadsOut(p) {
		return true, nil
	}
	for _, ending := range append([]string{""}, Probes[:]...) {
		place, err := l.tree.Resolve(p + ending)
		if err != nil {
			return false, err
		}
		switch place.Kind {
		case tree.File, tree.Other:
			l.end(place)
			return true, nil
		case tree.Folder:
			if ending != "" {
				continue
			}
			if found, err := l.folderAfter(p, place); found || err != nil {
				return found, err
			}
		case tree.None:
			if place.Outside {
				l.pass(place)
				return true, nil
			}
		}
	}
	return false, nil
}

// folderAfter is LOAD_AS_DIRECTORY for p, unless a file with an ending goes
// before it.
func (l *Lookup) folderAfter(p string, place tree.Place) (bool, error) {
	for _, ending := range Probes {
		file, err := l.tree.Resolve(p + ending)
		if err != nil {
			return false, err
		}
		if file.Kind == tree.File || file.Kind == tree.Other || file.Outside {
			return false, nil // the loop in file comes to it
		}
	}
	return l.folder(place)
}

// folder is LOAD_AS_DIRECTORY.
func (l *Lookup) folder(place tree.Place) (bool, error) {
	l.pass(place)
	m, err := l.manifest(place.Path)
	if err != nil {
		return false, err
	}
	if m != nil {
		l.steer(m)
		if m.main != "" {
			if found, err := l.mainOf(place.Path, m.main); found || err != nil {
				return found, err
			}
		}
	}
	found, err := l.index(place.Path)
	if err == nil && !found {
		err = l.Lack(tree.Join(place.Path, "index")) // a folder that comes to answer goes before what is found further up
	}
	return found, err
}

func (l *Lookup) mainOf(dir, main string) (bool, error) {
	if path.IsAbs(main) {
		return l.absolute(main)
	}
	p := path.Join(dir, main)
	if p == "." || p == dir || leadsOut(p) {
		return false, nil
	}
	return l.fileOrAbsent(p)
}

func (l *Lookup) index(dir string) (bool, error) {
	for _, ending := range Probes {
		place, err := l.tree.Resolve(tree.Join(dir, "index"+ending))
		if err != nil {
			return false, err
		}
		if place.Kind == tree.File || place.Kind == tree.Other {
			l.end(place)
			return true, nil
		}
	}
	return false, nil
}

// bare is LOAD_NODE_MODULES and PACKAGE_RESOLVE.
func (l *Lookup) bare(dir, specifier string, isImport bool) (bool, error) {
	name, sub := SplitName(specifier)
	if name == "" {
		return true, nil
	}
	if self, err := l.isSelf(dir, name); self || err != nil {
		return true, err
	}
	for at, ok := dir, true; ok; at, ok = up(at) {
		// NODE_MODULES_PATHS leaves out node_modules/node_modules;
		// PACKAGE_RESOLVE does not.
		if path.Base(at) == Modules && !isImport {
			continue
		}
		found, err := l.inModules(tree.Join(at, Modules), name, sub)
		if found || err != nil {
			return found, err
		}
	}
	l.Absent[name] = struct{}{}
	return false, nil
}

// up returns the folder above dir; false above the root.
func up(dir string) (string, bool) {
	if dir == "" {
		return "", false
	}
	return tree.Parent(dir), true
}

// inModules looks for a package, or a file in its place, in one node_modules.
func (l *Lookup) inModules(modules, name, sub string) (bool, error) {
	place, err := l.tree.Resolve(tree.Join(modules, name))
	if err != nil {
		return false, err
	}
	if place.Outside {
		l.pass(place)
		return true, nil
	}
	if place.Kind != tree.Folder {
		return l.file(path.Join(modules, name, sub))
	}
	return l.inPackage(place, tree.Join(modules, name), sub)
}

// inPackage looks for sub in the package that lies at place, and that was asked for
// at the path at.
func (l *Lookup) inPackage(place tree.Place, at, sub string) (bool, error) {
	l.pass(place)
	l.Packages[place.Path] = struct{}{}
	m, err := l.manifest(place.Path)
	if err != nil {
		return false, err
	}
	if m != nil {
		l.steer(m)
		if m.exports {
			return true, l.throughMap(place.Path, m)
		}
	}
	if sub == "" {
		return l.file(at)
	}
	return l.fileOrAbsent(path.Join(place.Path, sub))
}

// Package finds the package name as a module in dir would, passing what lies on
// the way, and returns its real folder; false where it is not installed.
func (l *Lookup) Package(dir, name string) (string, bool, error) {
	for at, ok := dir, true; ok; at, ok = up(at) {
		if path.Base(at) == Modules {
			continue
		}
		place, err := l.tree.Resolve(tree.Join(tree.Join(at, Modules), name))
		if err != nil {
			return "", false, err
		}
		if place.Outside {
			l.pass(place)
			return "", true, nil
		}
		if place.Kind == tree.Folder {
			l.pass(place)
			l.Packages[place.Path] = struct{}{}
			return place.Path, true, nil
		}
	}
	l.Absent[name] = struct{}{}
	return "", false, nil
}

// isSelf is PACKAGE_SELF_RESOLVE: a package that has exports may name itself.
func (l *Lookup) isSelf(dir, name string) (bool, error) {
	m, at, err := l.scope(dir)
	if err != nil || m == nil || !m.exports || m.name != name {
		return false, err
	}
	return true, l.throughMap(at, m)
}

// internal is PACKAGE_IMPORTS_RESOLVE: every package that an "imports" target
// may name is looked up, whatever the conditions.
func (l *Lookup) internal(q question) error {
	m, dir, err := l.scope(q.dir)
	if err != nil || m == nil {
		return err
	}
	for _, target := range m.imports {
		if _, err := l.Specifier(dir, target, q.isImport); err != nil {
			return err
		}
	}
	return l.throughMap(dir, m)
}

// scope is LOOKUP_PACKAGE_SCOPE: the nearest package.json upward.
func (l *Lookup) scope(dir string) (*manifest, string, error) {
	for at, ok := dir, true; ok; at, ok = up(at) {
		if path.Base(at) == Modules {
			return nil, "", nil
		}
		m, err := l.manifest(at)
		if m != nil || err != nil {
			return m, at, err
		}
	}
	return nil, "", nil
}

func (l *Lookup) end(place tree.Place) {
	l.pass(place)
	l.Files[place.Path] = struct{}{}
}

func (l *Lookup) pass(place tree.Place) {
	for _, link := range place.Links {
		l.Links[link] = struct{}{}
	}
	if place.Outside {
		to, _, _ := l.tree.Readlink(place.Path)
		l.Outside[place.Path] = to
	}
}

// SplitName parts a bare specifier into the package's name and the path in it.
// The name is empty where no package can have it.
func SplitName(specifier string) (name, sub string) {
	name, sub, _ = strings.Cut(specifier, "/")
	if strings.HasPrefix(name, "@") {
		var second string
		second, sub, _ = strings.Cut(sub, "/")
		if second == "" || second == "." || second == ".." {
			return "", ""
		}
		name += "/" + second
	}
	return name, strings.Trim(sub, "/")
}

// A manifest is what resolution reads of a package.json.
type manifest struct {
	place   tree.Place // where it lies: it may be a link
	name    string
	main    string
	exports bool
	imports []string // the targets of "imports" that are not paths
	mapped  []string // those of "exports" and "imports" that are paths in the package
	passed  bool     // what mapped passes has been noted
	twice   []string // the targets of an "exports" that stands there twice: see ambiguous
}

func (l *Lookup) steer(m *manifest) {
	l.pass(m.place)
	l.Manifests[m.place.Path] = struct{}{}
}

func (l *Lookup) manifest(dir string) (*manifest, error) {
	if m, ok := l.manifests[dir]; ok {
		return m, nil
	}
	m, err := l.readManifest(dir)
	if err == nil {
		l.manifests[dir] = m
	}
	return m, err
}

func (l *Lookup) readManifest(dir string) (*manifest, error) {
	place, err := l.tree.Resolve(tree.Join(dir, Manifest))
	if err != nil || place.Kind != tree.File {
		return nil, err
	}
	data, err := l.tree.ReadFile(place.Path, MaxManifest)
	if err != nil {
		return nil, err
	}
	return parseManifest(place, data), nil
}

// parseManifest reads as JSON.parse does: of two members of one name the last
// one counts.
func parseManifest(place tree.Place, data []byte) *manifest {
	m := &manifest{place: place}
	var exports []gjson.Result
	text := gjson.ParseBytes(bytes.TrimPrefix(data, []byte("\uFEFF")))
	if !text.IsObject() {
		return m
	}
	text.ForEach(func(k, v gjson.Result) bool {
		switch k.Str {
		case "name":
			m.name = stringOf(v)
		case "main":
			m.main = stringOf(v)
		case "exports":
			m.exports = v.Type != gjson.Null
			exports = append(exports, v)
			m.mapped = targets(v, isInPackage, m.mapped, 0)
		case "imports":
			m.imports = targets(v, isBare, nil, 0)
			m.mapped = targets(v, isInPackage, m.mapped, 0)
		}
		return true
	})
	if len(exports) > 1 {
		m.twice = targets(exports[len(exports)-1], isRelative, nil, 0)
	}
	return m
}

// throughMap notes what the targets of exports and imports pass, and which are
// missing, whatever the conditions that lead to them. Of a pattern that is what
// comes before the "*".
func (l *Lookup) throughMap(dir string, m *manifest) error {
	if m.passed {
		return nil
	}
	m.passed = true
	for _, target := range m.mapped {
		fixed, _, isPattern := strings.Cut(target, "*")
		if isPattern {
			fixed = fixed[:strings.LastIndexByte(fixed, '/')+1]
		}
		p := path.Join(dir, fixed)
		if leadsOut(p) {
			continue
		}
		place, err := l.tree.Resolve(p)
		if err != nil {
			return err
		}
		l.pass(place)
		if place.Kind == tree.None && !place.Outside && !isPattern {
			if err := l.Lack(p); err != nil {
				return err
			}
		}
	}
	return l.ambiguous(dir, m)
}

// ambiguous takes every target of an "exports" that stands in a package.json
// twice: esbuild goes by the first one, Node by the last.
func (l *Lookup) ambiguous(dir string, m *manifest) error {
	for _, target := range m.twice {
		if _, err := l.file(path.Join(dir, target)); err != nil {
			return err
		}
	}
	return nil
}

func stringOf(r gjson.Result) string {
	if r.Type != gjson.String {
		return ""
	}
	return r.Str
}

func isRelative(s string) bool { return strings.HasPrefix(s, "./") && !strings.Contains(s, "*") }

func isInPackage(s string) bool { return strings.HasPrefix(s, "./") }

func isBare(s string) bool {
	return s != "" && !strings.HasPrefix(s, ".") && !strings.HasPrefix(s, "/")
}

// maxNesting is how deep targets may lie: to read what nests takes time in the
// square of its depth. Nobody writes conditions as deep as this.
const maxNesting = 100

// targets gathers the strings in an exports or imports object that wanted takes,
// whatever the conditions. A "*" in a bare one stands for part of a subpath,
// never of the package's name, which is all that is kept of it.
func targets(r gjson.Result, wanted func(string) bool, to []string, depth int) []string {
	switch {
	case r.IsObject() || r.IsArray():
		if depth == maxNesting {
			return to
		}
		r.ForEach(func(_, v gjson.Result) bool {
			to = targets(v, wanted, to, depth+1)
			return true
		})
	case r.Type == gjson.String && wanted(r.Str):
		s := r.Str
		if strings.Contains(s, "*") && isBare(s) {
			s, _ = SplitName(s)
		}
		to = append(to, s)
	}
	return to
}
