package sbom

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/installs"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/pnparchive"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/trace"
)

// Options say which program Read describes.
type Options struct {
	Root    string    // absolute real path that the keys of the map are relative to
	Map     string    // absolute path of the map; the files are those that it pins
	Digest  string    // tree digest of the map with which the files were compared
	LeftOut []string  // directories of packages of the map that are not installed
	Traces  []string  // absolute paths of trace files
	NoFiles bool      // do not list the files
	SHA1    bool      // compute the SHA-1 of each file, for SPDX 2.3
	Version string    // of nodeint
	Time    time.Time // when the document is made; the zero value leaves it out
}

// A Reach is the reason why a package is in the inventory. The package comment defines the values.
type Reach string

// The values of Reach. A package that is not reached has none.
const (
	Imports  Reach = "imports"
	Traced   Reach = "trace"
	Declared Reach = "declared"
)

// A File is a pinned file.
type File struct {
	Path    string // relative to the directory of its package; of the project's, to the root
	Digests []hasher.Digest
	SHA1    []byte // nil unless Options.SHA1 is set
}

// A Component is a package, at one or more places.
type Component struct {
	Ref           string // unique in the inventory
	Name, Version string
	URL           string   // its package URL; "" without a name
	Dirs          []string // relative to the root, sorted; "" is the root
	License       License
	Archive       string   // the URL of its archive in the lockfile; "" if it has none
	Integrity     []string // SRI digests of that archive, from the lockfile or the map
	Checksum      string   // of Yarn's zip, instead of Integrity
	Files         []File   // sorted by path
	Others        []string // files in its directories that are not pinned, relative to the root; if Options.SHA1 is set
	Reach         Reach
	Loaded        bool   // in a trace
	Provenance    string // a provenance class, or ""
	Powers        []string
	Gaps          []problem.Gap
	Uses          []*Component // the packages that its modules import, sorted by Ref

	isRoot bool
}

// An aggregate is whether a list has all its elements, in the words of CycloneDX.
type aggregate string

const (
	complete   aggregate = "complete"
	incomplete aggregate = "incomplete"
	unknown    aggregate = "unknown"
)

// completeness returns whether Uses are all packages that the modules can import. Of a package
// that is only declared or traced, generate may not have parsed the modules.
func (c *Component) completeness() aggregate {
	switch {
	case len(c.Gaps) > 0:
		return incomplete
	case c.Reach == Imports:
		return complete
	}
	return unknown
}

// An Inventory lists the packages of a program.
type Inventory struct {
	Digest    string // tree digest of the map
	Coverage  string
	Gaps      int // of the map
	Root      *Component
	Packages  []*Component // without Root, sorted by Ref
	Unreached []*Component // installed packages without pinned files, sorted by Ref
	HasTrace  bool
	HasFiles  bool
	Notes     []string // limits of the inventory, one sentence each

	version string
	time    time.Time
}

// Read makes the inventory of a program. The error is for a map, a lockfile, a trace or a
// package.json that cannot be read, and for files that have changed since they were
// compared with the map.
func Read(ctx context.Context, opt Options) (*Inventory, error) {
	m, err := readMap(opt)
	if err != nil {
		return nil, err
	}
	t, err := tree.Open(opt.Root)
	if err != nil {
		return nil, problem.NotChecked(opt.Root, "", "%w", err)
	}
	defer t.Close()
	pnp, err := pnparchive.Open(ctx, t, hasher.SetOf(hasher.SHA256), hasher.Options{})
	if err != nil {
		return nil, err
	}
	b := &builder{ctx: ctx, opt: opt, m: m, tree: t, pnp: pnp, places: make(map[string]*Component), inventory: &Inventory{
		Digest: m.Digest, Coverage: string(m.Coverage), Gaps: len(m.Gaps), HasTrace: len(opt.Traces) > 0, HasFiles: !opt.NoFiles,
		version: opt.Version, time: opt.Time,
	}}
	if b.plan, err = installs.Read(t); err != nil {
		b.note("the lockfile was not used, so archives and their digests are missing: " + err.Error())
	}
	for _, step := range []func() error{b.addPinned, b.addImports, b.addTraces, b.addUnreached, b.describe, b.addOthers} {
		if err := step(); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	b.merge()
	return b.inventory, nil
}

// readMap reads the map again, and rejects it if it is not the one of the options.
func readMap(opt Options) (*mapfile.Map, error) {
	text, err := mapfile.ReadText(opt.Map)
	if err != nil {
		return nil, err
	}
	_, m, err := mapfile.Read(opt.Map, text)
	if err != nil {
		return nil, err
	}
	if m.Digest == "" {
		return nil, problem.BadUsage("run nodeint generate", "the map %s has no member nodeint, so it does not say which packages it pins", opt.Map)
	}
	if m.Digest != opt.Digest {
		return nil, problem.NotChecked(opt.Map, "run the command again", "the map was changed while it was read")
	}
	return m, nil
}

// A builder is one call of Read. It makes one component for each place; merge then makes
// one of those that are equal.
type builder struct {
	ctx       context.Context
	opt       Options
	m         *mapfile.Map
	tree      *tree.Tree
	pnp       *pnparchive.Project
	plan      *installs.Plan        // nil without a lockfile
	places    map[string]*Component // by directory, with pinned files
	unreached []*Component          // without pinned files
	edges     map[[2]string]bool    // from a directory to a directory
	inventory *Inventory
}

func (b *builder) note(text string) { b.inventory.Notes = append(b.inventory.Notes, text) }

// addPinned makes a component of each package with pinned files that is installed.
func (b *builder) addPinned() error {
	leftOut := make(map[string]bool)
	for _, dir := range b.opt.LeftOut {
		leftOut[dir] = true
	}
	b.place(b.m.Project)
	for i := range b.m.Pinned {
		f := &b.m.Pinned[i]
		dir := b.owner(f.Path)
		if leftOut[dir] {
			continue
		}
		c := b.place(dir)
		rel := f.Path
		if !c.isRoot && dir != "" {
			rel = strings.TrimPrefix(rel, dir+"/")
		}
		file := File{Path: rel}
		var err error
		if file.Digests, err = b.digests(f); err != nil {
			return err
		}
		if b.opt.SHA1 {
			if file.SHA1, err = b.sha1(f); err != nil {
				return err
			}
		}
		c.Files = append(c.Files, file)
	}
	for _, gap := range b.m.Gaps {
		if c := b.places[b.owner(gap.Path)]; c != nil {
			c.Gaps = append(c.Gaps, gap)
		} else if !leftOut[b.owner(gap.Path)] {
			root := b.places[b.m.Project]
			root.Gaps = append(root.Gaps, gap)
		}
	}
	return nil
}

// owner returns the directory of the package of a file. A file of none belongs to the
// project.
func (b *builder) owner(file string) string {
	if dir, ok := b.m.Owner(file); ok {
		return dir
	}
	if dir, ok := mapfile.InstalledDir(file); ok {
		return dir
	}
	return b.m.Project
}

// place returns the component of the package in a directory.
func (b *builder) place(dir string) *Component {
	c := b.places[dir]
	if c == nil {
		c = &Component{Dirs: []string{dir}, Reach: Declared, isRoot: dir == b.m.Project}
		c.Provenance = b.m.Packages[dir].Class
		for _, power := range b.m.Powers[dir] {
			c.Powers = append(c.Powers, string(power))
		}
		if c.isRoot {
			c.Reach = Imports
		}
		b.places[dir] = c
	}
	return c
}

// addTraces marks the packages with a file that was loaded in a trace.
func (b *builder) addTraces() error {
	for _, file := range b.opt.Traces {
		t, err := trace.ReadFile(file)
		if err != nil {
			return err
		}
		missing := make(map[string]bool)
		for p, how := range t.Files {
			if how == trace.Package {
				continue // only its package.json was read
			}
			dir := b.owner(p)
			c := b.places[dir]
			if c == nil {
				missing[dir] = true
				continue
			}
			c.Loaded = true
			if c.Reach == Declared {
				c.Reach = Traced
			}
		}
		if len(missing) > 0 {
			b.note("the trace has packages that the map does not pin; run nodeint generate --trace with it")
		}
		b.markLoaded(missing)
	}
	return nil
}

// merge makes one component of the places that have the same package with the same files,
// and sorts everything.
func (b *builder) merge() {
	inv := b.inventory
	all := make(map[string]*Component) // by directory
	for _, group := range grouped(sortedValues(b.places)) {
		c := group[0]
		for _, other := range group {
			all[other.Dirs[0]] = c
			c.add(other)
		}
		if c.isRoot {
			inv.Root = c
		} else {
			inv.Packages = append(inv.Packages, c)
		}
	}
	for _, group := range grouped(b.unreached) {
		for _, other := range group {
			group[0].add(other)
		}
		inv.Unreached = append(inv.Unreached, group[0])
	}
	setRefs(append(append([]*Component{inv.Root}, inv.Packages...), inv.Unreached...))
	for edge := range b.edges {
		from, to := all[edge[0]], all[edge[1]]
		if from != nil && to != nil && from != to && !slices.Contains(from.Uses, to) {
			from.Uses = append(from.Uses, to)
		}
	}
	byRef := func(x, y *Component) int { return strings.Compare(x.Ref, y.Ref) }
	for _, c := range all {
		slices.SortFunc(c.Uses, byRef)
	}
	slices.SortFunc(inv.Packages, byRef)
	slices.SortFunc(inv.Unreached, byRef)
	slices.Sort(inv.Notes)
	inv.Notes = slices.Compact(inv.Notes)
}

// add adds what another place of the same package has.
func (c *Component) add(other *Component) {
	if c == other {
		return
	}
	c.Dirs = append(c.Dirs, other.Dirs...)
	c.Others = append(c.Others, other.Others...)
	c.Gaps = append(c.Gaps, other.Gaps...)
	c.Powers = append(c.Powers, other.Powers...)
	slices.Sort(c.Powers)
	c.Powers = slices.Compact(c.Powers)
	c.Loaded = c.Loaded || other.Loaded
	rank := []Reach{Declared, Traced, Imports}
	if slices.Index(rank, other.Reach) > slices.Index(rank, c.Reach) {
		c.Reach = other.Reach
	}
}

// grouped returns the components in groups of equal ones, in the order of the first of each
// group. The root is in no group with others.
func grouped(list []*Component) [][]*Component {
	index := make(map[string]int)
	var groups [][]*Component
	for _, c := range list {
		key := c.key()
		i, ok := index[key]
		if !ok || c.isRoot {
			i = len(groups)
			groups = append(groups, nil)
		}
		if !c.isRoot {
			index[key] = i
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

// key is equal for packages of one URL with the same files, license and archive.
func (c *Component) key() string {
	parts := []string{c.URL, c.Provenance, c.Archive, strings.Join(c.Integrity, " "), c.License.Expression, strings.Join(c.License.Names, "\x01")}
	if c.URL == "" {
		parts = append(parts, c.Dirs...) // nothing says that they are the same package
	}
	for _, f := range c.Files {
		parts = append(parts, f.Path, hasher.Format(f.Digests))
	}
	return strings.Join(parts, "\x00")
}

// setRefs gives each component its Ref: its package URL, with its directory if one before it
// has the same.
func setRefs(all []*Component) {
	used := map[string]bool{"": true}
	for _, c := range all {
		if c.Ref = c.URL; used[c.Ref] {
			c.Ref += "#" + percent(cmp.Or(c.Dirs[0], "."), "/")
		}
		used[c.Ref] = true
	}
}
