package lockfile

import (
	"fmt"
	"slices"
	"strings"
)

// Bounds of a lockfile. What npm, yarn 1 and bun write is read in place; of YAML a
// tree is built first, of some 250 bytes a value, so there less is read.
const (
	MaxSize     = 64 << 20  // bytes
	MaxYAML     = 16 << 20  // bytes of YAML
	maxValues   = 1_000_000 // line ends and what begins or parts a value in YAML
	maxDepth    = 64        // nested objects and lists
	maxPackages = 100_000
	maxText     = 8 << 10 // bytes of one key, version, range or address
	maxDigests  = 16      // of one package
	maxNames    = 1024    // in one list: of systems, of what is bundled
)

// A Manager is a package manager and, where it has two, its kind of lockfile.
type Manager string

// The managers.
const (
	NPM         Manager = "npm"
	YarnClassic Manager = "yarn 1"
	YarnBerry   Manager = "yarn" // yarn 2 and later
	PNPM        Manager = "pnpm"
	Bun         Manager = "bun"
)

// A Kind says where the files of a package come from.
type Kind string

// The kinds.
const (
	Registry Kind = "registry" // a registry's tarball
	Tarball  Kind = "tarball"  // another tarball: of an address, or of a file (Target)
	Git      Kind = "git"      // a repository, at a commit; the manager packs it
	Folder   Kind = "folder"   // copied from a folder (Target)
	Link     Kind = "link"     // a symbolic link to a folder (Target)
	Member   Kind = "member"   // a folder of the project's own: the root, a workspace's member, what a link leads to
	Other    Kind = "other"    // anything else: a runtime, what a plugin fetches
)

// A Lock is what a lockfile says.
type Lock struct {
	File     string // the name given to Parse
	Manager  Manager
	Version  string    // of the format: "3", "9.0"
	CacheKey string    // yarn 2 and later: __metadata.cacheKey
	Packages []Package // in the order of the text
}

// A Package is one package of a lockfile at one place, or at the places that it may
// have. The same name and version may occur more than once.
type Package struct {
	Key  string // what the lockfile calls it; "" is npm's root
	Line int    // of Key, from 1

	Name    string // in its registry; "" where the lockfile does not say (a member)
	Alias   string // the name of its folder on disk: Name, but for an alias (npm:other@1)
	Version string // "" where the lockfile does not say
	Kind    Kind

	// Places are where the manager lays the package, relative to the root: "." or a
	// clean path with slashes, without "..". The package comment says for each
	// manager when there is more than one, or none.
	Places []string
	// Store is, for bun alone, how its folder in node_modules/.bun begins: a hash
	// may follow, "+" and 16 hexadecimal digits.
	Store string
	// Slug is, for yarn 2 and later alone, how its caches name the package.
	Slug string
	// Target is the folder or file, relative to the root, of a Link, Folder or
	// Tarball. It may begin with "../"; it is "" where the lockfile does not say.
	Target string
	// Outside says that the place is outside of the root, and so not in Places.
	Outside bool

	// Integrity is of the tarball that the manager fetches, and for yarn 2 and later
	// of the zip that it makes of that. Empty: the lockfile has none.
	Integrity []Digest
	Resolved  string // the address as the lockfile has it; "" for the registry's own
	Patch     *Patch // nil: not patched

	OS, CPU, Libc []string // as in package.json: "linux", "!win32"
	Optional, Dev bool     // whether it may be left out; see the package comment
	Config        bool     // pnpm itself loads it, and no program

	// Bundled says that the files come out of another package's tarball, that of
	// the package at the place Bundler. Integrity is not theirs then.
	Bundled bool
	Bundler string
	Bundles []string // the names that its own tarball brings, in node_modules
}

// A Patch is what the manager does to the files after it has unpacked them.
type Patch struct {
	// Files are those of the patches, relative to the root; "builtin:…" is one that
	// yarn holds in itself. None: the lockfile does not say.
	Files []string
	// Hash is the manager's own: pnpm 10 and later, the SHA-256 of the patch with
	// LF line ends; before, its MD5 in base 32; yarn, part of a SHA-512; bun, none.
	Hash string
}

// Options are what the lockfile does not say of the layout. The zero value is the
// managers' own.
type Options struct {
	// VirtualStore is pnpm's virtualStoreDir, relative to the root; "" is
	// node_modules/.pnpm.
	VirtualStore string
	// MaxLength is pnpm's virtualStoreDirMaxLength; 0 is 120. (Windows has 60.)
	MaxLength int
}

// Parse reads a lockfile; name is its path, whose last part says which it is. Every
// error is an *Error.
func Parse(name, text string, o Options) (*Lock, error) {
	r := &reader{file: name, text: text, lock: &Lock{File: name}, options: o.withDefaults()}
	f, ok := formats[base(name)]
	if !ok {
		r.bad(pos{}, "the name is none of %s", strings.Join(known(), ", "))
		return nil, r.err
	}
	r.hint = f.hint
	if r.check(); r.err == nil {
		f.parse(r)
	}
	if r.finish(); r.err != nil {
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

// A format is a lockfile's name, and who reads it.
type format struct {
	manager string // as in packageManager of package.json
	hint    string
	parse   func(*reader)
}

var formats = map[string]format{
	"npm-shrinkwrap.json": {"npm", "make it anew with npm shrinkwrap", (*reader).npm},
	"package-lock.json":   {"npm", "make it anew with npm install", (*reader).npm},
	"pnpm-lock.yaml":      {"pnpm", "make it anew with pnpm install", (*reader).pnpm},
	"yarn.lock":           {"yarn", "make it anew with yarn install", (*reader).yarn},
	"bun.lock":            {"bun", "make it anew with bun install", (*reader).bun},
	"bun.lockb":           {"bun", "write it as text with bun install --save-text-lockfile", (*reader).bunBinary},
}

// base is the last part of a path of any system.
func base(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] }

// add takes a package in, once its parts are checked.
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

// name holds that a name may be that of a folder in node_modules.
func (r *reader) name(at pos, name string) string {
	if fault := nameFault(name); fault != "" {
		r.bad(at, "the name %s %s", quote(name), fault)
	}
	return name
}

// finish holds that a place belongs to one package: of two at one place, one is not
// what it seems. Where a package may be at other places too, they share none.
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

// share refuses that two packages are at one place, if one of them is at no other.
func (r *reader) share(place string, p, other *Package) {
	if len(p.Places) == 1 || len(other.Places) == 1 {
		r.bad(pos{line: p.Line}, "the place %s is also that of line %d", quote(place), other.Line)
	}
}

// String names the package as people do: ms@2.1.3.
func (p *Package) String() string {
	switch {
	case p.Name == "":
		return fmt.Sprintf("%q", p.Key)
	case p.Version == "":
		return p.Name
	}
	return p.Name + "@" + p.Version
}
