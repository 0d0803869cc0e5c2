package main

import (
	"bytes"
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

// hookOptions are the flags of the verbs of hook.
type hookOptions struct {
	manager string
	dryRun  bool
	check   bool
	git     bool
}

// hookReport is the member hook of the JSON document.
type hookReport struct {
	Manager string              `json:"manager,omitempty"`
	Command string              `json:"command,omitempty"`
	Places  []installhook.State `json:"places,omitzero"`
	Nodeint string              `json:"nodeint,omitempty"` // the path of the nodeint that the hook would run
	Changed []string            `json:"changed,omitzero"`  // absolute paths
	Diff    string              `json:"diff,omitempty"`    // with --dry-run
}

func newHook(u *ui) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hook",
		Short: "make the package manager update or check the map after an install",
		Long: `hook manages the install hook: npm, pnpm, yarn or bun runs nodeint after each
install. For yarn 2 and later the install hook is a plugin; for the others it is
a script in package.json, after the commands that the script already has. On a
CI server, and after a frozen install such as npm ci, the install hook checks the
map, and the install fails if it differs; elsewhere it writes the map again.

The install hook is a convenience: an install without scripts does not run it.
The control is nodeint verify, or nodeint run, at launch.`,
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
		Short: "add the install hook to package.json or .yarnrc.yml",
		Long: `install determines the package manager from packageManager or devEngines of
package.json or from the lockfile, and makes it run nodeint after each install. It
changes no other byte of the files, and hook remove restores them.

With --git, it sets up the merge driver instead: it names the driver in .gitattributes,
and prints the commands that each clone needs.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if opt.git {
				return runHookInstallGit(u, opt)
			}
			return runHookInstall(u, opt)
		},
	}
	managerFlag(cmd, &opt)
	cmd.Flags().BoolVar(&opt.git, "git", false, "make Git merge maps entry by entry, instead of adding the install hook")
	cmd.Flags().BoolVar(&opt.dryRun, "dry-run", false, "print the changes without writing them")
	cmd.Flags().BoolVar(&opt.check, "check", false, "make the install hook always check the map, and never write it")
	return cmd
}

func newHookRemove(u *ui) *cobra.Command {
	var opt hookOptions
	cmd := &cobra.Command{
		Use:   "remove",
		Short: "remove the install hook",
		Long: `remove removes what install added, for every package manager. If a script was
edited since and remove cannot determine what it was before, it changes nothing
and reports an error.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runHookRemove(u, opt) },
	}
	cmd.Flags().BoolVar(&opt.dryRun, "dry-run", false, "print the changes without writing them")
	return cmd
}

func newHookStatus(u *ui) *cobra.Command {
	var opt hookOptions
	cmd := &cobra.Command{
		Use:   "status",
		Short: "report whether the install hook is installed and finds nodeint",
		Long: `status lists each place in which the package manager looks for the install hook,
whether it is installed there, and which nodeint it would run. It exits 1 if one
of them is missing.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runHookStatus(u, opt) },
	}
	managerFlag(cmd, &opt)
	return cmd
}

func newHookRun(u *ui) *cobra.Command {
	var opt hookOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "what the install hook runs: generate, or generate --check in CI and for a frozen install",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runHookRun(cmd.Context(), u, opt) },
	}
	cmd.Flags().BoolVar(&opt.check, "check", false, "check the map, and never write it")
	return cmd
}

func managerFlag(cmd *cobra.Command, opt *hookOptions) {
	cmd.Flags().StringVar(&opt.manager, "manager", "", "the package manager: `NAME` is npm, pnpm, yarn, yarn1, berry or bun (default: the one of the project)")
	_ = cmd.RegisterFlagCompletionFunc("manager", cobra.FixedCompletions(installhook.Names, cobra.ShellCompDirectiveNoFileComp))
}

// hook returns the install hook of the project.
func (u *ui) hook(verb string) (*installhook.Hook, error) {
	p, err := project.Find(u.cwd)
	if err != nil {
		return nil, err
	}
	u.doc.Command, u.doc.Root, u.doc.Hook = verb, p.Root, &hookReport{}
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

// hookAndManager returns the install hook of the project and its package manager.
func (u *ui) hookAndManager(verb, name string) (*installhook.Hook, installhook.Manager, error) {
	h, err := u.hook(verb)
	if err != nil {
		return nil, "", err
	}
	m, err := h.Manager(name)
	u.doc.Hook.Manager = m.Flag()
	return h, m, err
}

func runHookInstall(u *ui, opt hookOptions) error {
	h, m, err := u.hookAndManager("hook install", opt.manager)
	if err != nil {
		return err
	}
	h.Check = opt.check
	u.doc.Hook.Command = h.Line()
	changes, err := h.Install(m)
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		u.infof("%s: the install hook for %s is installed already", paint(u.paintOut, green, "nothing to do"), m.Flag())
	} else if err := u.change(h, changes, opt.dryRun); err != nil {
		return err
	}
	u.doc.Notes = append([]string{}, h.Notes(m)...)
	if _, ok := u.findNodeint(h); !ok {
		u.doc.Notes = append(u.doc.Notes, "nodeint is neither on the PATH nor in node_modules/.bin: an install fails until it is")
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
		u.infof("%s: no install hook runs %s", paint(u.paintOut, green, "nothing to do"), h.Command)
		return nil
	}
	if err := u.change(h, changes, opt.dryRun); err != nil {
		return err
	}
	if !opt.dryRun && gitDriver(h.Root) != "" {
		u.hintf("to remove the merge driver from this clone: git config --remove-section merge.nodeint")
	}
	return nil
}

// change makes the changes, or prints them for a dry run.
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
	if u.hasMap(h) {
		u.hintf("update the map, which may pin the changed files: %s", u.commandLine("generate"))
	}
	if u.verbose && !u.quiet {
		u.infof("%s", u.printable(texts.String()))
	}
	return nil
}

// printable returns the diff with control characters escaped, if it is printed to
// a terminal. Elsewhere it returns the diff unchanged, for patch.
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

// hasMap reports whether the project has a map. It only decides about a hint, so
// an error counts as no map.
func (u *ui) hasMap(h *installhook.Hook) bool {
	file, err := u.mapOf(h.Dir)
	if err != nil || u.quiet {
		return false
	}
	_, err = os.Stat(file)
	return err == nil
}

// patch returns a change as a unified diff for git apply and patch.
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
		text = body // drop the line "diff a b"
	}
	return text
}

// findNodeint returns the path of the nodeint that the install hook would run.
func (u *ui) findNodeint(h *installhook.Hook) (string, bool) {
	path, ok := installhook.Find(h.Root, os.Getenv("PATH"))
	u.doc.Hook.Nodeint = path
	return path, ok
}

func runHookStatus(u *ui, opt hookOptions) error {
	h, m, err := u.hookAndManager("hook status", opt.manager)
	if err != nil {
		return err
	}
	states, err := h.Status(m)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(states, isMergeState) {
		states = append(states, gitState(h.Root))
	}
	u.doc.Hook.Places = states
	u.infof("package manager %s", m.Flag())
	for _, s := range states {
		u.printState(s)
	}
	path, found := u.findNodeint(h)
	if found {
		u.infof("nodeint: %s", safeName(path))
	} else {
		u.printf("nodeint: %s on the PATH or in node_modules/.bin", paint(u.paintOut, red, "not found"))
	}
	missing := slices.Collect(func(yield func(installhook.State) bool) {
		for _, s := range states {
			if !s.Installed && !yield(s) {
				return
			}
		}
	})
	if slices.ContainsFunc(missing, isGitState) {
		u.hintf("set up the merge driver in this clone: %s", u.commandLine("hook install --git"))
	}
	if slices.ContainsFunc(missing, func(s installhook.State) bool { return !isGitState(s) }) {
		verb := "hook install"
		if opt.manager != "" {
			verb += " --manager " + opt.manager
		}
		u.hintf("install it: %s", u.commandLine(verb))
	}
	if !found {
		u.hintf("put nodeint on the PATH, or add it to the project's devDependencies")
	}
	if len(missing) == 0 && found {
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
