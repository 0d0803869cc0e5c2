package lockcheck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/store"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// Archives lists the archives of the packages of a lockfile.
type Archives struct {
	tree  *tree.Tree
	lock  *lockfile.Lock
	store *store.Store

	mu    sync.Mutex
	notes []string
}

// OpenArchives reads the settings that say where archives are. fetch allows
// downloads from registries. The error is a [*problem.Error].
func OpenArchives(t *tree.Tree, lock *lockfile.Lock, fetch bool) (*Archives, error) {
	s, err := store.Open(store.Options{Root: t.Root(), Manager: lock.Manager, Fetch: fetch})
	if err != nil {
		return nil, err
	}
	return &Archives{tree: t, lock: lock, store: s}, nil
}

// uncompressed is the cache key of Yarn 4 zips without compression. The bytes of
// compressed zips depend on Yarn's compressor, so nodeint cannot make them.
const uncompressed = "10c0"

// noteWrong adds a note for each cache that has other bytes under the name of the
// archive. A package manager that installs from it would install other files.
func (a *Archives) noteWrong(w store.Want, attempts []store.Attempt) {
	for _, at := range attempts {
		if at.Result == store.IsWrong {
			a.mu.Lock()
			a.notes = append(a.notes, fmt.Sprintf("%s is not the archive of %s@%s that the lockfile names: empty that cache", at.Place, w.Name, w.Version))
			a.mu.Unlock()
		}
	}
}

// list is input.Archive.
func (a *Archives) list(ctx context.Context, p *lockfile.Package) (*tarball.Listing, error) {
	return a.List(ctx, p, tarball.Options{Algorithms: hasher.SetOf(hasher.SHA256)})
}

// IsNoArchive reports whether an error of List means that there is no archive: the
// lockfile has no digest of it, or no place that may be used has it.
func IsNoArchive(err error) bool {
	_, ok := errors.AsType[*absentError](err)
	return ok
}

// List finds the archive of a package that has the digest in the lockfile, and lists
// its content. It sets opt.Want and opt.Package.
func (a *Archives) List(ctx context.Context, p *lockfile.Package, opt tarball.Options) (*tarball.Listing, error) {
	want, err := archiveDigest(p)
	if err != nil {
		return nil, err
	}
	opt.Want, opt.Package = want, p.Name
	if p.Kind == lockfile.Tarball && p.Target != "" {
		return a.listLocal(ctx, p, opt)
	}
	w := store.Want{Name: p.Name, Version: p.Version, Resolved: p.Resolved, Integrity: want}
	if a.lock.Manager == manager.YarnBerry {
		w.Kind, w.CacheKey = store.Zip, a.lock.CacheKey
		if w.CacheKey == uncompressed && p.Kind == lockfile.Registry && p.Patch == nil {
			w.Make = func(ctx context.Context, zip io.Writer, from io.ReadSeeker) error {
				return tarball.WriteYarnZip(ctx, zip, p.Name, from, tarball.Limits{})
			}
		}
	}
	found, _, err := a.store.Archive(ctx, w)
	if e, ok := errors.AsType[*store.Error](err); ok && e.Code != store.WrongDigest {
		return nil, &absentError{shortReason(e)}
	}
	if err != nil {
		return nil, err
	}
	defer found.Close()
	a.noteWrong(w, found.Attempts)
	name := p.Name + "@" + p.Version
	if w.Kind == store.Zip {
		return tarball.ReadZip(ctx, name, found, found.Size, opt)
	}
	return tarball.ReadTar(ctx, name, found, opt)
}

// listZip is input.Zip.
func (a *Archives) listZip(ctx context.Context, zip string, p *lockfile.Package) (*tarball.Listing, error) {
	want, err := lockedDigest(p)
	if err != nil {
		return nil, err
	}
	f, err := a.tree.Open(zip)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return tarball.ReadZip(ctx, zip, f, info.Size(), tarball.Options{Want: want, Algorithms: hasher.SetOf(hasher.SHA256), Package: p.Name})
}

// shortReason leaves out which package the error is about: the report prints it.
func shortReason(e *store.Error) string {
	reason := e.Reason
	if e.Hint != "" {
		reason += "; " + e.Hint
	}
	return reason
}

// listLocal lists a tarball of the project. Its digest is checked, so it may be a
// symbolic link.
func (a *Archives) listLocal(ctx context.Context, p *lockfile.Package, opt tarball.Options) (*tarball.Listing, error) {
	if strings.HasPrefix(p.Target, "../") {
		return nil, &absentError{"its tarball is outside the root"}
	}
	f, _, err := safefile.Open(a.tree.Abs(p.Target))
	if err != nil {
		return nil, &absentError{"its tarball: " + err.Error()}
	}
	defer f.Close()
	return tarball.ReadTar(ctx, p.Target, f, opt)
}

// archiveDigest returns the digest of a package's archive. The error is an
// *absentError if the lockfile has none.
func archiveDigest(p *lockfile.Package) (hasher.Metadata, error) {
	switch p.Kind {
	case lockfile.Registry, lockfile.Tarball:
	default:
		return hasher.Metadata{}, &absentError{"the lockfile has no digest for a " + string(p.Kind) + " source"}
	}
	return lockedDigest(p)
}

// lockedDigest is archiveDigest for the zip files of Yarn, which have a digest for
// every kind of source.
func lockedDigest(p *lockfile.Package) (hasher.Metadata, error) {
	digests := p.Strongest()
	if len(digests) == 0 {
		return hasher.Metadata{}, &absentError{"the lockfile has no integrity for it"}
	}
	if digests[0].Weak() {
		return hasher.Metadata{}, &absentError{"the lockfile has only a SHA-1 for it, which two archives can share"}
	}
	var words []string
	for _, d := range digests {
		words = append(words, d.String())
	}
	return hasher.ParseMetadata(strings.Join(words, " "))
}
