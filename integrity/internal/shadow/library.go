package shadow

import (
	"path"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/internal/unpinned"
)

// addAddons finds the packages that have an addon: a pinned file with the extension
// .node.
func (s *Search) addAddons() {
	for f := range s.m.Paths() {
		if !strings.HasSuffix(f, ".node") {
			continue
		}
		for dir := tree.Parent(f); ; dir = tree.Parent(dir) {
			if _, known := s.m.Packages[dir]; known {
				s.addons[dir] = true
				break
			}
			if dir == "" || path.Base(dir) == nodejs.NodeModules {
				break
			}
		}
	}
}

// hasAddon reports whether dir belongs to a package that has an addon.
func (s *Search) hasAddon(dir string) bool {
	if len(s.addons) == 0 {
		return false
	}
	for ; ; dir = tree.Parent(dir) {
		if _, known := s.m.Packages[dir]; known {
			return s.addons[dir]
		}
		if dir == "" || path.Base(dir) == nodejs.NodeModules {
			return false
		}
	}
}

// isLibrary reports whether the content of a file is that of a shared library, which an
// addon may load. It looks only at files of packages that have an addon.
func (s *Search) isLibrary(v visit, p string, e tree.Entry) (bool, error) {
	if !v.covered || !v.addon || e.Kind != tree.File || unpinned.IsNever(p, s.own) || s.exclude.Match(p, false) {
		return false, nil
	}
	head, err := s.tree.ReadHead(p, nodejs.HeadSize)
	return nodejs.IsLibrary(head), err
}
