package main

import (
	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/integrity"
)

func newMergeDriver(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "merge-driver BASE OURS THEIRS [NAME]",
		Short: "what Git runs to merge two maps: entry by entry",
		Long: `merge-driver merges the map THEIRS into OURS, which it writes. BASE is the map that both
were made from; it may be empty. NAME is the path of the map in messages.

For each entry, the side that has changed it wins. If both sides have changed an entry
differently, OURS gets conflict markers around it, and the exit status is 1.

It reads no other files: Git has not written them yet. A merged map is not a new walk of
the program, so run nodeint generate --check when the merge is finished.`,
		Example: `  nodeint hook install --git    # makes Git run it for importmap.json
  nodeint merge-driver %O %A %B %P`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 3 || len(args) > 4 {
				return usage("run nodeint merge-driver --help", "merge-driver takes the paths of three maps and at most a name; %d arguments given", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return runMergeDriver(u, args) },
	}
}

func runMergeDriver(u *ui, args []string) error {
	u.doc.Command = "merge-driver"
	var paths [3]string
	for i := range paths {
		var err error
		if paths[i], err = u.absolute(args[i]); err != nil {
			return err
		}
	}
	opt := integrity.MergeOptions{Base: paths[0], Ours: paths[1], Theirs: paths[2], Name: args[1]}
	if len(args) > 3 {
		opt.Name = args[3]
	}
	u.doc.Map = opt.Ours
	m, err := integrity.Merge(opt)
	if err != nil {
		return err
	}
	u.doc.Digest, u.doc.Conflicts = m.Digest, append([]string{}, m.Conflicts...)
	if len(m.Conflicts) == 0 {
		u.infof("%s; when the merge is finished, check it: %s", paint(u.paintOut, green, "merged "+safeName(opt.Name)), u.commandLine("generate --check"))
		return nil
	}
	for i, c := range m.Conflicts {
		if i == maxChanges && !u.verbose {
			u.printf("  and %d more; use -v to list all", len(m.Conflicts)-i)
			break
		}
		u.printf("%s: %s", paint(u.paintOut, red, "conflict"), escape(c))
	}
	u.printf("%s in %s: both sides have changed the same entries", count(len(m.Conflicts), "conflict"), safeName(opt.Name))
	u.hintf("resolve the conflicts in the other files first, then write the map again: %s", u.commandLine("generate"))
	return statusError(exitDiffers)
}
