package importmap

import (
	"cmp"
	"slices"
	"strings"
)

// A Resolved is a specifier that a page has resolved: a record of the resolved module set
// (https://html.spec.whatwg.org/#specifier-resolution-record).
type Resolved struct {
	Specifier string // serialised if it can be parsed as a URL
	From      string // serialised URL of the module that it was resolved for
	NotPrefix bool   // it is a URL with a scheme that is not special, so no prefix matches it
}

// Record returns the record for a specifier that the module at from resolves. ok is false
// if from is not an absolute URL.
func Record(specifier, from string) (r Resolved, ok bool) {
	base, ok := parseURL(from, nil)
	if !ok {
		return Resolved{}, false
	}
	r = Resolved{Specifier: specifier, From: base.href}
	if u, isURL := parseURLLike(specifier, base); isURL {
		r.Specifier, r.NotPrefix = u.href, !u.isSpecial()
	}
	return r, true
}

// matches reports whether a key of a specifier map applies to the record.
func (r Resolved) matches(key string) bool {
	return key == r.Specifier || strings.HasSuffix(key, "/") && strings.HasPrefix(r.Specifier, key) && !r.NotPrefix
}

// Merge adds a later map of the same page to m: "merge existing and new import maps"
// (https://html.spec.whatwg.org/#merge-existing-and-new-import-maps). resolved are the
// specifiers that the page has resolved before. What m has stays, in integrity too. A rule
// of later that is about a resolved specifier is ignored. Merge returns a warning for each
// rule that is ignored, and does not change later.
//
// In imports, the standard ignores every rule whose specifier begins with a resolved one:
// also "lib/x" after "lib" was resolved.
func (m *Map) Merge(later *Map, resolved []Resolved) []Warning {
	g := &merger{}
	for _, scope := range later.Scopes {
		added := g.without(scope.Imports, []step{{"scopes", inObject}, {scope.Prefix, inObject}}, func(key string) bool {
			for _, r := range resolved {
				if covers(scope.Prefix, r.From) && r.matches(key) {
					return true
				}
			}
			return false
		})
		g.mergeScope(m, scope.Prefix, added)
	}
	for url, metadata := range later.Integrity {
		if _, exists := m.Integrity[url]; exists {
			g.ignore([]step{{"integrity", inObject}, {url, inObject}}, exists)
			continue
		}
		if m.Integrity == nil {
			m.Integrity = make(map[string]string)
		}
		m.Integrity[url] = metadata
	}
	imports := []step{{"imports", inObject}}
	added := g.without(later.Imports, imports, func(key string) bool {
		for _, r := range resolved {
			if strings.HasPrefix(key, r.Specifier) {
				return true
			}
		}
		return false
	})
	m.Imports = g.mergeSpecifiers(m.Imports, added, imports)
	slices.SortFunc(g.warnings, func(a, b Warning) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Reason, b.Reason)) })
	return g.warnings
}

// covers reports whether a scope is for a module.
func covers(prefix, module string) bool {
	return prefix == module || strings.HasSuffix(prefix, "/") && strings.HasPrefix(module, prefix)
}

// A merger is one call of Merge.
type merger struct{ warnings []Warning }

func (g *merger) ignore(path []step, exists bool) {
	reason := "ignored, because the page has resolved such a specifier before"
	if exists {
		reason = "ignored, because an earlier map has it"
	}
	g.warnings = append(g.warnings, Warning{keyPath(path), reason})
}

// without returns a copy of a specifier map without the keys that are to be ignored.
func (g *merger) without(from Specifiers, path []step, ignored func(key string) bool) Specifiers {
	kept := make(Specifiers, len(from))
	for key, address := range from {
		if ignored(key) {
			g.ignore(append(path[:len(path):len(path)], step{key, inObject}), false)
			continue
		}
		kept[key] = address
	}
	return kept
}

// mergeScope adds the rules of a scope to m.
func (g *merger) mergeScope(m *Map, prefix string, added Specifiers) {
	at := 0
	for ; at < len(m.Scopes) && m.Scopes[at].Prefix > prefix; at++ {
	}
	if at < len(m.Scopes) && m.Scopes[at].Prefix == prefix {
		m.Scopes[at].Imports = g.mergeSpecifiers(m.Scopes[at].Imports, added, []step{{"scopes", inObject}, {prefix, inObject}})
		return
	}
	m.Scopes = append(m.Scopes[:at:at], append([]Scope{{prefix, added}}, m.Scopes[at:]...)...)
}

// mergeSpecifiers is "merge module specifier maps".
func (g *merger) mergeSpecifiers(old, added Specifiers, path []step) Specifiers {
	merged := make(Specifiers, len(old)+len(added))
	for key, address := range added {
		merged[key] = address
	}
	for key, address := range old {
		if _, again := added[key]; again {
			g.ignore(append(path[:len(path):len(path)], step{key, inObject}), true)
		}
		merged[key] = address
	}
	return merged
}
