package mapdiff

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/problem"
)

// An instance is a package in one directory of one map.
type instance struct {
	dir, name, version string
	info               mapfile.Package
	files              map[string]hasher.Metadata // by path relative to dir
	powers             []nodejs.Power
	gaps               []problem.Gap // with paths relative to dir
}

// rel returns the path relative to the directory of the package.
func (in *instance) rel(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, in.dir), "/")
}

// fingerprint returns a text that two instances with the same files share.
func (in *instance) fingerprint() string {
	pairs := make([]hasher.Pair, 0, len(in.files))
	for rel, md := range in.files {
		pairs = append(pairs, hasher.Pair{Key: rel, Value: md.String()})
	}
	return hasher.Tree(pairs).String()
}

// A side is one of the two maps, by packages.
type side struct {
	doc       *importmap.Document
	m         *mapfile.Map
	byDir     map[string]*instance
	installed map[string]map[string][]*instance // by name and version, sorted by directory
}

// read parses a map.
func read(in Input) (*side, error) {
	doc, m, err := mapfile.Read(in.Name, mapfile.Text(in.Text))
	if err != nil {
		return nil, err
	}
	s := &side{doc: doc, m: m, byDir: make(map[string]*instance), installed: make(map[string]map[string][]*instance)}
	for dir := range m.Packages {
		s.instance(s.owner(dir + "/package.json"))
	}
	for _, f := range m.Pinned {
		in := s.instance(s.owner(f.Path))
		in.files[in.rel(f.Path)] = f.Metadata
	}
	for dir, powers := range m.Powers {
		in := s.instance(s.owner(dir + "/package.json"))
		in.powers = union(in.powers, powers)
	}
	for _, g := range m.Gaps {
		in := s.instance(s.owner(g.Path))
		g.Path = in.rel(g.Path)
		in.gaps = append(in.gaps, g)
	}
	for _, dir := range slices.Sorted(maps.Keys(s.byDir)) {
		in := s.byDir[dir]
		if mapfile.IsOwn(dir) {
			continue
		}
		if s.installed[in.name] == nil {
			s.installed[in.name] = make(map[string][]*instance)
		}
		s.installed[in.name][in.version] = append(s.installed[in.name][in.version], in)
	}
	return s, nil
}

// owner returns the directory of the package that a file belongs to; "" is the project's
// root. An installed package contains every package.json below its directory, up to the next
// node_modules: they are those of copies of other packages, and have no version that means
// anything.
func (s *side) owner(path string) string {
	if dir, ok := mapfile.InstalledDir(path); ok {
		return dir
	}
	dir, _ := s.m.Owner(strings.TrimPrefix(path, "/"))
	return dir
}

// instance returns the package in dir, and adds it if there is none.
func (s *side) instance(dir string) *instance {
	if in := s.byDir[dir]; in != nil {
		return in
	}
	info := s.m.Packages[dir]
	in := &instance{
		dir: dir, name: cmp.Or(info.Name, mapfile.InstalledName(dir), dir), version: info.Version,
		info: info, files: make(map[string]hasher.Metadata),
	}
	s.byDir[dir] = in
	return in
}

// describe returns what a report says about the map as a whole.
func (s *side) describe(name string) Side {
	return Side{Name: name, Digest: s.m.Digest, Files: len(s.m.Pinned), Packages: s.m.CountPackages(s.m.Paths())}
}
