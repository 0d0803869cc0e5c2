package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/policy"
	"github.com/nodeint/nodeint/integrity/project"
)

type importPolicyOptions struct {
	integrity string // metadata of the policy file
	strict    bool
}

func newImportPolicy(u *ui) *cobra.Command {
	var opt importPolicyOptions
	cmd := &cobra.Command{
		Use:   "import-policy FILE",
		Short: "take over a policy file of node --experimental-policy into the map",
		Long: `import-policy reads a policy file of Node.js and writes what a map can say of it into
the map: the digests of files, and names that mean another file. It first compares the
files with the digests. If a file differs, it does not write the map.

It lists what it leaves out, by line. A map does not restrict which names a module may
use, so nearly every policy is stricter there. With --strict, import-policy writes
nothing if the policy forbids something that the map would not.

Entries that the map has stay. nodeint generate keeps the new ones.`,
		Example: `  nodeint import-policy policy.json && nodeint generate
  nodeint import-policy policy.json --policy-integrity sha384-…
  nodeint import-policy policy.json --strict --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("run nodeint import-policy --help", "import-policy takes the path of one policy file; %d arguments given", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runImportPolicy(cmd.Context(), u, args[0], opt)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&opt.integrity, "policy-integrity", "", "require that the policy file matches the integrity metadata `SRI`, as node does")
	fs.BoolVar(&opt.strict, "strict", false, "write nothing and exit 3 if the policy forbids something that the map would not")
	return cmd
}

func runImportPolicy(ctx context.Context, u *ui, file string, opt importPolicyOptions) error {
	u.doc.Command = "import-policy"
	p, err := project.Find(u.cwd)
	if err != nil {
		return err
	}
	u.doc.Root = p.Root
	if u.doc.Map, err = u.mapOf(p.Dir); err != nil {
		return err
	}
	if file, err = u.input(file); err != nil {
		return err
	}
	if !opt.strict {
		integrity.RemoveStaleTemps(u.doc.Map)
	}
	i, err := policy.Import(ctx, policy.Options{File: file, Root: p.Root, Map: u.doc.Map, Integrity: opt.integrity, Conditions: p.Config.Conditions})
	if err != nil {
		return err
	}
	u.doc.Policy, u.doc.Findings, u.doc.Digest = i, append(u.doc.Findings, i.Findings...), i.Digest
	switch {
	case len(i.Findings) > 0:
		u.printFindings(i.Findings)
		u.printf("%s was not written: %s from the policy", paint(u.paintOut, red, u.displayPath(u.doc.Map)), count(len(i.Findings), "difference"))
		u.hintf("restore these files from their source, or make a new policy without them")
		return statusError(exitDiffers)
	case opt.strict && i.Weaker() > 0:
		u.printf("%s was not written, because --strict is set: the policy forbids more than a map can", paint(u.paintOut, red, u.displayPath(u.doc.Map)))
		u.printLeft(i)
		return statusError(exitGaps)
	case !i.Same:
		if err := i.Write(); err != nil {
			return err
		}
	}
	u.printImported(i)
	return nil
}

// printImported prints the result of a successful import-policy.
func (u *ui) printImported(i *policy.Imported) {
	state := "wrote " + u.displayPath(u.doc.Map)
	switch {
	case i.Digests+i.Redirects == 0:
		state = "nothing to take over"
	case i.Same:
		state = u.displayPath(u.doc.Map) + " has all of it"
	}
	u.infof("%s: %s and %s of %s", paint(u.paintOut, green, state), count(i.Digests, "digest"), count(i.Redirects, "redirect"), u.displayPath(i.File))
	u.printLeft(i)
	if !u.quiet {
		u.hintf("pin the whole program; this keeps the entries: %s", u.commandLine("generate"))
	}
}

// printLeft prints what the map does not have of the policy. What makes the map stricter
// than the policy is only counted, unless -v is set.
func (u *ui) printLeft(i *policy.Imported) {
	if n := i.Weaker(); n > 0 {
		u.printf("%s: the policy forbids something here that the map does not:", paint(u.paintOut, yellow, count(n, "part")+" left out"))
		u.printParts(i, true)
	}
	others := len(i.Left) - i.Weaker()
	switch {
	case others == 0:
	case u.verbose:
		u.infof("%s left out: the policy allows something here that the map does not need or have:", count(others, "part"))
		u.printParts(i, false)
	default:
		u.infof("%s left out that only allow something; use -v to list them", count(others, "part"))
	}
}

func (u *ui) printParts(i *policy.Imported, weaker bool) {
	n := 0
	for _, l := range i.Left {
		if l.Weaker != weaker {
			continue
		}
		if n == maxFindings && !u.verbose {
			u.printf("  and more; use -v to list all")
			return
		}
		n++
		u.printf("  %s:%d:%d: %s: %s: %s", u.displayPath(i.File), l.Line, l.Column, l.Code, escape(l.Member), escape(l.Reason))
	}
}
