package integrity

import (
	"context"
	"iter"
	"slices"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/pnparchive"
	"github.com/nodeint/nodeint/integrity/internal/program"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/project"
)

// newLockfileRequest returns a comparison of the installed packages with the
// lockfile, without the scripts and patches that explain a difference.
func newLockfileRequest(t *tree.Tree, p *project.Project, opt LockfileOptions, progress func(Progress)) lockcheck.Request {
	return lockcheck.Request{
		Tree: t, Options: opt, IsMember: p.IsMember,
		Tables: func() (*pnp.Tables, error) { return pnparchive.ReadTables(t) },
		Progress: func(done, total int) {
			if progress != nil {
				progress(Progress{Stage: "reading packages", Files: done, Total: total})
			}
		},
	}
}

// compareLockfile compares the installed packages with the lockfile; nil if the
// options do not ask for it.
func (s *settings) compareLockfile(ctx context.Context, t *tree.Tree) (*lockcheck.Result, error) {
	if s.opt.Lockfile == nil {
		return nil, nil
	}
	req := newLockfileRequest(t, s.project, *s.opt.Lockfile, s.opt.Progress)
	req.Scripts = s.project.Config.Scripts
	var err error
	if req.Patches, err = lockcheck.PatchFiles(t); err != nil {
		return nil, err
	}
	return lockcheck.Compare(ctx, req)
}

// usedPatches returns the patches that explain a difference. They have to be
// pinned.
func usedPatches(locked *lockcheck.Result) []string {
	if locked == nil {
		return nil
	}
	return locked.Patches
}

// addProvenance adds to the map what the comparison with the lockfile has found
// out about its packages.
func (s *settings) addProvenance(m *mapfile.Map, prog *program.Program, locked *lockcheck.Result) {
	if locked == nil {
		return
	}
	m.Scripts = s.project.Config.Scripts
	locked.Account(loadable(m, prog))
	for _, p := range locked.Packages {
		if info, ok := m.Packages[p.Dir]; ok {
			info.Integrity, info.Class = p.Integrity, string(p.Class)
			m.Packages[p.Dir] = info
		}
	}
}

// compareLockfile compares the installed packages with the lockfile; nil if the
// options do not ask for it. The map says which install scripts may write files,
// and a patch counts only if it is as pinned: the installed files influence
// neither.
func compareLockfile(ctx context.Context, opt VerifyOptions, t *tree.Tree, m *mapfile.Map, files []Pinned, results []hasher.Result, findings []Finding) (*lockcheck.Result, error) {
	if opt.Lockfile == nil {
		return nil, nil
	}
	req := newLockfileRequest(t, opt.Project, *opt.Lockfile, opt.Progress)
	req.Scripts, req.Hashed = m.Scripts, sha256Results(files, results)
	for _, f := range m.Pinned {
		if lockcheck.IsPatch(f.Path) && !slices.ContainsFunc(findings, func(found Finding) bool { return found.Path == f.Path }) {
			req.Patches = append(req.Patches, f.Path)
		}
	}
	locked, err := lockcheck.Compare(ctx, req)
	if err != nil {
		return nil, err
	}
	locked.Account(loadable(m, nil))
	return locked, nil
}

// loadable returns the files of a map that the program may load. The coverage Tree also
// pins files that it cannot: those that prog, if it is known, has not reached, and that
// have an extension of no module.
func loadable(m *mapfile.Map, prog *program.Program) iter.Seq[string] {
	return func(yield func(string) bool) {
		for p := range m.Paths() {
			reached := prog != nil && prog.Files[p].Digests != nil
			if (m.Coverage != Tree || reached || nodejs.IsLoadable(p)) && !yield(p) {
				return
			}
		}
	}
}

// sha256Results returns the results that have a SHA-256, by path.
func sha256Results(files []Pinned, results []hasher.Result) map[string]hasher.Result {
	known := make(map[string]hasher.Result, len(results))
	for i, r := range results {
		if at := slices.IndexFunc(r.Digests, func(d hasher.Digest) bool { return d.Algorithm() == hasher.SHA256 }); at >= 0 {
			known[files[i].Path] = hasher.Result{Digests: r.Digests[at : at+1], Size: r.Size}
		}
	}
	return known
}
