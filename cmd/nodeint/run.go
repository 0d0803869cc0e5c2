package main

import (
	"bufio"
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/launch"
	"github.com/nodeint/nodeint/integrity/output"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
)

type runOptions struct {
	lazy        bool
	readOnly    bool
	onViolation string
	report      string
	allow       []string
	trusted     []string
	trust       trustOptions
}

func newRun(u *ui) *cobra.Command {
	var opt runOptions
	cmd := &cobra.Command{
		Use:   "run [flags] [--] [node [node flags] SCRIPT [ARG…]]",
		Short: "verify the files, then start node and check every module that it loads",
		Long: `run checks the files like nodeint verify. Then it starts node with a preload that
checks every module when it is loaded. Instead of node you can name a script that
node runs, or the command of an installed package, such as eslint. Without a command,
run starts what scripts.start of package.json starts.

run requires Node.js 22.15 or newer. It prints its own messages to stderr. The exit
status is that of the program, or 77 if nodeint stopped it.`,
		Example: `  nodeint run node server.js
  nodeint run next start
  nodeint run --lazy node --enable-source-maps server.js --port 8080
  nodeint run --on-violation log --report violations.jsonl node server.js
  nodeint run --key /etc/nodeint/release.key.pub node server.js`,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRun(cmd.Context(), u, opt, args)
		},
	}
	fs := cmd.Flags()
	fs.SetInterspersed(false) // flags after the command belong to the command
	fs.BoolVar(&opt.lazy, "lazy", false, "skip hashing at startup the files that the preload checks on load")
	fs.BoolVar(&opt.readOnly, "read-only", false, "let the system protect the root from the program and its children (Linux)")
	fs.StringVar(&opt.onViolation, "on-violation", launch.OnExit, "what to do if a module differs from the map: `ACTION` is exit, throw or log (default exit)")
	fs.StringVar(&opt.report, "report", "", "append each violation to `FILE` as one line of JSON")
	fs.StringSliceVar(&opt.allow, "allow", nil, "allow code that the map does not pin: `LIST` of eval, transform, wasm, inspector; or a power that no pinned package uses, such as child-process")
	fs.StringArrayVar(&opt.trusted, "trust", nil, "load the files of the directory `DIR` outside the root without a check; can be repeated")
	opt.trust.register(fs)
	_ = cmd.RegisterFlagCompletionFunc("on-violation", cobra.FixedCompletions(actions, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("allow", cobra.FixedCompletions(launch.AllowNames(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

var actions = []string{launch.OnExit, launch.OnThrow, launch.OnLog}

func runRun(ctx context.Context, u *ui, opt runOptions, words []string) error {
	u.useStderr()
	if err := u.enter(u.cwd); err != nil {
		return err
	}
	config, err := u.config(opt)
	if err != nil {
		return err
	}
	if opt.readOnly {
		if err := launch.CheckReadOnly(); err != nil {
			return err
		}
	}
	if opt.trusted, err = u.absolutes(opt.trusted); err != nil {
		return err
	}
	policy, err := opt.trust.policy(u) // before a start script may set the environment
	if err != nil {
		return err
	}
	c, err := u.command(words, config.Allow)
	if err != nil {
		return err
	}
	p, err := u.projectOf(c, opt.trusted)
	if err != nil {
		return err
	}
	version := askVersion(ctx, c.Program, p.Root, c.start == nil && c.Named == nil)
	r, err := u.verify(ctx, p, policy, opt.lazy)
	if err != nil {
		return err
	}
	if err := cmp.Or(c.check(r), c.CheckStart(r.Start, r.Digest != "", r.Map)); err != nil {
		return err
	}
	if err := u.openReport(config.Report, r); err != nil {
		return err
	}
	if config.Trust, err = trustedDirs(opt.trusted, p.Root); err != nil {
		return err
	}
	config.Off = launch.Off(r.Powers, opt.allow, c.Program)
	start, err := u.start(opt, p, r, c, config)
	if err != nil {
		return err
	}
	return u.launch(ctx, start, version, "verified "+scope(r.Summary, len(r.Gaps)))
}

// start returns the options of a start of node with the image of the map.
func (u *ui) start(opt runOptions, p *project.Project, r *integrity.Report, c *programCommand, config launch.Config) (launch.Options, error) {
	image, err := newImage(r, config)
	if err != nil {
		return launch.Options{}, err
	}
	if err := c.CheckLoader(image.Config.Pnp); err != nil {
		return launch.Options{}, err
	}
	start := launch.Options{Program: c.Program, Image: image, Alone: true}
	if opt.readOnly {
		start.ReadOnly, err = u.readOnly(p, r, image.Config)
	}
	return start, err
}

// config returns the part of the preload's configuration that the flags set.
func (u *ui) config(opt runOptions) (launch.Config, error) {
	c := launch.Config{Mode: launch.Enforce, OnViolation: opt.onViolation, JSON: u.json}
	if err := oneOf("on-violation", opt.onViolation, actions); err != nil {
		return c, err
	}
	for _, way := range opt.allow {
		if !c.Allow.Set(way) && !slices.Contains(launch.AllowNames(), way) {
			return c, oneOf("allow", way, launch.AllowNames())
		}
	}
	if opt.report == "" {
		return c, nil
	}
	var err error
	if c.Report, err = u.absolute(opt.report); err == nil {
		c.Report, err = filepath.Abs(c.Report)
	}
	return c, err
}

// oneOf returns an error if value is not one of the known values of flag. Its hint
// suggests the nearest one.
func oneOf(flag, value string, known []string) error {
	for _, k := range known {
		if value == k {
			return nil
		}
	}
	hint := "use one of " + strings.Join(known, ", ")
	if n := project.Nearest(value, known); n != "" {
		hint = "did you mean --" + flag + " " + n + "?"
	}
	return usage(hint, "unknown --%s value %q", flag, value)
}

// openReport creates the file that the program's violations are appended to, since that must
// be possible before node is started.
func (u *ui) openReport(path string, r *integrity.Report) error {
	if path == "" {
		return nil
	}
	if err := u.guard(r.Root, r.Map).Check(output.File{Flag: "--report", What: "the report", Path: path, Appended: true}); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return problem.NotChecked(path, "choose a writable file with --report", "%w", err)
	}
	return f.Close()
}

// askVersion gives the version of node, from its headers or by asking it while
// the files are verified: but not one that lies among those files, which might be
// one of the changes. early is false if the path of node is from such a file.
func askVersion(ctx context.Context, p *launch.Program, root string, early bool) func() (launch.Version, error) {
	if v, ok := launch.InstalledVersion(p.Node); ok {
		return func() (launch.Version, error) { return v, nil }
	}
	ask := sync.OnceValues(func() (launch.Version, error) {
		return launch.NodeVersion(ctx, p.Node, os.Environ())
	})
	if real, err := filepath.EvalSymlinks(p.Node); err == nil {
		if real, err = filepath.Abs(real); err == nil && early && !strings.HasPrefix(real, root+string(filepath.Separator)) {
			go func() { _, _ = ask() }()
		}
	}
	return ask
}

// verify is runVerify for a program that is then started: it says nothing where
// all is well.
func (u *ui) verify(ctx context.Context, p *project.Project, policy integrity.TrustPolicy, lazy bool) (*integrity.Report, error) {
	path, err := u.mapOf(p.Dir)
	if err != nil {
		return nil, err
	}
	useHugePagesFor(path)
	todo := integrity.VerifyOptions{Project: p, Map: path, Policy: policy, KeepManifests: true}
	if lazy {
		todo.Only = func(path string) bool { return !launch.ChecksOnLoad(path) }
		todo.SkipUnexpected = true // the preload stops what is not pinned
	}
	meter, report := u.progress()
	todo.Progress = report
	r, err := integrity.Verify(ctx, todo)
	meter.erase()
	if err != nil {
		return nil, err
	}
	if r.Browser {
		return nil, usage("generate a map for Node: "+u.commandLine("generate"), "the map %s is for a browser, and node cannot be run with it", path)
	}
	u.documentReport("run", r)
	if !r.OK() {
		return nil, u.reportDifferences(r, u.isDeployed(p, path, policy))
	}
	return r, nil
}

// newImage returns the image for the preload.
func newImage(r *integrity.Report, config launch.Config) (launch.Image, error) {
	config.Root, config.Map = r.Root, r.Map
	if config.CheckManifests = r.Digest != ""; config.CheckManifests {
		config.Conditions, config.PackageMap = append([]string{}, r.Start.Conditions...), r.Start.PackageMap
	}
	if slices.ContainsFunc(r.Pinned, func(f integrity.Pinned) bool { return f.Path == integrity.PnPProgram }) {
		config.Pnp = filepath.Join(r.Root, integrity.PnPProgram)
	}
	packages, err := r.NodePackages()
	if err != nil {
		return launch.Image{}, problem.NotChecked("", "", "making the package map: %w", err)
	}
	config.NodePackages = string(packages)
	names, err := r.Names()
	if err != nil {
		return launch.Image{}, problem.NotChecked("", "", "reading the package.json files: %w", err)
	}
	return launch.Image{Config: config, Packages: r.Packages, Names: names, Count: len(r.Pinned), Files: func(yield func(string, hasher.Metadata) bool) {
		for i := range r.Pinned {
			if !yield(r.Pinned[i].Path, r.Pinned[i].Metadata) {
				return
			}
		}
	}}, nil
}

// launch starts node and returns how it ended, as a programStatus. It sets
// the version of node, and what reports the files of trusted directories.
func (u *ui) launch(ctx context.Context, start launch.Options, ask func() (launch.Version, error), done string) error {
	version, err := ask()
	if err != nil {
		return err
	}
	if err := version.Check(); err != nil {
		return err
	}
	if u.verbose && !u.quiet {
		u.printf("%s; starting node %s", done, version)
	}
	if err := u.out.Flush(); err != nil {
		return err
	}
	p := start.Program
	start.Version, start.Trusted = version, u.reportTrusted(start.Image.Config.Trust)
	start.Notice, start.Settled = u.notice, settle
	if !u.json {
		u.doc = document{Command: u.doc.Command} // it would keep the text of the map in memory while node runs
	}
	status, err := launch.Run(ctx, start)
	if err != nil {
		return err
	}
	if status.Code == launch.BadArgument { // a node that is not what its headers say
		if v, err := launch.NodeVersion(ctx, p.Node, os.Environ()); err == nil && v.Check() != nil {
			return v.Check()
		}
	}
	return programStatus(status)
}

// notice prints what the user may want to know about a run, with -v.
func (u *ui) notice(text string) {
	if u.verbose && !u.quiet {
		u.printf("%s", text)
		_ = u.out.Flush()
	}
}

// A programStatus is how the program that was started ended: nodeint ends so too, and
// has nothing to say about it.
type programStatus launch.Status

func (e programStatus) Error() string { return "the program ended with " + launch.Status(e).String() }

// useStderr prints everything to stderr, because stdout belongs to the program. A JSON
// document is then on one line, so that it can be told from the program's output.
func (u *ui) useStderr() {
	if !u.compact {
		u.compact = true
		u.out.Flush() // the help text, with --help
		u.out, u.paintOut = bufio.NewWriter(u.err), u.paintErr
	}
}
