package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/project"
)

type verifyOptions struct {
	lockfile lockfileOptions
	trust    trustOptions
}

func newVerify(u *ui) *cobra.Command {
	var opt verifyOptions
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "check that every file is what the map says",
		Long: `verify reads the map and hashes every file in it. It exits 0 only if each is,
byte for byte, what was pinned, none is missing, and nothing was added that
Node would load instead.

With --lockfile it also reads the archives that the packages were installed from,
each the one that the lockfile names, and compares every installed file with them.

With --map-integrity or --key it first holds the map itself against what was pinned
or signed.`,
		Example: `  nodeint verify && node server.js
  nodeint verify --lockfile --fetch
  nodeint verify --map /etc/nodeint/shop.json --json
  nodeint verify --key /etc/nodeint/release.key.pub --min-serial 7`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runVerify(cmd.Context(), u, opt) },
	}
	opt.lockfile.register(cmd.Flags())
	opt.trust.register(cmd.Flags())
	return cmd
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
	authority, err := opt.trust.authority(u)
	if err != nil {
		return err
	}
	lock, err := opt.lockfile.open("")
	if err != nil {
		return err
	}
	meter, report := u.progress()
	r, err := integrity.Verify(ctx, integrity.VerifyOptions{
		Project: p, Map: path, Authority: authority, Lockfile: lock, Progress: report,
	})
	meter.erase()
	if err != nil {
		return err
	}
	u.documentReport("verify", r)
	if !r.OK() {
		return u.differs(r)
	}
	u.verified(r)
	return nil
}

// documentReport puts a report into the document.
func (u *ui) documentReport(verb string, r *integrity.Report) {
	u.doc.Command = verb
	u.doc.Root, u.doc.Map, u.doc.Digest, u.doc.Coverage = r.Root, r.Map, r.Digest, r.Coverage
	u.doc.Anchors, u.doc.Trust = r.Anchors, r.Trust
	u.doc.Summary, u.doc.Notes = &r.Summary, append([]string{}, r.Notes...)
	u.doc.Findings = append(u.doc.Findings, r.Findings...)
	u.doc.Gaps = append(u.doc.Gaps, r.Gaps...)
}

// verified reports success, and its scope.
func (u *ui) verified(r *integrity.Report) {
	u.say("%s %s", paint(u.paintOut, green, "verified"), scope(r.Summary, len(r.Gaps)))
	if r.Digest != "" {
		u.say("digest %s", r.Digest)
	}
	u.vouched(r.Trust)
	u.anchored(r.Anchors)
	if u.verbose && !u.quiet {
		u.details(r.Root, r.Coverage, nil)
		u.printGaps(r.Gaps)
	}
	u.printNotes(r.Notes)
}

// differs reports what was found.
func (u *ui) differs(r *integrity.Report) error {
	u.printFindings(r.Findings)
	u.anchored(r.Anchors)
	if !slices.ContainsFunc(r.Findings, func(f integrity.Finding) bool { return f.Code != integrity.Unreadable }) {
		return u.unreadable(r)
	}
	u.tell("%s from %s: %s", count(len(r.Findings), "difference"), u.shown(r.Map), tally(r.Findings))
	u.printNotes(r.Notes)
	if u.anchorHints(r.Findings) {
		return verdict(exitDiffers)
	}
	u.hint("to undo a change: restore the file, or delete node_modules and install it again")
	accept := u.again("generate")
	if r.Anchors != nil {
		accept += " --lockfile"
	}
	u.hint("to accept it: %s", accept)
	return verdict(exitDiffers)
}

// unreadable reports that nothing was found but files that could not be read:
// whether they are what the map says is not known.
func (u *ui) unreadable(r *integrity.Report) error {
	u.tell("%s of %s could not be read, so nothing is verified", count(len(r.Findings), "file"), u.shown(r.Map))
	u.printNotes(r.Notes)
	u.hint("run it as a user who may read them, or see what is wrong with the disk")
	return verdict(exitFailed)
}

// tally counts the findings by code.
func tally(findings []integrity.Finding) string {
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
