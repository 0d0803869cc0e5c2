package jsscan

import "slices"

// Where values go: into a variable, whose uses are visited in turn, or to a place
// where they are not followed.

// visit evaluates the chain that contains the identifier at token i, and follows its
// value. It reports whether every use of the value is understood.
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
	if s.isWord(i, idImport) {
		s.followThen(i)
	}
	v, next := s.evalChain(start, 0)
	if next <= i {
		return true // part of an expression that the evaluator does not read
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

// isIndirect reports whether esbuild reads token i, the identifier require, as a
// value: neither called nor an object whose members esbuild knows.
func (s *scanner) isIndirect(i int) bool {
	if s.at(i+1).kind == tDot && s.isWord(i+2, idResolve) {
		i += 2
	}
	k := s.at(i + 1).kind
	return k != tLParen && k != tDot
}

// isDeclared reports whether token i declares or assigns a name, or is the name of a
// property. Otherwise it reads a variable.
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

// follow follows v, the value of tokens [start,next). It reports whether all that
// happens to v is understood.
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

// isTracked reports whether the uses of v matter.
func (s *scanner) isTracked(v value) bool {
	return v.entity.isFollowed() || v.isLocalPath()
}

// followContext looks at the operator or statement that v, the value of tokens
// [start,next), is used in. It reports whether that use is understood.
func (s *scanner) followContext(start, next int, v value, depth int) bool {
	prev, after := s.at(start-1), s.at(next)
	if v.entity == entExecPath {
		s.followProgram(start, next)
	}
	switch {
	case prev.kind == tAssign || prev.kind == tOrAssign:
		return s.followAssignment(start-2, start, next, v, depth)
	case s.isInspected(start, prev, after):
		return true
	case prev.kind == tLParen || prev.kind == tComma || prev.kind == tLBracket:
		if understood, known := s.followArgument(start, next, v, depth); known {
			return understood
		}
	case prev.flags&fKeyword != 0 && prev.val == idExtends && v.entity == entWorker && after.kind == tLBrace:
		s.reportSubclass(v, next)
		return true
	}
	return s.reportEscape(start, next, v)
}

// isInspected reports whether a value is only inspected: typeof x, !x, x && …,
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

// reportEscape handles a value that is passed on to code that is not followed. That
// is a gap only for a require function that esbuild knows nothing of.
func (s *scanner) reportEscape(start, next int, v value) bool {
	switch v.entity {
	case entModule, entMainModule, entParentModule, entModules:
		s.modulesEscape = true
		return true
	case entRequire, entArguments:
	case entCreateRequire:
		if !v.guessed && !s.seenCalls[-start-1] {
			s.seenCalls[-start-1] = true
			s.gap(start, next, "createRequire")
		}
		return true
	default:
		return true
	}
	if v.entity == entArguments && s.seenCalls[int(s.openers[s.toks[start].outer].open)] {
		return true // of a call that is reported
	}
	if !v.origin.own && !s.seenCalls[-start-1] {
		s.seenCalls[-start-1] = true
		s.gap(start, next, "require")
	}
	return v.origin.own && v.origin.resolve
}

// followAssignment follows v, the value of tokens [start,next), into the target that
// ends with token lhs.
func (s *scanner) followAssignment(lhs, start, next int, v value, depth int) bool {
	if depth > maxOutward {
		return false
	}
	lhs = s.beforeAnnotation(lhs)
	switch t := s.at(lhs); {
	case t.kind == tRBrace:
		s.followNamespacePattern(int(s.openers[t.val].open), v, false)
		return s.followPattern(lhs, depth)
	case t.kind != tIdent || s.afterDot(lhs) || t.flags&fKeyword != 0:
		return s.reportEscape(start, next, v)
	}
	ok := s.followVariable(lhs, start, next, v, depth)
	if after := s.at(next); after.kind == tRParen && s.isGroup(int(s.openers[after.val].open)) { // (a = b)(…)
		open := int(s.openers[after.val].open)
		w, end := s.evalChain(open, 0)
		ok = s.follow(open, end, w, depth+1) && ok
	}
	if k := s.at(lhs - 1).kind; k == tAssign && !s.afterDot(lhs) {
		return s.followAssignment(lhs-2, start, next, v, depth+1) && ok
	}
	return ok
}

// followVariable visits all uses of the variable at token lhs.
func (s *scanner) followVariable(lhs, start, next int, v value, depth int) bool {
	if s.at(lhs).kind != tIdent {
		return s.reportEscape(start, next, v)
	}
	b := s.bindingAt(lhs)
	if b == nil || v.entity == entRequire && s.evalVariable(lhs, 0).entity != entRequire {
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

// followPattern visits all uses of the variables of the destructuring pattern that
// ends with token end.
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
