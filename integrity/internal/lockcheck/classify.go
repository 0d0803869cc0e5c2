package lockcheck

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// classifyAll gives every file of every package its class. Anchored files come first,
// because aliases have their bytes.
func (c *checker) classifyAll() {
	var rest []difference
	for _, in := range c.installs {
		if in.zip != "" {
			c.classifyZip(in)
			continue
		}
		if in.listing == nil {
			c.noArchive(in)
			continue
		}
		rest = append(rest, c.countAnchored(in)...)
	}
	for _, d := range rest {
		c.classify(d)
	}
	for _, in := range c.installs {
		if in.listing != nil && in.zip == "" {
			c.finishPackage(in)
		}
	}
}

// A difference is a file that differs from the archive.
type difference struct {
	in   *install
	rel  string
	want *tarball.File // nil if the archive has no file at rel
	got  file          // the zero value if no file is installed at rel
}

// countAnchored counts the files that equal the archive's, and returns the others.
func (c *checker) countAnchored(in *install) []difference {
	var rest []difference
	installed := make(map[string]bool, len(in.files))
	for _, f := range in.files {
		installed[f.rel] = true
		want := in.listing.File(f.rel)
		if want == nil || f.result.Err != nil || f.result.Digests[0] != want.Digests[0] {
			rest = append(rest, difference{in, f.rel, want, f})
			continue
		}
		c.report.counts[Anchored]++
		if d := want.Digests[0]; want.Size > 0 && c.anchored[d] == "" {
			c.anchored[d] = in.dir
		}
	}
	for i := range in.listing.Files {
		if want := &in.listing.Files[i]; !installed[want.Path] && !c.mayBeElsewhere(want.Path) {
			rest = append(rest, difference{in: in, rel: want.Path, want: want})
		}
	}
	return rest
}

// mayBeElsewhere reports whether the package manager may install a bundled file of an
// archive, at rel, as part of a package of its own, or replace it by a package in a
// parent directory. npm does neither.
func (c *checker) mayBeElsewhere(rel string) bool {
	return c.in.Lock.Manager != manager.NPM && strings.HasPrefix(rel, nodejs.NodeModules+"/")
}

// classify gives a file that differs from the archive its class, or reports it.
func (c *checker) classify(d difference) {
	p := tree.Join(d.in.dir, d.rel)
	alias := c.aliasOf(d)
	if file := c.classOf(d, alias); file.Class != "" {
		file.Path, file.Package = p, d.in.at()
		c.add(file)
		if file.Class != ManagerMeta { // Node loads nothing of that class
			d.in.weaken(file.Class)
		}
		return
	}
	f := problem.Finding{Path: p, Package: d.in.at(), Code: problem.AnchorMismatch}
	if d.want != nil {
		f.Want = hasher.Format(d.want.Digests)
	}
	switch {
	case d.got.rel == "":
		f.Code, f.Got, f.Detail = problem.AnchorMissing, "nothing", "the archive of the package contains it"
	case d.got.result.Err != nil:
		f.Got = "unreadable: " + d.got.result.Err.Error()
	default:
		f.Got = hasher.Format(d.got.result.Digests)
	}
	if d.want == nil {
		f.Code, f.Detail = problem.AnchorExtra, "the archive of the package does not contain it"
	} else if alias != "" {
		f.Detail = "its bytes are those of a file of " + alias
	}
	c.find(f)
	d.in.weaken(Unanchored)
}

// classOf returns the class of a file that differs from the archive, with the reason
// and the patch. The class is "" if the file is a finding. alias is the result of
// aliasOf.
func (c *checker) classOf(d difference, alias string) File {
	if c.in.PnP != nil && d.rel == readyFile && d.want == nil {
		return File{Class: ManagerMeta, Reason: managerFile}
	}
	if reason := derivedFrom(d); reason != "" {
		return File{Class: Derived, Reason: reason}
	}
	if by := c.patchOf(d); by != "" {
		return File{Class: Patched, Reason: "a patch of the project names it", Patch: by}
	}
	if alias != "" && isFamily(nameOf(d.in.pkg), alias) {
		return File{Class: Alias, Reason: "it has the bytes of a file of " + alias}
	}
	if c.mayWrite(d.in) {
		return File{Class: ScriptOutput, Reason: scriptFile}
	}
	return File{}
}

// The reasons of the classes ManagerMeta and ScriptOutput.
const (
	managerFile = "the package manager's own file"
	scriptFile  = "an install script of its package may write it"
)

// mayWrite reports whether the install scripts of a package may write to its directory.
func (c *checker) mayWrite(in *install) bool {
	return c.scripts[nameOf(in.pkg)] || c.scripts[in.pkg.Alias]
}

// derivedFrom says how the package manager made a file from one of the archive. It
// returns "" if it did not.
func derivedFrom(d difference) string {
	dir, base := path.Split(d.rel)
	same := func(f *tarball.File, got file) bool {
		return f != nil && got.result.Err == nil && len(got.result.Digests) > 0 && f.Digests[0] == got.result.Digests[0]
	}
	switch {
	case d.want != nil && len(d.want.Unix) > 0 && len(d.got.result.Digests) > 0 && d.want.Unix[0] == d.got.result.Digests[0]:
		return "the first line of a program ended in CR LF"
	case base == ".npmignore" && same(d.in.listing.File(dir+".gitignore"), d.got):
		return "the archive has it as .gitignore"
	case base == ".gitignore" && d.got.rel == "" && same(d.want, d.in.file(dir+".npmignore")):
		return "it was renamed to .npmignore"
	}
	return ""
}

// aliasOf returns the name of a package whose archive has the file's bytes at some
// path. It returns "" if there is none.
func (c *checker) aliasOf(d difference) string {
	if len(d.got.result.Digests) == 0 {
		return ""
	}
	dir := c.anchored[d.got.result.Digests[0]]
	if dir == "" || dir == d.in.dir {
		return ""
	}
	return nameOf(c.installAt(dir).pkg)
}

// isFamily reports whether other is a part of the package name: @name/… or name-….
func isFamily(name, other string) bool {
	scope, base, scoped := strings.Cut(name, "/")
	if !scoped {
		base = name
	}
	return strings.HasPrefix(other, "@"+base+"/") || strings.HasPrefix(other, name+"-") || scoped && strings.HasPrefix(other, scope+"/"+base+"-")
}

// weaken lowers the class of the package to class, if class is weaker.
func (in *install) weaken(class Class) {
	if slices.Index(Classes, class) > slices.Index(Classes, in.class()) {
		in.weakest = class
	}
}

func (in *install) class() Class { return cmp.Or(in.weakest, Anchored) }

// noArchive adds the files of a package without an archive.
func (c *checker) noArchive(in *install) {
	var absent *absentError
	reason := in.err.Error()
	if !errors.As(in.err, &absent) {
		c.find(problem.Finding{Code: problem.AnchorArchive, Path: in.dir, Package: in.at(), Detail: reason})
	}
	for _, f := range in.files {
		c.add(File{Path: tree.Join(in.dir, f.rel), Package: in.at(), Class: Unanchored, Reason: reason})
	}
	in.weaken(Unanchored)
	c.report.packages = append(c.report.packages, in.summary(reason))
}

// finishPackage adds a package whose files were compared.
func (c *checker) finishPackage(in *install) {
	for _, e := range in.listing.Irregular {
		if !harmless[e.Code] {
			c.find(problem.Finding{Code: problem.AnchorArchive, Path: in.dir, Package: in.at(), Detail: fmt.Sprintf("its archive contains %q: %s", e.Path, e.Reason)})
		}
	}
	c.report.packages = append(c.report.packages, in.summary(""))
}

// harmless are irregular entries that all package managers skip or read alike. No
// packer writes the others: an archive that contains one was made by hand, for
// readers that differ.
var harmless = map[tarball.Code]bool{
	tarball.Symlink: true, tarball.HardLink: true, tarball.Special: true, tarball.Sparse: true,
	tarball.PathShort: true, tarball.AfterEnd: true,
}

func (in *install) summary(reason string) Package {
	p := Package{Dir: in.dir, Name: nameOf(in.pkg), Version: in.pkg.Version, Class: in.class(), Reason: reason, Files: len(in.files)}
	if ds := in.pkg.Strongest(); len(ds) > 0 {
		p.Integrity = ds[0].String()
	}
	return p
}

// tempDir is the directory in a package's node_modules where pnpm makes install
// scripts write temporary files.
const tempDir = ".tmp"

// reportUnlisted reports the entries of a node_modules that belong to no package.
func (c *checker) reportUnlisted() {
	for _, p := range c.unlisted {
		in := c.installAt(strings.TrimSuffix(p, "/"+nodejs.NodeModules+"/"+tempDir))
		switch {
		case in != nil && c.mayWrite(in):
			c.add(File{Path: p, Package: in.at(), Class: ScriptOutput, Reason: scriptFile})
			in.weaken(ScriptOutput)
		case !c.isBundled(p):
			c.find(problem.Finding{Code: problem.AnchorUnlocked, Path: p, Detail: "the lockfile does not list it, and Node can load it by its name"})
		}
	}
}

// isBundled reports whether p comes from the archive of a package in a parent
// directory.
func (c *checker) isBundled(p string) bool {
	for dir := p; ; {
		i := strings.LastIndex(dir, "/"+nodejs.NodeModules+"/")
		if i < 0 {
			return false
		}
		dir = p[:i]
		if in := c.installAt(dir); in != nil && bundles(in.listing, p[i+1:]) {
			return true
		}
	}
}
