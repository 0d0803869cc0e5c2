package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/installhook"
	"github.com/nodeint/nodeint/integrity/launch"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/report"
	"github.com/nodeint/nodeint/integrity/trace"
)

type generateOptions struct {
	entries    []string
	start      []string // the command that starts the program
	coverage   string
	algorithms []string
	traces     []string
	check      bool
	strict     bool
	browser    bool
	packageMap bool
	html       string
	lockfile   lockfileOptions
	report     reportOptions
	workspaces bool
	noCache    bool
	hashes     *hasher.Cache
}

func newGenerate(u *ui) *cobra.Command {
	var opt generateOptions
	cmd := &cobra.Command{
		Use:   "generate [ENTRY… | -- node [node flags] SCRIPT]",
		Short: "write the map: pin every file that the program may load",
		Long: `generate follows the imports of the program from its entries, hashes every file
that it may load, and writes the map.

Without ENTRY, the entries come from package.json: from nodeint.entries, else from
exports, main and bin, else from scripts.start. If package.json names no entry, the
entry is index.js.

If scripts.start starts one of the entries, its flags of node count: conditions,
preloads, files of environment variables. After "--" you can write another command
that starts node.

A place that loads a module by a computed name is a gap. generate lists the gaps.
With --trace, it also pins the files that a recorded run loaded (see nodeint
trace), and drops the gaps that the trace explains.

With --lockfile, it first compares every installed file with the archives that the
lockfile names. If a file differs, it does not write the map.

With --browser, the map is for a web page: see docs/browser.md. With --package-map, it
is also Node's package map: see docs/map.md.`,
		Example: `  nodeint generate
  nodeint generate --check      # in CI: exit 1 if the map is out of date
  nodeint generate --check --format sarif
  nodeint generate server.js worker.js --coverage graph
  nodeint generate -- node --conditions staging server.js
  nodeint generate --trace nodeint-trace.json
  nodeint generate --browser app.js --html index.html`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.ArgsLenAtDash() == 0 && startsNode(args) {
				opt.start = args
			} else {
				opt.entries = args
			}
			verb := "generate"
			if opt.check {
				verb = "generate --check"
			}
			if err := u.openReports(verb, report.Formats(), opt.report); err != nil {
				return err
			}
			if opt.workspaces {
				return generateMembers(cmd.Context(), u, opt)
			}
			return runGenerate(cmd.Context(), u, opt)
		},
	}
	opt.register(cmd)
	return cmd
}

// register adds the flags of generate.
func (opt *generateOptions) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&opt.coverage, "coverage", "", "how much to pin: `LEVEL` is graph, packages, dependencies or tree (default dependencies)")
	fs.StringSliceVar(&opt.algorithms, "algorithm", nil, "hash with the algorithms in `LIST`: sha256, sha384, sha512, blake3; blake3 requires one of the others (default sha256)")
	fs.StringArrayVar(&opt.traces, "trace", nil, "also pin the files in the trace `FILE`, and drop the gaps that it explains; can be repeated")
	fs.BoolVar(&opt.check, "check", false, "write nothing; exit 1 if the map would change")
	fs.BoolVar(&opt.strict, "strict", false, "write nothing and exit 3 if there are gaps or if traced files no longer exist")
	fs.BoolVar(&opt.workspaces, "workspaces", false, workspacesUsage)
	fs.BoolVar(&opt.browser, "browser", false, "write a map for a web page that a browser loads without a bundler")
	fs.BoolVar(&opt.packageMap, "package-map", false, "make the map Node's package map as well, for node --experimental-package-map")
	fs.StringVar(&opt.html, "html", "", "with --browser: also put the map in the page `FILE`")
	fs.BoolVar(&opt.noCache, "no-cache", false, "read and parse every file again, and keep nothing for the next generate")
	opt.lockfile.register(fs)
	opt.report.register(cmd, report.Formats())
	completeWords(cmd, "coverage", "graph", "packages", "dependencies", "tree")
	completeWords(cmd, "algorithm", "sha256", "sha384", "sha512", "blake3")
}

// completeWords makes the shell complete the value of a flag with words.
func completeWords(cmd *cobra.Command, flag string, words ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// startsNode reports whether the arguments after "--" are a command and not entries.
func startsNode(args []string) bool {
	return len(args) > 1 && (launch.IsNode(args[0]) || args[0] == "env" || args[0] == "cross-env")
}

// generateMembers writes the maps of the members of the workspace.
func generateMembers(ctx context.Context, u *ui, opt generateOptions) error {
	switch {
	case len(opt.entries)+len(opt.start) > 0:
		return usage("name the entries in the package.json of each member", "ENTRY and --workspaces exclude each other")
	case len(opt.traces) > 0:
		return usage("name the traces in the package.json of each member: nodeint.trace", "--trace and --workspaces exclude each other")
	}
	return u.forMembers(ctx, "generate", func(ctx context.Context, member *ui, hashes *hasher.Cache) error {
		o := opt
		o.hashes = hashes
		return runGenerate(ctx, member, o)
	})
}

func runGenerate(ctx context.Context, u *ui, opt generateOptions) error {
	todo, err := u.generateOptions(opt)
	if err != nil {
		return err
	}
	if err := u.locateReports(todo, opt); err != nil {
		return err
	}
	if err := opt.checkPage(todo.Browser || todo.Project.Config.Browser); err != nil {
		return err
	}
	useHugePages(softLimit)
	if !opt.check {
		integrity.RemoveStaleTemps(todo.Map)
	}
	meter, progress := u.progress()
	todo.Progress = progress
	g, err := integrity.Generate(ctx, todo)
	meter.erase()
	if err != nil {
		return err
	}
	u.noteText(g, opt.check)
	if err := u.record(ctx, g, opt); err != nil {
		return err
	}
	same := g.Same && (opt.check || !g.Reformatted)
	switch {
	case g.NotInstalled:
		return u.reportNotInstalled(g)
	case len(g.Findings) > 0:
		return u.reportLockfile(g)
	case opt.check && !same:
		return u.reportOutOfDate(g)
	case opt.strict && (len(g.Gaps) > 0 || g.Trace != nil && len(g.Trace.Stale) > 0):
		return u.reportIncomplete(g)
	case !same:
		if err := integrity.Write(g); err != nil {
			return err
		}
	}
	u.printUnresolved(g.Gaps, g.Packages)
	u.hintInstall(g)
	u.printGenerated(g, same)
	if err := u.updatePage(g, opt); err != nil {
		return err
	}
	if !u.quiet && g.Trace == nil && !todo.Browser && len(todo.Project.Config.Include) == 0 {
		u.hintInclude(g)
	}
	return nil
}

// locateReports is locate after it has recorded the files that the configuration and --html
// name.
func (u *ui) locateReports(todo integrity.GenerateOptions, opt generateOptions) error {
	p := todo.Project
	for _, name := range p.Config.Trace {
		if name = filepath.FromSlash(name); !filepath.IsAbs(name) {
			name = filepath.Join(p.Dir, name)
		}
		u.inputs = append(u.inputs, name)
	}
	if opt.html != "" {
		if _, err := u.input(opt.html); err != nil {
			return err
		}
	}
	return u.reports.locate(p, todo.Map)
}

// noteText adds what is to be known about the text of the map. With --check, the result is
// about the text that is there: --check does not write the canonical one.
func (u *ui) noteText(g *integrity.Generated, check bool) {
	switch {
	case check && g.Reformatted:
		g.Pin = g.OldPin()
		g.Notes = append(g.Notes, "the text of "+u.displayPath(g.Map)+" is not the one that generate writes (white space, line ends, order or escapes): it means the same, but --map-integrity and signatures are about bytes")
	case g.Conflict && !check:
		g.Notes = append(g.Notes, "the conflict in "+u.displayPath(g.Map)+" is resolved: what generate writes is that of the files that are here, and everything else was equal on both sides")
	}
}

// generateOptions converts the command line to the options of
// integrity.Generate.
func (u *ui) generateOptions(opt generateOptions) (integrity.GenerateOptions, error) {
	to := integrity.GenerateOptions{Hashes: opt.hashes, Browser: opt.browser, PackageMap: opt.packageMap}
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
	if to.Lockfile == nil {
		to.CacheDir = opt.cacheDir()
	}
	switch {
	case len(opt.start) > 0:
		to.Start, err = to.Project.StartFrom(opt.start, u.cwd)
	case len(opt.entries) > 0:
		to.Entries, err = to.Project.Resolve(opt.entries, u.cwd)
	}
	return to, err
}

// cacheDir returns the directory of the caches, or "" for none. A check does not depend on what
// another run has kept, and a CI server often restores directories that others have written.
func (opt generateOptions) cacheDir() string {
	if opt.noCache || opt.check || installhook.CI(os.Getenv) {
		return ""
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "" // HOME is not set
	}
	return filepath.Join(dir, "nodeint")
}

func parseAlgorithms(names []string) (hasher.Set, error) {
	if len(names) == 0 {
		return 0, nil // those of the configuration
	}
	set, err := hasher.ParseSet(names)
	if err != nil {
		return set, usage("use --algorithm sha256", "--algorithm: %w", err)
	}
	if set == hasher.SetOf(hasher.BLAKE3) {
		return set, usage("use --algorithm sha256,blake3", "--algorithm blake3 also requires sha256, sha384 or sha512, because browsers do not support blake3")
	}
	return set, nil
}

// record records the result for the JSON document and for reports. It returns an error if the new
// map would pin a file that is to be written.
func (u *ui) record(ctx context.Context, g *integrity.Generated, opt generateOptions) (err error) {
	u.documentMap(g)
	if u.doc.Diff, err = compareMaps(ctx, u, g); err != nil {
		return err
	}
	if err := u.reports.setGenerated(g, u.doc.Diff, opt.check); err != nil {
		return err
	}
	return u.checkPagePlace(g, opt)
}

// documentMap records the generated map in the JSON document.
func (u *ui) documentMap(g *integrity.Generated) {
	u.doc.Command = "generate"
	u.doc.Root, u.doc.Map, u.doc.Digest = g.Root, g.Map, g.Digest
	u.doc.Pin = g.Pin
	u.doc.Coverage, u.doc.Entries, u.doc.Summary = g.Coverage, g.Entries, &g.Summary
	u.doc.Gaps = append(u.doc.Gaps, g.Gaps...)
	u.doc.NotFound = append([]integrity.NotFound{}, g.NotFound...)
	u.doc.Findings, u.doc.Anchors = append(u.doc.Findings, g.Findings...), g.Anchors
	u.doc.Changes = append([]integrity.Change{}, g.Changes...)
	if u.doc.Trace = g.Trace; g.Trace != nil || g.Anchors != nil || len(g.Notes) > 0 {
		u.doc.Notes = append([]string{}, g.Notes...)
	}
}

// tracePaths returns the absolute paths of the files given with --trace.
func (u *ui) tracePaths(files []string) ([]string, error) {
	var paths []string
	for _, f := range files {
		if f == "" {
			return nil, usage("use --trace nodeint-trace.json", "--trace: the file name is empty")
		}
		p, err := u.input(f)
		if err != nil {
			return nil, err
		}
		paths = append(paths, p)
	}
	return paths, nil
}

// printGenerated prints the result of a successful generate.
func (u *ui) printGenerated(g *integrity.Generated, same bool) {
	state := "wrote " + u.displayPath(g.Map)
	if same {
		state = u.displayPath(g.Map) + " is up to date"
	}
	u.infof("%s: %s", paint(u.paintOut, green, state), scope(g.Summary, len(g.Gaps)))
	u.infof("digest %s", g.Digest)
	u.infof("map-integrity %s", g.Pin)
	if u.quiet {
		return
	}
	u.printAnchors(g.Anchors)
	if g.Trace != nil {
		u.infof("%s explained by %s", count(g.Trace.Explained, "gap"), count(g.Trace.Traces, "trace"))
	}
	if u.verbose {
		u.printDetails(g.Root, g.Coverage, g.Entries)
	}
	switch r := u.doc.Diff; {
	case r != nil:
		u.infof("changes: %s", r.Summary())
		u.printDifference(r)
	case u.verbose:
		u.printChanges(g.Changes)
	}
	u.printGaps(g.Gaps, g.Packages)
	if u.verbose {
		u.printNotFound(g.NotFound)
	}
	u.printNotes(g.Notes)
	if _, err := os.Lstat(integrity.EnvelopePath(g.Map)); err == nil && !same {
		u.hintf("the signature is for the previous map; to sign this one: %s", u.commandLine("sign --key FILE"))
	}
}

func (u *ui) printDetails(root string, coverage integrity.Coverage, entries []string) {
	u.infof("root %s", safeName(root))
	u.infof("coverage %s", coverage)
	for _, e := range entries {
		u.infof("entry %s", safeName(e))
	}
}

// reportOutOfDate reports that --check would change the map.
func (u *ui) reportOutOfDate(g *integrity.Generated) error {
	if g.Old == nil {
		u.printf("%s does not exist yet", paint(u.paintOut, red, u.displayPath(g.Map)))
	} else if g.Conflict {
		u.printf("%s has conflict markers", paint(u.paintOut, red, u.displayPath(g.Map)))
		u.printChanges(g.Changes)
	} else if r := u.doc.Diff; r != nil {
		u.printf("%s is out of date: %s", paint(u.paintOut, red, u.displayPath(g.Map)), r.Summary())
		u.printDifference(r)
	} else {
		u.printf("%s is out of date: %s", paint(u.paintOut, red, u.displayPath(g.Map)), count(len(g.Changes), "difference"))
		u.printChanges(g.Changes)
	}
	u.printUnresolved(g.Gaps, g.Packages)
	u.hintInstall(g)
	u.hintf("if the files are right, update the map: %s", u.commandLine("generate"))
	return statusError(exitDiffers)
}

// reportNotInstalled reports that the program imports packages, and that none is
// installed: a map of the project's own files would be verified without them.
func (u *ui) reportNotInstalled(g *integrity.Generated) error {
	u.printf("%s was not written, because no dependency of the program is installed", paint(u.paintOut, red, u.displayPath(g.Map)))
	u.printUnresolved(g.Gaps, g.Packages)
	u.hintInstall(g)
	return statusError(exitGaps)
}

// hintInstall prints the next step if an import resolves to nothing.
func (u *ui) hintInstall(g *integrity.Generated) {
	unresolved, _ := splitGaps(g.Gaps)
	switch {
	case slices.ContainsFunc(unresolved, namesPackage):
		u.hintf("install the dependencies: %s", g.Install)
	case len(unresolved) > 0:
		u.hintf("build or restore the files that these imports name, then run %s", u.commandLine("generate"))
	}
}

// reportIncomplete reports that --strict found gaps, or traced files that no
// longer exist.
func (u *ui) reportIncomplete(g *integrity.Generated) error {
	what := count(len(g.Gaps), "gap")
	if g.Trace != nil && len(g.Trace.Stale) > 0 {
		what += ", " + count(len(g.Trace.Stale), "missing traced file")
	}
	u.printf("%s was not written, because --strict is set: %s", paint(u.paintOut, red, u.displayPath(g.Map)), what)
	u.printUnresolved(g.Gaps, g.Packages)
	u.printGaps(g.Gaps, g.Packages)
	u.printNotes(g.Notes)
	u.hintInstall(g)
	if _, others := splitGaps(g.Gaps); len(others) > 0 {
		u.hintf("to record what these places load: %s", u.commandLine("trace --append node SCRIPT"))
		u.hintf("then, to pin it: %s", u.commandLine("generate --strict --trace "+trace.Name))
	}
	return statusError(exitGaps)
}
