package shadow

import (
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// addAbsent adds what was requested and did not exist.
func (s *Search) addAbsent() {
	for _, a := range s.m.Absent {
		if file, ok := strings.CutPrefix(a, "./"); ok {
			s.missing[file] = true
			s.addDirs(tree.Parent(file))
		} else if !strings.HasPrefix(a, "../") { // CheckParentModules looks for these
			s.absent[a] = true
		}
	}
}

// addTargets finds the missing paths that links of the map lead to: their targets and the
// directories on the way. Whatever appears there, the link leads to something else.
func (s *Search) addTargets() {
	for link, text := range s.m.Links {
		at := tree.Parent(link)
		if p, err := mapfile.PathOf(text); err == nil { // a key, not the text of the link
			at, text = "", p
		}
		for name := range strings.SplitSeq(text, "/") {
			switch {
			case name == ".." && (at == "" || at == ".."):
				at = ".." // outside of the root, where nothing is missing
				continue
			case name == "..":
				at = tree.Parent(at)
				continue
			case name == "" || name == ".":
				continue
			}
			at = tree.Join(at, name)
			if s.missing[at] {
				s.targets[at] = true
			}
		}
	}
}
