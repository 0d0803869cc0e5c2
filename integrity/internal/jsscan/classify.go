package jsscan

// What one occurrence of a name does: declare, assign or read a variable, or name a
// property.

// classify returns what the identifier at token i does.
func (s *scanner) classify(i int) occurrence {
	o := occurrence{token: int32(i)}
	prev, next := s.at(i-1), s.at(i+1)
	t := s.toks[i]
	if s.afterDot(i) {
		o.isProperty = true
		return o
	}
	if d, ok := s.imports[i]; ok {
		o.declares, o.from, o.to = true, 0, int32(len(s.toks))
		if o.opaque = d.module == ""; !o.opaque {
			o.definition = &d
		}
		return o
	}
	switch {
	case prev.flags&fKeyword != 0 && prev.val == idFunction && prev.kind == tIdent,
		prev.kind == tStar && s.at(i-2).flags&fKeyword != 0 && s.isWord(i-2, idFunction):
		s.declareFunction(&o, i)
	case prev.flags&fKeyword != 0 && prev.val == idClass && prev.kind == tIdent:
		o.declares, o.opaque = true, true
		o.setScope(s.blockScope(t.outer))
		if prev.flags&fFuncExpr != 0 {
			o.setScope(i, s.exprEnd(i))
		}
	case t.flags&(fDeclVar|fDeclLex) != 0:
		s.declareVariable(&o, i, t.flags)
		o.exported = s.isWord(i-2, idExport)
	case t.flags&fParam != 0:
		o.declares, o.opaque = true, true
		o.setScope(i, s.arrowEnd(i+1))
	case s.isParam(i, prev, next):
		o.declares, o.opaque = true, true
		o.setScope(s.paramScope(t.outer))
	case s.openers[t.outer].role == roleCatch && prev.kind == tLParen:
		o.declares, o.opaque = true, true
		o.setScope(s.catchScope(t.outer))
	default:
		s.classifyRest(&o, i, prev, next)
	}
	return o
}

// classifyRest classifies a name that is not declared by its direct context.
func (s *scanner) classifyRest(o *occurrence, i int, prev, next token) {
	switch e := &s.openers[s.toks[i].outer]; e.kind {
	case opObject, opBracket:
		s.classifyMember(o, i, prev, next)
		return
	case opClass:
		if prev.kind != tAssign && (next.kind == tAssign || next.kind == tLParen || next.kind == tSemicolon) && s.startsMember(i) {
			o.isProperty = true
			return
		}
	}
	s.classifyAssignment(o, i, prev, next)
}

// startsMember reports whether token i begins a member of a class.
func (s *scanner) startsMember(i int) bool {
	t, prev := s.toks[i], s.at(i-1)
	switch prev.kind {
	case tLBrace, tRBrace, tSemicolon, tStar:
		return true
	case tIdent: // static, get, async …
		return prev.flags&fKeyword == 0
	}
	return t.flags&fNewline != 0 && s.endsOperand(i-1)
}

// classifyAssignment classifies a name that is read or assigned.
func (s *scanner) classifyAssignment(o *occurrence, i int, prev, next token) {
	switch next.kind {
	case tAssign, tOrAssign:
		o.definition = &definition{init: i + 2}
		return
	case tOpAssign:
		o.opaque = true
		return
	case tIncDec:
		o.opaque = next.flags&fNewline == 0
	case tIdent:
		if prev.kind == tLParen && s.openers[s.toks[i].outer].role == roleFor && (next.val == idOf || next.val == idIn) {
			o.opaque = true
		}
	}
	if prev.kind == tIncDec {
		o.opaque = true
	}
}

// classifyMember classifies a name directly within braces or square brackets: of an
// object or array literal, or of a destructuring pattern.
func (s *scanner) classifyMember(o *occurrence, i int, prev, next token) {
	e := &s.openers[s.toks[i].outer]
	first := prev.kind == tLBrace || prev.kind == tLBracket || prev.kind == tComma || prev.kind == tEllipsis
	key := -1
	switch {
	case e.kind == opObject && first && prev.kind != tEllipsis && (next.kind == tColon || next.kind == tLParen):
		o.isProperty = true
		return
	case e.kind == opObject && prev.kind == tIdent && prev.flags&fKeyword == 0 && next.kind == tLParen: // get x() {}
		o.isProperty = true
		return
	case !first && !(e.kind == opObject && s.isKeyColon(i-1)):
		s.classifyAssignment(o, i, prev, next)
		return
	case next.kind != tComma && next.kind != tAssign && next.kind != tRBrace && next.kind != tRBracket:
		s.classifyAssignment(o, i, prev, next)
		return
	case e.kind == opObject && prev.kind == tColon:
		key = i - 2
	case e.kind == opObject && prev.kind != tEllipsis:
		key = i
	}
	s.classifyPattern(o, i, key)
}

// isKeyColon reports whether token i is the colon between the key and the value of a
// property.
func (s *scanner) isKeyColon(i int) bool {
	key := i - 1
	if s.at(i).kind != tColon || key < 1 {
		return false
	}
	switch s.toks[key].kind {
	case tIdent, tString, tNumber:
	case tRBracket: // a computed key
		key = int(s.openers[s.toks[key].val].open)
	default:
		return false
	}
	k := s.at(key - 1).kind
	return k == tLBrace || k == tComma
}

// classifyPattern looks outward from a name that stands where a destructuring pattern
// has its variables. It finds whether the brackets are a pattern and what it takes
// apart. Token key is the name of the property, or -1 if there is none.
func (s *scanner) classifyPattern(o *occurrence, i, key int) {
	id := s.toks[i].outer
	assigned := false
	for depth := 0; depth < maxNesting && s.spend(); depth++ {
		e := &s.openers[id]
		bracket := s.toks[e.open]
		after := int(e.close) + 1
		flat := depth == 0 && key >= 0
		switch {
		case bracket.flags&(fDeclVar|fDeclLex) != 0:
			o.declares = true
			o.setScope(s.scopeOf(bracket.outer, bracket.flags))
			if flat && s.at(after).kind == tAssign {
				o.definition = &definition{init: after + 1, key: s.keyText(key), isKey: true}
			} else {
				o.opaque = true
			}
			return
		case s.isParam(int(e.open), s.at(int(e.open)-1), s.at(after)):
			o.declares, o.opaque = true, true
			o.setScope(s.paramScope(bracket.outer))
			return
		case s.openers[bracket.outer].role == roleCatch:
			o.declares, o.opaque = true, true
			o.setScope(s.catchScope(bracket.outer))
			return
		case s.at(after).kind == tAssign:
			if flat && !assigned {
				o.definition = &definition{init: after + 1, key: s.keyText(key), isKey: true}
			}
			assigned = true
		case s.openers[bracket.outer].role == roleFor && (s.isWord(after, idOf) || s.isWord(after, idIn)):
			assigned = true
		}
		outer := s.openers[bracket.outer].kind
		prev := s.at(int(e.open) - 1).kind
		if !(outer == opObject && prev == tColon || outer == opBracket && (prev == tLBracket || prev == tComma)) {
			break
		}
		id = bracket.outer
	}
	o.opaque = assigned && o.definition == nil
}

// isParam reports whether token i, between prev and next, is a parameter or the
// bracket of a destructured parameter.
func (s *scanner) isParam(i int, prev, next token) bool {
	if s.openers[s.toks[i].outer].role != roleParams || s.openers[s.toks[i].outer].kind != opParen {
		return false
	}
	switch prev.kind {
	case tLParen, tComma, tEllipsis:
		return next.kind != tIdent || next.flags&fKeyword != 0 // otherwise it is a modifier of TypeScript
	case tIdent:
		if next.kind == tIdent {
			return false
		}
		switch prev.val {
		case idPublic, idPrivate, idProtected, idReadonly, idOverride:
			return true
		}
	}
	return false
}

// declareVariable classifies a name declared by var, let, const or using.
func (s *scanner) declareVariable(o *occurrence, i int, flags uint8) {
	o.declares = true
	o.setScope(s.scopeOf(s.toks[i].outer, flags))
	next := i + 1
	if s.at(next).kind == tBang {
		next++
	}
	if s.at(next).kind == tColon { // a type annotation
		for n := 0; n < maxNesting && s.spend(); n++ {
			next = s.skip(next)
			k := s.at(next).kind
			if k == tAssign || k == tComma || k == tSemicolon || k == tEOF || k == tRParen || k == tRBrace {
				break
			}
		}
	}
	switch t := s.at(next); {
	case t.kind == tAssign:
		o.definition = &definition{init: next + 1}
	case t.kind == tIdent && (t.val == idOf || t.val == idIn) && s.openers[s.toks[i].outer].role == roleFor:
		o.opaque = true
	}
}

// declareFunction classifies the name of a function.
func (s *scanner) declareFunction(o *occurrence, i int) {
	o.declares, o.opaque = true, true
	keyword := i - 1
	if s.at(keyword).kind == tStar {
		keyword--
	}
	if s.at(keyword).flags&fFuncExpr == 0 {
		o.setScope(s.blockScope(s.toks[i].outer))
		return
	}
	o.setScope(i, s.exprEnd(i))
	if p := s.at(i + 1); p.kind == tLParen {
		_, end := s.paramScope(p.val)
		o.setScope(i, end)
	}
}
