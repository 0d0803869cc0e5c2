package lockcheck

import (
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// patchDirs are the directories where package managers and patch-package keep patches.
var patchDirs = []string{"patches", ".yarn/patches"}

// IsPatch reports whether p, relative to the root, is the path of a patch.
func IsPatch(p string) bool {
	return path.Ext(p) == ".patch" && slices.ContainsFunc(patchDirs, func(dir string) bool { return strings.HasPrefix(p, dir+"/") })
}

// PatchFiles returns the patches of a project, relative to the root. The error is a
// [*problem.Error].
func PatchFiles(t *tree.Tree) ([]string, error) {
	var found []string
	for todo := slices.Clone(patchDirs); len(todo) > 0; todo = todo[1:] {
		entries, err := t.Dir(todo[0])
		if err != nil {
			return nil, problem.NotChecked("patches", "make it readable for the user who runs nodeint", "find the patches: %w", err)
		}
		for _, e := range entries {
			p := tree.Join(todo[0], e.Name)
			switch {
			case e.Kind == tree.Directory:
				todo = append(todo, p)
			case e.Kind == tree.File && IsPatch(p):
				found = append(found, p)
			}
		}
	}
	return found, nil
}

// A patch is a file of the project that changes installed packages.
type patch struct {
	file  string
	paths []string // the paths that it names, relative to a package or to the root
}

// maxPatch is the most bytes that a patch may have.
const maxPatch = 64 << 20

// readPatches reads the names of the files that patches change: the lines "+++ " and
// "--- " of a unified diff.
func readPatches(t *tree.Tree, files []string) ([]patch, error) {
	var patches []patch
	for _, name := range files {
		text, err := t.ReadFile(name, maxPatch)
		if err != nil {
			return nil, err
		}
		patches = append(patches, patch{name, changedPaths(string(text))})
	}
	return patches, nil
}

func changedPaths(text string) []string {
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

// patchOf returns the patch that changes a file: one that the lockfile names for the
// package, or one of patch-package, whose name contains the package. It returns "" if
// there is none.
func (c *checker) patchOf(d difference) string {
	for _, p := range c.patches {
		inLockfile := d.in.pkg.Patch != nil && (len(d.in.pkg.Patch.Files) == 0 || slices.Contains(d.in.pkg.Patch.Files, p.file))
		if inLockfile && slices.Contains(p.paths, d.rel) {
			return p.file
		}
		if isPatchPackage(p.file, nameOf(d.in.pkg), d.in.pkg.Version) && slices.Contains(p.paths, tree.Join(d.in.dir, d.rel)) {
			return p.file
		}
	}
	return ""
}

// isPatchPackage reports whether file has the name that patch-package gives to its
// patch of a package: @scope+name+version.patch. For a nested package, the names of
// the outer packages come before, joined by "++". After the version may follow
// +001+title, for one of several patches, and .dev, for a development dependency.
func isPatchPackage(file, name, version string) bool {
	base, ok := strings.CutSuffix(path.Base(file), ".patch")
	if !ok {
		return false
	}
	base = "++" + strings.TrimSuffix(base, ".dev")
	want := "++" + strings.ReplaceAll(name, "/", "+") + "+" + version
	at := strings.LastIndex(base, want)
	if at < 0 {
		return false
	}
	rest := base[at+len(want):]
	number, _, _ := strings.Cut(strings.TrimPrefix(rest, "+"), "+")
	return rest == "" || rest[0] == '+' && number != "" && strings.Trim(number, "0123456789") == ""
}
