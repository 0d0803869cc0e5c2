package coverage

import (
	"maps"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/unpinned"
	"github.com/nodeint/nodeint/integrity/problem"
)

// removeNeverPinned removes what no map pins, whatever asked for it. A file that the
// program names becomes a gap.
func (p *pinner) removeNeverPinned() {
	own := p.opt.OwnFiles(p.m)
	for _, f := range slices.Sorted(maps.Keys(p.m.Files)) {
		if unpinned.IsNever(f, own) {
			delete(p.m.Files, f)
			p.addNeverPinned(f)
		}
	}
	maps.DeleteFunc(p.m.Links, func(link, _ string) bool { return unpinned.IsNever(link, own) })
	for dir := range p.m.Packages {
		if unpinned.IsVersionControl(dir) {
			delete(p.m.Packages, dir)
		}
	}
	for _, name := range p.program.Record.Missing() {
		if f, ok := neverPinned(name, own); ok {
			p.addNeverPinned(f)
		}
	}
}

func (p *pinner) addNeverPinned(path string) {
	p.m.Gaps = append(p.m.Gaps, problem.Gap{Path: unpinned.Place(path), Reason: problem.GapNeverPinned})
}

// missing returns the map's absent names: those that the program asks for and that do
// not exist, without what no map pins. Whether such a file exists must not change the
// map.
func (p *pinner) missing() []string {
	own := p.opt.OwnFiles(p.m)
	return slices.DeleteFunc(p.program.Record.Missing(), func(name string) bool {
		_, ok := neverPinned(name, own)
		return ok
	})
}

// neverPinned returns the file that require would find for an absent name, if no map
// pins it.
func neverPinned(name string, own map[string]bool) (file string, ok bool) {
	stem, ok := strings.CutPrefix(name, "./")
	if !ok {
		return "", false
	}
	for _, ext := range append([]string{""}, nodejs.RequireExtensions()...) {
		if unpinned.IsNever(stem+ext, own) {
			return stem + ext, true
		}
	}
	return "", false
}
