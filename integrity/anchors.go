package integrity

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/pnparchive"
	"github.com/nodeint/nodeint/integrity/internal/store"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
)

// LockfileOptions say how installed files are tied to the lockfile.
type LockfileOptions struct {
	// Require makes a finding of each package that holds pinned files and that
	// nothing vouches for.
	Require bool

	// Fetch gets archives that are in no cache from their registries.
	Fetch bool
}

// Anchors say what the lockfile vouches for.
type Anchors struct {
	Lockfile   string                  `json:"lockfile"` // relative to the root
	Manager    string                  `json:"manager"`
	Packages   int                     `json:"packages"`
	Files      int                     `json:"files"`
	Classes    map[lockcheck.Class]int `json:"classes"`    // files, by class
	Unanchored []Loose                 `json:"unanchored"` // packages, by path
	Others     []lockcheck.File        `json:"others"`     // files of the classes between anchored and unanchored
}

// A Loose is a package that nothing vouches for, and why.
type Loose struct {
	Path    string `json:"path"`
	Package string `json:"package"`
	Reason  string `json:"reason"`
}

// An anchoring is what came of a check against the lockfile.
type anchoring struct {
	anchors  *Anchors
	findings []Finding
	packages []lockcheck.Package
	patches  []string // those that made a file patched
	notes    []string
}

// tie compares what is installed with the lockfile. patches are the files of the
// project that count as patches; hashed are files as lockcheck.Options has them.
func tie(ctx context.Context, t *tree.Tree, p *project.Project, opt LockfileOptions, scripts, patches []string, hashed map[string]hasher.Result, progress func(Progress)) (*anchoring, error) {
	lock, err := lockfile.Load(t.Root(), lockfile.Options{})
	if err != nil {
		return nil, lockfileError(t.Root(), err)
	}
	source, err := newArchives(t, lock, opt.Fetch)
	if err != nil {
		return nil, settingsError(err)
	}
	plugged, err := plugged(t, lock)
	if err != nil {
		return nil, err
	}
	report, err := lockcheck.Check(ctx, lockcheck.Options{
		Tree: t, Lock: lock, Archive: source.list, Plugged: plugged, Zip: source.listZip, Scripts: scripts, Patches: patches, IsMember: p.IsMember, Hashed: hashed,
		Progress: func(done, total int) {
			if progress != nil {
				progress(Progress{Stage: "reading packages", Files: done, Total: total})
			}
		},
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, problem.NotChecked("", "", "holding the packages against %s: %w", filepath.Base(lock.File), err)
	}
	a := newAnchoring(lock, report)
	a.notes = slices.Sorted(slices.Values(source.notes))
	return a, nil
}

// plugged gives the packages of Yarn's Plug'n'Play that are there; nil where it is not
// in use.
func plugged(t *tree.Tree, lock *lockfile.Lock) ([]lockcheck.Plugged, error) {
	if lock.Manager != lockfile.YarnBerry {
		return nil, nil
	}
	tables, err := pnparchive.ReadTables(t)
	if tables == nil || err != nil {
		return nil, err
	}
	list := []lockcheck.Plugged{}
	for _, place := range tables.Places() {
		if strings.HasPrefix(place, "../") || tables.At(place)[0].IsWorkspace() {
			continue
		}
		at := place
		zip, _, isZip := pnp.SplitZip(place)
		if isZip {
			at = zip
		}
		kind, err := t.Kind(at)
		if err != nil {
			return nil, problem.NotChecked(at, "make it readable to whoever runs nodeint", "%w", err)
		}
		if kind == tree.None {
			continue // one for another system, say
		}
		list = append(list, lockcheck.Plugged{Dir: place, Zip: zip, Locator: tables.At(place)[0].String()})
	}
	return list, nil
}

func lockfileError(root string, err error) error {
	e := &Error{Class: Failed, Code: "lockfile", Path: root, Err: err}
	if l, ok := errors.AsType[*lockfile.Error](err); ok {
		e.Path, e.Hint = l.File, l.Hint
	}
	if errors.Is(err, fs.ErrNotExist) {
		e.Class = Usage
	}
	return e
}

// settingsError is for settings of a package manager that cannot be used.
func settingsError(err error) error {
	e := &Error{Class: Usage, Code: "settings", Err: err}
	if s, ok := errors.AsType[*store.SettingError](err); ok {
		e.Path, e.Hint = s.File, s.Hint
	}
	if _, system := errors.AsType[syscall.Errno](err); system {
		e.Class, e.Code = Failed, "io"
	}
	return e
}

func newAnchoring(lock *lockfile.Lock, r *lockcheck.Report) *anchoring {
	a := &anchoring{packages: r.Packages, anchors: &Anchors{
		Lockfile: filepath.Base(lock.File), Manager: string(lock.Manager), Packages: len(r.Packages), Classes: r.Counts,
		Unanchored: []Loose{}, Others: []lockcheck.File{},
	}}
	for _, n := range r.Counts {
		a.anchors.Files += n
	}
	for _, p := range r.Packages {
		if p.Reason != "" {
			a.anchors.Unanchored = append(a.anchors.Unanchored, Loose{p.Dir, p.Name + "@" + p.Version, p.Reason})
		}
	}
	for _, f := range r.Files {
		if f.Class != lockcheck.Unanchored {
			a.anchors.Others = append(a.anchors.Others, f)
		}
		if f.Class == lockcheck.Patched {
			a.patches = append(a.patches, f.Patch)
		}
	}
	slices.Sort(a.patches)
	a.patches = slices.Compact(a.patches)
	for _, f := range r.Findings {
		a.findings = append(a.findings, f)
	}
	return a
}

// require adds a finding for each package that holds pinned files and that nothing
// vouches for.
func (a *anchoring) require(isPinned func(dir string) bool) {
	for _, l := range a.anchors.Unanchored {
		if isPinned(l.Path) {
			a.findings = append(a.findings, Finding{Code: AnchorNone, Path: l.Path, Package: l.Package, Detail: l.Reason})
		}
	}
}

// patchFolders are where the package managers and patch-package keep patches.
var patchFolders = []string{"patches", ".yarn/patches"}

// isPatch reports whether a path is that of a patch.
func isPatch(p string) bool {
	return path.Ext(p) == ".patch" && slices.ContainsFunc(patchFolders, func(dir string) bool { return strings.HasPrefix(p, dir+"/") })
}

// patchFiles finds the patches of a project.
func patchFiles(t *tree.Tree) ([]string, error) {
	var found []string
	for todo := slices.Clone(patchFolders); len(todo) > 0; todo = todo[1:] {
		entries, err := t.Dir(todo[0])
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			p := tree.Join(todo[0], e.Name)
			switch {
			case e.Kind == tree.Directory:
				todo = append(todo, p)
			case e.Kind == tree.File && isPatch(p):
				found = append(found, p)
			}
		}
	}
	return found, nil
}

// compareLockfile compares what is installed with the lockfile; nil if the
// options do not ask for it.
func (s *settings) compareLockfile(ctx context.Context, t *tree.Tree) (*anchoring, error) {
	if s.opt.Lockfile == nil {
		return nil, nil
	}
	patches, err := patchFiles(t)
	if err != nil {
		return nil, problem.NotChecked("patches", hintReadable, "looking for patches: %w", err)
	}
	return tie(ctx, t, s.project, *s.opt.Lockfile, s.project.Config.Scripts, patches, nil, s.opt.Progress)
}

// usedPatches returns the patches that explain a file; they have to be pinned.
func (a *anchoring) usedPatches() []string {
	if a == nil {
		return nil
	}
	return a.patches
}

// describe adds to the map what the comparison found out about its packages.
func (a *anchoring) describe(m *mapfile.Map, s *settings) {
	if a == nil {
		return
	}
	m.Scripts = s.project.Config.Scripts
	for _, p := range a.packages {
		if info, ok := m.Packages[p.Dir]; ok {
			info.Integrity, info.Class = p.Integrity, string(p.Class)
			m.Packages[p.Dir] = info
		}
	}
	if s.opt.Lockfile.Require {
		a.require(func(dir string) bool { _, ok := m.Packages[dir]; return ok })
	}
}

// compareLockfile compares what is installed with the lockfile; nil if the
// options do not ask for it. The map says which install scripts may write files,
// and a patch counts only if it is as pinned: what is installed decides neither.
func compareLockfile(ctx context.Context, opt VerifyOptions, t *tree.Tree, m *mapfile.Map, files []Pinned, results []hasher.Result, findings []Finding) (*anchoring, error) {
	if opt.Lockfile == nil {
		return nil, nil
	}
	var patches []string
	for _, f := range m.Pinned {
		if isPatch(f.Path) && !slices.ContainsFunc(findings, func(found Finding) bool { return found.Path == f.Path }) {
			patches = append(patches, f.Path)
		}
	}
	a, err := tie(ctx, t, opt.Project, *opt.Lockfile, m.Scripts, patches, sha256Results(files, results), opt.Progress)
	if err != nil {
		return nil, err
	}
	if opt.Lockfile.Require {
		a.require(func(dir string) bool { _, ok := m.Packages[dir]; return ok })
	}
	return a, nil
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
