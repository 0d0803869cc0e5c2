// Nodeint pins the bytes that a Node.js program may load in the integrity section
// of an import map, and checks them before the program starts.
//
// This package parses flags, calls the library (package integrity) and prints the
// result. Reports go to stdout, as text or as one JSON document. Errors, hints and
// progress go to stderr; with --json, an error is part of the document. exit.go
// lists the exit statuses.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/launch"
	"github.com/nodeint/nodeint/integrity/output"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
)

func main() {
	launch.Stage()
	setGC()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process immediately
	u := newUI(os.Stdout, os.Stderr)
	u.exit = os.Exit
	u.runner = ownRunner()
	os.Exit(u.execute(ctx, os.Args[1:]))
}

// execute runs one command line and returns its exit status.
func (u *ui) execute(ctx context.Context, args []string) int {
	root := newRoot(u, onlyVerb(args))
	root.SetArgs(args)
	// If the command line cannot be parsed, --json still applies to the error.
	u.json = wantsJSON(args)
	u.done = make(chan struct{})
	defer close(u.done)
	cmd, err := root.ExecuteContextC(ctx)
	verb := verbName(cmd)
	if verb == "run" || verb == "trace" {
		u.useStderr()
	}
	return u.finish(verb, err)
}

// A verb is a command below nodeint.
type verb struct {
	name    string
	command func(*ui) *cobra.Command
}

var verbTable = []verb{
	{"audit", newAudit},
	{"diff", newDiff},
	{"explain", newExplain},
	{"generate", newGenerate},
	{"hook", newHook},
	{"import-policy", newImportPolicy},
	{"init", newInit},
	{"keygen", newKeygen},
	{"man", newMan},
	{"merge-driver", newMergeDriver},
	{"permissions", newPermissions},
	{"run", newRun},
	{"sbom", newSBOM},
	{"sign", newSign},
	{"trace", newTrace},
	{"verify", newVerify},
	{"version", newVersion},
	{"why", newWhy},
}

// onlyVerb returns the verb with which a command line begins, which is then the only one
// that has to be set up: 68 KB of memory in place of 237. It returns "" if all may be needed:
// for help, completion, manual pages and mistakes, and if flags come first.
func onlyVerb(args []string) string {
	if len(args) == 0 || args[0] == "man" || !slices.ContainsFunc(verbTable, func(v verb) bool { return v.name == args[0] }) {
		return ""
	}
	return args[0]
}

// newRoot returns the command nodeint with the global flags and the verb only, or with all
// verbs if only is "".
func newRoot(u *ui, only string) *cobra.Command {
	root := &cobra.Command{
		Use:   "nodeint",
		Short: "pin the files that a Node.js program may load, and check them before it starts",
		Long: `nodeint pins the bytes that a Node.js program may load in the integrity section
of an import map. Before the program starts, it reports every file that was
changed, removed or added since.`,
		Example: `  nodeint init                  # set up nodeint in a project
  nodeint generate              # pin the program and its dependencies in importmap.json
  nodeint verify                # check the files
  nodeint run node server.js    # check the files, start node, and check every module it loads`,
		Version:       readVersions().Nodeint,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownVerb,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage("run nodeint --help", "missing command: one of %s", strings.Join(verbs(cmd), ", "))
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			u.exitOnSignal(cmd.Context(), verbName(cmd))
			if !cmd.Flags().Changed("json") {
				u.json = false // the --json found by wantsJSON belongs to the program that run starts
			}
			u.cwdGiven = cmd.Flags().Changed("cwd")
			return u.setColor()
		},
	}
	fs := root.PersistentFlags()
	fs.StringVarP(&u.cwd, "cwd", "C", ".", "run as if started in `DIR`")
	fs.StringVar(&u.mapFile, "map", "", "use the map in `FILE` (default importmap.json in the project directory)")
	fs.BoolVar(&u.json, "json", false, "print one JSON document, and nothing else on stdout")
	fs.BoolVarP(&u.quiet, "quiet", "q", false, "print only errors and differences")
	fs.BoolVarP(&u.verbose, "verbose", "v", false, "print details and complete lists")
	fs.StringVar(&u.color, "color", "auto", "color the output: `WHEN` is auto, always or never (default auto)")
	root.SetFlagErrorFunc(unknownFlag)
	for _, v := range verbTable {
		if only == "" || only == v.name {
			root.AddCommand(v.command(u))
		}
	}
	root.SetOut(u.out) // the command completion takes it when it is created
	root.SetErr(u.err)
	root.InitDefaultVersionFlag()
	root.Flags().Lookup("version").Usage = "print the version"
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	setHelp(root)
	return root
}

// mapPath returns the absolute path given with --map, or "".
func (u *ui) mapPath() (string, error) {
	if u.mapFile == "" {
		return "", nil
	}
	return u.absolute(u.mapFile)
}

// mapOf returns the absolute path of the map of the project in dir.
func (u *ui) mapOf(dir string) (string, error) {
	path, err := u.mapPath()
	if path == "" {
		path = filepath.Join(dir, integrity.MapName)
	}
	return path, err
}

// absolute returns the absolute path of path, which may be relative to --cwd.
func (u *ui) absolute(path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	return filepath.Abs(filepath.Join(u.cwd, path))
}

// input is absolute for a file that the verb reads: no file that it writes may replace it.
func (u *ui) input(path string) (string, error) {
	file, err := u.absolute(path)
	if err == nil {
		u.inputs = append(u.inputs, file)
	}
	return file, err
}

// guard returns what refuses files that the verb must not write. root is "" if the project is
// not known.
func (u *ui) guard(root string, maps ...string) *output.Guard {
	g := output.NewGuard(root)
	g.AddInputs(u.inputs...)
	for _, file := range maps {
		g.AddMap(file)
	}
	return g
}

// usage returns an error in the command line.
func usage(hint, format string, args ...any) error {
	return problem.BadUsage(hint, format, args...)
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage("run "+cmd.CommandPath()+" --help", "unexpected argument %q: %s takes no arguments", args[0], verbName(cmd))
}

func unknownVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "use one of the commands " + strings.Join(verbs(cmd), ", ")
	if n := project.Nearest(args[0], verbs(cmd)); n != "" {
		hint = "did you mean " + cmd.CommandPath() + " " + n + "?"
	}
	return usage(hint, "unknown command %q", strings.TrimSpace(verbName(cmd)+" "+args[0]))
}

// verbName returns the name of a command without "nodeint": "verify" or "hook
// install".
func verbName(cmd *cobra.Command) string {
	_, verb, _ := strings.Cut(cmd.CommandPath(), " ")
	return verb
}

// verbs returns the names of the direct subcommands of cmd.
func verbs(cmd *cobra.Command) []string {
	var names []string
	for _, c := range shown(cmd) {
		names = append(names, c.Name())
	}
	slices.Sort(names)
	return names
}

func unknownFlag(cmd *cobra.Command, err error) error {
	hint := "run " + cmd.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if n := project.Nearest(unknown.GetSpecifiedName(), names); n != "" {
			hint = "did you mean --" + n + "?"
		}
		return usage(hint, "unknown flag --%s", unknown.GetSpecifiedName())
	}
	return usage(hint, "%w", err)
}

// wantsJSON reports whether --json or --format json is one of the arguments before "--".
func wantsJSON(args []string) bool {
	for i, arg := range args {
		switch arg {
		case "--":
			return false
		case "--json", "--json=true", "--format=json":
			return true
		case "json":
			if i > 0 && args[i-1] == "--format" {
				return true
			}
		}
	}
	return false
}
