package lockfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

// Limits of a lockfile. The lockfiles of npm, yarn 1 and bun are read in place. YAML is
// parsed to a tree of about 250 bytes per value, so its limit is lower.
const (
	MaxSize     = 64 << 20  // bytes
	MaxYAML     = 16 << 20  // bytes of YAML
	maxValues   = 1_000_000 // values of YAML, estimated from line ends and separators
	maxDepth    = 64        // nested objects and lists
	maxPackages = 100_000
	maxText     = 8 << 10 // bytes of one key, version, range or URL
	maxDigests  = 16      // per package
	maxNames    = 1024    // elements of one list: systems, bundled packages
)

// A Kind says where the files of a package come from.
type Kind string

// The kinds of packages.
const (
	Registry  Kind = "registry"  // a tarball of a registry
	Tarball   Kind = "tarball"   // another tarball: from a URL, or from a file (Target)
	Git       Kind = "git"       // a commit of a repository, which the package manager packs
	Directory Kind = "directory" // copied from a directory (Target)
	Link      Kind = "link"      // a symbolic link to a directory (Target)
	Member    Kind = "member"    // a directory of the project: the root, a workspace member, or the target of a link
	Other     Kind = "other"     // anything else: a runtime, or a package that a plugin fetches
)

// A Lock is the contents of a lockfile.
type Lock struct {
	File     string // the name passed to Parse
	Manager  manager.Manager
	Version  string    // the version of the format: "3", "9.0"
	CacheKey string    // yarn 2 and later: __metadata.cacheKey
	Packages []Package // in the order of the text
	Edges    []Edge    // the dependencies of Packages, by rising From

	workspaces  []string       // npm: the patterns of the workspace members
	descriptors map[string]int // yarn: the package of each name@range in a key
	parsed      int            // yarn 1: the number of packages in the lockfile itself
}

// A Package is one package of a lockfile at one place, or at one of several possible
// places. The same name and version can occur more than once.
type Package struct {
	Key  string // its key in the lockfile; "" is the root in npm's
	Line int    // the line of Key, from 1

	Name  string // its name in the registry; "" if the lockfile does not record it (a member)
	Alias string // the name of its directory: Name, except for an alias (npm:other@1)
	// Aliases are further names of its directory, if pnpm does not link packages
	// (nodeLinker: hoisted). Elsewhere an alias is a package of its own.
	Aliases []string
	Version string // "" if the lockfile does not record it
	Kind    Kind

	// Places are the directories where the package manager installs the package,
	// relative to the root: "." or a clean path with slashes and without "..". The
	// package comment says for each manager when there are several or none.
	Places []string
	// Store is the beginning of its directory name in node_modules/.bun (bun only).
	// A hash may follow: "+" and 16 hexadecimal digits.
	Store string
	// Slug is the name of the package in the caches of yarn 2 and later.
	Slug string
	// Target is the directory or file of a Link, Directory or Tarball, relative to
	// the root. It may begin with "../". It is "" if the lockfile does not record it.
	Target string
	// Outside means that the place is outside the root and therefore not in Places.
	Outside bool

	// Integrity is the digest of the tarball that the package manager fetches. For
	// yarn 2 and later, it is the digest of the zip that yarn makes from it. It is
	// empty if the lockfile has none.
	Integrity []Digest
	Resolved  string // the URL in the lockfile; "" for the URL that the registry uses
	Patch     *Patch // nil if it is not patched

	OS, CPU, Libc []string // as in package.json: "linux", "!win32"
	Optional, Dev bool     // whether it may be absent: as recorded, or after Require as computed
	Config        bool     // pnpm itself loads it; programs do not

	// Bundled means that the files come from the tarball of another package: the
	// one at the place Bundler. Integrity is then not the digest of that tarball.
	Bundled bool
	Bundler string
	Bundles []string // the packages that its own tarball contains, in node_modules
}

// A Patch changes the files of a package after the package manager has unpacked them.
type Patch struct {
	// Files are the patch files, relative to the root. "builtin:…" is a patch that is
	// part of yarn. Files is empty if the lockfile does not record them.
	Files []string
	// Hash depends on the package manager. pnpm 10 and later: the SHA-256 of the
	// patch with LF line ends. Older pnpm: the MD5 in base 32. yarn: part of a
	// SHA-512. bun: none.
	Hash string
}

// Options are settings of the layout that the lockfile does not record. The zero value
// has the defaults of the package managers.
type Options struct {
	// VirtualStore is pnpm's virtualStoreDir, relative to the root; "" is
	// node_modules/.pnpm.
	VirtualStore string
	// MaxLength is pnpm's virtualStoreDirMaxLength; 0 is 120. (The default is 60 on
	// Windows.)
	MaxLength int
}

// Parse parses a lockfile. The last element of its path, name, selects the format.
// Every error is a [*problem.Error].
func Parse(name, text string, o Options) (*Lock, error) {
	r := &reader{file: name, text: text, lock: &Lock{File: name}, options: o.withDefaults()}
	f, ok := formats[base(name)]
	if !ok {
		r.bad(pos{}, "the file name is not one of %s", strings.Join(fileNames(), ", "))
		return nil, r.err
	}
	r.hint = f.hint
	if r.check(); r.err == nil {
		f.parse(r)
	}
	if r.finish(); r.err == nil {
		r.finishEdges()
	}
	if r.err != nil {
		return nil, r.err
	}
	return r.lock, nil
}

func (o Options) withDefaults() Options {
	if o.VirtualStore == "" {
		o.VirtualStore = "node_modules/.pnpm"
	}
	if o.MaxLength == 0 {
		o.MaxLength = 120
	}
	return o
}

// A format is one kind of lockfile.
type format struct {
	manager string // as in packageManager of package.json
	hint    string
	parse   func(*reader)
}

var formats = map[string]format{
	"npm-shrinkwrap.json": {"npm", "run npm shrinkwrap to write it again", (*reader).npm},
	"package-lock.json":   {"npm", "run npm install to write it again", (*reader).npm},
	"pnpm-lock.yaml":      {"pnpm", "run pnpm install to write it again", (*reader).pnpm},
	"yarn.lock":           {"yarn", "run yarn install to write it again", (*reader).yarn},
	"bun.lock":            {"bun", "run bun install to write it again", (*reader).bun},
	"bun.lockb":           {"bun", "run bun install --save-text-lockfile to write it as text", (*reader).bunBinary},
}

// base returns the last element of a path of any system.
func base(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] }

// add checks a package and adds it to the lockfile.
func (r *reader) add(at pos, p Package) {
	if len(r.lock.Packages) == maxPackages {
		r.bad(at, "more than %d packages", maxPackages)
	}
	p.Line = at.line
	for _, s := range []string{p.Key, p.Version, p.Resolved, p.Target} {
		if fault := textFault(s); fault != "" {
			r.bad(at, "%s: %s", quote(s), fault)
		}
	}
	for _, place := range p.Places {
		if fault := placeFault(place); fault != "" {
			r.bad(at, "the place %s %s", quote(place), fault)
		}
	}
	if r.err == nil {
		r.lock.Packages = append(r.lock.Packages, p)
	}
}

// name checks that a name is valid for a directory in node_modules, and returns it.
func (r *reader) name(at pos, name string) string {
	if fault := nameFault(name); fault != "" {
		r.bad(at, "the name %s %s", quote(name), fault)
	}
	return name
}

// finish checks that no two packages have the same place. If both have other possible
// places, it removes the common place from both.
func (r *reader) finish() {
	first := make(map[string]*Package, len(r.lock.Packages))
	shared := make(map[string]bool)
	for i := range r.lock.Packages {
		p := &r.lock.Packages[i]
		for _, place := range p.Places {
			other, taken := first[place]
			if !taken {
				first[place] = p
			} else if other.Key != p.Key { // the aliases of yarn 2 have one key
				shared[place] = true
				r.share(place, p, other)
			}
		}
	}
	for i := range r.lock.Packages {
		p := &r.lock.Packages[i]
		p.Places = slices.DeleteFunc(p.Places, func(place string) bool { return shared[place] })
	}
}

// share rejects a common place of two packages, if one of them has no other.
func (r *reader) share(place string, p, other *Package) {
	if len(p.Places) == 1 || len(other.Places) == 1 {
		r.bad(pos{line: p.Line}, "the place %s is also used on line %d", quote(place), other.Line)
	}
}

// String returns name@version, or what the lockfile has of it: ms@2.1.3.
func (p *Package) String() string {
	switch {
	case p.Name == "":
		return fmt.Sprintf("%q", p.Key)
	case p.Version == "":
		return p.Name
	}
	return p.Name + "@" + p.Version
}
