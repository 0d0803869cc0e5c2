package lockcheck

import (
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A patch is a file of the project that changes packages once they are installed.
type patch struct {
	file  string
	paths []string // that it names, relative to a package's folder or to the root
}

// maxPatch bounds what one patch may have.
const maxPatch = 64 << 20

// readPatches reads which files patches change: the lines "+++ " and "--- " of a
// unified diff.
func readPatches(t *tree.Tree, files []string) ([]patch, error) {
	var patches []patch
	for _, name := range files {
		text, err := t.ReadFile(name, maxPatch)
		if err != nil {
			return nil, err
		}
		patches = append(patches, patch{name, named(string(text))})
	}
	return patches, nil
}

func named(text string) []string {
	var paths []string
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "+++ ")
		if !ok {
			if rest, ok = strings.CutPrefix(line, "--- "); !ok {
				continue
			}
		}
		rest, _, _ = strings.Cut(strings.TrimSpace(rest), "\t")
		if _, p, ok := strings.Cut(rest, "/"); ok { // a/… and b/…
			paths = append(paths, path.Clean(p))
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// patchOf names the patch that changes a file: one that the lockfile names for the
// package, or one of patch-package, whose name says which package it is for.
func (c *checker) patchOf(o odd) string {
	for _, p := range c.patches {
		inPackage := o.in.pkg.Patch != nil && (len(o.in.pkg.Patch.Files) == 0 || slices.Contains(o.in.pkg.Patch.Files, p.file))
		if inPackage && slices.Contains(p.paths, o.rel) {
			return p.file
		}
		if isPatchPackage(p.file, nameOf(o.in.pkg), o.in.pkg.Version) && slices.Contains(p.paths, tree.Join(o.in.dir, o.rel)) {
			return p.file
		}
	}
	return ""
}

// isPatchPackage reports whether a file is what patch-package calls its patch of a
// package: @scope+name+version.patch, with a part before for one that is nested, and
// behind the version +001+title for one of several, and .dev for a dependency of
// development.
func isPatchPackage(file, name, version string) bool {
	base, ok := strings.CutSuffix(path.Base(file), ".patch")
	if !ok {
		return false
	}
	base = "++" + strings.TrimSuffix(base, ".dev")
	what := "++" + strings.ReplaceAll(name, "/", "+") + "+" + version
	at := strings.LastIndex(base, what)
	if at < 0 {
		return false
	}
	rest := base[at+len(what):]
	number, _, _ := strings.Cut(strings.TrimPrefix(rest, "+"), "+")
	return rest == "" || rest[0] == '+' && number != "" && strings.Trim(number, "0123456789") == ""
}
