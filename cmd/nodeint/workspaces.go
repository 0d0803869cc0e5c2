package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/report"
)

// workspacesUsage is the help text of --workspaces.
const workspacesUsage = "do it for every member of the workspace that has a map or an entry"

// A memberRun is the run of a verb for one member of a workspace.
type memberRun struct {
	member project.Member
	ui     *ui
	text   bytes.Buffer // what it prints
	exit   int
}

// workspaceMember is an element of the member workspaces of the JSON document.
type workspaceMember struct {
	Dir     string          `json:"dir"` // relative to the root
	Skipped string          `json:"skipped,omitempty"`
	Report  json.RawMessage `json:"report,omitempty"` // the document of the verb for the member
}

// maxMembers is the number of members that are processed at the same time at most: each
// generate needs the memory of a module graph.
const maxMembers = 4

// forMembers runs a verb for each member of the workspace, several at the same time,
// and prints one report. The status is the highest one. The runs share a cache of
// hashes: members of a workspace share most of their dependencies.
func (u *ui) forMembers(ctx context.Context, verb string, run func(ctx context.Context, u *ui, hashes *hasher.Cache) error) error {
	if u.mapFile != "" {
		return usage("leave out --map: each member has its own map", "--map and --workspaces exclude each other")
	}
	root, members, err := project.Members(u.cwd, integrity.MapName)
	if err != nil {
		return err
	}
	u.doc.Command, u.doc.Root = verb, root
	var runs []*memberRun
	var files []string
	for _, m := range members {
		files = append(files, filepath.Join(root, filepath.FromSlash(m.Dir), integrity.MapName))
	}
	if err := u.reports.checkOutputs(root, files...); err != nil {
		return err
	}
	for _, m := range members {
		runs = append(runs, &memberRun{member: m, ui: u.member(root, m.Dir)})
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(min(runtime.GOMAXPROCS(0), maxMembers))
	hashes := new(hasher.Cache)
	for _, r := range runs {
		if r.member.Skip == "" {
			group.Go(func() error { return r.do(groupCtx, verb, hashes, run) })
		}
	}
	_ = group.Wait() // the errors are in the reports
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return u.reportMembers(runs)
}

// member returns the ui for a member: it has the same flags, and prints into a buffer.
func (u *ui) member(root, dir string) *ui {
	sub := newUI(nil, nil)
	sub.memberDir, sub.runner = dir, u.runner
	sub.json, sub.quiet, sub.verbose, sub.noText = u.json, u.quiet, u.verbose, u.noText
	sub.reports = u.reports.ofMember()
	sub.paintOut, sub.paintErr = u.paintOut, u.paintOut
	sub.cwd = filepath.Join(root, filepath.FromSlash(dir))
	if now, err := os.Getwd(); err == nil {
		if now, err = filepath.EvalSymlinks(now); err == nil {
			if rel, err := filepath.Rel(now, sub.cwd); err == nil {
				sub.cwd = rel
			}
		}
	}
	return sub
}

// do runs the verb. It returns an error only to stop the other runs.
func (r *memberRun) do(ctx context.Context, verb string, hashes *hasher.Cache, run func(context.Context, *ui, *hasher.Cache) error) error {
	r.ui.out.Reset(&r.text)
	r.ui.err = &r.text
	err := run(ctx, r.ui, hashes)
	_ = r.ui.out.Flush() // before an error; a buffer takes everything
	r.exit = r.ui.finish(verb, err)
	if r.exit == exitInterrupted {
		return err
	}
	return nil
}

// reportMembers prints what the runs have printed, and returns the highest status.
func (u *ui) reportMembers(runs []*memberRun) error {
	exit, failed, done := exitOK, 0, 0
	u.doc.Workspaces = []workspaceMember{}
	for _, r := range runs {
		m := workspaceMember{Dir: r.member.Dir, Skipped: r.member.Skip}
		if r.member.Skip != "" {
			u.infof("%s: skipped: %s", safeName(m.Dir), r.member.Skip)
			u.doc.Workspaces = append(u.doc.Workspaces, m)
			continue
		}
		done++
		if r.exit != exitOK {
			failed++
		}
		exit = max(exit, r.exit)
		u.reports.addMember(m.Dir, r.ui.reports)
		if u.json || u.reports.wants(report.JSON) {
			m.Report = r.ui.docText()
		}
		if text := strings.TrimSuffix(r.text.String(), "\n"); text != "" && !u.json {
			u.printf("%s:\n  %s", safeName(m.Dir), strings.ReplaceAll(text, "\n", "\n  "))
		}
		u.doc.Workspaces = append(u.doc.Workspaces, m)
	}
	passed, fail := "passed", "failed"
	if u.doc.Command == "diff" && exit <= exitDiffers {
		passed, fail = "are as they were", "differ"
	}
	switch {
	case done == 0:
		return usage("name the entry of a member in its package.json, or leave out --workspaces", "no member of the workspace has a map or an entry")
	case exit == exitOK:
		u.infof("%s", paint(u.paintOut, green, "all "+count(done, "member")+" "+passed))
		return nil
	}
	u.printf("%s", paint(u.paintOut, red, strconv.Itoa(failed)+" of "+count(done, "member")+" "+fail))
	return statusError(exit)
}
