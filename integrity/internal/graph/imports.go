package graph

import (
	"cmp"
	"slices"
	"strings"
)

// allImports returns the importers of all edges, sorted: the modules themselves, and those
// for which source appended an import.
func (d *discovery) allImports() []Import {
	var list []Import
	for i := range d.imports {
		e := Import{Dir: i.edge.Dir, Specifier: i.edge.Specifier, Import: i.edge.Import}
		if !i.isVirtual {
			e.From, _ = d.real(i.name)
			list = append(list, e)
			continue
		}
		for _, a := range d.asked[i.name] {
			e.From, _ = d.real(a.file)
			e.Line, e.Column = a.line, a.column
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b Import) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			strings.Compare(a.Specifier, b.Specifier), strings.Compare(a.Dir, b.Dir), compareBool(a.Import, b.Import))
	})
	return slices.Compact(list)
}
