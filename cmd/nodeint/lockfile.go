package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/anchor"
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
	u.hint("to undo a change: delete node_modules and install it again, with an empty cache if it comes back")
	u.hint("if an install script of a package is meant to write, name it in nodeint.scripts of package.json")
	return verdict(exitDiffers)
}

// anchored says what the lockfile vouches for.
func (u *ui) anchored(a *integrity.Anchors) {
	if a == nil {
		return
	}
	var rest []string
	for _, class := range anchor.Classes[1:] {
		if n := a.Classes[class]; n > 0 {
			rest = append(rest, fmt.Sprintf("%d %s", n, class))
		}
	}
	tail := ""
	if len(rest) > 0 {
		tail = "; " + strings.Join(rest, ", ")
	}
	u.say("anchored %d of %s of %s to %s%s", a.Classes[anchor.Anchored], count(a.Files, "file"), count(a.Packages, "package"), name(a.Lockfile), tail)
	for i, l := range a.Unanchored {
		if i == maxGaps && !u.verbose {
			u.say("  and %d more; -v lists all", len(a.Unanchored)-i)
			break
		}
		u.say("  %s %s (%s): %s", paint(u.paintOut, yellow, string(anchor.Unanchored)), name(l.Path), plain(l.Package), plain(l.Reason))
	}
	if u.verbose && !u.quiet {
		for _, f := range a.Others {
			u.say("  %s %s: %s", f.Class, name(f.Path), plain(f.Reason))
		}
	}
}
