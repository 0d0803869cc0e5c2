package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/installhook"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/report"
)

type verifyOptions struct {
	lockfile lockfileOptions
	trust    trustOptions
	report   reportOptions

	workspaces bool
	allDigests bool
	hashes     *hasher.Cache
}

func newVerify(u *ui) *cobra.Command {
	var opt verifyOptions
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "check that the files match the map",
		Long: `verify hashes every file in the map. It exits 0 only if every pinned file exists and
is unchanged, byte for byte, and no file was added that Node would load instead.

With --map-integrity or --key, it first checks the map itself: its digest or its
signatures.

With --lockfile, it also compares every installed file with the archives that the
lockfile names.`,
		Example: `  nodeint verify && node server.js
  nodeint verify --lockfile --fetch
  nodeint verify --map /etc/nodeint/shop.json --json
  nodeint verify --key /etc/nodeint/release.key.pub --min-serial 7
  nodeint verify --output sarif=nodeint.sarif --output html=nodeint.html`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := u.openReports("verify", report.Formats(), opt.report); err != nil {
				return err
			}
			if opt.workspaces {
				return verifyMembers(cmd.Context(), u, opt)
			}
			return runVerify(cmd.Context(), u, opt)
		},
	}
	cmd.Flags().BoolVar(&opt.workspaces, "workspaces", false, workspacesUsage)
	cmd.Flags().BoolVar(&opt.allDigests, "all-digests", false, "compare every digest of a file; by default only blake3 if the map has it, which is the fastest")
	opt.lockfile.register(cmd.Flags())
	opt.trust.register(cmd.Flags())
	opt.report.register(cmd, report.Formats())
	return cmd
}

// verifyMembers verifies the members of the workspace.
func verifyMembers(ctx context.Context, u *ui, opt verifyOptions) error {
	if policy, err := opt.trust.policy(u); err != nil {
		return err
	} else if len(policy.Digests) > 0 {
		return usage("sign the maps, and use --key FILE", "an expected digest is for one map, and --workspaces verifies several")
	}
	return u.forMembers(ctx, "verify", func(ctx context.Context, member *ui, hashes *hasher.Cache) error {
		o := opt
		o.hashes = hashes
		o.trust.keys = nil
		for _, key := range opt.trust.keys { // relative to the working directory
			path, err := u.absolute(key)
			if err != nil {
				return err
			}
			o.trust.keys = append(o.trust.keys, path)
		}
		return runVerify(ctx, member, o)
	})
}

func runVerify(ctx context.Context, u *ui, opt verifyOptions) error {
	p, err := project.Locate(u.cwd, integrity.MapName)
	if err != nil {
		return err
	}
	u.doc.Root = p.Root
	path, err := u.mapOf(p.Dir)
	if err != nil {
		return err
	}
	policy, policyErr := opt.trust.policy(u) // first: no report may replace a file that it reads
	if err := u.reports.locate(p, path); err != nil {
		return err
	}
	if policyErr != nil {
		return policyErr
	}
	lock, err := opt.lockfile.open("")
	if err != nil {
		return err
	}
	useHugePagesFor(path)
	meter, progress := u.progress()
	r, err := integrity.Verify(ctx, integrity.VerifyOptions{
		Project: p, Map: path, Policy: policy, Lockfile: lock, Progress: progress, Hashes: opt.hashes, AllDigests: opt.allDigests,
	})
	meter.erase()
	if err != nil {
		return err
	}
	u.documentReport("verify", r)
	u.reports.setVerified(r)
	if !r.OK() {
		return u.reportDifferences(r, u.isDeployed(p, path, policy))
	}
	u.printVerified(r)
	return nil
}

// isDeployed reports whether this is not the place where the map is made: on a CI
// server, with a trust policy, or with a map outside the root. To generate it here would
// defeat the check.
func (u *ui) isDeployed(p *project.Project, file string, policy integrity.TrustPolicy) bool {
	return installhook.CI(os.Getenv) || len(policy.Digests) > 0 || len(policy.Keys) > 0 || !isBelow(file, p.Root)
}

// documentReport records a report in the JSON document.
func (u *ui) documentReport(verb string, r *integrity.Report) {
	u.doc.Command = verb
	u.doc.Root, u.doc.Map, u.doc.Digest, u.doc.Coverage = r.Root, r.Map, r.Digest, r.Coverage
	u.doc.LeftOut, u.doc.Anchors, u.doc.Trust = r.LeftOut, r.Anchors, r.Trust
	summary := r.Summary // a pointer into the report would keep all of it in memory
	u.doc.Summary, u.doc.Notes = &summary, append([]string{}, r.Notes...)
	u.doc.Findings = append(u.doc.Findings, r.Findings...)
	u.doc.Gaps = append(u.doc.Gaps, r.Gaps...)
}

// printVerified prints the result of a successful verify, with its scope.
func (u *ui) printVerified(r *integrity.Report) {
	u.infof("%s %s", paint(u.paintOut, green, "verified"), scope(r.Summary, len(r.Gaps)))
	if r.Digest != "" {
		u.infof("digest %s", r.Digest)
	}
	u.printTrust(r.Trust)
	u.printLeftOut(r.LeftOut)
	u.printAnchors(r.Anchors)
	if u.verbose && !u.quiet {
		u.printDetails(r.Root, r.Coverage, nil)
		u.printKernel(r)
		u.printUnresolved(r.Gaps, r.Packages)
		u.printGaps(r.Gaps, r.Packages)
	}
	u.printNotes(r.Notes)
}

// printLeftOut prints how many packages of the map this install leaves out.
func (u *ui) printLeftOut(list []integrity.LeftOut) {
	if len(list) == 0 {
		return
	}
	u.infof("not installed, as the lockfile allows: %s", count(len(list), "package"))
	if u.verbose && !u.quiet {
		for _, p := range list {
			u.infof("  %s (%s)", safeName(p.Path), safeName(p.Package))
		}
	}
}

// reportDifferences prints the findings and what to do about them.
func (u *ui) reportDifferences(r *integrity.Report, deployed bool) error {
	u.printDifferences(r)
	u.printAnchors(r.Anchors)
	if !slices.ContainsFunc(r.Findings, func(f integrity.Finding) bool { return f.Code != integrity.Unreadable }) {
		return u.reportUnreadable(r)
	}
	u.printf("%s from %s: %s", count(len(r.Findings), "difference"), u.displayPath(r.Map), countByCode(r.Findings))
	u.printNotes(r.Notes)
	if u.anchorHints(r.Findings) {
		return statusError(exitDiffers)
	}
	u.hintUndo(r, deployed)
	return statusError(exitDiffers)
}

// reportUnreadable reports files that could not be read when there are no other
// findings. It is unknown whether these files match the map.
func (u *ui) reportUnreadable(r *integrity.Report) error {
	u.printf("not verified: cannot read %s of %s", count(len(r.Findings), "file"), u.displayPath(r.Map))
	u.printNotes(r.Notes)
	u.hintf("run nodeint as a user that can read these files, or check the disk for errors")
	return statusError(exitFailed)
}

// countByCode returns the number of findings of each code: "1 mismatch, 2 missing".
func countByCode(findings []integrity.Finding) string {
	n := map[string]int{}
	var codes []string
	for _, f := range findings {
		if n[f.Code]++; n[f.Code] == 1 {
			codes = append(codes, f.Code)
		}
	}
	slices.Sort(codes)
	for i, c := range codes {
		codes[i] = fmt.Sprintf("%d %s", n[c], c)
	}
	return strings.Join(codes, ", ")
}
