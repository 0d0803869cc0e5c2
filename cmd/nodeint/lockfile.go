package main

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/nodeint/nodeint/integrity"
)

// lockfileOptions are the flags of the verbs that compare the installed files with
// the archives of the lockfile.
type lockfileOptions struct {
	lockfile, fetch, require bool
}

func (o *lockfileOptions) register(fs *pflag.FlagSet) {
	fs.BoolVar(&o.lockfile, "lockfile", false, "compare every installed file with the archives that the lockfile names")
	fs.BoolVar(&o.fetch, "fetch", false, "with --lockfile: download archives from the registry if no cache contains them")
	fs.BoolVar(&o.require, "require-anchored", false, "with --lockfile: fail if a pinned package cannot be compared with an archive")
}

// open returns the options for the library, or nil without --lockfile. configured is
// the member "lockfile" of the configuration, or "".
func (o *lockfileOptions) open(configured string) (*integrity.LockfileOptions, error) {
	if configured != "" {
		o.lockfile, o.fetch = true, o.fetch || configured == "fetch"
	}
	if !o.lockfile {
		for name, given := range map[string]bool{"fetch": o.fetch, "require-anchored": o.require} {
			if given {
				return nil, usage("use --lockfile --"+name, "--%s requires --lockfile", name)
			}
		}
		return nil, nil
	}
	return &integrity.LockfileOptions{Require: o.require, Fetch: o.fetch}, nil
}

// reportLockfile reports the differences from the lockfile's archives. generate then
// writes no map.
func (u *ui) reportLockfile(g *integrity.Generated) error {
	u.printFindings(g.Findings)
	u.printAnchors(g.Anchors)
	u.printf("%s from %s: %s; the map was not written", count(len(g.Findings), "difference"), safeName(g.Anchors.Lockfile), countByCode(g.Findings))
	u.anchorHints(g.Findings)
	return statusError(exitDiffers)
}

// anchorHints prints hints for the differences from the lockfile's archives, and
// reports whether there are any. Generating the map again fixes none of them.
func (u *ui) anchorHints(findings []integrity.Finding) bool {
	codes := make(map[string]bool)
	for _, f := range findings {
		codes[f.Code] = true
	}
	printed := false
	for _, h := range []struct{ codes, hint string }{
		{integrity.AnchorMismatch + " " + integrity.AnchorExtra + " " + integrity.AnchorMissing, "to undo the changes: delete node_modules and install again; if they come back, empty the package manager's cache first"},
		{integrity.AnchorUnlocked, "to remove files that the lockfile does not list: delete node_modules and install again; to keep them: install them with the package manager"},
		{integrity.AnchorArchive, "to get the archive again: empty the package manager's cache and install again; if the difference comes back, do not use the package"},
		{integrity.AnchorNone, "to download missing archives: add --fetch; to allow packages without an archive: omit --require-anchored"},
	} {
		if slices.ContainsFunc(strings.Fields(h.codes), func(code string) bool { return codes[code] }) {
			u.hintf("%s", h.hint)
			printed = true
		}
	}
	if names := scriptNames(findings); len(names) > 0 {
		u.hintf("if an install script writes these files: add %s to nodeint.scripts in package.json, then run %s",
			strings.Join(names, ", "), u.commandLine("generate --lockfile"))
	}
	return printed
}

// scriptNames returns the names that nodeint.scripts would have to list to allow the
// findings: at most three, so that the hint stays short.
func scriptNames(findings []integrity.Finding) []string {
	const most = 3
	var names []string
	for _, f := range findings {
		name := ""
		switch base := path.Base(f.Path); {
		case f.Code == integrity.AnchorUnlocked && strings.HasPrefix(base, "."):
			name = base
		case f.Code == integrity.AnchorMismatch || f.Code == integrity.AnchorExtra:
			name = f.Package[:max(strings.LastIndex(f.Package, "@"), 0)]
		}
		if name = strconv.Quote(name); name == `""` || slices.Contains(names, name) {
			continue
		}
		if len(names) == most {
			return append(names, "…")
		}
		names = append(names, name)
	}
	return names
}

// printAnchors prints how many installed files were compared with the lockfile's
// archives, and the packages that could not be compared.
func (u *ui) printAnchors(a *integrity.Anchors) {
	if a == nil {
		return
	}
	var rest []string
	for _, class := range integrity.ProvenanceClasses()[1:] {
		if n := a.Classes[class]; n > 0 {
			rest = append(rest, fmt.Sprintf("%d %s", n, class))
		}
	}
	tail := ""
	if len(rest) > 0 {
		tail = "; " + strings.Join(rest, ", ")
	}
	u.infof("anchored %d of %s of %s to %s%s", a.Classes[integrity.Anchored], count(a.Files, "file"), count(a.Packages, "package"), safeName(a.Lockfile), tail)
	for i, l := range a.Unanchored {
		if i == maxGaps && !u.verbose {
			u.infof("  and %d more; use -v to list all", len(a.Unanchored)-i)
			break
		}
		u.infof("  %s %s (%s): %s", paint(u.paintOut, yellow, string(integrity.Unanchored)), safeName(l.Path), escape(l.Package), escape(l.Reason))
	}
	if u.verbose && !u.quiet {
		for _, f := range a.Others {
			u.infof("  %s %s: %s", f.Class, safeName(f.Path), escape(f.Reason))
		}
	}
}
