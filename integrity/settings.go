package integrity

import (
	"errors"
	"path/filepath"
	"slices"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/coverage"
	"github.com/nodeint/nodeint/integrity/internal/filecache"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/trust"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/trace"
)

// settings are the options of Generate with the configuration and the defaults
// filled in.
type settings struct {
	opt        GenerateOptions
	project    *project.Project
	file       string // absolute path of the map
	coverage   Coverage
	algorithms hasher.Set
	start      *project.Start // nil if it is not known
	entries    []string       // absolute paths
	traces     []string       // absolute paths, sorted
	browser    bool
	packageMap bool
	why        *coverage.Reasons // nil without GenerateOptions.Explain
	cache      *filecache.Cache  // nil without GenerateOptions.CacheDir
}

func newSettings(opt GenerateOptions) (*settings, error) {
	p := opt.Project
	s := &settings{opt: opt, project: p, file: opt.Map, coverage: opt.Coverage, algorithms: opt.Algorithms, start: opt.Start, entries: opt.Entries, traces: tracePaths(opt), browser: opt.Browser || p.Config.Browser, packageMap: opt.PackageMap || p.Config.PackageMap}
	if opt.Explain != nil {
		s.why = &coverage.Reasons{}
	}
	var err error
	if s.file == "" {
		s.file = filepath.Join(p.Dir, MapName)
	}
	if s.browser {
		if err := s.checkBrowser(); err != nil {
			return nil, err
		}
	}
	if s.coverage == "" {
		if s.coverage, err = ParseCoverage(p.Config.Coverage); err != nil {
			return nil, err
		}
	}
	if s.algorithms == 0 {
		if s.algorithms, err = hasher.ParseSet(p.Config.Algorithms); err != nil {
			return nil, problem.BadUsage("", "%w", err)
		}
	}
	if s.algorithms == hasher.SetOf(hasher.BLAKE3) {
		return nil, problem.BadUsage("add sha256, sha384 or sha512 to the algorithms", "blake3 cannot be the only algorithm, because the import map standard does not define it")
	}
	if len(s.entries) == 0 && s.start == nil {
		if s.entries, err = p.Entries(); err != nil {
			return nil, err
		}
	}
	if s.start == nil && !s.browser {
		s.start, err = p.StartOf(s.entries)
	}
	s.entries = s.start.AllEntries(s.entries)
	return s, err
}

// checkBrowser rejects settings that have no meaning for a web page, and sets the coverage.
func (s *settings) checkBrowser() error {
	switch c := s.project.Config; {
	case s.coverage != "" && s.coverage != Graph:
		return problem.BadUsage("leave out --coverage", "a map for a browser has the coverage graph: a browser looks for no files")
	case len(s.traces) > 0:
		return problem.BadUsage("leave out the traces", "a trace of Node does not say what a browser loads")
	case len(s.entries) == 0 && len(c.Entries) == 0:
		return problem.BadUsage("name the module scripts of the page: nodeint generate --browser app.js", "a map for a browser needs entries")
	}
	s.coverage = Graph
	return nil
}

// tracePaths returns the traces of the options, or else of the configuration.
func tracePaths(opt GenerateOptions) []string {
	files := slices.Clone(opt.Traces)
	if len(files) == 0 {
		for _, f := range opt.Project.Config.Trace {
			if f = filepath.FromSlash(f); !filepath.IsAbs(f) {
				f = filepath.Join(opt.Project.Dir, f)
			}
			files = append(files, f)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// report reports progress.
func (s *settings) report(stage string, files, total int, bytes int64) {
	if s.opt.Progress != nil {
		s.opt.Progress(Progress{Stage: stage, Files: files, Total: total, Bytes: bytes})
	}
}

// readTraces returns the traces merged into one; nil if there are none.
func readTraces(files []string) (*trace.Trace, error) {
	var all []*trace.Trace
	for _, f := range files {
		t, err := trace.ReadFile(f)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	if len(all) == 0 {
		return nil, nil
	}
	return trace.Merge(all...), nil
}

// An oldMap is the map that exists before Generate writes one. The zero value
// means that there is none.
type oldMap struct {
	doc        *importmap.Document
	text       []byte
	conflicted bool // text has conflict markers; doc is our side
}

// readOldMap reads the existing map, to keep its imports, its scopes and the
// members that nodeint does not know. A map that cannot be parsed is an error,
// since overwriting it would lose them.
func readOldMap(file string) (oldMap, error) {
	text, doc, err := mapfile.ReadExisting(file)
	e, _ := errors.AsType[*Error](err)
	switch {
	case err == nil && doc == nil:
		return oldMap{}, nil
	case err == nil:
		return oldMap{doc, []byte(text), false}, nil
	case e != nil && e.Code == problem.MapConflict:
		doc, err = mapfile.ResolveConflict(file, text)
		return oldMap{doc, []byte(text), true}, err
	case e != nil && e.Code == problem.MapSyntax:
		e.Hint = "move the map to another place; generate does not overwrite it, because its imports and scopes would be lost"
	}
	return oldMap{}, err
}

// ownFiles returns the paths of nodeint's own files, which a map cannot pin: the
// default paths of maps, envelopes and traces of the project in projectDir and
// of the workspace members that it depends on, and those of the map at file.
func ownFiles(t *tree.Tree, file, projectDir string, m *mapfile.Map) map[string]bool {
	own := make(map[string]bool)
	add := func(dir string) {
		for _, name := range []string{MapName, trust.EnvelopePath(MapName), trace.Name} {
			own[tree.Join(dir, name)] = true
		}
	}
	dir, _ := t.Rel(projectDir)
	add(dir)
	if rel, inside := t.Rel(file); inside {
		own[rel], own[trust.EnvelopePath(rel)] = true, true
	}
	for dir := range m.Packages {
		if mapfile.InstalledName(dir) == "" {
			add(dir)
		}
	}
	return own
}
