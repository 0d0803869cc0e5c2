package lockfile

import (
	"maps"
	"slices"

	"github.com/tidwall/gjson"
)

// A classicNeed is a dependency of the packages [from, to) in yarn 1's lockfile.
type classicNeed struct {
	from, to int
	needs    []need
}

// classicEdges resolves the dependencies of the packages by the patterns of the entries.
func (r *reader) classicEdges() {
	for _, c := range r.classicNeeds {
		optional := make(map[string]bool)
		for _, n := range c.needs {
			optional[n.name] = optional[n.name] || n.kind == Optional
		}
		for from := c.from; from < c.to; from++ {
			for _, n := range c.needs {
				if n.kind == Optional || !optional[n.name] {
					r.edge(from, r.lock.classicFind(n), n, true)
				}
				if r.err != nil {
					return
				}
			}
		}
	}
}

// classicFind returns the index of the package that a dependency refers to, or -1.
func (l *Lock) classicFind(n need) int {
	if to, ok := l.descriptors[n.name+"@"+n.ref]; ok {
		return to
	}
	if to, ok := l.descriptors[n.name]; ok && n.ref == "" {
		return to
	}
	return -1
}

// classicManifests adds the directories of a project of yarn 1, whose lockfile does not
// contain them, and their dependencies. It replaces those of an earlier call.
func (r *reader) classicManifests(manifests map[string]gjson.Result) {
	l := r.lock
	l.Edges = slices.DeleteFunc(l.Edges, func(e Edge) bool { return e.From >= l.parsed })
	l.Packages = l.Packages[:l.parsed]
	members := make(map[string]int)
	dirs := slices.Sorted(maps.Keys(manifests))
	for _, dir := range dirs {
		p := Package{Key: dir, Kind: Member, Name: manifests[dir].Get("name").Str, Version: manifests[dir].Get("version").Str}
		if p.Name != "" {
			members[p.Name] = len(l.Packages)
		}
		l.Packages = append(l.Packages, r.inside(p, dir))
	}
	for i, dir := range dirs {
		for _, n := range needs(manifests[dir], true, l.Manager) {
			if n.peer {
				continue // yarn 1 does not install them
			}
			to := l.classicFind(n)
			if member, ok := members[n.name]; ok && to < 0 {
				to = member
			}
			r.edge(l.parsed+i, to, n, true)
		}
	}
	sortEdges(l.Edges)
}
