package graph

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// BrowserOptions say where the graph of a web page starts.
type BrowserOptions struct {
	Root       string     // absolute real path
	Entries    []string   // absolute real paths of files below Root
	Algorithms hasher.Set // of the digests of each module
	Read       func(path string, limit int64) ([]byte, error)

	// Resolve returns the path of the file that a module imports, relative to Root. If there
	// is none, path is empty, and gap is the reason of the gap or "" if there is no gap. It
	// is called by one goroutine at a time.
	Resolve func(from, specifier string) (path, gap string, err error)

	Progress func(modules int)
}

// DiscoverBrowser returns the modules that a browser loads from the entries, and the gaps:
// import statements and import() with a fixed name. It follows no require, and nothing of
// what a worker loads. A file that is imported and that a browser cannot load as a
// module, such as one of CommonJS, is a module of the graph and a gap at its import.
func DiscoverBrowser(ctx context.Context, opt BrowserOptions) (*Graph, error) {
	d := &browserDiscovery{opt: opt, files: make(map[string]*browserFile)}
	result, err := runBuild(ctx, d.buildOptions(), d.fail)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return nil, d.err
	}
	g := &Graph{Gaps: d.gaps(result)}
	for p, f := range d.files {
		if f.exists {
			g.Modules = append(g.Modules, Module{Path: p, Digests: hasher.Sum(opt.Algorithms, f.data), Size: int64(len(f.data))})
		}
	}
	slices.SortFunc(g.Modules, func(a, b Module) int { return cmp.Compare(a.Path, b.Path) })
	return g, nil
}

// A browserDiscovery is one call of DiscoverBrowser. esbuild calls its methods from many
// goroutines.
type browserDiscovery struct {
	opt BrowserOptions

	mu    sync.Mutex
	err   error
	files map[string]*browserFile // by path, relative to the root
}

// A browserFile is a file that a module imports.
type browserFile struct {
	data   []byte
	exists bool
	isESM  bool // it has the syntax of an ES module, or none of CommonJS
}

func (d *browserDiscovery) buildOptions() api.BuildOptions {
	entries := make([]api.EntryPoint, len(d.opt.Entries))
	for i := range entries {
		entries[i] = api.EntryPoint{InputPath: fmt.Sprintf("%s%d", entryPrefix, i), OutputPath: fmt.Sprint(i)}
	}
	return api.BuildOptions{
		AbsWorkingDir:       d.opt.Root,
		AbsPaths:            api.LogAbsPath,
		EntryPointsAdvanced: entries,
		Bundle:              true,
		Outdir:              filepath.Join(d.opt.Root, "nodeint-does-not-write"),
		Platform:            api.PlatformNeutral,
		Format:              api.FormatESModule,
		TreeShaking:         api.TreeShakingFalse,
		TsconfigRaw:         `{}`,
		LogLevel:            api.LogLevelSilent,
		LogOverride: map[string]api.LogLevel{
			"unsupported-dynamic-import": api.LogLevelWarning,
			"empty-glob":                 api.LogLevelWarning,
		},
		Plugins: []api.Plugin{{Name: "nodeint", Setup: func(build api.PluginBuild) {
			build.OnStart(func() (api.OnStartResult, error) { return api.OnStartResult{}, errScanned })
			build.OnResolve(api.OnResolveOptions{Filter: `.*`}, d.onResolve)
			build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "file"}, d.onLoad)
		}}},
	}
}

func (d *browserDiscovery) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = cmp.Or(d.err, err)
}

// gapPrefix begins the error by which onResolve reports a gap: esbuild adds the place. The
// reason and the quoted specifier follow.
const gapPrefix = "nodeint-gap:"

func (d *browserDiscovery) onResolve(args api.OnResolveArgs) (api.OnResolveResult, error) {
	external := api.OnResolveResult{Path: args.Path, External: true}
	switch args.Kind {
	case api.ResolveEntryPoint:
		i, err := strconv.Atoi(strings.TrimPrefix(args.Path, entryPrefix))
		if err != nil {
			return external, err
		}
		return api.OnResolveResult{Path: d.opt.Entries[i]}, nil
	case api.ResolveJSImportStatement, api.ResolveJSDynamicImport:
	default:
		return external, nil
	}
	found, gap := d.resolve(args)
	if gap != "" {
		external.Errors = []api.Message{{Text: gapPrefix + gap + " " + strconv.Quote(args.Path)}}
	}
	if found == "" || gap != "" {
		return external, nil
	}
	return api.OnResolveResult{Path: filepath.Join(d.opt.Root, filepath.FromSlash(found))}, nil
}

// resolve returns the file that an import leads to, and the reason of a gap.
func (d *browserDiscovery) resolve(args api.OnResolveArgs) (found, gap string) {
	from, err := filepath.Rel(d.opt.Root, args.Importer)
	if err != nil {
		d.fail(err)
		return "", ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return "", ""
	}
	found, gap, err = d.opt.Resolve(filepath.ToSlash(from), args.Path)
	if err != nil {
		d.err = err
		return "", ""
	}
	if found == "" || gap != "" {
		return found, gap
	}
	f := d.file(found)
	if f.exists && !f.isModule(found, args.With["type"]) {
		return found, problem.GapNoModule
	}
	return found, ""
}

// file reads a file once. The caller holds the lock.
func (d *browserDiscovery) file(p string) *browserFile {
	if f := d.files[p]; f != nil {
		return f
	}
	f := &browserFile{}
	d.files[p] = f
	data, err := d.opt.Read(p, maxModuleSize)
	switch {
	case safefile.IsAbsent(err):
		return f
	case err != nil:
		d.err = cmp.Or(d.err, fmt.Errorf("reading a module: %w", err))
		return f
	}
	f.data, f.exists = data, true
	f.isESM = !usesCommonJS(data) || jsscan.IsModule(data)
	if d.opt.Progress != nil && len(d.files)%64 == 0 {
		d.opt.Progress(len(d.files))
	}
	return f
}

// usesCommonJS reports whether a text mentions what only CommonJS has.
func usesCommonJS(data []byte) bool {
	for _, word := range []string{"require(", "module.exports", "exports."} {
		if bytes.Contains(data, []byte(word)) {
			return true
		}
	}
	return false
}

// isModule reports whether a browser loads the file as a module, imported with a type:
// import … with { type: "json" }.
func (f *browserFile) isModule(p, withType string) bool {
	switch path.Ext(p) {
	case ".json":
		return withType == "json"
	case ".css":
		return withType == "css"
	case ".js", ".mjs", ".cjs":
		return withType == "" && f.isESM
	}
	return false // TypeScript, WebAssembly, addons
}

func (d *browserDiscovery) onLoad(args api.OnLoadArgs) (api.OnLoadResult, error) {
	empty := ""
	none := api.OnLoadResult{Contents: &empty, Loader: api.LoaderEmpty}
	rel, err := filepath.Rel(d.opt.Root, args.Path)
	if err != nil || leadsOut(filepath.ToSlash(rel)) {
		return none, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.file(filepath.ToSlash(rel))
	if ext := filepath.Ext(rel); d.err != nil || !f.exists || ext != ".js" && ext != ".mjs" && ext != ".cjs" {
		return none, nil
	}
	if nestedTooDeep(f.data) {
		return api.OnLoadResult{Errors: []api.Message{{Text: errNested.Error(), Location: &api.Location{File: args.Path, Line: 1}}}}, nil
	}
	text := string(f.data)
	return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
}

// gaps returns the gaps of the build, sorted by place.
func (d *browserDiscovery) gaps(result api.BuildResult) []problem.Gap {
	var gaps []problem.Gap
	add := func(m api.Message, reason, text string) {
		if m.Location == nil {
			return
		}
		if rel, err := filepath.Rel(d.opt.Root, m.Location.File); err == nil {
			gaps = append(gaps, problem.Gap{Path: filepath.ToSlash(rel), Line: m.Location.Line, Column: m.Location.Column + 1, Text: text, Reason: reason})
		}
	}
	for _, m := range result.Warnings {
		if reason, ok := reasonOf(m.ID); ok && m.Location != nil {
			add(m, reason, cutCall(m.Location.LineText[min(m.Location.Column, len(m.Location.LineText)):]))
		}
	}
	for _, m := range result.Errors {
		rest, isGap := strings.CutPrefix(m.Text, gapPrefix)
		switch reason, quoted, _ := strings.Cut(rest, " "); {
		case isGap:
			add(m, reason, quoted)
		case m.Text == errNested.Error(), isParseError(m):
			add(m, problem.GapSyntax, m.Text)
		}
	}
	gaps = problem.SortGaps(gaps)
	return slices.CompactFunc(gaps, func(a, b problem.Gap) bool {
		return a.Path == b.Path && a.Reason == b.Reason && (a.Line == b.Line && a.Column == b.Column || a.Reason == problem.GapSyntax)
	})
}
