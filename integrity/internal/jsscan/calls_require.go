package jsscan

import (
	"slices"
	"strings"
)

// require, require.resolve and createRequire.

// evalRequire evaluates a call of require or require.resolve, whatever its name
// in the source. o is where the function resolves from.
func (s *scanner) evalRequire(o origin, args []argument, i, paren, depth int) value {
	v := s.evalArgument(args, 0, depth)
	if s.firstVisit(paren) && s.closing(paren) > paren+1 {
		s.reportRequire(o, v, args, i, paren, depth)
	}
	if o.resolve {
		return v.mapConstants(func(c constant) (constant, bool) {
			if c.base == baseNone {
				c.base = baseResolved
			}
			return c, !slices.ContainsFunc(o.dirs, func(f string) bool { return f != "" }) && !o.incomplete
		})
	}
	if v.isConstant() && len(v.constants) == 1 && v.constants[0].base == baseNone {
		return s.builtinNamespace(v.constants[0].text)
	}
	return unknown
}

// reportRequire reports what a call of require loads: specifiers, a gap, or that
// the warning of esbuild is handled.
func (s *scanner) reportRequire(o origin, v value, args []argument, i, paren, depth int) {
	word := i // where esbuild warns
	for s.at(word).kind == tLParen {
		word++
	}
	if o.direct && len(args) == 1 && args[0].end == args[0].start+1 &&
		(s.at(args[0].start).kind == tString || s.at(args[0].start).kind == tTemplate) {
		return // esbuild reports it
	}
	end := s.skip(paren)
	complete := !v.incomplete
	var globs []int
	isPattern := false
	if o.direct {
		globs, isPattern = s.esbuildGlobs(args, v)
	}
	if o.resolve && len(args) > 1 {
		dirs, ok := s.readPathsOption(args[1], depth)
		if len(dirs) > 0 {
			o.dirs, o.incomplete = dirs, false
		}
		if !ok {
			o.incomplete, complete = true, false
		}
	}
	s.addRequires(o, v, i, end)
	switch {
	case o.direct && complete:
		s.markHandled(word)
	case isPattern:
		s.markHandled(word)
		s.gap(word, end, "require")
		s.addGlobs(globs, v, Specifier{Probe: true}, i, end)
	case !o.direct && (!complete || o.alwaysGap):
		s.gap(i, end, "require")
	}
}

// isRelative reports whether a specifier begins with ./ or ../.
func isRelative(specifier string) bool {
	return strings.HasPrefix(specifier, "./") || strings.HasPrefix(specifier, "../")
}

// readPathsOption returns the directories of {paths: […]}, the second argument of
// require.resolve. ok is false if some are not known.
func (s *scanner) readPathsOption(a argument, depth int) (dirs []string, ok bool) {
	j := a.start
	if s.at(j).kind != tLBrace || !s.isWord(j+1, idPaths) || s.at(j+2).kind != tColon || s.at(j+3).kind != tLBracket {
		return nil, false
	}
	ok = true
	for _, item := range s.arguments(j + 3) {
		v := s.evalExpr(item.start, item.end, depth+1)
		ok = ok && v.isConstant()
		for _, c := range v.constants {
			f, known := relativePath(c)
			if f == "." {
				f = ""
			}
			if ok = ok && known; known {
				dirs = append(dirs, f)
			}
		}
	}
	return dirs, ok && len(dirs) > 0
}

// addRequires reports the specifiers in v, resolved as o says.
func (s *scanner) addRequires(o origin, v value, i, end int) {
	if !o.incomplete && len(v.constants)+len(v.patterns) > 0 {
		s.markReported(i, end)
	}
	if !o.fromEntry {
		s.addPatterns(v, o.dirs, Specifier{Probe: true, Optional: o.incomplete}, i, end)
	}
	for _, c := range v.constants {
		switch c.base {
		case baseNone, baseResolved:
			if c.text == "" || c.isURL {
				continue
			}
			for _, from := range o.dirs {
				s.add(Specifier{Kind: Require, Text: c.text, From: from, FromEntry: o.fromEntry, Optional: o.incomplete}, i, end)
			}
		default:
			if p, ok := relativePath(asPath(c)); ok && !c.isURL {
				s.add(Specifier{Kind: File, Text: p, Probe: true}, i, end)
			}
		}
	}
}

// evalCreateRequire evaluates a call of createRequire: the value is a require
// function with an origin of its own.
func (s *scanner) evalCreateRequire(args []argument, i, paren, depth int) value {
	v := s.evalArgument(args, 0, depth)
	o := origin{incomplete: v.incomplete || len(v.constants) == 0}
	for _, c := range v.constants {
		if f, ok := createRequireDir(c); !ok {
			o.incomplete = true
		} else if !slices.Contains(o.dirs, f) {
			o.dirs = append(o.dirs, f)
		}
	}
	if s.firstVisit(paren) {
		s.markReported(i, s.skip(paren))
		if o.incomplete && len(args) > 0 {
			s.gap(i, s.skip(paren), "createRequire")
		}
	}
	if len(o.dirs) == 0 {
		o.dirs = []string{""}
	}
	return value{entity: entRequire, origin: o}
}
