package lockcheck

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Account completes the result with the pinned files, which the program may load. Each
// one in a node_modules has been compared with an archive, or has a class or a finding;
// any other one is added as a file of an unanchored package, with its name. With
// Options.Require, it also adds a finding for each package that has pinned files and no
// archive to compare with.
func (r *Result) Account(pinned iter.Seq[string]) {
	loose := make(map[string]int)   // number of files that nothing accounts for, by package
	loaded := make(map[string]bool) // packages with pinned files
	for p := range pinned {
		switch in, ok := r.checker.accounts(p); {
		case in != nil && ok:
			loaded[in.dir] = true
		case !ok && isInModules(p):
			loose[packageDir(p)]++
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(loose)) {
		r.addLoose(dir, loose[dir])
		loaded[dir] = true
	}
	slices.SortFunc(r.Packages, func(a, b Package) int { return strings.Compare(a.Dir, b.Dir) })
	slices.SortFunc(r.Summary.Unanchored, func(a, b UnanchoredPackage) int { return strings.Compare(a.Path, b.Path) })
	if !r.require {
		return
	}
	for _, p := range r.Summary.Unanchored {
		if loaded[p.Path] {
			r.Findings = append(r.Findings, problem.Finding{Code: problem.AnchorNone, Path: p.Path, Package: p.Package, Detail: p.Reason})
		}
	}
}

// looseReason is the reason of a package that only the map knows.
const looseReason = "the lockfile does not list it, and the program loads it"

func (r *Result) addLoose(dir string, files int) {
	name := aliasAt(dir)
	r.Summary.Unanchored = append(r.Summary.Unanchored, UnanchoredPackage{dir, name, looseReason})
	r.Packages = append(r.Packages, Package{Dir: dir, Name: name, Class: Unanchored, Reason: looseReason, Files: files})
	r.Summary.Packages++
	r.Summary.Files += files
	r.Summary.Classes[Unanchored] += files
}

// accounts reports whether a file was compared, or has a class or a finding. in is the
// package that it is a file of, or nil.
func (c *checker) accounts(p string) (in *install, ok bool) {
	for dir := tree.Parent(p); dir != ""; dir = tree.Parent(dir) {
		if in := c.installAt(dir); in != nil && (in.zip != "" || in.has(p[len(dir)+1:])) {
			return in, true
		}
	}
	for dir := p; dir != ""; dir = tree.Parent(dir) {
		if c.claimed[dir] {
			return nil, true
		}
	}
	return nil, strings.Contains("/"+p, "/"+nodejs.NodeModules+"/"+binDir+"/") && c.isShim(p)
}

// has reports whether the package has a file at rel.
func (in *install) has(rel string) bool {
	if in.set == nil {
		in.set = make(map[string]bool, len(in.files))
		for _, f := range in.files {
			in.set[f.rel] = true
		}
	}
	return in.set[rel]
}

// isInModules reports whether a path is below a node_modules. All others belong to the
// project.
func isInModules(p string) bool { return strings.Contains("/"+p, "/"+nodejs.NodeModules+"/") }

// packageDir returns the directory, below the last node_modules, that a file belongs to:
// that of a package, or an entry such as a file of node_modules or .bin.
func packageDir(p string) string {
	i := strings.LastIndex("/"+p, "/"+nodejs.NodeModules+"/") + len(nodejs.NodeModules+"/")
	n := 1
	if strings.HasPrefix(p[i:], "@") || strings.HasPrefix(p[i:], binDir+"/") {
		n = 2
	}
	parts := strings.SplitN(p[i:], "/", n+1)
	return p[:i] + strings.Join(parts[:min(n, len(parts))], "/")
}
