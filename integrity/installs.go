package integrity

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

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
// overlay are nil without a lockfile, and under Plug'n'Play, whose tables are of one
// install.
type otherInstalls struct {
	plan    *installs.Plan
	overlay *installs.Overlay
	notes   []string
}

// otherInstalls reads the lockfile. One that cannot be used is a note, unless the
// options ask for it: then the comparison with it has failed before.
func (s *settings) otherInstalls(t *tree.Tree, pnp *pnparchive.Project) (*otherInstalls, error) {
	o := &otherInstalls{}
	platforms, err := parsePlatforms(s.project.Config.Platforms)
	if err != nil || pnp.Tables != nil {
		return o, err
	}
	o.plan, err = installs.Read(t)
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Class != problem.Usage {
		o.notes = append(o.notes, fmt.Sprintf("the lockfile was not used, so the map requires every package that it pins: %v", err))
		return o, nil
	}
	if o.plan == nil || err != nil {
		return o, err
	}
	o.overlay, err = o.plan.Overlay(installs.OverlayOptions{
		Fetch: s.opt.Lockfile != nil && s.opt.Lockfile.Fetch, Platforms: platforms, Algorithms: s.algorithms,
	})
	return o, err
}

func parsePlatforms(names []string) ([]lockfile.Platform, error) {
	var list []lockfile.Platform
	for _, name := range names {
		p, err := lockfile.ParsePlatform(name)
		if err != nil {
			return nil, problem.BadConfig("package.json", `write it as "platforms": ["linux-x64", "darwin-arm64", "linux-x64-musl"]`, "nodeint.platforms: %w", err)
		}
		list = append(list, p)
	}
	return list, nil
}

// pin walks the program and decides what to pin. Packages of other installs that
// the program would load are added to the tree, and the walk begins again, until
// there are none.
func (s *settings) pin(ctx context.Context, t *tree.Tree, pnp *pnparchive.Project, recorded *trace.Trace, locked *lockcheck.Result, others *otherInstalls) (*program.Program, *mapfile.Map, error) {
	dir, _ := t.Rel(s.project.Dir)
	own := func(m *mapfile.Map) map[string]bool { return ownFiles(t, s.file, s.project.Dir, m) }
	for {
		prog, err := program.Walk(ctx, program.Options{
			Tree: t, Dir: s.project.Dir, Entries: s.entries, Conditions: s.project.Config.Conditions, Exclude: s.project.Config.Exclude,
			Algorithms: s.algorithms, PnP: pnp, IsMounted: others.overlay.Has, Trace: recorded, OwnFiles: own(&mapfile.Map{}),
			Progress: func(modules int) { s.report("resolving", modules, 0, 0) },
		})
		if err != nil {
			return nil, nil, err
		}
		describe := func(m *mapfile.Map) error { return others.describePackages(m, prog) }
		m, err := coverage.Pin(ctx, coverage.Options{
			Tree: t, Project: dir, Program: prog, Level: s.coverage, Include: s.project.Config.Include, Exclude: s.project.Config.Exclude,
			Files: usedPatches(locked), OwnFiles: own, Describe: describe,
			Progress: func(files int) { s.report("resolving", files, 0, 0) },
		})
		if err != nil || others.overlay == nil {
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

// describe adds to the map which packages an install may leave out, and the files
// of packages whose archives are not at hand and that the existing map pins.
func (o *otherInstalls) describe(m *mapfile.Map, old oldMap) {
	if o.plan == nil {
		return
	}
	var kept, unknown, foreign []string
	for _, u := range o.overlay.Unknown() {
		switch {
		case old.keep(m, u):
			kept = append(kept, u.Package)
		case u.Foreign:
			foreign = append(foreign, u.Package)
		default:
			unknown = append(unknown, u.Package)
		}
	}
	if len(kept) > 0 {
		o.notes = append(o.notes, fmt.Sprintf("kept from the existing map, because this tree does not have them and no cache has their archives: %s", some(kept)))
	}
	if len(unknown) > 0 {
		o.notes = append(o.notes, fmt.Sprintf("not pinned, because this tree does not have them and no cache has their archives: %s; where they are installed, verify reports them, unless you run nodeint generate --lockfile --fetch", some(unknown)))
	}
	if len(foreign) > 0 {
		o.notes = append(o.notes, fmt.Sprintf("not pinned, because they are for other platforms: %s; to pin those of linux-x64, add \"platforms\": [\"linux-x64\"] to nodeint in package.json", some(foreign)))
	}
}

// some names the first of many packages.
func some(packages []string) string {
	const most = 3
	if len(packages) <= most {
		return strings.Join(packages, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(packages[:most], ", "), len(packages)-most)
}

// keep copies a package from the existing map, if it was made of the archive that
// the lockfile names.
func (old oldMap) keep(m *mapfile.Map, u installs.Unknown) bool {
	if old.doc == nil || u.Integrity == "" {
		return false
	}
	was, err := mapfile.Parse(filepath.Base(u.Dir), old.doc)
	if err != nil || was.Packages[u.Dir].Integrity != u.Integrity || was.Packages[u.Dir].IsZero() {
		return false
	}
	m.Packages[u.Dir] = was.Packages[u.Dir]
	for i := range was.Pinned {
		f := &was.Pinned[i]
		if dir, ok := was.Owner(f.Path); ok && dir == u.Dir {
			m.Files[f.Path] = f.Metadata.String()
		}
	}
	for link, target := range was.Links {
		if dir, err := mapfile.PathOf(target); err == nil && dir == u.Dir && m.Links[link] == "" {
			m.Links[link] = target
			if was.OptionalLinks[link] {
				m.AddOptionalLink(link)
			}
		}
	}
	return true
}
