package jsscan

// From a value to the larger expression around it whose value is known, too.

// maxOutward bounds the steps from an operand to the expression around it.
const maxOutward = 8

// outward returns the next larger expression around [start,next) whose value is
// known, too.
func (s *scanner) outward(start, next int, v value) (int, int, value, bool) {
	prev, after := s.at(start-1), s.at(next)
	again := func(i int) (int, int, value, bool) {
		if s.isNew(i - 1) {
			i--
		}
		w, n := s.evalChain(i, 0)
		return i, n, w, n >= next && (s.isTracked(w) || v.entity != entNone)
	}
	switch {
	case prev.kind == tIdent && prev.flags&fKeyword != 0 && (prev.val == idAwait || prev.val == idNew):
		return again(start - 1)
	case prev.kind == tLParen && after.kind == tRParen && s.isGroup(start-1):
		return again(start - 1)
	case prev.kind == tComma && after.kind == tRParen && s.isGroup(int(s.openers[after.val].open)):
		return again(int(s.openers[after.val].open))
	case prev.kind == tTemplateHead || prev.kind == tTemplateMiddle:
		if after.kind == tTemplateMiddle || after.kind == tTemplateTail {
			return again(int(s.openers[prev.val].head))
		}
	case after.kind == tPlus && prev.kind != tPlus:
		w, n := s.evalSum(start, 0)
		return start, n, w, n > next && s.isTracked(w)
	case prev.kind == tPlus && s.at(start-2).kind == tString:
		w, n := s.evalSum(start-2, 0)
		return start - 2, n, w, n >= next && s.isTracked(w)
	case prev.kind == tLParen || prev.kind == tComma && s.openers[prev.outer].kind == opParen:
		paren := start - 1
		if prev.kind == tComma {
			paren = int(s.openers[prev.outer].open)
		}
		if s.isGroup(paren) || !(v.isLocalPath() || v.entity.isNamespace()) {
			break
		}
		callee := s.calleeStart(paren)
		w, n := s.evalChain(callee, 0)
		return callee, n, w, n > next && s.isTracked(w)
	}
	return s.outwardChoice(start, next, v)
}

// outwardChoice returns the whole conditional or logical expression around a value.
func (s *scanner) outwardChoice(start, next int, v value) (int, int, value, bool) {
	prev, after := s.at(start-1).kind, s.at(next).kind
	isSide := prev == tQuestion || prev == tColon || prev == tOr || prev == tNullish || prev == tAnd
	if !isSide && after != tOr && after != tNullish {
		return 0, 0, v, false
	}
	i := s.exprStart(start)
	if i < 0 {
		return 0, 0, v, false
	}
	end := s.exprEnd(i)
	if i == start && end == next || end < next {
		return 0, 0, v, false
	}
	w := s.evalExpr(i, end, 0)
	return i, end, w, s.isTracked(w)
}
