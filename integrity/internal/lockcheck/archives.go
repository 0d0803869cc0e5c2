package lockcheck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/store"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// archives list what the archives of a lockfile's packages hold.
type archives struct {
	tree  *tree.Tree
	lock  *lockfile.Lock
	store *store.Store

	mu    sync.Mutex
	notes []string
}

func newArchives(t *tree.Tree, lock *lockfile.Lock, fetch bool) (*archives, error) {
	o := store.Options{Root: t.Root(), Manager: store.UsesNpmrc, Fetch: fetch}
	if lock.Manager == lockfile.YarnBerry {
		o.Manager = store.UsesYarnrc
	}
	s, err := store.Open(o)
	if err != nil {
		return nil, err
	}
	return &archives{tree: t, lock: lock, store: s}, nil
}

// uncompressed is yarn 4's cache key where its zips compress nothing: what others hold
// depends on the compressor.
const uncompressed = "10c0"

// note notes the places that have another archive under the name of the one that was
// found elsewhere: what was installed from them would differ.
func (a *archives) note(w store.Want, looks []store.Look) {
	for _, l := range looks {
		if l.Result == store.IsWrong {
			a.mu.Lock()
			a.notes = append(a.notes, fmt.Sprintf("%s is not the archive of %s@%s that the lockfile names: empty that cache", l.Place, w.Name, w.Version))
			a.mu.Unlock()
		}
	}
}

// list is lockcheck.Options.Archive.
func (a *archives) list(ctx context.Context, p *lockfile.Package) (*tarball.Listing, error) {
	want, err := wanted(p)
	if err != nil {
		return nil, err
	}
	opt := tarball.Options{Want: want, Algorithms: hasher.SetOf(hasher.SHA256), Package: p.Name}
	if p.Kind == lockfile.Tarball && p.Target != "" {
		return a.listFile(ctx, p, opt)
	}
	w := store.Want{Name: p.Name, Version: p.Version, Resolved: p.Resolved, Integrity: want}
	if a.lock.Manager == lockfile.YarnBerry {
		w.Kind, w.CacheKey = store.Zip, a.lock.CacheKey
		if w.CacheKey == uncompressed && p.Kind == lockfile.Registry && p.Patch == nil {
			w.Make = func(ctx context.Context, zip io.Writer, from io.ReadSeeker) error {
				return tarball.WriteYarnZip(ctx, zip, p.Name, from, tarball.Limits{})
			}
		}
	}
	found, _, err := a.store.Archive(ctx, w)
	if e, ok := errors.AsType[*store.Error](err); ok && e.Code != store.WrongDigest {
		return nil, &lockcheck.Absent{Reason: reasonOf(e)}
	}
	if err != nil {
		return nil, err
	}
	defer found.Close()
	a.note(w, found.Looks)
	name := p.Name + "@" + p.Version
	if w.Kind == store.Zip {
		return tarball.ReadZip(ctx, name, found, found.Size, opt)
	}
	return tarball.ReadTar(ctx, name, found, opt)
}

// listZip is lockcheck.Options.Zip.
func (a *archives) listZip(ctx context.Context, zip string, p *lockfile.Package) (*tarball.Listing, error) {
	want, err := zipWanted(p)
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

// reasonOf is short: a report has one for each package.
func reasonOf(e *store.Error) string {
	reason := e.Reason
	if e.Hint != "" {
		reason += "; " + e.Hint
	}
	return reason
}

// listFile lists a tarball that lies in the project.
func (a *archives) listFile(ctx context.Context, p *lockfile.Package, opt tarball.Options) (*tarball.Listing, error) {
	if strings.HasPrefix(p.Target, "../") {
		return nil, &lockcheck.Absent{Reason: "its tarball lies outside of the root"}
	}
	f, err := os.Open(a.tree.Abs(p.Target)) // whatever it is: only its digest counts
	if err != nil {
		return nil, &lockcheck.Absent{Reason: "its tarball: " + err.Error()}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, &lockcheck.Absent{Reason: "its tarball is no file"}
	}
	return tarball.ReadTar(ctx, p.Target, f, opt)
}

// wanted gives the integrity of a package's archive, or says why nothing vouches for
// it.
func wanted(p *lockfile.Package) (hasher.Metadata, error) {
	switch p.Kind {
	case lockfile.Registry, lockfile.Tarball:
	default:
		return hasher.Metadata{}, &lockcheck.Absent{Reason: "it comes from a " + string(p.Kind) + " source, of which the lockfile has no digest"}
	}
	return zipWanted(p)
}

// zipWanted is wanted for a zip of yarn, which has a digest wherever the package comes
// from.
func zipWanted(p *lockfile.Package) (hasher.Metadata, error) {
	digests := p.Strongest()
	if len(digests) == 0 {
		return hasher.Metadata{}, &lockcheck.Absent{Reason: "the lockfile has no integrity for it"}
	}
	if digests[0].Weak() {
		return hasher.Metadata{}, &lockcheck.Absent{Reason: "the lockfile has only a SHA-1 for it, which two archives can share"}
	}
	var words []string
	for _, d := range digests {
		words = append(words, d.String())
	}
	return hasher.ParseMetadata(strings.Join(words, " "))
}
