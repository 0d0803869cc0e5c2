package policyfile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// The codes of what is left out. docs/import-policy.md explains each one.
const (
	AnyBytes    = "any-bytes"    // integrity is true
	AnyName     = "any-name"     // dependencies is true
	Builtin     = "builtin"      // a redirect of a builtin module
	Conditions  = "conditions"   // import and require get different files
	Denied      = "denied"       // a name means nothing
	Digest      = "digest"       // metadata that no map can have
	Forbidden   = "forbidden"    // a file that must not be loaded
	Names       = "names"        // only the listed names may be used
	NoFile      = "no-file"      // a resource that does not exist, or is no regular file
	OnErrorLog  = "onerror"      // errors are only printed
	OutsideRoot = "outside-root" // a file that no key of the map can name
	Packages    = "packages"     // a redirect of a scope, for packages of which the policy has no resources
	Shadowed    = "shadowed"     // a redirect of a scope around it would hold here, too
	Specifier   = "specifier"    // a specifier that means something else in a map
	Target      = "target"       // a redirect to something that run does not load
	Unknown     = "unknown"      // a member that Node.js ignores
	Unpinned    = "unpinned"     // a redirect to a file without a digest
	URL         = "url"          // a resource or scope that is no file
)

// A Left is a part of a policy that a map cannot say.
type Left struct {
	Line   int    `json:"line"` // from 1
	Column int    `json:"column"`
	Member string `json:"member"` // as JavaScript would write it
	Code   string `json:"code"`
	Reason string `json:"reason"`

	// Weaker is true if the policy forbids something here that the map does not.
	Weaker bool `json:"weaker"`

	pos int
}

// A Pin is a file with the metadata that the policy requires.
type Pin struct {
	Path     string // relative to the root
	Metadata hasher.Metadata
	member
}

// A Redirect is what a specifier means to the modules of a scope.
type Redirect struct {
	Scope     string // a key of scopes of an import map; "" for imports
	Specifier string // as an import map has it
	Path      string // the file, relative to the root; "" for a module of Node.js
	Builtin   string // the module of Node.js, with "node:"
	member
}

// Address returns the address of the redirect in an import map.
func (r *Redirect) Address() string {
	if r.Path == "" {
		return r.Builtin
	}
	return importmap.KeyOf(r.Path)
}

// A Result is what an import map can say of a policy, and what it cannot.
type Result struct {
	Pins      []Pin
	Redirects []Redirect
	Left      []Left
}

// Convert returns what an import map can say. conditions are those of the program, beside
// those that Node.js always has.
func (p *Policy) Convert(base Base, conditions []string) *Result {
	c := &converter{policy: p, base: base, scopes: make(map[string]*level), emitted: make(map[[2]string]bool)}
	for i, kind := range []string{"import", "require"} {
		c.conditions[i] = append([]string{"node", "node-addons", kind}, conditions...)
	}
	c.start()
	for _, l := range p.scopes {
		if key, ok := c.scopeKey(l); !ok || c.scopes[key] == l {
			c.addScope(l)
		} else {
			c.leave(l.member, Unknown, ignoredKey, false)
		}
	}
	last := make(map[string]*level)
	for _, l := range p.resources {
		last[c.canonical(l.key)] = l
	}
	for _, l := range p.resources {
		if last[c.canonical(l.key)] == l {
			c.addResource(l)
		} else {
			c.leave(l.member, Unknown, ignoredKey, false)
		}
	}
	c.redirectAll(chainOf(c.scopes, c.inRoot("_"), p.outermost), rootScope)
	c.addPackages()
	for _, l := range append(slices.Clone(p.scopes), p.outermost) {
		c.addUnlisted(l)
	}
	if c.reachesOutermost {
		c.restriction(p.outermost)
	}
	slices.SortStableFunc(c.result.Left, func(a, b Left) int { return cmp.Compare(a.pos, b.pos) })
	for i := range c.result.Left {
		l := &c.result.Left[i]
		l.Line, l.Column = p.place(l.pos)
	}
	return &c.result
}

// LeavePins removes the pins of files that do not exist, or are no regular files.
func (r *Result) LeavePins(p *Policy, exists func(path string) bool) {
	r.Pins = slices.DeleteFunc(r.Pins, func(pin Pin) bool {
		if exists(pin.Path) {
			return false
		}
		r.leave(p, pin.member, NoFile, "the file does not exist, or is a link; Node.js loads files by their real path", false)
		return true
	})
}

// LeaveRedirects removes the redirects to files that the map does not pin: run does not
// follow those.
func (r *Result) LeaveRedirects(p *Policy, isPinned func(path string) bool) {
	left := make(map[int]bool)
	r.Redirects = slices.DeleteFunc(r.Redirects, func(d Redirect) bool {
		if d.Path == "" || isPinned(d.Path) {
			return false
		}
		if !left[d.pos] {
			left[d.pos] = true
			r.leave(p, d.member, Unpinned, "run does not follow a redirect to a file that the map does not pin", true)
		}
		return true
	})
}

func (r *Result) leave(p *Policy, m member, code, reason string, weaker bool) {
	l := newLeft(m, code, reason, weaker)
	l.Line, l.Column = p.place(m.pos)
	r.Left = append(r.Left, l)
	slices.SortStableFunc(r.Left, func(a, b Left) int { return cmp.Compare(a.pos, b.pos) })
}

func newLeft(m member, code, reason string, weaker bool) Left {
	return Left{Member: memberName(m.path), Code: code, Reason: reason, Weaker: weaker, pos: m.pos}
}

const ignoredKey = "a later key names the same, and Node.js uses that"

// rootScope is the scope of redirects that are in imports.
const rootScope = ""

// A converter is one call of Convert.
type converter struct {
	policy           *Policy
	base             Base
	conditions       [2][]string       // for import and for require
	scopes           map[string]*level // by absolute path with "/" at the end, scheme or ""
	packages         []string          // directories of installed packages that have resources
	reachesOutermost bool
	anyBytes         bool               // a scope of files has integrity
	emitted          map[[2]string]bool // scope and specifier of redirects
	result           Result
}

func (c *converter) leave(m member, code, reason string, weaker bool) {
	c.result.Left = append(c.result.Left, newLeft(m, code, reason, weaker))
}

// start adds what the outermost members say, and finds the scopes.
func (c *converter) start() {
	p := c.policy
	for _, m := range p.unknown {
		c.leave(m, Unknown, "Node.js ignores this member", false)
	}
	if p.OnError == "log" {
		c.leave(p.onError, OnErrorLog, "nodeint stops the program, and does not only print the error", false)
	}
	if p.outermost.anyName {
		c.leave(p.outermost.member, AnyName, "in a map, names mean what they mean without a policy", false)
	}
	for _, l := range p.scopes {
		if key, ok := c.scopeKey(l); ok {
			c.scopes[key] = l
			c.anyBytes = c.anyBytes || l.anyBytes
		}
	}
}

// scopeKey returns the key of a scope that files can be in.
func (c *converter) scopeKey(l *level) (string, bool) {
	if l.key == "" || l.key == fileScheme {
		return l.key, true
	}
	at := c.base.locate(l.key)
	if (at.kind == inRoot || at.kind == aboveRoot) && at.isDir {
		return dirKey(at.abs), true
	}
	return "", false
}

// chainOf returns the levels that answer for modules at an absolute path, beginning with
// the scopes around it.
func chainOf(scopes map[string]*level, abs string, outermost *level) []*level {
	var chain []*level
	for _, key := range scopesAround(abs) {
		if l := scopes[key]; l != nil {
			chain = append(chain, l)
		}
	}
	return append(chain, outermost)
}

// around is chainOf without a level itself.
func (c *converter) around(l *level, abs string) []*level {
	chain := chainOf(c.scopes, abs, c.policy.outermost)
	return slices.DeleteFunc(chain, func(o *level) bool { return o == l })
}

func (c *converter) addUnknown(l *level) {
	for _, m := range l.unknown {
		c.leave(m, Unknown, "Node.js ignores this member", false)
	}
}

// addScope adds what a scope says.
func (c *converter) addScope(l *level) {
	c.addUnknown(l)
	key, ok := c.scopeKey(l)
	if !ok {
		c.leave(l.member, URL, "no file of the program is in this scope", false)
		return
	}
	if l.anyBytes {
		c.leave(l.member, AnyBytes, "any content of any file is allowed here; a map pins the content", false)
	}
	abs := strings.TrimSuffix(key, "/")
	if key == "" || key == fileScheme {
		abs = ""
	}
	outer := c.around(l, cmp.Or(abs, "/"))
	if abs == "" { // the levels around "file:" are "" and the outermost one
		outer = []*level{c.policy.outermost}
		if s := c.scopes[""]; key == fileScheme && s != nil {
			outer = []*level{s, c.policy.outermost}
		}
	}
	c.restrictions(l, outer)
	if at := c.base.locate(l.key); abs != "" && at.kind == inRoot && at.path != "" {
		c.redirectAll(append([]*level{l}, outer...), importmap.KeyOf(at.path)+"/")
	}
}

// addResource adds what a resource says.
func (c *converter) addResource(l *level) {
	c.addUnknown(l)
	at := c.base.locate(l.key)
	switch {
	case at.kind == aboveRoot:
		c.leave(l.member, OutsideRoot, "the file is outside the root of the project; run does not load it", false)
		return
	case at.kind != inRoot || at.isDir || at.path == "":
		c.leave(l.member, URL, "this is not the URL of a file", false)
		return
	}
	outer := c.around(l, at.abs)
	c.addIntegrity(l, at, outer)
	c.restrictions(l, outer)
	scope := importmap.KeyOf(at.path)
	for _, d := range c.effective([]*level{l}) {
		c.redirect(d, scope)
	}
	if dir, ok := installedDir(at.path); ok && !slices.Contains(c.packages, dir) {
		c.packages = append(c.packages, dir)
	}
}

// addPackages adds the redirects of scopes around installed packages to the packages: in
// those, nodeint does not look in the scopes around.
func (c *converter) addPackages() {
	for _, dir := range c.packages {
		c.redirectAll(chainOf(c.scopes, c.inRoot(dir+"/_"), c.policy.outermost), importmap.KeyOf(dir)+"/")
	}
}

// addUnlisted adds that a redirect of a scope does not hold in packages of which the policy
// has no resources, if it allows to load such packages.
func (c *converter) addUnlisted(l *level) {
	if !c.anyBytes {
		return
	}
	for _, d := range l.names {
		if r, _, _, _ := c.convert(d); r != nil {
			c.leave(d.member, Packages, "in an installed package, run follows this redirect only if the policy has a resource of the package", true)
		}
	}
}

// inRoot returns the absolute path of a path in the root.
func (c *converter) inRoot(p string) string { return strings.TrimSuffix(c.base.Root, "/") + "/" + p }

// addIntegrity adds the digest of a resource.
func (c *converter) addIntegrity(l *level, at place, outer []*level) {
	switch {
	case l.integrity != nil:
		md, err := hasher.ParseMetadata(l.integrity.text)
		switch {
		case err != nil:
			c.leave(*l.integrity, Digest, err.Error(), true)
		case len(md.Strongest()) == 0:
			c.leave(*l.integrity, Digest, "no digest of an algorithm that Node.js and browsers know", true)
		default:
			c.result.Pins = append(c.result.Pins, Pin{at.path, md, l.member})
		}
	case l.anyBytes:
		c.leave(l.member, AnyBytes, "any content is allowed; a map pins the content", false)
	default:
		for _, o := range outer {
			if !l.cascade || !o.anyBytes && !o.cascade {
				break
			}
			if o.anyBytes {
				return // the scope is listed
			}
		}
		c.leave(l.member, Forbidden, "without integrity, the policy forbids to load this file; generate pins it if the program loads it", true)
	}
}

// restrictions adds that a level forbids all names that it does not list, and that a
// redirect of the levels around it does not hold there.
func (c *converter) restrictions(l *level, outer []*level) {
	switch {
	case l.anyName:
		c.leave(l.member, AnyName, "in a map, names mean what they mean without a policy", false)
	case !l.cascade:
		c.restriction(l)
	case len(outer) == 1: // the next one is the outermost
		c.reachesOutermost = true
	}
	redirects := make(map[string]bool) // by specifier that l lists
	for _, d := range c.effective([]*level{l}) {
		_, redirects[c.canonical(d.key)] = c.targetOf(d.value)
	}
	for _, o := range outer {
		for _, d := range o.names {
			redirected, listed := redirects[c.canonical(d.key)]
			if _, isRedirect := c.targetOf(d.value); !isRedirect || redirected || !listed && !l.anyName {
				continue // without cascade, Names says that it is forbidden
			}
			c.leave(l.member, Shadowed, "here the policy does not redirect "+quote(d.key)+"; in a map, the redirect of a scope around it holds, too", true)
			return
		}
	}
}

func (c *converter) restriction(l *level) {
	if !l.anyName {
		c.leave(l.member, Names, "the policy forbids all names that it does not list; a map does not", true)
	}
}

// redirectAll adds the redirects of a chain to a scope.
func (c *converter) redirectAll(chain []*level, scope string) {
	for _, d := range c.effective(chain) {
		c.redirect(d, scope)
	}
}

// effective returns what a chain says: of each specifier, what its first level says. Of
// two ways to write a specifier in one level, Node.js uses the last one.
func (c *converter) effective(chain []*level) []dependency {
	var all []dependency
	seen := make(map[string]bool)
	for _, l := range chain {
		start := len(all)
		for _, d := range slices.Backward(l.names) {
			if key := c.canonical(d.key); !seen[key] {
				seen[key] = true
				all = append(all, d)
			}
		}
		slices.Reverse(all[start:])
		if !l.cascade || l.anyName {
			break
		}
	}
	return all
}

// canonical is canonicalizeSpecifier of Node.js: the same for two ways to write a path.
func (c *converter) canonical(specifier string) string {
	if at := c.base.locate(specifier); at.abs != "" {
		if at.isDir {
			return dirKey(at.abs)
		}
		return at.abs
	}
	return specifier
}

// targetOf returns the target of a specifier under the program's conditions, if import and
// require get the same.
func (c *converter) targetOf(v gjson.Result) (target string, ok bool) {
	imported, required := search(v, c.conditions[0]), search(v, c.conditions[1])
	return imported.Str, imported.Type == gjson.String && required.Type == gjson.String && imported.Str == required.Str
}

// search is searchDependencies of Node.js. The result is true, a string, or anything else
// if the specifier means nothing.
func search(v gjson.Result, conditions []string) (found gjson.Result) {
	if !v.IsObject() {
		return v
	}
	v.ForEach(func(k, v gjson.Result) bool {
		if slices.Contains(conditions, k.Str) {
			found = search(v, conditions)
		}
		return !found.Exists() // Node.js rejects null in an object of conditions
	})
	return found
}

// isBuiltin reports whether run leaves a specifier to Node.js, because it is a module of
// its own.
func isBuiltin(specifier string) bool { return nodejs.IsBuiltin(specifier) }
