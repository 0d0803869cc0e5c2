package pnp

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// Owner gives the package that a file or folder belongs to: FIND_LOCATOR. false is
// for what lies in none, which Node resolves by itself.
func (t *Tables) Owner(p string) (Locator, bool) {
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

// Resolve gives the place of what a package gets under a name: RESOLVE_TO_UNQUALIFIED
// without the path in the package.
func (t *Tables) Resolve(from Locator, name string) (place string, ok bool) {
	p := t.packages[from]
	if p == nil {
		return "", false
	}
	l := p.deps[name]
	if l.Reference == "" && t.fallback && !t.excluded[from] {
		if l, ok = t.packages[Locator{}].deps[name]; !ok {
			l = t.pool[name]
		}
	}
	if p = t.packages[l]; l.Reference == "" || p == nil {
		return "", false
	}
	return p.place, true
}

// Names gives the names that a package may ask for, sorted.
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

// At gives the packages at a real place: one for each set of peer dependencies.
func (t *Tables) At(place string) []Locator { return t.at[place] }

// Places gives the real places of all packages, sorted.
func (t *Tables) Places() []string {
	places := make([]string, 0, len(t.at))
	for p := range t.at {
		places = append(places, p)
	}
	slices.Sort(places)
	return places
}

// Zips gives the zips that packages lie in, sorted. Those that lie elsewhere begin
// with "../".
func (t *Tables) Zips() []string {
	var zips []string
	for _, p := range t.Places() {
		if zip, _, ok := SplitZip(p); ok {
			zips = append(zips, zip)
		}
	}
	return slices.Compact(zips)
}

// SplitZip parts a path into that of the zip and what lies in it: Yarn takes the
// first folder that is called so.
func SplitZip(p string) (zip, member string, ok bool) {
	const ending = ".zip"
	if i := strings.Index(p, ending+"/"); i > 0 && p[i-1] != '/' {
		return p[:i+len(ending)], p[i+len(ending)+1:], true
	}
	return "", "", false
}

// Real gives the path that a file has on disk or in a zip.
func Real(p string) string {
	for from := 0; ; {
		i := strings.Index(p[from:], virtualFolder)
		if i < 0 {
			return p
		}
		i += from
		from = i + len(virtualFolder)
		if i > 0 && p[i-1] != '/' {
			continue
		}
		if real, ok := devirtualize(p[:i], p[from:]); ok {
			return real
		}
	}
}

// virtualFolder is what makes a path virtual; yarn 2 called it $$virtual.
const virtualFolder = "__virtual__/"

// devirtualize reads name/number/rest below a folder.
func devirtualize(folder, below string) (string, bool) {
	_, below, ok := strings.Cut(below, "/")
	number, rest, _ := strings.Cut(below, "/")
	up, err := strconv.ParseUint(number, 10, 8)
	if !ok || err != nil {
		return "", false
	}
	p := path.Join("/", folder)
	outside := 0
	for range up {
		if p == "/" {
			outside++
		}
		p = path.Dir(p)
	}
	return strings.Repeat("../", outside) + strings.TrimPrefix(path.Join(p, rest), "/"), true
}
