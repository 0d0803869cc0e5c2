package importmap

import (
	"maps"
	"slices"
	"testing"
)

// FuzzMerge checks what holds for every merge: what the first map has stays, the result
// has nothing that neither map has, and a specifier that was resolved keeps its URL.
func FuzzMerge(f *testing.F) {
	f.Add(`{"imports":{"a":"./a.js"},"integrity":{"./a.js":"sha256-AAAA"}}`, `{"imports":{"a":"./b.js","b":"./b.js"},"integrity":{"./a.js":"","./b.js":"x"}}`, "a")
	f.Add(`{}`, `{"imports":{"a/":"./a/","a/b":"./c.js"}}`, "a/b")
	f.Add(`{"scopes":{"./x/":{"a":"./a.js"}}}`, `{"scopes":{"./x/":{"a":"./b.js","./":"./y/"},"./":{"a":null}}}`, "./z.js")
	f.Add(`{}`, `{"scopes":{"./":{"https://x.example/":"./b/"}}}`, "data:text/javascript,1")
	f.Fuzz(func(t *testing.T, first, second, specifier string) {
		const base = "https://e.example/x/m.js"
		m, later := parseFuzzed(first, base), parseFuzzed(second, base)
		if m == nil || later == nil {
			return
		}
		was := parseFuzzed(first, base)
		record, ok := Record(specifier, base)
		if !ok {
			t.Fatal("no record")
		}
		before, errBefore := m.Resolve(specifier, base)
		m.Merge(later, []Resolved{record})
		for url, metadata := range was.Integrity {
			if m.Integrity[url] != metadata {
				t.Errorf("integrity of %q changed", url)
			}
		}
		for key, address := range was.Imports {
			if got, ok := m.Imports[key]; !ok || got != address {
				t.Errorf("imports[%q] changed", key)
			}
		}
		for key, address := range m.Imports {
			if a, ok := was.Imports[key]; (!ok || a != address) && later.Imports[key] != address {
				t.Errorf("imports[%q] is of neither map", key)
			}
		}
		if !slices.IsSortedFunc(m.Scopes, func(a, b Scope) int { return -compareText(a.Prefix, b.Prefix) }) {
			t.Error("the scopes are not sorted")
		}
		// A prefix of imports may still apply to the specifier, as in the standard.
		if slices.ContainsFunc(slices.Collect(maps.Keys(later.Imports)), record.matches) {
			return
		}
		if after, err := m.Resolve(specifier, base); after != before || (err == nil) != (errBefore == nil) {
			t.Errorf("%q resolved to %q, and to %q after the merge", specifier, before, after)
		}
	})
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func parseFuzzed(text, base string) *Map {
	doc, err := Read("m", []byte(text))
	if err != nil {
		return nil
	}
	m, _, err := doc.Parse(base)
	if err != nil {
		return nil
	}
	return m
}
