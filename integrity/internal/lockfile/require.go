package lockfile

import (
	"errors"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// Require sets Dev and Optional of every package from the dependency graph. An install
// of the whole project may leave out a package only if one of them is set:
//
//   - A package has neither if a production dependency of the project needs it. The
//     project is its root and every workspace member.
//   - Dev means that an install without devDependencies does not contain it.
//   - Optional means that an install without optionalDependencies may not contain it,
//     nor one on a platform for which a package on the way to it is not made.
//   - Both mean that it is absent without one of the two groups, or without both.
//
// Installs of a part of the project (npm --workspace, pnpm --filter, yarn workspaces
// focus NAME) and npm's --omit=peer are not considered.
//
// Doubt makes a package required. It is required if nothing in the graph leads to it. A
// dependency that cannot be resolved leads to every package of its name ([Edge].ByName).
// For npm, pnpm and bun, a required peer of a production package is a production
// dependency. Yarn may leave out a package that is a peer and a devDependency.
//
// npm installs by the flags that it recorded in the lockfile. For npm, a package thus
// has Dev or Optional only if both the flags and the graph say so. The other managers
// install by the graph, so the flags that they record are replaced.
//
// manifests has the text of package.json of the root and of every workspace member, by
// the directory relative to the root ("." is the root). Only yarn needs them, because
// its lockfiles do not record devDependencies. yarn 2 and later record the directories:
// those of the packages of the kind Member. The lockfile of yarn 1 does not, so Require
// appends a Member to Packages for each manifest. If the manifests do not lead to every
// package, one of them is missing, and all packages are required.
//
// The error is a [*problem.Error]: a manifest is not JSON, or has a member twice.
func (l *Lock) Require(manifests map[string][]byte) error {
	if l.Manager == manager.YarnClassic || l.Manager == manager.YarnBerry {
		if err := l.addManifests(manifests); err != nil {
			return err
		}
	}
	for i, c := range l.conditions() {
		p := &l.Packages[i]
		if l.Manager == manager.NPM && p.Kind != Link { // npm records no flags of links
			c.dev, c.optional = c.dev && p.Dev, c.optional && p.Optional
		}
		p.Dev, p.Optional = c.dev, c.optional
	}
	return nil
}

// A condition is what the graph says about one package.
type condition struct{ dev, optional bool }

// conditions computes the condition of every package from the graph alone.
func (l *Lock) conditions() []condition {
	g, roots := newGraph(l), l.roots()
	base := g.reach(roots, Required)
	production := g.reach(roots, Required, Optional)
	development := g.reach(roots, Required, Dev)
	all := g.reach(roots, Required, Optional, Dev)
	found := make([]condition, len(l.Packages))
	if l.Manager == manager.YarnClassic && slices.Contains(all[:len(found)], false) {
		return found // yarn removes what it does not need, so a manifest is missing
	}
	for i := range found {
		switch {
		case base[i] || !all[i]:
		case production[i] && development[i]: // optional in production, required in development
			found[i] = condition{dev: true, optional: true}
		default:
			found[i] = condition{dev: !production[i], optional: !development[i]}
		}
	}
	return found
}

// roots returns the indexes of the directories of the project that every install
// serves: the root and the workspace members.
func (l *Lock) roots() []int {
	var roots []int
	for i := range l.Packages {
		p := &l.Packages[i]
		if p.Kind == Member && (l.Manager != manager.NPM || p.Key == "" || isWorkspace(p.Key, l.workspaces)) {
			roots = append(roots, i)
		}
	}
	return roots
}

// A graph has the edges of a lockfile by node. The nodes are the packages, and after
// them one node for each name of a dependency that is known only by name.
type graph struct {
	edges []Edge
	start []int // the first edge of each node; one more at the end
}

func newGraph(l *Lock) *graph {
	names := make(map[string]int)
	edges := make([]Edge, 0, len(l.Edges))
	for _, e := range l.Edges {
		if e.To < 0 && e.ByName {
			node, ok := names[e.Name]
			if !ok {
				node = len(l.Packages) + len(names)
				names[e.Name] = node
			}
			e.To = node
		}
		edges = append(edges, e)
	}
	for i := range l.Packages {
		p := &l.Packages[i]
		for _, name := range []string{p.Alias, p.Name} {
			if node, ok := names[name]; ok {
				edges = append(edges, Edge{From: node, To: i})
			}
		}
	}
	sortEdges(edges)
	g := &graph{edges: edges, start: make([]int, len(l.Packages)+len(names)+1)}
	for _, e := range edges {
		g.start[e.From+1]++
	}
	for i := 1; i < len(g.start); i++ {
		g.start[i] += g.start[i-1]
	}
	return g
}

// reach returns for each node whether edges of these kinds lead to it from the roots.
func (g *graph) reach(roots []int, kinds ...EdgeKind) []bool {
	var follow [Dev + 1]bool
	for _, kind := range kinds {
		follow[kind] = true
	}
	reached := make([]bool, len(g.start)-1)
	var todo []int
	visit := func(node int) {
		if node >= 0 && !reached[node] {
			reached[node] = true
			todo = append(todo, node)
		}
	}
	for _, root := range roots {
		visit(root)
	}
	for len(todo) > 0 {
		node := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, e := range g.edges[g.start[node]:g.start[node+1]] {
			if follow[e.Kind] {
				visit(e.To)
			}
		}
	}
	return reached
}

// addManifests reads the manifests of a project of yarn.
func (l *Lock) addManifests(manifests map[string][]byte) error {
	parsed := make(map[string]gjson.Result, len(manifests))
	for dir, text := range manifests {
		name := strings.TrimPrefix(dir+"/"+nodejs.PackageJSON, "./")
		if rest, _ := outside(dir); join(".", dir) != dir || placeFault(rest) != "" {
			return refused(name, "", "read %s: the directory is not a clean path", quote(name))
		}
		if err := importmap.Check(name, nodejs.PackageJSON, text); err != nil {
			return refusedManifest(name, err)
		}
		parsed[dir] = gjson.ParseBytes(text)
	}
	r := &reader{file: l.File, lock: l, hint: formats[base(l.File)].hint}
	if l.Manager == manager.YarnClassic {
		r.classicManifests(parsed)
	} else {
		l.berryManifests(parsed)
	}
	return r.err
}

func refusedManifest(name string, err error) error {
	var syntax *importmap.SyntaxError
	if errors.As(err, &syntax) && syntax.Key != "" {
		return refused(name, "correct "+name, "read %s:%d:%d: %s: %s", name, syntax.Line, syntax.Column, syntax.Key, syntax.Reason)
	}
	return refused(name, "correct "+name, "read %s: %w", name, err)
}
