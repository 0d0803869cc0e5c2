package integrity

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/nodeint/nodeint/integrity/internal/coverage"
	"github.com/nodeint/nodeint/integrity/internal/installs"
	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/pnparchive"
	"github.com/nodeint/nodeint/integrity/internal/program"
	"github.com/nodeint/nodeint/integrity/internal/shadow"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/trace"
)

// otherInstalls are the installs of the lockfile beside the tree that the map is
// made of: with other groups of dependencies, or on other platforms. plan and
// overlay are nil without a lockfile.
type otherInstalls struct {
	plan    *installs.Plan
	overlay *installs.Overlay
	notes   []string
}

// otherInstalls reads the lockfile, unless it was read for the comparison. One that cannot be used is a note, unless the
// options ask for it: then the comparison with it has failed before.
func (s *settings) otherInstalls(t *tree.Tree, locked *lockcheck.Result) (*otherInstalls, error) {
	o := &otherInstalls{}
	platforms, err := lockfile.ParsePlatforms(s.project.Config.Platforms)
	if err != nil {
		return o, problem.BadConfig("package.json", `write it as "platforms": ["linux-x64", "darwin-arm64", "linux-x64-musl"]`, "nodeint.platforms: %w", err)
	}
	if locked != nil {
		o.plan, err = installs.New(t, locked.Lock)
	} else {
		o.plan, err = installs.Read(t)
	}
	if _, unreadable := errors.AsType[*fs.PathError](err); unreadable {
		return o, problem.NotChecked("", "make the lockfile readable", "reading the lockfile: %w", err)
	}
	if err != nil {
		o.notes = append(o.notes, fmt.Sprintf("the lockfile was not used, so the map requires every package that it pins: %v", err))
		return o, nil
	}
	if o.plan == nil {
		return o, nil
	}
	o.overlay, err = o.plan.Overlay(installs.OverlayOptions{
		Fetch: s.opt.Lockfile != nil && s.opt.Lockfile.Fetch, Platforms: platforms, Algorithms: s.algorithms,
	})
	return o, err
}

// pin walks the program and decides what to pin. Packages of other installs that
// the program would load are added to the tree, and the walk begins again, until
// there are none. Only the first walk parses the modules on the disk.
func (s *settings) pin(ctx context.Context, t *tree.Tree, pnp *pnparchive.Project, recorded *trace.Trace, locked *lockcheck.Result, others *otherInstalls) (*program.Program, *mapfile.Map, error) {
	dir, _ := t.Rel(s.project.Dir)
	own := func(m *mapfile.Map) map[string]bool { return ownFiles(t, s.file, s.project.Dir, m) }
	memo := new(program.Memo)
	for {
		prog, err := program.Walk(ctx, program.Options{
			Tree: t, Dir: s.project.Dir, Entries: s.entries, Conditions: s.project.Config.Conditions, Start: s.start, Exclude: s.project.Config.Exclude,
			Algorithms: s.algorithms, PnP: pnp, IsMounted: others.overlay.Has, IsOpaque: others.overlay.IsOpaque,
			Trace: recorded, Browser: s.browser, OwnFiles: own(&mapfile.Map{}), Memo: memo, Importers: s.why != nil, Cache: s.cache,
			Progress: func(modules int) { s.report("resolving", modules, 0, 0) },
		})
		if err != nil {
			return nil, nil, err
		}
		describe := func(m *mapfile.Map) error { return others.describePackages(m, prog) }
		m, err := coverage.Pin(ctx, coverage.Options{
			Tree: t, Project: dir, Program: prog, Level: s.coverage, Browser: s.browser, Include: s.project.Config.Include, Exclude: s.project.Config.Exclude,
			Files: usedPatches(locked), OwnFiles: own, Describe: describe, Reasons: s.why,
			Progress: func(files int) { s.report("resolving", files, 0, 0) },
		})
		if err != nil || others.overlay == nil || s.browser {
			return prog, m, err
		}
		search, err := shadow.NewSearch(t, m, own(m))
		if err != nil {
			return nil, nil, problem.BadUsage("", "reading the configuration: %w", err)
		}
		if added, err := others.overlay.Add(ctx, search.WouldMatter); !added || err != nil {
			return prog, m, err
		}
	}
}

// describePackages sets the names, versions and conditions of packages.
func (o *otherInstalls) describePackages(m *mapfile.Map, prog *program.Program) error {
	for dir, p := range m.Packages {
		if p.NameVersion() != "" {
			continue
		}
		p, err := prog.Manifests.Package(dir)
		if err != nil {
			return err
		}
		m.Packages[dir] = p
	}
	if o.plan != nil {
		o.plan.Describe(m)
	}
	return nil
}

// pinTables adds the tables of Plug'n'Play to the map.
func (o *otherInstalls) pinTables(t *tree.Tree, pnp *pnparchive.Project, m *mapfile.Map) (err error) {
	var optional map[string][]string
	if o.plan != nil {
		optional = o.plan.OptionalDependencies()
	}
	m.PnP, err = pnp.PinTables(t, optional)
	return err
}

// keep adds the files of packages whose archives are not at hand, and that the
// existing map pins. It says which packages remain unpinned.
func (o *otherInstalls) keep(m *mapfile.Map, prog *program.Program, old oldMap) {
	if o.overlay == nil || len(o.overlay.Unknown()) == 0 {
		return
	}
	var was *mapfile.Map
	if old.doc != nil {
		was, _ = mapfile.Parse(MapName, old.doc) // nothing is kept from a map that is not well formed
	}
	o.notes = append(o.notes, o.overlay.Keep(m, was, prog.Asks(m))...)
}
