package jsscan

import (
	"path"
	"slices"
)

// import(), import.meta.resolve and module.register.

// evalRegister reports module.register(specifier, parent), which loads hooks in
// another thread (Node.js, Modules: node:module API). The parent is a URL, or a
// member of the options. If it is not known, this module is assumed, and the call
// is a gap as well.
func (s *scanner) evalRegister(args []argument, i, paren, depth int) {
	v := s.evalArgument(args, 0, depth)
	if !s.firstVisit(paren) || len(args) == 0 {
		return
	}
	end := s.skip(paren)
	from, known := s.registerParent(args, depth)
	s.markReported(i, args[0].end)
	if len(args) > 1 && s.at(args[1].start).kind != tLBrace {
		s.markReported(i, args[1].end)
	}
	for _, c := range v.constants {
		switch {
		case c.text == "" && c.base == baseNone:
		case c.base != baseNone || c.isURL || from == "" || hasScheme(c.text):
			s.addImports(constants(c), i, end)
		case path.IsAbs(from) || !isRelative(c.text):
			s.add(Specifier{Kind: Require, Text: c.text, From: from}, i, end)
		default:
			s.add(Specifier{Kind: File, Text: path.Join(from, c.text)}, i, end)
		}
		if !known && isRelative(c.text) && c.base == baseNone {
			s.add(Specifier{Kind: WorkingDirFile, Text: c.text}, i, end)
			v.incomplete = true
		}
	}
	if v.incomplete {
		s.addImports(value{incomplete: true, patterns: v.patterns}, i, end)
		s.gap(i, end, "register")
	}
}

// registerParent returns the directory that module.register resolves from, as
// Specifier.From.
func (s *scanner) registerParent(args []argument, depth int) (from string, known bool) {
	if len(args) < 2 {
		return "", true
	}
	v := unknown
	if s.at(args[1].start).kind != tLBrace {
		v = s.evalArgument(args, 1, depth)
	} else {
		for _, member := range s.arguments(args[1].start) {
			if s.keyText(member.start) == "parentURL" && s.at(member.start+1).kind == tColon {
				v = s.evalExpr(member.start+2, member.end, depth+1)
			}
		}
	}
	if !v.isConstant() || len(v.constants) > 1 {
		return "", false
	}
	return createRequireDir(v.constants[0])
}

// evalDynamicImport evaluates import(…). esbuild reports an import with one
// literal as an edge. It warns about others or reads them as patterns.
func (s *scanner) evalDynamicImport(i, depth int) value {
	paren := i + 1
	args := s.arguments(paren)
	v := s.evalArgument(args, 0, depth)
	literal := len(args) == 1 && args[0].end == args[0].start+1 &&
		(s.at(args[0].start).kind == tString || s.at(args[0].start).kind == tTemplate)
	if s.firstVisit(paren) && !literal && len(args) > 0 {
		s.addImports(v, i, s.skip(paren))
		switch globs, isPattern := s.esbuildGlobs(args, v); {
		case !v.incomplete:
			s.markHandled(i)
		case isPattern:
			s.markHandled(i)
			s.gap(i, s.skip(paren), "import")
			s.addGlobs(globs, v, Specifier{}, i, s.skip(paren))
		case len(args) > 1:
			s.gap(i, s.skip(paren), "import")
		}
		if len(args) > 1 {
			s.markOptionsHandled(args[1])
		}
	}
	if v.isConstant() && len(v.constants) == 1 && v.constants[0].base == baseNone {
		return s.builtinNamespace(v.constants[0].text)
	}
	return unknown
}

// markOptionsHandled marks every token of the second argument of import() as
// handled. esbuild warns there about options that a bundler cannot keep; the
// place of the warning is the argument or something inside of it.
func (s *scanner) markOptionsHandled(a argument) {
	for j := a.start; j < a.end && j < a.start+maxNesting && s.spend(); j++ {
		s.markHandled(j)
	}
}

// addImports reports the specifiers in v, resolved as import does.
func (s *scanner) addImports(v value, i, end int) {
	if len(v.constants)+len(v.patterns) > 0 {
		s.markReported(i, end)
	}
	u := v
	u.patterns = slices.Clone(v.patterns)
	for n := range u.patterns {
		u.patterns[n].isURL = u.patterns[n].isURL || u.patterns[n].base == baseNone
	}
	s.addPatterns(u, []string{""}, Specifier{}, i, end)
	for _, c := range v.constants {
		switch {
		case c.base == baseResolved && c.isURL, c.base == baseNone && c.text != "":
			s.add(Specifier{Kind: Import, Text: c.text}, i, end)
		case c.base == baseResolved:
			s.add(Specifier{Kind: Require, Text: c.text}, i, end)
		default:
			if p, ok := relativePath(asPath(c)); ok {
				s.add(Specifier{Kind: File, Text: p}, i, end)
			}
		}
	}
}

// evalMetaResolve evaluates import.meta.resolve(…).
func (s *scanner) evalMetaResolve(args []argument, i, paren, depth int) value {
	v := s.evalArgument(args, 0, depth)
	literal := len(args) == 1 && args[0].end == args[0].start+1 && s.at(args[0].start).kind == tString
	// esbuild is configured to read import.meta.resolve as require. It does not see
	// the call if a variable has that name.
	unseen := len(s.bindingsOf(idRequire).bindings) > 1 || !s.isWord(i, idImport)
	if s.firstVisit(paren) && len(args) > 0 {
		if !literal || unseen {
			s.addImports(v, i, s.skip(paren))
		}
		switch globs, isPattern := s.esbuildGlobs(args, v); {
		case v.incomplete && isPattern:
			s.markHandled(i)
			s.gap(i, s.skip(paren), "import")
			s.addGlobs(globs, v, Specifier{}, i, s.skip(paren))
		case v.incomplete && unseen:
			s.gap(i, s.skip(paren), "import")
		case !unseen && !literal && !v.incomplete:
			s.markHandled(i)
		}
	}
	return v.mapConstants(func(c constant) (constant, bool) {
		switch {
		case c.base != baseNone:
			return c, c.isURL
		case isRelative(c.text):
			return newURL(c, constant{base: baseFile, isURL: true})
		}
		return constant{base: baseResolved, isURL: true, text: c.text}, true
	})
}
