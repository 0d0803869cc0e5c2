package main

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/audit"
	"github.com/nodeint/nodeint/integrity/project"
)

func newAudit(u *ui) *cobra.Command {
	var since string
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "list odd files of the installed packages, for a reader",
		Long: `audit lists what an attack through a package could use: programs and WebAssembly,
archives, encoded or minified code among readable code, files of tests that code loads,
install scripts. If there is a map, it also lists install scripts that have changed since,
and packages that use more powers than then.

It is a list for a reader and no verdict: most of the places are as they should be. See
nodeint explain CODE for each code.`,
		Example: `  nodeint audit
  nodeint audit -v                                         # the complete list
  git show main:importmap.json > /tmp/main.json && nodeint audit --since /tmp/main.json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runAudit(cmd.Context(), u, since)
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "compare install scripts and powers with the map in `FILE` (default the map in place)")
	_ = cmd.MarkFlagFilename("since", "json")
	return cmd
}

func runAudit(ctx context.Context, u *ui, since string) error {
	start := time.Now()
	p, err := project.Find(u.cwd)
	if err != nil {
		return err
	}
	opt := audit.Options{Root: p.Root}
	if opt.Map, err = u.mapOf(p.Dir); err != nil {
		return err
	}
	if since != "" {
		if opt.Since, err = u.input(since); err != nil {
			return err
		}
	}
	meter, report := u.progress()
	if report != nil {
		opt.Progress = func(files int) { report(integrity.Progress{Stage: "reading packages", Files: files}) }
	}
	r, err := audit.Run(ctx, opt)
	meter.erase()
	if err != nil {
		return err
	}
	u.doc.Command, u.doc.Root, u.doc.Map, u.doc.Audit, u.doc.Notes = "audit", p.Root, opt.Map, r, r.Notes
	u.doc.Summary = &integrity.Summary{Checked: r.Files, Packages: r.Packages, Bytes: r.Bytes, MS: time.Since(start).Milliseconds()}
	lines, named := u.printAudit(r.Places)
	u.infof("%s of %s to look at, among %s and %s in %s", count(lines, "line"), count(named, "package"),
		count(r.Packages, "package"), count(r.Files, "file"), duration(u.doc.Summary.MS))
	if r.Since == "" {
		r.Notes = append(r.Notes, "there is no map to compare install scripts and powers with")
	}
	u.printNotes(r.Notes)
	return nil
}

// maxPlaces is how many files of one package are printed for a code without -v.
const maxPlaces = 3

// printAudit prints the places below the package that they are in. It returns the number of
// lines, and of packages.
func (u *ui) printAudit(places []audit.Place) (lines, packages int) {
	for len(places) > 0 {
		n := 1
		for n < len(places) && places[n].Dir == places[0].Dir {
			n++
		}
		packages++
		u.printf("%s", packageHeading(places[0]))
		lines += u.printCodes(places[:n])
		places = places[n:]
	}
	return lines, packages
}

func packageHeading(p audit.Place) string {
	if p.Dir == "" {
		return "your own files"
	}
	return escape(cmp.Or(p.Package, p.Dir)) + " (" + safeName(p.Dir) + ")"
}

// printCodes prints the places of one package, which are sorted by code.
func (u *ui) printCodes(places []audit.Place) (lines int) {
	for len(places) > 0 {
		n := 1
		for n < len(places) && places[n].Code == places[0].Code {
			n++
		}
		shown := n
		if !u.verbose && n > maxPlaces {
			shown = maxPlaces
		}
		for _, p := range places[:shown] {
			u.printf("  %s %s: %s", paint(u.paintOut, yellow, p.Code), safeName(p.File), escape(p.Detail))
		}
		if more := n - shown; more > 0 {
			u.printf("  %s and %s; -v lists them", places[0].Code, count(more, "more file"))
			lines++
		}
		lines += shown
		places = places[n:]
	}
	return lines
}
