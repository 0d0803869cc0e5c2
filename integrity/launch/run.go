package launch

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Stopped is the exit status of a program that the preload stopped.
const Stopped = 77

// BadArgument is node's exit status for a flag that it does not know.
const BadArgument = 9

// Options are the options of Run.
type Options struct {
	Program   *Program
	Version   Version
	Image     Image
	Bootstrap string   // "" for preload.Bootstrap
	Env       []string // nil for the environment of this process

	// Alone says that this process does nothing else until node ends. It then closes
	// the streams and file descriptors that node has inherited (else the other side
	// would not notice when node closes them), collects every child (as the first
	// process of a container must), and stops when a terminal stops node.
	Alone bool

	// ReadOnly says what the program must not change. It is nil if the system is not to
	// prevent anything.
	ReadOnly *ReadOnly

	// Trusted is called when node has ended, with the files that were loaded from
	// trusted directories: absolute paths, sorted. It may be nil.
	Trusted func(files []string)

	// Settled is called when node has run for a while, from when on this process does little
	// but wait. It may be nil.
	Settled func()

	// Notice is called with what the user may want to know about this run. It may be nil.
	Notice func(text string)

	check *execCheck // of the programs that are executed; nil to watch none
	after func()     // is called when the thread has ended that has started node; may be nil
}

func (opt *Options) notice(text string) {
	if opt.Notice != nil {
		opt.Notice(text)
	}
}

// A Status is how node ended.
type Status struct {
	Code   int // as in a shell: 128+n for signal n
	Signal int // that ended node, or 0
}

// Run starts node with the preload and waits for it. Until then it forwards signals to
// node. It returns an error if node was not started.
func Run(ctx context.Context, opt Options) (status Status, err error) {
	// The kernel kills node when the thread that started it ends (PR_SET_PDEATHSIG).
	onThread(func() { status, err = opt.runOnThread(ctx) })
	if opt.after != nil {
		opt.after() // the thread has ended: only what node has left behind is watched now
	}
	return status, err
}

// runOnThread is Run, in a goroutine that is locked to its thread.
func (opt *Options) runOnThread(ctx context.Context) (Status, error) {
	c, err := openChannels()
	if err != nil {
		return Status{}, err
	}
	defer c.close()
	stage, err := opt.openStage(c)
	if err != nil {
		return Status{}, err
	}
	argv, env, err := opt.prepare(c)
	if err != nil {
		cancel(stage)
		return Status{}, err
	}
	enforced := opt.Image.Config.Mode == Enforce
	opt.Image = Image{} // free the memory while node runs
	status, err := opt.run(ctx, c, stage, argv, env)
	if err == nil && enforced {
		err = opt.checkStarted(c, status)
	}
	if err == nil && opt.Trusted != nil {
		var files []string
		if files, err = c.trusted(); err == nil {
			opt.Trusted(files)
		}
	}
	if err != nil {
		return Status{}, err
	}
	return status, nil
}

// checkStarted returns an error if a program ended well although the preload has not
// started in any process. A program that cannot start ends with another status.
func (opt *Options) checkStarted(c *channels, status Status) error {
	p := opt.Program
	startsNoScript := func(f nodeflags.Flag) bool {
		return f.Kind == nodeflags.Alone || f.Name == "-c" || f.Name == "--check"
	}
	if c.verdictFD < 0 || p.Script == "" || status != (Status{}) || slices.ContainsFunc(p.Flags, startsNoScript) {
		return nil
	}
	if started, err := c.started(); started || err != nil {
		return err
	}
	return problem.NotChecked(p.Node, "give the path of node itself, and not of a program that starts it",
		"%s ended without starting the preload, so nothing was checked", p.Node)
}

// prepare writes the image and returns node's command line and environment.
func (opt *Options) prepare(c *channels) (argv, env []string, err error) {
	if env = opt.Env; env == nil {
		env = os.Environ()
	}
	p, config := opt.Program, &opt.Image.Config
	config.Flags = nodeflags.Flags(config.Allow).Text()
	config.Verdict = c.verdictFD
	config.Tally = ""
	if len(config.Trust) > 0 {
		config.Tally = c.tally
	} else {
		config.Trust = []string{} // not null
	}
	config.Env = maps.Clone(ownEnv)
	config.Variables, config.Removed = nodeflags.FixedVariables(env), removed()
	config.Reporters = nodeflags.Reporters()
	if config.Conditions != nil {
		config.Conditions = append(slices.Clone(config.Conditions), nodeflags.OwnConditions()...)
	}
	config.NodeOptions = []string{}
	if opt.Version.hasDisableSigusr1() && !config.Allow.Inspector {
		config.NodeOptions = append(config.NodeOptions, "--disable-sigusr1") // it would start the inspector
	}
	// A file of a trusted directory is in no package of the map: Node would find no name for it.
	if config.NodePackages != "" && opt.Version.hasPackageMaps() && len(config.Trust) == 0 {
		config.NodeOptions = append(config.NodeOptions, packageMapFlag)
	} else {
		config.NodePackages = ""
	}
	config.Off = append([]Power{}, config.Off...) // not null
	config.OffModules = modulesOf(config.Off)
	if slices.Contains(config.Off, nodejs.Eval) && config.Mode == Enforce && config.OnViolation != OnLog &&
		hasFlag(slices.Concat(p.Flags, p.Options), "--frozen-intrinsics") {
		config.NodeOptions = append(config.NodeOptions, noEval)
	}
	config.Permission = permissionFlags(append(slices.Clone(c.paths), realNode(p.Node)...), config.Report, config.Record)
	config.Image, config.Paths = c.imageFD(), c.paths
	image, head, err := opt.Image.Bytes()
	if err != nil {
		return nil, nil, err
	}
	if err := c.write(image); err != nil {
		return nil, nil, err
	}
	bootstrap, err := bootstrapFlag(opt.Bootstrap, image, head, c.paths)
	if err != nil {
		return nil, nil, err
	}
	own := slices.Concat([]string{bootstrap}, config.NodeOptions)
	if config.Mode == Enforce {
		opt.check = &execCheck{config: *config, node: p.Node, own: slices.Clone(own)}
	}
	if hasPermission(p.Options) {
		own = append(own, config.Permission...)
	}
	env, err = childEnv(env, slices.Concat(own, rewriteRequire(p.Options)))
	return p.argv(config.Permission), env, err
}

// packageMapFlag makes Node use a package map. No file can have this name: the preload
// answers when Node reads it.
const (
	packageMapFlag = "--experimental-package-map=" + packageMapFile
	packageMapFile = os.DevNull + "/importmap.json"
)

// realNode returns the real path of node's file, as a list: the preload searches the file
// for the WebAssembly of Node's own modules.
func realNode(file string) []string {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return nil // fetch then needs --allow wasm
	}
	return []string{real}
}

// permissionFlags returns the flags that the preload needs under node's permission
// model.
func permissionFlags(read []string, write ...string) []string {
	var flags []string
	for _, p := range read {
		flags = append(flags, "--allow-fs-read="+p)
	}
	for _, p := range write {
		if p != "" {
			flags = append(flags, "--allow-fs-write="+p)
		}
	}
	return flags
}

// argv returns the command line for node.
func (p *Program) argv(permission []string) []string {
	argv := []string{p.Name}
	if hasPermission(p.Flags) {
		argv = append(argv, permission...)
	}
	argv = append(argv, rewriteRequire(p.Flags)...)
	rest := p.Args
	if p.Script != "" {
		rest = append([]string{p.Script}, p.Args...)
	}
	if len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
		argv = append(argv, "--")
	}
	return append(argv, rest...)
}

func startError(p *Program, err error) error {
	return problem.NotChecked(p.Node, "run "+p.Node+" --version", "starting %s: %w", p.Node, err)
}

func (s Status) String() string {
	if s.Signal != 0 {
		return fmt.Sprintf("signal %d", s.Signal)
	}
	return fmt.Sprintf("status %d", s.Code)
}
