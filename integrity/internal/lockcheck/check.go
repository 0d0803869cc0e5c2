package lockcheck

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A Class says what vouches for a file: see the package comment.
type Class string

// The classes, the strongest first.
const (
	Anchored     Class = "anchored"
	Derived      Class = "derived"
	Alias        Class = "alias"
	Patched      Class = "patched"
	ScriptOutput Class = "script-output"
	ManagerMeta  Class = "manager-meta"
	Unanchored   Class = "unanchored"
)

// Classes are all of them, in their order.
var Classes = []Class{Anchored, Derived, Alias, Patched, ScriptOutput, ManagerMeta, Unanchored}

// Options say what to tie to what.
type Options struct {
	Tree *tree.Tree
	Lock *lockfile.Lock

	// Archive lists what a package's archive holds, once its own bytes are those
	// that the lockfile names, with the digests sha256. It is called from several
	// goroutines. An *Absent error says that the archive is not to be had.
	Archive func(ctx context.Context, p *lockfile.Package) (*tarball.Listing, error)

	// Scripts are the names of packages whose install scripts may write: into their
	// own folder or, for a name that begins with a dot, the folder of that name in
	// a node_modules.
	Scripts []string

	// IsMember tells whether a folder, relative to the root, is a member of the
	// workspace. Not every lockfile has them.
	IsMember func(dir string) (bool, error)

	// Patches are the files of the project that are patches: relative to the root.
	Patches []string

	// Hashed are files that were hashed just now: what their SHA-256 is, by path
	// relative to the root. They are not read again.
	Hashed map[string]hasher.Result

	// Plugged are the packages that the tables of Yarn's Plug'n'Play name and that
	// are there. nil where it is not in use: packages lie in node_modules then.
	Plugged []Plugged

	// Zip is Archive for the very zip that Plugged names.
	Zip func(ctx context.Context, zip string, p *lockfile.Package) (*tarball.Listing, error)

	Progress func(done, total int) // packages; may be nil
}

// A Plugged is where Plug'n'Play has a package.
type Plugged struct {
	Dir     string // its folder, which may lie in a zip
	Zip     string // the zip; "" where it lies in none
	Locator string // name@reference, as yarn.lock has it
}

// An Absent error says why there is no archive to compare with.
type Absent struct{ Reason string }

func (e *Absent) Error() string { return e.Reason }

// A File is an installed file that is not simply anchored.
type File struct {
	Path    string `json:"path"`
	Package string `json:"package,omitempty"`
	Class   Class  `json:"class"`
	Reason  string `json:"reason"`
	Patch   string `json:"patch,omitempty"` // of a Patched one: the file that names it
}

// A Package is an installed package.
type Package struct {
	Dir           string // relative to the root
	Name, Version string
	Integrity     string // of the archive, as the lockfile has it; may be empty
	Class         Class  // the weakest of its files
	Reason        string // why it is unanchored; empty otherwise
	Files         int
}

// A Report is what Check found, all sorted by path.
type Report struct {
	Packages []Package
	Files    []File
	Counts   map[Class]int // of files
	Findings []problem.Finding
}

// A checker is one call of Check.
type checker struct {
	opt      Options
	report   *Report
	scripts  map[string]bool
	patches  []patch
	installs []*install
	unknown  []string // folders and files in a node_modules that no lock entry is for
	links    []string // symbolic links there

	anchored map[hasher.Digest]string // where a file's bytes are anchored, by digest
}

// Check compares what is installed with what the lockfile names.
func Check(ctx context.Context, opt Options) (*Report, error) {
	c := &checker{opt: opt, scripts: make(map[string]bool), anchored: make(map[hasher.Digest]string), report: &Report{Counts: make(map[Class]int)}}
	for _, name := range opt.Scripts {
		c.scripts[name] = true
	}
	var err error
	if c.patches, err = readPatches(opt.Tree, opt.Patches); err != nil {
		return nil, err
	}
	place := c.place
	if opt.Plugged != nil {
		place = c.plug
	}
	if err := place(); err != nil {
		return nil, err
	}
	if err := c.list(ctx); err != nil {
		return nil, err
	}
	if err := c.hash(ctx); err != nil {
		return nil, err
	}
	c.compare()
	c.strangers()
	if err := c.follow(); err != nil {
		return nil, err
	}
	c.report.sort()
	return c.report, nil
}

// list reads the archives of all that is installed, each once.
func (c *checker) list(ctx context.Context) error {
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
	progress := counter(c.opt.Progress, len(order))
	for i, key := range order {
		group.Go(func() error {
			if in := byArchive[key][0]; in.zip != "" {
				results[i].listing, results[i].err = c.opt.Zip(ctx, in.zip, in.pkg)
			} else {
				results[i].listing, results[i].err = c.opt.Archive(ctx, in.pkg)
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

// A listed is what came of asking for an archive.
type listed struct {
	listing *tarball.Listing
	err     error
}

// archiveKey is the same for packages that come out of the same archive.
func archiveKey(p *lockfile.Package) string {
	if ds := p.Strongest(); len(ds) > 0 {
		return p.Name + "\x00" + ds[0].String()
	}
	return p.Key
}

// hash hashes every file of the packages that are to be compared, in one go.
func (c *checker) hash(ctx context.Context) error {
	var jobs []hasher.Job
	var todo []*file // of jobs
	for _, in := range c.installs {
		if in.zip != "" {
			continue // its listing is of the file itself
		}
		if err := c.files(in); err != nil {
			return err
		}
		for i := range in.files {
			f := &in.files[i]
			job := hasher.Job{Path: tree.Join(in.dir, f.rel), Algorithms: hasher.SetOf(hasher.SHA256)}
			if r, ok := c.opt.Hashed[job.Path]; ok {
				f.result = r
				continue
			}
			if want := in.want(f.rel); want != nil {
				md := hasher.MetadataOf(want.Digests)
				job.Want = &md
			}
			jobs, todo = append(jobs, job), append(todo, f)
		}
	}
	results, err := hasher.Files(ctx, c.opt.Tree.Root(), jobs, hasher.Options{})
	if err != nil {
		return err
	}
	for i, f := range todo {
		f.result = results[i]
	}
	return nil
}

// want gives the file that the package's archive has at rel, nil if it has none.
func (in *install) want(rel string) *tarball.File {
	if in.listing == nil {
		return nil
	}
	return in.listing.File(rel)
}
