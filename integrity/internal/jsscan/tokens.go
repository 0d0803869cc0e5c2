package jsscan

// Navigation in the list of tokens. A token is identified by its index.

// at returns token i, or the zero token if there is none.
func (s *scanner) at(i int) token {
	if i < 0 || i >= len(s.toks) {
		return token{}
	}
	return s.toks[i]
}

// isWord reports whether token i is the identifier or keyword id.
func (s *scanner) isWord(i int, id uint32) bool {
	t := s.at(i)
	return t.kind == tIdent && t.val == id
}

// isNew reports whether token i is the operator new.
func (s *scanner) isNew(i int) bool {
	return s.isWord(i, idNew) && s.toks[i].flags&fKeyword != 0
}

// afterDot reports whether token i follows a dot: it is the name of a member.
func (s *scanner) afterDot(i int) bool {
	k := s.at(i - 1).kind
	return k == tDot || k == tOptDot
}

// text returns the source of token i.
func (s *scanner) text(i int) string {
	t := s.at(i)
	return string(s.src[t.start:t.end])
}

// stringAt returns the value of the string or the template part at token i.
func (s *scanner) stringAt(i int) string { return s.stringOf(s.toks[i]) }

func (s *scanner) stringOf(t token) string {
	b := s.src[t.start:t.end]
	switch {
	case len(b) == 0:
		return ""
	case t.kind == tTemplateHead || t.kind == tTemplateMiddle:
		b = b[1:max(1, len(b)-2)]
	case len(b) > 1:
		last := b[len(b)-1]
		b = b[1:]
		if last == '`' || last == '"' || last == '\'' {
			b = b[:len(b)-1]
		}
	default:
		b = nil
	}
	if t.flags&fEscape != 0 {
		return decodeEscapes(b)
	}
	return string(b)
}

// keyText returns the name of the property whose key is token i, or "".
func (s *scanner) keyText(i int) string {
	switch s.at(i).kind {
	case tIdent:
		return string(s.names.texts[s.toks[i].val])
	case tString:
		return s.stringAt(i)
	}
	return ""
}

// skip returns the token after token i. If token i opens a bracket or a template,
// it returns the token after the end of that.
func (s *scanner) skip(i int) int {
	for {
		switch s.at(i).kind {
		case tLParen, tLBrace, tLBracket, tTemplateHead, tTemplateMiddle:
			i = int(s.openers[s.toks[i].val].close)
			if s.at(i).kind == tTemplateMiddle && s.spend() {
				continue
			}
		}
		return min(i+1, len(s.toks)-1)
	}
}

// closing returns the bracket that closes the one at token i, or the end of the
// file if it is not closed.
func (s *scanner) closing(i int) int {
	return int(s.openers[s.toks[i].val].close)
}

// maxLength is the limit for the number of tokens of an expression, not counting
// those inside of brackets.
const maxLength = 512

// exprEnd returns the token after the expression that begins at token i: a
// comma, semicolon or closing bracket, or the first token of the next statement.
func (s *scanner) exprEnd(i int) int {
	first := i
	for n := 0; n < maxLength && s.spend(); n++ {
		t := s.at(i)
		switch t.kind {
		case tEOF, tComma, tSemicolon, tRParen, tRBrace, tRBracket, tTemplateMiddle, tTemplateTail:
			return i
		}
		if i > first && t.flags&fNewline != 0 && s.endsOperand(i-1) && beginsOperand(t) {
			return i
		}
		i = s.skip(i)
	}
	// Too long: end where the enclosing bracket ends.
	return int(s.openers[s.at(first).outer].close)
}

// exprStart returns the first token of the expression that contains token i, or
// -1 if it is more than maxNesting steps away.
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

// endsOperand reports whether an expression may end with token i.
func (s *scanner) endsOperand(i int) bool {
	t := s.at(i)
	switch t.kind {
	case tIdent:
		return t.flags&fKeyword == 0 || t.keyword() == kwValue
	case tNumber, tString, tTemplate, tTemplateTail, tRegex, tRParen, tRBracket, tRBrace, tPrivate:
		return true
	}
	return false
}

// beginsOperand reports whether t begins an operand and so cannot continue an
// expression.
func beginsOperand(t token) bool {
	switch t.kind {
	case tIdent:
		return t.val != idIn && t.val != idInstanceof && t.val != idAs && t.val != idSatisfies
	case tNumber, tString, tLBrace, tBang, tPrivate:
		return true
	}
	return false
}

// isGroup reports whether the parenthesis at token paren groups an expression. It
// does not if it belongs to a call, a statement's head or a parameter list.
func (s *scanner) isGroup(paren int) bool {
	if s.at(paren).kind != tLParen || s.openers[s.toks[paren].val].role != roleNone {
		return false
	}
	t := s.at(paren - 1)
	if t.kind == tOptDot || s.isWord(paren-1, idImport) && t.flags&fKeyword != 0 {
		return false
	}
	return !s.endsOperand(paren-1) || t.kind == tRBrace && !s.openers[t.val].exprEnd || s.toks[paren].flags&fNewline != 0 && t.kind != tIdent
}

// chainStart returns the first token of the chain of members and calls whose last
// member is token i.
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

// calleeStart returns the first token of the callee of the call at paren.
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
