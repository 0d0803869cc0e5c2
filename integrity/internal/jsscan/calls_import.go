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
	s.site(i, end, "register", noOutcome)
	from, known := s.registerParent(args, depth)
	s.markReported(i, args[0].end)
	if len(args) > 1 && s.at(args[1].start).kind != tLBrace {
		s.markReported(i, args[1].end)
	}
	for _, c := range v.constants {
		switch {
		case c.text == "" && c.base == baseNone:
		case c.base != baseNone || c.isURL || from == "" || hasScheme(c.text):
			v.incomplete = !s.addImports(constants(c), Specifier{}, i, end) || v.incomplete
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
		s.addImports(value{incomplete: true, patterns: v.patterns}, Specifier{}, i, end)
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
	if s.firstVisit(paren) && len(args) > 0 {
		s.reportImport(args, v, i, s.skip(paren))
	}
	if v.isConstant() && len(v.constants) == 1 && v.constants[0].base == baseNone {
		return s.builtinNamespace(v.constants[0].text)
	}
	return unknown
}

// reportImport reports what an import() at tokens [i,end) loads.
func (s *scanner) reportImport(args []argument, v value, i, end int) {
	if s.isLiteral(args) {
		s.site(i, end, "import", Esbuild).Literal = s.stringAt(args[0].start)
		return
	}
	complete := s.addImports(v, Specifier{}, i, end) && !v.incomplete
	outcome := noOutcome
	switch globs, isPattern := s.esbuildGlobs(args, v); {
	case complete:
		s.markHandled(i)
		outcome = Nothing
	case isPattern:
		s.markHandled(i)
		s.gap(i, end, "import")
		s.addGlobs(globs, v, Specifier{}, i, end)
	case len(args) > 1:
		s.gap(i, end, "import")
	default:
		outcome = Esbuild
	}
	s.site(i, end, "import", outcome)
	if len(args) > 1 {
		s.markOptionsHandled(args[1])
	}
}

// markOptionsHandled marks every token of the second argument of import() as
// handled. esbuild warns there about options that a bundler cannot keep; the
// place of the warning is the argument or something inside of it.
func (s *scanner) markOptionsHandled(a argument) {
	for j := a.start; j < a.end && j < a.start+maxNesting && s.spend(); j++ {
		s.markHandled(j)
	}
}

// addImports reports the specifiers in v, resolved as import does. r has what all of them
// have in common. It returns false if a constant in v is none that import resolves.
func (s *scanner) addImports(v value, r Specifier, i, end int) (all bool) {
	if len(v.constants)+len(v.patterns) > 0 {
		s.markReported(i, end)
	}
	u := v
	u.patterns = slices.Clone(v.patterns)
	for n := range u.patterns {
		u.patterns[n].isURL = u.patterns[n].isURL || u.patterns[n].base == baseNone
	}
	s.addPatterns(u, []string{""}, r, i, end)
	all = len(v.constants) > 0
	for _, c := range v.constants {
		p, isPath := relativePath(asPath(c))
		switch {
		case c.base == baseResolved && c.isURL, c.base == baseNone && c.text != "":
			r.Kind, r.Text = Import, c.text
		case c.base == baseResolved:
			r.Kind, r.Text = Require, c.text
		case isPath:
			r.Kind, r.Text = File, p
		default:
			all = isModuleFile(c) && all
			continue
		}
		s.add(r, i, end)
	}
	return all
}

// evalMetaResolve evaluates import.meta.resolve(…).
func (s *scanner) evalMetaResolve(args []argument, i, paren, depth int) value {
	v := s.evalArgument(args, 0, depth)
	if s.firstVisit(paren) && len(args) > 0 {
		s.reportMetaResolve(args, v, i, s.skip(paren))
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

// reportMetaResolve reports what import.meta.resolve at tokens [i,end) names.
func (s *scanner) reportMetaResolve(args []argument, v value, i, end int) {
	literal := s.isLiteral(args) && s.at(args[0].start).kind == tString
	// esbuild is configured to read import.meta.resolve as require. It does not see
	// the call if a variable has that name.
	unseen := len(s.bindingsOf(idRequire).bindings) > 1 || !s.isWord(i, idImport)
	complete := !v.incomplete
	if !literal || unseen {
		complete = s.addImports(v, Specifier{Handled: true}, i, end) && complete
	}
	outcome := noOutcome
	switch globs, isPattern := s.esbuildGlobs(args, v); {
	case !complete && isPattern:
		s.markHandled(i)
		s.gap(i, end, "import")
		s.addGlobs(globs, v, Specifier{}, i, end)
	case !complete && unseen:
		s.gap(i, end, "import")
	case !unseen && !literal && complete:
		s.markHandled(i)
		outcome = Nothing
	case unseen:
		outcome = Nothing
	default:
		outcome = Esbuild
	}
	c := s.site(i, end, "import", outcome)
	if literal && !unseen {
		c.Literal = s.stringAt(args[0].start)
	}
}
