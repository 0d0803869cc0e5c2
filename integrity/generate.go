package integrity

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/internal/coverage"
	"github.com/nodeint/nodeint/integrity/internal/filecache"
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/pnparchive"
	"github.com/nodeint/nodeint/integrity/internal/program"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/trust"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Generate walks the project and returns its map. It writes nothing; see
// [Write].
//
// The same tree gives the same bytes on every machine, with any number of
// processors (guarantee G5).
func Generate(ctx context.Context, opt GenerateOptions) (*Generated, error) {
	start := time.Now()
	s, err := newSettings(opt)
	if err != nil {
		return nil, err
	}
	old, err := readOldMap(s.file)
	if err != nil {
		return nil, err
	}
	recorded, err := readTraces(s.traces)
	if err != nil {
		return nil, err
	}
	t, err := tree.Open(s.project.Root)
	if err != nil {
		return nil, problem.NotChecked(s.project.Root, "", "%w", err)
	}
	defer t.Close()
	s.cache = filecache.Open(opt.CacheDir, t, s.file)
	pnp, err := pnparchive.Open(ctx, t, s.algorithms, hasher.Options{})
	if err != nil {
		return nil, err
	}
	locked, err := s.compareLockfile(ctx, t)
	if err != nil {
		return nil, err
	}
	others, err := s.otherInstalls(t, locked)
	if err != nil {
		return nil, err
	}
	prog, m, err := s.pin(ctx, t, pnp, recorded, locked, others)
	if err != nil {
		return nil, err
	}
	kept, err := s.addNames(m, t, prog, old)
	if err != nil {
		return nil, err
	}
	size, err := s.hash(ctx, t, m, prog, pnp.Archives, others)
	if err != nil {
		return nil, err
	}
	s.addProvenance(m, prog, locked)
	others.keep(m, prog, old)
	if err := others.pinTables(t, pnp, m); err != nil {
		return nil, err
	}
	if err := coverage.AddPowers(ctx, m, coverage.PowerOptions{Tree: t, Program: prog, Cache: s.cache, Old: old.doc, IsOpaque: others.overlay.IsOpaque}); err != nil {
		return nil, err
	}
	s.cache.Save()
	g, err := s.result(m, t, prog, old, locked, len(s.traces), size, start)
	if err != nil {
		return nil, err
	}
	g.Notes = append(g.Notes, append(others.notes, kept...)...)
	return g, nil
}

// hash fills in the digests of the map's files: those that the graph has
// computed, those of zip members, and the others from the tree. It returns the
// total size in bytes.
func (s *settings) hash(ctx context.Context, t *tree.Tree, m *mapfile.Map, prog *program.Program, archives pnparchive.Archives, others *otherInstalls) (int64, error) {
	var size int64
	var jobs []hasher.Job
	for _, f := range slices.Sorted(maps.Keys(m.Files)) {
		if m.Files[f] != "" {
			continue // metadata that another tool has written
		}
		if err := mapfile.CheckPath(f); err != nil {
			return 0, problem.NotChecked(f, "exclude its directory with nodeint.exclude in package.json", "pinning %.60s…: %w", f, err)
		}
		known := prog.Files[f]
		if member := archives.File(f); known.Digests == nil && member != nil {
			known = hasher.Result{Digests: member.Digests, Size: member.Size}
		}
		if digests, n, ok := others.overlay.Digests(f); ok {
			known = hasher.Result{Digests: digests, Size: n}
		}
		if known.Digests == nil {
			known, _ = s.cache.Digests(f, s.algorithms)
		}
		if known.Digests == nil {
			jobs = append(jobs, hasher.Job{Path: f, Algorithms: s.algorithms, Stamp: new(hasher.Stamp)})
			continue
		}
		m.Files[f] = hasher.Format(known.Digests)
		size += known.Size
	}
	results, err := hasher.Files(ctx, t.Root(), jobs, hasher.Options{
		Cache:    s.opt.Hashes,
		Progress: func(files int, bytes int64) { s.report("hashing", files, len(jobs), bytes) },
	})
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if err != nil {
		return 0, problem.NotChecked("", "", "hashing: %w", err)
	}
	for i, r := range results {
		if r.Err != nil {
			return 0, problem.NotChecked(jobs[i].Path, "make this file readable, or exclude it with nodeint.exclude in package.json", "hashing: %w", r.Err)
		}
		m.Files[jobs[i].Path] = hasher.Format(r.Digests)
		s.cache.KeepHashed(jobs[i].Path, *jobs[i].Stamp, r.Digests)
		size += r.Size
	}
	return size, nil
}

// addNames fills in imports and scopes, and keeps entries of the existing map that
// generate has not made. It says which.
func (s *settings) addNames(m *mapfile.Map, t *tree.Tree, prog *program.Program, old oldMap) (notes []string, err error) {
	if m.Names, err = prog.Names(m, prog.Conditions); err != nil {
		return nil, problem.NotChecked("", "make this path readable", "resolving names: %w", err)
	}
	if s.packageMap {
		if m.NodePackages, notes, err = prog.NodePackages(m); err != nil {
			return nil, err
		}
	}
	return append(notes, m.KeepEntries(old.doc, func(p string) bool { kind, err := t.Kind(p); return err == nil && kind == tree.File })...), nil
}

// result returns what Generate returns, with the text of the map.
func (s *settings) result(m *mapfile.Map, t *tree.Tree, prog *program.Program, old oldMap, locked *lockcheck.Result, traces int, size int64, start time.Time) (*Generated, error) {
	isPinned := func(p string) bool { _, ok := m.Files[p]; return ok }
	gaps, explained := prog.ExplainGaps(problem.SortGaps(m.Gaps), isPinned)
	m.Gaps = gaps
	notFound, err := prog.NotFound()
	if err != nil {
		return nil, err
	}
	installed, err := prog.IsInstalled()
	if err == nil && s.why != nil {
		err = s.opt.Explain(m, t, s.why)
	}
	if err != nil {
		return nil, err
	}
	doc, err := m.Document(old.doc)
	if mapfile.IsConflict(err) {
		return nil, problem.BadUsage("remove that entry from "+s.file+", or change the program", "%w", err)
	}
	if err != nil {
		return nil, problem.NotChecked(s.file, "", "%w", err)
	}
	r := &Generated{
		Root: t.Root(), Map: s.file, Text: doc.Format(), Old: old.text,
		Digest: mapfile.DigestOf(doc), Coverage: m.Coverage, Entries: mapfile.KeysOf(m.Entries),
		Gaps: m.Gaps, NotFound: notFound, Notes: prog.TraceNotes(),
		NotInstalled: !installed, Packages: packageNames(m),
		Summary: Summary{
			Checked: len(m.Files), Packages: m.CountPackages(m.Paths()), Bytes: size,
			MS: time.Since(start).Milliseconds(),
		},
	}
	if traces > 0 {
		r.Trace = &Traced{Traces: traces, Explained: explained, Stale: mapfile.KeysOf(prog.StaleTraced())}
	}
	r.Pin = trust.DigestOf(r.Text)
	if locked != nil {
		r.Anchors, r.Findings = locked.Summary, problem.SortFindings(locked.Findings)
		r.Notes = append(r.Notes, locked.Notes...)
	}
	if r.NotInstalled || slices.ContainsFunc(r.Gaps, func(g Gap) bool { return g.Reason == problem.GapUnresolved }) {
		r.Install = lockfile.InstallCommand(t.Root())
	}
	if old.doc != nil {
		r.Changes, r.Same = mapfile.Compare(old.doc, doc)
		r.Conflict, r.Same = old.conflicted, r.Same && !old.conflicted
		r.Reformatted = r.Same && !bytes.Equal(r.Old, r.Text)
	}
	return r, nil
}

// OldPin returns the expected digest of Old.
func (g *Generated) OldPin() string { return trust.DigestOf(g.Old) }

// Write writes the map, whole or not at all. It keeps the mode of an existing
// map.
func Write(g *Generated) error {
	if err := atomic.Write(g.Map, g.Text); err != nil {
		return atomic.Problem(g.Map, "the map", err)
	}
	return nil
}

// RemoveStaleTemps removes temporary files that a killed nodeint has left beside
// the map at an absolute path.
func RemoveStaleTemps(file string) { atomic.RemoveStaleTemps(file) }
