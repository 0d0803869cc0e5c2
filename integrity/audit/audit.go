// Package audit lists places of installed packages that a reader should look at: what an
// attack such as the one on xz would use. It is a list for a person and no detector: most of
// the places are right, and an attack may use none of them.
//
// [Run] walks the directories of the root once, without following links, and reads each
// file: of a source at most maxSource bytes, of another file its head. With an earlier map,
// it also lists packages that use more powers than then, and install scripts that are new or
// changed.
//
// docs/findings.md lists the codes.
package audit

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// The codes of places. docs/findings.md explains each one.
const (
	NativeBinary         = "native-binary"
	Wasm                 = "wasm-file"
	Archive              = "archive"
	Disguised            = "disguised"
	Executable           = "executable-data"
	Minified             = "minified"
	Encoded              = "encoded"
	Obfuscated           = "obfuscated"
	InstallScript        = "install-script"
	NewInstallScript     = "new-install-script"
	ChangedInstallScript = "changed-install-script"
	TestFile             = "test-file-loaded"
	MorePowers           = "more-powers"
)

// Options say what Run reads.
type Options struct {
	Root     string // absolute
	Map      string // absolute path of the map of the program, which may be absent
	Since    string // absolute path of an earlier map; "" is Map
	Progress func(files int)
}

// A Place is one thing to look at.
type Place struct {
	Package string `json:"package,omitempty"` // name@version; "" for the project's own files
	Dir     string `json:"dir"`               // directory of the package, relative to the root; "" for own files
	File    string `json:"file"`              // relative to Dir
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// A Report is the result of Run.
type Report struct {
	Places   []Place  `json:"places"`          // own files first, then by package
	Since    string   `json:"since,omitempty"` // path of the map that was compared; "" if there is none
	Packages int      `json:"packages"`        // number of installed packages
	Files    int      `json:"files"`
	Bytes    int64    `json:"bytes"` // that were read
	Notes    []string `json:"-"`
}

// Run lists the places. The error is for a directory, a file or a map that cannot be read.
func Run(ctx context.Context, opt Options) (*Report, error) {
	before, err := readBefore(opt)
	if err != nil {
		return nil, err
	}
	t, err := tree.Open(opt.Root)
	if err != nil {
		return nil, problem.NotChecked(opt.Root, "", "%w", err)
	}
	defer t.Close()
	packages, zips, err := findPackages(ctx, t)
	if err != nil {
		return nil, err
	}
	r := &Report{Places: []Place{}, Since: before.file}
	if zips {
		r.Notes = append(r.Notes, "packages in the zips of Plug'n'Play are not read")
	}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, p := range packages {
		g.Go(func() error {
			s := &scan{tree: t, pkg: p, before: before}
			if err := s.run(ctx); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			r.add(s)
			if opt.Progress != nil {
				opt.Progress(r.Files)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(r.Places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Package, b.Package), cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Code, b.Code), cmp.Compare(a.File, b.File), cmp.Compare(a.Detail, b.Detail))
	})
	return r, nil
}

// add adds the result of the scan of one package.
func (r *Report) add(s *scan) {
	r.Places = append(r.Places, s.places...)
	r.Files += len(s.pkg.files)
	r.Bytes += s.bytes
	if s.pkg.dir != "" {
		r.Packages++
	}
}

// A pack is an installed package, or the project's own files.
type pack struct {
	dir   string   // "" for own files
	files []string // relative to the root
}

// findPackages returns the packages below the root with their files, and whether there are
// zips of Plug'n'Play.
func findPackages(ctx context.Context, t *tree.Tree) (packages []*pack, zips bool, err error) {
	byDir := map[string]*pack{"": {}}
	queue := []string{""}
	for len(queue) > 0 {
		dir := queue[0]
		queue = queue[1:]
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		entries, err := t.Dir(dir)
		if err != nil {
			return nil, false, problem.NotChecked(dir, "make this path readable", "%w", err)
		}
		for _, e := range entries {
			p := tree.Join(dir, e.Name)
			switch {
			case e.Kind == tree.Directory && !isSkipped(p):
				queue = append(queue, p)
			case e.Kind == tree.File && !isOwnFile(e.Name):
				if isZip(p) {
					zips = true
					continue
				}
				at, _ := mapfile.InstalledDir(p)
				if byDir[at] == nil {
					byDir[at] = &pack{dir: at}
				}
				byDir[at].files = append(byDir[at].files, p)
			}
		}
	}
	for _, p := range byDir {
		packages = append(packages, p)
	}
	slices.SortFunc(packages, func(a, b *pack) int { return cmp.Compare(len(b.files), len(a.files)) }) // the longest work first
	return packages, zips, nil
}
