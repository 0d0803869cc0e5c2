package graph

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// A readManifest is the package.json of a directory. nil stands for a directory without one.
type readManifest = *nodejs.Manifest

// resolveOdd resolves the name of a package, or a name that begins with "#", if it is
// resolved by a package.json that esbuild and Node.js understand in two ways: of two
// members with one name, esbuild uses the first and Node the last. ok is false for other
// package.json files, which are left to esbuild. They are almost all.
func (d *discovery) resolveOdd(args api.OnResolveArgs, isImport bool) (result api.OnResolveResult, ok bool) {
	name, subpath := nodejs.SplitSpecifier(args.Path)
	if name == "" || isPath(args.Path) || filepath.IsAbs(args.Path) || strings.HasPrefix(name, ".") || strings.Contains(name, ":") {
		return result, false
	}
	conditions := d.conditions(isImport)
	dir, m := d.packageScope(args.ResolveDir)
	if !isImport && strings.HasSuffix(args.Path, "/") {
		return d.resolveDirectory(args.ResolveDir, name, subpath)
	}
	if strings.HasPrefix(args.Path, "#") {
		if m == nil || !m.Odd {
			return result, false
		}
		target, kind := m.ResolveImports(args.Path, conditions)
		return d.targetResult(args, dir, target, kind), true
	}
	exported := "."
	if subpath != "" {
		exported = "./" + strings.TrimPrefix(args.Path, name+"/")
	}
	if m == nil || m.Exports == nil || m.Name != name {
		if dir, m = d.installedPackage(args.ResolveDir, name); m == nil || !m.Odd {
			return result, false
		}
	}
	if !m.Odd {
		return result, false
	}
	if m.Exports == nil {
		return d.oddMain(dir, subpath, m)
	}
	target, kind := m.ResolveExports(exported, conditions)
	return d.targetResult(args, dir, target, kind), true
}

// resolveDirectory resolves a specifier of require that ends with a slash: Node looks for a
// directory alone, and esbuild also for a file of that name in the place of the package. ok is
// false if exports of the package decide.
func (d *discovery) resolveDirectory(dir, name, subpath string) (result api.OnResolveResult, ok bool) {
	dir, m := d.installedPackage(dir, name)
	if dir == "" || m != nil && m.Exports != nil {
		return result, false
	}
	if subpath != "" {
		dir = filepath.Join(dir, filepath.FromSlash(subpath))
		m = d.manifest(dir)
	}
	if m != nil && m.Main != "" {
		if path := d.probe(filepath.Join(dir, filepath.FromSlash(m.Main))); path != "" {
			return api.OnResolveResult{Path: path}, true
		}
	}
	for _, ext := range nodejs.RequireExtensions() {
		if path := filepath.Join(dir, "index"+ext); d.isRegular(path) {
			return api.OnResolveResult{Path: d.realOf(path)}, true
		}
	}
	return result, false
}

// conditions returns the conditions that Node sets.
func (d *discovery) conditions(isImport bool) []string {
	always := []string{"require", "node", "module-sync", "node-addons"}
	if isImport {
		always[0] = "import"
	}
	return append(always, d.opt.Conditions...)
}

// oddMain resolves a name in a package without exports. esbuild finds what it names, unless
// it reads exports or main in another way than Node.
func (d *discovery) oddMain(dir, subpath string, m readManifest) (api.OnResolveResult, bool) {
	candidates := []string{filepath.FromSlash(subpath)}
	if subpath == "" {
		candidates = []string{filepath.FromSlash(m.Main), "."}
	}
	for _, name := range candidates {
		if name == "" {
			continue
		}
		if path := d.probe(filepath.Join(dir, name)); path != "" {
			return api.OnResolveResult{Path: path}, true
		}
	}
	return api.OnResolveResult{}, false
}

// probe returns the file that require finds for a path: LOAD_AS_FILE and LOAD_INDEX.
func (d *discovery) probe(path string) string {
	for _, base := range []string{path, filepath.Join(path, "index")} {
		if base == path && d.isRegular(path) {
			return d.realOf(path)
		}
		for _, ext := range nodejs.RequireExtensions() {
			if d.isRegular(base + ext) {
				return d.realOf(base + ext)
			}
		}
	}
	return ""
}

// targetResult returns what a target in the package in dir leads to. A target that is
// invalid, or that does not exist, is an error as esbuild reports it.
func (d *discovery) targetResult(args api.OnResolveArgs, dir, target string, kind nodejs.TargetKind) api.OnResolveResult {
	switch kind {
	case nodejs.BareTarget:
		if nodejs.IsBuiltin(target) {
			return api.OnResolveResult{Path: target, External: true}
		}
		name := dir + "\x00" + target
		d.addAskers(name, args)
		return api.OnResolveResult{Path: name, Namespace: requireNamespace}
	case nodejs.FileTarget:
		path, err := url.PathUnescape(target)
		if err == nil {
			path = filepath.Join(dir, filepath.FromSlash(path))
		}
		if err == nil && d.isRegular(path) {
			return api.OnResolveResult{Path: d.realOf(path)}
		}
	}
	return api.OnResolveResult{Errors: []api.Message{{Text: notResolved + quote(args.Path)}}}
}

// realOf returns the real path of an existing file.
func (d *discovery) realOf(path string) string {
	real, err := d.stat.realPath(path)
	if err != nil {
		d.fail(err)
	}
	if real == "" {
		return path
	}
	return real
}

// packageScope returns the nearest directory with a package.json, up to a node_modules.
func (d *discovery) packageScope(dir string) (string, readManifest) {
	for ; filepath.Base(dir) != nodejs.NodeModules; dir = filepath.Dir(dir) {
		if m := d.manifest(dir); m != nil {
			return dir, m
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return "", nil
}

// installedPackage returns the directory of the package that a name leads to, and its
// package.json.
func (d *discovery) installedPackage(dir, name string) (string, readManifest) {
	for ; ; dir = filepath.Dir(dir) {
		if filepath.Base(dir) != nodejs.NodeModules {
			path := filepath.Join(dir, nodejs.NodeModules, filepath.FromSlash(name))
			if info, err := d.stat(path); err == nil && info.IsDir() {
				path = d.realOf(path)
				return path, d.manifest(path)
			}
		}
		if dir == filepath.Dir(dir) {
			return "", nil
		}
	}
}

// manifest returns the package.json in dir. The checker has found that it can be read; one
// that cannot be read or parsed is left to esbuild.
func (d *discovery) manifest(dir string) readManifest {
	d.mu.Lock()
	m, known := d.manifests[dir]
	d.mu.Unlock()
	if known {
		return m
	}
	if text, err := safefile.Read(filepath.Join(dir, nodejs.PackageJSON), nodejs.MaxPackageJSON); err == nil {
		parsed, _ := nodejs.ReadManifest(text)
		m = &parsed
	}
	d.mu.Lock()
	d.manifests[dir] = m
	d.mu.Unlock()
	return m
}

// addAskers records that the importer of args asks for a virtual module, or those that ask
// for the importer if it is one.
func (d *discovery) addAskers(name string, args api.OnResolveArgs) {
	d.mu.Lock()
	defer d.mu.Unlock()
	askers := []asker{{file: args.Importer}}
	if args.Namespace == requireNamespace {
		askers = d.asked[args.Importer]
	}
	for _, a := range askers {
		if !slices.Contains(d.asked[name], a) {
			d.asked[name] = append(d.asked[name], a)
		}
	}
}
