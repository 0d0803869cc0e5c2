package graph

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/nodeint/nodeint/hasher"
)

const (
	// entryPrefix names the entries to esbuild: entryPrefix + index.
	entryPrefix = "nodeint-entry:"

	// elsewhere starts a specifier that is to be resolved as require does, from
	// a folder that it names: elsewhere + ":" + folder + NUL + specifier. It is
	// also the name of the namespace of the modules that do it.
	elsewhere = "nodeint-elsewhere"
)

func (w *walk) setup(build api.PluginBuild) {
	build.OnStart(func() (api.OnStartResult, error) { return api.OnStartResult{}, errScanned })
	build.OnResolve(api.OnResolveOptions{Filter: `.*`}, w.onResolve)
	build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "file"}, w.onLoad)
	build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: elsewhere}, loadElsewhere)
}

// onResolve notes the edge and leaves the resolution to esbuild, but for what
// Node reads otherwise: its own builtins, URLs in import, and our own names.
func (w *walk) onResolve(args api.OnResolveArgs) (api.OnResolveResult, error) {
	if args.Kind == api.ResolveEntryPoint {
		i, err := strconv.Atoi(strings.TrimPrefix(args.Path, entryPrefix))
		if err != nil {
			return api.OnResolveResult{}, err
		}
		return api.OnResolveResult{Path: w.entries[i]}, nil
	}
	if rest, ok := strings.CutPrefix(args.Path, elsewhere+":"); ok {
		return api.OnResolveResult{Path: rest, Namespace: elsewhere}, nil
	}
	isImport := args.Kind == api.ResolveJSImportStatement || args.Kind == api.ResolveJSDynamicImport
	if isBuiltin(args.Path) {
		return api.OnResolveResult{Path: args.Path, External: true}, nil
	}
	if args.ResolveDir != "" {
		if err := w.guard.allows(args.ResolveDir, args.Path); err != nil {
			w.stop(err)
			return api.OnResolveResult{Path: args.Path, External: true}, nil
		}
		w.note(Edge{Dir: args.ResolveDir, Specifier: args.Path, Import: isImport})
	}
	if isImport {
		if path, ok := fileOfURL(args.Path, args.ResolveDir); ok {
			return api.OnResolveResult{Path: path}, nil
		}
	}
	return api.OnResolveResult{}, nil
}

func (w *walk) note(e Edge) {
	w.mu.Lock()
	w.edges[e] = struct{}{}
	w.mu.Unlock()
}

// fileOfURL gives the file that an import specifier names by a file: URL or by
// a relative URL with percent escapes: import decodes them, esbuild does not
// (Node.js, ESM, "Resolution algorithm": PACKAGE_RESOLVE is not involved).
func fileOfURL(specifier, dir string) (string, bool) {
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
	real, err := filepath.EvalSymlinks(path)
	return real, err == nil
}

func isPath(specifier string) bool {
	return strings.HasPrefix(specifier, "./") || strings.HasPrefix(specifier, "../") || strings.HasPrefix(specifier, "/")
}

func loadElsewhere(args api.OnLoadArgs) (api.OnLoadResult, error) {
	dir, specifier, _ := strings.Cut(args.Path, "\x00")
	contents := "require(" + quote(specifier) + ")"
	return api.OnLoadResult{Contents: &contents, ResolveDir: dir, Loader: api.LoaderJS}, nil
}

// onLoad reads a file once, hashes it before anything can go wrong with its
// text, and hands the same bytes to esbuild.
func (w *walk) onLoad(args api.OnLoadArgs) (api.OnLoadResult, error) {
	empty := ""
	nothing := api.OnLoadResult{Contents: &empty, Loader: api.LoaderEmpty}
	rel, inside := w.rel(args.Path)
	if !inside {
		w.mu.Lock()
		w.outside[args.Path] = struct{}{}
		w.mu.Unlock()
		return nothing, nil
	}
	if !w.takes(args.Path, rel) {
		return nothing, nil
	}
	if rel, inside = w.real(args.Path); !inside || leadsOut(rel) {
		return nothing, nil
	}
	data, err := w.read(rel)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) { // ENOTDIR: the same, in a zip
		return nothing, nil // esbuild took a name that differs by case, or it is gone: Node finds nothing either
	}
	if err != nil {
		w.stop(err)
		return nothing, nil
	}
	loader := loaderOf(args.Path)
	if loader != api.LoaderEmpty && nestedTooDeep(data) {
		w.unparsed(args.Path, rel)
		loader = api.LoaderEmpty
	}
	w.add(args.Path, loader != api.LoaderEmpty, &Module{
		Path: rel, Digests: hasher.Sum(w.opt.Algorithms, data), Size: int64(len(data)),
	})
	if loader == api.LoaderEmpty {
		return nothing, nil
	}
	contents := w.contents(args.Path, rel, data)
	return api.OnLoadResult{Contents: &contents, ResolveDir: filepath.Dir(args.Path), Loader: loader}, nil
}

func (w *walk) add(path string, parsed bool, m *Module) {
	w.mu.Lock()
	w.modules[path] = m
	if parsed {
		w.left -= m.Size
	}
	n := len(w.modules)
	w.mu.Unlock()
	if w.opt.Progress != nil && n%64 == 0 {
		w.opt.Progress(n)
	}
}

func leadsOut(rel string) bool { return strings.HasPrefix(rel, "../") }

// read returns the bytes of a module. Few are read at a time, since esbuild starts
// a goroutine for every file that it hears of.
func (w *walk) read(rel string) ([]byte, error) {
	w.reading <- struct{}{}
	defer func() { <-w.reading }()
	data, err := w.opt.Read(rel, mostModule)
	if err != nil {
		return nil, fmt.Errorf("reading a module: %w", err)
	}
	return data, nil
}

// loaderOf says how esbuild is to read a file. Node runs what it does not know
// the ending of as CommonJS, so that is the default.
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

// quote writes s as a JavaScript string.
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
