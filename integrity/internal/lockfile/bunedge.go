package lockfile

import (
	"strings"

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
	add := func(from int, names []string, v gjson.Result, own bool) {
		for _, n := range needs(v, own, manager.Bun) {
			to, exact := bunResolve(byKey, names, n.name, &work)
			r.edge(from, to, n, !exact || n.kind != Optional && !n.peer)
		}
	}
	workspaces.ForEach(func(k, v gjson.Result) bool {
		var names []string
		if name := v.Get("name").Str; name != "" && k.Str != "" {
			names = []string{name}
		}
		add(dirs[k.Str], names, v, true)
		return r.err == nil
	})
	packages.ForEach(func(k, v gjson.Result) bool {
		names := bunNames(k.Str)
		v.ForEach(func(_, part gjson.Result) bool {
			if part.IsObject() {
				add(byKey[k.Str], names, part, false)
			}
			return r.err == nil
		})
		return r.err == nil
	})
}

// bunResolve returns the index of the package that a package whose key has these names
// depends on, or -1 if there is none. exact is false if there were too many lookups.
func bunResolve(byKey map[string]int, names []string, name string, work *budget) (to int, exact bool) {
	for n := len(names); n >= 0; n-- {
		key := name
		if n > 0 {
			key = strings.Join(names[:n], "/") + "/" + name
		}
		if !work.spend(len(key)) {
			return -1, false
		}
		if to, ok := byKey[key]; ok {
			return to, true
		}
	}
	return -1, true
}
