package output

import (
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/glob"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/unpinned"
)

// pins reports whether a map pins a file. Some file systems ignore case, so it does too. No
// map pins nothing.
func pins(m *mapfile.Map, rel string) bool {
	if m == nil {
		return false
	}
	for p := range m.Paths() {
		if strings.EqualFold(p, rel) {
			return true
		}
	}
	return false
}

// wouldPin reports whether generate would pin a new file, or verify report it as unexpected.
// Without a map, it reports every file that Node can load.
func wouldPin(m *mapfile.Map, rel string) bool {
	if unpinned.IsVersionControl(rel) || unpinned.IsCache(rel) {
		return false
	}
	isCode := nodejs.IsLoadable(path.Base(rel)) || nodejs.IsLibraryName(path.Base(rel))
	if m == nil {
		return isCode || !mapfile.IsOwn(rel)
	}
	include, includeErr := glob.New(m.Include)
	exclude, excludeErr := glob.New(m.Exclude)
	if includeErr != nil || excludeErr != nil {
		return true // the patterns of a parsed map are valid
	}
	switch {
	case precedes(m, rel):
		return true
	case exclude.Match(rel, false):
		return false
	case m.Coverage == mapfile.Tree || include.Match(rel, false) || !mapfile.IsOwn(rel):
		return true
	}
	return isCode && m.Coverage != mapfile.Graph && isOwnCode(m, tree.Parent(rel))
}

// precedes reports whether Node would load a file of this name instead of a pinned one, or
// looked for it when the map was generated.
func precedes(m *mapfile.Map, rel string) bool {
	if m == nil {
		return false
	}
	if slices.Contains(m.Absent, "./"+rel) {
		return true
	}
	for _, ext := range nodejs.RequireExtensions() {
		if pins(m, rel+ext) {
			return true
		}
	}
	return false
}

// isOwnCode reports whether dir has code of the project, or is below a directory that has.
func isOwnCode(m *mapfile.Map, dir string) bool {
	for p := range m.Paths() {
		if !mapfile.IsOwn(p) || strings.HasSuffix(p, ".json") {
			continue
		}
		if own := tree.Parent(p); own == "" || dir == own || strings.HasPrefix(dir, own+"/") {
			return true
		}
	}
	return false
}
