// Nodeint pins the bytes that a Node.js program may load, in the integrity
// section of an import map, and checks them before the program is launched.
//
// This package parses flags, calls the library (package integrity) and prints.
// Reports go to stdout, as text or as one JSON document; errors, hints and
// progress go to stderr, but under --json the error is the document. The exit
// status is listed in exit.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
)

func main() {
	collectLess()
	expectLittle()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	os.Exit(nodeint(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// nodeint runs one command line and returns its exit status.
func nodeint(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	u := newUI(stdout, stderr)
	root := newRoot(u)
	root.SetArgs(args)
	root.SetOut(u.out)
	root.SetErr(u.err)
	// A command line that does not parse must be answered in the right format too.
	u.json = wantsJSON(args)
	u.done = make(chan struct{})
	defer close(u.done)
	cmd, err := root.ExecuteContextC(ctx)
	verb := verbOf(cmd)
	if verb == "run" || verb == "trace" {
		u.onStderr()
	}
	return u.finish(verb, err)
}

// newRoot makes the command with its verbs and the flags common to them.
func newRoot(u *ui) *cobra.Command {
	root := &cobra.Command{
		Use:   "nodeint",
		Short: "pin the files a Node.js program may load, and check them before launch",
		Long: `nodeint pins the bytes that a Node.js program may load, in the integrity
section of an import map, and finds every file that is no longer what was
pinned, before the program is launched.`,
		Example: `  nodeint generate      pin the program and its dependencies in importmap.json
  nodeint verify        check that all is as it was pinned
  nodeint run node app.js`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownVerb,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage("run nodeint --help", "no command given: one of %s", strings.Join(verbs(cmd), ", "))
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			exitOnSignal(cmd.Context(), verbOf(cmd), u.done)
			if !cmd.Flags().Changed("json") {
				u.json = false // it was one of the words of the program that run starts
			}
			return u.setColor()
		},
	}
	fs := root.PersistentFlags()
	fs.StringVarP(&u.cwd, "cwd", "C", ".", "run as if started in `DIR`")
	fs.StringVar(&u.mapFile, "map", "", "the map's `FILE` (default importmap.json in the project's folder)")
	fs.BoolVar(&u.json, "json", false, "print one JSON document and nothing else on stdout")
	fs.BoolVarP(&u.quiet, "quiet", "q", false, "print only errors and what is wrong")
	fs.BoolVarP(&u.verbose, "verbose", "v", false, "print all there is to say")
	fs.StringVar(&u.color, "color", "auto", "color the output: `WHEN` is auto, always or never")
	root.SetFlagErrorFunc(unknownFlag)
	root.AddCommand(newGenerate(u), newHook(u), newKeygen(u), newRun(u), newSign(u), newTrace(u), newVerify(u), newVersion(u))
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	setHelp(root)
	return root
}

// mapPath returns the absolute path that --map names, or "".
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

// absolute returns the absolute path of one that is relative to --cwd.
func (u *ui) absolute(path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	return filepath.Abs(filepath.Join(u.cwd, path))
}

// usage is an error of the command line.
func usage(hint, format string, args ...any) error {
	return &project.Error{Code: "usage", Hint: hint, Err: fmt.Errorf(format, args...)}
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage("run "+cmd.CommandPath()+" --help", "%s takes no arguments, but was given %q", verbOf(cmd), args[0])
}

func unknownVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "the commands are " + strings.Join(verbs(cmd), ", ")
	if n := project.Nearest(args[0], verbs(cmd)); n != "" {
		hint = "did you mean " + cmd.CommandPath() + " " + n + "?"
	}
	return usage(hint, "command %q is not known", strings.TrimSpace(verbOf(cmd)+" "+args[0]))
}

// verbOf gives a command's name below nodeint: "verify", "hook install".
func verbOf(cmd *cobra.Command) string {
	_, verb, _ := strings.Cut(cmd.CommandPath(), " ")
	return verb
}

// verbs lists the commands right below one.
func verbs(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
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
		return usage(hint, "flag --%s is not known", unknown.GetSpecifiedName())
	}
	return usage(hint, "%w", err)
}

// wantsJSON reports whether --json is among the flags.
func wantsJSON(args []string) bool {
	for _, arg := range args {
		switch arg {
		case "--":
			return false
		case "--json", "--json=true":
			return true
		}
	}
	return false
}
