package mapfile

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/jsontext"
)

// KeepEntries finds the entries of an existing map that generate has not made, and adds
// them to m: names, and metadata of files that m does not pin and of absolute URLs.
// exists reports whether a file of the tree exists.
//
// A map without the member nodeint, and one of version 1, has only names of others. A
// later version lists them. If its tree digest is wrong, somebody has edited the map:
// what is not listed, and what the new map would not have, is then taken for an edit of
// a person, and not for a name that the program no longer asks for. Such entries are
// listed in notes.
func (m *Map) KeepEntries(old *importmap.Document, exists func(path string) bool) (notes []string) {
	if old == nil {
		return nil
	}
	k := &keeper{m: m, was: Kept{}, exists: exists}
	k.readOld(old)
	for _, e := range old.Integrity {
		k.keepIntegrity(e)
	}
	scopes := sectionOf(old.Scopes)
	k.keepNames(rootScope, sectionOf(old.Imports))
	for _, scope := range scopes.names {
		k.keepNames(scope, sectionOf(scopes.values[scope]))
	}
	return k.notes
}

// A keeper is one call of KeepEntries.
type keeper struct {
	m       *Map
	was     Kept // of the old map
	foreign bool // no name of the old map is generate's
	ours    bool // the old map is as generate has written it
	bare    bool // the old map has no member nodeint
	exists  func(path string) bool
	notes   []string
}

func (k *keeper) readOld(old *importmap.Document) {
	raw, ok := old.Member(memberName)
	if !ok {
		k.foreign, k.bare = true, true
		return
	}
	m := &Map{}
	root, err := readMember(raw, m)
	k.was = m.Kept
	k.ours = err == nil && root == treeDigest(old)
	k.foreign = err == nil && m.Version == 1
}

// keepNames keeps the names of one scope that are not generate's.
func (k *keeper) keepNames(scope string, old *section) {
	is := k.m.Names.scopeOf(scope)
	for _, name := range old.names {
		_, made := is[name]
		switch {
		case k.foreign, k.was.has(scope, name):
			k.m.Kept.add(scope, name)
		case !k.ours && !made:
			k.m.Kept.add(scope, name)
			k.note((&ConflictError{Scope: scope, Specifier: name}).Place())
		}
	}
}

// keepIntegrity keeps metadata of an absolute URL, and of a file that generate does not
// pin.
func (k *keeper) keepIntegrity(e importmap.Entry) {
	if IsURL(e.Key) {
		k.keepMetadata(e)
		return
	}
	p, err := PathOf(e.Key)
	if err != nil {
		return // no map with such a key is valid
	}
	if _, made := k.m.Files[p]; made {
		return
	}
	switch {
	case k.bare || slices.Contains(k.was.Integrity, e.Key):
	case !k.ours && !k.foreign && k.exists(p):
		k.note(fmt.Sprintf("integrity[%q]", e.Key))
	default:
		return
	}
	k.keepMetadata(e)
	k.m.Files[p] = e.Value
}

func (k *keeper) keepMetadata(e importmap.Entry) {
	k.m.Kept.Integrity = append(k.m.Kept.Integrity, e.Key)
	if IsURL(e.Key) {
		if k.m.URLs == nil {
			k.m.URLs = make(map[string]string)
		}
		k.m.URLs[e.Key] = e.Value
	}
}

func (k *keeper) note(entry string) {
	k.notes = append(k.notes, entry+" was added to the map by hand, and is kept; remove it if the program no longer needs it")
}

// setNames writes imports and scopes into doc, which has those of the old map: the names
// that are kept, and those of m.
func (m *Map) setNames(doc *importmap.Document) error {
	if m.Names.Imports == nil && m.Names.Scopes == nil && m.keepsAllNames(doc) {
		return nil // as the person has written them
	}
	was := sectionOf(doc.Scopes)
	scopes := newSection()
	for _, scope := range allScopes(was, m.Names.Scopes) {
		old := sectionOf(doc.Imports)
		if scope != rootScope {
			old = sectionOf(was.values[scope])
		}
		s, err := m.mergeNames(scope, old)
		if err != nil {
			return err
		}
		switch {
		case scope == rootScope:
			doc.Imports = orNil(s.text(), len(s.names))
		case len(s.names) > 0:
			scopes.set(scope, s.text())
		}
	}
	doc.Scopes = orNil(scopes.text(), len(scopes.names))
	return nil
}

func orNil(text []byte, n int) []byte {
	if n == 0 {
		return nil
	}
	return text
}

// keepsAllNames reports whether m keeps every name of a document.
func (m *Map) keepsAllNames(doc *importmap.Document) bool {
	for _, name := range sectionOf(doc.Imports).names {
		if !m.Kept.has(rootScope, name) {
			return false
		}
	}
	scopes := sectionOf(doc.Scopes)
	for _, scope := range scopes.names {
		for _, name := range sectionOf(scopes.values[scope]).names {
			if !m.Kept.has(scope, name) {
				return false
			}
		}
	}
	return true
}

// mergeNames returns the names of a scope.
func (m *Map) mergeNames(scope string, old *section) (*section, error) {
	s := m.Names.scopeOf(scope).section()
	for _, name := range old.names {
		if !m.Kept.has(scope, name) {
			continue
		}
		is := old.values[name]
		if made, ok := s.values[name]; ok && !sameText(made, is) {
			return nil, &ConflictError{Scope: scope, Specifier: name, Is: string(is), Want: m.Names.scopeOf(scope)[name]}
		}
		s.set(name, is)
	}
	return s, nil
}

func sameText(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// member returns the member kept of nodeint.
func (k *Kept) member() (json.RawMessage, error) {
	sorted := Kept{Imports: slices.Sorted(slices.Values(k.Imports)), Integrity: slices.Sorted(slices.Values(k.Integrity))}
	for scope, names := range k.Scopes {
		if sorted.Scopes == nil {
			sorted.Scopes = make(map[string][]string)
		}
		sorted.Scopes[scope] = slices.Sorted(slices.Values(names))
	}
	return jsontext.Marshal(sorted)
}
