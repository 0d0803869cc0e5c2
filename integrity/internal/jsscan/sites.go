package jsscan

import (
	"cmp"
	"slices"
)

// The calls that load, and what became of each. A call for which nothing is reported is a
// gap: see settle. So a value that the scanner cannot use is never lost.

// An Outcome says what is known of a call that loads.
type Outcome uint8

// The outcomes.
const (
	Named   Outcome = iota // Result.Specifiers has what it loads
	Unknown                // Result.Gaps has the call
	Esbuild                // esbuild reports it, as an import or with a warning
	Nothing                // it loads nothing that is not known anyway: the module itself, a data: URL
)

// A Call is a call that loads a module or a file, or starts a program.
type Call struct {
	Place
	Call    string // as in Gap
	Outcome Outcome
	Literal string // of Esbuild: the specifier, if it is one literal
}

// noOutcome is that of a call that settle still has to look at.
const noOutcome Outcome = 255

// site records the call at tokens [i,end). It must be called once for each.
func (s *scanner) site(i, end int, call string, o Outcome) *Call {
	s.out.Calls = append(s.out.Calls, Call{Place: s.placeOf(i, end), Call: call, Outcome: o})
	return &s.out.Calls[len(s.out.Calls)-1]
}

// settle determines the outcomes, and reports a gap for each call without any.
func (s *scanner) settle() {
	named, gaps := map[Place]bool{}, map[Place]bool{}
	for _, r := range s.out.Specifiers {
		named[r.Place] = true
	}
	for _, g := range s.out.Gaps {
		gaps[g.Place] = true
	}
	for n := range s.out.Calls {
		c := &s.out.Calls[n]
		switch {
		case gaps[c.Place]:
			c.Outcome = Unknown
		case c.Outcome == Esbuild:
		case named[c.Place]:
			c.Outcome = Named
		case c.Outcome == noOutcome:
			c.Outcome = Unknown
			s.out.Gaps = append(s.out.Gaps, Gap{Place: c.Place, Call: c.Call, Text: oneLine(s.src[c.Start:c.End])})
		}
	}
	slices.SortFunc(s.out.Calls, func(a, b Call) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Call, b.Call))
	})
}
