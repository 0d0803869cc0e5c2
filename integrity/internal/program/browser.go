package program

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/graph"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/noderesolve"
	"github.com/nodeint/nodeint/integrity/internal/scopes"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A browserWalk is the part of a walk that is for browsers. A browser asks for exactly the
// files that imports and scopes name, and looks for nothing, so nothing is recorded.
type browserWalk struct {
	resolver *noderesolve.Resolver
	paths    mapfile.Specifiers // for a key that a module asks for: the key of the file that it means
}

// walkBrowser is walkFrom for a web page.
func (w *walker) walkBrowser(ctx context.Context) error {
	if w.pnp.Tables != nil {
		return problem.BadUsage("set nodeLinker: node-modules in .yarnrc.yml, and run yarn install", "a browser cannot load packages from the zips of Yarn's Plug'n'Play")
	}
	w.browser = &browserWalk{resolver: noderesolve.NewBrowser(w.tree, w.opt.Conditions), paths: mapfile.Specifiers{}}
	found, err := graph.DiscoverBrowser(ctx, graph.BrowserOptions{
		Root: w.tree.Root(), Entries: w.mains, Algorithms: w.opt.Algorithms, Read: w.tree.ReadFile,
		Resolve: w.resolveForBrowser, Progress: w.opt.Progress,
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return w.readError(err)
	}
	for _, m := range found.Modules {
		w.addFile(m.Path, hasher.Result{Digests: m.Digests, Size: m.Size})
		if err := w.addPackage(m.Path); err != nil {
			return err
		}
	}
	w.Gaps = append(w.Gaps, found.Gaps...)
	return nil
}

// resolveForBrowser is graph.BrowserOptions.Resolve.
func (w *walker) resolveForBrowser(from, specifier string) (found, gap string, err error) {
	if strings.HasPrefix(specifier, "data:") {
		return "", "", nil // the text is part of the module
	}
	dir := tree.Parent(from)
	if w.opt.Importers {
		w.Imports = append(w.Imports, graph.Import{From: from, Dir: w.tree.Abs(dir), Specifier: specifier, Import: true})
	}
	result, err := w.browser.resolver.Resolve(dir, specifier, true)
	if err != nil {
		return "", "", err
	}
	switch {
	case result.Outcome == noderesolve.Builtin:
		return "", problem.GapBuiltin, nil
	case result.Outcome == noderesolve.Omitted:
		return "", problem.GapNoAddress, nil
	case result.Outcome == noderesolve.Undetermined && (mapfile.IsURL(specifier) || strings.HasPrefix(specifier, "/")):
		return "", problem.GapOutside, nil
	case result.Outcome != noderesolve.Found:
		return "", problem.GapUnresolved, nil
	case w.isNeverPinned(result.Path):
		return "", problem.GapNeverPinned, nil
	}
	base := specifier[strings.LastIndexByte(specifier, '/')+1:]
	switch {
	case base == "" || base == "." || base == "..":
		return "", problem.GapNoAddress, nil // the URL ends in "/": a map gives it no file
	case isPath(specifier):
		w.addBrowserPath(dir, specifier, result.Path)
		return result.Path, "", nil
	}
	w.asked[scopes.Question{Dir: dir, Specifier: specifier}] = struct{}{}
	return result.Path, "", nil
}

// addBrowserPath adds what a path means, if that is not the file at the path.
func (w *walker) addBrowserPath(dir, specifier, file string) {
	if asked := path.Join(dir, specifier); asked != file {
		w.browser.paths[mapfile.KeyOf(asked)] = mapfile.KeyOf(file)
	}
}

// browserNames is Names for a web page.
func (p *Program) browserNames(m *mapfile.Map) (mapfile.Names, error) {
	names, err := scopes.Of(m, slices.Collect(maps.Keys(p.asked)), p.browser.resolver)
	if err != nil {
		return names, err
	}
	maps.Copy(names.Imports, p.browser.paths) // a path means the same in every scope
	return names, nil
}
