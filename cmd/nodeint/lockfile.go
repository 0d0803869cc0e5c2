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

// lockfileOptions are the flags of the verbs that hold what is installed against the
// lockfile.
type lockfileOptions struct {
	lockfile, fetch, require bool
}

func (o *lockfileOptions) register(fs *pflag.FlagSet) {
	fs.BoolVar(&o.lockfile, "lockfile", false, "hold every installed file against the archives that the lockfile names")
	fs.BoolVar(&o.fetch, "fetch", false, "with --lockfile: get archives that are in no cache from the registry")
	fs.BoolVar(&o.require, "require-anchored", false, "with --lockfile: refuse pinned packages that nothing vouches for")
}

// open gives what the library wants, nil without --lockfile. configured is what the
// configuration says, "" for nothing.
func (o *lockfileOptions) open(configured string) (*integrity.LockfileOptions, error) {
	if configured != "" {
		o.lockfile, o.fetch = true, o.fetch || configured == "fetch"
	}
	if !o.lockfile {
		for name, given := range map[string]bool{"fetch": o.fetch, "require-anchored": o.require} {
			if given {
				return nil, usage("write --lockfile --"+name, "--%s is for --lockfile", name)
			}
		}
		return nil, nil
	}
	return &integrity.LockfileOptions{Require: o.require, Fetch: o.fetch}, nil
}

// unlocked reports what is not as the lockfile has it: nothing is pinned then.
func (u *ui) unlocked(g *integrity.Generated) error {
	u.printFindings(g.Findings)
	u.anchored(g.Anchors)
	u.tell("%s from %s: %s; no map was written", count(len(g.Findings), "difference"), name(g.Anchors.Lockfile), tally(g.Findings))
	u.anchorHints(g.Findings)
	return verdict(exitDiffers)
}

// anchorHints says what to do about the findings that are not as the lockfile has it,
// and reports whether there are any. To make the map anew helps against none of them.
func (u *ui) anchorHints(findings []integrity.Finding) bool {
	there := make(map[string]bool)
	for _, f := range findings {
		there[f.Code] = true
	}
	told := false
	for _, h := range []struct{ codes, hint string }{
		{integrity.AnchorMismatch + " " + integrity.AnchorExtra + " " + integrity.AnchorMissing, "to undo a change: delete node_modules and install it again, with an empty cache if it comes back"},
		{integrity.AnchorUnlocked, "what the lockfile does not know: delete it, or install it with the package manager"},
		{integrity.AnchorArchive, "to get an archive again: empty the package manager's cache; if it comes back, do not use the package"},
		{integrity.AnchorNone, "what nothing vouches for needs an integrity in the lockfile and an archive at hand (--fetch); or leave --require-anchored away"},
	} {
		if slices.ContainsFunc(strings.Fields(h.codes), func(code string) bool { return there[code] }) {
			u.hint("%s", h.hint)
			told = true
		}
	}
	if names := scriptNames(findings); len(names) > 0 {
		u.hint("if an install script is meant to write there: name it in nodeint.scripts of package.json (%s), then %s --lockfile",
			strings.Join(names, ", "), u.again("generate"))
	}
	return told
}

// scriptNames are what nodeint.scripts would have to hold for the findings: at most a
// few, for it is to be short.
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

// anchored says what the lockfile vouches for.
func (u *ui) anchored(a *integrity.LockfileSummary) {
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
	u.say("anchored %d of %s of %s to %s%s", a.Classes[integrity.Anchored], count(a.Files, "file"), count(a.Packages, "package"), name(a.Lockfile), tail)
	for i, l := range a.Unanchored {
		if i == maxGaps && !u.verbose {
			u.say("  and %d more; -v lists all", len(a.Unanchored)-i)
			break
		}
		u.say("  %s %s (%s): %s", paint(u.paintOut, yellow, string(integrity.Unanchored)), name(l.Path), plain(l.Package), plain(l.Reason))
	}
	if u.verbose && !u.quiet {
		for _, f := range a.Others {
			u.say("  %s %s: %s", f.Class, name(f.Path), plain(f.Reason))
		}
	}
}
