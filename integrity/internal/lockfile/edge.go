package lockfile

import (
	"cmp"
	"slices"
	"sort"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

// An EdgeKind says when a package manager installs a dependency.
type EdgeKind uint8

// The kinds of edges.
const (
	Required EdgeKind = iota // always: dependencies, and peers that are not optional
	Optional                 // not with --omit=optional, and not on another platform: optionalDependencies, optional peers
	Dev                      // not with --omit=dev: devDependencies of the project's own directories
)

func (k EdgeKind) String() string { return [...]string{"required", "optional", "dev"}[k] }

// An Edge is one dependency of a package.
type Edge struct {
	From int // the index in Packages of the package that has the dependency
	// To is the index in Packages of the dependency, or -1 if the lockfile does not
	// contain it.
	To int
	// Name is the name by which From loads the dependency: the name of its directory
	// or link in a node_modules directory. It is "" for an edge from a link to its
	// target, and from a patched package to the package that the patch changes.
	Name string
	Kind EdgeKind
	Peer bool // a peer dependency, which other packages provide
	// ByName means that To is -1 although the dependency is not a missing peer or
	// optional package. The dependency may be any package with this name.
	ByName bool
}

// Limits of the dependencies of a lockfile.
const (
	maxEdges = 1_000_000
	maxWork  = 256 << 20 // bytes of the keys that are looked up to resolve them; the rest is ByName
)

// A budget is the work that is left to resolve dependencies.
type budget int

// spend reports whether a lookup of n bytes is within the budget.
func (b *budget) spend(n int) bool {
	*b -= budget(n)
	return *b > 0
}

// Dependencies returns the edges of the package with the index from. The caller must
// not change them.
func (l *Lock) Dependencies(from int) []Edge {
	start := sort.Search(len(l.Edges), func(i int) bool { return l.Edges[i].From >= from })
	end := start
	for end < len(l.Edges) && l.Edges[end].From == from {
		end++
	}
	return l.Edges[start:end:end]
}

// A need is a dependency as a lockfile or package.json declares it.
type need struct {
	name, ref string // ref is the version, range or reference
	kind      EdgeKind
	peer      bool
}

// edge adds the edge of a dependency. It ignores names that no package can have.
func (r *reader) edge(from, to int, n need, byName bool) {
	if nameFault(n.name) != "" {
		return
	}
	r.addEdge(Edge{From: from, To: to, Name: n.name, Kind: n.kind, Peer: n.peer, ByName: byName && to < 0})
}

func (r *reader) addEdge(e Edge) {
	if len(r.lock.Edges) == maxEdges {
		r.bad(pos{line: r.lock.Packages[e.From].Line}, "more than %d dependencies", maxEdges)
		return
	}
	r.lock.Edges = append(r.lock.Edges, e)
}

// finishEdges sorts the edges, and adds those from links to their targets.
func (r *reader) finishEdges() {
	l := r.lock
	member := make(map[string]int)
	for i := range l.Packages {
		if dir, ok := l.Packages[i].memberDir(); ok {
			member[dir] = i
		}
	}
	for i := range l.Packages {
		p := &l.Packages[i]
		if to, ok := member[p.Target]; ok && p.Kind == Link {
			r.addEdge(Edge{From: i, To: to})
		}
	}
	sortEdges(l.Edges)
}

func sortEdges(edges []Edge) {
	slices.SortStableFunc(edges, func(a, b Edge) int { return cmp.Compare(a.From, b.From) })
}

// memberDir returns the directory of a member, relative to the root. It may begin with
// "../".
func (p *Package) memberDir() (dir string, ok bool) {
	switch {
	case p.Kind != Member:
		return "", false
	case len(p.Places) == 1:
		return p.Places[0], true
	case p.Target != "": // yarn 2 and later
		return p.Target, true
	}
	return join(".", p.Key), true
}

// needs returns the dependencies that a JSON object declares with the members of
// package.json, or of a package in a lockfile of npm or bun. own means that it is a
// directory of the project, so that devDependencies are installed.
//
// If a name occurs in several groups, the first one counts: optionalDependencies,
// dependencies, devDependencies, peerDependencies; for npm, devDependencies are the
// first. Two groups count if the package is installed for either: optionalDependencies
// and devDependencies; for bun, devDependencies and peerDependencies.
func needs(v gjson.Result, own bool, m manager.Manager) []need {
	groups := []string{"optionalDependencies", "dependencies", "devDependencies", "peerDependencies"}
	if m == manager.NPM {
		groups = []string{"devDependencies", "optionalDependencies", "dependencies", "peerDependencies"}
	}
	if !own {
		groups = slices.DeleteFunc(groups, func(g string) bool { return g == "devDependencies" })
	}
	var all []need
	kinds, optional := make(map[string]EdgeKind), optionalPeers(v)
	for _, group := range groups {
		g := v.Get(group)
		if !g.IsObject() {
			continue
		}
		g.ForEach(func(k, v gjson.Result) bool {
			n := need{name: k.Str, ref: v.Str, peer: group == "peerDependencies"}
			switch {
			case group == "devDependencies":
				n.kind = Dev
			case group == "optionalDependencies", n.peer && optional[n.name]:
				n.kind = Optional
			}
			before, known := kinds[n.name]
			if !known || before == Optional && n.kind == Dev || before == Dev && n.peer && m == manager.Bun {
				kinds[n.name] = n.kind
				all = append(all, n)
			}
			return len(all) <= maxEdges
		})
	}
	return all
}

// optionalPeers returns the names of the optional peers: those in peerDependenciesMeta
// (npm), and those in optionalPeers (bun).
func optionalPeers(v gjson.Result) map[string]bool {
	optional := make(map[string]bool)
	if meta := v.Get("peerDependenciesMeta"); meta.IsObject() {
		meta.ForEach(func(k, v gjson.Result) bool {
			if v.IsObject() && v.Get("optional").Type == gjson.True {
				optional[k.Str] = true
			}
			return true
		})
	}
	if list := v.Get("optionalPeers"); list.IsArray() {
		list.ForEach(func(_, v gjson.Result) bool {
			optional[v.Str] = true
			return true
		})
	}
	return optional
}
