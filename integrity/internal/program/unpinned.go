package program

import (
	"github.com/nodeint/nodeint/integrity/internal/unpinned"
	"github.com/nodeint/nodeint/integrity/problem"
)

// isNeverPinned reports whether no map pins p, even if the program names it. A file of
// a cache that the program names is pinned.
func (w *walker) isNeverPinned(p string) bool {
	return unpinned.IsNever(p, w.opt.OwnFiles)
}

// addNeverPinned adds the gap for a file that the program names and no map pins.
func (w *walker) addNeverPinned(p string) {
	w.Gaps = append(w.Gaps, problem.Gap{Path: unpinned.Place(p), Reason: problem.GapNeverPinned})
}
