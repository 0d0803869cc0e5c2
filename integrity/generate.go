package integrity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/internal/graph"
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/resolution"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/trust"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/trace"
)

// Generate walks the project and makes its map. It writes nothing: see [Write].
//
// The same tree gives the same bytes, on every machine and however many
// processors it has (guarantee G5).
func Generate(ctx context.Context, opt GenerateOptions) (*Generated, error) {
	start := time.Now()
	g, err := newGenerator(opt)
	if err != nil {
		return nil, err
	}
	defer g.tree.Close()
	if err := g.readOld(); err != nil {
		return nil, err
	}
	if err := g.readTraces(); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{g.plug, g.walk, g.walkTraced, g.depend, g.anchor, g.surround, g.hash} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return g.result(start)
}

// A generator holds the state of one Generate. Its steps run one after the other.
type generator struct {
	opt       GenerateOptions
	project   *project.Project
	file      string // the map
	tree      *tree.Tree
	lookup    *resolution.Lookup
	tables    *pnp.Tables // nil without Plug'n'Play
	zips      zips        // those that the tables name
	pins      *pins
	algs      hasher.Set
	digests   map[string][]hasher.Digest // of files that the graph has read
	sizes     map[string]int64
	old       *importmap.Document
	oldText   []byte
	traced    *traced           // nil where there are no traces
	anchoring *lockcheck.Result // nil where there is no lockfile to be held against
	mains     []string

	manifests map[string][]byte // texts of package.json files, by folder
}

func newGenerator(opt GenerateOptions) (*generator, error) {
	p := opt.Project
	g := &generator{
		opt: opt, project: p, file: opt.Map, algs: opt.Algorithms,
		digests: make(map[string][]hasher.Digest), sizes: make(map[string]int64), manifests: make(map[string][]byte),
		pins: &pins{
			coverage: opt.Coverage, conditions: p.Config.Conditions,
			include: p.Config.Include, exclude: p.Config.Exclude,
			files: make(map[string]string), packages: make(map[string]packageInfo), links: make(map[string]string),
		},
	}
	var err error
	if g.file == "" {
		g.file = filepath.Join(p.Dir, MapName)
	}
	if g.pins.coverage == "" {
		if g.pins.coverage, err = ParseCoverage(p.Config.Coverage); err != nil {
			return nil, err
		}
	}
	if g.algs == 0 {
		if g.algs, err = algorithms(p.Config.Algorithms); err != nil {
			return nil, err
		}
	}
	if g.algs == hasher.SetOf(hasher.BLAKE3) {
		return nil, usageError("add sha256, sha384 or sha512", "blake3 alone would leave the map without a digest that the import map standard knows")
	}
	if len(opt.Entries) == 0 {
		if g.opt.Entries, err = p.Entries(); err != nil {
			return nil, err
		}
	}
	if g.tree, err = tree.Open(p.Root); err != nil {
		return nil, failed(p.Root, "", "%w", err)
	}
	if g.tables, err = readTables(g.tree); err != nil {
		g.tree.Close()
		return nil, err
	}
	g.lookup = resolution.New(g.tree, g.tables)
	return g, nil
}

func algorithms(names []string) (hasher.Set, error) {
	set := hasher.Set(0)
	for _, name := range names {
		a, err := hasher.ParseAlgorithm(name)
		if err != nil {
			return 0, usageError("", "%w", err)
		}
		set = set.With(a)
	}
	if set == 0 {
		set = hasher.SetOf(hasher.SHA256)
	}
	return set, nil
}

func (g *generator) progress(stage string, files, total int, bytes int64) {
	if g.opt.Progress != nil {
		g.opt.Progress(Progress{Stage: stage, Files: files, Total: total, Bytes: bytes})
	}
}

// readOld reads the map that lies there, so that its imports, scopes and
// members that nodeint does not know can stay. One that cannot be read is not
// overwritten: they would be lost.
func (g *generator) readOld() error {
	text, err := readMapFile(g.file)
	if e, ok := errors.AsType[*Error](err); ok && e.Code == MapMissing {
		return nil
	}
	if err != nil {
		return err
	}
	doc, err := readDocument(g.file, text)
	if err != nil {
		e, _ := errors.AsType[*Error](err)
		e.Hint = "move it away: it is not overwritten, since its imports and scopes would be lost"
		return e
	}
	g.old, g.oldText = doc, []byte(text)
	return nil
}

// walk finds the modules that the program names and pins them. Where esbuild
// resolves otherwise than Node (names that differ by case alone, or that hold a
// "*"), the lookup ends at files that the graph has not met: it goes on there.
func (g *generator) walk(ctx context.Context) error {
	g.pins.project = g.projectDir()
	g.pins.packages[g.pins.project] = packageInfo{}
	var err error
	if g.mains, err = g.realEntries(); err != nil {
		return err
	}
	return g.walkFrom(ctx, g.mains)
}

func (g *generator) walkFrom(ctx context.Context, entries []string) error {
	for len(entries) > 0 {
		found, err := g.discover(ctx, entries)
		if err != nil {
			return err
		}
		if err := g.follow(ctx, found); err != nil {
			return err
		}
		entries = g.unmet()
	}
	return nil
}

// unmet gives the absolute paths of files that lookups ended at and no walk met.
func (g *generator) unmet() []string {
	var files []string
	for _, f := range sortedKeys(g.lookup.Files) {
		if !g.isPinned(f) {
			files = append(files, g.tree.Abs(f))
		}
	}
	return files
}

func (g *generator) isPinned(f string) bool {
	_, ok := g.pins.files[f]
	return ok
}

// discover walks the module graph from entries and pins its modules.
func (g *generator) discover(ctx context.Context, entries []string) (*graph.Graph, error) {
	met := len(g.pins.files)
	found, err := graph.Discover(ctx, graph.Options{
		Root: g.tree.Root(), Dir: g.project.Dir, Entries: entries, Mains: g.mains, Conditions: g.pins.conditions,
		Algorithms: g.algs, Read: g.tree.ReadFile, Known: g.isPinned, Zips: g.graphZips(),
		Progress: func(n int) { g.progress("resolving", met+n, 0, 0) },
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, g.unread(err)
	}
	for _, m := range found.Modules {
		g.digests[m.Path], g.sizes[m.Path] = m.Digests, m.Size
		g.pinFile(m.Path)
		if err := g.reach(m.Path); err != nil {
			return nil, err
		}
	}
	for _, gap := range found.Gaps {
		g.pins.gaps = append(g.pins.gaps, Gap{
			Path: gap.Path, Line: gap.Line, Column: gap.Column, Text: gap.Text, Reason: string(gap.Reason),
		})
	}
	return found, nil
}

// unread is the error of a module that was not read. esbuild gives real paths, unless
// the system did not tell it of a link, which nothing is read through.
func (g *generator) unread(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		p, inside := g.tree.Rel(e.Path)
		for ; inside && p != ""; p = tree.Parent(p) {
			if kind, err := g.tree.Kind(p); err == nil && kind == tree.Link {
				return failed(p, "see whether the disk is well and who may read it, and run it again",
					"reading a module: %s is a link, which the system did not tell at first", p)
			}
		}
	}
	return failed("", "make it readable, or take it out of the program", "%w", err)
}

func (g *generator) projectDir() string {
	dir, _ := g.tree.Rel(g.project.Dir)
	return dir
}

// realEntries gives the real paths of the entries, and notes their keys.
func (g *generator) realEntries() ([]string, error) {
	var real []string
	for _, e := range g.opt.Entries {
		p, inside := g.tree.Rel(filepath.Clean(e))
		if !inside {
			return nil, outsideError(e, g.tree.Root(), "")
		}
		place, err := g.tree.Resolve(p)
		if err != nil {
			return nil, failed(e, "", "%w", err)
		}
		for _, l := range place.Links {
			g.lookup.Links[l] = struct{}{}
		}
		if place.Outside {
			return nil, outsideError(e, g.tree.Root(), place.Path)
		}
		if place.Kind != tree.File {
			return nil, usageError("give a file that node could run", "the entry %s is %s", e, place.Kind)
		}
		g.pins.entries = append(g.pins.entries, place.Path)
		real = append(real, g.tree.Abs(place.Path))
	}
	slices.Sort(g.pins.entries)
	g.pins.entries = slices.Compact(g.pins.entries)
	return real, nil
}

func outsideError(file, root, link string) error {
	by := ""
	if link != "" {
		by = fmt.Sprintf(", linked from %s", link)
	}
	return &Error{
		Class: Usage, Code: GapOutside, Path: file,
		Hint: "install what is linked (npm install ./path --install-links), or run nodeint in the workspace that holds both",
		Err:  fmt.Errorf("%s lies outside the root %s%s: no key of the map can name it", file, root, by),
	}
}

func (g *generator) pinFile(p string) {
	g.pins.files[p] = ""
	if dir, ok := packageFolder(p); ok {
		g.pins.packages[dir] = packageInfo{}
	}
}

// reach notes the package that a module of the program belongs to. Outside
// node_modules that is the nearest folder upward whose package.json has a name:
// one without only says what ".js" means below it.
func (g *generator) reach(module string) error {
	for dir := tree.Parent(module); ; dir = tree.Parent(dir) {
		if _, known := g.pins.packages[dir]; known || path.Base(dir) == resolution.Modules {
			return nil
		}
		text, err := g.manifest(dir)
		if err != nil {
			return err
		}
		if gjson.GetBytes(text, "name").Str != "" && dir != "" {
			g.pins.packages[dir] = packageInfo{}
			return nil
		}
		if dir == "" {
			return nil
		}
	}
}

// follow looks at what each question of the graph passed on its way.
func (g *generator) follow(ctx context.Context, found *graph.Graph) error {
	onTheWay := map[string]bool{"": true}
	for f := range g.pins.files {
		for dir := tree.Parent(f); !onTheWay[dir]; dir = tree.Parent(dir) {
			onTheWay[dir] = true
		}
	}
	for _, e := range found.Edges {
		if err := ctx.Err(); err != nil {
			return err
		}
		dir, inside := g.tree.Rel(e.Dir)
		if !inside {
			continue
		}
		if _, err := g.lookup.Specifier(dir, filepath.ToSlash(e.Specifier), e.Import); err != nil {
			return failed("", "make it readable", "%w", err)
		}
		if g.lookup.IsPlugged(dir) {
			g.traced.see(g.tree.Root(), pnp.Real(dir), e)
			continue // no folder aside has a say
		}
		g.traced.see(g.tree.Root(), dir, e)
		if err := g.aside(onTheWay, dir, e); err != nil {
			return failed("", "make it readable", "%w", err)
		}
	}
	if len(found.Outside) > 0 {
		file := found.Outside[0]
		return outsideError(file, g.tree.Root(), g.linkTo(file))
	}
	return nil
}

// aside is for what is asked from a folder that holds no module, as createRequire
// can: a package that appears there would be the nearest.
func (g *generator) aside(onTheWay map[string]bool, dir string, e graph.Edge) error {
	name, _ := resolution.SplitName(e.Specifier)
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "#:") {
		return nil
	}
	for ; !onTheWay[dir]; dir = tree.Parent(dir) {
		if path.Base(dir) == resolution.Modules {
			continue
		}
		if err := g.lookup.Lack(tree.Join(tree.Join(dir, resolution.Modules), name)); err != nil {
			return err
		}
	}
	return nil
}

// linkTo finds the link through which a file outside the root was reached.
func (g *generator) linkTo(file string) string {
	for _, link := range sortedKeys(g.lookup.Outside) {
		if real, err := filepath.EvalSymlinks(g.tree.Abs(link)); err == nil && (real == file || strings.HasPrefix(file, real+string(filepath.Separator))) {
			return link
		}
	}
	return ""
}

// depend closes the packages over what they declare, where the coverage says so.
func (g *generator) depend(ctx context.Context) error {
	if g.pins.coverage == Dependencies || g.pins.coverage == Tree {
		maps.Copy(g.lookup.Packages, presence(g.pins.packages))
		if err := g.closeDependencies(ctx); err != nil {
			return err
		}
	}
	for dir := range g.lookup.Packages {
		g.pins.packages[dir] = packageInfo{}
	}
	for m := range g.lookup.Manifests {
		g.pinFile(m)
	}
	for link := range g.lookup.Links {
		if err := g.pinLink(link); err != nil {
			return err
		}
	}
	for link := range g.lookup.Outside {
		g.pins.gaps = append(g.pins.gaps, Gap{Path: link, Reason: GapOutside})
	}
	g.pins.absent = sortedKeys(g.lookup.Absent)
	return nil
}

func presence[V any](m map[string]V) map[string]struct{} {
	set := make(map[string]struct{}, len(m))
	for k := range m {
		set[k] = struct{}{}
	}
	return set
}

func (g *generator) closeDependencies(ctx context.Context) error {
	done := make(map[string]bool)
	queue := sortedKeys(g.lookup.Packages)
	for len(queue) > 0 {
		dir := queue[0]
		queue = queue[1:]
		if done[dir] {
			continue
		}
		done[dir] = true
		if err := ctx.Err(); err != nil {
			return err
		}
		names, err := g.declared(dir)
		if err != nil {
			return err
		}
		found, err := g.lookup.Dependencies(dir, names)
		if err != nil {
			return failed("", "make it readable", "%w", err)
		}
		for _, dir := range found {
			if !done[dir] {
				queue = append(queue, dir)
			}
		}
	}
	return nil
}

// declared gives the names of the dependencies, optional and peer dependencies
// of the package in dir, sorted.
func (g *generator) declared(dir string) ([]string, error) {
	text, err := g.manifest(dir)
	if err != nil {
		return nil, err
	}
	names := make(map[string]bool)
	// A package may say that a peer is optional without saying that it is one.
	for _, section := range []string{"dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta"} {
		gjson.GetBytes(text, section).ForEach(func(k, _ gjson.Result) bool {
			if name, sub := resolution.SplitName(k.Str); name != "" && sub == "" && !strings.HasPrefix(name, ".") {
				names[name] = true
			}
			return true
		})
	}
	return sortedKeys(names), nil
}

// manifest gives the text of the package.json in dir, nil where there is none.
func (g *generator) manifest(dir string) ([]byte, error) {
	if text, ok := g.manifests[dir]; ok {
		return text, nil
	}
	place, err := g.tree.Resolve(tree.Join(dir, resolution.Manifest))
	if err != nil {
		return nil, failed(dir, "make it readable", "%w", err)
	}
	var text []byte
	if place.Kind == tree.File {
		if text, err = g.tree.ReadFile(place.Path, resolution.MaxManifest); err != nil {
			return nil, failed(place.Path, "make it readable", "%w", err)
		}
	}
	g.manifests[dir] = text
	return text, nil
}

func (g *generator) pinLink(link string) error {
	target, err := linkTarget(g.tree, link)
	if err != nil {
		return failed(link, "", "%w", err)
	}
	g.pins.links[link] = target
	return nil
}

// elsewhere is what a map records of a link to an absolute path outside the
// root: the path itself would be of one machine.
const elsewhere = "/"

// linkTarget gives what a map records of a symbolic link: the key of what it
// points at or, for what lies outside the root, the text of the link if it is
// relative.
func linkTarget(t *tree.Tree, link string) (string, error) {
	target, inside, err := t.Readlink(link)
	if err != nil {
		return "", err
	}
	raw, err := os.Readlink(t.Abs(link))
	switch {
	case err != nil:
		return "", err
	case !filepath.IsAbs(raw) && filepath.Clean(raw) != strings.TrimSuffix(raw, string(filepath.Separator)):
		// a/../b leads elsewhere than b where a is a link: its text alone says so.
		return filepath.ToSlash(raw), nil
	case inside:
		return keyOf(target), nil
	case filepath.IsAbs(target):
		return elsewhere, nil
	}
	return filepath.ToSlash(target), nil
}

// surround pins strays until there are none. Each round must find new ones.
func (g *generator) surround(ctx context.Context) error {
	pinned := make(map[string]bool)
	for {
		g.pins.absent = sortedKeys(g.lookup.Absent)
		s, err := newSurvey(g.tree, g.pins, g.ownMaps())
		if err != nil {
			return usageError("", "reading the configuration: %w", err)
		}
		strays, err := s.run(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return failed("", "make it readable, or exclude it", "%w", err)
		}
		if len(strays) == 0 {
			return nil
		}
		g.progress("resolving", len(g.pins.files), 0, 0)
		for _, st := range strays {
			if pinned[st.path] {
				return failed(st.path, "please report this", "pinning what surrounds the program: %s was pinned, and is a stray still", st.path)
			}
			pinned[st.path] = true
			if err := g.pinStray(st); err != nil {
				return err
			}
		}
	}
}

// ownMaps gives the paths at which nodeint's own maps, their envelopes and traces lie
// by default: those of this run, and those of the project and of the workspace members
// that it depends on.
func (g *generator) ownMaps() map[string]bool {
	return ownMaps(g.tree, g.file, g.projectDir(), g.pins)
}

func ownMaps(t *tree.Tree, file, projectDir string, p *pins) map[string]bool {
	own := make(map[string]bool)
	add := func(dir string) {
		own[tree.Join(dir, MapName)] = true
		own[tree.Join(dir, MapName+trust.Suffix)] = true
		own[tree.Join(dir, trace.Name)] = true
	}
	add(projectDir)
	if rel, inside := t.Rel(file); inside {
		own[rel], own[rel+trust.Suffix] = true, true
	}
	for dir := range p.packages {
		if nameOf(dir) == "" {
			add(dir)
		}
	}
	return own
}

func (g *generator) pinStray(st stray) error {
	switch st.kind {
	case tree.File:
		g.pinFile(st.path)
	case tree.Folder:
		g.pins.packages[st.path] = packageInfo{}
		if dir, err := g.tree.Dir(st.path); err == nil && dir.Kind(resolution.Manifest) == tree.File {
			g.pinFile(tree.Join(st.path, resolution.Manifest))
		}
	case tree.Link:
		return g.pinStrayLink(st)
	default:
		return failed(st.path, "remove it, or exclude it in the configuration", "pinning %s: it is %s", st.path, st.kind)
	}
	return nil
}

// pinStrayLink pins a link and, where it leads to a file that Node could load
// by it, that file. What lies in a folder that it leads to is found by the next
// survey.
func (g *generator) pinStrayLink(st stray) error {
	place, err := g.tree.Resolve(st.path)
	if err != nil {
		return failed(st.path, "", "%w", err)
	}
	if err := g.pinLink(st.path); err != nil {
		return err
	}
	for _, link := range place.Links {
		if err := g.pinLink(link); err != nil {
			return err
		}
	}
	if place.Outside {
		g.pins.gaps = append(g.pins.gaps, Gap{Path: st.path, Reason: GapOutside})
	} else if place.Kind == tree.None {
		return g.lackTarget(st.path)
	}
	if place.Kind == tree.File && (st.why != covered || g.pins.coverage == Tree || graph.IsLoadable(st.path) || graph.IsLoadable(place.Path)) {
		g.pinFile(place.Path)
	}
	return nil
}

// lackTarget notes that a link leads to nothing: what appears there later, Node
// would find by it.
func (g *generator) lackTarget(link string) error {
	target, inside, err := g.tree.Readlink(link)
	if err == nil && inside {
		err = g.lookup.Lack(target)
	}
	if err != nil {
		return failed(link, "", "%w", err)
	}
	return nil
}

// hash computes the digests of all that the graph has not read.
func (g *generator) hash(ctx context.Context) error {
	var jobs []hasher.Job
	for _, f := range sortedKeys(g.pins.files) {
		if err := checkBounds(f); err != nil {
			return failed(f, "exclude its folder in the configuration", "pinning %.60s…: %w", f, err)
		}
		if _, ok := g.digests[f]; ok {
			continue
		}
		if in := g.zips.file(f); in != nil {
			g.digests[f], g.sizes[f] = in.Digests, in.Size
			continue
		}
		jobs = append(jobs, hasher.Job{Path: f, Algorithms: g.algs})
	}
	results, err := hasher.Files(ctx, g.tree.Root(), jobs, hasher.Options{
		OnWait:   g.opt.OnWait,
		Progress: func(files int, bytes int64) { g.progress("hashing", files, len(jobs), bytes) },
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return failed("", "", "hashing: %w", err)
	}
	for i, r := range results {
		if r.Err != nil {
			return failed(jobs[i].Path, "make it readable, or exclude it in the configuration", "hashing: %w", r.Err)
		}
		g.digests[jobs[i].Path], g.sizes[jobs[i].Path] = r.Digests, r.Size
	}
	for f := range g.pins.files {
		g.pins.files[f] = hasher.Format(g.digests[f])
	}
	return nil
}

func (g *generator) result(start time.Time) (*Generated, error) {
	if err := g.namePackages(); err != nil {
		return nil, err
	}
	g.vouch()
	g.pins.gaps = problem.SortGaps(g.pins.gaps)
	explained := g.explain()
	doc, err := g.pins.document(g.old)
	if err != nil {
		return nil, failed(g.file, "", "%w", err)
	}
	var total int64
	for f := range g.pins.files {
		total += g.sizes[f]
	}
	r := &Generated{
		Root: g.tree.Root(), Map: g.file, Text: doc.Format(), Old: g.oldText,
		Digest: treeDigest(doc), Coverage: g.pins.coverage, Entries: keysOf(g.pins.entries),
		Gaps: g.pins.gaps, Trace: explained, Notes: g.traced.notes(),
		Summary: Summary{
			Checked: len(g.pins.files), Packages: g.pins.inhabited(maps.Keys(g.pins.files)), Bytes: total,
			MS: time.Since(start).Milliseconds(),
		},
	}
	r.Pin = PinOf(r.Text)
	if g.anchoring != nil {
		r.Anchors, r.Findings = g.anchoring.Summary, problem.SortFindings(g.anchoring.Findings)
		r.Notes = append(r.Notes, g.anchoring.Notes...)
	}
	if g.old != nil && !bytes.Equal(r.Old, r.Text) {
		r.Changes = changes(g.old, doc)
	}
	return r, nil
}

// namePackages reads the names and versions, for people: every package.json is
// pinned, so they need not be trusted.
func (g *generator) namePackages() error {
	for dir := range g.pins.packages {
		text, err := g.manifest(dir)
		if err != nil {
			return err
		}
		fields := gjson.GetManyBytes(text, "name", "version")
		g.pins.packages[dir] = packageInfo{name: printable(fields[0]), version: printable(fields[1])}
	}
	return nil
}

// printable keeps what a name or a version may be, so that a map holds no
// surprise for whatever shows it.
func printable(r gjson.Result) string {
	if len(r.Str) > 214 || strings.ContainsFunc(r.Str, func(c rune) bool { return c < 0x21 || c > 0x7E }) {
		return ""
	}
	return r.Str
}

// changes lists how the entries of two maps differ, by key.
func changes(old, new *importmap.Document) []Change {
	was := make(map[string]string, len(old.Integrity))
	for _, e := range old.Integrity {
		was[e.Key] = e.Value
	}
	var list []Change
	for _, e := range new.Integrity {
		if v, ok := was[e.Key]; !ok {
			list = append(list, Change{"added", e.Key})
		} else if v != e.Value {
			list = append(list, Change{"changed", e.Key})
		}
		delete(was, e.Key)
	}
	for key := range was {
		list = append(list, Change{"removed", key})
	}
	slices.SortFunc(list, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// Write puts the map in its place, whole or not at all. A map that was there
// keeps its mode.
func Write(g *Generated) error {
	if err := atomic.Write(g.Map, g.Text); err != nil {
		return notWritten(g.Map, "the map", err)
	}
	return nil
}

// Tidy removes what a nodeint that was killed has left beside the map at an
// absolute path: where the coverage is tree, it would be pinned.
func Tidy(file string) { atomic.Sweep(file) }

// notWritten is the error of a file that atomic.Write has not written.
func notWritten(file, what string, err error) error {
	hint := "nothing was changed; make room or make the folder writable"
	if errors.Is(err, atomic.ErrUnflushed) {
		hint = "see what is wrong with the disk, and run it again"
	}
	return failed(file, hint, "writing %s: %w", what, err)
}
