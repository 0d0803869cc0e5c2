package lockfile

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

func (r *reader) bunBinary() {
	r.bad(pos{}, "nodeint cannot read binary lockfiles")
}

// bun parses bun.lock: JSON with trailing commas.
func (r *reader) bun() {
	r.lock.Manager = manager.Bun
	text := trailing(r.text)
	if r.json(text); r.err != nil {
		return
	}
	root := gjson.Parse(text)
	version := root.Get("lockfileVersion")
	switch r.lock.Version = version.Raw; version.Raw {
	case "0", "1", "2":
	case "":
		r.bad(pos{}, "the lockfile has no lockfileVersion")
	default:
		r.bad(r.place(version), "lockfileVersion %s is not supported: use 0 to 2", quote(version.Raw))
	}
	b := &bunLock{members: map[string]string{}, patches: map[string]string{}}
	if v := root.Get("workspaces"); v.Exists() {
		r.members("workspaces", v, r.bunMember)
	}
	if v := root.Get("patchedDependencies"); v.Exists() {
		r.members("patchedDependencies", v, func(k, v gjson.Result) {
			b.patches[k.Str] = r.target(r.place(v), ".", r.str("patchedDependencies["+quote(k.Str)+"]", v))
		})
	}
	if v := root.Get("packages"); v.Exists() && r.err == nil {
		r.members("packages", v, func(k, v gjson.Result) { b.find(k, v) })
		r.members("packages", v, func(k, v gjson.Result) { r.bunPackage(k, v, b) })
	}
	if r.err == nil {
		r.bunEdges(root.Get("workspaces"), root.Get("packages"))
	}
}

// trailing replaces trailing commas with spaces. The result is JSON, and all offsets
// stay the same.
func trailing(text string) string {
	out := []byte(text)
	comma, last, inString := -1, byte(0), false
	for i := 0; i < len(out); i++ {
		c := out[i]
		switch {
		case inString && c == '\\':
			i++
			continue
		case c == '"':
			inString = !inString
		case inString || c == ' ' || c == '\n' || c == '\t' || c == '\r':
			continue
		case (c == '}' || c == ']') && comma >= 0:
			out[comma] = ' '
		}
		if c == ',' && !inString && !strings.ContainsRune("[{,:", rune(last)) {
			comma = i
		} else {
			comma = -1
		}
		last = c
	}
	return string(out)
}

// A bunLock has the directories of the workspace members by name, and the patch files
// by name@version.
type bunLock struct{ members, patches map[string]string }

func (b *bunLock) find(k, v gjson.Result) {
	if dir, ok := strings.CutPrefix(v.Get("0").Str, k.Str+"@workspace:"); ok {
		b.members[k.Str] = dir
	}
}

func (r *reader) bunMember(k, v gjson.Result) {
	what := "workspaces[" + quote(k.Str) + "]"
	p := Package{Key: k.Str, Kind: Member}
	dir := r.target(r.place(k), ".", k.Str)
	r.members(what, v, func(m, v gjson.Result) {
		switch m.Str {
		case "name":
			p.Name = r.str(what+".name", v)
		case "version":
			p.Version = r.str(what+".version", v)
		}
	})
	r.add(r.place(k), r.inside(p, dir))
}

// bunParts is the most elements of the list of a package: bun writes at most 4.
const bunParts = 8

// bunPackage parses one package: a list whose first element is name@reference. The
// other elements depend on the reference.
func (r *reader) bunPackage(k, v gjson.Result, b *bunLock) {
	at, what := r.place(k), "packages["+quote(k.Str)+"]"
	if !v.IsArray() {
		r.bad(r.place(v), "%s is not a list", what)
		return
	}
	var parts []gjson.Result
	v.ForEach(func(_, part gjson.Result) bool {
		parts = append(parts, part)
		return len(parts) <= bunParts
	})
	if len(parts) == 0 || len(parts) > bunParts {
		r.bad(r.place(v), "%s is empty, or has more than %d elements", what, bunParts)
		return
	}
	name, reference, ok := split(r.str(what+"[0]", parts[0]))
	if !ok {
		r.bad(at, "%s is not of the form name@version", what)
		return
	}
	p := Package{Key: k.Str, Name: r.name(at, name)}
	place := r.bunPlace(at, &p, b)
	for _, part := range parts[1:] {
		if part.IsObject() {
			r.bunInfo(what, part, &p)
		}
	}
	r.bunKind(what, at, reference, parts, &p)
	if file, patched := b.patches[name+"@"+reference]; patched {
		p.Patch = &Patch{Files: []string{file}}
	}
	p = r.inside(p, place)
	r.bunBundler(at, &p)
	r.add(at, p)
}

// bunPlace parses a key: "a/@b/c" is node_modules/a/node_modules/@b/c. If a is the name
// of a workspace member, the place is below the member's directory.
func (r *reader) bunPlace(at pos, p *Package, b *bunLock) (place string) {
	place = "."
	for i, name := range bunNames(p.Key) {
		p.Alias = r.name(at, name)
		if dir, ok := b.members[name]; ok && i == 0 && name != p.Key {
			place = r.target(at, ".", dir)
			continue
		}
		place = join(place, "node_modules/"+name)
	}
	return place
}

// bunNames splits a key into names. A scope and the element after it are one name.
func bunNames(key string) []string {
	var names []string
	for part := range strings.SplitSeq(key, "/") {
		if n := len(names); n > 0 && strings.HasPrefix(names[n-1], "@") && !strings.Contains(names[n-1], "/") {
			names[n-1] += "/" + part
		} else {
			names = append(names, part)
		}
	}
	return names
}

func (r *reader) bunInfo(what string, v gjson.Result, p *Package) {
	r.members(what, v, func(k, v gjson.Result) {
		switch k.Str {
		case "os":
			p.OS = r.list(what+".os", v)
		case "cpu":
			p.CPU = r.list(what+".cpu", v)
		case "libc":
			p.Libc = r.list(what+".libc", v)
		case "bundled":
			p.Bundled = r.flag(what+".bundled", v)
		}
	})
}

func (r *reader) bunKind(what string, at pos, reference string, parts []gjson.Result, p *Package) {
	protocol, rest, hasProtocol := strings.Cut(reference, ":")
	switch {
	case protocol == "workspace":
		p.Kind, p.Target = Link, r.target(at, ".", rest)
	case protocol == "link":
		p.Kind, p.Target = Link, r.target(at, ".", rest)
	case protocol == "root":
		p.Kind, p.Target = Link, "."
	case isGit(reference):
		p.Kind, p.Resolved = Git, reference
	case isTarball(reference) && isURL(reference):
		p.Kind, p.Resolved = Tarball, reference
		p.Integrity = r.bunSum(what, parts)
	case isTarball(reference):
		p.Kind, p.Target = Tarball, r.target(at, ".", strings.TrimPrefix(reference, "file:"))
		p.Integrity = r.bunSum(what, parts)
	case protocol == "file":
		p.Kind, p.Target = Directory, r.target(at, ".", rest)
	case len(parts) == 4 && !hasProtocol:
		p.Kind, p.Version = Registry, reference
		p.Resolved = r.str(what+"[1]", parts[1])
		p.Integrity = r.bunSum(what, parts)
	case isURL(reference):
		p.Kind, p.Resolved = Tarball, reference
		p.Integrity = r.bunSum(what, parts)
	default:
		p.Kind = Other
	}
	if p.Kind != Link {
		p.Store = "node_modules/.bun/" + bunEscape(p.Name+"@"+reference)
	}
}

// bunSum returns the last element as integrity. An empty string is none.
func (r *reader) bunSum(what string, parts []gjson.Result) []Digest {
	last := parts[len(parts)-1]
	if len(parts) < 3 || last.Type == gjson.String && last.Str == "" {
		return nil
	}
	return r.digests(r.place(last), r.str(what+": the integrity", last))
}

func bunEscape(s string) string {
	return strings.NewReplacer("/", "+", `\`, "+", ":", "+", "#", "+").Replace(s)
}

// bunBundler sets the bundler of a bundled package: the package that contains it.
func (r *reader) bunBundler(at pos, p *Package) {
	if !p.Bundled || p.Outside {
		return
	}
	around, _, _ := cutLast(p.Places[0], "/node_modules/")
	if p.Bundler = around; around == "" {
		r.bad(at, "packages[%s] is bundled but not in a package", quote(p.Key))
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}
