package program

import (
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/graph"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A request is a specifier and the directory that it is resolved from.
type request struct{ dir, specifier string }

// The verdicts on a request.
type verdicts struct {
	places []graph.Unresolved // of esbuild: where it resolves to nothing
	found  bool               // of the resolution record: whether it ends at something
	by     string             // the first module that makes the request
}

// addVerdict adds that of the resolution record on an edge.
func addVerdict(to map[request]*verdicts, e graph.Edge, found bool) {
	r := request{e.Dir, e.Specifier}
	v := to[r]
	if v == nil {
		v = &verdicts{by: e.By}
		to[r] = v
	}
	v.found, v.by = v.found || found, min(v.by, e.By)
}

// addUnresolved sorts what a graph requests in vain: a request that fails when it is
// reached is a gap, and one that may fail is noted. found reports, by request, whether
// the resolution record ends at something; see [walker.record].
func (w *walker) addUnresolved(g *graph.Graph, found map[request]*verdicts) error {
	for _, u := range g.Unresolved {
		v := found[request{u.Dir, u.Specifier}]
		if v != nil {
			v.places = append(v.places, u)
		} else if _, inside := w.tree.Rel(u.Dir); !inside && u.Line > 0 && !u.Handled && !u.Asks {
			w.addUnresolvedGap(u, "") // createRequire of a directory outside the root
		}
	}
	for r, v := range found {
		dir, _ := w.tree.Rel(r.dir)
		if err := w.addVerdicts(w.pnp.Real(dir), filepath.ToSlash(r.specifier), v); err != nil {
			return err
		}
	}
	return nil
}

// addVerdicts adds a gap for each module in which the request fails when it is reached,
// or else a note. esbuild reports the first place of a module alone.
func (w *walker) addVerdicts(dir, specifier string, v *verdicts) error {
	own := mapfile.IsOwn(tree.Join(dir, "x"))
	if len(v.places) == 0 {
		return nil
	}
	if v.found { // each of the two accepts less than Node in places
		if by, err := w.isByManifest(dir, specifier); !own || !by || err != nil {
			return err
		}
	}
	if isPath(specifier) && w.isNeverPinned(path.Join(dir, specifier)) {
		return nil // it has a gap of its own, whether the file exists or not
	}
	declared, err := w.declaredIn(dir, specifier)
	if err != nil {
		return err
	}
	detail, err := w.tornPackage(dir, specifier)
	if err != nil {
		return err
	}
	noted, isGap := "", false
	for _, u := range v.places {
		reason := reasonAt(u, declared, own, specifier)
		if reason == "" && !u.Asks {
			w.addUnresolvedGap(u, detail)
			isGap = true
		}
		noted = cmp.Or(noted, reason)
	}
	if noted != "" && !isGap && !v.found {
		w.notFound = append(w.notFound, problem.NotFound{Name: specifier, Path: cmp.Or(v.by, dir), Reason: noted})
	}
	return nil
}

// addUnresolvedGap adds the gap for a request that fails when it is reached.
func (w *walker) addUnresolvedGap(u graph.Unresolved, detail string) {
	w.Gaps = append(w.Gaps, problem.Gap{
		Path: u.Path, Line: u.Line, Column: u.Column, Text: strconv.Quote(filepath.ToSlash(u.Text)),
		Reason: problem.GapUnresolved, Detail: detail,
	})
}

// reasonAt returns why a request may fail at a place; "" if it may not.
func reasonAt(u graph.Unresolved, declared declaration, own bool, specifier string) string {
	switch {
	case declared == optional:
		return problem.NotFoundOptional
	case declared == optionalPeer:
		return problem.NotFoundOptionalPeer
	case u.Handled:
		return problem.NotFoundHandled
	case u.Line == 0:
		return problem.NotFoundIndirect
	case own || isPath(specifier) || declared == required:
		return ""
	}
	return problem.NotFoundUndeclared
}

// isByManifest reports whether a specifier is resolved by exports or imports of a
// package.json. The resolution record does not evaluate these. In all other cases its
// verdict counts: unlike esbuild, it fails if the system cannot read a directory.
func (w *walker) isByManifest(dir, specifier string) (bool, error) {
	if strings.HasPrefix(specifier, "#") {
		return true, nil
	}
	name, _ := nodejs.SplitSpecifier(specifier)
	if name == "" || isPath(specifier) || strings.Contains(specifier, ":") {
		return false, nil
	}
	real, found, err := w.Resolver.Package(dir, name)
	if err != nil || !found || real == "" {
		return false, err
	}
	text, err := w.Manifests.Read(real)
	return gjson.GetBytes(text, "exports").Exists(), err
}

// isPath reports whether a specifier is the path or URL of a file.
func isPath(specifier string) bool {
	return specifier == "." || specifier == ".." || strings.HasPrefix(specifier, "./") || strings.HasPrefix(specifier, "../") ||
		filepath.IsAbs(specifier) || len(specifier) > 5 && strings.EqualFold(specifier[:5], "file:")
}

// declaredIn returns how the package that dir belongs to declares the package that a
// specifier names.
func (w *walker) declaredIn(dir, specifier string) (declaration, error) {
	name, _ := nodejs.SplitSpecifier(specifier)
	if name == "" || isPath(specifier) {
		return undeclared, nil
	}
	for ; ; dir = tree.Parent(dir) {
		text, err := w.Manifests.Read(dir)
		if err != nil {
			return undeclared, err
		}
		if d := declarationOf(text, name); d != undeclared {
			return d, nil
		}
		if dir == "" || mapfile.InstalledName(dir) != "" {
			return undeclared, nil
		}
	}
}

// NotFound returns what was requested and does not exist, without what is a gap,
// sorted: requests of modules, and declared packages that are not installed.
func (p *Program) NotFound() ([]problem.NotFound, error) {
	list := slices.Clone(p.notFound)
	asked := make(map[string]bool)
	for _, n := range list {
		name, _ := nodejs.SplitSpecifier(n.Name)
		asked[name] = true
	}
	for _, gap := range p.Gaps {
		if specifier, err := strconv.Unquote(gap.Text); err == nil && gap.Reason == problem.GapUnresolved {
			name, _ := nodejs.SplitSpecifier(specifier)
			asked[name] = true
		}
	}
	for _, u := range p.Record.Uninstalled() {
		if asked[u.Name] {
			continue // a module has requested it
		}
		text, err := p.Manifests.Read(u.Dir)
		if err != nil {
			return nil, err
		}
		list = append(list, problem.NotFound{Name: u.Name, Path: tree.Join(u.Dir, nodejs.PackageJSON), Reason: reasonOf(declarationOf(text, u.Name))})
	}
	slices.SortFunc(list, func(a, b problem.NotFound) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Reason, b.Reason))
	})
	return slices.Compact(list), nil
}

func reasonOf(d declaration) string {
	switch d {
	case optional:
		return problem.NotFoundOptional
	case optionalPeer:
		return problem.NotFoundOptionalPeer
	}
	return problem.NotFoundDeclared
}

// IsInstalled reports whether the program uses an installed package, or all packages that
// it imports and declares are there: without node_modules a map would pin the project's
// own files alone.
func (p *Program) IsInstalled() (bool, error) {
	isInstalled := func(path string) bool { return mapfile.InstalledName(path) != "" }
	for dir := range p.Packages {
		if isInstalled(dir) {
			return true, nil
		}
	}
	if slices.ContainsFunc(p.Record.Packages(), isInstalled) || slices.ContainsFunc(p.Record.Links(), isInstalled) {
		return true, nil
	}
	for _, gap := range p.Gaps {
		if missing, err := p.isMissingPackage(gap); missing || err != nil {
			return false, err
		}
	}
	return true, nil
}

// isMissingPackage reports whether a gap is an import of a package that a package.json
// declares in any section.
func (p *Program) isMissingPackage(gap problem.Gap) (bool, error) {
	specifier, err := strconv.Unquote(gap.Text)
	if gap.Reason != problem.GapUnresolved || err != nil || isPath(specifier) || strings.Contains(specifier, ":") {
		return false, nil
	}
	name, _ := nodejs.SplitSpecifier(specifier)
	for dir := tree.Parent(gap.Path); name != ""; dir = tree.Parent(dir) {
		text, err := p.Manifests.Read(dir)
		if err != nil {
			return false, err
		}
		if declarationOf(text, name) != undeclared || gjson.GetBytes(text, "devDependencies."+gjson.Escape(name)).Exists() {
			return true, nil
		}
		if dir == "" {
			break
		}
	}
	return false, nil
}
