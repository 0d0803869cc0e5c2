package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/output"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/sbom"
)

type sbomOptions struct {
	format, version string
	output          string
	traces          []string
	vex, advisories string
	files           bool
	strict          bool
	workspaces      bool
	trust           trustOptions
}

// An sbomReport is the result of sbom, for --json.
type sbomReport struct {
	Format    string `json:"format"`
	Version   string `json:"specVersion"`
	Output    string `json:"output"`
	VEX       string `json:"vex,omitempty"`
	Packages  int    `json:"packages"`  // with the project itself
	Unreached int    `json:"unreached"` // installed packages without pinned files
}

func newSBOM(u *ui) *cobra.Command {
	var opt sbomOptions
	cmd := &cobra.Command{
		Use:   "sbom",
		Short: "print a software bill of materials of the packages that the program loads",
		Long: `sbom checks the files like nodeint verify. Then it prints a software bill of materials
(SBOM) of the program, in CycloneDX or SPDX: the packages that the map pins, the digests
of their files, and which package imports which.

Installed packages that the program does not load are listed apart. With --trace, each
package has a mark whether a recorded run loaded it (see nodeint trace).

The same files give the same bytes. The document has no time, unless the environment
variable SOURCE_DATE_EPOCH is set.

With --vex, sbom also writes an OpenVEX document about the vulnerabilities that npm audit
--json reports: whether the program can load the package of each one.`,
		Example: `  nodeint sbom -o ../shop.cdx.json
  nodeint sbom --format spdx --spec-version 2.3 -o ../shop.spdx.json
  nodeint sbom --trace nodeint-trace.json -o ../shop.cdx.json
  nodeint sbom --workspaces -o ../sboms
  nodeint sbom --advisories ../audit.json --vex ../shop.vex.json -o ../shop.cdx.json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opt.workspaces {
				return sbomMembers(cmd.Context(), u, opt)
			}
			return runSBOM(cmd.Context(), u, opt)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&opt.format, "format", "cyclonedx", "the `FORMAT` of the document: cyclonedx or spdx")
	fs.StringVar(&opt.version, "spec-version", "", "the `VERSION` of the format: 1.7 or 1.6 of cyclonedx, 3.0.1 or 2.3 of spdx (default the first one)")
	fs.StringVarP(&opt.output, "out", "o", "", "write the document to `FILE` (default stdout)")
	fs.StringArrayVar(&opt.traces, "trace", nil, "say which packages were loaded in the trace `FILE`; can be repeated")
	fs.StringVar(&opt.advisories, "advisories", "", "with --vex: the output of npm audit --json in `FILE`")
	fs.StringVar(&opt.vex, "vex", "", "also write an OpenVEX document about the advisories to `FILE`")
	fs.BoolVar(&opt.files, "files", true, "list the files of each package with their digests")
	fs.BoolVar(&opt.strict, "strict", false, "write nothing and exit 3 if there are gaps")
	fs.BoolVar(&opt.workspaces, "workspaces", false, workspacesUsage+"; --out is then a directory")
	opt.trust.register(fs)
	var names, versions []string
	for _, f := range sbom.Formats() {
		names, versions = append(names, f.Name), append(versions, f.Versions...)
	}
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("spec-version", cobra.FixedCompletions(versions, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// sbomMembers writes a document for each member of the workspace, below the directory --out:
// packages/api/sbom.cdx.json is that of the member packages/api.
func sbomMembers(ctx context.Context, u *ui, opt sbomOptions) error {
	switch {
	case opt.output == "":
		return usage("nodeint sbom --workspaces -o ../sboms", "--workspaces writes a document for each member, and needs a directory for them")
	case opt.vex != "" || opt.advisories != "" || len(opt.traces) > 0:
		return usage("run it for one member: nodeint -C DIR sbom", "--workspaces has no --vex, --advisories and --trace, which are about one program")
	}
	format, _, err := sbom.ParseFormat(opt.format, opt.version)
	if err != nil {
		return err
	}
	dir, err := u.absolute(opt.output)
	if err != nil {
		return err
	}
	ext := map[string]string{"cyclonedx": "cdx", "spdx": "spdx"}[format]
	return u.forMembers(ctx, "sbom", func(ctx context.Context, member *ui, _ *hasher.Cache) error {
		o := opt
		o.output = filepath.Join(dir, filepath.FromSlash(member.memberDir), "sbom."+ext+".json")
		return runSBOM(ctx, member, o)
	})
}

func runSBOM(ctx context.Context, u *ui, opt sbomOptions) error {
	u.doc.Command = "sbom"
	format, version, err := sbom.ParseFormat(opt.format, opt.version)
	if err != nil {
		return err
	}
	if u.json && opt.output == "" {
		return usage("leave out --json, or add -o sbom.json", "the document of sbom is JSON: with --json it needs a file")
	}
	advisories, err := u.readAdvisories(opt)
	if err != nil {
		return err
	}
	todo, err := u.sbomInput(&opt)
	if err != nil {
		return err
	}
	todo.SHA1 = opt.files && sbom.NeedsSHA1(format, version)
	r, err := u.verifyForSBOM(ctx, opt.trust)
	if err != nil {
		return err
	}
	if opt.strict && len(r.Gaps) > 0 {
		u.printf("%s, because --strict is set: %s", paint(u.paintOut, red, "no SBOM was written"), count(len(r.Gaps), "gap"))
		u.printUnresolved(r.Gaps, r.Packages)
		u.printGaps(r.Gaps, r.Packages)
		return statusError(exitGaps)
	}
	if err := u.checkSBOM(opt, r); err != nil {
		return err
	}
	todo.Root, todo.Map, todo.Digest = r.Root, r.Map, r.Digest
	for _, p := range r.LeftOut {
		todo.LeftOut = append(todo.LeftOut, p.Path)
	}
	inventory, err := sbom.Read(ctx, todo)
	if err != nil {
		return err
	}
	text, err := inventory.Document(format, version)
	if err != nil {
		return err
	}
	if opt.vex != "" {
		statements, err := inventory.VEX(advisories)
		if err != nil {
			return err
		}
		if err := opt.vexFile().Write(statements); err != nil {
			return err
		}
	}
	u.doc.SBOM = &sbomReport{format, version, opt.output, opt.vex, len(inventory.Packages) + 1, len(inventory.Unreached)}
	u.doc.Notes = append(slices.Clone(u.doc.Notes), inventory.Notes...)
	return u.writeSBOM(text, opt, inventory)
}

// sbomInput returns what sbom reads, as far as the command line decides it. The paths in opt
// become absolute.
func (u *ui) sbomInput(opt *sbomOptions) (todo sbom.Options, err error) {
	todo = sbom.Options{NoFiles: !opt.files, Version: readVersions().Nodeint}
	if todo.Time, err = sourceDate(os.Getenv("SOURCE_DATE_EPOCH")); err != nil {
		return todo, err
	}
	if todo.Traces, err = u.tracePaths(opt.traces); err != nil {
		return todo, err
	}
	for _, file := range []*string{&opt.output, &opt.vex} {
		if *file != "" {
			if *file, err = u.absolute(*file); err != nil {
				return todo, err
			}
		}
	}
	return todo, nil
}

func (opt sbomOptions) file() output.File {
	return output.File{Flag: "--out", What: "the document", Path: opt.output}
}

func (opt sbomOptions) vexFile() output.File {
	return output.File{Flag: "--vex", What: "the document", Path: opt.vex}
}

// checkSBOM rejects files of the program as the places of documents.
func (u *ui) checkSBOM(opt sbomOptions, r *integrity.Report) error {
	guard := u.guard(r.Root, r.Map)
	for _, file := range []output.File{opt.file(), opt.vexFile()} {
		if file.Path == "" {
			continue
		}
		if err := guard.Check(file); err != nil {
			return err
		}
	}
	return nil
}

// readAdvisories reads the file of --advisories.
func (u *ui) readAdvisories(opt sbomOptions) ([]sbom.Advisory, error) {
	if (opt.vex == "") != (opt.advisories == "") {
		return nil, usage("npm audit --json > audit.json; nodeint sbom --advisories audit.json --vex vex.json", "--vex and --advisories need each other")
	}
	if opt.vex == "" {
		return nil, nil
	}
	file, err := u.input(opt.advisories)
	if err != nil {
		return nil, err
	}
	return sbom.ReadAdvisories(file)
}

// verifyForSBOM compares the files with the map, by all digests that the document has.
func (u *ui) verifyForSBOM(ctx context.Context, trust trustOptions) (*integrity.Report, error) {
	p, err := project.Locate(u.cwd, integrity.MapName)
	if err != nil {
		return nil, err
	}
	path, err := u.mapOf(p.Dir)
	if err != nil {
		return nil, err
	}
	policy, err := trust.policy(u)
	if err != nil {
		return nil, err
	}
	meter, report := u.progress()
	r, err := integrity.Verify(ctx, integrity.VerifyOptions{Project: p, Map: path, Policy: policy, Progress: report, AllDigests: true})
	meter.erase()
	if err != nil {
		return nil, err
	}
	u.documentReport("sbom", r)
	if !r.OK() {
		return nil, u.reportDifferences(r, u.isDeployed(p, path, policy))
	}
	return r, nil
}

// writeSBOM writes the document to a file, or to stdout. Only in the first case is there a
// report about it on stdout.
func (u *ui) writeSBOM(text []byte, opt sbomOptions, inventory *sbom.Inventory) error {
	if opt.output == "" {
		_, err := u.out.Write(text)
		return err
	}
	if opt.workspaces {
		if err := os.MkdirAll(filepath.Dir(opt.output), 0o755); err != nil {
			return err
		}
	}
	if err := opt.file().Write(text); err != nil {
		return err
	}
	u.infof("%s: %s, and %s that the program does not load; %s", paint(u.paintOut, green, "wrote "+u.displayPath(opt.output)),
		count(len(inventory.Packages)+1, "package"), count(len(inventory.Unreached), "installed package"), count(inventory.Gaps, "gap"))
	u.printNotes(inventory.Notes)
	return nil
}

// sourceDate returns the time in SOURCE_DATE_EPOCH
// (https://reproducible-builds.org/specs/source-date-epoch/), or the zero time.
func sourceDate(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	const year10000 = 253402300800
	if err != nil || seconds < 0 || seconds >= year10000 {
		return time.Time{}, usage("set it to the output of date +%s, or unset it", "SOURCE_DATE_EPOCH is %q, and not a number of seconds", text)
	}
	return time.Unix(seconds, 0), nil
}
