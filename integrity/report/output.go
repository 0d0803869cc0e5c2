package report

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/internal/glob"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/unpinned"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Write creates or replaces the file of a report, whole or not at all.
func Write(file string, text []byte) error {
	if err := atomic.Write(file, text); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return problem.NotChecked(file, "create the directory: mkdir -p "+Printable(filepath.Dir(file)), "writing the report: the directory of %s does not exist", Printable(file))
		}
		return atomic.Problem(file, "the report", err)
	}
	return nil
}

// CheckOutput returns an error if a report must not be written to a file: it is one of own
// (the maps and what belongs to them), a map pins it, or the next map would, so that the
// report would change the program. A map that could not be read is nil, and without any the
// rules are the same. All paths are absolute, and root is real.
func CheckOutput(file, root string, own []string, all ...*Map) error {
	real, err := realFile(file)
	if err != nil {
		return err
	}
	refuse := func(why, hint string) error {
		return problem.BadUsage(hint, "--output: the report would replace %s, which is %s", Printable(file), why)
	}
	for _, o := range own {
		if isSame(real, o) {
			return refuse("the map or its envelope", "choose another file")
		}
	}
	rel, err := filepath.Rel(root, real)
	if err != nil || !filepath.IsLocal(rel) {
		return nil
	}
	rel = filepath.ToSlash(rel)
	if isManifest(path.Base(rel)) || slices.ContainsFunc(all, func(m *Map) bool { return m != nil && m.pins(rel) }) {
		return refuse("a file of the program", "choose another file")
	}
	if len(all) == 0 {
		all = []*Map{nil}
	}
	if slices.ContainsFunc(all, func(m *Map) bool { return m.wouldPin(rel) }) {
		return problem.BadUsage("give the file another extension, such as .report, or write it outside the project",
			"--output: %s is where Node could load it, so the next map would pin the report", Printable(file))
	}
	return nil
}

// isSame reports whether two paths name one file, in any way that the system allows: links,
// or upper case.
func isSame(a, b string) bool {
	if infoA, err := os.Stat(a); err == nil {
		if infoB, err := os.Stat(b); err == nil {
			return os.SameFile(infoA, infoB)
		}
	}
	real, err := realFile(b)
	return err == nil && strings.EqualFold(a, real)
}

// realFile returns the real path of a file that may not exist yet. It returns an error if
// something else exists there.
func realFile(file string) (string, error) {
	if info, err := os.Stat(file); err == nil {
		if !info.Mode().IsRegular() {
			return "", problem.BadUsage("choose another file; to write to the standard output, use --format",
				"--output: %s is not a regular file", Printable(file))
		}
		return filepath.EvalSymlinks(file)
	}
	if _, err := os.Lstat(file); err == nil {
		return "", problem.BadUsage("delete the link, or choose another file", "--output: %s is a link to nothing", Printable(file))
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(file))
	if err != nil {
		return filepath.Clean(file), nil // writing it will fail
	}
	return filepath.Join(dir, filepath.Base(file)), nil
}

// isManifest reports whether a name is that of a file that decides what an install or Node
// does, at every place of a project.
func isManifest(name string) bool {
	return slices.Contains([]string{
		"package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml",
		"bun.lock", "bun.lockb", ".npmrc", ".yarnrc.yml", ".pnp.cjs", ".pnp.data.json", ".pnp.loader.mjs",
	}, name)
}

// wouldPin reports whether generate would pin a new file, or verify report it as unexpected.
// Without a map, it reports every file that Node can load.
func (m *Map) wouldPin(rel string) bool {
	if unpinned.IsVersionControl(rel) || unpinned.IsCache(rel) {
		return false
	}
	isCode := nodejs.IsLoadable(path.Base(rel)) || nodejs.IsLibraryName(path.Base(rel))
	if m == nil {
		return isCode || !mapfile.IsOwn(rel)
	}
	include, includeErr := glob.New(m.parsed.Include)
	exclude, excludeErr := glob.New(m.parsed.Exclude)
	if includeErr != nil || excludeErr != nil {
		return true // the patterns of a parsed map are valid
	}
	switch {
	case m.precedes(rel):
		return true
	case exclude.Match(rel, false):
		return false
	case m.parsed.Coverage == mapfile.Tree || include.Match(rel, false) || !mapfile.IsOwn(rel):
		return true
	}
	return isCode && m.parsed.Coverage != mapfile.Graph && m.isOwnCode(tree.Parent(rel))
}

// precedes reports whether Node would load a file of this name instead of a pinned one, or
// looked for it when the map was generated.
func (m *Map) precedes(rel string) bool {
	if slices.Contains(m.parsed.Absent, "./"+rel) {
		return true
	}
	for _, ext := range nodejs.RequireExtensions() {
		if m.pins(rel + ext) {
			return true
		}
	}
	return false
}
