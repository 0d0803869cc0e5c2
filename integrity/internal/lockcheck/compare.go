package lockcheck

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// compare gives every file of every package its class. Files that are as the archive
// has them come first, for aliases are their bytes.
func (c *checker) compare() {
	var rest []odd
	for _, in := range c.installs {
		if in.zip != "" {
			c.zipped(in)
			continue
		}
		if in.listing == nil {
			c.unanchored(in)
			continue
		}
		rest = append(rest, c.straight(in)...)
	}
	for _, o := range rest {
		c.judge(o)
	}
	for _, in := range c.installs {
		if in.listing != nil && in.zip == "" {
			c.pack(in)
		}
	}
}

// An odd is a file that is not as the archive has it: want is nil where the archive
// has none at that path, and got is the zero value where there is none on disk.
type odd struct {
	in   *install
	rel  string
	want *tarball.File
	got  file
}

// straight counts the files that are as the archive has them, and returns the others.
func (c *checker) straight(in *install) []odd {
	var rest []odd
	there := make(map[string]bool, len(in.files))
	for _, f := range in.files {
		there[f.rel] = true
		want := in.listing.File(f.rel)
		if want == nil || f.result.Err != nil || f.result.Digests[0] != want.Digests[0] {
			rest = append(rest, odd{in, f.rel, want, f})
			continue
		}
		c.report.Counts[Anchored]++
		if d := want.Digests[0]; want.Size > 0 && c.anchored[d] == "" {
			c.anchored[d] = in.dir
		}
	}
	for i := range in.listing.Files {
		if want := &in.listing.Files[i]; !there[want.Path] && !c.isElsewhere(in, want.Path) {
			rest = append(rest, odd{in: in, rel: want.Path, want: want})
		}
	}
	return rest
}

// isElsewhere reports whether what an archive bundles at rel was installed as a
// package of its own, or left out for one further up.
func (c *checker) isElsewhere(in *install, rel string) bool {
	return c.opt.Lock.Manager != lockfile.NPM && strings.HasPrefix(rel, "node_modules/")
}

// judge finds a class for what is not as the archive has it, or reports it.
func (c *checker) judge(o odd) {
	p := tree.Join(o.in.dir, o.rel)
	alias := c.aliasOf(o)
	if file := c.classOf(o, alias); file.Class != "" {
		file.Path, file.Package = p, o.in.at()
		c.add(file)
		if file.Class != ManagerMeta { // of which nothing is loaded
			o.in.weaken(file.Class)
		}
		return
	}
	f := problem.Finding{Path: p, Package: o.in.at(), Code: problem.AnchorMismatch}
	if o.want != nil {
		f.Want = hasher.Format(o.want.Digests)
	}
	switch {
	case o.got.rel == "":
		f.Code, f.Got, f.Detail = problem.AnchorMissing, "nothing", "the package's archive has it"
	case o.got.result.Err != nil:
		f.Got = "what cannot be read: " + o.got.result.Err.Error()
	default:
		f.Got = hasher.Format(o.got.result.Digests)
	}
	if o.want == nil {
		f.Code, f.Detail = problem.AnchorExtra, "the package's archive does not have it"
	} else if alias != "" {
		f.Detail = "its bytes are those of a file of " + alias
	}
	c.find(f)
	o.in.weaken(Unanchored)
}

// classOf gives the class, with why and by which patch; none where it is a finding.
// alias is what aliasOf says.
func (c *checker) classOf(o odd, alias string) File {
	if c.opt.Plugged != nil && o.rel == ready && o.want == nil {
		return File{Class: ManagerMeta, Reason: "the package manager's own"}
	}
	if reason := derived(o); reason != "" {
		return File{Class: Derived, Reason: reason}
	}
	if by := c.patchOf(o); by != "" {
		return File{Class: Patched, Reason: "a patch of the project names it", Patch: by}
	}
	if alias != "" && isFamily(nameOf(o.in.pkg), alias) {
		return File{Class: Alias, Reason: "it has the bytes of a file of " + alias}
	}
	if c.mayWrite(o.in) {
		return File{Class: ScriptOutput, Reason: scripted}
	}
	return File{}
}

const scripted = "an install script of its package may write it"

// mayWrite reports whether the install scripts of a package may write to its folder.
func (c *checker) mayWrite(in *install) bool {
	return c.scripts[nameOf(in.pkg)] || c.scripts[in.pkg.Alias]
}

// derived tells what the manager made a file of, "" where it did not.
func derived(o odd) string {
	dir, base := path.Split(o.rel)
	same := func(f *tarball.File, got file) bool {
		return f != nil && got.result.Err == nil && len(got.result.Digests) > 0 && f.Digests[0] == got.result.Digests[0]
	}
	switch {
	case o.want != nil && len(o.want.Unix) > 0 && len(o.got.result.Digests) > 0 && o.want.Unix[0] == o.got.result.Digests[0]:
		return "the first line of a program ended in CR LF"
	case base == ".npmignore" && same(o.in.listing.File(dir+".gitignore"), o.got):
		return "the archive has it as .gitignore"
	case base == ".gitignore" && o.got.rel == "" && same(o.want, o.in.file(dir+".npmignore")):
		return "it was renamed to .npmignore"
	}
	return ""
}

// file gives the file at rel, the zero value if there is none.
func (in *install) file(rel string) file {
	i := slices.IndexFunc(in.files, func(f file) bool { return f.rel == rel })
	if i < 0 {
		return file{}
	}
	return in.files[i]
}

// aliasOf names the package that has the file's bytes at some path of its archive.
func (c *checker) aliasOf(o odd) string {
	if len(o.got.result.Digests) == 0 {
		return ""
	}
	dir := c.anchored[o.got.result.Digests[0]]
	if dir == "" || dir == o.in.dir {
		return ""
	}
	return nameOf(c.installAt(dir).pkg)
}

// isFamily reports whether other is one of the packages that name is made of:
// @name/… or name-….
func isFamily(name, other string) bool {
	scope, base, scoped := strings.Cut(name, "/")
	if !scoped {
		base = name
	}
	return strings.HasPrefix(other, "@"+base+"/") || strings.HasPrefix(other, name+"-") || scoped && strings.HasPrefix(other, scope+"/"+base+"-")
}

func (in *install) weaken(class Class) {
	if slices.Index(Classes, class) > slices.Index(Classes, in.class()) {
		in.weakest = class
	}
}

func (in *install) class() Class { return cmp.Or(in.weakest, Anchored) }

// unanchored counts the files of a package without an archive.
func (c *checker) unanchored(in *install) {
	var absent *Absent
	reason := in.err.Error()
	if !errors.As(in.err, &absent) {
		c.find(problem.Finding{Code: problem.AnchorArchive, Path: in.dir, Package: in.at(), Detail: reason})
	}
	for _, f := range in.files {
		c.add(File{Path: tree.Join(in.dir, f.rel), Package: in.at(), Class: Unanchored, Reason: reason})
	}
	in.weaken(Unanchored)
	c.report.Packages = append(c.report.Packages, in.summary(reason))
}

// pack notes a package that was compared.
func (c *checker) pack(in *install) {
	for _, f := range in.listing.Findings {
		if !harmless[f.Code] {
			c.find(problem.Finding{Code: problem.AnchorArchive, Path: in.dir, Package: in.at(), Detail: fmt.Sprintf("its archive holds %q: %s", f.Path, f.Reason)})
		}
	}
	c.report.Packages = append(c.report.Packages, in.summary(""))
}

// harmless is what archives hold that every manager leaves out, or takes for the same
// thing. No packer makes the rest: somebody has built the archive by hand, for readers
// that differ.
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

// temporary is the folder in a package's node_modules that pnpm has install scripts
// keep temporary files in.
const temporary = ".tmp"

// strangers reports what lies in a node_modules and is of no package.
func (c *checker) strangers() {
	for _, p := range c.unknown {
		in := c.installAt(strings.TrimSuffix(p, "/"+nodejs.NodeModules+"/"+temporary))
		switch {
		case in != nil && c.mayWrite(in):
			c.add(File{Path: p, Package: in.at(), Class: ScriptOutput, Reason: scripted})
			in.weaken(ScriptOutput)
		case !c.isBundled(p):
			c.find(problem.Finding{Code: problem.AnchorUnlocked, Path: p, Detail: "the lockfile does not know it, and Node can load it by its name"})
		}
	}
}

// isBundled reports whether the archive of a package around p brought it.
func (c *checker) isBundled(p string) bool {
	for dir := p; ; {
		i := strings.LastIndex(dir, "/node_modules/")
		if i < 0 {
			return false
		}
		dir = p[:i]
		if in := c.installAt(dir); in != nil && bundles(in.listing, p[i+1:]) {
			return true
		}
	}
}

func (c *checker) add(f File) {
	c.report.Counts[f.Class]++
	c.report.Files = append(c.report.Files, f)
}

func (c *checker) find(f problem.Finding) { c.report.Findings = append(c.report.Findings, f) }

func (r *Report) sort() {
	slices.SortFunc(r.Packages, func(a, b Package) int { return strings.Compare(a.Dir, b.Dir) })
	slices.SortFunc(r.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	slices.SortFunc(r.Findings, func(a, b problem.Finding) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Code, b.Code), strings.Compare(a.Detail, b.Detail))
	})
}

// counter makes of a Progress one that counts by itself.
func counter(report func(done, total int), total int) func() {
	if report == nil {
		return func() {}
	}
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		report(done, total)
	}
}
