package pnp

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// Owner returns the package that contains a path (FIND_LOCATOR of the specification). ok
// is false if no package does, or if the path is ignored: then Node resolves imports
// without the tables.
func (t *Tables) Owner(p string) (owner Locator, ok bool) {
	if t.ignored != nil && t.ignored.MatchString(p) {
		return Locator{}, false
	}
	for {
		if l, ok := t.owners[p]; ok {
			return l, true
		}
		if p == "" || p == ".." {
			return Locator{}, false
		}
		p = p[:max(0, strings.LastIndexByte(p, '/'))]
	}
}

// Resolve returns the path of the package that a package gets for a name
// (RESOLVE_TO_UNQUALIFIED of the specification, without the subpath). The path may be
// virtual.
func (t *Tables) Resolve(from Locator, name string) (p string, ok bool) {
	importer := t.packages[from]
	if importer == nil {
		return "", false
	}
	l := importer.deps[name]
	if l.Reference == "" && t.fallback && !t.excluded[from] {
		if l, ok = t.packages[Locator{}].deps[name]; !ok {
			l = t.pool[name]
		}
	}
	found := t.packages[l]
	if l.Reference == "" || found == nil {
		return "", false
	}
	return found.path, true
}

// Names returns the names that a package may import, sorted.
func (t *Tables) Names(l Locator) []string {
	var names []string
	if p := t.packages[l]; p != nil {
		for name := range p.deps {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// At returns the packages at a real path: one for each set of peer dependencies.
func (t *Tables) At(real string) []Locator { return t.at[real] }

// Places returns the real paths of all packages, sorted.
func (t *Tables) Places() []string {
	places := make([]string, 0, len(t.at))
	for p := range t.at {
		places = append(places, p)
	}
	slices.Sort(places)
	return places
}

// Zips returns the paths of the zips that contain packages, sorted. A zip outside the
// directory of .pnp.cjs starts with "../".
func (t *Tables) Zips() []string {
	var zips []string
	for _, p := range t.Places() {
		if zip, _, ok := SplitZip(p); ok {
			zips = append(zips, zip)
		}
	}
	return slices.Compact(zips)
}

// SplitZip splits a path into the path of a zip and the path of its member. Like Yarn, it
// takes the first component with the extension .zip that is not the last one. ok is
// false if there is none.
func SplitZip(p string) (zip, member string, ok bool) {
	const ext = ".zip"
	if i := strings.Index(p, ext+"/"); i > 0 && p[i-1] != '/' {
		return p[:i+len(ext)], p[i+len(ext)+1:], true
	}
	return "", "", false
}

// Real returns the path on disk, or in a zip, for one that may be virtual.
func Real(p string) string {
	for from := 0; ; {
		i := strings.Index(p[from:], virtualDir)
		if i < 0 {
			return p
		}
		i += from
		from = i + len(virtualDir)
		if i > 0 && p[i-1] != '/' {
			continue
		}
		if real, ok := devirtualize(p[:i], p[from:]); ok {
			return real
		}
	}
}

// virtualDir is the component that makes a path virtual. Yarn 2 called it $$virtual.
const virtualDir = "__virtual__/"

// devirtualize returns the real path for DIR/__virtual__/BELOW, or false if below is not
// name/number/rest.
func devirtualize(dir, below string) (string, bool) {
	_, below, ok := strings.Cut(below, "/")
	number, rest, _ := strings.Cut(below, "/")
	up, err := strconv.ParseUint(number, 10, 8)
	if !ok || err != nil {
		return "", false
	}
	p := path.Join("/", dir)
	outside := 0
	for range up {
		if p == "/" {
			outside++
		}
		p = path.Dir(p)
	}
	return strings.Repeat("../", outside) + strings.TrimPrefix(path.Join(p, rest), "/"), true
}
