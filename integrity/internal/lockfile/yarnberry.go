package lockfile

import (
	"crypto/sha512"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

// berry parses the yarn.lock of yarn 2 and later.
func (r *reader) berry() {
	r.lock.Manager = manager.YarnBerry
	r.lock.descriptors = make(map[string]int)
	root := r.yaml(strings.ReplaceAll(r.text, "\r\n", "\n"), 0)
	if root == nil {
		return
	}
	b := &berryLock{members: map[string]string{}}
	r.berryVersion(member(root, "__metadata"))
	r.mapping("", root, func(k, v *yaml.Node) {
		if n := member(v, "resolution"); n != nil {
			b.member(n.Value)
		}
	})
	r.mapping("", root, func(k, v *yaml.Node) {
		if k.Value != "__metadata" {
			r.berryPackages(k, v, b)
		}
	})
	if r.err == nil {
		r.berryEdges(b)
	}
}

// A berryLock has the directories of the workspace members, by locator.
type berryLock struct {
	members map[string]string
	entries []berryEntry
}

func (b *berryLock) member(locator string) {
	if _, reference, ok := split(locator); ok {
		if dir, ok := strings.CutPrefix(reference, "workspace:"); ok {
			b.members[locator] = dir
		}
	}
}

// The supported versions of the format: yarn 2.0 writes 4, yarn 4.18 writes 10.
const minBerry, maxBerry = 4, 10

func (r *reader) berryVersion(n *yaml.Node) {
	if n == nil {
		r.bad(pos{}, "the lockfile has neither __metadata (yarn 2 and later) nor the comment \"# yarn lockfile v1\"")
		return
	}
	version := r.scalar("__metadata.version", member(n, "version"))
	number, err := strconv.Atoi(version)
	if err != nil || number < minBerry || number > maxBerry {
		r.bad(where(n), "__metadata.version %s is not supported: use %d to %d", quote(version), minBerry, maxBerry)
	}
	r.lock.Version = version
	r.lock.CacheKey = r.scalar("__metadata.cacheKey", member(n, "cacheKey"))
}

// berryPackages adds the packages of an entry: one for each name in its key.
func (r *reader) berryPackages(k, v *yaml.Node, b *berryLock) {
	locator := r.scalar("resolution", member(v, "resolution"))
	name, reference, ok := split(locator)
	if r.err == nil && !ok {
		r.bad(where(k), "the entry has no resolution of the form name@reference")
	}
	if r.err != nil {
		return
	}
	p := Package{Key: locator, Name: r.name(where(k), name), Version: r.scalar("version", member(v, "version"))}
	if sum := member(v, "checksum"); sum != nil {
		p.Integrity = r.berrySum(sum)
	}
	r.berryConditions(member(v, "conditions"), &p)
	r.berryKind(where(k), reference, b, &p)
	p.Slug = berrySlug(name, reference)
	names := make(map[string]int)
	first := len(r.lock.Packages)
	for descriptor := range strings.SplitSeq(k.Value, ", ") {
		alias, _, _ := split(descriptor)
		if i, known := names[alias]; known || r.err != nil {
			r.lock.descriptors[descriptor] = i
			continue
		}
		names[alias] = len(r.lock.Packages)
		r.lock.descriptors[descriptor] = len(r.lock.Packages)
		p.Alias = r.name(where(k), alias)
		r.berryPlaces(name, &p)
		r.add(where(k), p)
	}
	b.entries = append(b.entries, berryEntry{from: first, to: len(r.lock.Packages), node: v})
}

// berrySum parses 10c0/hex, or hex alone (yarn 2 and 3).
func (r *reader) berrySum(n *yaml.Node) []Digest {
	text := r.scalar("checksum", n)
	if _, sum, ok := strings.Cut(text, "/"); ok {
		text = sum
	}
	return r.hex(where(n), "sha512", text)
}

// berryConditions parses os=linux & (cpu=x64 | cpu=arm64) & !libc=musl.
func (r *reader) berryConditions(n *yaml.Node, p *Package) {
	lists := map[string]*[]string{"os": &p.OS, "cpu": &p.CPU, "libc": &p.Libc}
	text := strings.NewReplacer("(", "", ")", "").Replace(r.scalar("conditions", n))
	if text == "" {
		return
	}
	for condition := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == '&' || c == '|' }) {
		name, value, _ := strings.Cut(strings.TrimSpace(condition), "=")
		name, not := strings.CutPrefix(name, "!")
		if list := lists[name]; list != nil && len(*list) < maxNames {
			if not {
				value = "!" + value
			}
			*list = append(*list, value)
		} else {
			r.bad(where(n), "unsupported condition %s", quote(condition))
		}
	}
}

func (r *reader) berryKind(at pos, reference string, b *berryLock, p *Package) {
	protocol, rest, _ := strings.Cut(reference, ":")
	switch {
	case protocol == "npm":
		p.Kind, p.Resolved = Registry, archiveOf(rest)
	case protocol == "workspace":
		p.Kind, p.Target, p.Version = Member, r.target(at, ".", rest), ""
	case protocol == "link" || protocol == "portal":
		p.Kind, p.Target, p.Version = Link, r.berryTarget(at, rest, b), ""
	case protocol == "patch":
		r.berryPatch(at, rest, b, p)
	case protocol == "file":
		p.Kind, p.Target = r.berryFile(at, rest, b)
	case strings.Contains(reference, "#commit="):
		p.Kind, p.Resolved = Git, reference
	case isURL(reference):
		p.Kind, p.Resolved = Tarball, reference
	default:
		p.Kind = Other
	}
}

func (r *reader) berryFile(at pos, rest string, b *berryLock) (Kind, string) {
	file, _, _ := strings.Cut(rest, "#")
	file, _, _ = strings.Cut(file, "::")
	_, bindings, _ := strings.Cut(rest, "::")
	target := r.berryTarget(at, file+"::"+bindings, b)
	if isTarball(file) {
		return Tarball, target
	}
	return Directory, target
}

// berryTarget returns the path in link:../x::locator=name%40workspace%3Apackages%2Fa.
// The path is relative to the directory of the package that depends on it.
func (r *reader) berryTarget(at pos, rest string, b *berryLock) string {
	file, bindings, _ := strings.Cut(rest, "::")
	values, err := url.ParseQuery(bindings)
	if err != nil {
		r.bad(at, "invalid reference %s", quote(rest))
		return ""
	}
	dir, ok := b.members[values.Get("locator")]
	if !ok && values.Has("locator") {
		return "" // relative to a package that is not a member
	}
	return r.target(at, dir, file)
}

// maxPatches is the most times that a package may be patched. Yarn's own patch and one
// of the project are two.
const maxPatches = 8

// berryPatch parses name@npm%3A1.0.0#~/a.patch&./b.patch::version=1.0.0&hash=abc: the
// patched package and the patches. "optional!" before a patch means that it may fail.
// builtin<…> is a patch that is part of yarn. "~/" is the root.
func (r *reader) berryPatch(at pos, rest string, b *berryLock, p *Package) {
	for range maxPatches {
		text, bindings, _ := strings.Cut(rest, "::")
		source, files, _ := strings.Cut(text, "#")
		source, err := url.PathUnescape(source)
		values, err2 := url.ParseQuery(bindings)
		name, reference, ok := split(source)
		if err != nil || err2 != nil || !ok {
			r.bad(at, "invalid patched reference %s", quote(rest))
			return
		}
		if p.Name = r.name(at, name); p.Patch == nil {
			p.Patch = &Patch{Hash: values.Get("hash")}
		}
		for file := range strings.SplitSeq(files, "&") {
			p.Patch.Files = append(p.Patch.Files, r.berryPatchFile(at, file, bindings, b))
		}
		if rest, ok = strings.CutPrefix(reference, "patch:"); !ok {
			r.berryKind(at, reference, b, p)
			return
		}
	}
	r.bad(at, "patched more than %d times", maxPatches)
}

func (r *reader) berryPatchFile(at pos, file, bindings string, b *berryLock) string {
	file = strings.TrimPrefix(file[strings.LastIndexByte(file, '!')+1:], "~")
	if name, ok := strings.CutPrefix(file, "builtin<"); ok {
		return "builtin:" + strings.TrimSuffix(name, ">")
	}
	if rest, ok := strings.CutPrefix(file, "/"); ok {
		return r.target(at, ".", rest)
	}
	return r.berryTarget(at, file+"::"+bindings, b)
}

// archiveOf returns the URL in npm:1.0.0::__archiveUrl=https%3A….
func archiveOf(rest string) string {
	_, bindings, _ := strings.Cut(rest, "::")
	values, err := url.ParseQuery(bindings)
	if err != nil {
		return ""
	}
	return values.Get("__archiveUrl")
}

// berryPlaces sets the places that follow from the lockfile: where Plug'n'Play unplugs
// a package, and where the linker pnpm stores it. The places of the linker node-modules
// do not follow from it.
func (r *reader) berryPlaces(name string, p *Package) {
	switch p.Kind {
	case Member:
		*p = r.inside(*p, p.Target)
	case Link:
	default:
		p.Places = []string{".yarn/unplugged/" + p.Slug + "/node_modules/" + name, "node_modules/.store/" + p.Slug + "/package"}
	}
}

// berrySlug returns yarn's name for a package in its cache, which ends with ten digits
// of a hash: @scope-name-npm-1.0.0-0123456789.
func berrySlug(name, reference string) string {
	scope, short := "", name
	if rest, ok := strings.CutPrefix(name, "@"); ok {
		scope, short, _ = strings.Cut(rest, "/")
	}
	sum := hexSHA512(hexSHA512(scope+short) + reference)
	kind, selector, ok := strings.Cut(reference, ":")
	if !ok {
		kind, selector = "exotic", reference
	}
	selector, _, _ = strings.Cut(selector, "::")
	if isSemver(selector) {
		kind += "-" + selector
	}
	return strings.ReplaceAll(name, "/", "-") + "-" + kind + "-" + sum[:10]
}

func hexSHA512(s string) string {
	sum := sha512.Sum512([]byte(s))
	return hex.EncodeToString(sum[:])
}
