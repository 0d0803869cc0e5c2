package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/launch"
	"github.com/nodeint/nodeint/integrity/pnp"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/trace"
)

type traceOptions struct {
	out string
	add bool
}

func newTrace(u *ui) *cobra.Command {
	var opt traceOptions
	cmd := &cobra.Command{
		Use:   "trace [flags] [--] node [node flags] SCRIPT [ARG…]",
		Short: "start node, and write down what it loads, for generate --trace",
		Long: `trace starts node, lets it load whatever it loads, and writes that down when it
has ended: files, the package.json files that steered it, addons, workers and
child processes. generate --trace pins it. Nothing is verified. What trace has to
say goes to stderr; the exit status is the program's own.`,
		Example: `  nodeint trace node --test
  nodeint trace --append node server.js --once`,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runTrace(cmd.Context(), u, opt, args)
		},
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false) // what stands behind the command is the command's
	flags.StringVar(&opt.out, "out", "", "the trace's `FILE` (default "+trace.Name+" in the project's folder)")
	flags.BoolVar(&opt.add, "append", false, "add to the trace that is there")
	return cmd
}

func runTrace(ctx context.Context, u *ui, opt traceOptions, words []string) error {
	u.onStderr()
	allow := launch.Allow{}
	for _, way := range launch.Powers { // a trace watches, and refuses nothing
		allow.Set(way)
	}
	program, err := launch.ParseCommand(words, os.Environ(), allow)
	if err != nil {
		return err
	}
	p, err := project.Find(u.cwd)
	if err != nil {
		return err
	}
	out, err := u.absolute(cmp.Or(opt.out, filepath.Join(p.Dir, trace.Name)))
	if err != nil {
		return err
	}
	if err := addable(out, opt.add); err != nil {
		return err
	}
	record, err := os.CreateTemp("", "nodeint-record-*")
	if err != nil {
		return fmt.Errorf("making room for the record: %w", err)
	}
	defer os.Remove(record.Name())
	defer record.Close()
	image := launch.Image{Config: launch.Config{
		Mode: launch.Trace, Root: p.Root, Record: record.Name(), Allow: allow, JSON: u.json,
	}}
	if plug := filepath.Join(p.Root, pnp.Program); isThere(plug) {
		image.Config.Pnp = plug
	}
	if err := program.CheckLoader(image.Config.Pnp); err != nil {
		return err
	}
	end := u.launch(ctx, program, askVersion(ctx, program, p.Root), image, false, "tracing")
	if _, ok := errors.AsType[ended](end); !ok {
		return end
	}
	t, err := trace.FromRecord(p.Root, record)
	if err != nil {
		return err
	}
	if err := integrity.WriteTrace(out, t, opt.add); err != nil {
		return err
	}
	u.say("traced %s, and %d outside the root: %s", count(len(t.Files), "file"), len(t.Outside), u.shown(out))
	return errors.Join(u.out.Flush(), end)
}

func isThere(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// addable holds, before the program runs, that its trace can be added to what is
// there.
func addable(out string, add bool) error {
	if _, err := os.Stat(out); !add || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	_, err := integrity.ReadTrace(out)
	return err
}
