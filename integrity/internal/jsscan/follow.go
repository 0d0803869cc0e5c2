package jsscan

import "slices"

// Where the values that lead to modules go: to a variable, whose uses are then
// looked at in turn, or out of sight.

// following bounds the climb from an operand to the expression it is part of.
const maxOutward = 8

// visit evaluates what begins with the word at token i, and follows it. It
// reports whether all that can be done with it is understood.
func (s *scanner) visit(i int) bool {
	if done, ok := s.visited[i]; ok {
		return done
	}
	s.visited[i] = true
	if !s.spend() {
		return false
	}
	if s.depth >= maxDepth {
		s.visited[i] = false
		s.deferred = append(s.deferred, i)
		return false
	}
	s.depth++
	defer func() { s.depth-- }()
	start := i
	if paren, ok := s.shimOf[i]; ok {
		start = paren
	} else if s.afterDot(i) {
		start = s.chainStart(i)
	} else if s.isDeclared(i) {
		return true
	} else if s.isNew(i - 1) {
		start--
	}
	v, next := s.evalChain(start, 0)
	if next <= i {
		return true // not part of an expression that is understood
	}
	ok := s.follow(start, next, v, 0)
	s.visited[i] = ok
	_, shim := s.shimOf[i]
	if ok && (start == i && s.isWord(i, idRequire) && s.isIndirect(i) || shim) {
		if b := s.bindingAt(i); b != nil && b.from == 0 && len(b.declared) == 0 {
			s.markHandled(i)
		}
	}
	return ok
}

// isIndirect reports whether esbuild takes token i, the word require, for a
// value: neither a call nor an object of which it knows the members.
func (s *scanner) isIndirect(i int) bool {
	if s.at(i+1).kind == tDot && s.isWord(i+2, idResolve) {
		i += 2
	}
	k := s.at(i + 1).kind
	return k != tLParen && k != tDot
}

// readShims finds the functions that stand for require in what esbuild and
// rolldown bundle:
//
//	(x => typeof require !== "undefined" ? require : … new Proxy(…) : x)(function(x) { … require.apply(this, arguments) … })
func (s *scanner) findShims() {
	end := 0
	shim := 0
	for _, j := range s.occurrences(idRequire) {
		i := int(j)
		if i < end {
			s.shimOf[i] = shim
			continue
		}
		arrow := i - 2
		shim = arrow - 2
		if s.at(arrow-1).kind == tRParen {
			shim = int(s.openers[s.toks[arrow-1].val].open) - 1
		}
		if !s.isWord(i-1, idTypeof) || s.at(arrow).kind != tArrow || s.at(shim).kind != tLParen ||
			s.at(i+2).kind != tString && s.at(i+2).kind != tTemplate || s.at(i+3).kind != tQuestion || !s.isWord(i+4, idRequire) || s.at(i+5).kind != tColon {
			continue
		}
		if call := s.skip(shim); s.at(call).kind == tLParen && s.spend() {
			end = s.skip(call)
			s.shimAt[shim] = i + 4
			s.shimOf[i] = shim
		}
	}
}

// isDeclared reports whether token i declares or assigns a name, rather than
// reading it, or is a property's name.
func (s *scanner) isDeclared(i int) bool {
	if s.toks[i].flags&fKeyword != 0 {
		return false
	}
	b := s.bindingAt(i)
	if b == nil {
		return true
	}
	_, found := slices.BinarySearch(b.declared, int32(i))
	return found || s.at(i+1).kind == tAssign
}

// chainStart is the beginning of the members and calls of which token i is the
// last.
func (s *scanner) chainStart(i int) int {
	for n := 0; n < 2*maxOutward && s.afterDot(i) && s.spend(); n++ {
		j := i - 2
		for (s.at(j).kind == tRParen || s.at(j).kind == tRBracket) && s.spend() {
			open := int(s.openers[s.toks[j].val].open)
			if k := s.at(open - 1).kind; s.at(j).kind == tRParen && k != tIdent && k != tRParen && k != tRBracket ||
				s.at(open-1).flags&fKeyword != 0 && !s.isWord(open-1, idImport) {
				j = open
				break
			}
			j = open - 1
		}
		if k := s.at(j).kind; k != tIdent && k != tLParen {
			return i
		}
		i = j
	}
	if s.isNew(i - 1) {
		i--
	}
	return i
}

func (s *scanner) isNew(i int) bool {
	return s.isWord(i, idNew) && s.toks[i].flags&fKeyword != 0
}

// follow looks at what becomes of v, the value of tokens [start,next).
func (s *scanner) follow(start, next int, v value, depth int) bool {
	for n := 0; n < maxOutward && s.spend(); n++ {
		if !s.isTracked(v) {
			return true
		}
		start, next = s.aroundAssertion(start, next)
		outer, outerNext, w, more := s.outward(start, next, v)
		if !more {
			break
		}
		start, next, v = outer, outerNext, w
	}
	if !s.isTracked(v) {
		return true
	}
	if v.isLocalPath() {
		s.reportMention(v, start, next)
	}
	start, next = s.aroundAssertion(start, next)
	return s.followContext(start, next, v, depth)
}

// asserted is [start,next) with TypeScript's <T> before it and as T behind it.
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

// typeAssertion is the token after TypeScript's <T> that begins with token i, T
// a name; 0 if there is none.
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

func (s *scanner) isTracked(v value) bool {
	return v.entity.isFollowed() || v.isLocalPath()
}

// outward finds the next larger expression around [start,next) whose value is
// known, too.
func (s *scanner) outward(start, next int, v value) (int, int, value, bool) {
	prev, after := s.at(start-1), s.at(next)
	again := func(i int) (int, int, value, bool) {
		if s.isNew(i - 1) {
			i--
		}
		w, n := s.evalChain(i, 0)
		return i, n, w, n > next && (s.isTracked(w) || v.entity != entNone)
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

// outwardChoice finds the whole of a condition or of a || b around a value.
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

// exprStart goes back from token i to the beginning of the expression that it
// is in; -1 if that is far.
func (s *scanner) exprStart(i int) int {
	for n := 0; n < maxNesting && i > 0 && s.spend(); n++ {
		switch t := s.at(i - 1); t.kind {
		case tLParen, tLBrace, tLBracket, tTemplateHead, tTemplateMiddle, tComma, tSemicolon, tAssign, tOrAssign, tArrow:
			return i
		case tColon:
			if s.openers[t.outer].kind == opObject && s.at(i-3).kind != tQuestion && (s.at(i-3).kind == tComma || s.at(i-3).kind == tLBrace) {
				return i
			}
			i--
		case tRParen, tRBrace, tRBracket:
			if s.toks[i].flags&fNewline != 0 && beginsOperand(s.toks[i]) {
				return i
			}
			i = int(s.openers[t.val].open)
		case tTemplateTail:
			i = int(s.openers[t.val].head)
		case tIdent:
			if t.flags&fKeyword != 0 && (t.val == idReturn || t.val == idDefault || t.val == idAwait) {
				return i
			}
			if s.toks[i].flags&fNewline != 0 && s.endsOperand(i-1) && beginsOperand(s.toks[i]) {
				return i
			}
			i--
		default:
			i--
		}
	}
	if i == 0 {
		return 0
	}
	return -1
}

// isGroup reports whether the parenthesis lp is neither of a call nor of a
// statement's head nor a list of parameters.
func (s *scanner) isGroup(paren int) bool {
	if s.at(paren).kind != tLParen || s.openers[s.toks[paren].val].role != roleNone {
		return false
	}
	t := s.at(paren - 1)
	if t.kind == tOptDot || s.isWord(paren-1, idImport) && t.flags&fKeyword != 0 {
		return false
	}
	return !s.endsOperand(paren-1) || t.kind == tRBrace || s.toks[paren].flags&fNewline != 0 && t.kind != tIdent
}

// calleeStart is the beginning of what is called with the parenthesis lp.
func (s *scanner) calleeStart(paren int) int {
	i := paren - 1
	if s.at(i).kind == tOptDot {
		i--
	}
	if s.at(i).kind == tRParen {
		i = int(s.openers[s.toks[i].val].open)
	} else {
		i = s.chainStart(i)
	}
	if s.isNew(i - 1) {
		i--
	}
	return i
}

// mention notes the files that an expression names without loading them.
func (s *scanner) reportMention(v value, start, next int) {
	s.addPatterns(v, nil, Specifier{Probe: true, Optional: true}, start, next)
	for _, c := range v.constants {
		p, ok := relativePath(asPath(c))
		if !ok || c.base != baseDir || isOnlyDots(p) {
			continue
		}
		s.add(Specifier{Kind: File, Text: p, Probe: true, Optional: true}, start, next)
	}
}

// onlyFolders reports whether p is . or .. or ../.. and so on.
func isOnlyDots(p string) bool {
	for i := range len(p) {
		if p[i] != '.' && p[i] != '/' {
			return false
		}
	}
	return true
}

// context looks at what is done with the value v of tokens [start,next), and
// reports whether that is understood.
func (s *scanner) followContext(start, next int, v value, depth int) bool {
	prev, after := s.at(start-1), s.at(next)
	switch {
	case prev.kind == tAssign || prev.kind == tOrAssign:
		return s.followAssignment(start-2, start, next, v, depth)
	case s.isInspected(start, prev, after):
		return true
	case prev.flags&fKeyword != 0 && prev.val == idExtends && v.entity == entWorker && after.kind == tLBrace:
		s.reportSubclass(v, next)
		return true
	}
	return s.reportEscape(start, next, v)
}

// harmless reports whether a value is only looked at: typeof x, !x, x && …,
// x === y, if (x), and the statement x;
func (s *scanner) isInspected(start int, prev, after token) bool {
	switch after.kind {
	case tAnd, tEquality, tQuestion, tAssign:
		return true
	}
	switch prev.kind {
	case tBang, tEquality:
		return true
	case tIdent:
		return prev.flags&fKeyword != 0 && (prev.val == idTypeof || prev.val == idVoid || prev.val == idDelete ||
			prev.val == idInstanceof || prev.val == idIn) && start > 0
	case tLParen:
		return s.openers[s.toks[start-1].val].role == roleControl && after.kind == tRParen
	}
	return false
}

// escapes notes that v goes where it is not followed. Only a require function
// that esbuild knows nothing of makes that a gap.
func (s *scanner) reportEscape(start, next int, v value) bool {
	if v.entity != entRequire {
		return true
	}
	if !v.origin.own && !s.seenCalls[-start-1] {
		s.seenCalls[-start-1] = true
		s.gap(start, next, "require")
	}
	return v.origin.own && v.origin.resolve
}

// subclass looks at what the class whose body is token body hands to the
// constructor of Worker, which it extends.
func (s *scanner) reportSubclass(v value, body int) {
	end := s.skip(body)
	supers := s.occurrences(idSuper)
	first, _ := slices.BinarySearch(supers, uint32(body))
	for _, j := range supers[first:] {
		i := int(j)
		if i >= end || !s.spend() {
			return
		}
		if s.at(i+1).kind == tLParen {
			s.evalWorker(v, s.arguments(i+1), i, i+1, 0)
		}
	}
}

// assignedTo follows v into what ends with token lhs, to which tokens
// [start,next) are assigned.
func (s *scanner) followAssignment(lhs, start, next int, v value, depth int) bool {
	if depth > maxOutward {
		return false
	}
	lhs = s.beforeAnnotation(lhs)
	switch t := s.at(lhs); {
	case t.kind == tRBrace:
		return s.followPattern(lhs, depth)
	case t.kind != tIdent || s.afterDot(lhs) || t.flags&fKeyword != 0:
		return s.reportEscape(start, next, v)
	}
	ok := s.followVariable(lhs, start, next, v, depth)
	if k := s.at(lhs - 1).kind; k == tAssign && !s.afterDot(lhs) {
		return s.followAssignment(lhs-2, start, next, v, depth+1) && ok
	}
	return ok
}

// annotated is the name that is declared, where token lhs ends the type that
// TypeScript declares it with; else lhs.
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

// followName looks at all uses of the variable at token lhs.
func (s *scanner) followVariable(lhs, start, next int, v value, depth int) bool {
	if s.at(lhs).kind != tIdent {
		return s.reportEscape(start, next, v)
	}
	b := s.bindingAt(lhs)
	if b == nil {
		return s.reportEscape(start, next, v)
	}
	ok := true
	if b.exported {
		ok = s.reportEscape(start, next, v)
	}
	if b.followed {
		return ok && b.understood
	}
	b.followed, b.understood = true, true
	defer func() { b.understood = ok }()
	for _, use := range b.uses {
		if !s.spend() {
			return false
		}
		ok = s.visit(int(use)) && ok
	}
	return ok
}

// takenApart follows the names of the pattern that ends with token end.
func (s *scanner) followPattern(end, depth int) bool {
	open := int(s.openers[s.toks[end].val].open)
	for i := open + 1; i < end && i < open+2*maxNesting && s.spend(); i++ {
		if s.at(i).kind != tIdent {
			continue
		}
		if b := s.bindingAt(i); b != nil && !b.followed {
			b.followed, b.understood = true, true
			for _, use := range b.uses {
				if s.spend() {
					s.visit(int(use))
				}
			}
		}
	}
	return true
}
