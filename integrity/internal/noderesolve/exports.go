package noderesolve

import (
	"net/url"
	"path"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// resolveExports is PACKAGE_EXPORTS_RESOLVE.
func (e *evaluation) resolveExports(dir string, m *manifest, subpath string) (Result, error) {
	e.conditional = true
	text, kind := m.ResolveExports(subpath, e.conditions)
	return e.resolveTarget(dir, text, kind)
}

// resolveImports is PACKAGE_IMPORTS_RESOLVE, in the package that contains dir.
func (e *evaluation) resolveImports(dir, name string) (Result, error) {
	m, at, err := e.packageScope(dir)
	if err != nil || m == nil || m.Imports == nil {
		return failed, err
	}
	if strings.HasPrefix(name, "#/") {
		return undetermined, nil // an error before Node 25
	}
	e.conditional = true
	text, kind := m.ResolveImports(name, e.conditions)
	return e.resolveTarget(at, text, kind)
}

// resolveTarget resolves a target of exports or imports of the package in dir.
func (e *evaluation) resolveTarget(dir, text string, kind nodejs.TargetKind) (Result, error) {
	switch kind {
	case nodejs.FileTarget:
		return e.targetFile(dir, text)
	case nodejs.BareTarget:
		return e.resolveBareTarget(dir, text)
	}
	return failed, nil
}

// resolveBareTarget is PACKAGE_RESOLVE of a target of imports, whatever asked: its rules
// for import hold, with the conditions of the one that asked.
func (e *evaluation) resolveBareTarget(dir, text string) (Result, error) {
	if e.depth++; e.depth > maxDepth {
		return undetermined, nil
	}
	if builtin, ok := builtinOf(text); ok && !e.browser {
		if !e.isImport && builtin.Outcome == Builtin {
			return failed, nil // require takes a file alone
		}
		return builtin, nil
	}
	asImport := *e
	asImport.isImport = true
	return asImport.resolveBare(dir, text)
}

// targetFile returns the file that a URL relative to dir names. It must exist.
func (e *evaluation) targetFile(dir, relative string) (Result, error) {
	relative, _, _ = strings.Cut(relative, "?")
	relative, _, _ = strings.Cut(relative, "#")
	if strings.HasSuffix(relative, "/") {
		return failed, nil
	}
	if strings.Contains(relative, "%") {
		decoded, err := url.PathUnescape(relative)
		if err != nil || strings.Count(decoded, "/") != strings.Count(relative, "/") || strings.Contains(decoded, `\`) {
			return failed, nil // an encoded separator
		}
		relative = decoded
	}
	p := path.Join(dir, strings.ReplaceAll(relative, `\`, "/"))
	if isAbove(p) || p != dir && dir != "" && !strings.HasPrefix(p, dir+"/") {
		return undetermined, nil
	}
	return e.exactFile(tree.Join("", p))
}
