package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/nodeint/nodeint/integrity/installhook"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/setup"
)

type initOptions struct {
	entries []string
	manager string
	skip    []string
	yes     bool
	dryRun  bool
}

// An initReport is the member init of the JSON document.
type initReport struct {
	*setup.Found
	Manager string       `json:"manager"` // "" if it cannot be determined
	Steps   []setup.Step `json:"steps"`
	Changed []string     `json:"changed"`        // absolute paths of the files that were written
	Diff    string       `json:"diff,omitempty"` // of what was not written
	Map     string       `json:"map"`            // "written", "present" or "absent"
	Next    []string     `json:"next"`           // command lines
}

func newInit(u *ui) *cobra.Command {
	var opt initOptions
	cmd := &cobra.Command{
		Use:   "init [ENTRY…]",
		Short: "set up nodeint in a project: show what to write, ask, write it",
		Long: `init looks at the project: its package manager, its framework, the files that it
starts, its CI files and Dockerfiles. It shows what it would write, and asks. Then it
writes the files and generates the map.

It writes the configuration and the install hook into package.json, a line into
.gitattributes, ignore entries, and a workflow for GitHub. It replaces no text that is
there. For Dockerfiles and for the YAML of GitLab it prints the lines to add by hand.

ENTRY is a file that you start. Without it, init finds the entries.

Without a terminal, init writes nothing unless --yes is given. It then exits 2 if
something is to be written.`,
		Example: `  nodeint init
  nodeint init --yes
  nodeint init --dry-run
  nodeint init server.js worker.js --skip ci`,
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.entries = args
			return runInit(cmd.Context(), u, opt)
		},
	}
	cmd.Flags().BoolVarP(&opt.yes, "yes", "y", false, "write without asking")
	cmd.Flags().BoolVar(&opt.dryRun, "dry-run", false, "print the changes without writing them")
	cmd.Flags().StringSliceVar(&opt.skip, "skip", nil, "leave out the steps in `LIST`: "+strings.Join(setup.StepNames(), ", "))
	_ = cmd.RegisterFlagCompletionFunc("skip", cobra.FixedCompletions(setup.StepNames(), cobra.ShellCompDirectiveNoFileComp))
	cmd.Flags().StringVar(&opt.manager, "manager", "", "the package manager: `NAME` is npm, pnpm, yarn, yarn1, berry or bun (default: the one of the project)")
	_ = cmd.RegisterFlagCompletionFunc("manager", cobra.FixedCompletions(installhook.Names, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runInit(ctx context.Context, u *ui, opt initOptions) error {
	for _, name := range opt.skip {
		if !slices.Contains(setup.StepNames(), name) {
			return usage("use one of "+strings.Join(setup.StepNames(), ", "), "unknown --skip value %q", name)
		}
	}
	found, err := u.look(opt)
	if err != nil {
		return err
	}
	plan, err := found.Plan(opt.skip)
	if err != nil {
		return err
	}
	report := &initReport{Found: found, Manager: found.Manager.Flag(), Steps: plan.Steps, Changed: []string{}}
	u.doc.Command, u.doc.Init = "init", report
	report.Diff = u.planDiff(plan)
	report.Map = "absent"
	mapFile, err := u.mapOf(found.Dir())
	if err != nil {
		return err
	}
	if _, err := os.Lstat(mapFile); err == nil {
		report.Map = "present"
	}
	generates := report.Map == "absent" && found.Before() == "" && found.Ready
	report.Steps = append(report.Steps, found.MapStep(report.Map == "present"))
	u.printFound(found)
	u.printSteps(report)
	if !opt.yes || u.verbose {
		u.printPatch(report)
	}
	if !plan.Complete() || generates {
		if write, err := u.mayWrite(ctx, opt, report); !write {
			return err
		}
	}
	return u.setUp(ctx, found, plan, report, generates)
}

// look reads the project.
func (u *ui) look(opt initOptions) (*setup.Found, error) {
	p, err := project.Find(u.cwd)
	if err != nil {
		return nil, err
	}
	u.doc.Root = p.Root
	o := setup.Options{Manager: opt.manager}
	if o.Named, err = u.mapPath(); err != nil {
		return nil, err
	}
	if o.Map, err = u.mapOf(p.Dir); err != nil {
		return nil, err
	}
	if len(opt.entries) > 0 {
		files, err := p.Resolve(opt.entries, u.cwd)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			rel, err := filepath.Rel(p.Dir, file)
			if err != nil {
				return nil, err
			}
			o.Entries = append(o.Entries, filepath.ToSlash(rel))
		}
	}
	return setup.Look(p, o)
}

// planDiff returns the changes of a plan as a unified diff.
func (u *ui) planDiff(plan *setup.Plan) string {
	var b strings.Builder
	for _, c := range plan.Changes {
		b.Write(patch(u.doc.Root, c))
	}
	return b.String()
}

// printFound prints one line about the project.
func (u *ui) printFound(f *setup.Found) {
	var words []string
	for _, w := range []string{f.Framework, f.Manager.Flag()} {
		if w != "" {
			words = append(words, w)
		}
	}
	if f.TypeScript {
		words = append(words, "TypeScript")
	}
	if f.Workspace {
		words = append(words, count(len(f.Programs), "program")+" in a workspace")
	}
	if f.Built {
		words = append(words, "built before it runs")
	}
	if len(words) == 0 {
		words = []string{"a Node.js program"}
	}
	u.infof("found: %s", strings.Join(words, ", "))
	for _, e := range f.Entries() {
		u.infof("starts %s", safeName(e))
	}
}

// stateWords are the states of steps in the report.
var stateWords = map[string]struct{ word, color string }{
	setup.Add:      {"add", green},
	setup.Present:  {"there", ""},
	setup.Manual:   {"by hand", yellow},
	setup.Later:    {"later", yellow},
	setup.Unneeded: {"not needed", ""},
}

// printSteps prints the steps of a plan.
func (u *ui) printSteps(report *initReport) {
	for _, s := range report.Steps {
		state := stateWords[s.State]
		name := s.Name
		if s.File != "" {
			name = safeName(s.File) + " (" + s.Name + ")"
		}
		u.infof("%s: %s: %s", paint(u.paintOut && state.color != "", state.color, state.word), name, escape(s.Why))
		for _, line := range s.Lines {
			u.infof("    %s", escape(line))
		}
	}
}

// printPatch prints the changes of files.
func (u *ui) printPatch(report *initReport) {
	if report.Diff != "" {
		u.infof("")
		u.infof("%s", u.printable(report.Diff))
	}
}

// mayWrite reports whether to write the plan. If not, the error is what the command
// returns.
func (u *ui) mayWrite(ctx context.Context, opt initOptions, report *initReport) (bool, error) {
	switch {
	case opt.dryRun:
		u.infof("nothing was written: --dry-run")
		report.Next = []string{u.commandLine("init --yes")}
		return false, nil
	case opt.yes:
		return true, nil
	case u.json || !u.outTTY || !term.IsTerminal(int(os.Stdin.Fd())):
		report.Next = []string{u.commandLine("init --yes")}
		return false, usage(u.commandLine("init --yes"), "nothing was written, because there is no terminal to ask on and --yes is not given")
	}
	yes, err := u.ask(ctx, "write this? [y/N] ")
	if !yes && err == nil {
		u.infof("nothing was written")
	}
	return yes, err
}

// ask prints a question, and reports whether the answer is yes.
func (u *ui) ask(ctx context.Context, question string) (bool, error) {
	if err := u.out.Flush(); err != nil {
		return false, err
	}
	fmt.Fprint(u.err, question)
	answer := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(os.Stdin, 100)).ReadString('\n')
		if err != nil && line == "" {
			line = "no"
			fmt.Fprintln(u.err)
		}
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case a := <-answer:
		return a == "y" || a == "yes", nil
	}
}

// setUp writes the plan and the map, and prints the next command.
func (u *ui) setUp(ctx context.Context, f *setup.Found, plan *setup.Plan, report *initReport, generates bool) error {
	if err := installhook.Apply(plan.Changes); err != nil {
		return err
	}
	report.Diff = ""
	for _, c := range plan.Changes {
		did := "changed"
		if c.Old == nil {
			did = "wrote"
		}
		report.Changed = append(report.Changed, c.Path)
		u.infof("%s %s", paint(u.paintOut, green, did), u.displayPath(c.Path))
	}
	if plan.Complete() && !generates {
		u.infof("%s: everything that init writes is there", paint(u.paintOut, green, "nothing to do"))
	}
	if generates {
		err := runGenerate(ctx, u, generateOptions{})
		u.doc.Command = "init"
		if err != nil {
			return err
		}
		report.Map = "written"
	}
	u.adviseNodeint(f)
	report.Next = u.next(f, plan, report.Map)
	u.infof("next: %s", strings.Join(report.Next, " && "))
	return nil
}

// next returns the command lines to run after init.
func (u *ui) next(f *setup.Found, plan *setup.Plan, state string) []string {
	command := func(verb string) string {
		if path, ok := installhook.Find(u.doc.Root, ""); ok && path != "" && u.mapFile == "" && u.cwd == "." {
			return f.Command(verb)
		}
		return u.commandLine(verb)
	}
	var next []string
	if before := f.Before(); before != "" {
		next = append(next, before)
		if state != "absent" || !f.WritesMap(plan, before) {
			next = append(next, command("generate"))
		}
	} else if state == "present" && !plan.Complete() {
		next = append(next, command("generate")) // package.json is pinned
	}
	return append(next, command("verify"))
}

// adviseNodeint prints how to add nodeint to the project if its scripts would not find it.
func (u *ui) adviseNodeint(f *setup.Found) {
	if _, ok := installhook.Find(u.doc.Root, os.Getenv("PATH")); ok {
		return
	}
	u.note("nodeint is neither on the PATH nor in node_modules/.bin: add it to the devDependencies, or an install fails")
}
