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
	"github.com/nodeint/nodeint/integrity/output"
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
		Use:   "trace [flags] [--] [node [node flags] SCRIPT [ARG…]]",
		Short: "start node and record the files that it loads, for generate --trace",
		Long: `trace starts node and records the files that it loads: modules, addons, and the
package.json files used for resolution, in worker threads and child processes too.
When the program ends, trace writes the record to nodeint-trace.json. To pin the
recorded files, run nodeint generate --trace nodeint-trace.json.

trace does not verify anything. It prints its own messages to stderr. The exit
status is that of the program.`,
		Example: `  nodeint trace node --test
  nodeint trace --append node server.js --once`,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runTrace(cmd.Context(), u, opt, args)
		},
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false) // flags after the command belong to the command
	flags.StringVar(&opt.out, "out", "", "write the trace to `FILE` (default "+trace.Name+" in the project directory)")
	flags.BoolVar(&opt.add, "append", false, "add to the existing trace instead of replacing it")
	return cmd
}

func runTrace(ctx context.Context, u *ui, opt traceOptions, words []string) error {
	u.useStderr()
	if err := u.enter(u.cwd); err != nil {
		return err
	}
	allow := launch.Allow{}
	for _, way := range launch.Powers { // tracing allows everything
		allow.Set(way)
	}
	c, err := u.command(words, allow)
	if err != nil {
		return err
	}
	program := c.Program
	p, err := project.Find(u.cwd)
	if err != nil {
		return err
	}
	out, err := u.absolute(cmp.Or(opt.out, filepath.Join(p.Dir, trace.Name)))
	if err != nil {
		return err
	}
	if err := u.checkTrace(p, out, opt.add); err != nil {
		return err
	}
	record, err := os.CreateTemp("", "nodeint-record-*")
	if err != nil {
		return fmt.Errorf("creating a temporary file for the record: %w", err)
	}
	defer os.Remove(record.Name())
	defer record.Close()
	image := launch.Image{Config: launch.Config{
		Mode: launch.Trace, Root: p.Root, Record: record.Name(), Allow: allow, JSON: u.json, Off: launch.Switchable(),
	}}
	if plug := filepath.Join(p.Root, integrity.PnPProgram); exists(plug) {
		image.Config.Pnp = plug
	}
	if err := program.CheckLoader(image.Config.Pnp); err != nil {
		return err
	}
	end := u.launch(ctx, launch.Options{Program: program, Image: image}, askVersion(ctx, program, p.Root, true), "tracing")
	if _, ok := errors.AsType[programStatus](end); !ok {
		return end
	}
	t, err := trace.FromRecord(p.Root, record)
	if err != nil {
		return err
	}
	if err := trace.WriteFile(out, t, opt.add); err != nil {
		return err
	}
	u.infof("wrote %s: %s, and %d outside the root", u.displayPath(out), count(len(t.Files), "traced file"), len(t.Outside))
	return errors.Join(u.out.Flush(), end)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// checkTrace returns an error if the trace could not be added to the existing file out, or
// would replace another kind of file that the program needs. It runs before the program
// starts.
func (u *ui) checkTrace(p *project.Project, out string, add bool) error {
	file, err := u.mapOf(p.Dir)
	if err != nil {
		return err
	}
	_, err = os.Stat(out)
	isNew := errors.Is(err, fs.ErrNotExist)
	if !isNew {
		_, err = trace.ReadFile(out)
	}
	if add && !isNew && err != nil {
		return err
	}
	// A map may pin an earlier trace, for it is next to code: the next generate reads the trace.
	return u.guard(p.Root, file).Check(output.File{Flag: "--out", What: "the trace", Path: out, Pinnable: isNew || err == nil})
}
