package noderesolve

import (
	"path"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// NewBrowser returns a Resolver for modules that a browser loads. It resolves import as
// bundlers for browsers do, since browsers look for nothing themselves:
//
//   - exports and imports of package.json with the conditions "browser", "import",
//     "default" and the given ones;
//   - without exports, the main file is that of browser, of module or of main;
//   - a path without an extension, or of a directory, finds its file;
//   - the member browser of package.json may replace a package or a file.
//
// A name is a builtin module only if no package has it. Nothing is above the root. Every
// require fails.
func NewBrowser(t *tree.Tree, conditions []string) *Resolver {
	r := New(t, conditions)
	r.browser = true
	return r
}

// IsBrowser reports whether r resolves for a browser.
func (r *Resolver) IsBrowser() bool { return r.browser }

// evaluateBrowser is evaluate for a browser.
func (r *Resolver) evaluateBrowser(q question) (Result, error) {
	if !q.isImport {
		return failed, nil
	}
	e := &evaluation{Resolver: r, isImport: true, conditions: append([]string{"browser", "import"}, r.conditions...)}
	result, err := e.resolveBrowser(q.dir, q.specifier)
	switch {
	case err != nil:
		return failed, err
	case result.Outcome == Found:
		return e.replaceFile(result)
	case result == failed && nodejs.IsBuiltin(q.specifier):
		return Result{Builtin, "node:" + strings.TrimPrefix(q.specifier, "node:")}, nil
	}
	return result, nil
}

func (e *evaluation) resolveBrowser(dir, s string) (Result, error) {
	switch {
	case s == "" || strings.Contains(s, "\x00") || strings.HasPrefix(s, "node:"):
		return failed, nil
	case strings.HasPrefix(s, "#"):
		return e.resolveImports(dir, s)
	case isRelative(s):
		if strings.ContainsAny(s, "%?#\\") {
			return undetermined, nil // a URL with parts that are not the path, or an escape
		}
		return e.browserPath(path.Join(dir, s), namesDirectory(s))
	case path.IsAbs(s) || hasScheme(s):
		return undetermined, nil
	}
	m, at, err := e.packageScope(dir)
	if err != nil {
		return failed, err
	}
	if m != nil {
		if to, ok := m.browser[s]; ok {
			return e.replacement(at, to)
		}
	}
	return e.resolveBare(dir, s)
}

// replacement resolves a value of the member browser of the package.json in dir.
func (e *evaluation) replacement(dir, to string) (Result, error) {
	switch {
	case to == "":
		return Result{Outcome: Omitted}, nil
	case isRelative(to):
		return e.browserPath(path.Join(dir, to), namesDirectory(to))
	}
	return e.resolveBare(dir, to)
}

// replaceFile returns the file that the member browser of its package has in place of a
// file.
func (e *evaluation) replaceFile(found Result) (Result, error) {
	m, at, err := e.packageScope(tree.Parent(found.Path))
	if err != nil || m == nil || len(m.browser) == 0 {
		return found, err
	}
	name := "./" + strings.TrimPrefix(strings.TrimPrefix(found.Path, at), "/")
	for _, key := range []string{name, strings.TrimSuffix(name, path.Ext(name))} {
		if to, ok := m.browser[key]; ok {
			return e.replacement(at, to)
		}
	}
	return found, nil
}

// browserExtensions are tried after a path, in this order.
var browserExtensions = []string{".js", ".mjs"}

// browserPath resolves a path as bundlers do. onlyDirectory is as in requirePath.
func (e *evaluation) browserPath(p string, onlyDirectory bool) (Result, error) {
	if isAbove(p) {
		return undetermined, nil
	}
	if p = tree.Join("", p); p == "." {
		p = ""
	}
	if !onlyDirectory {
		if result, err := e.withBrowserExtension(p); result != failed || err != nil {
			return result, err
		}
	}
	place, err := e.tree.Resolve(p)
	if err != nil || place.Kind != tree.Directory {
		return failed, err
	}
	m, err := e.manifestIn(place)
	if err != nil {
		return failed, err
	}
	return e.browserMain(place.Path, m)
}

// withBrowserExtension returns the file at p, or at p with an extension.
func (e *evaluation) withBrowserExtension(p string) (Result, error) {
	for _, ext := range append([]string{""}, browserExtensions...) {
		if result, err := e.exactFile(p + ext); result != failed || err != nil {
			return result, err
		}
	}
	return failed, nil
}

// browserMain returns the main file of a directory with the given package.json, or nil.
func (e *evaluation) browserMain(dir string, m *manifest) (Result, error) {
	var tries []string
	if m != nil {
		for _, main := range []string{m.browserMain, m.module, m.Main} {
			if main != "" {
				tries = append(tries, main, path.Join(main, "index"))
			}
		}
	}
	for _, name := range append(tries, "index") {
		p := path.Join(dir, name)
		if isAbove(p) {
			return undetermined, nil
		}
		if result, err := e.withBrowserExtension(p); result != failed || err != nil {
			return result, err
		}
	}
	return failed, nil
}

// browserFrom is importFrom for a package without exports, at modules/name.
func (e *evaluation) browserFrom(place tree.Place, m *manifest, subpath string) (Result, error) {
	if subpath == "." {
		return e.browserMain(place.Path, m)
	}
	if strings.ContainsAny(subpath, "%?#\\") {
		return undetermined, nil
	}
	p := path.Join(place.Path, subpath)
	if p != place.Path && !strings.HasPrefix(p, place.Path+"/") {
		return undetermined, nil // a name with ".." in it
	}
	return e.browserPath(p, namesDirectory(subpath))
}
