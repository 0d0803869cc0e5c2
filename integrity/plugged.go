package integrity

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/graph"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// Yarn's Plug'n'Play leaves packages in their zips. A zip that the tables name is
// pinned as the file that it is, and what lies in it under its own path as well,
// which is the one that the program sees: .yarn/cache/ms.zip/node_modules/ms/index.js.
// No other file can have a file's path as its folder, so keys stay unambiguous, and a
// nodeint that knows no zips finds those keys missing.
//
// For all that follows, zips are folders (tree.Mount): the lookup, the survey, the
// dependencies. Verify needs no survey of them: a zip with the digest that was pinned
// has the files that it had.

// pnpError is for a project of Plug'n'Play that cannot be pinned as it is.
func pnpError(t *tree.Tree, file, hint, format string, args ...any) error {
	return &Error{Class: Usage, Code: "pnp", Path: t.Abs(file), Hint: hint, Err: fmt.Errorf(format, args...)}
}

// zipError is for a zip that cannot be read, or that readers of zips read differently.
func zipError(t *tree.Tree, zip string, err error) error {
	hint := "remove it, and run yarn install"
	if errors.Is(err, errOddZip) {
		hint = "unplug its package (dependenciesMeta in package.json), and run yarn install"
	}
	return &Error{Class: Failed, Code: "zip", Path: t.Abs(zip), Hint: hint, Err: err}
}

// errOddZip is for a zip that holds what readers of zips take for different things.
var errOddZip = errors.New("which not every reader of zips takes for the same")

// readTables reads the tables of Plug'n'Play; nil where the project does not use it.
func readTables(t *tree.Tree) (*pnp.Tables, error) {
	root, err := t.Dir("")
	if err != nil {
		return nil, failed(t.Root(), "", "%w", err)
	}
	switch kind := root.Kind(pnp.Program); {
	case kind == tree.None && root.Kind(".pnp.js") == tree.File:
		return nil, pnpError(t, ".pnp.js", "use Yarn 3 or newer", "the project uses Plug'n'Play as Yarn 2 had it (.pnp.js)")
	case kind == tree.None:
		return nil, nil
	case kind != tree.File:
		return nil, pnpError(t, pnp.Program, "run yarn install", "%s is %s", pnp.Program, kind)
	}
	tables, err := parseTables(t, root)
	if err != nil {
		return nil, err
	}
	for _, zip := range tables.Zips() {
		if strings.HasPrefix(zip, "../") {
			return nil, pnpError(t, pnp.Program, "write enableGlobalCache: false into .yarnrc.yml, and run yarn install",
				"Plug'n'Play loads packages from %s, which lies outside the root %s: no key of the map can name them", path.Dir(t.Abs(zip)), t.Root())
		}
	}
	return tables, nil
}

// parseTables reads the tables where Node would: in the program or, if they are not
// there, in the file beside it.
func parseTables(t *tree.Tree, root tree.Dir) (*pnp.Tables, error) {
	text, err := t.ReadFile(pnp.Program, pnp.MaxSize)
	if err != nil {
		return nil, failed(pnp.Program, "make it readable", "%w", err)
	}
	tables, err := pnp.FromProgram(text)
	if err != nil {
		return nil, pnpError(t, pnp.Program, "run yarn install", "reading %s: %w", pnp.Program, err)
	}
	if tables != nil {
		if root.Kind(pnp.Data) != tree.None { // esbuild would go by it, and Node does not
			return nil, pnpError(t, pnp.Data, "run yarn install, or remove it", "%s has its tables in it, and there is %s as well", pnp.Program, pnp.Data)
		}
		return tables, nil
	}
	if text, err = t.ReadFile(pnp.Data, pnp.MaxSize); err != nil {
		return nil, failed(pnp.Data, "run yarn install", "%w", err)
	}
	if tables, err = pnp.Parse(text); err != nil {
		return nil, pnpError(t, pnp.Data, "run yarn install", "reading %s: %w", pnp.Data, err)
	}
	return tables, nil
}

// zips are the zips of a project that were read, by path.
type zips map[string]*zipped

// A zipped is what a zip holds.
type zipped struct {
	folder  string // of the package in the zip: node_modules/ms
	listing *tarball.Listing
}

// file finds a file by its path, which begins with that of the zip; nil if it lies in
// none.
func (z zips) file(p string) *tarball.File {
	zip, member, ok := pnp.SplitZip(p)
	if in := z[zip]; ok && in != nil {
		if rel, ok := strings.CutPrefix(member, in.folder+"/"); ok {
			return in.listing.File(rel)
		}
	}
	return nil
}

// mount lets the tree find what lies in the zips.
func (z zips) mount(t *tree.Tree) {
	for zip, in := range z {
		files := make([]string, len(in.listing.Files))
		for i, f := range in.listing.Files {
			files[i] = in.folder + "/" + f.Path
		}
		t.Mount(zip, files, func(member string) ([]byte, error) { return z.read(t, zip+"/"+member) })
	}
}

// read gives the bytes of a file that lies in a zip.
func (z zips) read(t *tree.Tree, p string) ([]byte, error) {
	in := z.file(p)
	if in == nil {
		return nil, &fs.PathError{Op: "open", Path: t.Abs(p), Err: fs.ErrNotExist}
	}
	zip, _, _ := pnp.SplitZip(p)
	f, err := t.Open(zip)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return in.Open(f)
}

// readZips lists what each zip holds, whose own digests have to be those of want.
// folders are those of the packages in them. What is refused comes to fail, in the
// order of the zips; if that returns an error, so does readZips.
func readZips(ctx context.Context, t *tree.Tree, names []string, folders []string, want func(i int) hasher.Metadata, set hasher.Set, fail func(i int, err error) error) (zips, error) {
	listings, errs := make([]*tarball.Listing, len(names)), make([]error, len(names))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, zip := range names {
		group.Go(func() error {
			listings[i], errs[i] = readZip(groupCtx, t, zip, folders[i], want(i), set)
			return groupCtx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	z := make(zips, len(names))
	for i, zip := range names {
		if errs[i] == nil {
			z[zip] = &zipped{folders[i], listings[i]}
		} else if err := fail(i, errs[i]); err != nil {
			return nil, err
		}
	}
	return z, nil
}

// readZip lists one zip. One that readers of zips take for different things is
// refused: what Yarn packs is plain.
func readZip(ctx context.Context, t *tree.Tree, zip, folder string, want hasher.Metadata, set hasher.Set) (*tarball.Listing, error) {
	f, err := t.Open(zip)
	if err != nil {
		return nil, fmt.Errorf("opening a zip: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("opening a zip: %w", err)
	}
	l, err := tarball.ReadZip(ctx, zip, f, info.Size(), tarball.Options{Want: want, Algorithms: set, Package: strings.TrimPrefix(folder, "node_modules/")})
	if err != nil {
		return nil, err
	}
	for _, found := range l.Irregular {
		if found.Code != tarball.CaseTwin {
			return nil, fmt.Errorf("read archive %s: it contains %s, %w", zip, found, errOddZip)
		}
	}
	return l, nil
}

// plug pins what Plug'n'Play works with, and mounts the zips.
func (g *generator) plug(ctx context.Context) error {
	if g.tables == nil {
		return nil
	}
	root, err := g.tree.Dir("")
	if err != nil {
		return failed(g.tree.Root(), "", "%w", err)
	}
	for _, name := range []string{pnp.Program, pnp.Data, pnp.Loader} {
		if root.Kind(name) == tree.File {
			g.pinFile(name)
		}
	}
	names, folders, err := g.zipNames()
	if err != nil {
		return err
	}
	jobs := make([]hasher.Job, len(names))
	for i, zip := range names {
		jobs[i] = hasher.Job{Path: zip, Algorithms: g.algs}
	}
	results, err := hasher.Files(ctx, g.tree.Root(), jobs, hasher.Options{OnWait: g.opt.OnWait})
	if err != nil {
		return err
	}
	for i, r := range results {
		if r.Err != nil {
			return zipError(g.tree, names[i], fmt.Errorf("hashing: %w", r.Err))
		}
		g.pinFile(names[i])
		g.digests[names[i]], g.sizes[names[i]] = r.Digests, r.Size
	}
	g.zips, err = readZips(ctx, g.tree, names, folders, func(i int) hasher.Metadata { return hasher.MetadataOf(results[i].Digests) }, g.algs,
		func(i int, err error) error { return zipError(g.tree, names[i], err) })
	if err != nil {
		return err
	}
	g.zips.mount(g.tree)
	return nil
}

// zipNames gives the zips that the tables name and that are there, and the folder of
// the package in each.
func (g *generator) zipNames() (names, folders []string, err error) {
	for _, place := range g.tables.Places() {
		zip, folder, ok := pnp.SplitZip(place)
		if !ok {
			continue
		}
		kind, err := g.tree.Kind(zip)
		switch {
		case err != nil:
			return nil, nil, failed(zip, "make it readable", "%w", err)
		case kind == tree.None: // one for another system, say
			if err := g.lookup.Lack(zip); err != nil {
				return nil, nil, failed(zip, "make it readable", "%w", err)
			}
		case len(names) > 0 && names[len(names)-1] == zip:
			return nil, nil, zipError(g.tree, zip, fmt.Errorf("the tables have two packages in it: %s and %s", folders[len(folders)-1], folder))
		default:
			names, folders = append(names, zip), append(folders, folder)
		}
	}
	return names, folders, nil
}

// graphZips is graph.Options.Zips.
func (g *generator) graphZips() *graph.Zips {
	if g.tables == nil {
		return nil
	}
	return &graph.Zips{
		Real: pnp.Real,
		Has:  func(p string) bool { return g.zips.file(p) != nil },
	}
}

// real gives the path of a file on disk or in a zip, for one that may be virtual.
func (g *generator) real(p string) string {
	if g.tables == nil {
		return p
	}
	return pnp.Real(p)
}
