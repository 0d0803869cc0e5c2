package integrity

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/integrity/internal/glob"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/resolution"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// What surrounds the pinned files decides what Node loads as much as they do: a
// file x beside x.js, a package.json where there was none, a nearer
// node_modules. A survey finds every entry of that kind that is not pinned, a
// stray. Generate pins strays until there are none; to Verify each is a
// finding. So the two agree by construction on what a map has to hold.
//
// A stray is, in the folders from the root down to each pinned file:
//
//  1. a package.json, which says what ".js" means and what "#names" mean
//     (LOOKUP_PACKAGE_SCOPE);
//  2. a file or link whose name goes before a pinned one when require tries
//     endings (LOAD_AS_FILE before LOAD_AS_DIRECTORY): "x", "x.js", "x.json",
//     "x.node", then the folder "x";
//  3. what a module asked for when the map was made and did not find, or a link
//     in the place of a folder on the way to it;
//  4. in a node_modules there, a package, link or file of a name that the
//     program uses, since the nearest wins (LOAD_NODE_MODULES);
//
// in the folders of the packages that the coverage takes whole, and wherever a
// link in them leads:
//
//  5. a file that Node can load, or a link;
//
// and, where the coverage is the tree, any file or link at all. What the
// configuration excludes is no stray by 5, and what it includes is one anywhere.
type stray struct {
	path    string
	kind    tree.Kind
	why     why
	instead string // for before and nearer: what Node would take otherwise
}

type why uint8

const (
	steering why = iota // rule 1
	before              // rule 2
	asked               // rule 3
	nearer              // rule 4
	covered             // rule 5
	included            // named by an include pattern
)

type survey struct {
	tree *tree.Tree
	pins *pins
	own  map[string]bool // nodeint's own maps, which cannot hold themselves, and traces

	exclude, include *glob.List

	folders map[string]bool // from the root down to everything that is pinned
	roots   map[string]bool // folders that are covered whole, with what is below
	names   map[string]bool // names of packages that the program uses or asked for
	lacking map[string]bool // paths that were asked for and not there

	mu      sync.Mutex
	visited map[string]bool
}

func newSurvey(t *tree.Tree, p *pins, own map[string]bool) (*survey, error) {
	s := &survey{
		tree: t, pins: p, own: own,
		folders: map[string]bool{"": true},
		roots:   make(map[string]bool),
		names:   make(map[string]bool),
		lacking: make(map[string]bool),
		visited: make(map[string]bool),
	}
	var err error
	if s.exclude, err = glob.New(p.exclude); err != nil {
		return nil, err
	}
	if s.include, err = glob.New(p.include); err != nil {
		return nil, err
	}
	last := ""
	for f := range p.paths() {
		if dir := tree.Parent(f); dir != last { // neighbours share a folder
			s.addFolders(dir)
			last = dir
		}
		if name := nameOf(f); name != "" && isOutermost(f) { // a file in node_modules answers to its name
			s.names[name] = true
			s.names[strings.TrimSuffix(name, path.Ext(name))] = true
		}
	}
	for l := range p.links {
		s.addFolders(tree.Parent(l))
		s.addName(l)
	}
	for dir := range p.packages {
		s.addFolders(dir)
		s.addName(dir)
	}
	for _, a := range p.absent {
		if file, ok := strings.CutPrefix(a, "./"); ok {
			s.lacking[file] = true
			s.addFolders(tree.Parent(file))
		} else {
			s.names[a] = true
		}
	}
	return s, s.addRoots()
}

func (s *survey) addFolders(dir string) {
	for !s.folders[dir] {
		s.folders[dir] = true
		dir = tree.Parent(dir)
	}
}

func (s *survey) addName(dir string) {
	if name := nameOf(dir); name != "" {
		s.names[name] = true
	}
}

// addRoots finds the folders that are covered whole: those of the packages, and
// those that links in them lead to.
func (s *survey) addRoots() error {
	switch s.pins.coverage {
	case Graph:
		return nil
	case Tree:
		s.roots[""] = true
		return nil
	}
	for dir := range s.pins.packages {
		s.roots[dir] = true
	}
	for again := true; again; {
		again = false
		for _, link := range sortedKeys(s.pins.links) {
			if !s.isCovered(tree.Parent(link)) {
				continue
			}
			place, err := s.tree.Resolve(link)
			if err != nil {
				return err
			}
			if place.Kind == tree.Folder && !s.isCovered(place.Path) && path.Base(place.Path) != resolution.Modules {
				s.roots[place.Path] = true
				again = true
			}
		}
	}
	return nil
}

// isCovered reports whether dir is covered whole.
func (s *survey) isCovered(dir string) bool {
	for {
		if s.roots[dir] {
			return true
		}
		if dir == "" || s.pins.coverage != Tree && path.Base(dir) == resolution.Modules {
			return false
		}
		dir = tree.Parent(dir)
	}
}

// A visit is a folder to look at.
type visit struct {
	dir     string
	covered bool
}

// run looks at every folder that matters and returns the strays, sorted by path.
func (s *survey) run(ctx context.Context) ([]stray, error) {
	clear(s.visited)
	var level []visit
	for _, dir := range sortedKeys(s.folders) {
		level = s.push(level, dir)
	}
	for _, dir := range sortedKeys(s.roots) {
		level = s.push(level, dir)
	}
	for _, base := range s.include.Bases() {
		level = s.push(level, base)
	}
	var strays []stray
	for len(level) > 0 {
		var found []stray
		var err error
		if found, level, err = s.visitAll(ctx, level); err != nil {
			return nil, err
		}
		strays = append(strays, found...)
	}
	slices.SortFunc(strays, func(a, b stray) int { return strings.Compare(a.path, b.path) })
	return slices.CompactFunc(strays, func(a, b stray) bool { return a.path == b.path }), nil
}

func (s *survey) push(level []visit, dir string) []visit {
	if s.visited[dir] {
		return level
	}
	s.visited[dir] = true
	return append(level, visit{dir, s.isCovered(dir)})
}

// visitAll looks at the folders of one level side by side, and returns their
// strays and the folders below them that are to be looked at next.
func (s *survey) visitAll(ctx context.Context, level []visit) ([]stray, []visit, error) {
	const batch = 32
	var strays []stray
	var next []visit
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for part := range slices.Chunk(level, batch) {
		g.Go(func() error {
			var found []stray
			var below []visit
			for _, v := range part {
				if err := ctx.Err(); err != nil {
					return err
				}
				var err error
				if found, below, err = s.visit(v, found, below); err != nil {
					return err
				}
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			strays = append(strays, found...)
			for _, v := range below {
				if !s.visited[v.dir] {
					s.visited[v.dir] = true
					next = append(next, v)
				}
			}
			return nil
		})
	}
	err := g.Wait()
	return strays, next, err
}

// visit looks at one folder.
func (s *survey) visit(v visit, strays []stray, below []visit) ([]stray, []visit, error) {
	dir, err := s.tree.Dir(v.dir)
	if err != nil {
		return nil, nil, err
	}
	onTheWay := s.folders[v.dir]
	var buf []byte
	for _, e := range dir {
		if e.Kind != tree.Folder {
			// Nearly every entry is pinned, and most of the time of a survey is
			// spent here: the path is not made unless it is needed.
			buf = append(append(append(buf[:0], v.dir...), '/'), e.Name...)
			if v.dir == "" {
				buf = buf[1:]
			}
			if _, ok := s.pins.files[string(buf)]; ok {
				continue
			}
		}
		p := tree.Join(v.dir, e.Name)
		if e.Kind == tree.Folder {
			if onTheWay && e.Name == resolution.Modules {
				if strays, err = s.modules(p, strays); err != nil {
					return nil, nil, err
				}
			}
			if s.enters(v, p, e.Name) {
				below = append(below, visit{p, v.covered})
			}
			if _, known := s.pins.packages[p]; !known && s.lacking[p] && s.answers(p) {
				strays = append(strays, stray{path: p, kind: e.Kind, why: asked})
			}
			continue
		}
		if s.isPinned(p) {
			if onTheWay && e.Name == resolution.Modules && s.isFolderLink(p) {
				place, err := s.tree.Resolve(p)
				if err != nil {
					return nil, nil, err
				}
				if strays, err = s.modules(place.Path, strays); err != nil {
					return nil, nil, err
				}
			}
			continue
		}
		if why, instead, ok := s.judge(v, onTheWay, p, e); ok {
			strays = append(strays, stray{path: p, kind: e.Kind, why: why, instead: instead})
		}
	}
	return strays, below, nil
}

func (s *survey) isPinned(p string) bool { return s.isPinnedAs(p, "") }

// isPinnedAs is isPinned of stem+ending, which it does not make: it is asked for
// every ending of every file that is not pinned.
func (s *survey) isPinnedAs(stem, ending string) bool {
	var room [256]byte
	p := append(append(room[:0], stem...), ending...)
	if _, ok := s.pins.files[string(p)]; ok {
		return true
	}
	_, ok := s.pins.links[string(p)]
	return ok
}

// enters reports whether a survey goes down from a folder into one below it
// that nothing pinned lies in.
func (s *survey) enters(v visit, p, name string) bool {
	if s.exclude.Match(p, true) {
		return false
	}
	if v.covered && (s.pins.coverage == Tree && name != ".git" || name != resolution.Modules && !isRepository(name)) {
		return true
	}
	return s.include.MayMatchBelow(p)
}

// isRepository reports whether name is the folder of a version control system:
// it changes with every commit, and Node loads nothing from it.
func isRepository(name string) bool { return name == ".git" || name == ".hg" || name == ".svn" }

// judge says which rule, if any, makes an entry that is not pinned a stray.
func (s *survey) judge(v visit, onTheWay bool, p string, e tree.Entry) (why, string, bool) {
	if onTheWay {
		if e.Name == resolution.Manifest {
			return steering, "", true
		}
		if e.Name == resolution.Modules && e.Kind == tree.Link {
			return nearer, "", true
		}
		if instead, why, ok := s.goesBefore(v.dir, e.Name); ok {
			return why, instead, true
		}
		if e.Kind == tree.Link && s.folders[p] {
			return asked, "", true // where a folder on the way was, or was asked for
		}
	}
	if s.own[p] {
		return 0, "", false
	}
	if s.include.Match(p, false) {
		return included, "", true
	}
	if v.covered && (s.pins.coverage == Tree || e.Kind == tree.Link || nodejs.IsLoadable(e.Name)) && !s.exclude.Match(p, false) {
		return covered, "", true
	}
	return 0, "", false
}

// goesBefore is rules 2 and 3 for the entry name of dir: the name as it stands,
// then with each ending that require adds.
func (s *survey) goesBefore(dir, name string) (instead string, w why, ok bool) {
	p := tree.Join(dir, name)
	if s.lacking[p] {
		return "", asked, true
	}
	for _, ending := range resolution.Probes {
		if s.isPinnedAs(p, ending) {
			return p + ending, before, true
		}
	}
	for rank, ending := range resolution.Probes {
		stem, has := strings.CutSuffix(p, ending)
		if !has || strings.HasSuffix(stem, "/") || stem == "" {
			continue
		}
		if s.lacking[stem] {
			return "", asked, true
		}
		if s.anyPinned(stem, resolution.Probes[:rank]) || s.isPinned(stem) && !s.isFolderLink(stem) {
			continue // what goes before it is pinned, and there
		}
		for _, later := range resolution.Probes[rank+1:] {
			if s.isPinnedAs(stem, later) {
				return stem + later, before, true
			}
		}
		if s.folders[stem] || s.isFolderLink(stem) {
			return stem, before, true
		}
	}
	return "", 0, false
}

// isFolderLink reports whether p is a pinned link that leads to a folder.
func (s *survey) isFolderLink(p string) bool {
	if _, ok := s.pins.links[p]; !ok {
		return false
	}
	place, err := s.tree.Resolve(p)
	return err == nil && place.Kind == tree.Folder
}

func (s *survey) anyPinned(stem string, endings []string) bool {
	return slices.ContainsFunc(endings, func(ending string) bool { return s.isPinnedAs(stem, ending) })
}

// answers reports whether a folder would answer a require of its path.
func (s *survey) answers(p string) bool {
	dir, err := s.tree.Dir(p)
	if err != nil {
		return true // it cannot be read, and Verify says so when it is visited
	}
	return dir.Kind(resolution.Manifest) != tree.None ||
		slices.ContainsFunc(resolution.Probes[:], func(ending string) bool { return dir.Kind("index"+ending) != tree.None })
}

// modules is rule 4 for one node_modules folder.
func (s *survey) modules(p string, strays []stray) ([]stray, error) {
	dir, err := s.tree.Dir(p)
	if err != nil {
		return nil, err
	}
	for _, e := range dir {
		at := tree.Join(p, e.Name)
		switch {
		case strings.HasPrefix(e.Name, "@") && e.Kind == tree.Folder:
			if strays, err = s.scope(at, e.Name, strays); err != nil {
				return nil, err
			}
		case strings.HasPrefix(e.Name, "@") && s.isFolderLink(at):
			place, err := s.tree.Resolve(at)
			if err != nil {
				return nil, err
			}
			if strays, err = s.scope(place.Path, e.Name, strays); err != nil {
				return nil, err
			}
		case strings.HasPrefix(e.Name, "@"):
			if !s.isPinned(at) && s.usesScope(e.Name) {
				strays = append(strays, stray{path: at, kind: e.Kind, why: nearer, instead: e.Name})
			}
		default:
			strays = s.module(at, e.Name, e.Kind, strays)
		}
	}
	return strays, nil
}

// scope is rule 4 for the folder of one scope, which lies at p.
func (s *survey) scope(p, name string, strays []stray) ([]stray, error) {
	dir, err := s.tree.Dir(p)
	for _, e := range dir {
		strays = s.module(tree.Join(p, e.Name), name+"/"+e.Name, e.Kind, strays)
	}
	return strays, err
}

func (s *survey) usesScope(scope string) bool {
	for name := range s.names {
		if strings.HasPrefix(name, scope+"/") {
			return true
		}
	}
	return false
}

// module is rule 4 for one entry of a node_modules folder.
func (s *survey) module(p, name string, kind tree.Kind, strays []stray) []stray {
	if kind == tree.Folder {
		if _, known := s.pins.packages[p]; !known && s.names[name] {
			return append(strays, stray{path: p, kind: kind, why: nearer, instead: name})
		}
		return strays
	}
	if s.isPinned(p) {
		return strays
	}
	for _, ending := range append([]string{""}, resolution.Probes[:]...) {
		if stem, ok := strings.CutSuffix(name, ending); ok && s.names[stem] {
			return append(strays, stray{path: p, kind: kind, why: nearer, instead: stem})
		}
	}
	return strays
}
