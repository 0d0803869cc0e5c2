package pnparchive

import (
	"context"
	"fmt"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A Project is what Plug'n'Play needs at run time, read and hashed. The zero
// value is a project that does not use it; its methods work.
type Project struct {
	Tables   *pnp.Tables              // nil without Plug'n'Play
	Archives Archives                 // the zips that the tables name and that exist
	Files    map[string]hasher.Result // its own files and the zips; the former without digests
	Missing  []string                 // zips that the tables name and that do not exist, as those for other systems
}

// Open reads the tables, hashes the zips that they name, and mounts them in t.
func Open(ctx context.Context, t *tree.Tree, set hasher.Set, opt hasher.Options) (*Project, error) {
	tables, err := ReadTables(t)
	if tables == nil || err != nil {
		return &Project{}, err
	}
	root, err := t.Dir("")
	if err != nil {
		return nil, problem.NotChecked(t.Root(), "", "%w", err)
	}
	p := &Project{Tables: tables, Files: make(map[string]hasher.Result)}
	for _, name := range []string{pnp.Program, pnp.Data, pnp.Loader} {
		if root.Kind(name) == tree.File {
			p.Files[name] = hasher.Result{}
		}
	}
	requests, err := p.requests(t)
	if err != nil {
		return nil, err
	}
	jobs := make([]hasher.Job, len(requests))
	for i, r := range requests {
		jobs[i] = hasher.Job{Path: r.zip, Algorithms: set}
	}
	results, err := hasher.Files(ctx, t.Root(), jobs, opt)
	if err != nil {
		return nil, err
	}
	for i, r := range results {
		if r.Err != nil {
			return nil, zipError(t, requests[i].zip, fmt.Errorf("hashing: %w", r.Err))
		}
		p.Files[requests[i].zip] = r
		requests[i].want = hasher.MetadataOf(r.Digests)
	}
	p.Archives, err = readAll(ctx, t, requests, set, func(i int, err error) error { return zipError(t, requests[i].zip, err) })
	if err != nil {
		return nil, err
	}
	p.Archives.Mount(t)
	return p, nil
}

// requests returns the zips that the tables name and that exist.
func (p *Project) requests(t *tree.Tree) ([]request, error) {
	var list []request
	for _, place := range p.Tables.Places() {
		zip, dir, ok := pnp.SplitZip(place)
		if !ok {
			continue
		}
		kind, err := t.Kind(zip)
		switch {
		case err != nil:
			return nil, problem.NotChecked(zip, "make this path readable", "%w", err)
		case kind == tree.None:
			p.Missing = append(p.Missing, zip)
		case len(list) > 0 && list[len(list)-1].zip == zip:
			return nil, zipError(t, zip, fmt.Errorf("the tables list two packages in this zip file: %s and %s", list[len(list)-1].dir, dir))
		default:
			list = append(list, request{zip: zip, dir: dir})
		}
	}
	return list, nil
}

// Real returns the path of a file on disk or in a zip, for one that may be a
// virtual path of Plug'n'Play.
func (p *Project) Real(path string) string {
	if p.Tables == nil {
		return path
	}
	return pnp.Real(path)
}
