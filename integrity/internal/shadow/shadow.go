// Package shadow finds shadowing files: files, links and directories that are
// not in the map and that Node.js would load instead of pinned ones, or would
// read to decide what to load.
//
// What lies around the pinned files decides what Node loads as much as they do:
// a file x beside x.js, a package.json where there was none, a nearer
// node_modules. generate adds shadowing files to the map until there are none;
// to verify each one is a finding. So both agree by construction on what a map
// has to contain.
//
// In the directories from the root down to each pinned file, an entry that is
// not pinned is a shadowing file by these rules:
//
//  1. [Manifest]: a package.json. It decides what ".js" and "#names" mean
//     (LOOKUP_PACKAGE_SCOPE).
//  2. [Precedes]: a file or link that require finds before a pinned one, when it
//     tries extensions (LOAD_AS_FILE before LOAD_AS_DIRECTORY): "x", "x.js",
//     "x.json", "x.node", then the directory "x".
//  3. [Requested]: a path that a module requested when the map was made and that
//     did not exist, or a link in the place of a directory on the way to it. If a
//     pinned link leads to that path, anything at it; otherwise a directory only if
//     require would load something from it.
//  4. [Nearer]: in a node_modules there, a package, link or file with a name for
//     which a pinned one is in a node_modules further up, since the nearest one wins
//     (LOAD_NODE_MODULES); or with a name that was requested and not installed. One
//     above all pinned ones of its name does not matter: every module that uses the
//     name finds a pinned one first.
//
// In the directories of the packages that the coverage pins whole, and wherever
// a link in them leads (of the project's own package, these are the directories
// of the entries and of the modules that they reach, with all below them):
//
//  5. [Covered]: a file that Node can load, a shared library by its name, or a
//     link. In a package that has an addon, also a shared library by its content.
//     With the coverage "tree" it is any file or link.
//
// Files that no map pins (package unpinned) are shadowing files by no rule, and what is
// in a cache is none by rule 5 or by an include pattern. In a version-control directory
// that is not the root's, rule 5 and include patterns hold for links and for files that
// Node can load. In the .bin directory of a node_modules, rules 1 to 4 do not hold: its
// entries are started by their full names.
//
// Outside the root, where nothing can be pinned, [Search.CheckParentModules] looks for
// what was requested in vain.
//
// Exclude patterns of the configuration take entries out of rule 5. An entry
// that an include pattern matches is one anywhere ([Included]).
package shadow

import (
	"cmp"
	"fmt"
	"path"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A File is a shadowing file, link or directory.
type File struct {
	Path    string // relative to the root, slash-separated
	Kind    tree.Kind
	Reason  Reason
	Instead string // for Precedes and Nearer: what Node would load otherwise, if anything
	Below   string // for Nearer: modules in and below this directory look there
}

// A Reason is the rule by which a file is a shadowing file; see the package
// comment.
type Reason uint8

// The reasons, in the order of the rules.
const (
	Manifest Reason = iota
	Precedes
	Requested
	Nearer
	Covered
	Included
)

// CoveredDetail is the sentence for Covered.
const CoveredDetail = "it did not exist when the map was generated, and Node can load it"

// Detail returns one sentence for a person that says why f matters.
func (f File) Detail() string {
	switch f.Reason {
	case Manifest:
		return "it changes how Node resolves and reads the modules in and below its directory"
	case Precedes:
		return fmt.Sprintf("require would load it instead of %s", f.Instead)
	case Requested:
		return "the program loads it, and it did not exist when the map was generated"
	case Nearer:
		return f.nearerDetail()
	case Included:
		return "an include pattern matches it"
	}
	return CoveredDetail
}

// nearerDetail is Detail for Nearer.
func (f File) nearerDetail() string {
	switch below := cmp.Or(f.Below, "the root"); {
	case f.Instead != "":
		return fmt.Sprintf("modules in and below %s would load it instead of %s", below, f.Instead)
	case path.Base(f.Path) == nodejs.NodeModules:
		return fmt.Sprintf("modules in and below %s would look for packages in it", below)
	}
	return "the program requests a package of this name, which was not installed when the map was generated"
}
