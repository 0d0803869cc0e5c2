package lockfile

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

// pnpm parses pnpm-lock.yaml. pnpm 11 and later write a document with pnpm's own
// dependencies before the lockfile itself. They split the two by text, as pnpm does
// here.
func (r *reader) pnpm() {
	r.lock.Manager = manager.PNPM
	text := strings.ReplaceAll(r.text, "\r\n", "\n")
	rest, two := strings.CutPrefix(text, "---\n")
	if !two {
		r.pnpmDocument(r.yaml(text, 0), false)
		return
	}
	env, main, found := strings.Cut(rest, "\n---\n")
	r.pnpmDocument(r.yaml(env, 1), true)
	if found {
		r.pnpmDocument(r.yaml(main, strings.Count(env, "\n")+3), false)
	}
}

// A pnpmLock is one parsed document of pnpm-lock.yaml.
type pnpmLock struct {
	legacy   bool // 6.0: no snapshots, keys begin with "/"
	env      bool // the document with pnpm's own dependencies
	packages map[string]*yaml.Node
	patches  map[string]string // file by hash; "" if the lockfile does not record it
	config   map[string]bool   // names of config dependencies
	needs    []pnpmNeed
	aliases  map[string][]string // names of dependencies that are not the package's own, by key
}

func (r *reader) pnpmDocument(root *yaml.Node, env bool) {
	if root == nil {
		return
	}
	first := len(r.lock.Packages)
	l := &pnpmLock{env: env, packages: map[string]*yaml.Node{}, patches: map[string]string{}, config: map[string]bool{}, aliases: map[string][]string{}}
	r.pnpmVersion(member(root, "lockfileVersion"), l)
	r.mapping("patchedDependencies", member(root, "patchedDependencies"), func(k, v *yaml.Node) { r.pnpmPatch(k, v, l) })
	r.mapping("importers", member(root, "importers"), func(k, v *yaml.Node) { r.pnpmImporter(k, v, l) })
	if member(root, "importers") == nil && !env { // 6.0 without a workspace
		r.add(where(root), Package{Key: ".", Kind: Member, Places: []string{"."}})
		r.pnpmDependencies(".", root, l)
	}
	snapshots := member(root, "snapshots")
	r.mapping("packages", member(root, "packages"), func(k, v *yaml.Node) {
		if l.packages[k.Value] = v; l.legacy {
			r.pnpmPackage(k, v, v, l)
		}
	})
	if !l.legacy {
		r.mapping("snapshots", snapshots, func(k, v *yaml.Node) { r.pnpmSnapshot(k, v, l) })
	}
	if r.err == nil {
		r.pnpmEdges(first, l)
	}
	for i := range r.lock.Packages {
		p := &r.lock.Packages[i]
		p.Aliases = append(p.Aliases, l.aliases[p.Key]...)
	}
}

// pnpmAlias records that a dependency on the package with the key is installed under
// another name than the package's own.
func (r *reader) pnpmAlias(k *yaml.Node, key string, l *pnpmLock) {
	id, _, _ := cutPeers(key)
	own, _, ok := split(strings.TrimPrefix(id, "/"))
	if ok && own != k.Value && !slices.Contains(l.aliases[key], k.Value) {
		l.aliases[key] = append(l.aliases[key], r.name(where(k), k.Value))
	}
}

func (r *reader) pnpmVersion(n *yaml.Node, l *pnpmLock) {
	version := r.scalar("lockfileVersion", n)
	r.lock.Version = version
	switch version {
	case "6.0", "6.1":
		l.legacy = true
	case "9.0":
	case "":
		r.bad(pos{}, "the lockfile has no lockfileVersion")
	default:
		r.badHint(where(n), "run pnpm install --lockfile-only with pnpm 8 or later", "lockfileVersion %s is not supported: use 6.0 or 9.0", quote(version))
	}
}

// pnpmPatch parses one patch: {hash, path}, or only the hash (pnpm 11 and later, with
// the path in pnpm-workspace.yaml).
func (r *reader) pnpmPatch(k, v *yaml.Node, l *pnpmLock) {
	what := "patchedDependencies[" + quote(k.Value) + "]"
	if v.Kind == yaml.ScalarNode {
		l.patches[r.scalar(what, v)] = ""
		return
	}
	hash := r.scalar(what+".hash", member(v, "hash"))
	path := r.scalar(what+".path", member(v, "path"))
	if hash == "" || path == "" {
		r.bad(where(k), "%s has no hash or no path", what)
		return
	}
	l.patches[hash] = r.target(where(k), ".", path)
}

// pnpmImporter parses a directory of the project and its links.
func (r *reader) pnpmImporter(k, v *yaml.Node, l *pnpmLock) {
	if l.env {
		r.mapping("configDependencies", member(v, "configDependencies"), func(k, _ *yaml.Node) {
			l.config[k.Value] = true
		})
		return
	}
	dir := r.target(where(k), ".", k.Value)
	r.add(where(k), r.inside(Package{Key: k.Value, Kind: Member}, dir))
	r.pnpmDependencies(dir, v, l)
}

// inside sets the place of a package, which may be outside the root.
func (r *reader) inside(p Package, place string) Package {
	if _, p.Outside = outside(place); !p.Outside {
		p.Places = []string{place}
	}
	return p
}

// pnpmDependencies records the dependencies of a directory, which was added last. It
// adds the links among them: the versions that begin with link:. It also records aliases.
func (r *reader) pnpmDependencies(dir string, n *yaml.Node, l *pnpmLock) {
	from := len(r.lock.Packages) - 1
	for _, g := range pnpmGroups {
		r.mapping(g.name, member(n, g.name), func(k, v *yaml.Node) {
			version := v
			if v.Kind == yaml.MappingNode {
				version = member(v, "version")
			}
			ref := r.scalar(g.name+"["+quote(k.Value)+"].version", version)
			found := pnpmNeed{need{name: k.Value, ref: ref, kind: g.kind}, from, -1}
			if to, isLink := strings.CutPrefix(ref, "link:"); isLink {
				found.link = len(r.lock.Packages)
				p := Package{Key: k.Value, Kind: Link, Alias: r.name(where(k), k.Value), Name: k.Value, Target: r.target(where(version), dir, to), Dev: g.kind == Dev, Optional: g.kind == Optional}
				r.add(where(k), r.inside(p, join(dir, "node_modules/"+k.Value)))
			} else {
				r.pnpmAlias(k, ref, l)
			}
			l.needs = append(l.needs, found)
		})
	}
}

// pnpmSnapshot parses one snapshot of version 9.0: a package with its peers.
func (r *reader) pnpmSnapshot(k, v *yaml.Node, l *pnpmLock) {
	id, _, _ := cutPeers(k.Value)
	pkg, ok := l.packages[id]
	if !ok {
		r.bad(where(k), "snapshots: packages has no %s", quote(id))
		return
	}
	r.pnpmPackage(k, pkg, v, l)
}

// cutPeers splits a key of pnpm: the id, and in parentheses after it the patch and the
// peers. It scans from the end, because a file path may contain parentheses too.
func cutPeers(key string) (id, patch, peers string) {
	start, depth := len(key), 0
	for i := len(key) - 1; i >= 0; i-- {
		switch c := key[i]; {
		case c == ')':
			depth++
		case c == '(' && depth > 0:
			if depth--; depth == 0 {
				start = i
			}
		case depth == 0:
			i = 0 // the id's last character
		}
	}
	id, peers = key[:start], key[start:]
	if rest, ok := strings.CutPrefix(peers, "(patch_hash="); ok {
		patch, peers, _ = strings.Cut(rest, ")")
	}
	return id, patch, peers
}

func (r *reader) pnpmPackage(k, pkg, snapshot *yaml.Node, l *pnpmLock) {
	what := "packages[" + quote(k.Value) + "]"
	id, patch, _ := cutPeers(k.Value)
	p := Package{Key: k.Value}
	p.Name, p.Version = r.pnpmName(k, id, pkg, l)
	p.Alias = r.name(where(k), p.Name)
	for _, group := range []string{"dependencies", "optionalDependencies"} {
		r.mapping(group, member(snapshot, group), func(k, v *yaml.Node) { r.pnpmAlias(k, r.scalar(group, v), l) })
	}
	r.pnpmResolution(what+".resolution", where(k), member(pkg, "resolution"), &p)
	p.OS = r.sequence(what+".os", member(pkg, "os"))
	p.CPU = r.sequence(what+".cpu", member(pkg, "cpu"))
	p.Libc = r.sequence(what+".libc", member(pkg, "libc"))
	p.Bundles = r.sequence(what+".bundledDependencies", member(pkg, "bundledDependencies"))
	p.Optional = r.boolean(what+".optional", member(snapshot, "optional"))
	p.Dev = r.boolean(what+".dev", member(pkg, "dev"))
	if patch != "" {
		p.Patch = &Patch{Hash: patch}
		if file := l.patches[patch]; file != "" {
			p.Patch.Files = []string{file}
		}
	}
	r.pnpmPlaces(&p, l)
	r.pnpmNeeds(snapshot, l)
	r.add(where(k), p)
}

// pnpmName returns the name and the version of a package: the members of that name, or
// else the parts of the key.
func (r *reader) pnpmName(k *yaml.Node, id string, pkg *yaml.Node, l *pnpmLock) (name, version string) {
	name, version, ok := split(id)
	if l.legacy {
		rest, registry := strings.CutPrefix(id, "/")
		if name, version, ok = split(rest); !registry {
			name, version, ok = "", "", true
		}
	}
	if n := member(pkg, "name"); n != nil {
		name = r.scalar("name", n)
	}
	if n := member(pkg, "version"); n != nil {
		version = r.scalar("version", n)
	}
	if !ok || name == "" {
		r.bad(where(k), "packages[%s] has no name", quote(k.Value))
	}
	return name, plainVersion(version)
}

// plainVersion returns a version without the name of its registry: 1.0.0 for
// work:1.0.0. It returns "" for a URL.
func plainVersion(version string) string {
	scheme, rest, ok := strings.Cut(version, ":")
	switch {
	case !ok:
		return version
	case isVersionOf(scheme, rest):
		return rest
	}
	return ""
}

func (r *reader) pnpmResolution(what string, at pos, n *yaml.Node, p *Package) {
	if n == nil || n.Kind != yaml.MappingNode {
		r.bad(at, "%s is not a mapping", what)
		return
	}
	text := func(key string) string { return r.scalar(what+"."+key, member(n, key)) }
	if integrity := text("integrity"); integrity != "" {
		p.Integrity = r.digests(where(n), integrity)
	}
	p.Resolved = text("tarball")
	file, isFile := strings.CutPrefix(p.Resolved, "file:")
	switch kind := text("type"); {
	case kind == "git":
		p.Kind, p.Resolved = Git, text("repo")+"#"+text("commit")
	case kind == "directory":
		p.Kind, p.Target = Directory, r.target(at, ".", text("directory"))
	case kind != "":
		p.Kind = Other
	case isFile:
		p.Kind, p.Target = Tarball, r.target(at, ".", file)
	case p.Resolved == "" || ofRegistry(p.Resolved, p.Name, p.Version):
		p.Kind = Registry
	default:
		p.Kind = Tarball
	}
}

func (r *reader) pnpmPlaces(p *Package, l *pnpmLock) {
	switch _, out := outside(r.options.VirtualStore); {
	case !l.env && out:
		p.Outside = true
	case !l.env:
		for _, dir := range pnpmDirs(p.Key, l.legacy, r.options.MaxLength) {
			p.Places = append(p.Places, join(r.options.VirtualStore, dir+"/node_modules/"+p.Alias))
		}
	case l.config[p.Name]:
		p.Config = true
		p.Places = []string{"node_modules/.pnpm-config/" + p.Alias}
	default:
		p.Config = true
	}
}
