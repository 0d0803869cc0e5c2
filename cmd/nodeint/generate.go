package main

import (
	"bytes"
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
)

type generateOptions struct {
	entries    []string
	coverage   string
	algorithms []string
	traces     []string
	check      bool
	strict     bool
	lockfile   lockfileOptions
}

func newGenerate(u *ui) *cobra.Command {
	var opt generateOptions
	cmd := &cobra.Command{
		Use:   "generate [ENTRY…]",
		Short: "write the map: pin every file that the program may load",
		Long: `generate follows the program from its entries, hashes every file that it may
load, and writes the map. Without ENTRY it starts from nodeint.entries of
package.json, else from exports, main and bin, else from scripts.start, else
from index.js.

Places that ask for a module by a computed name are gaps: it lists them. A trace
of a run (nodeint trace) tells what they load: it is pinned as well, and they
are gaps no more.

With --lockfile nothing is pinned unless what is installed is what the lockfile
names: every file is compared with the archive that its package came in.`,
		Example: `  nodeint generate
  nodeint generate server.js worker.js --coverage graph
  nodeint generate --trace nodeint-trace.json
  nodeint generate --check      in CI: exit 1 if the map is out of date`,
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.entries = args
			return runGenerate(cmd.Context(), u, opt)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&opt.coverage, "coverage", "", "how much to pin: `LEVEL` is graph, packages, dependencies or tree (default dependencies)")
	fs.StringSliceVar(&opt.algorithms, "algorithm", nil, "hash with `LIST` of sha256, sha384, sha512, and blake3 beside one of those (default sha256)")
	fs.StringArrayVar(&opt.traces, "trace", nil, "pin what the trace in `FILE` names too, and drop the gaps that it explains; may be repeated")
	fs.BoolVar(&opt.check, "check", false, "write nothing; exit 1 if the map would change")
	fs.BoolVar(&opt.strict, "strict", false, "write nothing and exit 3 if there are gaps, or traced files that are gone")
	opt.lockfile.register(fs)
	_ = cmd.RegisterFlagCompletionFunc("coverage", cobra.FixedCompletions(
		[]string{"graph", "packages", "dependencies", "tree"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("algorithm", cobra.FixedCompletions(
		[]string{"sha256", "sha384", "sha512", "blake3"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runGenerate(ctx context.Context, u *ui, opt generateOptions) error {
	todo, err := u.generateOptions(opt)
	if err != nil {
		return err
	}
	useHugePages()
	if !opt.check {
		integrity.Tidy(todo.Map)
	}
	meter, report := u.progress()
	todo.Progress = report
	g, err := integrity.Generate(ctx, todo)
	meter.erase()
	if err != nil {
		return err
	}
	u.document(g)
	same := g.Old != nil && bytes.Equal(g.Old, g.Text)
	switch {
	case len(g.Findings) > 0:
		return u.unlocked(g)
	case opt.check && !same:
		return u.outOfDate(g)
	case opt.strict && (len(g.Gaps) > 0 || g.Trace != nil && len(g.Trace.Stale) > 0):
		return u.incomplete(g)
	case !same:
		if err := integrity.Write(g); err != nil {
			return err
		}
	}
	u.generated(g, same)
	return nil
}

// generateOptions turns the command line into what the library wants.
func (u *ui) generateOptions(opt generateOptions) (integrity.GenerateOptions, error) {
	var to integrity.GenerateOptions
	var err error
	if opt.coverage != "" {
		if to.Coverage, err = integrity.ParseCoverage(opt.coverage); err != nil {
			return to, err
		}
	}
	if to.Algorithms, err = parseAlgorithms(opt.algorithms); err != nil {
		return to, err
	}
	if to.Project, err = project.Find(u.cwd); err != nil {
		return to, err
	}
	if to.Map, err = u.mapOf(to.Project.Dir); err != nil {
		return to, err
	}
	u.doc.Root = to.Project.Root
	if to.Traces, err = u.tracePaths(opt.traces); err != nil {
		return to, err
	}
	if to.Lockfile, err = opt.lockfile.open(to.Project.Config.Lockfile); err != nil {
		return to, err
	}
	if len(opt.entries) > 0 {
		to.Entries, err = to.Project.Resolve(opt.entries, u.cwd)
	}
	return to, err
}

func parseAlgorithms(names []string) (hasher.Set, error) {
	var set hasher.Set
	for _, n := range names {
		a, err := hasher.ParseAlgorithm(n)
		if err != nil {
			return set, usage("write, for example, --algorithm sha384", "--algorithm: %w", err)
		}
		set = set.With(a)
	}
	if set == hasher.SetOf(hasher.BLAKE3) {
		return set, usage("write --algorithm sha256,blake3", "--algorithm blake3 needs one of sha256, sha384, sha512 beside it, for browsers")
	}
	return set, nil
}

func (u *ui) document(g *integrity.Generated) {
	u.doc.Command = "generate"
	u.doc.Root, u.doc.Map, u.doc.Digest = g.Root, g.Map, g.Digest
	u.doc.Pin = g.Pin
	u.doc.Coverage, u.doc.Entries, u.doc.Summary = g.Coverage, g.Entries, &g.Summary
	u.doc.Gaps = append(u.doc.Gaps, g.Gaps...)
	u.doc.Findings, u.doc.Anchors = append(u.doc.Findings, g.Findings...), g.Anchors
	u.doc.Changes = append([]integrity.Change{}, g.Changes...)
	if u.doc.Trace = g.Trace; g.Trace != nil || g.Anchors != nil {
		u.doc.Notes = append([]string{}, g.Notes...)
	}
}

// tracePaths gives the absolute paths of the files that --trace names.
func (u *ui) tracePaths(files []string) ([]string, error) {
	var paths []string
	for _, f := range files {
		if f == "" {
			return nil, usage("write --trace FILE", "--trace names no file")
		}
		p, err := u.absolute(f)
		if err != nil {
			return nil, err
		}
		paths = append(paths, p)
	}
	return paths, nil
}

// generated reports success.
func (u *ui) generated(g *integrity.Generated, same bool) {
	state := "wrote " + u.shown(g.Map)
	if same {
		state = u.shown(g.Map) + " is up to date"
	}
	u.say("%s: %s", paint(u.paintOut, green, state), scope(g.Summary, len(g.Gaps)))
	u.say("digest %s", g.Digest)
	u.say("map-integrity %s", g.Pin)
	if u.quiet {
		return
	}
	u.anchored(g.Anchors)
	if g.Trace != nil {
		u.say("%s explained by %s", count(g.Trace.Explained, "gap"), count(g.Trace.Traces, "trace"))
	}
	if u.verbose {
		u.details(g.Root, g.Coverage, g.Entries)
		u.printChanges(g.Changes)
	}
	u.printGaps(g.Gaps)
	u.printNotes(g.Notes)
	if _, err := os.Lstat(integrity.EnvelopeOf(g.Map)); err == nil && !same {
		u.hint("what was signed is the map before: %s", u.again("sign --key FILE"))
	}
}

func (u *ui) details(root string, coverage integrity.Coverage, entries []string) {
	u.say("root %s", name(root))
	u.say("coverage %s", coverage)
	for _, e := range entries {
		u.say("entry %s", name(e))
	}
}

// outOfDate reports that --check found the map to be another one.
func (u *ui) outOfDate(g *integrity.Generated) error {
	if g.Old == nil {
		u.tell("%s: there is no map yet", paint(u.paintOut, red, u.shown(g.Map)))
	} else {
		u.tell("%s is out of date: %s", paint(u.paintOut, red, u.shown(g.Map)), count(len(g.Changes), "difference"))
		u.printChanges(g.Changes)
	}
	u.hint("if that is as it should be, run %s", u.again("generate"))
	return verdict(exitDiffers)
}

// incomplete reports that --strict found gaps, or a trace of other files than
// these.
func (u *ui) incomplete(g *integrity.Generated) error {
	what := count(len(g.Gaps), "gap")
	if g.Trace != nil && len(g.Trace.Stale) > 0 {
		what += ", " + count(len(g.Trace.Stale), "traced file") + " not there"
	}
	u.tell("%s not written: %s, and --strict allows none", paint(u.paintOut, red, u.shown(g.Map)), what)
	u.printGaps(g.Gaps)
	u.printNotes(g.Notes)
	if len(g.Gaps) > 0 {
		u.hint("write these with a fixed name, or give generate --trace the trace of a run; or pin what they load, as ENTRY or in nodeint.include, and leave --strict away")
	}
	return verdict(exitGaps)
}
