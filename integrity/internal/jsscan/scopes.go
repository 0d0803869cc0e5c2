package jsscan

// Scopes: the range of tokens in which a declared name is visible.

// maxNesting bounds the steps through nested patterns, types and statements.
const maxNesting = 64

// paramScope returns the scope of the parameters of list q: the list and the body of
// the function.
func (s *scanner) paramScope(q uint32) (from, to int) {
	o := &s.openers[q]
	if o.link != 0 {
		return int(o.open), int(s.openers[o.link].close)
	}
	if o.arrow != 0 {
		return int(o.open), s.arrowEnd(int(o.arrow))
	}
	return int(o.open), int(o.close)
}

// catchScope returns the scope of a variable in the head q of a catch clause.
func (s *scanner) catchScope(q uint32) (from, to int) {
	from = int(s.openers[q].open)
	return from, s.skip(s.skip(from))
}

// arrowEnd returns the end of the arrow function whose => is token i.
func (s *scanner) arrowEnd(i int) int {
	if s.at(i+1).kind == tLBrace {
		return s.skip(i + 1)
	}
	return s.exprEnd(i + 1)
}

// scopeOf returns the scope of a declaration that stands directly in opener e.
func (s *scanner) scopeOf(e uint32, flags uint8) (from, to int) {
	if flags&fDeclVar != 0 {
		return s.blockScope(s.openers[e].fn)
	}
	return s.blockScope(e)
}

// blockScope returns the extent of the block e, of the function whose body it is, or of
// the for statement whose head it is.
func (s *scanner) blockScope(e uint32) (from, to int) {
	o := &s.openers[e]
	switch {
	case e == 0:
		return 0, len(s.toks)
	case o.kind == opFunc && o.link != 0:
		return int(s.openers[o.link].open), int(o.close)
	case o.kind == opFunc && o.open > 1 && s.toks[o.open-2].flags&fParam != 0:
		return int(o.open) - 2, int(o.close) + 1 // as in classify
	case o.role == roleFor:
		return int(o.open), s.statementEnd(int(o.close) + 1)
	}
	return int(o.open), int(o.close)
}

// statementEnd returns the token after the statement that begins at token i.
func (s *scanner) statementEnd(i int) int {
	more := 0 // how many else, catch and finally clauses may still follow
	for n := 0; n < maxNesting && s.spend(); n++ {
		t := s.at(i)
		switch {
		case t.keyword() == kwBlock:
			if t.val == idTry {
				more += 2
			}
			i++
			continue
		case t.keyword() == kwControl:
			if t.val == idIf {
				more++
			}
			if i++; s.isWord(i, idAwait) {
				i++
			}
			if s.at(i).kind == tLParen {
				i = s.skip(i)
			}
			continue
		case t.kind == tLBrace:
			i = s.skip(i)
		default:
			for i = s.exprEnd(i); s.at(i).kind == tComma && s.spend(); {
				i = s.exprEnd(i + 1)
			}
			if s.at(i).kind == tSemicolon {
				i++
			}
		}
		if more == 0 || !s.isWord(i, idElse) && !s.isWord(i, idCatch) && !s.isWord(i, idFinally) {
			return i
		}
		more--
	}
	return i
}
