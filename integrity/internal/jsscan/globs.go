package jsscan

import (
	"path"
	"slices"
	"strings"
)

// Specifiers that esbuild expands itself: "./l/" + name stands for every file below l,
// node_modules and files that are not modules included. Their literals are in
// Result.Globs, and a Deep specifier takes their place.

// esbuildGlobs returns the literals in the first argument, whose value is v, with which
// a specifier begins that esbuild reads as a pattern, and whether there is any such
// specifier. esbuild then warns only if no file matches.
//
// It may return literals where esbuild does not read a pattern: the gap that follows
// has the same place as the warning of esbuild.
func (s *scanner) esbuildGlobs(args []argument, v value) (globs []int, found bool) {
	if len(args) == 0 {
		return nil, false
	}
	for j := args[0].start; j < args[0].end && s.spend(); {
		if s.toks[j].kind == tLParen && s.isGroup(j) {
			j++
			continue
		}
		switch t := s.toks[j]; {
		case t.kind != tString && t.kind != tTemplate && t.kind != tTemplateHead || t.end-t.start > maxText || !isRelative(s.stringAt(j)):
		case t.kind == tTemplateHead || s.at(j+1).kind == tPlus:
			globs = append(globs, j)
			s.markHandled(j) // where esbuild warns that no file matches
		}
		j = s.skip(j)
	}
	if !v.incomplete {
		return nil, false
	}
	found = slices.ContainsFunc(v.patterns, func(c constant) bool { return c.base == baseNone && isRelative(c.text) })
	return globs, found || len(globs) > 0
}

// addGlobs reports what the specifiers stand for that begin with the literals globs:
// the patterns of v that begin so. If none does, it is every file whose path begins
// with the literal. r has what all of them have in common.
func (s *scanner) addGlobs(globs []int, v value, r Specifier, i, end int) {
	deep := false
	for _, j := range globs {
		literal := s.stringAt(j)
		found := false
		for _, c := range v.patterns {
			if c.base == baseNone && strings.HasPrefix(c.text, literal) {
				found = true
				deep = s.addDeep(c.text, r, i, end) || deep
			}
		}
		if !found {
			s.addPatterns(value{patterns: []constant{{text: literal + Wildcard, isURL: !r.Probe}}}, []string{""}, r, i, end)
			deep = s.addDeep(literal+Wildcard, r, i, end) || deep
		}
		if dot := int(s.toks[j].start) + 1; s.src[dot] == '.' { // not written with an escape
			s.out.Globs = append(s.out.Globs, dot)
		}
	}
	if n := len(s.out.Gaps); deep && n > 0 {
		s.out.Gaps[n-1].Text += leftOut
	}
}

// leftOut is appended to the text of a gap with a Deep specifier.
const leftOut = " (without node_modules and dot directories)"

// addDeep reports the pattern text, relative to the module's directory, if a wildcard in
// it stands for directories.
func (s *scanner) addDeep(text string, r Specifier, i, end int) bool {
	c := asPath(constant{base: baseDir, isURL: !r.Probe, text: "/" + text})
	p := path.Clean(strings.TrimLeft(c.text, "/"))
	if !strings.Contains("/"+p, "/"+Wildcard) {
		return false
	}
	r.Kind, r.Text, r.Deep = Pattern, p, true
	s.add(r, i, end)
	return true
}
