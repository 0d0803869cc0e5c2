// Package scopes computes the names of a map, its sections imports and scopes: which
// file each bare specifier of the program means.
//
// The questions are those that modules of the program ask: a directory and a bare
// specifier. Package noderesolve answers each one for import and for require. An answer
// is used if the map pins its file, or if it is a builtin module.
//
// # Scopes
//
// The modules of a package mostly get one answer, so the answer is in the scope of the
// package's directory. It is not the answer below
//
//   - a node_modules directory in the package, with its own packages;
//   - another package.json, which may say something else about "#name" and about the
//     package's own name.
//
// Each directory that contains one of these and a pinned file is asked every question of
// its package. Where its answer differs from that of the directory above it, it has a
// scope of its own. There null is for import what Node does too: no such module.
//
// The names of the project's own package are in imports.
//
// # require
//
// The sections of the standard have what import gets. [mapfile.Names.Require] has what
// require gets if that is another file, and null if Node has to be asked. In a map for a
// browser there is no require.
package scopes

import (
	"cmp"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/noderesolve"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A Question is a specifier and the directory of a module that asks for it, relative to
// the root.
type Question struct{ Dir, Specifier string }

// Of returns the names of the program whose files and packages m has. Questions that are
// no bare specifiers are ignored. The error is that of a directory or a package.json that
// cannot be read.
func Of(m *mapfile.Map, questions []Question, resolver *noderesolve.Resolver) (mapfile.Names, error) {
	b := &builder{m: m, resolver: resolver, special: specialDirs(m), names: mapfile.Names{
		Imports: mapfile.Specifiers{}, Scopes: make(map[string]mapfile.Specifiers), Require: make(map[string]mapfile.Specifiers),
	}}
	asked := b.byPackage(questions)
	for _, owner := range slices.Sorted(maps.Keys(asked)) {
		for _, specifier := range slices.Sorted(maps.Keys(asked[owner])) {
			dirs := append(slices.Clone(b.special[owner]), asked[owner][specifier]...)
			if err := b.add(owner, specifier, dirs); err != nil {
				return mapfile.Names{}, err
			}
		}
	}
	return b.names, nil
}

// A builder is one call of Of.
type builder struct {
	m        *mapfile.Map
	resolver *noderesolve.Resolver
	special  map[string][]string // by package: directories in it whose answers may differ
	names    mapfile.Names
}

// byPackage returns the directories that ask for each specifier, by package.
func (b *builder) byPackage(questions []Question) map[string]map[string][]string {
	asked := make(map[string]map[string][]string)
	for _, q := range questions {
		if !b.isBare(q.Specifier) {
			continue
		}
		owner := ownerOf(b.m, q.Dir)
		if asked[owner] == nil {
			asked[owner] = make(map[string][]string)
		}
		asked[owner][q.Specifier] = append(asked[owner][q.Specifier], q.Dir)
	}
	return asked
}

// Asked returns a function that reports whether a module of the package in a directory
// asks for a specifier.
func Asked(m *mapfile.Map, questions iter.Seq[Question]) func(dir, specifier string) bool {
	asked := make(map[Question]bool)
	for q := range questions {
		asked[Question{ownerOf(m, q.Dir), q.Specifier}] = true
	}
	return func(dir, specifier string) bool { return asked[Question{dir, specifier}] }
}

// isBare reports whether a specifier is one that a map names: neither a path nor a URL,
// nor, in Node, the name of a builtin module.
func (b *builder) isBare(s string) bool {
	if s == "" || s[0] == '.' || s[0] == '/' || nodejs.IsBuiltin(s) && !b.resolver.IsBrowser() {
		return false
	}
	return !mapfile.IsURL(s) && !strings.ContainsAny(s[1:], "?#%") // for import, not all of it is the path
}

// ownerOf returns the directory of the package that modules in dir belong to.
func ownerOf(m *mapfile.Map, dir string) string {
	owner, _ := m.Owner(tree.Join(dir, "_"))
	return owner
}

// specialDirs returns, by package, the directories in it that contain a node_modules
// or another package.json.
func specialDirs(m *mapfile.Map) map[string][]string {
	found := make(map[string]map[string]bool)
	add := func(dir string) {
		owner := ownerOf(m, dir)
		if owner == dir {
			return
		}
		if found[owner] == nil {
			found[owner] = make(map[string]bool)
		}
		found[owner][dir] = true
	}
	seen := make(map[string]bool)
	for f := range m.Files {
		dir := tree.Parent(f)
		if path.Base(f) == nodejs.PackageJSON {
			add(dir)
		}
		if seen[dir] {
			continue
		}
		seen[dir] = true
		if before, _, ok := cutLast(dir, nodejs.NodeModules); ok {
			add(before)
		}
	}
	lists := make(map[string][]string, len(found))
	for owner, dirs := range found {
		lists[owner] = slices.Sorted(maps.Keys(dirs))
	}
	return lists
}

// cutLast cuts a path around the last segment that is name.
func cutLast(p, name string) (before, after string, found bool) {
	p = "/" + p + "/"
	i := strings.LastIndex(p, "/"+name+"/")
	if i < 0 {
		return "", "", false
	}
	return strings.Trim(p[:i], "/"), strings.Trim(p[i+len(name)+1:], "/"), true
}

// An answer is what a specifier means to import and to require: an address, or "" if the
// map does not know.
type answer struct{ imported, required string }

// add adds the answers of a package to one specifier, of those directories whose answer
// differs from that of the directory above.
func (b *builder) add(owner, specifier string, dirs []string) error {
	dirs = append(dirs, owner)
	slices.SortFunc(dirs, func(x, y string) int {
		return cmp.Or(cmp.Compare(strings.Count(x, "/"), strings.Count(y, "/")), cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
	answers := make(map[string]answer)
	for _, dir := range slices.Compact(dirs) {
		is, err := b.answer(dir, specifier)
		if err != nil {
			return err
		}
		above, known := inherited(answers, owner, dir)
		if known && is == above {
			continue
		}
		answers[dir] = is
		b.set(b.scopeOf(owner, dir), specifier, is, above)
	}
	return nil
}

// inherited returns the answer of the nearest directory above dir that has one.
func inherited(answers map[string]answer, owner, dir string) (answer, bool) {
	for at := dir; at != owner && at != ""; {
		at = tree.Parent(at)
		if is, ok := answers[at]; ok {
			return is, true
		}
	}
	return answer{}, false
}

func (b *builder) answer(dir, specifier string) (answer, error) {
	var addresses [2]string
	for i, isImport := range []bool{true, false} {
		result, err := b.resolver.Resolve(dir, specifier, isImport)
		if err != nil {
			return answer{}, err
		}
		addresses[i] = b.address(result)
	}
	if b.resolver.IsBrowser() {
		addresses[1] = addresses[0] // there is no require
	}
	return answer{addresses[0], addresses[1]}, nil
}

// address returns the address of a result: "" unless it is a pinned file or a builtin.
func (b *builder) address(r noderesolve.Result) string {
	switch r.Outcome {
	case noderesolve.Builtin:
		if b.resolver.IsBrowser() {
			return ""
		}
		return r.Path
	case noderesolve.Found:
		if _, pinned := b.m.Files[r.Path]; pinned {
			return mapfile.KeyOf(r.Path)
		}
	}
	return ""
}

// scopeOf returns the scope of a directory in a package: "" for imports.
func (b *builder) scopeOf(owner, dir string) string {
	if dir == owner && owner == b.m.Project {
		return ""
	}
	return dirKey(dir)
}

func dirKey(dir string) string {
	if dir == "" {
		return mapfile.KeyOf("")
	}
	return mapfile.KeyOf(dir) + "/"
}

// set adds an answer to a scope, below which the one of above holds otherwise.
func (b *builder) set(scope, specifier string, is, above answer) {
	if is.imported != above.imported {
		if scope == "" {
			b.names.Imports[specifier] = is.imported
		} else {
			put(b.names.Scopes, scope, specifier, is.imported)
		}
	}
	// Without an entry in Require, require gets what import gets.
	if is.required != is.imported || above.required != above.imported {
		if scope == "" {
			scope = dirKey(b.m.Project)
		}
		put(b.names.Require, scope, specifier, is.required)
	}
}

func put(scopes map[string]mapfile.Specifiers, scope, specifier, address string) {
	if scopes[scope] == nil {
		scopes[scope] = make(mapfile.Specifiers)
	}
	scopes[scope][specifier] = address
}
