package jsscan

import "slices"

// Object and array literals that are arguments, or that a variable stands for.

// object returns the members of the object literal that is the argument a, by their names.
// known is false if there are others: a is another expression, or an object is spread in it.
func (s *scanner) object(a argument) (members map[string]argument, known bool) {
	open, ok := s.literal(a, tLBrace)
	if !ok {
		return nil, s.isNothing(a)
	}
	members, known = map[string]argument{}, true
	for _, m := range s.arguments(open) {
		k := m.start
		switch {
		case s.at(k).kind == tEllipsis:
			known = s.isSpreadKnown(argument{k + 1, m.end}, members) && known
		case s.at(k).kind == tLBracket:
			known = false
		case s.at(k+1).kind == tColon:
			members[s.keyText(k)] = argument{k + 2, m.end}
		case m.end == k+1:
			members[s.keyText(k)] = m
		}
	}
	return members, known
}

// isSpreadKnown adds the members of an object that is spread in another one.
func (s *scanner) isSpreadKnown(a argument, to map[string]argument) bool {
	if s.at(a.start).kind != tLBrace || !s.spend() {
		return false
	}
	members, known := s.object(a)
	for name, m := range members {
		to[name] = m
	}
	return known
}

// isNothing reports whether a is undefined, null, or the like.
func (s *scanner) isNothing(a argument) bool {
	return a.end == a.start+1 && (s.isWord(a.start, idNull) || s.text(a.start) == "undefined") ||
		a.end > a.start && (s.isWord(a.start, idFunction) || s.at(a.start+1).kind == tArrow || s.at(a.end-1).kind == tRBrace && s.at(a.start).kind == tLParen) // a callback
}

// array returns the elements of the array literal that is the argument a.
func (s *scanner) array(a argument) (elements []argument, known bool) {
	open, ok := s.literal(a, tLBracket)
	if !ok {
		return nil, s.isNothing(a)
	}
	elements = s.arguments(open)
	return elements, len(elements) < maxArgs
}

// literal returns the bracket with which the literal begins that is the argument a, or that a
// variable has as its only value. What else happens to the variable must not change it.
func (s *scanner) literal(a argument, kind tokenKind) (open int, ok bool) {
	if s.at(a.start).kind == kind && s.skip(a.start) == a.end {
		return a.start, true
	}
	if a.end != a.start+1 || s.at(a.start).kind != tIdent || s.toks[a.start].flags&fKeyword != 0 || s.afterDot(a.start) {
		return 0, false
	}
	b := s.bindingAt(a.start)
	if b == nil || b.opaque || len(b.definitions) != 1 || b.exported || b.definitions[0].isKey || b.definitions[0].module != "" {
		return 0, false
	}
	open = b.definitions[0].init
	if s.at(open).kind != kind || s.exprEnd(open) != s.skip(open) ||
		slices.ContainsFunc(b.uses, func(use int32) bool { return !s.isOnlyPassed(int(use)) }) {
		return 0, false
	}
	return open, true
}

// isOnlyPassed reports whether the variable at token i is an argument, or a member of it is
// read.
func (s *scanner) isOnlyPassed(i int) bool {
	switch s.at(i + 1).kind {
	case tComma, tRParen:
		return true
	case tDot:
		k := s.at(i + 3).kind
		return k != tAssign && k != tLParen && k != tOpAssign && k != tOrAssign && s.spend()
	}
	return false
}
