package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/mapdiff"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/report"
)

const filesOnDisk = "the files on disk"

type diffOptions struct {
	old, new string // paths or revisions; "" is the map for old, and the files for new
	report   reportOptions
	lockfile lockfileOptions

	workspaces bool
}

func newDiff(u *ui) *cobra.Command {
	var opt diffOptions
	cmd := &cobra.Command{
		Use:   "diff [OLD [NEW]]",
		Short: "compare two maps, or a map with the files, by package",
		Long: `diff prints how NEW differs from OLD, by package: which packages were upgraded, added and
removed, how many of their files differ, and what a reviewer wants to know about them: new
powers such as child processes and the network, install scripts, binaries, gaps.

OLD and NEW are paths of maps, or revisions of Git, such as main or HEAD~1: then the map of
the project in that revision is meant. REVISION:PATH names another file in a revision.
Without NEW, OLD is compared with the files that are here now, as generate --check does.
Without OLD, it is the map of the project.

A line that begins with "!" has something that you should look at before you accept the
change.

The exit status is 0 if both mean the same, and 1 if they differ.`,
		Example: `  nodeint diff                                  # the map and the files
  nodeint diff main                             # the map of main and the files
  nodeint diff HEAD~1 HEAD
  nodeint diff old.json new.json
  nodeint diff origin/main --format markdown    # for a comment on a pull request
  nodeint diff main --workspaces                # the maps of all members of the workspace`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 2 {
				return usage("run nodeint diff --help", "diff takes at most two maps; %d arguments given", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 1 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			for i, to := range []*string{&opt.old, &opt.new} {
				if i >= len(args) {
					break
				}
				if *to = args[i]; *to == "" {
					return usage("give the path of a map or a revision of Git", "argument %d of diff is empty", i+1)
				}
			}
			if err := u.openReports("diff", report.Formats(), opt.report); err != nil {
				return err
			}
			if opt.workspaces {
				return diffMembers(cmd.Context(), u, opt)
			}
			return runDiff(cmd.Context(), u, opt)
		},
	}
	cmd.Flags().BoolVar(&opt.workspaces, "workspaces", false, workspacesUsage)
	opt.report.register(cmd, report.Formats())
	opt.lockfile.register(cmd.Flags())
	return cmd
}

// diffMembers compares the maps of the members of the workspace.
func diffMembers(ctx context.Context, u *ui, opt diffOptions) error {
	for _, arg := range []string{opt.old, opt.new} {
		path, err := u.absolute(arg)
		if err != nil {
			return err
		}
		if info, err := os.Stat(path); arg != "" && (strings.Contains(arg, ":") || err == nil && !info.IsDir()) {
			return usage("give revisions of Git, such as main, or nothing", "diff --workspaces takes no files, and %s is one: each member has its own map", arg)
		}
	}
	return u.forMembers(ctx, "diff", func(ctx context.Context, member *ui, _ *hasher.Cache) error {
		return runDiff(ctx, member, opt)
	})
}

func runDiff(ctx context.Context, u *ui, opt diffOptions) error {
	u.doc.Command = "diff"
	root, file, err := u.diffPlace(opt)
	if err != nil {
		return err
	}
	for _, arg := range []string{opt.old, opt.new} {
		if _, err := u.input(arg); err != nil { // a revision is no file that exists
			return err
		}
	}
	if err := u.reports.ofMaps(root, file); err != nil {
		return err
	}
	old, err := u.diffInput(ctx, file, opt.old)
	if err != nil {
		return err
	}
	var new mapdiff.Input
	var g *integrity.Generated
	if opt.new != "" {
		new, err = u.diffInput(ctx, file, opt.new)
	} else if g, err = u.generateNew(ctx, old, opt.lockfile); err == nil {
		new = mapdiff.Input{Name: filesOnDisk, Text: g.Text}
	}
	if err != nil {
		return err
	}
	if g != nil && g.NotInstalled {
		u.printf("no dependency of the program is installed, so there is nothing to compare")
		u.hintInstall(g)
		return statusError(exitGaps)
	}
	r, err := mapdiff.Compare(old, new)
	if err != nil {
		return err
	}
	if root != "" {
		if err := r.AddPlaces(ctx, root); err != nil {
			return err
		}
	}
	u.doc.Root, u.doc.Diff = root, r
	u.reports.setDiff(r)
	u.printDiff(r)
	if g != nil && len(g.Findings) > 0 {
		u.doc.Findings = append(u.doc.Findings, g.Findings...)
		u.printFindings(g.Findings)
		return statusError(exitDiffers)
	}
	if !r.Same {
		return statusError(exitDiffers)
	}
	return nil
}

// diffPlace returns the root of the project, and the absolute path of its map. Two paths of
// maps can be compared without a project.
func (u *ui) diffPlace(opt diffOptions) (root, file string, err error) {
	dir := u.cwd
	p, err := project.Find(u.cwd)
	if err == nil {
		root, dir = p.Root, p.Dir
	} else if opt.new == "" {
		return "", "", err
	}
	file, err = u.mapOf(dir)
	if err == nil {
		file, err = filepath.Abs(file)
	}
	return root, file, err
}

// diffInput reads one of the two maps: a file, if there is one at the path arg, or else the
// map of a revision.
func (u *ui) diffInput(ctx context.Context, file, arg string) (mapdiff.Input, error) {
	path := file
	if arg != "" {
		var err error
		if path, err = u.absolute(arg); err != nil {
			return mapdiff.Input{}, err
		}
		if info, err := os.Stat(path); err != nil && !errors.Is(err, fs.ErrPermission) || err == nil && info.IsDir() {
			text, err := mapdiff.ReadRevision(ctx, file, arg)
			return mapdiff.Input{Name: revisionName(arg, file), Text: text}, err
		}
	}
	text, err := mapdiff.ReadFile(path)
	return mapdiff.Input{Name: u.displayPath(path), Text: text}, err
}

// revisionName names a map as git does: "main:importmap.json".
func revisionName(revision, file string) string {
	if strings.Contains(revision, ":") {
		return revision
	}
	return revision + ":" + filepath.Base(file)
}

// generateNew returns the map of the files. It writes nothing. If the project names no
// entries, they are those of the old map.
func (u *ui) generateNew(ctx context.Context, old mapdiff.Input, lockfile lockfileOptions) (*integrity.Generated, error) {
	todo, err := u.generateOptions(generateOptions{lockfile: lockfile})
	if err != nil {
		return nil, err
	}
	if _, err := todo.Project.Entries(); err != nil {
		entries, err := mapdiff.Entries(old)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			todo.Entries = append(todo.Entries, filepath.Join(todo.Project.Root, filepath.FromSlash(e)))
		}
	}
	meter, progress := u.progress()
	todo.Progress = progress
	g, err := integrity.Generate(ctx, todo)
	meter.erase()
	return g, err
}

// compareMaps returns how a generated map differs from the one that it replaces; nil if that
// one is not well formed.
func compareMaps(ctx context.Context, u *ui, g *integrity.Generated) (*mapdiff.Report, error) {
	if g.Old == nil || g.Conflict || g.Same {
		return nil, nil
	}
	r, err := mapdiff.Compare(mapdiff.Input{Name: u.displayPath(g.Map), Text: g.Old}, mapdiff.Input{Name: filesOnDisk, Text: g.Text})
	if err != nil || r.Same {
		return nil, nil // the list of changed entries is printed instead
	}
	return r, r.AddPlaces(ctx, g.Root)
}
