package mapdiff

import (
	"cmp"
	"maps"
	"slices"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
)

// A comparison fills in a report.
type comparison struct {
	*Report
	was, is *side
	byKey   map[packageKey]*Package
	order   []packageKey
}

// A packageKey identifies what is one package of the report.
type packageKey struct {
	kind          Kind
	dir           string // of an own package
	name          string
	before, after string
}

// own compares the own packages, by directory.
func (c *comparison) own() {
	all := maps.Clone(c.was.byDir)
	maps.Copy(all, c.is.byDir)
	for _, dir := range slices.Sorted(maps.Keys(all)) {
		if mapfile.IsOwn(dir) {
			c.pair(c.was.byDir[dir], c.is.byDir[dir])
		}
	}
}

// installed compares the installed packages, by name and version.
func (c *comparison) installed() {
	all := make(map[string]bool)
	for _, s := range []*side{c.was, c.is} {
		for name := range s.installed {
			all[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		c.versions(c.was.installed[name], c.is.installed[name])
	}
}

// versions compares the versions of one package.
func (c *comparison) versions(was, is map[string][]*instance) {
	var gone, new []string
	for _, v := range slices.SortedFunc(maps.Keys(was), compareVersions) {
		if is[v] == nil {
			gone = append(gone, v)
		} else {
			c.sameVersion(was[v], is[v])
		}
	}
	for _, v := range slices.SortedFunc(maps.Keys(is), compareVersions) {
		if was[v] == nil {
			new = append(new, v)
		}
	}
	before := replaced(was, is, gone, new)
	for _, v := range new {
		old, isReplacement := before[v]
		for _, in := range is[v] {
			if isReplacement {
				c.pair(nearest(was[old], in), in)
			} else {
				c.pair(nil, in)
			}
		}
		gone = slices.DeleteFunc(gone, func(v string) bool { return isReplacement && v == old })
	}
	for _, v := range gone {
		for _, in := range was[v] {
			c.pair(in, nil)
		}
	}
}

// replaced returns for versions of the new map the ones of the old map that they replace:
// those in the same directory, then those that are left, in order.
func replaced(was, is map[string][]*instance, gone, new []string) map[string]string {
	before := make(map[string]string)
	atDir := make(map[string]string)
	for _, v := range gone {
		for _, in := range was[v] {
			atDir[in.dir] = v
		}
	}
	used := make(map[string]bool)
	take := func(v, old string) {
		if before[v] == "" && !used[old] {
			before[v], used[old] = old, true
		}
	}
	for _, v := range new {
		for _, in := range is[v] {
			if old, ok := atDir[in.dir]; ok {
				take(v, old)
			}
		}
	}
	left := slices.DeleteFunc(slices.Clone(gone), func(v string) bool { return used[v] })
	for _, v := range new {
		if _, ok := before[v]; !ok && len(left) > 0 {
			take(v, left[0])
			left = left[1:]
		}
	}
	return before
}

// nearest returns the instance in the same directory as in, or else the first one.
func nearest(list []*instance, in *instance) *instance {
	for _, other := range list {
		if other.dir == in.dir {
			return other
		}
	}
	return list[0]
}

// sameVersion compares the instances of a version that both maps have. An instance in
// another directory is compared with one that has the same files, if there is one.
func (c *comparison) sameVersion(was, is []*instance) {
	var byFiles map[string]*instance
	for _, in := range is {
		old := nearest(was, in)
		if old.dir != in.dir {
			if byFiles == nil {
				byFiles = make(map[string]*instance)
				for _, o := range slices.Backward(was) {
					byFiles[o.fingerprint()] = o
				}
			}
			old = cmp.Or(byFiles[in.fingerprint()], old)
		}
		c.pair(old, in)
	}
	dirs := func(list []*instance) (dirs []string) {
		for _, in := range list {
			dirs = append(dirs, in.dir)
		}
		return dirs
	}
	if !slices.Equal(dirs(was), dirs(is)) {
		c.Moved = append(c.Moved, is[0].info.NameVersion())
	}
}

// pair adds the difference of two instances to the report. One of them may be nil.
func (c *comparison) pair(old, new *instance) {
	p := Package{Kind: Changed}
	some := new
	switch {
	case old == nil:
		p.Kind = Added
	case new == nil:
		p.Kind, some = Removed, old
	}
	p.Name, p.Own, p.Dirs = some.name, mapfile.IsOwn(some.dir), []string{some.dir}
	key := packageKey{kind: p.Kind, name: p.Name}
	if p.Own {
		key.dir = some.dir
	}
	if old != nil {
		p.OldVersion = old.version
	}
	if new != nil {
		p.NewVersion = new.version
		p.news = []*instance{new}
	}
	key.before, key.after = p.OldVersion, p.NewVersion
	c.compareFiles(&p, old, new)
	c.remark(&p, old, new)
	if !p.isListed() {
		return
	}
	if c.byKey == nil {
		c.byKey = make(map[packageKey]*Package)
	}
	if known := c.byKey[key]; known != nil {
		known.merge(&p)
		return
	}
	c.byKey[key] = &p
	c.order = append(c.order, key)
}

// compareFiles lists the files that differ.
func (c *comparison) compareFiles(p *Package, old, new *instance) {
	if old == nil {
		p.Added = slices.Sorted(maps.Keys(new.files))
		return
	}
	if new == nil {
		p.Removed = slices.Sorted(maps.Keys(old.files))
		return
	}
	for _, rel := range slices.Sorted(maps.Keys(new.files)) {
		was, ok := old.files[rel]
		switch differs, isKnown := compareDigests(was, new.files[rel]); {
		case !ok:
			p.Added = append(p.Added, rel)
		case !isKnown:
			c.Rehashed++
		case differs:
			p.Changed = append(p.Changed, rel)
		}
	}
	for _, rel := range slices.Sorted(maps.Keys(old.files)) {
		if _, ok := new.files[rel]; !ok {
			p.Removed = append(p.Removed, rel)
		}
	}
}

// compareDigests reports whether two files differ. It is not known if their metadata have no
// algorithm in common.
func compareDigests(a, b hasher.Metadata) (differs, isKnown bool) {
	if a.String() == b.String() {
		return false, true
	}
	left, right := a.Digests(), b.Digests()
	for _, d := range left {
		has := func(e hasher.Digest) bool { return e.Algorithm() == d.Algorithm() }
		if slices.ContainsFunc(right, has) {
			isKnown = true
			if !slices.Contains(right, d) {
				return true, true
			}
		}
	}
	return false, isKnown
}

// merge adds the same difference of another instance.
func (p *Package) merge(q *Package) {
	p.Dirs = append(p.Dirs, q.Dirs...)
	p.news = append(p.news, q.news...)
	p.Changed = union(p.Changed, q.Changed)
	p.Added = union(p.Added, q.Added)
	p.Removed = union(p.Removed, q.Removed)
	for _, r := range q.Remarks {
		i := slices.IndexFunc(p.Remarks, func(s Remark) bool { return s.Code == r.Code && s.Text == r.Text })
		if i < 0 {
			p.Remarks = append(p.Remarks, r)
			continue
		}
		p.Remarks[i].Items = union(p.Remarks[i].Items, r.Items)
	}
}

func union[T cmp.Ordered](a, b []T) []T {
	if slices.Equal(a, b) {
		return a
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// finish adds the packages to the report, sorted.
func (c *comparison) finish() {
	requesters, direct := c.is.requesters()
	for _, key := range c.order {
		p := *c.byKey[key]
		slices.Sort(p.Dirs)
		for _, in := range p.news {
			p.Direct = p.Direct || direct[in.dir]
			if p.Kind == Added && !p.Own {
				p.For = union(p.For, requesters[in.dir])
			}
		}
		if p.Kind != Changed && !p.Own {
			p.Others = slices.SortedFunc(maps.Keys(c.is.installed[p.Name]), compareVersions)
			p.Others = slices.DeleteFunc(p.Others, func(v string) bool { return v == p.NewVersion || v == "" })
		}
		c.Packages = append(c.Packages, p)
	}
	rank := func(is bool) int {
		if is {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(c.Packages, func(a, b Package) int {
		return cmp.Or(rank(a.Own)-rank(b.Own), rank(a.IsAlert())-rank(b.IsAlert()), rank(a.Direct)-rank(b.Direct),
			cmp.Compare(a.Name, b.Name), compareVersions(a.NewVersion, b.NewVersion), cmp.Compare(a.Kind, b.Kind))
	})
}
