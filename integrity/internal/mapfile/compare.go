package mapfile

import (
	"maps"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/importmap"
)

// A Change is one difference between an old map and a new one.
type Change struct {
	Kind string `json:"kind"` // "added", "removed" or "changed"
	Path string `json:"path"` // a key; or, if no key differs, a part of the map such as "imports" or "nodeint.gaps"
}

// Compare compares what two maps mean. Formatting does not count: white space,
// the order of entries and members, escapes. If no entry differs, the changes are
// the members that differ.
func Compare(old, new *importmap.Document) (list []Change, same bool) {
	if list = EntryChanges(old, new); list == nil {
		list = PartChanges(old, new)
	}
	if list == nil && !sameDigest(old, new) {
		list = []Change{{"changed", memberName + "." + rootMember}}
	}
	return list, list == nil && old.HasIntegrity == new.HasIntegrity
}

// PartChanges lists the parts of two maps beside integrity that differ: imports, scopes,
// the members of nodeint and the entries of the package map.
func PartChanges(old, new *importmap.Document) []Change {
	list := append(nameChanges(old, new), memberChanges(old, new)...)
	return append(list, packageChanges(old, new)...)
}

// EntryChanges lists how the entries of two maps differ, by key.
func EntryChanges(old, new *importmap.Document) []Change {
	was := make(map[string]string, len(old.Integrity))
	for _, e := range old.Integrity {
		was[e.Key] = e.Value
	}
	var list []Change
	for _, e := range new.Integrity {
		if v, ok := was[e.Key]; !ok {
			list = append(list, Change{"added", e.Key})
		} else if v != e.Value {
			list = append(list, Change{"changed", e.Key})
		}
		delete(was, e.Key)
	}
	for key := range was {
		list = append(list, Change{"removed", key})
	}
	slices.SortFunc(list, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// nameChanges lists imports and the scopes in which a name differs.
func nameChanges(old, new *importmap.Document) []Change {
	was, is := nameTexts(old), nameTexts(new)
	return textChanges(was, is, func(scope string) string {
		if scope == rootScope {
			return "imports"
		}
		return (&importmap.Document{}).ErrorAt("", "scopes", scope).Key
	})
}

// nameTexts returns the JSON text of imports and of each scope, sorted. One without
// names is left out.
func nameTexts(doc *importmap.Document) map[string]string {
	texts := make(map[string]string)
	add := func(scope string, s *section) {
		if len(s.names) > 0 {
			texts[scope] = string(s.text())
		}
	}
	add(rootScope, sectionOf(doc.Imports))
	scopes := sectionOf(doc.Scopes)
	for _, scope := range scopes.names {
		add(scope, sectionOf(scopes.values[scope]))
	}
	return texts
}

// packageChanges lists the entries of the package map that differ.
func packageChanges(old, new *importmap.Document) []Change {
	texts := func(doc *importmap.Document) map[string]string {
		of := make(map[string]string)
		raw, ok := doc.Member(packagesMember)
		if !ok || !isPackageMap(doc) {
			return of
		}
		if raw, err := canonical(packagesMember, raw); err == nil {
			packages := sectionOf(raw)
			for _, id := range packages.names {
				of[id] = compact(packages.values[id])
			}
		}
		return of
	}
	return textChanges(texts(old), texts(new), func(id string) string { return (&importmap.Document{}).ErrorAt("", packagesMember, id).Key })
}

// memberChanges lists the members of nodeint that differ.
func memberChanges(old, new *importmap.Document) []Change {
	was, is := MemberTexts(old), MemberTexts(new)
	delete(was, rootMember)
	delete(is, rootMember)
	return textChanges(was, is, func(name string) string { return memberName + "." + name })
}

// textChanges lists the names whose texts differ.
func textChanges(was, is map[string]string, path func(name string) string) []Change {
	var list []Change
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if text, ok := was[name]; !ok {
			list = append(list, Change{"added", path(name)})
		} else if text != is[name] {
			list = append(list, Change{"changed", path(name)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if _, ok := is[name]; !ok {
			list = append(list, Change{"removed", path(name)})
		}
	}
	return list
}

const rootMember = "root"

// sameDigest reports whether the digests that two maps contain, and those that they have,
// are the same. verify rejects a wrong one, and one of a text with other escapes.
func sameDigest(old, new *importmap.Document) bool {
	return MemberTexts(old)[rootMember] == MemberTexts(new)[rootMember] && DigestOf(old) == DigestOf(new)
}
