package lockcheck

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Options are the user's choices for the comparison with the lockfile.
type Options struct {
	// Require makes a finding of each package that has pinned files and no archive
	// to compare with. See [Result.Account].
	Require bool

	// Fetch downloads archives that are in no cache from their registries.
	Fetch bool
}

// A Request says what to compare with the lockfile.
type Request struct {
	// Tree is the project. Its root contains the lockfile.
	Tree *tree.Tree

	Options Options

	// Scripts are the names of packages whose install scripts may write files. A
	// package name allows the package's own directory. A name that begins with a dot
	// allows the directory of that name in any node_modules.
	Scripts []string

	// Patches are the patches of the project, relative to the root. See [PatchFiles].
	Patches []string

	// IsMember reports whether a directory, relative to the root, is a member of
	// the workspace. Not every lockfile lists the members. It may be nil.
	IsMember func(dir string) (bool, error)

	// Hashed are results for files that were hashed in this run, by path relative
	// to the root. Each has one digest, the SHA-256. These files are not read again.
	Hashed map[string]hasher.Result

	// Tables returns the Plug'n'Play tables, or nil if the project does not use
	// them. Compare calls it only if the lockfile is one of Yarn 2 or later.
	Tables func() (*pnp.Tables, error)

	// Progress is called after each archive, from several goroutines but one at a
	// time. It may be nil.
	Progress func(done, total int)
}

// A Result is the outcome of [Compare].
type Result struct {
	Summary  *Summary
	Findings []problem.Finding // sorted by path
	Packages []Package         // sorted by directory
	Patches  []string          // the patches that gave a file the class patched, sorted
	Notes    []string          // one sentence each, sorted

	Lock *lockfile.Lock // the parsed lockfile

	checker *checker
	require bool // Options.Require
}

// A Summary is the part of a [Result] that reports print.
type Summary struct {
	Lockfile   string              `json:"lockfile"` // relative to the root
	Manager    manager.Manager     `json:"manager"`
	Packages   int                 `json:"packages"`
	Files      int                 `json:"files"`
	Classes    map[Class]int       `json:"classes"`    // number of files of each class
	Unanchored []UnanchoredPackage `json:"unanchored"` // sorted by path
	Others     []File              `json:"others"`     // files of the classes between anchored and unanchored
}

// An UnanchoredPackage is a package without an archive to compare with.
type UnanchoredPackage struct {
	Path    string `json:"path"`
	Package string `json:"package"`
	Reason  string `json:"reason"`
}

// Compare finds the lockfile of the project and compares the installed packages with
// the archives that it names. Every error is a [*problem.Error], the error of ctx, or
// the error of Request.Tables.
func Compare(ctx context.Context, req Request) (*Result, error) {
	lock, err := lockfile.Load(req.Tree.Root(), lockfile.Options{})
	if err != nil {
		return nil, err
	}
	source, err := OpenArchives(req.Tree, lock, req.Options.Fetch)
	if err != nil {
		return nil, err
	}
	packages, err := findPnPPackages(req, lock)
	if err != nil {
		return nil, err
	}
	r, err := check(ctx, input{
		Tree: req.Tree, Lock: lock, Archive: source.list, PnP: packages, Zip: source.listZip, Scripts: req.Scripts,
		Patches: req.Patches, IsMember: req.IsMember, Hashed: req.Hashed, Progress: req.Progress,
	})
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if _, known := errors.AsType[*problem.Error](err); known {
		return nil, err // such as a layout that is not known: it has its own class and hint
	}
	if err != nil {
		return nil, problem.NotChecked("", "", "compare the packages with %s: %w", filepath.Base(lock.File), err)
	}
	result := newResult(lock, r, source.notes)
	result.checker, result.require = r.checker, req.Options.Require
	return result, nil
}

func newResult(lock *lockfile.Lock, r *report, notes []string) *Result {
	s := &Summary{
		Lockfile: filepath.Base(lock.File), Manager: lock.Manager, Packages: len(r.packages), Classes: r.counts,
		Unanchored: []UnanchoredPackage{}, Others: []File{},
	}
	for _, n := range r.counts {
		s.Files += n
	}
	for _, p := range r.packages {
		if p.Reason != "" {
			s.Unanchored = append(s.Unanchored, UnanchoredPackage{p.Dir, p.Name + "@" + p.Version, p.Reason})
		}
	}
	var patches []string
	for _, f := range r.files {
		if f.Class != Unanchored {
			s.Others = append(s.Others, f)
		}
		if f.Class == Patched {
			patches = append(patches, f.Patch)
		}
	}
	slices.Sort(patches)
	return &Result{
		Lock: lock, Summary: s, Findings: r.findings, Packages: r.packages,
		Patches: slices.Compact(patches), Notes: slices.Sorted(slices.Values(notes)),
	}
}
