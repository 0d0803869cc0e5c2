package lockfile

import (
	"strings"

	"github.com/tidwall/gjson"
)

// npmEdges resolves the dependencies of all packages as Node does: in the node_modules
// directory of the package, and in those of the directories above it.
func (r *reader) npmEdges(packages gjson.Result) {
	byKey := make(map[string]int, len(r.lock.Packages))
	for i := range r.lock.Packages {
		byKey[r.lock.Packages[i].Key] = i
	}
	work := budget(maxWork)
	packages.ForEach(func(k, v gjson.Result) bool {
		from := byKey[k.Str]
		p := &r.lock.Packages[from]
		if p.Kind == Link {
			return true
		}
		if p.Key == "" && v.Get("workspaces").Exists() {
			r.lock.workspaces = true
		}
		for _, n := range needs(v, p.Kind == Member) {
			to, exact := npmResolve(byKey, p.Key, n.name, &work)
			r.edge(from, to, n, !exact || n.kind != OptionalDep && !n.peer)
		}
		return r.err == nil
	})
}

// npmResolve returns the index of the package that a package with this key loads by a
// name, or -1 if there is none. exact is false if there were too many lookups.
func npmResolve(byKey map[string]int, key, name string, work *budget) (to int, exact bool) {
	for dir := key; ; {
		place := inModules(dir, name)
		if !work.spend(len(place)) {
			return -1, false
		}
		if to, ok := byKey[place]; ok {
			return to, true
		}
		for {
			if dir == "" {
				return -1, true
			}
			dir = dir[:max(0, strings.LastIndexByte(dir, '/'))]
			if dir != "node_modules" && !strings.HasSuffix(dir, "/node_modules") {
				break
			}
		}
		if dir == "" && strings.HasPrefix(key, "../") { // "" is the root, which is not above it
			return -1, true
		}
	}
}

// inModules returns the key of a package in the node_modules directory of dir.
func inModules(dir, name string) string {
	if dir == "" {
		return "node_modules/" + name
	}
	return dir + "/node_modules/" + name
}
