package launch

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// Stopped is the exit status of a program that the hook stopped.
const Stopped = 77

// BadArgument is the exit status of a node that does not know one of its flags.
const BadArgument = 9

// Options say what Run is to start.
type Options struct {
	Program   *Program
	Version   Version
	Image     Image
	Bootstrap string   // "" for the one that nodeint holds
	Env       []string // nil for the process's own

	// Alone says that this process does nothing else until node ends. Then it
	// lets go of the streams and file descriptors that node has taken over (the
	// other side would not see node close them), collects every child (as the
	// first process of a container must), and stops when a terminal stops node.
	Alone bool
}

// A Status is how node ended.
type Status struct {
	Code   int // as a shell gives it: 128+n for signal n
	Signal int // that node died of, or 0
}

// Run starts node with the hook and waits for it. Signals that this process
// gets go to node meanwhile. The error is for a node that was not started.
func Run(ctx context.Context, opt Options) (Status, error) {
	c, err := openChannels()
	if err != nil {
		return Status{}, err
	}
	defer c.close()
	argv, env, err := opt.prepare(c)
	if err != nil {
		return Status{}, err
	}
	opt.Image = Image{} // nobody needs it while node runs
	return opt.run(ctx, c, argv, env)
}

// prepare writes the image and gives node's command line and environment.
func (opt *Options) prepare(c *channels) (argv, env []string, err error) {
	if env = opt.Env; env == nil {
		env = os.Environ()
	}
	p, config := opt.Program, &opt.Image.Config
	config.Flags = Flags(config.Allow)
	config.Verdict = c.verdictFD
	config.Env = maps.Clone(ownEnv)
	config.NodeOptions = []string{}
	if opt.Version.hasDisableSigusr1() && !config.Allow.Inspector {
		config.NodeOptions = append(config.NodeOptions, "--disable-sigusr1") // it would start the inspector
	}
	config.Permission = permission(c.paths, config.Report, config.Record)
	image, err := opt.Image.Bytes()
	if err != nil {
		return nil, nil, err
	}
	if err := c.write(image); err != nil {
		return nil, nil, err
	}
	bootstrap, err := bootstrapWord(opt.Bootstrap, image, c.paths)
	if err != nil {
		return nil, nil, err
	}
	own := slices.Concat([]string{bootstrap}, config.NodeOptions)
	if hasPermission(p.Options) {
		own = append(own, config.Permission...)
	}
	env, err = childEnv(env, slices.Concat(own, rewrite(p.Options)))
	return p.argv(config.Permission), env, err
}

// permission gives the flags that let the hook do its work under node's
// permission model.
func permission(read []string, write ...string) []string {
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

// argv gives the command line for node.
func (p *Program) argv(permission []string) []string {
	argv := []string{p.Name}
	if hasPermission(p.Flags) {
		argv = append(argv, permission...)
	}
	argv = append(argv, rewrite(p.Flags)...)
	rest := p.Args
	if p.Script != "" {
		rest = append([]string{p.Script}, p.Args...)
	}
	if len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
		argv = append(argv, "--")
	}
	return append(argv, rest...)
}

func notStarted(p *Program, err error) error {
	return failed(p.Node, "try it by hand: "+p.Node+" --version", "starting %s: %w", p.Node, err)
}

func (s Status) String() string {
	if s.Signal != 0 {
		return fmt.Sprintf("signal %d", s.Signal)
	}
	return fmt.Sprintf("status %d", s.Code)
}
