package problem

import (
	"cmp"
	"slices"
)

// A Finding is one difference between the files and the map.
type Finding struct {
	Code    string `json:"code"`
	Path    string `json:"path"`              // relative to the root, slash-separated
	Package string `json:"package,omitempty"` // name@version of the package that contains it, if known
	Want    string `json:"want,omitempty"`    // the metadata or the link target in the map
	Got     string `json:"got,omitempty"`     // what was found instead
	Detail  string `json:"detail,omitempty"`  // one sentence for a person
}

// A Gap is a place where the program loads something that nodeint could not
// resolve (guarantee G4). Line and Column count from 1; Column counts bytes.
type Gap struct {
	Path   string `json:"path"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Text   string `json:"text,omitempty"`
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"` // of an unresolved name: which file of a package is missing
}

// A NotFound is something that the program requests, that does not exist, and that may
// be absent.
type NotFound struct {
	Name   string `json:"name"`   // the specifier, or the name of a package
	Path   string `json:"path"`   // the first file that requests or declares it
	Reason string `json:"reason"` // why it is not a gap
}

// SortFindings sorts findings by path and code, and removes duplicates. It
// returns the modified slice.
func SortFindings(fs []Finding) []Finding {
	slices.SortFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Detail, b.Detail), cmp.Compare(a.Got, b.Got))
	})
	return slices.Compact(fs)
}

// SortGaps sorts gaps by place, reason and text, and removes duplicates. It returns
// the modified slice.
func SortGaps(gs []Gap) []Gap {
	slices.SortFunc(gs, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(gs)
}
