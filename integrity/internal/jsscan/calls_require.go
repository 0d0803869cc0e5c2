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
	end := s.skip(paren)
	if o.direct && s.isLiteral(args) {
		s.site(i, end, "require", Esbuild).Literal = s.stringAt(args[0].start)
		return
	}
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
	complete = s.addRequires(o, v, i, end) && complete
	switch {
	case o.direct && complete:
		s.site(i, end, "require", Nothing)
		s.markHandled(word)
	case isPattern:
		s.site(word, end, "require", noOutcome)
		s.markHandled(word)
		s.gap(word, end, "require")
		s.addGlobs(globs, v, Specifier{Probe: true}, i, end)
	case o.direct:
		s.site(i, end, "require", Esbuild)
	default:
		s.site(i, end, "require", Nothing)
		if !complete || o.alwaysGap {
			s.gap(i, end, "require")
		}
	}
}

// isLiteral reports whether args is one string literal.
func (s *scanner) isLiteral(args []argument) bool {
	return len(args) == 1 && args[0].end == args[0].start+1 &&
		(s.at(args[0].start).kind == tString || s.at(args[0].start).kind == tTemplate)
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

// addRequires reports the specifiers in v, resolved as o says. It returns false if a
// constant in v is none that require resolves.
func (s *scanner) addRequires(o origin, v value, i, end int) (all bool) {
	if !o.incomplete && len(v.constants)+len(v.patterns) > 0 {
		s.markReported(i, end)
	}
	if !o.fromEntry && !o.fromWorkingDir {
		s.addPatterns(v, o.dirs, Specifier{Probe: true, Optional: o.incomplete}, i, end)
	}
	all = len(v.constants) > 0
	for _, c := range v.constants {
		p, isPath := relativePath(asPath(c))
		switch {
		case c.isURL, c.base == baseNone && c.text == "":
			all = false
		case c.base == baseNone || c.base == baseResolved:
			for _, from := range o.dirs {
				s.add(Specifier{Kind: Require, Text: c.text, From: from, FromEntry: o.fromEntry,
					FromWorkingDir: o.fromWorkingDir, Optional: o.incomplete}, i, end)
			}
		case isPath:
			s.add(Specifier{Kind: File, Text: p, Probe: true}, i, end)
		default:
			all = isModuleFile(c) && all
		}
	}
	return all
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
		s.site(i, s.skip(paren), "createRequire", Nothing)
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
