package shadow

import (
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/unpinned"
)

// The project's own package is not covered whole. What lies beside the program, such as
// sources, tests and the configuration of tools, is not part of it, and an image does not
// have it.

// ownDirs returns the directories of the project's own package that are covered with all
// below them: those of the entries, and of the modules that are pinned there. If no entry
// is in the package, as for a test runner in node_modules, it is the whole package. The
// map alone determines them.
func (s *Search) ownDirs() []string {
	if _, known := s.m.Packages[s.m.Project]; !known {
		return nil
	}
	var dirs []string
	for _, f := range s.m.Entries {
		if s.isOwn(f) {
			dirs = append(dirs, tree.Parent(f))
		}
	}
	if dirs == nil {
		return []string{s.m.Project}
	}
	last := "\x00"
	for f := range s.m.Paths() {
		if dir := tree.Parent(f); dir != last && s.isOwn(f) && s.isOwnModule(f) {
			dirs = append(dirs, dir)
			last = dir // neighbours share a directory
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// isOwn reports whether a file is in the project's directory and in no node_modules.
func (s *Search) isOwn(f string) bool {
	rest := f
	if s.m.Project != "" {
		var ok bool
		if rest, ok = strings.CutPrefix(f, s.m.Project+"/"); !ok {
			return false
		}
	}
	return !strings.Contains("/"+rest, "/"+nodejs.NodeModules+"/")
}

// isOwnModule reports whether a pinned file is code that the program reaches. JSON files
// are not: programs read package.json and the like in directories above. Neither are
// files that an include pattern pins, caches, and the loader of Plug'n'Play.
func (s *Search) isOwnModule(f string) bool {
	name := path.Base(f)
	return nodejs.IsLoadable(name) && path.Ext(name) != ".json" && !strings.HasPrefix(name, ".pnp.") &&
		!unpinned.IsCache(f) && !s.include.Match(f, false)
}
