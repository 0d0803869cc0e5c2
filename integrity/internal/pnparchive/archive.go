package pnparchive

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// Archives are zips of a project that were read, by path.
type Archives map[string]*archive

// An archive is the content of a zip.
type archive struct {
	dir     string // of the package in the zip: node_modules/ms
	listing *tarball.Listing
}

// File returns a member by its path, which begins with that of the zip. It
// returns nil if no archive contains it.
func (a Archives) File(p string) *tarball.File {
	zip, member, ok := pnp.SplitZip(p)
	if in := a[zip]; ok && in != nil {
		if rel, ok := strings.CutPrefix(member, in.dir+"/"); ok {
			return in.listing.File(rel)
		}
	}
	return nil
}

// Mount lets t find the members of the archives.
func (a Archives) Mount(t *tree.Tree) {
	for zip, in := range a {
		files := make([]string, len(in.listing.Files))
		for i, f := range in.listing.Files {
			files[i] = in.dir + "/" + f.Path
		}
		t.Mount(zip, files, func(member string) ([]byte, error) { return a.read(t, zip+"/"+member) })
	}
}

// read returns the bytes of a member.
func (a Archives) read(t *tree.Tree, p string) ([]byte, error) {
	in := a.File(p)
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

// A request names a zip to read.
type request struct {
	zip  string
	dir  string          // of the package in it
	want hasher.Metadata // the zip's own digests must match
}

// readAll lists the content of each zip. An error of one zip goes to fail, in
// the order of the requests; if fail returns an error, so does readAll.
func readAll(ctx context.Context, t *tree.Tree, requests []request, set hasher.Set, fail func(i int, err error) error) (Archives, error) {
	listings, errs := make([]*tarball.Listing, len(requests)), make([]error, len(requests))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range requests {
		group.Go(func() error {
			listings[i], errs[i] = r.read(groupCtx, t, set)
			return groupCtx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	a := make(Archives, len(requests))
	for i, r := range requests {
		if errs[i] == nil {
			a[r.zip] = &archive{r.dir, listings[i]}
		} else if err := fail(i, errs[i]); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// read lists the content of one zip. It rejects one that readers of zips
// interpret differently: Yarn does not write such zips.
func (r request) read(ctx context.Context, t *tree.Tree, set hasher.Set) (*tarball.Listing, error) {
	f, err := t.Open(r.zip)
	if err != nil {
		return nil, fmt.Errorf("opening a zip file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("opening a zip file: %w", err)
	}
	l, err := tarball.ReadZip(ctx, r.zip, f, info.Size(), tarball.Options{Want: r.want, Algorithms: set, Package: strings.TrimPrefix(r.dir, "node_modules/")})
	if err != nil {
		return nil, err
	}
	for _, found := range l.Findings {
		if found.Code != tarball.CaseTwin {
			return nil, fmt.Errorf("reading the zip file %s: it contains %s, %w", r.zip, found, errAmbiguous)
		}
	}
	return l, nil
}
