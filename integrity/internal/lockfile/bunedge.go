package lockfile

import (
	"slices"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

// bunEdges resolves the dependencies of all packages. The keys of bun.lock are places in
// a hoisted tree: a/b depends on the first that exists of a/b/c, a/c and c. A workspace
// member depends on the first of NAME/c and c.
func (r *reader) bunEdges(workspaces, packages gjson.Result) {
	byKey := make(map[string]int, len(r.lock.Packages))
	dirs := make(map[string]int)
	for i := range r.lock.Packages {
		if p := &r.lock.Packages[i]; p.Kind == Member {
			dirs[p.Key] = i
		} else {
			byKey[p.Key] = i
		}
	}
	work := budget(maxWork)
	add := func(from int, prefixes []string, v gjson.Result, own bool) {
		for _, n := range needs(v, own, manager.Bun) {
			to, exact := bunResolve(byKey, prefixes, n.name, &work)
			r.edge(from, to, n, !exact || n.kind != Optional && !n.peer)
		}
	}
	workspaces.ForEach(func(k, v gjson.Result) bool {
		prefixes := []string{""}
		if name := v.Get("name").Str; name != "" && k.Str != "" {
			prefixes = []string{name + "/", ""}
		}
		add(dirs[k.Str], prefixes, v, true)
		return r.err == nil
	})
	packages.ForEach(func(k, v gjson.Result) bool {
		prefixes := bunPrefixes(k.Str)
		v.ForEach(func(_, part gjson.Result) bool {
			if part.IsObject() {
				add(byKey[k.Str], prefixes, part, false)
			}
			return r.err == nil
		})
		return r.err == nil
	})
}

// bunPrefixes returns what the keys of the dependencies of a package begin with, the
// nearest first: a/b/, a/ and nothing for the key a/b.
func bunPrefixes(key string) []string {
	var prefixes []string
	end := 0
	for _, name := range bunNames(key) {
		end += len(name)
		prefixes = append(prefixes, key[:end]+"/")
		end++
	}
	slices.Reverse(prefixes)
	return append(prefixes, "")
}

// bunResolve returns the index of the package that a name means for a package with these
// prefixes, or -1 if there is none. exact is false if there were too many lookups.
func bunResolve(byKey map[string]int, prefixes []string, name string, work *budget) (to int, exact bool) {
	for _, prefix := range prefixes {
		if !work.spend(len(prefix) + len(name)) {
			return -1, false
		}
		if to, ok := byKey[prefix+name]; ok {
			return to, true
		}
	}
	return -1, true
}
