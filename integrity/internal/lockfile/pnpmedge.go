package lockfile

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// A pnpmNeed is a dependency of an importer or a snapshot.
type pnpmNeed struct {
	need
	from int
	link int // the index of the importer's link, or -1
}

// pnpmGroups are the groups of dependencies in pnpm-lock.yaml. A snapshot has no
// devDependencies. Its peers are in the other groups.
var pnpmGroups = []struct {
	name string
	kind EdgeKind
}{{"dependencies", Required}, {"optionalDependencies", Optional}, {"devDependencies", Dev}}

// pnpmNeeds records the dependencies of the snapshot that is added next.
func (r *reader) pnpmNeeds(snapshot *yaml.Node, l *pnpmLock) {
	if l.env {
		return
	}
	for _, g := range pnpmGroups[:2] {
		r.mapping(g.name, member(snapshot, g.name), func(k, v *yaml.Node) {
			ref := r.scalar(g.name+"["+quote(k.Value)+"]", v)
			l.needs = append(l.needs, pnpmNeed{need{name: k.Value, ref: ref, kind: g.kind}, len(r.lock.Packages), -1})
		})
	}
}

// pnpmEdges resolves the dependencies of a document whose packages begin at first.
func (r *reader) pnpmEdges(first int, l *pnpmLock) {
	byKey, members := make(map[string]int), make(map[string]int)
	for i := first; i < len(r.lock.Packages); i++ {
		p := &r.lock.Packages[i]
		if dir, ok := p.memberDir(); ok {
			members[dir] = i
		} else if p.Kind != Link {
			byKey[p.Key] = i
		}
	}
	find := func(m map[string]int, key string) int {
		if to, ok := m[key]; ok {
			return to
		}
		return -1
	}
	for _, n := range l.needs {
		if n.link >= 0 {
			r.edge(n.from, n.link, n.need, false)
		} else if dir, ok := strings.CutPrefix(n.ref, "link:"); ok { // a peer, relative to the root
			r.edge(n.from, find(members, join(".", dir)), n.need, false)
		} else {
			r.edge(n.from, find(byKey, pnpmKey(n.name, n.ref, l.legacy)), n.need, true)
		}
	}
}

// pnpmKey returns the key of the package that a dependency refers to, as pnpm's
// refToRelative does. The reference is a version, or the key itself for an alias.
func pnpmKey(name, ref string, legacy bool) string {
	if legacy {
		id, _, _ := cutPeers(ref)
		if strings.HasPrefix(ref, "file:") || strings.Contains(id, "/") {
			return ref
		}
		return "/" + name + "@" + ref
	}
	at, colon, bracket := strings.IndexByte(ref, '@'), strings.IndexByte(ref, ':'), strings.IndexByte(ref, '(')
	if at >= 0 && (colon < 0 || at < colon) && (bracket < 0 || at < bracket) {
		return ref
	}
	return name + "@" + ref
}
