package lockcheck

import (
	"errors"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A pnpPackage is an installed package by the Plug'n'Play tables.
type pnpPackage struct {
	dir     string // its directory, which may be in a zip file
	zip     string // the zip file; "" if the package is not in one
	locator string // name@reference, as in yarn.lock
}

// readyFile is the file that Yarn writes to a package after unpacking it.
const readyFile = ".ready"

// findPnPPackages returns the installed packages by the Plug'n'Play tables. The result
// is nil if the project does not use Plug'n'Play.
func findPnPPackages(req Request, lock *lockfile.Lock) ([]pnpPackage, error) {
	if lock.Manager != manager.YarnBerry || req.Tables == nil {
		return nil, nil
	}
	tables, err := req.Tables()
	if tables == nil || err != nil {
		return nil, err
	}
	found := []pnpPackage{}
	for _, dir := range tables.Places() {
		if strings.HasPrefix(dir, "../") || tables.At(dir)[0].IsWorkspace() {
			continue
		}
		at := dir
		zip, _, isZip := pnp.SplitZip(dir)
		if isZip {
			at = zip
		}
		kind, err := req.Tree.Kind(at)
		if err != nil {
			return nil, problem.NotChecked(at, "make it readable for the user who runs nodeint", "%w", err)
		}
		if kind == tree.None {
			continue // for example, a package for another system
		}
		found = append(found, pnpPackage{dir: dir, zip: zip, locator: tables.At(dir)[0].String()})
	}
	return found, nil
}

// findByTables finds the installed packages by the Plug'n'Play tables. The tables and
// yarn.lock both name a package by its locator.
func (c *checker) findByTables() error {
	byKey := make(map[string]*lockfile.Package)
	for i := range c.in.Lock.Packages {
		if p := &c.in.Lock.Packages[i]; byKey[p.Key] == nil {
			byKey[p.Key] = p
		}
	}
	for _, at := range c.in.PnP {
		switch p := byKey[at.locator]; {
		case p == nil:
			c.find(problem.Finding{Code: problem.AnchorUnlocked, Path: at.dir, Package: at.locator, Detail: "the Plug'n'Play tables list it, and the lockfile does not"})
		case p.Kind == lockfile.Member || p.Kind == lockfile.Link:
		default:
			c.installs = append(c.installs, &install{pkg: p, dir: at.dir, zip: at.zip})
		}
	}
	c.sortInstalls()
	return nil
}

// classifyZip classifies a package in a zip file. If the zip file is the archive that
// the lockfile names, all files in it are anchored.
func (c *checker) classifyZip(in *install) {
	if in.listing != nil {
		c.report.counts[Anchored] += len(in.listing.Files)
		for _, f := range in.listing.Files {
			if d := f.Digests[0]; f.Size > 0 && c.anchored[d] == "" {
				c.anchored[d] = in.dir
			}
		}
		c.finishPackage(in)
		c.report.packages[len(c.report.packages)-1].Files = len(in.listing.Files)
		return
	}
	reason := in.err.Error()
	if absent, ok := errors.AsType[*absentError](in.err); ok {
		reason = absent.reason
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
	c.report.packages = append(c.report.packages, p)
}
