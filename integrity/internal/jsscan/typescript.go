package jsscan

// TypeScript's assertions and annotations: the evaluator skips them.

// aroundAssertion extends the expression [start,next) by a type assertion before
// it (<T>x) or after it (x as T, x satisfies T).
func (s *scanner) aroundAssertion(start, next int) (int, int) {
	if t := s.at(next); t.kind == tIdent && (t.val == idAs || t.val == idSatisfies) && t.flags&fNewline == 0 {
		next = s.exprEnd(next)
	}
	if s.at(start-1).kind == tOther {
		open := start - 2
		for s.at(open).kind == tIdent || s.at(open).kind == tDot {
			open--
		}
		if s.typeAssertion(open) == start && s.spend() {
			start = open
		}
	}
	return start, next
}

// typeAssertion returns the token after the type assertion <T> that begins at
// token i, where T is a dotted name. It returns 0 if there is none.
func (s *scanner) typeAssertion(i int) int {
	if s.at(i).kind != tOther || s.text(i) != "<" || s.endsOperand(i-1) {
		return 0
	}
	j := i + 1
	for s.at(j).kind == tIdent && s.at(j+1).kind == tDot && s.spend() {
		j += 2
	}
	if s.at(j).kind != tIdent || s.at(j+1).kind != tOther || s.text(j+1) != ">" {
		return 0
	}
	return j + 2
}

// beforeAnnotation returns the declared name if lhs is the last token of its type
// annotation (const x: T = …). Otherwise it returns lhs.
func (s *scanner) beforeAnnotation(lhs int) int {
	j := lhs
	for n := 0; n < maxNesting && s.spend(); n++ {
		switch t := s.at(j); t.kind {
		case tIdent, tDot, tString, tOther, tQuestion, tArrow:
			j--
		case tRBracket, tRParen, tRBrace:
			j = int(s.openers[t.val].open) - 1
		case tColon:
			name := s.at(j - 1)
			if name.kind == tBang {
				j--
				name = s.at(j - 1)
			}
			if name.kind == tIdent && name.flags&(fDeclVar|fDeclLex) != 0 {
				return j - 1
			}
			return lhs
		default:
			return lhs
		}
	}
	return lhs
}
