package integrity

import (
	"cmp"
	"context"
	"path"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/installs"
	"github.com/nodeint/nodeint/integrity/internal/lineends"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nametable"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/pnparchive"
	"github.com/nodeint/nodeint/integrity/internal/shadow"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
)

// Verify compares the files with the map. Differences are in the Report
// (guarantee G1). The error is for a map that cannot be trusted (G2), and for
// files that could not be checked.
func Verify(ctx context.Context, opt VerifyOptions) (*Report, error) {
	start := time.Now()
	if opt.Map == "" {
		opt.Map = filepath.Join(opt.Project.Dir, MapName)
	}
	m, result, err := readTrustedMap(opt.Map, &opt.Policy, opt.Project)
	if err != nil {
		return nil, err
	}
	t, err := tree.Open(opt.Project.Root)
	if err != nil {
		return nil, problem.NotChecked(opt.Project.Root, "", "%w", err)
	}
	defer t.Close()
	files, members := pnparchive.Split(selectFiles(m.Pinned, opt.Only), m.Pinned)
	if !opt.AllDigests && opt.Lockfile == nil {
		files = cheapest(files)
	}
	checked, err := check(ctx, opt, t, m, files, members)
	if err != nil {
		return nil, err
	}
	findings := compareFiles(files, checked.results)
	lineends.Explain(t, m, findings)
	findings = append(findings, members.Compare(m, opt.Only)...)
	findings = append(findings, checked.unexpected...)
	links, err := mapfile.CompareLinks(t, m)
	if err != nil {
		return nil, err
	}
	leftOut, findings := installs.LeftOut(t, m, lockfile.HostPlatform(), files, append(findings, links...))
	install, err := pnparchive.CompareTables(t, m, findings)
	if err != nil {
		return nil, err
	}
	findings = install.Findings
	for i := range findings {
		findings[i].Package = cmp.Or(findings[i].Package, packageOf(m, members, findings[i].Path))
	}
	locked, err := compareLockfile(ctx, opt, t, m, files, checked.results, findings)
	if err != nil {
		return nil, err
	}
	r := newReport(opt, t, m, files, members, checked.results, start)
	r.setLeftOut(m, members, leftOut)
	r.Powers = m.Powers.Used(leftOut)
	r.Names = func() ([]byte, error) { return nametable.Of(t.Root(), m, leftOut, checked.manifests) }
	r.NodePackages = func() ([]byte, error) { return m.NodePackages.AbsoluteText(t.Root()) }
	r.useInstall(install)
	r.Trust = result
	r.Notes = append(r.Notes, m.Limits()...)
	if locked != nil {
		r.Anchors, r.Notes = locked.Summary, append(r.Notes, locked.Notes...)
		findings = append(findings, locked.Findings...)
	}
	if r.Findings = problem.SortFindings(findings); !r.OK() {
		r.Install = lockfile.InstallCommand(t.Root())
	}
	return r, nil
}

// readTrustedMap reads the map once and checks, in this order, the expected
// digests and signatures, the syntax, the tree digest, that the signed statement
// agrees with it, and that it was made for this project.
func readTrustedMap(file string, policy *TrustPolicy, p *project.Project) (*mapfile.Map, *TrustResult, error) {
	text, err := mapfile.ReadText(file)
	if err != nil {
		return nil, nil, err
	}
	signed, err := policy.Check(file, text)
	if err != nil {
		return nil, nil, err
	}
	_, m, err := mapfile.Read(file, text)
	if err != nil {
		return nil, nil, err
	}
	if err := signed.Agrees(m, file); err != nil {
		return nil, nil, err
	}
	if m.Digest != "" {
		if err := checkPlace(file, m, p); err != nil {
			return nil, nil, err
		}
	}
	return m, policy.Result(signed), nil
}

// checkPlace checks that keys have the meaning that they had. They are relative
// to the root, and the root is found by files that an attacker may write, such
// as the workspace's package.json.
func checkPlace(file string, m *mapfile.Map, p *project.Project) error {
	dir, err := filepath.Rel(p.Root, p.Dir)
	if err != nil {
		return problem.NotChecked(p.Dir, "", "locating the project below its root: %w", err)
	}
	if is, was := filepath.ToSlash(dir), cmp.Or(m.Project, "."); is != was {
		hint := "check whether the workspace's package.json or pnpm-workspace.yaml was changed; if the change is right, run nodeint generate"
		if is == "." {
			hint = "if the project was deployed out of its workspace, as by pnpm deploy, run nodeint generate in the deployed directory; otherwise restore workspaces in package.json, or pnpm-workspace.yaml"
		}
		return problem.NotTrusted(problem.MapPlace, file, hint,
			"the map was generated for the directory %s of its root, but this project is in %s of %s", was, is, p.Root)
	}
	return nil
}

// checked is what was read from the tree.
type checked struct {
	results    []hasher.Result   // of the files, by index
	manifests  map[string][]byte // see VerifyOptions.KeepManifests
	unexpected []Finding
}

// check hashes the files and searches for shadowing files, in parallel.
func check(ctx context.Context, opt VerifyOptions, t *tree.Tree, m *mapfile.Map, files []Pinned, members *pnparchive.Pinned) (checked, error) {
	var c checked
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error {
		var err error
		if c.results, c.manifests, err = hashFiles(groupCtx, opt, t, files); err != nil {
			return err
		}
		return members.Read(groupCtx, t, files, c.results)
	})
	if m.Digest != "" && !m.Browser && !opt.SkipUnexpected {
		group.Go(func() error {
			var err error
			c.unexpected, err = findUnexpected(groupCtx, opt, t, m)
			return err
		})
	}
	err := group.Wait()
	if ctx.Err() != nil {
		return c, ctx.Err()
	}
	return c, err
}

// hashFiles returns the results of the files, by index, and the bytes of the package.json
// files that are as pinned, if they are to be kept.
func hashFiles(ctx context.Context, opt VerifyOptions, t *tree.Tree, files []Pinned) ([]hasher.Result, map[string][]byte, error) {
	jobs := make([]hasher.Job, 0, len(files))
	contents := make(map[int]*[]byte)
	for i := range files {
		f := &files[i]
		job := hasher.Job{Path: f.Path, Algorithms: f.Metadata.Algorithms()}
		if opt.KeepManifests && path.Base(f.Path) == nodejs.PackageJSON {
			job.Content = new([]byte)
			contents[i] = job.Content
		}
		jobs = append(jobs, job)
	}
	results, err := hasher.Files(ctx, t.Root(), jobs, hasher.Options{Cache: opt.Hashes, Progress: func(files int, bytes int64) {
		if opt.Progress != nil {
			opt.Progress(Progress{Stage: "checking", Files: files, Total: len(jobs), Bytes: bytes})
		}
	}})
	if err != nil {
		if ctx.Err() == nil {
			err = problem.NotChecked("", "", "checking: %w", err)
		}
		return nil, nil, err
	}
	manifests := make(map[string][]byte, len(contents))
	for i, content := range contents {
		if *content != nil && files[i].Metadata.Match(results[i].Digests) {
			manifests[files[i].Path] = *content
		}
	}
	return results, manifests, nil
}

// findUnexpected returns a finding for each shadowing file.
func findUnexpected(ctx context.Context, opt VerifyOptions, t *tree.Tree, m *mapfile.Map) ([]Finding, error) {
	m.IndexFiles()
	search, err := shadow.NewSearch(t, m, ownFiles(t, opt.Map, opt.Project.Dir, m))
	if err != nil {
		return nil, problem.NotChecked("", "", "looking for unexpected files: %w", err)
	}
	files, err := search.Run(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, problem.NotChecked("", hintReadable, "looking for unexpected files: %w", err)
	}
	var findings []Finding
	for _, f := range files {
		findings = append(findings, Finding{Code: Unexpected, Path: f.Path, Got: f.Kind.String(), Detail: f.Detail()})
	}
	parents, err := search.CheckParentModules()
	return append(findings, parents...), err
}
