package integrity

import (
	"context"
	"slices"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/project"
)

// LockfileOptions are the options of the comparison with the lockfile.
type LockfileOptions = lockcheck.Options

// A LockfileSummary is the outcome of the comparison with the lockfile.
type LockfileSummary = lockcheck.Summary

// An UnanchoredPackage is a package without an archive to compare with.
type UnanchoredPackage = lockcheck.UnanchoredPackage

// lockfileRequest returns the comparison of the installed packages with the lockfile.
func lockfileRequest(t *tree.Tree, p *project.Project, opt LockfileOptions, progress func(Progress)) lockcheck.Request {
	return lockcheck.Request{
		Tree: t, Options: opt, IsMember: p.IsMember,
		Tables: func() (*pnp.Tables, error) { return readTables(t) },
		Progress: func(done, total int) {
			if progress != nil {
				progress(Progress{Stage: "reading packages", Files: done, Total: total})
			}
		},
	}
}

// anchor compares the installed packages with the lockfile, and pins the patches that
// explain a difference.
func (g *generator) anchor(ctx context.Context) error {
	if g.opt.Lockfile == nil {
		return nil
	}
	req := lockfileRequest(g.tree, g.project, *g.opt.Lockfile, g.opt.Progress)
	req.Scripts = g.project.Config.Scripts
	var err error
	if req.Patches, err = lockcheck.PatchFiles(g.tree); err != nil {
		return err
	}
	if g.anchoring, err = lockcheck.Compare(ctx, req); err != nil {
		return err
	}
	g.pins.scripts = req.Scripts
	for _, p := range g.anchoring.Patches {
		g.pins.files[p] = ""
	}
	return nil
}

// vouch records the provenance class of each package in the pins.
func (g *generator) vouch() {
	if g.anchoring == nil {
		return
	}
	for _, p := range g.anchoring.Packages {
		if info, ok := g.pins.packages[p.Dir]; ok {
			info.integrity, info.class = p.Integrity, string(p.Class)
			g.pins.packages[p.Dir] = info
		}
	}
	if g.opt.Lockfile.Require {
		g.anchoring.Require(func(dir string) bool { _, ok := g.pins.packages[dir]; return ok })
	}
}

// anchor compares the installed packages with the lockfile. The map says which scripts
// may write, and a patch counts only if it is as pinned: the installed files have no
// influence on either.
func (v *verifier) anchor(ctx context.Context) error {
	if v.opt.Lockfile == nil {
		return nil
	}
	req := lockfileRequest(v.tree, v.opt.Project, *v.opt.Lockfile, v.opt.Progress)
	req.Scripts, req.Hashed = v.trusted.pins.scripts, v.hashed()
	for _, f := range v.trusted.files {
		if lockcheck.IsPatch(f.Path) && !slices.ContainsFunc(v.findings, func(found Finding) bool { return found.Path == f.Path }) {
			req.Patches = append(req.Patches, f.Path)
		}
	}
	r, err := lockcheck.Compare(ctx, req)
	if err != nil {
		return err
	}
	if v.opt.Lockfile.Require {
		r.Require(func(dir string) bool { _, ok := v.trusted.pins.packages[dir]; return ok })
	}
	v.anchors, v.notes = r.Summary, append(v.notes, r.Notes...)
	v.findings = append(v.findings, r.Findings...)
	return nil
}

// hashed returns the results for the files of which the map has a SHA-256.
func (v *verifier) hashed() map[string]hasher.Result {
	known := make(map[string]hasher.Result, len(v.results))
	for i, r := range v.results {
		if at := slices.IndexFunc(r.Digests, func(d hasher.Digest) bool { return d.Algorithm() == hasher.SHA256 }); at >= 0 {
			known[v.files[i].Path] = hasher.Result{Digests: r.Digests[at : at+1], Size: r.Size}
		}
	}
	return known
}
