package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/integrity/installhook"
	"github.com/nodeint/nodeint/integrity/project"
)

type hookOptions struct {
	manager string
	dryRun  bool
}

// hooked is what the verbs of hook put into the document.
type hooked struct {
	Manager installhook.Manager `json:"manager,omitempty"`
	Command string              `json:"command,omitempty"`
	Places  []installhook.State `json:"places,omitzero"`
	Nodeint string              `json:"nodeint,omitempty"` // the one that would be run
	Changed []string            `json:"changed,omitzero"`  // absolute paths
	Diff    string              `json:"diff,omitempty"`    // with --dry-run
}

func newHook(u *ui) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hook",
		Short: "have the package manager refresh or check the map when it installs",
		Long: `hook has npm, pnpm, yarn or bun run nodeint once packages are in their place: by
a script in package.json, behind what is in that script already, or by a plugin
of yarn 2 and later. On a CI server the hook checks the map, and the install
fails if it is another one; elsewhere it writes the map anew.

The hook is a convenience: an install without scripts runs none. What holds is
nodeint verify, or run, at launch.`,
		Example: `  nodeint hook install --dry-run
  nodeint hook status
  nodeint hook remove`,
		Args: unknownVerb,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage("run nodeint hook --help", "no command given: one of %s", strings.Join(verbs(cmd), ", "))
		},
	}
	cmd.AddCommand(newHookInstall(u), newHookRemove(u), newHookRun(u), newHookStatus(u))
	return cmd
}

func newHookInstall(u *ui) *cobra.Command {
	var opt hookOptions
	cmd := &cobra.Command{
		Use:   "install",
		Short: "write the hook into package.json, or into .yarnrc.yml",
		Long: `install finds the package manager by packageManager or devEngines of package.json
or by its lockfile, and has it run nodeint after it has installed. What is in the
files stays as it is, byte for byte, and hook remove gives them back as they were.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runHookInstall(u, opt) },
	}
	managerFlag(cmd, &opt)
	cmd.Flags().BoolVar(&opt.dryRun, "dry-run", false, "print what would change, and write nothing")
	return cmd
}

func newHookRemove(u *ui) *cobra.Command {
	var opt hookOptions
	cmd := &cobra.Command{
		Use:   "remove",
		Short: "take the hook away again",
		Long: `remove takes out what install put in, for whichever package manager. Where a script
was edited since so that it is not certain what to leave, it changes nothing and
says so.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runHookRemove(u, opt) },
	}
	cmd.Flags().BoolVar(&opt.dryRun, "dry-run", false, "print what would change, and write nothing")
	return cmd
}

func newHookStatus(u *ui) *cobra.Command {
	var opt hookOptions
	cmd := &cobra.Command{
		Use:   "status",
		Short: "say whether the hook is installed, and would find nodeint",
		Long: `status says of each place where the package manager would find the hook whether it
is there, and which nodeint it would run. It exits 1 where something is missing.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runHookStatus(u, opt) },
	}
	managerFlag(cmd, &opt)
	return cmd
}

func newHookRun(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "do what the hook does: generate, or in CI generate --check",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runHookRun(cmd.Context(), u) },
	}
}

func managerFlag(cmd *cobra.Command, opt *hookOptions) {
	cmd.Flags().StringVar(&opt.manager, "manager", "", "the package manager: `NAME` is npm, pnpm, yarn, yarn1, berry or bun (default: found out)")
	_ = cmd.RegisterFlagCompletionFunc("manager", cobra.FixedCompletions(installhook.Names, cobra.ShellCompDirectiveNoFileComp))
}

// hook returns the hook of the project that the command is about.
func (u *ui) hook(verb string) (*installhook.Hook, error) {
	p, err := project.Find(u.cwd)
	if err != nil {
		return nil, err
	}
	u.doc.Command, u.doc.Root, u.doc.Hook = verb, p.Root, &hooked{}
	file, err := u.mapPath()
	if err != nil {
		return nil, err
	}
	h, err := installhook.New(p, file)
	if err == nil {
		u.doc.Hook.Command = h.Command
	}
	return h, err
}

// managed is hook, and the manager that is to run it.
func (u *ui) managed(verb, name string) (*installhook.Hook, installhook.Manager, error) {
	h, err := u.hook(verb)
	if err != nil {
		return nil, "", err
	}
	m, err := h.Manager(name)
	u.doc.Hook.Manager = m
	return h, m, err
}

func runHookInstall(u *ui, opt hookOptions) error {
	h, m, err := u.managed("hook install", opt.manager)
	if err != nil {
		return err
	}
	changes, err := h.Install(m)
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		u.infof("%s: the hook for %s is there already", paint(u.paintOut, green, "nothing to do"), m)
	} else if err := u.change(h, changes, opt.dryRun); err != nil {
		return err
	}
	u.doc.Notes = append([]string{}, h.Notes(m)...)
	if _, ok := u.findNodeint(h); !ok {
		u.doc.Notes = append(u.doc.Notes, "nodeint is neither on the PATH nor in node_modules/.bin, and an install would fail until it is")
	}
	u.printNotes(u.doc.Notes)
	return nil
}

func runHookRemove(u *ui, opt hookOptions) error {
	h, err := u.hook("hook remove")
	if err != nil {
		return err
	}
	changes, err := h.Remove()
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		u.infof("%s: there is no hook that runs %s", paint(u.paintOut, green, "nothing to do"), h.Command)
		return nil
	}
	return u.change(h, changes, opt.dryRun)
}

// change makes the changes, or shows them.
func (u *ui) change(h *installhook.Hook, changes []installhook.Change, dryRun bool) error {
	u.doc.Hook.Changed = []string{}
	var texts bytes.Buffer
	for _, c := range changes {
		u.doc.Hook.Changed = append(u.doc.Hook.Changed, c.Path)
		texts.Write(patch(h.Root, c))
	}
	if dryRun {
		u.doc.Hook.Diff = texts.String()
		u.printf("%s", u.printable(texts.String()))
		u.infof("nothing was written: --dry-run")
		return nil
	}
	if err := installhook.Apply(changes); err != nil {
		return err
	}
	for _, c := range changes {
		did := "changed"
		switch {
		case c.Old == nil:
			did = "wrote"
		case c.New == nil:
			did = "deleted"
		}
		u.infof("%s %s", paint(u.paintOut, green, did), u.displayPath(c.Path))
	}
	if u.pinned(h) {
		u.hintf("the map is of the files as they were: %s", u.commandLine("generate"))
	}
	if u.verbose && !u.quiet {
		u.infof("%s", u.printable(texts.String()))
	}
	return nil
}

// printable makes a diff fit for a terminal, as name does; elsewhere it stays as
// it is, for patch.
func (u *ui) printable(diff string) string {
	diff = strings.TrimSuffix(diff, "\n")
	if !u.outTTY {
		return diff
	}
	var b strings.Builder
	for _, r := range diff {
		if r == '\n' || r == '\t' || strconv.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(escape(string(r)))
		}
	}
	return b.String()
}

// pinned reports whether there is a map, which may pin what has been changed.
func (u *ui) pinned(h *installhook.Hook) bool {
	file, err := u.mapOf(h.Dir)
	if err != nil || u.quiet {
		return false
	}
	_, err = os.Stat(file)
	return err == nil
}

// patch gives a change as a unified diff that git apply and patch take.
func patch(root string, c installhook.Change) []byte {
	rel, err := filepath.Rel(root, c.Path)
	if err != nil {
		rel = c.Path
	}
	rel = safeName(filepath.ToSlash(rel))
	from, to := "a/"+rel, "b/"+rel
	if c.Old == nil {
		from = "/dev/null"
	}
	if c.New == nil {
		to = "/dev/null"
	}
	text := diff.Diff(from, c.Old, to, c.New)
	if _, body, ok := bytes.Cut(text, []byte("\n")); ok {
		text = body // without the line "diff a b"
	}
	return text
}

func (u *ui) findNodeint(h *installhook.Hook) (string, bool) {
	path, ok := installhook.Find(h.Root, os.Getenv("PATH"))
	u.doc.Hook.Nodeint = path
	return path, ok
}

func runHookStatus(u *ui, opt hookOptions) error {
	h, m, err := u.managed("hook status", opt.manager)
	if err != nil {
		return err
	}
	states, err := h.Status(m)
	if err != nil {
		return err
	}
	u.doc.Hook.Places = states
	u.infof("package manager %s", m)
	for _, s := range states {
		u.printState(s)
	}
	path, found := u.findNodeint(h)
	if found {
		u.infof("nodeint: %s", safeName(path))
	} else {
		u.printf("nodeint: %s, neither on the PATH nor in node_modules/.bin", paint(u.paintOut, red, "not found"))
	}
	there := !slices.ContainsFunc(states, func(s installhook.State) bool { return !s.Installed })
	if !there {
		verb := "hook install"
		if opt.manager != "" {
			verb += " --manager " + opt.manager
		}
		u.hintf("to install it: %s", u.commandLine(verb))
	}
	if !found {
		u.hintf("put nodeint on the PATH, or into the project's devDependencies")
	}
	if there && found {
		return nil
	}
	return statusError(exitDiffers)
}

func (u *ui) printState(s installhook.State) {
	place := s.File
	if s.Script != "" {
		place += ": scripts." + s.Script
	}
	switch {
	case s.Installed:
		u.infof("%s %s: %s", paint(u.paintOut, green, "installed"), place, escape(s.Command))
	case s.Command != "":
		u.printf("%s %s: %s", paint(u.paintOut, red, "not installed"), place, escape(s.Command))
	default:
		u.printf("%s %s", paint(u.paintOut, red, "not installed"), place)
	}
}

func runHookRun(ctx context.Context, u *ui) error {
	p, err := project.Find(u.cwd)
	if err != nil {
		return err
	}
	if why := installhook.Skip(p, os.Getenv); why != "" {
		u.doc.Command, u.doc.Root, u.doc.Notes = "hook run", p.Root, []string{why}
		u.printNotes(u.doc.Notes)
		return nil
	}
	opt := generateOptions{check: installhook.CI(os.Getenv)}
	err = runGenerate(ctx, u, opt)
	if _, differs := err.(statusError); differs && opt.check {
		u.hintf("this is a CI server, by its environment, where the hook only checks: make the map where you develop, and commit it")
	}
	return err
}
