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
		if dir := tree.Parent(f); s.isOwn(dir) {
			dirs = append(dirs, dir)
		}
	}
	if dirs == nil {
		return []string{s.m.Project}
	}
	last, wanted := "\x00", false
	for f := range s.m.Paths() {
		dir := tree.Parent(f)
		if dir != last { // neighbours share a directory
			last, wanted = dir, s.isOwn(dir)
		}
		if wanted && s.isOwnModule(f) {
			dirs = append(dirs, dir)
			wanted = false
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// isOwn reports whether dir is the project's directory, or below it and in no
// node_modules.
func (s *Search) isOwn(dir string) bool {
	if p := s.m.Project; p != "" && dir != p && !strings.HasPrefix(dir, p+"/") {
		return false
	}
	return !strings.Contains("/"+dir+"/", "/"+nodejs.NodeModules+"/")
}

// isOwnModule reports whether a pinned file is code that the program reaches. JSON files
// are not: programs read package.json and the like in directories above. Neither are
// files that an include pattern pins, caches, and the loader of Plug'n'Play.
func (s *Search) isOwnModule(f string) bool {
	name := path.Base(f)
	return nodejs.IsLoadable(name) && path.Ext(name) != ".json" && !strings.HasPrefix(name, ".pnp.") &&
		!unpinned.IsCache(f) && !s.include.Match(f, false)
}
