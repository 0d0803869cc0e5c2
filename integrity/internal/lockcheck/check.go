package lockcheck

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// An input is what check works on: a [Request] with the lockfile and the archives.
type input struct {
	Tree *tree.Tree
	Lock *lockfile.Lock

	// Archive lists the archive of a package, with SHA-256 digests. The archive's
	// own bytes have the digest in the lockfile. Archive is called from several
	// goroutines. An *absentError means that there is no archive to compare with.
	Archive func(ctx context.Context, p *lockfile.Package) (*tarball.Listing, error)

	// PnP are the installed packages by the Plug'n'Play tables. It is nil if the
	// project does not use Plug'n'Play; packages are in node_modules then.
	PnP []pnpPackage

	// Zip is Archive for the zip file of a PnP package.
	Zip func(ctx context.Context, zip string, p *lockfile.Package) (*tarball.Listing, error)

	// The others are the fields of [Request].
	Scripts  []string
	IsMember func(dir string) (bool, error)
	Patches  []string
	Hashed   map[string]hasher.Result
	Progress func(done, total int)
}

// An absentError says why there is no archive to compare with.
type absentError struct{ reason string }

func (e *absentError) Error() string { return e.reason }

// A report is the result of check, sorted by path.
type report struct {
	packages []Package
	files    []File
	counts   map[Class]int // number of files
	findings []problem.Finding
	checker  *checker
}

// A checker is one call of check.
type checker struct {
	in       input
	report   *report
	scripts  map[string]bool
	patches  []patch
	installs []*install      // sorted by dir
	bundled  []*install      // packages that the lockfile says are in the archive of another
	linked   bool            // npm's layout with a store
	claimed  map[string]bool // paths, also of directories, that are findings or have a class without an install
	unlisted []string        // entries of a node_modules that the lockfile does not list
	links    []string        // symbolic links in a node_modules

	anchored map[hasher.Digest]string // the directory of a package with an anchored file, by the file's digest
}

// check compares the installed packages with the archives of the lockfile.
func check(ctx context.Context, in input) (*report, error) {
	c := &checker{in: in, scripts: make(map[string]bool), anchored: make(map[hasher.Digest]string), claimed: make(map[string]bool), report: &report{counts: make(map[Class]int)}}
	for _, name := range in.Scripts {
		c.scripts[name] = true
	}
	var err error
	if c.patches, err = readPatches(in.Tree, in.Patches); err != nil {
		return nil, err
	}
	find := c.findInModules
	if in.PnP != nil {
		find = c.findByTables
	}
	if err := find(); err != nil {
		return nil, err
	}
	if err := c.listArchives(ctx); err != nil {
		return nil, err
	}
	c.checkManifests()
	c.checkBundled()
	if err := c.hashFiles(ctx); err != nil {
		return nil, err
	}
	c.classifyAll()
	c.reportUnlisted()
	if err := c.checkLinks(); err != nil {
		return nil, err
	}
	c.report.sort()
	c.report.checker = c
	return c.report, nil
}

// listArchives reads the archive of every installed package, each archive once.
func (c *checker) listArchives(ctx context.Context) error {
	byArchive := make(map[string][]*install)
	var order []string
	for _, in := range c.installs {
		key := archiveKey(in.pkg)
		if in.zip != "" {
			key = in.zip
		}
		if byArchive[key] == nil {
			order = append(order, key)
		}
		byArchive[key] = append(byArchive[key], in)
	}
	results := make([]listed, len(order))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	progress := counter(c.in.Progress, len(order))
	for i, key := range order {
		group.Go(func() error {
			if in := byArchive[key][0]; in.zip != "" {
				results[i].listing, results[i].err = c.in.Zip(ctx, in.zip, in.pkg)
			} else {
				results[i].listing, results[i].err = c.in.Archive(ctx, in.pkg)
			}
			progress()
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, key := range order {
		for _, in := range byArchive[key] {
			in.listed = results[i]
		}
	}
	return nil
}

// A listed is the result of listing an archive.
type listed struct {
	listing *tarball.Listing
	err     error
}

// archiveKey is equal for packages that come from the same archive.
func archiveKey(p *lockfile.Package) string {
	if ds := p.Strongest(); len(ds) > 0 {
		return p.Name + "\x00" + ds[0].String()
	}
	return p.Key
}

// hashFiles hashes the files of all packages in one run.
func (c *checker) hashFiles(ctx context.Context) error {
	var jobs []hasher.Job
	var todo []*file // parallel to jobs
	for _, in := range c.installs {
		if in.zip != "" {
			continue // its listing describes the installed zip itself
		}
		if err := c.listFiles(in); err != nil {
			return err
		}
		for i := range in.files {
			f := &in.files[i]
			job := hasher.Job{Path: tree.Join(in.dir, f.rel), Algorithms: hasher.SetOf(hasher.SHA256)}
			if r, ok := c.in.Hashed[job.Path]; ok {
				f.result = r
				continue
			}
			jobs, todo = append(jobs, job), append(todo, f)
		}
	}
	results, err := hasher.Files(ctx, c.in.Tree.Root(), jobs, hasher.Options{})
	if err != nil {
		return err
	}
	for i, f := range todo {
		f.result = results[i]
	}
	return nil
}

func (c *checker) add(f File) {
	c.report.counts[f.Class]++
	c.report.files = append(c.report.files, f)
}

func (c *checker) find(f problem.Finding) {
	c.claimed[f.Path] = true
	c.report.findings = append(c.report.findings, f)
}

func (r *report) sort() {
	slices.SortFunc(r.packages, func(a, b Package) int { return strings.Compare(a.Dir, b.Dir) })
	slices.SortFunc(r.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	slices.SortFunc(r.findings, func(a, b problem.Finding) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Code, b.Code), strings.Compare(a.Detail, b.Detail))
	})
}

// counter returns a function that counts its calls and passes the count to report.
func counter(report func(done, total int), total int) func() {
	if report == nil {
		return func() {}
	}
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		report(done, total)
	}
}
