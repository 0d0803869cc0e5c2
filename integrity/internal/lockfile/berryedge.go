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
}

// berryEdges resolves the dependencies by the descriptors in the keys of the entries.
// It adds no edges for peers: the package that provides a peer is a dependency of a
// package that depends on the one with the peer, and yarn installs it only as that.
func (r *reader) berryEdges(b *berryLock) {
	patched := make(map[string]int) // the package that replaces another one, by descriptor
	for descriptor, i := range r.lock.descriptors {
		if name, reference, _ := split(descriptor); strings.HasPrefix(reference, "patch:"+name+"@") {
			if source, ok := patchSource(reference); ok {
				patched[source] = i
			}
		}
	}
	for _, e := range b.entries {
		r.berryDependencies(e, patched)
	}
}

// patchSource returns the descriptor or locator of the package that a patch: reference
// changes.
func patchSource(reference string) (string, bool) {
	source, isPatch := strings.CutPrefix(reference, "patch:")
	source, _, _ = strings.Cut(source, "#")
	source, err := url.PathUnescape(source)
	return source, isPatch && err == nil
}

// berryDependencies adds the edges of an entry. Those of a workspace member contain its
// devDependencies too: see [Lock.Require].
func (r *reader) berryDependencies(e berryEntry, patched map[string]int) {
	optional := make(map[string]bool)
	r.mapping("dependenciesMeta", member(e.node, "dependenciesMeta"), func(k, v *yaml.Node) {
		n := member(v, "optional")
		optional[k.Value] = n != nil && n.Value == "true"
	})
	for from := e.from; from < e.to && r.err == nil; from++ {
		p := &r.lock.Packages[from]
		r.mapping("dependencies", member(e.node, "dependencies"), func(k, v *yaml.Node) {
			n := need{name: k.Value, ref: r.scalar("dependencies["+quote(k.Value)+"]", v)}
			if optional[n.name] {
				n.kind = Optional
			}
			descriptor, to := r.lock.berryFind(n, p.Key)
			if patch, ok := patched[descriptor]; ok && to >= 0 {
				to = patch
			}
			r.edge(from, to, n, true)
		})
		if _, reference, _ := split(p.Key); r.err == nil {
			source, _ := patchSource(reference)
			if to, ok := r.lock.descriptors[source]; ok && to != from {
				r.addEdge(Edge{From: from, To: to})
			}
		}
	}
}

// berryFind returns the descriptor and the index of the package that a dependency of the
// package with this locator refers to, or -1. Before yarn 4, the protocol npm: is not
// written. A path is bound to the package that it is relative to.
func (l *Lock) berryFind(n need, locator string) (descriptor string, to int) {
	plain := n.name + "@" + n.ref
	for _, descriptor := range []string{plain, n.name + "@npm:" + n.ref, plain + "::locator=" + url.QueryEscape(locator)} {
		if to, ok := l.descriptors[descriptor]; ok {
			return descriptor, to
		}
	}
	return "", -1
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
			for _, n := range needs(v, true, l.Manager) {
				dev[n.name] = n.kind == Dev
			}
		}
		edges := l.Dependencies(i)
		for j := range edges {
			switch e := &edges[j]; {
			case e.Kind == Optional:
			case dev[e.Name]:
				e.Kind = Dev
			default:
				e.Kind = Required
			}
		}
	}
}
