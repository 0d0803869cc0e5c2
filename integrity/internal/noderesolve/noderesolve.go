// Package noderesolve answers which file Node.js loads for a specifier.
//
// It evaluates both algorithms of the Node.js documentation to their end:
// require(X) of "Modules: CommonJS modules", and ESM_RESOLVE of "Modules:
// ECMAScript modules", "Resolution Algorithm Specification". The names in capitals
// in this package are the steps of those texts. It records nothing: package
// resolution records what a resolution consulted, whatever its conditions.
//
// An answer is given only if it does not depend on what a map does not fix:
//
//   - the version of Node: a name that is a builtin module in some supported
//     versions alone, and the condition "module-sync", which a flag turns off;
//   - the flag --no-addons, which turns off the condition "node-addons";
//   - anything above the root: global folders, a link that leads out.
//
// Then the result is [Undetermined]. The condition "default" always holds.
//
// # package.json
//
// Members are read as Node reads them. If a name occurs more than once, it has the
// value of the last one and the place of the first one. exports that are neither a
// string, an array nor an object count as absent. With a package.json that is not a JSON
// object, and with a main that is an absolute path, the result is undetermined.
//
// Plug'n'Play is not modelled: its tables answer instead.
//
// [NewBrowser] resolves for browsers, by the rules of bundlers.
package noderesolve

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// An Outcome says how a resolution ends.
type Outcome uint8

// The outcomes.
const (
	Failed       Outcome = iota // Node throws an error
	Found                       // at a file
	Builtin                     // at a module of Node
	Undetermined                // the map does not fix it
	Omitted                     // in a browser: package.json says that there is nothing ("browser": {"fs": false})
)

// A Result is where a specifier leads to.
type Result struct {
	Outcome Outcome
	Path    string // of the file if Found: its real path, relative to the root; "node:fs" if Builtin
}

var (
	failed       = Result{}
	undetermined = Result{Outcome: Undetermined}
)

// A Resolver resolves specifiers in a tree. It is not safe for concurrent use.
type Resolver struct {
	tree       *tree.Tree
	conditions []string
	browser    bool                 // see NewBrowser
	manifests  map[string]*manifest // by directory; nil for those without a package.json
	answers    map[question]Result
	sawInvalid bool // whether the current resolution has read a package.json that is not valid
}

type question struct {
	dir, specifier string
	isImport       bool
}

// New returns a Resolver over t. conditions are those of node's --conditions.
func New(t *tree.Tree, conditions []string) *Resolver {
	return &Resolver{
		tree: t, conditions: conditions,
		manifests: make(map[string]*manifest), answers: make(map[question]Result),
	}
}

// Resolve resolves a specifier of a module in the directory dir, by import or by
// require. dir is a real path relative to the root. The error is that of a directory
// or a package.json that cannot be read.
func (r *Resolver) Resolve(dir, specifier string, isImport bool) (Result, error) {
	q := question{dir, specifier, isImport}
	if known, ok := r.answers[q]; ok {
		return known, nil
	}
	r.sawInvalid = false
	result, err := r.evaluate(q)
	if r.sawInvalid {
		result = undetermined
	}
	if err == nil {
		r.answers[q] = result
	}
	return result, err
}

// evaluate resolves with each set of the conditions that depend on the version of Node
// and its flags.
func (r *Resolver) evaluate(q question) (Result, error) {
	if r.browser {
		return r.evaluateBrowser(q)
	}
	var first Result
	for i, extra := range versionConditions() {
		e := &evaluation{Resolver: r, isImport: q.isImport, conditions: r.conditionSet(q.isImport, extra)}
		result, err := e.resolve(q.dir, q.specifier)
		if err != nil || result.Outcome == Undetermined {
			return result, err
		}
		if i > 0 && result != first {
			return undetermined, nil
		}
		first = result
		if !e.conditional {
			break // conditions had no say
		}
	}
	return first, nil
}

// versionConditions returns the sets of conditions that Node has by its version and flags.
func versionConditions() [][]string {
	return [][]string{{"node-addons", "module-sync"}, {"node-addons"}, {"module-sync"}, nil}
}

// Files returns the files that a specifier of a module in the directory dir may lead to,
// each once, by import or by require. Unlike [Resolver.Resolve], it answers if that depends
// on the version of Node or its flags.
func (r *Resolver) Files(dir, specifier string, isImport bool) ([]string, error) {
	result, err := r.Resolve(dir, specifier, isImport)
	if err != nil || result.Outcome == Found || result.Outcome == Builtin || r.browser {
		return found(result), err
	}
	var files []string
	for _, extra := range versionConditions() {
		e := &evaluation{Resolver: r, isImport: isImport, conditions: r.conditionSet(isImport, extra)}
		result, err := e.resolve(dir, specifier)
		if err != nil {
			return nil, err
		}
		files = append(files, found(result)...)
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// found returns the file of a result, if there is one.
func found(r Result) []string {
	if r.Outcome != Found {
		return nil
	}
	return []string{r.Path}
}

// conditionSet returns the conditions of exports and imports; "default" always holds.
func (r *Resolver) conditionSet(isImport bool, extra []string) []string {
	how := "require"
	if isImport {
		how = "import"
	}
	return slices.Concat([]string{"node", how}, r.conditions, extra)
}

// An evaluation is one resolution with one set of conditions.
type evaluation struct {
	*Resolver
	isImport    bool
	conditions  []string
	conditional bool // whether exports or imports had a say
	depth       int  // of "#name" that leads to another name
}

// maxDepth is the number of names of imports that lead to each other.
const maxDepth = 16

func (e *evaluation) resolve(dir, s string) (Result, error) {
	switch {
	case s == "" || strings.Contains(s, "\x00"):
		return failed, nil
	case strings.HasPrefix(s, "#"):
		return e.resolveImports(dir, s)
	case isRelative(s):
		return e.resolvePath(path.Join(dir, s), s)
	case path.IsAbs(s), len(s) > 5 && strings.EqualFold(s[:5], "file:"):
		return undetermined, nil // names a place on one machine
	case strings.HasPrefix(s, "node:"):
		return undetermined, nil // which are there depends on the version
	}
	if builtin, ok := builtinOf(s); ok {
		return builtin, nil
	}
	if e.isImport && hasScheme(s) {
		return undetermined, nil
	}
	return e.resolveBare(dir, s)
}

func isRelative(s string) bool {
	return s == "." || s == ".." || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../")
}

// hasScheme reports whether import takes a specifier for an absolute URL.
func hasScheme(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != ""
}

// builtinOf returns the module of Node that a name means, if it means one in any
// supported version.
func builtinOf(name string) (Result, bool) {
	if !nodejs.IsBuiltin(name) {
		return failed, false
	}
	if !nodejs.IsBuiltinIn(name, newest) {
		return undetermined, true
	}
	return Result{Builtin, "node:" + name}, true
}

// newest is a version of Node that has only the builtin modules that every supported
// version has.
const newest = 1 << 20

// resolvePath resolves a relative specifier, which leads to p.
func (e *evaluation) resolvePath(p, specifier string) (Result, error) {
	if p == ".." || strings.HasPrefix(p, "../") {
		return undetermined, nil
	}
	if p == "." {
		p = ""
	}
	if !e.isImport {
		return e.requirePath(p, namesDirectory(specifier))
	}
	if strings.HasSuffix(specifier, "/") || specifier == "." || specifier == ".." {
		return failed, nil
	}
	if strings.ContainsAny(specifier, "%?#\\") {
		return undetermined, nil // a URL with parts that are not the path, or an escape
	}
	return e.exactFile(p)
}

// namesDirectory reports whether require takes a path for a directory alone.
func namesDirectory(s string) bool {
	base := s[strings.LastIndexByte(s, '/')+1:]
	return base == "" || base == "." || base == ".."
}

// exactFile returns the file at p, without trying extensions.
func (e *evaluation) exactFile(p string) (Result, error) {
	place, err := e.tree.Resolve(p)
	switch {
	case err != nil:
		return failed, err
	case place.Outside:
		return undetermined, nil
	case place.Kind == tree.File:
		return Result{Found, place.Path}, nil
	}
	return failed, nil
}
