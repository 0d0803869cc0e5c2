package graph

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

const (
	// entryPrefix begins the names under which esbuild knows the entries. The index of
	// the entry follows.
	entryPrefix = "nodeint-entry:"

	// requireNamespace is the namespace of virtual modules that contain one require or one
	// import(). Their names are requireNamespace + ":" + the directory to resolve from +
	// NUL + specifier, and NUL again for an import().
	requireNamespace = "nodeint-require"
)

// setup registers the callbacks of the plugin.
func (d *discovery) setup(build api.PluginBuild) {
	build.OnStart(func() (api.OnStartResult, error) { return api.OnStartResult{}, errScanned })
	build.OnResolve(api.OnResolveOptions{Filter: `.*`}, d.onResolve)
	build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "file"}, d.onLoad)
	build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: requireNamespace}, loadRequire)
}

// onResolve records the edge. It leaves the resolution to esbuild, except for Node's own
// modules, for URLs in import, and for the names of entries and virtual modules.
func (d *discovery) onResolve(args api.OnResolveArgs) (api.OnResolveResult, error) {
	if args.Kind == api.ResolveEntryPoint {
		i, err := strconv.Atoi(strings.TrimPrefix(args.Path, entryPrefix))
		if err != nil {
			return api.OnResolveResult{}, err
		}
		return api.OnResolveResult{Path: d.entries[i]}, nil
	}
	if rest, ok := strings.CutPrefix(args.Path, requireNamespace+":"); ok {
		return api.OnResolveResult{Path: rest, Namespace: requireNamespace}, nil
	}
	if args.Path[:min(1, len(args.Path))] == hiddenDot {
		return api.OnResolveResult{Path: args.Path, External: true}, nil // part of a condition, which the scanner reports
	}
	d.noteRequest(args)
	isImport := args.Kind == api.ResolveJSImportStatement || args.Kind == api.ResolveJSDynamicImport
	if nodejs.IsBuiltin(args.Path) {
		if args.ResolveDir != "" && !nodejs.IsAlwaysBuiltin(args.Path) {
			d.addEdge(Edge{Dir: args.ResolveDir, Specifier: args.Path, Import: isImport}, args)
		}
		return api.OnResolveResult{Path: args.Path, External: true}, nil
	}
	if args.ResolveDir != "" {
		if err := d.checker.check(args.ResolveDir, args.Path); err != nil {
			d.fail(err)
			return api.OnResolveResult{Path: args.Path, External: true}, nil
		}
		d.addEdge(Edge{Dir: args.ResolveDir, Specifier: args.Path, Import: isImport}, args)
	}
	if isImport {
		if path, ok := d.fileOfURL(args.Path, args.ResolveDir); ok {
			return api.OnResolveResult{Path: path}, nil
		}
	}
	if args.ResolveDir != "" {
		if result, ok := d.resolveOdd(args, isImport); ok {
			return result, nil
		}
	}
	return api.OnResolveResult{}, nil
}

// addEdge adds an edge, and the first of the modules that resolve it.
func (d *discovery) addEdge(e Edge, args api.OnResolveArgs) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.imports != nil {
		d.imports[importer{args.Importer, args.Namespace == requireNamespace, e}] = struct{}{}
	}
	importers := []string{args.Importer}
	if args.Namespace == requireNamespace {
		importers = nil
		for _, a := range d.asked[args.Importer] {
			importers = append(importers, a.file)
		}
	}
	for _, importer := range importers {
		by, _ := d.real(importer)
		if first, ok := d.edges[e]; !ok || by < first {
			d.edges[e] = by
		}
	}
}

// fileOfURL returns the file that an import specifier names by a file: URL or by a
// relative URL with percent escapes. import decodes those, esbuild does not (Node.js,
// ESM, "Resolution algorithm"; PACKAGE_RESOLVE is not involved). ok is false for other
// specifiers, and if the file does not exist.
func (d *discovery) fileOfURL(specifier, dir string) (string, bool) {
	var path string
	switch {
	case len(specifier) > 5 && strings.EqualFold(specifier[:5], "file:"):
		u, err := url.Parse(specifier)
		if err != nil || (u.Host != "" && u.Host != "localhost") || u.Path == "" {
			return "", false
		}
		path = filepath.FromSlash(u.Path)
		if filepath.Separator == '\\' {
			path = strings.TrimPrefix(path, `\`) // \C:\x
		}
	case strings.Contains(specifier, "%") && isPath(specifier):
		specifier, _, _ = strings.Cut(specifier, "#")
		specifier, _, _ = strings.Cut(specifier, "?")
		decoded, err := url.PathUnescape(specifier)
		if err != nil {
			return "", false
		}
		path = filepath.FromSlash(decoded)
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
	default:
		return "", false
	}
	real, err := d.stat.realPath(path)
	if err != nil {
		d.fail(fmt.Errorf("resolving the URL of a module: %w", err))
	}
	return real, real != ""
}

// isPath reports whether a specifier is a path, relative or absolute.
func isPath(specifier string) bool {
	return strings.HasPrefix(specifier, "./") || strings.HasPrefix(specifier, "../") || strings.HasPrefix(specifier, "/")
}

// loadRequire returns the source of a virtual module.
func loadRequire(args api.OnLoadArgs) (api.OnLoadResult, error) {
	dir, specifier, isImport := splitVirtual(args.Path)
	call := "require"
	if isImport {
		call = "import"
	}
	contents := call + "(" + quote(specifier) + ")"
	return api.OnLoadResult{Contents: &contents, ResolveDir: dir, Loader: api.LoaderJS}, nil
}

// splitVirtual splits the name of a virtual module.
func splitVirtual(name string) (dir, specifier string, isImport bool) {
	dir, specifier, _ = strings.Cut(name, "\x00")
	specifier, isImport = strings.CutSuffix(specifier, "\x00")
	return dir, specifier, isImport
}

// onLoad reads a file once, hashes it, and passes the same bytes to esbuild.
func (d *discovery) onLoad(args api.OnLoadArgs) (api.OnLoadResult, error) {
	empty := ""
	none := api.OnLoadResult{Contents: &empty, Loader: api.LoaderEmpty}
	rel, inside := d.rel(args.Path)
	if !inside {
		d.mu.Lock()
		d.outside[args.Path] = struct{}{}
		d.mu.Unlock()
		return none, nil
	}
	if d.isUnpinned(args.Path) && !d.isEntry[args.Path] || !d.shouldRead(args.Path, rel) {
		return none, nil
	}
	if rel, inside = d.real(args.Path); !inside || leadsOut(rel) {
		return none, nil
	}
	if d.opt.IsOpaque != nil && d.opt.IsOpaque(rel) {
		if loaderOf(args.Path) != api.LoaderEmpty && !nodejs.IsLibraryName(filepath.Base(rel)) {
			d.noteUnparsed(args.Path, rel, errOpaque)
		}
		d.add(args.Path, false, &Module{Path: rel})
		return none, nil
	}
	if contents, ok := d.fromCache(args.Path, rel); ok {
		return stubResult(args.Path, contents), nil
	}
	data, err := d.read(rel)
	if safefile.IsAbsent(err) {
		return none, nil // removed, or esbuild took a name that differs by case: Node finds nothing either
	}
	if err != nil {
		d.fail(err)
		return none, nil
	}
	loader := loaderOf(args.Path)
	if nodejs.IsMachineCode(data[:min(len(data), nodejs.HeadSize)]) {
		loader = api.LoaderEmpty
	}
	if loader != api.LoaderEmpty && nestedTooDeep(data) {
		d.noteUnparsed(args.Path, rel, errNested)
		loader = api.LoaderEmpty
	}
	m := &Module{Path: rel, Digests: hasher.Sum(d.opt.Algorithms, data), Size: int64(len(data))}
	d.add(args.Path, loader != api.LoaderEmpty, m)
	d.opt.Cache.KeepDigests(rel, m.Digests)
	if loader == api.LoaderEmpty {
		return none, nil
	}
	contents := d.source(args.Path, rel, data)
	return api.OnLoadResult{Contents: &contents, ResolveDir: filepath.Dir(args.Path), Loader: loader}, nil
}

// stubResult gives a stub to esbuild, or nothing if it requests nothing.
func stubResult(path, contents string) api.OnLoadResult {
	if contents == "" {
		return api.OnLoadResult{Contents: &contents, Loader: api.LoaderEmpty}
	}
	return api.OnLoadResult{Contents: &contents, ResolveDir: filepath.Dir(path), Loader: api.LoaderJS}
}

// add records a module. parsed reports whether esbuild parses it.
func (d *discovery) add(path string, parsed bool, m *Module) {
	d.mu.Lock()
	d.modules[path] = m
	if parsed {
		d.left -= m.Size
	}
	n := len(d.modules)
	d.mu.Unlock()
	if d.opt.Progress != nil && n%64 == 0 {
		d.opt.Progress(n)
	}
}

// leadsOut reports whether rel, relative to the root, is outside of it.
func leadsOut(rel string) bool { return strings.HasPrefix(rel, "../") }

// read returns the bytes of a module. It limits the number of files that are read at a
// time: esbuild starts a goroutine for every file.
func (d *discovery) read(rel string) ([]byte, error) {
	d.reading <- struct{}{}
	defer func() { <-d.reading }()
	data, err := d.opt.Read(rel, maxModuleSize)
	if err != nil {
		return nil, fmt.Errorf("reading a module: %w", err)
	}
	return data, nil
}

// loaderOf returns how esbuild reads a file. Node runs files with an unknown extension as
// CommonJS, so that is the default.
func loaderOf(path string) api.Loader {
	switch filepath.Ext(path) {
	case ".json", ".node":
		return api.LoaderEmpty
	case ".ts", ".mts", ".cts":
		return api.LoaderTS
	case ".tsx":
		return api.LoaderTSX
	case ".jsx":
		return api.LoaderJSX
	}
	return api.LoaderJS
}

// quote returns s as a JavaScript string literal.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7F || r == 0x2028 || r == 0x2029:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
