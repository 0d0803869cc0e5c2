package jsscan

// Where the namespace of node:module goes under names that the scanner does not follow:
// patterns with patterns in them, functions that await an import(), and exports.

// followNamespacePattern reports a gap if the pattern with the bracket at token open takes a
// member of v under a name that is not followed. renamed says that a new name is none either.
func (s *scanner) followNamespacePattern(open int, v value, renamed bool) {
	if v.entity != entNodeModule {
		return
	}
	end := s.closing(open)
	for j := open + 1; j < end && s.spend(); j++ {
		switch k := s.at(j).kind; {
		case k == tLBrace || k == tLBracket, k == tEllipsis, renamed && k == tColon:
			if s.firstVisit(open) {
				s.gap(open, s.skip(open), "createRequire")
			}
			return
		}
	}
}

// followThen follows what the import() at token i loads into the function that then gets:
// import("module").then((m) => …).
func (s *scanner) followThen(i int) {
	then := s.skip(i + 1)
	paren := then + 2
	if s.at(i+1).kind != tLParen || s.at(then).kind != tDot || s.text(then+1) != "then" || s.at(paren).kind != tLParen {
		return
	}
	v := s.evalDynamicImport(i, 0)
	if v.entity != entNodeModule {
		return
	}
	f, ok := s.functionAt(paren + 1)
	if !ok {
		return
	}
	if s.parameter(f, 0) >= 0 {
		s.pass(f, 0, v)
	} else if first := f.params + 1; s.at(first).kind == tLBrace {
		s.followNamespacePattern(first, v, true)
	}
}

// visitReexports reports each declaration that exports members of node:module: another module
// may import createRequire by any name.
func (s *scanner) visitReexports() {
	for _, j := range s.occurrences(idExport) {
		i := int(j)
		next := i + 2
		switch s.at(i + 1).kind {
		case tLBrace:
			next = s.skip(i + 1)
		case tStar:
			if s.isWord(next, idAs) {
				next += 2
			}
		default:
			continue
		}
		if !s.isWord(next, idFrom) || s.at(next+1).kind != tString || !s.spend() {
			continue
		}
		if s.builtinNamespace(s.stringAt(next+1)).entity == entNodeModule {
			s.gap(i, next+2, "createRequire")
		}
	}
}
