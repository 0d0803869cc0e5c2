package program

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/graph"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// checkOutside returns an error for the first file outside the root that a module names.
// A package that was found only in a node_modules above the root is no error: the record
// has its name as missing.
func (w *walker) checkOutside(found *graph.Graph) error {
	if len(found.Outside) == 0 {
		return nil
	}
	packages, paths := w.packagesAbove(), w.pathsOutside(found.Edges)
	for _, file := range found.Outside {
		link := w.linkTo(file)
		if link != "" || !isBelowAny(file, packages) || isBelowAny(file, paths) {
			return outsideError(file, w.tree.Root(), link)
		}
	}
	return nil
}

// packagesAbove returns the real paths of the missing packages that are in a
// node_modules above the root.
func (w *walker) packagesAbove() []string {
	var packages []string
	for _, name := range w.Record.Missing() {
		if strings.HasPrefix(name, "./") {
			continue
		}
		for dir := filepath.Dir(w.tree.Root()); ; dir = filepath.Dir(dir) {
			at := filepath.Join(dir, nodejs.NodeModules, filepath.FromSlash(name))
			for _, ext := range append([]string{""}, nodejs.RequireExtensions()...) {
				if real, err := filepath.EvalSymlinks(at + ext); err == nil {
					packages = append(packages, real)
				}
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return packages
}

// pathsOutside returns the paths outside the root that edges name, by a path or a file:
// URL.
func (w *walker) pathsOutside(edges []graph.Edge) []string {
	var paths []string
	for _, e := range edges {
		p := e.Specifier
		if e.Import {
			if u, err := url.Parse(p); err == nil && strings.EqualFold(u.Scheme, "file") {
				p = u.Path
			} else if s, err := url.PathUnescape(p); err == nil {
				p = s
			}
		}
		p = filepath.FromSlash(p)
		if !filepath.IsAbs(p) {
			if !strings.HasPrefix(p, ".") {
				continue
			}
			p = filepath.Join(e.Dir, p)
		}
		if _, inside := w.tree.Rel(filepath.Clean(p)); !inside {
			paths = append(paths, filepath.Clean(p))
		}
	}
	return paths
}

// isBelowAny reports whether file is one of paths, is in one of them, or is one of them
// with an extension.
func isBelowAny(file string, paths []string) bool {
	for _, p := range paths {
		if rest, ok := strings.CutPrefix(file, p); ok && (rest == "" || rest[0] == filepath.Separator || rest[0] == '.') {
			return true
		}
	}
	return false
}

// linkTo returns the link through which a file outside the root was reached.
func (w *walker) linkTo(file string) string {
	for _, link := range w.Record.Outside() {
		if real, err := filepath.EvalSymlinks(w.tree.Abs(link)); err == nil && (real == file || strings.HasPrefix(file, real+string(filepath.Separator))) {
			return link
		}
	}
	return ""
}
