package shadow

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/integrity/internal/glob"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/unpinned"
)

// A Search looks for the shadowing files of one map in one tree.
type Search struct {
	tree *tree.Tree
	m    *mapfile.Map
	own  map[string]bool // nodeint's own files, which a map cannot pin

	exclude, include *glob.List

	dirs    map[string]bool  // from the root down to everything that is pinned
	roots   map[string]bool  // directories that are covered whole, with what is below
	pinned  map[place]string // paths of pinned entries of node_modules directories
	names   map[string]bool  // names of these entries
	absent  map[string]bool  // names of packages that were requested and did not exist
	missing map[string]bool  // paths that were requested and did not exist
	targets map[string]bool  // those of missing that a link leads to
	addons  map[string]bool  // directories of the packages that have an addon
	leftOut []string         // names of packages that this install leaves out

	mu      sync.Mutex
	visited map[string]bool
}

// NewSearch prepares a search. m must have its Files. own are paths of maps,
// envelopes and traces, which are never shadowing files. The error is for
// patterns that cannot be compiled and for links that cannot be resolved.
func NewSearch(t *tree.Tree, m *mapfile.Map, own map[string]bool) (*Search, error) {
	s := &Search{
		tree: t, m: m, own: own,
		dirs:    map[string]bool{"": true},
		roots:   make(map[string]bool),
		addons:  make(map[string]bool),
		pinned:  make(map[place]string),
		names:   make(map[string]bool),
		absent:  make(map[string]bool),
		missing: make(map[string]bool),
		targets: make(map[string]bool),
		visited: make(map[string]bool),
	}
	var err error
	if s.exclude, err = glob.New(m.Exclude); err != nil {
		return nil, err
	}
	if s.include, err = glob.New(m.Include); err != nil {
		return nil, err
	}
	last := ""
	for f := range m.Paths() {
		if dir := tree.Parent(f); dir != last { // neighbours share a directory
			s.addDirs(dir)
			last = dir
		}
		if name := mapfile.InstalledName(f); name != "" && isOutermost(f) { // a file in node_modules is found by its name
			s.addName(f, name)
			s.addName(f, strings.TrimSuffix(name, path.Ext(name)))
		}
	}
	for l := range m.Links {
		s.addDirs(tree.Parent(l))
		s.addName(l, mapfile.InstalledName(l))
	}
	for dir, p := range m.Packages {
		s.addDirs(dir)
		s.addName(dir, mapfile.InstalledName(dir))
		if !p.Condition.IsZero() { // where it is left out, Node goes on upward
			s.absent[mapfile.InstalledName(dir)] = true
		}
	}
	for link := range m.OptionalLinks {
		if name := mapfile.InstalledName(link); name != "" {
			s.absent[name] = true
		}
	}
	if err := s.addLinkedModules(); err != nil {
		return nil, err
	}
	s.addAbsent()
	s.addTargets()
	s.addAddons()
	return s, s.addRoots()
}

// isOutermost reports whether a file lies directly in a node_modules directory,
// or in the directory of a scope there.
func isOutermost(file string) bool {
	dir := tree.Parent(file)
	if strings.HasPrefix(path.Base(dir), "@") {
		dir = tree.Parent(dir)
	}
	return path.Base(dir) == nodejs.NodeModules
}

func (s *Search) addDirs(dir string) {
	for !s.dirs[dir] {
		s.dirs[dir] = true
		dir = tree.Parent(dir)
	}
}

// addRoots finds the directories that are covered whole: those of the packages,
// for the project's own package those of ownDirs, and those that links in them
// lead to.
func (s *Search) addRoots() error {
	switch s.m.Coverage {
	case mapfile.Graph:
		return nil
	case mapfile.Tree:
		s.roots[""] = true
		return nil
	}
	for dir := range s.m.Packages {
		if dir != s.m.Project {
			s.roots[dir] = true
		}
	}
	for _, dir := range s.ownDirs() {
		s.roots[dir] = true
	}
	for again := true; again; {
		again = false
		for _, link := range slices.Sorted(maps.Keys(s.m.Links)) {
			if !s.isCovered(tree.Parent(link)) {
				continue
			}
			place, err := s.tree.Resolve(link)
			if err != nil {
				return err
			}
			if place.Kind == tree.Directory && !s.isCovered(place.Path) && path.Base(place.Path) != nodejs.NodeModules {
				s.roots[place.Path] = true
				again = true
			}
		}
	}
	return nil
}

// isCovered reports whether dir is covered whole.
func (s *Search) isCovered(dir string) bool {
	for {
		if s.roots[dir] {
			return true
		}
		if dir == "" || s.m.Coverage != mapfile.Tree && path.Base(dir) == nodejs.NodeModules {
			return false
		}
		dir = tree.Parent(dir)
	}
}

// A visit is a directory to look at.
type visit struct {
	dir     string
	covered bool
	addon   bool // it belongs to a package that has an addon
	vcs     bool // it is a version-control directory that is not the root's, or in one
}

// Run looks at every directory that matters and returns the shadowing files,
// sorted by path.
func (s *Search) Run(ctx context.Context) ([]File, error) {
	clear(s.visited)
	var level []visit
	for _, dir := range slices.Sorted(maps.Keys(s.dirs)) {
		level = s.push(level, dir)
	}
	for _, dir := range slices.Sorted(maps.Keys(s.roots)) {
		level = s.push(level, dir)
	}
	for _, base := range s.include.Bases() {
		level = s.push(level, base)
	}
	var files []File
	for len(level) > 0 {
		found, next, err := s.visitAll(ctx, level)
		if err != nil {
			return nil, err
		}
		files, level = append(files, found...), next
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(files, func(a, b File) bool { return a.Path == b.Path }), nil
}

func (s *Search) push(level []visit, dir string) []visit {
	if s.visited[dir] || unpinned.IsVersionControl(dir) {
		return level
	}
	s.visited[dir] = true
	return append(level, visit{dir: dir, covered: s.isCovered(dir) && !unpinned.IsCache(dir), addon: s.hasAddon(dir), vcs: unpinned.InVersionControl(dir)})
}

// visitAll looks at the directories of one level in parallel. It returns the
// shadowing files in them and the directories below them to look at next.
func (s *Search) visitAll(ctx context.Context, level []visit) ([]File, []visit, error) {
	const batch = 32
	var files []File
	var next []visit
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for part := range slices.Chunk(level, batch) {
		g.Go(func() error {
			var found []File
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
			files = append(files, found...)
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
	return files, next, err
}
