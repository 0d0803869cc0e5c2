package lockcheck

import (
	"errors"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// checkBundled checks the packages that the lockfile says are in the archive of another
// package. What that archive contains is compared with the files of that package. If it
// has no archive, neither has the bundled package.
func (c *checker) checkBundled() {
	for _, in := range c.bundled {
		around := c.installAround(in.dir)
		switch {
		case around == nil:
			c.find(problem.Finding{Code: problem.AnchorUnlocked, Path: in.dir, Package: in.at(), Detail: "the lockfile says that another package bundles it, and that package is not installed around it"})
		case around.listing == nil:
			in.err = &absentError{"the package that bundles it, " + around.at() + ", has no archive: " + reasonOf(around.err)}
			c.installs = append(c.installs, in)
			c.sortInstalls()
		case !bundles(around.listing, in.dir[len(around.dir)+1:]):
			c.find(problem.Finding{Code: problem.AnchorUnlocked, Path: in.dir, Package: in.at(), Detail: "the lockfile says that " + around.at() + " bundles it, and the archive of that package does not contain it"})
		}
	}
}

// installAround returns the installed package whose directory contains dir, or nil.
func (c *checker) installAround(dir string) *install {
	for dir = tree.Parent(dir); dir != ""; dir = tree.Parent(dir) {
		if in := c.installAt(dir); in != nil {
			return in
		}
	}
	return nil
}

// reasonOf returns why there is no archive to compare with.
func reasonOf(err error) string {
	if absent, ok := errors.AsType[*absentError](err); ok {
		return absent.reason
	}
	return strings.TrimSuffix(err.Error(), ".")
}
