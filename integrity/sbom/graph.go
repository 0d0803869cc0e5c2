package sbom

import (
	"path"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/program"
	"github.com/nodeint/nodeint/integrity/internal/scopes"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// addGraph adds the imports of the module graph. The names of the map lack those that
// another version or flag of Node resolves to another file of the package, and all of a
// program under Plug'n'Play.
func (b *builder) addGraph() error {
	never := func(string) bool { return false }
	opt := program.Options{
		Tree: b.tree, Dir: b.tree.Abs(b.m.Project), Conditions: b.m.Conditions, Exclude: b.m.Exclude,
		Algorithms: hasher.SetOf(hasher.SHA256), PnP: b.pnp, IsMounted: never, IsOpaque: never, Progress: func(int) {},
	}
	for _, e := range b.m.Entries {
		opt.Entries = append(opt.Entries, b.tree.Abs(e))
	}
	prog, err := program.Walk(b.ctx, opt)
	if err != nil {
		return err
	}
	for p, f := range prog.Files {
		if f.Digests != nil { // the graph has read it
			b.reach(b.owner(p))
		}
	}
	for q := range prog.Questions() {
		to, ok, err := b.target(prog, q)
		if err != nil {
			return problem.NotChecked("", "make this path readable", "resolving %s: %w", q.Specifier, err)
		}
		if from := b.owner(tree.Join(pnp.Real(q.Dir), "_")); ok && b.places[to] != nil {
			b.addEdge(from, to)
		}
	}
	return nil
}

// target returns the directory of the package that a specifier leads to. ok is false if it
// is not known: that of a builtin module, "#name", or a package that is not installed.
func (b *builder) target(prog *program.Program, q scopes.Question) (dir string, ok bool, err error) {
	specifier := q.Specifier
	if strings.HasPrefix(specifier, ".") {
		to := path.Join(q.Dir, specifier)
		if to == ".." || strings.HasPrefix(to, "../") {
			return "", false, nil
		}
		return b.owner(pnp.Real(to)), true, nil
	}
	name, _ := nodejs.SplitSpecifier(specifier)
	if name == "" || strings.ContainsAny(name, "#:/") && !strings.HasPrefix(name, "@") || nodejs.IsBuiltin(specifier) {
		return "", false, nil
	}
	if tables := b.pnp.Tables; tables != nil {
		if owner, owned := tables.Owner(q.Dir); owned {
			at, ok := tables.Resolve(owner, name)
			return pnp.Real(at), ok, nil
		}
	}
	if name == b.m.Packages[b.owner(tree.Join(q.Dir, "_"))].Name {
		return "", false, nil // the package itself, if it has exports: the names of the map say so
	}
	dir, ok, err = prog.Resolver.Package(q.Dir, name)
	return dir, ok && dir != "", err // "" is outside the root
}
