package program

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// tornPackage returns why a name resolves to nothing although its package is installed: its
// package.json names a file that does not exist, as after an install that was interrupted or
// a build that has not run. It returns "" for other names.
func (w *walker) tornPackage(dir, specifier string) (string, error) {
	name, _ := nodejs.SplitSpecifier(specifier)
	if name == "" || isPath(specifier) || strings.ContainsAny(name, "#:") {
		return "", nil
	}
	real, found, err := w.Resolver.Package(dir, name)
	if err != nil || !found || real == "" {
		return "", err
	}
	text, err := w.Manifests.Read(real)
	if err != nil || text == nil {
		return "", err
	}
	m, ok := nodejs.ReadManifest(text)
	if !ok {
		return tree.Join(real, nodejs.PackageJSON) + " is not JSON", nil
	}
	member, target := "main", m.Main
	if m.Exports != nil {
		member, target = "exports", w.exportedFile(m, "."+strings.TrimPrefix(specifier, name))
	} else if specifier != name {
		return "", nil
	}
	if target == "" {
		return "", nil
	}
	place, err := w.tree.Resolve(path.Join(real, target))
	if err != nil || place.Kind != tree.None {
		return "", err
	}
	return tree.Join(real, nodejs.PackageJSON) + ": " + member + " names " + target + ", which does not exist", nil
}

// exportedFile returns the file that exports name for a subpath, whether it exists or not, or
// "".
func (w *walker) exportedFile(m nodejs.Manifest, subpath string) string {
	for _, how := range []string{"require", "import"} {
		conditions := slices.Concat([]string{how, "node", "module-sync", "node-addons"}, w.opt.Conditions)
		target, kind := m.ResolveExports(subpath, conditions)
		if target, err := url.PathUnescape(target); err == nil && kind == nodejs.FileTarget {
			return target
		}
	}
	return ""
}
