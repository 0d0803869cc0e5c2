package lockfile

import (
	"net/url"
	"strings"

	"github.com/tidwall/gjson"
	"go.yaml.in/yaml/v3"
)

// A berryEntry is an entry of the yarn.lock of yarn 2 and later, for the packages
// [from, to).
type berryEntry struct {
	from, to int
	node     *yaml.Node
	peers    []need
}

// A slot is a name in the node_modules directory of a package.
type slot struct {
	from int
	name string
}

// A berryGraph resolves the dependencies of all entries.
type berryGraph struct {
	entries  []berryEntry
	patched  map[string]int    // the package that a patch replaces another with, by descriptor
	provides map[slot]int      // the dependencies that are not peers
	peers    map[slot]EdgeKind // the peers
	users    map[int][]int     // by package with peers: the packages that depend on it
	work     budget
}

// berryEdges resolves the dependencies by the descriptors in the keys of the entries.
// Which package provides a peer is not in the lockfile: it is the dependency of that
// name of each package that depends on the one with the peer.
func (r *reader) berryEdges(b *berryLock) {
	g := &berryGraph{entries: b.entries, patched: map[string]int{}, provides: map[slot]int{}, peers: map[slot]EdgeKind{}, users: map[int][]int{}, work: maxWork}
	for descriptor, i := range r.lock.descriptors {
		if name, reference, _ := split(descriptor); strings.HasPrefix(reference, "patch:"+name+"@") {
			source, _, _ := strings.Cut(strings.TrimPrefix(reference, "patch:"), "#")
			if source, err := url.PathUnescape(source); err == nil {
				g.patched[source] = i
			}
		}
	}
	for i := range g.entries {
		r.berryPeers(g, &g.entries[i])
	}
	for _, e := range g.entries {
		r.berryDependencies(g, e)
	}
	for _, e := range g.entries {
		for from := e.from; from < e.to && r.err == nil; from++ {
			for _, n := range e.peers {
				r.berryProviders(g, from, n)
			}
		}
	}
}

// berryPeers reads the peers of an entry.
func (r *reader) berryPeers(g *berryGraph, e *berryEntry) {
	meta := member(e.node, "peerDependenciesMeta")
	optional := make(map[string]bool)
	r.mapping("peerDependenciesMeta", meta, func(k, v *yaml.Node) {
		optional[k.Value] = berryOptional(v)
	})
	add := func(name string) {
		n := need{name: name, peer: true}
		if optional[name] {
			n.kind = OptionalDep
		}
		e.peers = append(e.peers, n)
		for from := e.from; from < e.to && len(g.peers) < maxEdges; from++ {
			g.peers[slot{from, name}] = n.kind
		}
	}
	r.mapping("peerDependencies", member(e.node, "peerDependencies"), func(k, _ *yaml.Node) {
		add(k.Value)
		delete(optional, k.Value)
	})
	r.mapping("peerDependenciesMeta", meta, func(k, _ *yaml.Node) { // one alone is a peer of any version
		if optional[k.Value] {
			add(k.Value)
		}
	})
}

func berryOptional(meta *yaml.Node) bool {
	n := member(meta, "optional")
	return n != nil && n.Value == "true"
}

// berryDependencies adds the edges of an entry, without those of its peers. Those of a
// workspace member contain its devDependencies too: see [Lock.Require].
func (r *reader) berryDependencies(g *berryGraph, e berryEntry) {
	optional := make(map[string]bool)
	r.mapping("dependenciesMeta", member(e.node, "dependenciesMeta"), func(k, v *yaml.Node) {
		optional[k.Value] = berryOptional(v)
	})
	for from := e.from; from < e.to && r.err == nil; from++ {
		p := &r.lock.Packages[from]
		r.mapping("dependencies", member(e.node, "dependencies"), func(k, v *yaml.Node) {
			n := need{name: k.Value, ref: r.scalar("dependencies["+quote(k.Value)+"]", v)}
			if optional[n.name] {
				n.kind = OptionalDep
			}
			to := r.lock.berryFind(n, p.Key)
			if to >= 0 {
				if patched, ok := g.patched[r.lock.berryDescriptor(n, p.Key)]; ok {
					to = patched
				}
				g.provides[slot{from, n.name}] = to
				if g.hasPeers(to) {
					g.users[to] = append(g.users[to], from)
				}
			}
			r.edge(from, to, n, true)
		})
		r.berryPatched(from, p)
	}
}

func (g *berryGraph) hasPeers(i int) bool {
	// The entries are in the order of their packages.
	lo, hi := 0, len(g.entries)
	for lo < hi {
		mid := (lo + hi) / 2
		if g.entries[mid].to <= i {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo < len(g.entries) && len(g.entries[lo].peers) > 0
}

// berryPatched adds the edge from a patched package to the one that the patch changes.
func (r *reader) berryPatched(from int, p *Package) {
	_, reference, _ := split(p.Key)
	source, isPatch := strings.CutPrefix(reference, "patch:")
	if !isPatch {
		return
	}
	source, _, _ = strings.Cut(source, "#")
	if source, err := url.PathUnescape(source); err == nil {
		if to, ok := r.lock.descriptors[source]; ok && to != from {
			r.addEdge(Edge{From: from, To: to})
		}
	}
}

// berryDescriptor returns the descriptor of the entry that a dependency of the package
// with this locator refers to, or "". Before yarn 4, the protocol npm: is not written.
// A path is bound to the package that it is relative to.
func (l *Lock) berryDescriptor(n need, locator string) string {
	plain := n.name + "@" + n.ref
	for _, descriptor := range []string{plain, n.name + "@npm:" + n.ref, plain + "::locator=" + url.QueryEscape(locator)} {
		if _, ok := l.descriptors[descriptor]; ok {
			return descriptor
		}
	}
	return ""
}

// berryFind returns the index of the package that a dependency refers to, or -1.
func (l *Lock) berryFind(n need, locator string) int {
	if descriptor := l.berryDescriptor(n, locator); descriptor != "" {
		return l.descriptors[descriptor]
	}
	return -1
}

// peerWork is the cost of the lookups for one peer of one user, in bytes.
const peerWork = 128

// berryProviders adds the edges of a peer: one for each package that may provide it.
func (r *reader) berryProviders(g *berryGraph, from int, n need) {
	found := make(map[int]bool)
	for _, user := range g.users[from] {
		if !g.work.spend(peerWork) {
			r.edge(from, -1, n, true)
			return
		}
		to, provided := g.provides[slot{user, n.name}]
		if !provided && r.lock.Packages[user].Alias == n.name { // yarn lets a package provide itself
			to, provided = user, true
		}
		if provided && !found[to] {
			found[to] = true
			r.edge(from, to, n, false)
		}
		if kind, passed := g.peers[slot{user, n.name}]; passed && !provided && kind == OptionalDep && n.kind == Required {
			r.edge(from, -1, n, true) // the user's own peer edges lead to it, but only optionally
			return
		}
	}
	if len(found) == 0 {
		r.edge(from, -1, n, false)
	}
}

// berryManifests sets the kind of the dependencies of the workspace members. The
// lockfile does not tell dependencies from devDependencies.
func (l *Lock) berryManifests(manifests map[string]gjson.Result) {
	for i := range l.Packages {
		p := &l.Packages[i]
		dir, isMember := p.memberDir()
		if !isMember {
			continue
		}
		dev := make(map[string]bool)
		if v, ok := manifests[dir]; ok {
			for _, n := range needs(v, true) {
				dev[n.name] = n.kind == DevDep
			}
		}
		edges := l.Dependencies(i)
		for j := range edges {
			switch e := &edges[j]; {
			case e.Kind == OptionalDep || e.Peer:
			case dev[e.Name]:
				e.Kind = DevDep
			default:
				e.Kind = Required
			}
		}
	}
}
