package lockfile

import (
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/manager"
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
		if p.Key == "" {
			r.lock.workspaces = npmWorkspaces(v.Get("workspaces"))
		}
		for _, n := range needs(v, p.Kind == Member, manager.NPM) {
			to, exact := npmResolve(byKey, p.Key, n.name, &work)
			r.edge(from, to, n, !exact || n.kind != Optional && !n.peer)
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

// npmWorkspaces returns the patterns of the workspace members: a list, or the member
// packages of an object.
func npmWorkspaces(v gjson.Result) []string {
	if v.IsObject() {
		v = v.Get("packages")
	}
	var patterns []string
	v.ForEach(func(_, pattern gjson.Result) bool {
		patterns = append(patterns, pattern.Str)
		return len(patterns) <= maxNames
	})
	return patterns
}

// isWorkspace reports whether a directory of npm's lockfile may be a workspace member.
// Other directories are targets of links: of dependencies such as file:vendor/a. A
// pattern that has more than "*" in it may name any directory.
func isWorkspace(dir string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		matched, err := path.Match(join(".", pattern), dir)
		return matched || err != nil || strings.Contains(pattern, "**") || strings.ContainsAny(pattern, "?[]{}()!+@\\") || len(patterns) > maxNames
	})
}
