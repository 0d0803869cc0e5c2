package why

import (
	"cmp"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/coverage"
	"github.com/nodeint/nodeint/integrity/internal/graph"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/noderesolve"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A network has the imports of a program as edges between files, and the shortest way from
// an entry to each file.
type network struct {
	m    *mapfile.Map
	tree *tree.Tree
	why  *coverage.Reasons

	in, out map[string][]edge // by the file that an edge leads to, or comes from
	length  map[string]int    // of the shortest way to a file
	last    map[string]edge   // of that way; entries and traced files have none

	owner map[string]string // directory of the package of each file with a length
	first map[string]string // the file with the shortest way of each package, by directory
	cost  map[string]int    // of the shortest way to a package
	by    map[string]string // the package that declares it, if no file of it has a way
}

// An edge is a place in a file that names another one.
type edge struct {
	from, to     string
	kind         string
	specifier    string
	line, column int // 0 if not known
}

func newNetwork(m *mapfile.Map, t *tree.Tree, why *coverage.Reasons) (*network, error) {
	n := &network{
		m: m, tree: t, why: why, in: make(map[string][]edge), out: make(map[string][]edge),
		length: make(map[string]int), last: make(map[string]edge),
		owner: make(map[string]string), first: make(map[string]string), cost: make(map[string]int), by: make(map[string]string),
	}
	if err := n.addImports(); err != nil {
		return nil, err
	}
	n.addTraced()
	for _, edges := range []map[string][]edge{n.in, n.out} {
		for f, list := range edges {
			slices.SortFunc(list, compareEdges)
			edges[f] = slices.Compact(list)
		}
	}
	n.walk(m.Entries)
	if trace := why.Program.Trace(); trace != nil {
		var files []string
		for f := range trace.Files {
			if _, known := n.length[f]; !known && n.has(f) {
				files = append(files, f)
			}
		}
		slices.Sort(files)
		n.walk(files)
	}
	n.measurePackages()
	return n, nil
}

func compareEdges(a, b edge) int {
	return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column),
		cmp.Compare(a.kind, b.kind), cmp.Compare(a.specifier, b.specifier))
}

func (n *network) has(f string) bool { _, ok := n.m.Files[f]; return ok }

func (n *network) add(e edge) {
	if e.from != e.to && n.has(e.to) {
		n.in[e.to] = append(n.in[e.to], e)
		n.out[e.from] = append(n.out[e.from], e)
	}
}

// addImports adds the imports that the program's sources have.
func (n *network) addImports() error {
	r := noderesolve.New(n.tree, n.m.Conditions)
	if n.m.Browser {
		r = noderesolve.NewBrowser(n.tree, n.m.Conditions)
	}
	for _, i := range n.why.Program.Imports {
		files, err := n.resolve(r, i)
		if err != nil {
			return err
		}
		e := edge{from: i.From, kind: Requires, specifier: i.Specifier, line: i.Line, column: i.Column}
		switch {
		case i.Import:
			e.kind = Imports
		case path.IsAbs(filepath.ToSlash(i.Specifier)) && i.Line > 0:
			e.kind, e.specifier = Names, "" // the scanner has made an absolute path
		}
		for _, e.to = range files {
			n.add(e)
		}
	}
	return nil
}

// resolve returns the files that an import leads to.
func (n *network) resolve(r *noderesolve.Resolver, i graph.Import) ([]string, error) {
	dir, inside := n.tree.Rel(i.Dir)
	s := filepath.ToSlash(i.Specifier)
	if u, err := url.Parse(s); err == nil && i.Import && strings.EqualFold(u.Scheme, "file") {
		s = u.Path
	}
	if abs := filepath.FromSlash(s); filepath.IsAbs(abs) {
		if s, inside = n.tree.Rel(filepath.Clean(abs)); inside {
			dir, s = "", "./"+s
		}
	}
	if !inside {
		return nil, nil
	}
	virtual := dir // which peer dependencies a package gets depends on it
	dir = pnp.Real(dir)
	for _, isImport := range []bool{i.Import, !i.Import} {
		files, err := r.Files(dir, s, isImport)
		if len(files) > 0 || err != nil {
			return files, err
		}
	}
	name, sub := nodejs.SplitSpecifier(s)
	at, ok := n.why.Program.PnPPackage(virtual, name)
	if !ok {
		return nil, nil
	}
	for _, s := range []string{s, "./" + sub} { // by its exports, or without
		files, err := r.Files(at, s, i.Import && s != "./"+sub)
		if len(files) > 0 || err != nil {
			return files, err
		}
	}
	return nil, nil
}

// addTraced adds what the traces have.
func (n *network) addTraced() {
	trace := n.why.Program.Trace()
	if trace == nil {
		return
	}
	for _, a := range trace.Asked {
		n.add(edge{from: a.Path, to: a.To, kind: Traced, specifier: a.Specifier, line: a.Line, column: a.Column})
	}
}

// walk finds the shortest ways from files to those that have none yet.
func (n *network) walk(files []string) {
	queue := slices.Clone(files)
	for _, f := range files {
		n.length[f] = 0
	}
	for len(queue) > 0 {
		f := queue[0]
		queue = queue[1:]
		for _, e := range n.out[f] {
			if _, known := n.length[e.to]; !known {
				n.length[e.to], n.last[e.to] = n.length[f]+1, e
				queue = append(queue, e.to)
			}
		}
	}
}

// measurePackages finds the shortest way to each package: to one of its files, or to a
// package that declares it.
func (n *network) measurePackages() {
	for f, length := range n.length {
		dir, ok := n.m.Owner(f)
		if !ok {
			continue
		}
		n.owner[f] = dir
		known, have := n.cost[dir]
		if !have || length < known || length == known && f < n.first[dir] {
			n.cost[dir], n.first[dir] = length, f
		}
	}
	n.cost[n.m.Project] = 0
	declared := n.why.Declared
	dirs := make([]string, 0, len(declared))
	for dir := range declared {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	for again := true; again; {
		again = false
		for _, dir := range dirs {
			if _, reached := n.first[dir]; reached || dir == n.m.Project {
				continue
			}
			for _, by := range declared[dir] {
				cost, known := n.cost[by]
				was, have := n.cost[dir]
				if known && by != dir && (!have || cost+1 < was) {
					n.cost[dir], n.by[dir] = cost+1, by
					again = true
				}
			}
		}
	}
}

// wayTo returns the edges of the shortest way to a file. It has a length.
func (n *network) wayTo(f string) []edge {
	var way []edge
	for {
		e, ok := n.last[f]
		if !ok {
			slices.Reverse(way)
			return way
		}
		way = append(way, e)
		f = e.from
	}
}

// ways returns the ways that end with the given edges, the shortest first. A way that
// passes avoided files in between is left out.
func (n *network) ways(ends []edge, avoid func(f string) bool) [][]edge {
	ends = slices.Clone(ends)
	slices.SortStableFunc(ends, func(a, b edge) int { return cmp.Compare(n.length[a.from], n.length[b.from]) })
	var ways [][]edge
	seen := make(map[string]bool)
	for _, e := range ends {
		if _, reached := n.length[e.from]; !reached || seen[e.from] {
			continue
		}
		seen[e.from] = true
		way := n.wayTo(e.from)
		if avoid(e.from) || slices.ContainsFunc(way, func(e edge) bool { return avoid(e.from) }) {
			continue
		}
		ways = append(ways, append(way, e))
	}
	return ways
}

// waysToFile returns the ways to a file.
func (n *network) waysToFile(f string) [][]edge {
	return n.ways(n.in[f], func(at string) bool { return at == f })
}

// waysToPackage returns the ways that enter the package in dir, or the way by which it is
// declared.
func (n *network) waysToPackage(dir string) [][]edge {
	if dir == n.m.Project {
		return nil
	}
	var ends []edge
	for f, owner := range n.owner {
		if owner != dir {
			continue
		}
		for _, e := range n.in[f] {
			if n.owner[e.from] != dir {
				ends = append(ends, e)
			}
		}
	}
	slices.SortFunc(ends, compareEdges)
	if ways := n.ways(ends, func(at string) bool { return n.owner[at] == dir }); len(ways) > 0 {
		return ways
	}
	if way := n.declaredWay(dir); len(way) > 0 {
		return [][]edge{way}
	}
	return nil
}

// declaredWay returns the way to a package that another one declares.
func (n *network) declaredWay(dir string) []edge {
	var way []edge
	for {
		by, ok := n.by[dir]
		if !ok {
			break
		}
		way = append(way, edge{from: tree.Join(by, nodejs.PackageJSON), to: dir, kind: Declares, specifier: n.nameOf(dir)})
		dir = by
	}
	slices.Reverse(way)
	if f, reached := n.first[dir]; reached && len(way) > 0 && dir != n.m.Project {
		return append(n.wayTo(f), way...)
	}
	return way
}

// nameOf returns the name under which a package is installed.
func (n *network) nameOf(dir string) string {
	return cmp.Or(mapfile.InstalledName(dir), n.m.Packages[dir].Name)
}
