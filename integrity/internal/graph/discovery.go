package graph

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/problem"
)

// build runs esbuild once.
func (d *discovery) build(ctx context.Context) (api.BuildResult, error) {
	result, err := runBuild(ctx, d.buildOptions(), d.fail)
	if err != nil {
		return api.BuildResult{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return result, d.err
}

// runBuild runs esbuild until it is done or ctx is. In the second case it calls fail, after
// which the plugin must read nothing more, and does not wait for esbuild, which ends soon.
func runBuild(ctx context.Context, opt api.BuildOptions, fail func(error)) (api.BuildResult, error) {
	if err := ctx.Err(); err != nil {
		return api.BuildResult{}, err // a build that is started reads before it hears of it
	}
	done := make(chan api.BuildResult, 1)
	go func() { done <- api.Build(opt) }()
	select {
	case <-ctx.Done():
		fail(ctx.Err())
		return api.BuildResult{}, ctx.Err()
	case result := <-done:
		return result, ctx.Err() // both may have been ready
	}
}

func (d *discovery) buildOptions() api.BuildOptions {
	entries := make([]api.EntryPoint, len(d.entries))
	for i := range entries {
		// The plugin resolves the name. esbuild would read "*" in a path as a pattern.
		entries[i] = api.EntryPoint{InputPath: fmt.Sprintf("%s%d", entryPrefix, i), OutputPath: fmt.Sprint(i)}
	}
	return api.BuildOptions{
		AbsWorkingDir:       d.opt.Root,
		AbsPaths:            api.LogAbsPath,
		EntryPointsAdvanced: entries,
		Bundle:              true,
		Write:               false,
		Outdir:              filepath.Join(d.opt.Root, "nodeint-does-not-write"),
		Platform:            api.PlatformNode,
		Format:              api.FormatESModule,
		TreeShaking:         api.TreeShakingFalse,
		Conditions:          append([]string{"module-sync", "node-addons"}, d.opt.Conditions...),
		NodePaths:           d.opt.NodePath,
		MainFields:          []string{"main"},
		ResolveExtensions:   nodejs.RequireExtensions(),
		TsconfigRaw:         `{"compilerOptions":{"verbatimModuleSyntax":true}}`,
		Define:              map[string]string{"require.resolve": "require", "import.meta.resolve": "require"},
		LogLevel:            api.LogLevelSilent,
		LogOverride: map[string]api.LogLevel{
			"unsupported-require-call":   api.LogLevelWarning,
			"unsupported-dynamic-import": api.LogLevelWarning,
			"indirect-require":           api.LogLevelWarning,
			"empty-glob":                 api.LogLevelWarning,
			ignoredImport:                api.LogLevelWarning,
		},
		Plugins: []api.Plugin{{Name: "nodeint", Setup: d.setup}},
	}
}

// maxEntriesPerBuild is how many modules one build starts from. Each of them costs time
// even if the build no longer reads it.
const maxEntriesPerBuild = 1000

// maxBytesPerBuild is the size of the source that one build reads.
const maxBytesPerBuild = 16 << 20

// A discovery is one run of Discover. esbuild calls its methods from many goroutines.
type discovery struct {
	opt     Options
	prefix  string // Root with a separator at the end
	stat    statFunc
	reading chan struct{} // limits the number of files that are read at a time
	checker *manifestChecker
	entries []string // of this build
	isEntry map[string]bool

	mu      sync.Mutex
	err     error
	left    int64                 // bytes that this build may still read
	pending map[string]struct{}   // absolute paths that are left to the next build
	parsed  map[string]*parsed    // of this build, by absolute path; with a cache
	stubs   map[string]bool       // of this build: the modules of which esbuild got a stub
	modules map[string]*Module    // by absolute path
	notes   map[string]*scanNote  // of this build, by absolute path
	edges   map[Edge]string       // By of each edge
	imports map[importer]struct{} // nil unless Options.Importers
	asked   map[string][]asker    // by the name of a virtual module: the modules that ask for it
	outside map[string]struct{}

	manifests  map[string]readManifest // by directory
	scopes     map[string]typeScope    // by directory
	sourceOnly map[string]bool         // modules for which no stub will do
}

// An importer is a module, or the name of a virtual one, that resolves an edge.
type importer struct {
	name      string
	isVirtual bool
	edge      Edge
}

// An asker is a module for which source appended an import, and the place of the call in it.
type asker struct {
	file         string // absolute
	line, column int    // as in Unresolved
	handled      bool   // as in Unresolved
	optional     bool   // see jsscan.Specifier.Optional
	name         string // the specifier, for messages
}

// A scanNote is the part of a scan of a module that gaps needs.
type scanNote struct {
	gaps    []problem.Gap
	handled map[position]bool // see jsscan.Result.Handled
	isWasm  bool              // the source that esbuild gets is made up
}

// A position is a line and a column of a source, counted as in jsscan.Place.
type position struct{ line, column int }

func newDiscovery(opt Options) *discovery {
	d := &discovery{
		opt:     opt,
		prefix:  strings.TrimSuffix(opt.Root, string(filepath.Separator)) + string(filepath.Separator),
		reading: make(chan struct{}, max(8, 2*runtime.GOMAXPROCS(0))),
		stat:    os.Stat,
		checker: newManifestChecker(os.Stat),
		modules: make(map[string]*Module),
		edges:   make(map[Edge]string),
		asked:   make(map[string][]asker),
		outside: make(map[string]struct{}),

		manifests:  make(map[string]readManifest),
		scopes:     make(map[string]typeScope),
		sourceOnly: make(map[string]bool),
	}
	if opt.Importers {
		d.imports = make(map[importer]struct{})
	}
	return d
}

// begin prepares a build from entries.
func (d *discovery) begin(entries []string) {
	d.entries, d.left = entries, maxBytesPerBuild
	d.isEntry = make(map[string]bool, len(entries))
	for _, e := range entries {
		d.isEntry[e] = true
	}
	d.pending, d.notes = make(map[string]struct{}), make(map[string]*scanNote)
	d.parsed, d.stubs = make(map[string]*parsed), make(map[string]bool)
}

// unread returns the files that are left to the next build.
func (d *discovery) unread() []string {
	for path := range d.modules {
		delete(d.pending, path)
	}
	return sorted(d.pending)
}

// fail makes Discover return err, unless it has failed already. Nothing is read after it.
func (d *discovery) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.err = err
	}
}

// shouldRead reports whether this build reads a file. It does not if an earlier build
// has. If the build has read maxBytesPerBuild, the file is left to the next one.
func (d *discovery) shouldRead(path, rel string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil || d.modules[path] != nil || d.opt.Known != nil && d.opt.Known(rel) {
		return false
	}
	if d.left <= 0 {
		d.pending[path] = struct{}{}
		return false
	}
	return true
}

// isUnpinned reports Options.Unpinned for an absolute path.
func (d *discovery) isUnpinned(path string) bool {
	rel, inside := d.rel(path)
	return inside && d.opt.Unpinned != nil && d.opt.Unpinned(rel)
}

// isExcluded reports Options.Excluded for an absolute path.
func (d *discovery) isExcluded(path string) bool {
	rel, inside := d.rel(path)
	return inside && d.opt.Excluded != nil && d.opt.Excluded(rel)
}

// rel returns path relative to the root, slash-separated, and whether it is inside.
func (d *discovery) rel(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, d.prefix)
	return filepath.ToSlash(rest), ok
}

// real is rel for the path that a file has on disk or in a zip file, without the virtual
// part.
func (d *discovery) real(path string) (string, bool) {
	rel, ok := d.rel(path)
	if ok && d.opt.Zips != nil {
		rel = d.opt.Zips.Real(rel)
	}
	return rel, ok
}
