package lockfile

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

// npm parses package-lock.json and npm-shrinkwrap.json. Like npm, it ignores one byte
// order mark at the beginning.
func (r *reader) npm() {
	r.text = strings.TrimPrefix(r.text, "\ufeff")
	if r.json(r.text); r.err != nil {
		return
	}
	root := gjson.Parse(r.text)
	r.lock.Manager = manager.NPM
	r.npmVersion(root.Get("lockfileVersion"))
	packages := root.Get("packages")
	if r.err == nil && !packages.Exists() {
		r.bad(pos{}, "the lockfile has no packages")
	}
	if r.err != nil {
		return
	}
	r.members("packages", packages, r.npmPackage)
	r.npmBundled()
	if r.err == nil {
		r.npmEdges(packages)
	}
}

func (r *reader) npmVersion(v gjson.Result) {
	r.lock.Version = v.Raw
	switch v.Raw {
	case "2", "3":
	case "1":
		r.badHint(r.place(v), "run npm install --package-lock-only with npm 7 or later", "lockfileVersion 1 does not list the directories of packages")
	case "":
		r.bad(pos{}, "the lockfile has no lockfileVersion")
	default:
		r.bad(r.place(v), "lockfileVersion %s is not supported: use 2 or 3", quote(v.Raw))
	}
}

func (r *reader) npmPackage(k, v gjson.Result) {
	at := r.place(k)
	p := Package{Key: k.Str}
	r.npmPlace(at, &p)
	what := "packages[" + quote(k.Str) + "]"
	r.members(what, v, func(k, v gjson.Result) { r.npmMember(what+"."+k.Str, k.Str, v, &p) })
	switch {
	case p.Kind == Link:
		p.Target = r.target(at, ".", p.Resolved)
		p.Resolved = ""
	case p.Alias == "":
		p.Kind = Member
	default:
		r.npmKind(at, &p)
	}
	if p.Name != "" {
		r.name(at, p.Name)
	}
	r.add(at, p)
}

// npmPlace parses a key: node_modules/a/node_modules/@b/c, after a directory of the
// project or not; or a directory of the project alone.
func (r *reader) npmPlace(at pos, p *Package) {
	place, out := outside(p.Key)
	if place == "" {
		place = "."
	}
	if p.Outside = out; !out {
		p.Places = []string{place}
	}
	if fault := placeFault(place); fault != "" {
		r.bad(at, "packages[%s]: the place %s", quote(p.Key), fault)
		return
	}
	_, names, installed := strings.Cut("/"+place+"/", "/node_modules/")
	switch {
	case !installed:
		return
	case names == "":
		r.bad(at, "packages[%s]: the place is a node_modules directory", quote(p.Key))
		return
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(names, "/"), "/node_modules/") {
		p.Alias = r.name(at, name)
	}
	p.Name = p.Alias
}

func (r *reader) npmMember(what, name string, v gjson.Result, p *Package) {
	switch name {
	case "name":
		p.Name = r.str(what, v)
	case "version":
		p.Version = r.str(what, v)
	case "resolved":
		if !v.IsBool() { // npm has written false for an unknown URL
			p.Resolved = r.str(what, v)
		}
	case "integrity":
		if v.Type != gjson.Null {
			p.Integrity = r.digests(r.place(v), r.str(what, v))
		}
	case "link":
		if r.flag(what, v) {
			p.Kind = Link
		}
	case "inBundle":
		p.Bundled = r.flag(what, v)
	case "bundleDependencies":
		p.Bundles = r.list(what, v)
	case "dev":
		p.Dev = r.flag(what, v) || p.Dev
	case "optional":
		p.Optional = r.flag(what, v) || p.Optional
	case "devOptional":
		both := r.flag(what, v)
		p.Dev, p.Optional = both || p.Dev, both || p.Optional
	case "os":
		p.OS = r.list(what, v)
	case "cpu":
		p.CPU = r.list(what, v)
	case "libc":
		p.Libc = r.list(what, v)
	}
}

func (r *reader) npmKind(at pos, p *Package) {
	file, isFile := strings.CutPrefix(p.Resolved, "file:")
	switch {
	case isFile:
		p.Kind, p.Target = Tarball, r.target(at, ".", file)
	case p.Resolved == "" || ofRegistry(p.Resolved, p.Name, p.Version):
		p.Kind = Registry
	case isGit(p.Resolved):
		p.Kind = Git
	default:
		p.Kind = Tarball
	}
}

// npmBundled sets the bundler of each bundled package: the nearest parent package that
// is not bundled itself. If that is the project itself, which bundles only when it is
// published, the package was fetched like any other.
func (r *reader) npmBundled() {
	byPlace := make(map[string]*Package, len(r.lock.Packages))
	for i := range r.lock.Packages {
		byPlace[r.lock.Packages[i].Key] = &r.lock.Packages[i]
	}
	for i := range r.lock.Packages {
		p := &r.lock.Packages[i]
		if !p.Bundled {
			continue
		}
		p.Bundler = r.npmBundler(byPlace, p)
		p.Bundled = p.Bundler != ""
	}
}

func (r *reader) npmBundler(byPlace map[string]*Package, p *Package) string {
	for key := p.Key; ; {
		i := strings.LastIndex(key, "/node_modules/")
		if i < 0 {
			return ""
		}
		key = key[:i]
		around, ok := byPlace[key]
		switch {
		case !ok && strings.Contains(key, "node_modules/"):
			r.bad(pos{line: p.Line}, "packages[%s] is bundled, but packages has no %s", quote(p.Key), quote(key))
			return ""
		case !ok || around.Alias == "":
			return ""
		case !around.Bundled:
			return key
		}
	}
}
