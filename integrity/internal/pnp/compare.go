package pnp

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Comparison compares the tables of an install with pinned ones. Two installs of one
// lockfile differ in three ways:
//
//   - An install without development dependencies, or of one workspace alone, has fewer
//     packages, and its workspaces have fewer dependencies.
//   - A peer dependency that such a dependency would provide is not provided.
//   - Yarn merges packages that have equal peer dependencies. The name of the merged one
//     ([Locator], virtual:…) and its virtual path depend on the others.
//
// Everything else has to be equal: from every module that the pinned tables know, a name
// leads to the same package or to none.
type Comparison struct {
	Pinned  *Tables
	Project string // the path of the project's directory

	// MayLack reports whether an install may leave out a dependency of the workspace in
	// a directory.
	MayLack func(dir, name string) bool

	// IsWanted reports whether the program requests a package by a name that the pinned
	// tables do not resolve.
	IsWanted func(name string) bool

	// HasPinned reports whether a file in a directory, or below it, is pinned.
	HasPinned func(dir string) bool
}

// maxPairs limits the work for tables that an attacker has written. An install has about
// as many pairs as packages.
const maxPairs = 1 << 20

// Differences says how the tables differ from the pinned ones, beyond what installs may
// differ in, one sentence each. If there are none, leftOut has the real paths at which
// the pinned tables have a package and got has none.
func (c *Comparison) Differences(got *Tables) (differences []string, leftOut map[string]bool) {
	r := &comparing{Comparison: c, got: got, paired: make(map[Locator]bool), done: make(map[pair]bool)}
	r.peers = r.optionalPeers()
	r.findNeeded()
	if got.rest != c.Pinned.rest {
		r.differ("the settings beside the packages differ")
	}
	r.pairs()
	r.packages()
	r.paths()
	if len(r.differences) > 0 {
		return r.differences, nil
	}
	leftOut = make(map[string]bool)
	for real := range c.Pinned.at {
		if got.at[real] == nil {
			leftOut[real] = true
		}
	}
	return nil, leftOut
}

// A pair is a package of the compared tables, and the one of the pinned tables that it
// has to be equal to.
type pair struct{ got, pinned Locator }

// A comparing is one call of Differences.
type comparing struct {
	*Comparison
	got         *Tables
	peers       map[string]bool  // names of packages that some installs do not provide as peers
	needed      map[Locator]bool // pinned packages that every install of the project has
	paired      map[Locator]bool // packages of got that have a pair
	done        map[pair]bool
	todo        []pair
	differences []string
}

func (r *comparing) differ(format string, args ...any) {
	r.differences = append(r.differences, fmt.Sprintf(format, args...))
}

// optionalPeers returns the names that a workspace may lack.
func (r *comparing) optionalPeers() map[string]bool {
	names := make(map[string]bool)
	for l, p := range r.Pinned.packages {
		if !l.IsWorkspace() {
			continue
		}
		for name := range p.deps {
			if r.MayLack(Real(p.path), name) {
				names[name] = true
			}
		}
	}
	return names
}

// mayLack reports whether an install may leave out a dependency of a pinned package,
// which every install may do if nothing needs the package.
func (r *comparing) mayLack(l Locator, p *packageInfo, name string) bool {
	return !r.needed[l] || l.IsWorkspace() && r.MayLack(Real(p.path), name) || p.peers[name] && r.peers[name]
}

// findNeeded finds the pinned packages that the project and its dependencies need.
func (r *comparing) findNeeded() {
	r.needed = make(map[Locator]bool)
	project := r.Project
	if owner, ok := r.Pinned.Owner(project); ok { // the project may be a directory in a workspace
		project = Real(r.Pinned.packages[owner].path)
	}
	todo := slices.Clone(r.Pinned.at[project])
	for len(todo) > 0 {
		l := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		p := r.Pinned.packages[l]
		if p == nil || r.needed[l] {
			continue
		}
		r.needed[l] = true
		for name, to := range p.deps {
			if !r.mayLack(l, p, name) {
				todo = append(todo, to)
			}
		}
		todo = append(todo, Locator{l.Name, l.physical()}) // which owns the files at their real path
	}
}

// pairs compares every package of got with the pinned one of the same name, and every
// dependency with the pinned one.
func (r *comparing) pairs() {
	for _, l := range r.got.locators() {
		if r.Pinned.packages[l] != nil {
			r.push(l, l)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.got.pool)) {
		to, ok := r.Pinned.pool[name]
		if ok {
			r.push(r.got.pool[name], to)
		} else if r.IsWanted(name) {
			r.differ("the fallback for %q was added, and the program requests it", name)
		}
	}
	for name, to := range r.Pinned.pool {
		if _, ok := r.got.pool[name]; !ok && r.needed[to] {
			r.differ("the fallback for %q is missing", name)
		}
	}
	for len(r.todo) > 0 {
		p := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		r.pair(p)
	}
}

func (r *comparing) push(got, pinned Locator) {
	p := pair{got, pinned}
	if r.done[p] {
		return
	}
	if len(r.done) == maxPairs {
		r.differ("there are too many packages to compare")
	}
	if len(r.done) <= maxPairs {
		r.done[p] = true
		r.paired[got] = true
		r.todo = append(r.todo, p)
	}
}

// pair compares two packages, and pairs their dependencies.
func (r *comparing) pair(p pair) {
	got, pinned := r.got.packages[p.got], r.Pinned.packages[p.pinned]
	switch {
	case p.got.String() != p.pinned.String():
		r.differ("a dependency on %s became one on %s", p.pinned, p.got)
		return
	case got == nil || pinned == nil:
		r.differ("a dependency leads to %s, which is not in the tables", p.got)
		return
	case !isSamePlace(got.path, pinned.path):
		r.differ("%s is in %s instead of %s", p.got, placeName(got.path), placeName(pinned.path))
	case got.rest != pinned.rest:
		r.differ("%s has other settings", p.got)
	}
	for _, name := range slices.Sorted(maps.Keys(got.deps)) {
		to, was := got.deps[name], pinned.deps[name]
		switch {
		case to.Reference == "": // the next loop compares what is not installed
		case was.Reference != "":
			r.push(to, was)
		case !p.pinned.IsWorkspace() && !pinned.peers[name]:
			r.differ("the dependency of %s on %q was added", p.got, name)
		case r.IsWanted(name):
			r.differ("the dependency of %s on %q was added, and the program requests it; generate the map where the development dependencies are installed", p.got, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(pinned.deps)) {
		if pinned.deps[name].Reference != "" && got.deps[name].Reference == "" && !r.mayLack(p.pinned, pinned, name) {
			r.differ("the dependency of %s on %q is missing", p.got, name)
		}
	}
}

// packages finds needed packages that are missing, and looks at those that the pinned
// tables do not have.
func (r *comparing) packages() {
	for _, l := range r.Pinned.locators() {
		isNamed := l == Locator{} || l.Reference == l.physical() // a virtual one can have another name
		if r.needed[l] && isNamed && r.got.packages[l] == nil {
			r.differ("%s is missing", l)
		}
	}
	for _, l := range r.got.locators() {
		if !r.paired[l] {
			r.added(l)
		}
	}
}

// added looks at a package that no pinned package and no pinned name leads to. It must
// not become the owner of pinned files.
func (r *comparing) added(l Locator) {
	p := r.got.packages[l].path
	real := Real(p)
	isInstance := func(o Locator) bool { return isSamePlace(p, r.Pinned.packages[o].path) }
	switch {
	case isAbove(p) || isAbove(real):
		r.differ("%s was added, in %s", l, p)
	case p != real && slices.ContainsFunc(r.Pinned.at[real], isInstance):
	case r.HasPinned(real) || p != real && r.HasPinned(p):
		r.differ("%s was added, in %s, which contains pinned files", l, placeName(p))
	}
}

// paths finds packages that are in one place, of which one is the owner of the files
// there. They have to be those of the pinned tables.
func (r *comparing) paths() {
	count := make(map[string]int)
	for _, p := range r.got.packages {
		count[p.path]++
	}
	for _, l := range r.got.locators() {
		p := r.got.packages[l]
		if count[p.path] < 2 {
			continue
		}
		owner, was := r.got.owners[p.path], r.Pinned.owners[p.path]
		if pinned := r.Pinned.packages[l]; pinned == nil || pinned.path != p.path || owner != was && r.got.packages[was] != nil {
			r.differ("%s is in %s, like another package", l, placeName(p.path))
		}
	}
}

// locators returns all packages, sorted.
func (t *Tables) locators() []Locator {
	return slices.SortedFunc(maps.Keys(t.packages), func(a, b Locator) int {
		return strings.Compare(a.Name+"\x00"+a.Reference, b.Name+"\x00"+b.Reference)
	})
}

// physical returns the reference without the part that identifies a set of peer
// dependencies.
func (l Locator) physical() string {
	if rest, ok := strings.CutPrefix(l.Reference, "virtual:"); ok {
		_, reference, _ := strings.Cut(rest, "#")
		return reference
	}
	return l.Reference
}

// isSamePlace reports whether two paths are equal, or differ only in the name that
// identifies a set of peer dependencies.
func isSamePlace(a, b string) bool {
	headA, tailA, okA := splitVirtual(a)
	headB, tailB, okB := splitVirtual(b)
	return a == b || okA && okB && headA == headB && tailA == tailB
}

// splitVirtual returns what is before and after NAME in a virtual path:
// .yarn/__virtual__/NAME/0/cache/a.zip/b.
func splitVirtual(p string) (head, tail string, ok bool) {
	i := strings.Index("/"+p, "/"+virtualDir)
	if i < 0 || Real(p) == p {
		return "", "", false
	}
	head, rest := p[:i+len(virtualDir)], p[i+len(virtualDir):]
	_, tail, ok = strings.Cut(rest, "/")
	return head, tail, ok && !strings.Contains("/"+tail, "/"+virtualDir)
}

// placeName returns a path for a person.
func placeName(p string) string { return "./" + p }

func isAbove(p string) bool { return p == ".." || strings.HasPrefix(p, "../") }
