package jsscan

import "strings"

// The evaluator: constant folding of expressions, and the values that lead to a
// load of a module.

// A chainResult is the memoised result of evalChain.
type chainResult struct {
	value value
	next  int
	state uint8 // 1 while it is evaluated
}

// maxDepth bounds the recursion.
const maxDepth = 60

// evalExpr evaluates the expression of tokens [i,end).
func (s *scanner) evalExpr(i, end, depth int) value {
	if depth > maxDepth || i >= end || !s.spend() {
		return unknown
	}
	question, logical := -1, false
	n := 0
	for j := i; j < end; j = s.skip(j) {
		if n++; n > maxLength || !s.spend() {
			return unknown
		}
		switch t := s.toks[j]; t.kind {
		case tQuestion:
			if question < 0 {
				question = j
			}
		case tOr, tAnd, tNullish:
			logical = true
		case tArrow, tAssign, tOpAssign, tOrAssign:
			if question < 0 {
				return s.evalAssignment(i, j, end, depth)
			}
		case tIdent:
			if j > i && (t.val == idAs || t.val == idSatisfies) && s.endsOperand(j-1) {
				end = j
			}
		}
	}
	if question >= 0 {
		return s.evalConditional(i, question, end, depth)
	}
	if logical {
		return s.evalLogical(i, end, depth)
	}
	v, next := s.evalSum(i, depth)
	if next != end {
		return unknown
	}
	return v
}

// evalAssignment returns the value of an assignment: that of its right side.
func (s *scanner) evalAssignment(i, op, end, depth int) value {
	if s.toks[op].kind == tAssign && op > i {
		v := s.evalExpr(op+1, end, depth+1)
		v.origin.direct = false
		return v
	}
	return unknown
}

// evalConditional returns the union of both branches of a ? b : c. If the
// condition tells a browser from Node, it returns Node's branch.
func (s *scanner) evalConditional(i, question, end, depth int) value {
	open := 0
	colon := -1
	for j := question + 1; j < end && s.spend(); j = s.skip(j) {
		switch s.toks[j].kind {
		case tQuestion:
			open++
		case tColon:
			open--
		}
		if open < 0 {
			colon = j
			break
		}
	}
	if colon < 0 {
		return unknown
	}
	yes := s.evalExpr(question+1, colon, depth+1)
	no := s.evalExpr(colon+1, end, depth+1)
	switch s.browserTest(i, question) {
	case 1:
		no.origin.direct = false
		return no
	case -1:
		yes.origin.direct = false
		return yes
	}
	v := union(yes, no)
	v.origin.direct = false
	return v
}

// browserTest recognises typeof document === "undefined" and the like, which
// bundlers write before code for browsers. It returns 1 if the condition is true
// only in a browser, -1 if it is true only in Node, and 0 for other conditions.
func (s *scanner) browserTest(i, end int) int {
	if end-i != 4 || !s.isWord(i, idTypeof) || s.at(i+2).kind != tEquality || s.at(i+3).kind != tString ||
		s.stringAt(i+3) != "undefined" {
		return 0
	}
	switch s.text(i + 1) {
	case "document", "window", "self", "importScripts":
		if s.text(i + 2)[0] == '!' {
			return 1
		}
		return -1
	}
	return 0
}

// evalLogical evaluates a || b and a ?? b (the union) and a && b (the last).
func (s *scanner) evalLogical(i, end, depth int) value {
	var out value
	first := true
	for start, j := i, i; j <= end; j = s.skip(j) {
		kind := tEOF
		if j < end {
			kind = s.toks[j].kind
		}
		if kind == tOr || kind == tNullish || kind == tAnd || j == end {
			v := s.evalOperand(start, j, depth)
			if first || kind == tAnd {
				out, first = v, false
			} else {
				out = union(out, v)
			}
			if kind == tAnd {
				first = true
			}
			start = j + 1
		}
		if j == end || !s.spend() {
			break
		}
	}
	out.origin.direct = false
	return out
}

// evalOperand evaluates tokens [i,end), which contain no ?, || or &&.
func (s *scanner) evalOperand(i, end, depth int) value {
	v, next := s.evalSum(i, depth+1)
	if next != end {
		return unknown
	}
	return v
}

// evalSum evaluates operands joined by +. It returns the token after them.
func (s *scanner) evalSum(i, depth int) (value, int) {
	v, next := s.evalChain(i, depth+1)
	for n := 0; s.at(next).kind == tPlus && n < maxLength && s.spend(); n++ {
		var w value
		w, next = s.evalChain(next+1, depth+1)
		v = combine(v, w, concat)
	}
	return v, next
}

// evalChain evaluates an operand with the members and calls that follow it. It
// returns the token after them. Calls that load modules are reported.
func (s *scanner) evalChain(i, depth int) (value, int) {
	if m, ok := s.chains[i]; ok {
		if m.state == 1 {
			return unknown, s.skip(i)
		}
		return m.value, m.next
	}
	if depth > maxDepth || !s.spend() {
		return unknown, s.skip(i)
	}
	s.chains[i] = chainResult{state: 1}
	v, next := s.evalPrimary(i, depth+1)
	v, next = s.evalPostfix(i, next, v, depth+1)
	s.chains[i] = chainResult{value: v, next: next}
	return v, next
}

// evalPostfix applies the members and calls from token next on to v, the value of
// tokens [i,next).
func (s *scanner) evalPostfix(i, next int, v value, depth int) (value, int) {
	for s.spend() {
		switch s.at(next).kind {
		case tDot, tOptDot:
			switch t := s.at(next + 1); {
			case t.kind == tIdent:
				v = s.evalMember(v, string(s.names.texts[t.val]))
				next += 2
			case t.kind == tPrivate:
				v = unknown
				next += 2
			case s.at(next).kind == tOptDot && (t.kind == tLParen || t.kind == tLBracket):
				v.origin.direct = false
				next++
			default:
				return unknown, next + 1
			}
		case tLBracket:
			end := s.skip(next)
			key := s.evalExpr(next+1, s.closing(next), depth)
			if key.isConstant() && len(key.constants) == 1 && key.constants[0].base == baseNone {
				v = s.evalMember(v, key.constants[0].text)
				v.origin.direct = false
			} else {
				v = s.evalElement(v)
			}
			next = end
		case tLParen:
			v = s.evalCall(v, i, next, depth)
			next = s.skip(next)
		case tTemplate, tTemplateHead:
			v = unknown
			next = s.skip(next)
		case tBang:
			if s.toks[next].flags&fNewline != 0 {
				return v, next
			}
			next++
		default:
			return v, next
		}
	}
	return unknown, next
}

// evalPrimary evaluates an operand without members and calls.
func (s *scanner) evalPrimary(i, depth int) (value, int) {
	switch t := s.at(i); t.kind {
	case tString, tTemplate:
		if t.end-t.start > maxText {
			return unknown, i + 1
		}
		return constants(constant{text: s.stringAt(i)}), i + 1
	case tNumber:
		if text := s.text(i); strings.Trim(text, "0123456789") == "" {
			return constants(constant{text: text}), i + 1
		}
		return unknown, i + 1
	case tTemplateHead:
		return s.evalTemplate(i, depth), s.skip(i)
	case tOther:
		if j := s.typeAssertion(i); j > 0 {
			return s.evalChain(j, depth+1)
		}
	case tLParen:
		return s.evalGroup(i, depth), s.skip(i)
	case tIdent:
		return s.evalName(i, depth)
	}
	return unknown, s.skip(i)
}

// evalGroup evaluates a parenthesised expression: for (a, b), the value of b.
func (s *scanner) evalGroup(i, depth int) value {
	if require := s.shimAt[i]; require > 0 {
		v := s.evalVariable(require, depth+1)
		v.origin.direct = false
		if v.entity == entRequire {
			v.entity = entRequireBind // calling it returns the function
		}
		return v
	}
	end := s.closing(i)
	start, n := i+1, 0
	for j := start; j < end; j = s.skip(j) {
		if n++; n > maxLength || !s.spend() {
			return unknown
		}
		if s.toks[j].kind == tComma {
			start = j + 1
		}
	}
	v := s.evalExpr(start, end, depth+1)
	if start > i+1 {
		v.origin.direct = false
	}
	return v
}

// evalTemplate evaluates a template literal with substitutions.
func (s *scanner) evalTemplate(head, depth int) value {
	v := constants(constant{text: s.stringAt(head)})
	for j := head; s.spend(); {
		end := int(s.openers[s.toks[j].val].close)
		v = combine(v, s.evalExpr(j+1, end, depth+1), concat)
		k := s.at(end).kind
		if k != tTemplateMiddle && k != tTemplateTail || s.toks[end].end-s.toks[end].start > maxText {
			return unknown
		}
		v = combine(v, constants(constant{text: s.stringAt(end)}), concat)
		if k == tTemplateTail {
			return v
		}
		j = end
	}
	return unknown
}

// evalName evaluates an identifier or a keyword operator.
func (s *scanner) evalName(i, depth int) (value, int) {
	t := s.toks[i]
	if t.flags&fKeyword == 0 {
		return s.evalVariable(i, depth), i + 1
	}
	switch t.val {
	case idAwait:
		return s.evalChain(i+1, depth+1)
	case idNew:
		return s.evalNew(i, depth)
	case idImport:
		return s.evalImport(i, depth)
	}
	return unknown, i + 1
}

// evalImport evaluates import(…) and import.meta.
func (s *scanner) evalImport(i, depth int) (value, int) {
	switch {
	case s.at(i+1).kind == tLParen:
		return s.evalDynamicImport(i, depth), s.skip(i + 1)
	case s.at(i+1).kind == tDot && s.isWord(i+2, idMeta):
		return value{entity: entImportMeta, incomplete: true}, i + 3
	}
	return unknown, i + 1
}

// evalNew evaluates new X(…). Members and calls after it belong to the chain.
func (s *scanner) evalNew(i, depth int) (value, int) {
	j := i + 1
	if s.isWord(j, idNew) && s.toks[j].flags&fKeyword != 0 || s.at(j).kind == tEOF || s.at(j).kind == tDot {
		return unknown, j
	}
	v, next := s.evalPrimary(j, depth+1)
	for s.spend() && (s.at(next).kind == tDot || s.at(next).kind == tOptDot) && s.at(next+1).kind == tIdent {
		v = s.evalMember(v, string(s.names.texts[s.toks[next+1].val]))
		next += 2
	}
	if s.at(next).kind != tLParen {
		return unknown, next
	}
	return s.evalNewCall(v, i, next, depth+1), s.skip(next)
}
