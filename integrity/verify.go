package integrity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/resolution"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Verify holds the files against the map. What differs is in the Report
// (guarantee G1); the error is for a map that cannot be trusted (G2) and for
// what could not be checked.
func Verify(ctx context.Context, opt VerifyOptions) (*Report, error) {
	start := time.Now()
	v := &verifier{opt: opt, file: opt.Map}
	if v.file == "" {
		v.file = filepath.Join(opt.Project.Dir, MapName)
	}
	if err := v.readMap(); err != nil {
		return nil, err
	}
	var err error
	if v.tree, err = tree.Open(v.opt.Project.Root); err != nil {
		return nil, failed(v.opt.Project.Root, "", "%w", err)
	}
	defer v.tree.Close()
	for _, step := range []func(context.Context) error{v.check, v.anchor} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return v.report(start), nil
}

type verifier struct {
	opt      VerifyOptions
	file     string
	tree     *tree.Tree
	trusted  *trusted
	trust    *Trust
	files    []Pinned        // those of the map that are hashed
	results  []hasher.Result // of files
	zipped   *zippedPins     // those that lie in zips
	strays   []stray
	findings []Finding
	anchors  *LockfileSummary
	notes    []string
}

func (v *verifier) readMap() error {
	text, err := readMapFile(v.file)
	if err != nil {
		return err
	}
	statement, err := v.opt.Authority.check(v.file, text)
	if err != nil {
		return err
	}
	doc, err := readDocument(v.file, text)
	if err != nil {
		return err
	}
	if v.trusted, err = trustDocument(v.file, doc); err != nil {
		return err
	}
	if err := statement.agrees(v.file, v.trusted); err != nil {
		return err
	}
	v.trust = v.opt.Authority.result(statement)
	if v.trusted.digest == "" {
		v.notes = append(v.notes, "the map has no member nodeint: its own entries were checked, and unlisted files were not looked for")
		return nil
	}
	return v.checkPlace()
}

// checkPlace holds that the keys mean what they meant: they are relative to the
// root, and what the root is depends on files that whoever writes the tree can
// write, the workspace's package.json above all.
func (v *verifier) checkPlace() error {
	p := v.opt.Project
	dir, err := filepath.Rel(p.Root, p.Dir)
	if err != nil {
		return failed(p.Dir, "", "finding the project in its root: %w", err)
	}
	if is, was := filepath.ToSlash(dir), cmp.Or(v.trusted.pins.project, "."); is != was {
		return untrusted(MapPlace, v.file, "see whether the workspace's package.json or pnpm-workspace.yaml was changed, or run nodeint generate if that is as it should be",
			"the map is for the project in %s of its root, and this one is in %s of %s", was, is, p.Root)
	}
	return nil
}

// check hashes the files and surveys what surrounds them, side by side.
func (v *verifier) check(ctx context.Context) error {
	v.choose()
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return v.hash(groupCtx) })
	if v.trusted.digest != "" && !v.opt.SkipSurroundings {
		group.Go(func() error { return v.survey(groupCtx) })
	}
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	v.judgeFiles()
	v.judgeZipped()
	v.judgeStrays()
	return v.judgeLinks()
}

// choose takes the files that are to be hashed.
func (v *verifier) choose() {
	if v.files = v.trusted.files; v.opt.Only != nil {
		v.files = nil
		for _, f := range v.trusted.files {
			if v.opt.Only(f.Path) {
				v.files = append(v.files, f)
			}
		}
	}
	v.files, v.zipped = splitZipped(v.files, v.trusted.files)
}

func (v *verifier) hash(ctx context.Context) error {
	jobs := make([]hasher.Job, 0, len(v.files))
	for i := range v.files {
		f := &v.files[i]
		jobs = append(jobs, hasher.Job{Path: f.Path, Algorithms: f.Metadata.Algorithms(), Want: &f.Metadata})
	}
	var err error
	v.results, err = hasher.Files(ctx, v.tree.Root(), jobs, hasher.Options{OnWait: v.opt.OnWait, Progress: func(files int, bytes int64) {
		if v.opt.Progress != nil {
			v.opt.Progress(Progress{Stage: "checking", Files: files, Total: len(jobs), Bytes: bytes})
		}
	}})
	if err != nil && ctx.Err() == nil {
		return failed("", "", "checking: %w", err)
	}
	if err != nil {
		return err
	}
	return v.hashZipped(ctx)
}

func (v *verifier) survey(ctx context.Context) error {
	v.trusted.index()
	projectDir, _ := v.tree.Rel(v.opt.Project.Dir)
	s, err := newSurvey(v.tree, v.trusted.pins, ownMaps(v.tree, v.file, projectDir, v.trusted.pins))
	if err != nil {
		return failed("", "", "checking what surrounds the files: %w", err)
	}
	if v.strays, err = s.run(ctx); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return failed("", "make it readable to whoever runs nodeint", "checking what surrounds the files: %w", err)
	}
	return v.above(s)
}

// above looks in the folders above the root for packages that the program asked
// for and that were not there: Node goes on upward where nodeint's root ends.
func (v *verifier) above(s *survey) error {
	for dir := filepath.Dir(v.tree.Root()); ; dir = filepath.Dir(dir) {
		if err := v.lookIn(filepath.Join(dir, resolution.Modules), s.names); err != nil {
			return failed(dir, "make it readable to whoever runs nodeint", "looking for packages above the root: %w", err)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// lookIn looks for what is absent, of these names, in one node_modules folder.
func (v *verifier) lookIn(modules string, names map[string]bool) error {
	if found, err := isThere(os.Stat(modules)); !found || err != nil {
		return err
	}
	for _, name := range v.trusted.pins.absent {
		if strings.HasPrefix(name, "./") || !names[name] {
			continue
		}
		p := filepath.Join(modules, filepath.FromSlash(name))
		found, err := isThere(os.Lstat(p))
		if err != nil {
			return err
		}
		if found {
			v.find(Finding{Code: Unexpected, Path: filepath.ToSlash(p), Detail: fmt.Sprintf("the program asks for %q, which was not installed when the map was made", name)})
		}
	}
	return nil
}

// isThere reads what os.Stat and os.Lstat say: an error is not that nothing is
// there, but that the system does not tell.
func isThere(_ os.FileInfo, err error) (bool, error) {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return false, nil
	}
	return err == nil, err
}

func (v *verifier) find(f Finding) {
	if f.Package == "" {
		f.Package = v.trusted.pins.packageOf(f.Path)
		if in := v.zipped.byZip[f.Path]; in != nil {
			f.Package = v.trusted.pins.packageOf(in.files[0].Path)
		}
	}
	v.findings = append(v.findings, f)
}

// judgeFiles compares each file's digests with what was pinned.
func (v *verifier) judgeFiles() {
	for i, r := range v.results {
		file, md := v.files[i].Path, v.files[i].Metadata
		if r.Err != nil {
			v.find(findingOf(file, md, r.Err))
		} else if !md.Match(r.Digests) {
			v.find(Finding{Code: Mismatch, Path: file, Want: md.String(), Got: hasher.Format(r.Digests)})
		}
	}
}

// findingOf says why a pinned file could not be read.
func findingOf(file string, md hasher.Metadata, err error) Finding {
	f := Finding{Path: file, Want: md.String()}
	var kind *hasher.KindError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Code, f.Got = Missing, "nothing"
	case errors.As(err, &kind):
		f.Code, f.Got = WrongKind, kind.Kind
		if kind.Path != file {
			f.Detail = fmt.Sprintf("%s is a %s", kind.Path, kind.Kind)
		}
	case errors.Is(err, hasher.ErrChanged):
		f.Code, f.Detail = Mismatch, "it changed while it was read"
	default:
		f.Code, f.Detail = Unreadable, err.Error()
	}
	return f
}

func (v *verifier) judgeStrays() {
	for _, s := range v.strays {
		v.find(Finding{Code: Unexpected, Path: s.path, Got: s.kind.String(), Detail: s.detail()})
	}
}

func (s stray) detail() string {
	switch s.why {
	case steering:
		return "it changes what the modules beside and below it mean"
	case before:
		return fmt.Sprintf("require would take it instead of %s", s.instead)
	case asked:
		return "the program asks for it, and it was not there when the map was made"
	case nearer:
		return fmt.Sprintf("the program uses %s, and could find this one first", s.instead)
	case included:
		return "an include pattern names it"
	}
	return "it was not there when the map was made, and Node can load it"
}

// judgeLinks compares where symbolic links point with what was pinned.
func (v *verifier) judgeLinks() error {
	for _, link := range sortedKeys(v.trusted.pins.links) {
		want := v.trusted.pins.links[link]
		kind, err := v.tree.Kind(link)
		if err != nil {
			return failed(link, "make it readable to whoever runs nodeint", "%w", err)
		}
		f := Finding{Path: link, Want: "a symbolic link to " + want}
		switch kind {
		case tree.None:
			f.Code, f.Got = Missing, "nothing"
		case tree.Link:
			got, err := linkTarget(v.tree, link)
			if err != nil {
				return failed(link, "", "%w", err)
			}
			if got == want {
				continue
			}
			f.Code, f.Got = Mismatch, "a symbolic link to "+got
		default:
			f.Code, f.Got = WrongKind, kind.String()
		}
		v.find(f)
	}
	return nil
}

// paths gives the paths of the files that were hashed, those in zips last.
func (v *verifier) paths(yield func(string) bool) {
	for _, f := range v.files {
		if !yield(f.Path) {
			return
		}
	}
	for _, f := range v.zipped.files {
		if !yield(f.Path) {
			return
		}
	}
}

func (v *verifier) report(start time.Time) *Report {
	r := &Report{
		Root: v.tree.Root(), Map: v.file, Digest: v.trusted.digest, Coverage: v.trusted.pins.coverage,
		Findings: problem.SortFindings(v.findings), Gaps: v.trusted.pins.gaps, Anchors: v.anchors, Trust: v.trust, Notes: v.notes,
		Summary: Summary{Checked: len(v.results) + len(v.zipped.files), Packages: v.trusted.pins.inhabited(v.paths)},
		Pinned:  v.trusted.files, Packages: make(map[string]string, len(v.trusted.pins.packages)),
	}
	for dir, info := range v.trusted.pins.packages {
		r.Packages[dir] = info.String()
	}
	if r.Digest == "" {
		r.Coverage = ""
	}
	for _, res := range v.results {
		r.Summary.Bytes += res.Size
	}
	r.Summary.Bytes += v.zipped.bytes
	r.Summary.MS = time.Since(start).Milliseconds()
	return r
}
