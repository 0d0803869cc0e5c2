package mapfile

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/jsontext"
)

// AddKept returns old with entries that generate has not made, and keeps: names, and
// metadata by key. old may be nil. An entry of old with a key of entries stays as it is.
// The error is a *ConflictError if a name of old has another address; Want is the one of
// names. If old has the member nodeint, AddKept lists the entries there and computes the
// tree digest again. So old must be one that Parse accepts.
func AddKept(old *importmap.Document, names Names, entries []importmap.Entry) (*importmap.Document, error) {
	doc := &importmap.Document{}
	if old != nil {
		*doc = *old
		doc.Members = slices.Clone(old.Members)
	}
	var added Kept
	imports, err := added.merge(rootScope, doc.Imports, names.Imports)
	if err != nil {
		return nil, err
	}
	scopes := sectionOf(doc.Scopes)
	for _, scope := range sortedKeys(names.Scopes) {
		text, err := added.merge(scope, scopes.values[scope], names.Scopes[scope])
		if err != nil {
			return nil, err
		}
		scopes.set(scope, text)
	}
	if len(names.Imports) > 0 {
		doc.Imports = imports
	}
	if len(names.Scopes) > 0 {
		doc.Scopes = scopes.text()
	}
	has := make(map[string]bool, len(doc.Integrity))
	for _, e := range doc.Integrity {
		has[e.Key] = true
	}
	doc.Integrity, doc.HasIntegrity = slices.Clone(doc.Integrity), true
	for _, e := range entries {
		if !has[e.Key] {
			doc.Integrity = append(doc.Integrity, e)
			added.Integrity = append(added.Integrity, e.Key)
		}
	}
	return added.list(doc)
}

// merge adds specifiers to the text of a scope, and to k.
func (k *Kept) merge(scope string, old []byte, specifiers Specifiers) (json.RawMessage, error) {
	s := sectionOf(old)
	add := specifiers.section()
	for _, name := range add.names {
		is, ok := s.values[name]
		switch {
		case !ok:
			s.set(name, add.values[name])
			k.add(scope, name)
		case !sameText(is, add.values[name]):
			return nil, &ConflictError{Scope: scope, Specifier: name, Is: string(is), Want: specifiers[name]}
		}
	}
	return s.text(), nil
}

// list adds k to the member kept of a document that has the member nodeint.
func (k *Kept) list(doc *importmap.Document) (*importmap.Document, error) {
	raw, ok := doc.Member(memberName)
	if !ok || k.isZero() {
		return doc, nil
	}
	m := &Map{}
	if _, err := readMember(raw, m); err != nil {
		return nil, err
	}
	if m.Version != mapVersion {
		return nil, fmt.Errorf("the map has version %d", m.Version)
	}
	m.Kept.Imports = append(m.Kept.Imports, k.Imports...)
	m.Kept.Integrity = append(m.Kept.Integrity, k.Integrity...)
	for scope, names := range k.Scopes {
		for _, name := range names {
			m.Kept.add(scope, name)
		}
	}
	kept, err := m.Kept.member()
	if err != nil {
		return nil, err
	}
	fields := make(map[string]json.RawMessage)
	gjson.ParseBytes(raw).ForEach(func(k, v gjson.Result) bool {
		fields[k.Str] = json.RawMessage(v.Raw)
		return true
	})
	fields["kept"] = kept
	if raw, err = jsontext.Marshal(fields); err != nil {
		return nil, err
	}
	doc.SetMember(memberName, raw)
	return Seal(doc)
}
