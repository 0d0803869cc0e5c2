package mapmerge

import (
	"maps"
	"slices"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
)

// A Result is the outcome of [Merge].
type Result struct {
	// Ours and Theirs are the merged map, with each conflict decided for one side.
	// Without conflicts they are equal, except for the order of imports, scopes and
	// other members, and Ours is the result.
	Ours, Theirs *importmap.Document

	// Conflicts are the entries that both sides have changed differently, as
	// JavaScript would write them: integrity["./app.js"].
	Conflicts []string
}

// Merge merges two maps. base is the map that both were made from; the zero value if
// there is none. The error is that of [mapfile.Seal].
func Merge(base, ours, theirs *importmap.Document) (*Result, error) {
	m := &merger{}
	a, b := &importmap.Document{}, &importmap.Document{}
	m.integrity(base, ours, theirs, a, b)
	a.Imports, b.Imports = m.object(path{"imports"}, 1, base.Imports, ours.Imports, theirs.Imports)
	a.Scopes, b.Scopes = m.object(path{"scopes"}, 2, base.Scopes, ours.Scopes, theirs.Scopes)
	for _, name := range mergeOrder(memberNames(ours), memberNames(theirs)) {
		x, y := m.member(name, memberOf(base, name), memberOf(ours, name), memberOf(theirs, name))
		if x != nil {
			a.SetMember(name, x)
		}
		if y != nil {
			b.SetMember(name, y)
		}
	}
	var err error
	r := &Result{Conflicts: m.conflicts}
	if r.Ours, err = mapfile.Seal(a); err != nil {
		return nil, err
	}
	r.Theirs, err = mapfile.Seal(b)
	return r, err
}

// A path leads to a member of a document.
type path []string

func (p path) to(name string) path { return append(slices.Clip(p), name) }

func (p path) String() string { return (&importmap.Document{}).ErrorAt("", p...).Key }

// A merger merges values. Each method returns a value for each side: they are the same
// unless there is a conflict. A value is JSON text; nil means that it is absent.
type merger struct {
	conflicts []string
}

// value merges values that have no entries.
func (m *merger) value(p path, base, ours, theirs []byte) (a, b []byte) {
	if winner, ok := unchanged(base, ours, theirs); ok {
		return winner, winner
	}
	m.conflicts = append(m.conflicts, p.String())
	return ours, theirs
}

// unchanged returns the value that wins because the other side has not changed it.
func unchanged(base, ours, theirs []byte) (winner []byte, ok bool) {
	switch {
	case same(ours, theirs), same(base, theirs):
		return ours, true
	case same(base, ours):
		return theirs, true
	}
	return nil, false
}

// integrity merges the entries of integrity into a and b.
func (m *merger) integrity(base, ours, theirs, a, b *importmap.Document) {
	was, left, right := valuesOf(base), valuesOf(ours), valuesOf(theirs)
	all := maps.Clone(left)
	maps.Copy(all, right)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		x, y := m.value(path{"integrity", key}, was[key], left[key], right[key])
		if x != nil {
			a.Integrity = append(a.Integrity, importmap.Entry{Key: key, Value: string(x)})
		}
		if y != nil {
			b.Integrity = append(b.Integrity, importmap.Entry{Key: key, Value: string(y)})
		}
	}
	a.HasIntegrity = ours.HasIntegrity || theirs.HasIntegrity
	b.HasIntegrity = a.HasIntegrity
}

// valuesOf returns the metadata of a document by key. An empty value is not nil.
func valuesOf(doc *importmap.Document) map[string][]byte {
	values := make(map[string][]byte, len(doc.Integrity))
	for _, e := range doc.Integrity {
		values[e.Key] = append([]byte{}, e.Value...)
	}
	return values
}

func memberNames(doc *importmap.Document) []string {
	var names []string
	for _, m := range doc.Members {
		names = append(names, m.Name)
	}
	return names
}

func memberOf(doc *importmap.Document, name string) []byte {
	raw, _ := doc.Member(name)
	return raw
}

// member merges a top-level member that is not a section of the standard.
func (m *merger) member(name string, base, ours, theirs []byte) (a, b []byte) {
	if name != mapfile.MemberName {
		return m.object(path{name}, anyDepth, base, ours, theirs)
	}
	return m.nodeint(base, ours, theirs)
}

// The members of nodeint that are not merged as [mapmerge] says for the others.
const (
	memberRoot    = "root"
	memberVersion = "version"
	memberPowers  = "powers"
)

// sets are the lists of nodeint whose order means nothing. Patterns and conditions are
// not among them.
var sets = map[string]bool{"entries": true, "optionalLinks": true, "absent": true, "directories": true, "gaps": true, "scripts": true}

// nodeint merges the member nodeint.
func (m *merger) nodeint(base, ours, theirs []byte) (a, b []byte) {
	p := path{mapfile.MemberName}
	was, left, right := objectOf(base), objectOf(ours), objectOf(theirs)
	if left == nil || right == nil || !same(left.values[memberVersion], right.values[memberVersion]) {
		return m.value(p, base, ours, theirs)
	}
	x, y := &object{}, &object{}
	for _, name := range mergeOrder(left.names, right.names) {
		if name == memberRoot {
			continue
		}
		o, l, r := was.value(name), left.values[name], right.values[name]
		switch {
		case name == memberPowers:
			list := mergePowers(o, l, r)
			x.set(name, list)
			y.set(name, list)
		case sets[name]:
			list := mergeSets(name, o, l, r)
			x.set(name, list)
			y.set(name, list)
		default:
			l, r = m.object(p.to(name), 1, o, l, r)
			x.set(name, l)
			y.set(name, r)
		}
	}
	return x.text(), y.text()
}
