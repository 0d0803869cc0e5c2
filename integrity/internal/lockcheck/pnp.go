package lockcheck

import (
	"errors"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/problem"
)

// ready is the file that Yarn writes into a package once it is unpacked.
const ready = ".ready"

// plug finds the packages in the places that Plug'n'Play has for them. No folder says
// which package it is: the tables and yarn.lock name both by locator.
func (c *checker) plug() error {
	byKey := make(map[string]*lockfile.Package)
	for i := range c.opt.Lock.Packages {
		if p := &c.opt.Lock.Packages[i]; byKey[p.Key] == nil {
			byKey[p.Key] = p
		}
	}
	for _, at := range c.opt.Plugged {
		switch p := byKey[at.Locator]; {
		case p == nil:
			c.find(problem.Finding{Code: problem.AnchorUnlocked, Path: at.Dir, Package: at.Locator, Detail: "the lockfile does not know it, and Plug'n'Play has it"})
		case p.Kind == lockfile.Member || p.Kind == lockfile.Link:
		default:
			c.installs = append(c.installs, &install{pkg: p, dir: at.Dir, zip: at.Zip})
		}
	}
	slices.SortFunc(c.installs, func(a, b *install) int { return strings.Compare(a.dir, b.dir) })
	return nil
}

// zipped judges a package in a zip: if the zip is the archive that the lockfile
// names, so is all that lies in it.
func (c *checker) zipped(in *install) {
	if in.listing != nil {
		c.report.Counts[Anchored] += len(in.listing.Files)
		for _, f := range in.listing.Files {
			if d := f.Digests[0]; f.Size > 0 && c.anchored[d] == "" {
				c.anchored[d] = in.dir
			}
		}
		c.pack(in)
		c.report.Packages[len(c.report.Packages)-1].Files = len(in.listing.Files)
		return
	}
	reason := in.err.Error()
	if absent, ok := errors.AsType[*Absent](in.err); ok {
		reason = absent.Reason
	} else {
		f := problem.Finding{Code: problem.AnchorArchive, Path: in.zip, Package: in.at(), Detail: reason}
		if e, ok := errors.AsType[*tarball.Error](in.err); ok && e.Code == tarball.WrongDigest {
			f.Code, f.Detail = problem.AnchorMismatch, "it is not the archive that the lockfile names: "+e.Reason
		}
		c.find(f)
	}
	c.add(File{Path: in.zip, Package: in.at(), Class: Unanchored, Reason: reason})
	in.weaken(Unanchored)
	p := in.summary(reason)
	p.Files = 1
	c.report.Packages = append(c.report.Packages, p)
}
