package jsscan

import (
	"bytes"
	"cmp"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// What goes into the result, and in which order.

// maxGapText is the length at which the text of a gap is cut, in bytes.
const maxGapText = 60

// placeOf returns the place of tokens [i,end).
func (s *scanner) placeOf(i, end int) Place {
	if end <= i {
		end = i + 1
	}
	return Place{Start: int(s.at(i).start), End: int(s.at(end - 1).end)}
}

// add reports r at tokens [i,end).
func (s *scanner) add(r Specifier, i, end int) {
	r.Place = s.placeOf(i, end)
	r.Handled = r.Handled || !r.Optional && s.isGuarded(i, end)
	s.out.Specifiers = append(s.out.Specifiers, r)
}

// addPatterns reports the patterns of v. A relative pattern is reported once for
// each of dirs.
func (s *scanner) addPatterns(v value, dirs []string, r Specifier, i, end int) {
	for _, c := range v.patterns {
		switch c.base {
		case baseNone, baseResolved:
			for _, from := range dirs {
				if isRelative(c.text) && !path.IsAbs(from) {
					s.addPattern(constant{base: baseDir, isURL: c.isURL, text: "/" + from + "/" + c.text}, r, i, end)
				}
			}
		default:
			s.addPattern(c, r, i, end)
		}
	}
}

// addPattern reports the pattern c.
func (s *scanner) addPattern(c constant, r Specifier, i, end int) {
	p, ok := patternPath(asPath(c))
	if !ok {
		return
	}
	r.Kind, r.Text = Pattern, p
	if !strings.Contains(p, Wildcard) { // the wildcard was in the query of a URL, or before ..
		r.Kind = File
	}
	s.add(r, i, end)
}

// gap reports that the call at tokens [i,end) loads something that has no known
// name.
func (s *scanner) gap(i, end int, call string) {
	p := s.placeOf(i, end)
	s.out.Gaps = append(s.out.Gaps, Gap{Place: p, Call: call, Text: oneLine(s.src[p.Start:p.End])})
}

// oneLine returns b with each run of white space replaced by one space, cut at
// maxGapText bytes.
func oneLine(b []byte) string {
	cut := len(b) > 4*maxGapText
	b = bytes.Join(bytes.Fields(b[:min(len(b), 4*maxGapText)]), []byte(" "))
	if len(b) > maxGapText {
		n := maxGapText
		for n > 0 && !utf8.RuneStart(b[n]) {
			n--
		}
		b, cut = b[:n], true
	}
	text := string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
	if cut {
		text += "…"
	}
	return text
}

// markReported records that the paths inside of tokens [i,end) have been
// reported. Mentions of them are dropped.
func (s *scanner) markReported(i, end int) {
	s.reported = append(s.reported, s.placeOf(i, end))
}

// markHandled records that a warning of esbuild at token i needs no gap.
func (s *scanner) markHandled(i int) {
	s.handled[i] = s.placeOf(i, i+1)
}

// result returns what was found, sorted, without duplicates and with lines.
func (s *scanner) result() Result {
	s.settle()
	out := s.out
	for _, p := range s.handled {
		out.Handled = append(out.Handled, p)
	}
	byPlace := func(a, b Place) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) }
	slices.SortFunc(out.Handled, byPlace)
	slices.Sort(out.Globs)
	slices.SortStableFunc(out.Gaps, func(a, b Gap) int { return byPlace(a.Place, b.Place) })
	out.Gaps = slices.CompactFunc(out.Gaps, func(a, b Gap) bool { return a.Place == b.Place })
	slices.SortStableFunc(out.Specifiers, func(a, b Specifier) int {
		return cmp.Or(byPlace(a.Place, b.Place), cmp.Compare(a.Text, b.Text), cmp.Compare(a.From, b.From))
	})
	slices.SortFunc(s.reported, byPlace)
	markGuarded(out.Specifiers)
	out.Specifiers = s.withoutDuplicates(out.Specifiers)
	s.fillLines(&out)
	return out
}

// withoutDuplicates removes specifiers that occur twice, and optional ones that
// are part of a reported call.
func (s *scanner) withoutDuplicates(all []Specifier) []Specifier {
	type key struct {
		kind                                  Kind
		text, from                            string
		fromEntry, fromWorkingDir, deep, data bool
	}
	keyOf := func(r Specifier) key {
		return key{r.Kind, r.Text, r.From, r.FromEntry, r.FromWorkingDir, r.Deep, r.Data}
	}
	seen := map[key]bool{}
	for _, r := range all {
		if !r.Optional {
			seen[keyOf(r)] = false
		}
	}
	reported, end := s.reported, 0
	kept := all[:0]
	for _, r := range all {
		for len(reported) > 0 && reported[0].Start <= r.Start {
			end = max(end, reported[0].End)
			reported = reported[1:]
		}
		k := keyOf(r)
		done, known := seen[k]
		if done || r.Optional && (known || r.End <= end) {
			continue
		}
		seen[k] = true
		kept = append(kept, r)
	}
	return kept
}

// fillLines sets the line and column of every place in out.
func (s *scanner) fillLines(out *Result) {
	var places []*Place
	for i := range out.Specifiers {
		places = append(places, &out.Specifiers[i].Place)
	}
	for i := range out.Gaps {
		places = append(places, &out.Gaps[i].Place)
	}
	for i := range out.Handled {
		places = append(places, &out.Handled[i])
	}
	for i := range out.Calls {
		places = append(places, &out.Calls[i].Place)
	}
	fillPlaces(s.src, places)
}

// fillPlaces sets the line and column of places in src, and sorts them.
func fillPlaces(src []byte, places []*Place) {
	slices.SortFunc(places, func(a, b *Place) int { return cmp.Compare(a.Start, b.Start) })
	line, begin, pos := 1, 0, 0
	for _, p := range places {
		for pos < p.Start {
			n := newlineAt(src[pos:])
			if n > 0 {
				line, begin = line+1, pos+n
			}
			pos += max(n, 1)
		}
		p.Line, p.Column = line, p.Start-begin
	}
}

// newlineAt returns the length of the line terminator that b begins with, or 0.
func newlineAt(b []byte) int {
	switch b[0] {
	case '\n':
		return 1
	case '\r':
		if len(b) > 1 && b[1] == '\n' {
			return 2
		}
		return 1
	case 0xE2:
		if n, newline := spaceAt(b); newline {
			return n
		}
	}
	return 0
}
