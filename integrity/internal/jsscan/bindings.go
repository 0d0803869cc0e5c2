package jsscan

import "slices"

// What a name means at a place: the scanner looks only at the names it comes
// across, and for each at all its occurrences once.

// A definition is one way in which a variable gets its value.
type definition struct {
	init   int    // the expression; 0 for an import
	key    string // the property of it, for a pattern
	isKey  bool
	module string // import … from module
	member string // "" for the namespace
}

// A binding is a variable: a name and the stretch of tokens it is known in.
type binding struct {
	index       int
	from, to    int32
	definitions []definition
	opaque      bool    // it has values that are not in defs
	declared    []int32 // the tokens that declare it
	uses        []int32 // the tokens that read it
	exported    bool

	followed, understood bool // the uses have been looked at; all are clear

	state uint8 // 0 not evaluated, 1 in evaluation, 2 evaluated
	value value
}

// nameInfo holds the bindings of a name; the first is the global one.
type nameBindings struct {
	bindings []*binding
	// of is, for each occurrence of the name, 1 + the binding it belongs to; 0
	// for a property's name.
	bindingOf []int32
}

// climb bounds how far a nested pattern is followed outward.
const maxNesting = 64

// occurrence says what an occurrence of a name does.
type occurrence struct {
	token      int32
	index      int32 // among the occurrences of the name
	declares   bool
	from, to   int32 // the scope, if it declares
	definition *definition
	opaque     bool
	exported   bool
	isProperty bool // a property's name
}

func (o *occurrence) setScope(from, to int) { o.from, o.to = int32(from), int32(to) }

func (s *scanner) bindingsOf(id uint32) *nameBindings {
	if info := s.byName[id]; info != nil {
		return info
	}
	info := &nameBindings{bindingOf: make([]int32, len(s.occurrences(id)))}
	s.byName[id] = info
	occs := make([]occurrence, 0, len(info.bindingOf))
	global := &binding{from: 0, to: int32(len(s.toks))}
	info.bindings = []*binding{global}
	scopes := map[[2]int32]*binding{}
	for n, i := range s.occurrences(id) {
		if !s.spend() {
			global.opaque = true
			return info
		}
		o := s.classify(int(i))
		o.index = int32(n)
		if o.isProperty {
			continue
		}
		occs = append(occs, o)
		if o.declares && scopes[[2]int32{o.from, o.to}] == nil {
			b := &binding{from: o.from, to: o.to, index: len(info.bindings)}
			scopes[[2]int32{o.from, o.to}] = b
			info.bindings = append(info.bindings, b)
		}
	}
	s.resolve(info, occs, scopes)
	return info
}

// resolve gives every occurrence to the innermost binding around it. Scopes
// nest, so one pass with a stack does.
func (s *scanner) resolve(info *nameBindings, occs []occurrence, scopes map[[2]int32]*binding) {
	rest := slices.Clone(info.bindings[1:])
	slices.SortFunc(rest, func(a, b *binding) int {
		if a.from != b.from {
			return int(a.from - b.from)
		}
		return int(b.to - a.to)
	})
	stack := []*binding{info.bindings[0]}
	for _, o := range occs {
		for len(rest) > 0 && rest[0].from <= o.token {
			stack = append(stack, rest[0])
			rest = rest[1:]
		}
		for len(stack) > 1 && stack[len(stack)-1].to <= o.token {
			stack = stack[:len(stack)-1]
		}
		b := stack[len(stack)-1]
		if o.declares {
			b = scopes[[2]int32{o.from, o.to}]
			b.declared = append(b.declared, o.token)
			b.exported = b.exported || o.exported
		} else if o.definition == nil && !o.opaque {
			b.uses = append(b.uses, o.token)
		}
		if o.definition != nil {
			b.definitions = append(b.definitions, *o.definition)
		}
		b.opaque = b.opaque || o.opaque
		info.bindingOf[o.index] = int32(b.index + 1)
	}
}

// bindingAt is the variable that token i names; nil for a property's name.
func (s *scanner) bindingAt(i int) *binding {
	id := s.toks[i].val
	info := s.bindingsOf(id)
	n, _ := slices.BinarySearch(s.occurrences(id), uint32(i))
	if b := info.bindingOf[n]; b > 0 {
		return info.bindings[b-1]
	}
	return nil
}

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

// startsMember reports whether token i begins a class's member.
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

// classifyMember handles a name directly within braces or square brackets: of
// an object or array literal, or of a pattern.
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

// isKeyColon reports whether token i is the colon between the key and the value
// of a property.
func (s *scanner) isKeyColon(i int) bool {
	key := i - 1
	if s.at(i).kind != tColon || key < 1 {
		return false
	}
	switch s.toks[key].kind {
	case tIdent, tString, tNumber:
	case tRBracket: // a computed one
		key = int(s.openers[s.toks[key].val].open)
	default:
		return false
	}
	k := s.at(key - 1).kind
	return k == tLBrace || k == tComma
}

func (s *scanner) keyText(i int) string {
	switch s.at(i).kind {
	case tIdent:
		return string(s.names.texts[s.toks[i].val])
	case tString:
		return s.stringAt(i)
	}
	return ""
}

// classifyPattern looks outward from a name in the place where a pattern has
// its variables, whether it is one, and what it takes apart. Token key is the
// property's name, -1 if there is none.
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

// isParam reports whether what stands between prev and next is directly in a
// parameter list, where a parameter's name or pattern is.
func (s *scanner) isParam(i int, prev, next token) bool {
	if s.openers[s.toks[i].outer].role != roleParams || s.openers[s.toks[i].outer].kind != opParen {
		return false
	}
	switch prev.kind {
	case tLParen, tComma, tEllipsis:
		return next.kind != tIdent || next.flags&fKeyword != 0 // else it is one of TypeScript's modifiers
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

// paramScope is where the parameters of list q are known: the list itself and
// the function's body.
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

// catchScope is the extent of what is caught in the head q, and its block.
func (s *scanner) catchScope(q uint32) (from, to int) {
	from = int(s.openers[q].open)
	return from, s.skip(s.skip(from))
}

// arrowEnd is the end of the function whose => is token i.
func (s *scanner) arrowEnd(i int) int {
	if s.at(i+1).kind == tLBrace {
		return s.skip(i + 1)
	}
	return s.exprEnd(i + 1)
}

// scopeOf is the scope of a declaration that stands directly in opener e.
func (s *scanner) scopeOf(e uint32, flags uint8) (from, to int) {
	if flags&fDeclVar != 0 {
		return s.blockScope(s.openers[e].fn)
	}
	return s.blockScope(e)
}

// blockScope is the extent of the block e, of the function whose body it is,
// or of the for statement whose head it is.
func (s *scanner) blockScope(e uint32) (from, to int) {
	o := &s.openers[e]
	switch {
	case e == 0:
		return 0, len(s.toks)
	case o.kind == opFunc && o.link != 0:
		return int(s.openers[o.link].open), int(o.close)
	case o.kind == opFunc && o.open > 1 && s.toks[o.open-2].flags&fParam != 0:
		return int(o.open) - 2, int(o.close) + 1 // as classify has it
	case o.role == roleFor:
		return int(o.open), s.statementEnd(int(o.close) + 1)
	}
	return int(o.open), int(o.close)
}

// statementEnd is the token after the statement that begins at token i.
func (s *scanner) statementEnd(i int) int {
	more := 0 // how many if and try may still have an else, catch or finally
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

func (s *scanner) declareVariable(o *occurrence, i int, flags uint8) {
	o.declares = true
	o.setScope(s.scopeOf(s.toks[i].outer, flags))
	next := i + 1
	if s.at(next).kind == tBang {
		next++
	}
	if s.at(next).kind == tColon { // TypeScript's annotation
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

// longest is how many tokens at one level an expression may have.
const maxLength = 512

// exprEnd is the token after the expression that begins at token i: a comma,
// semicolon or closing bracket, or the first token of the next statement.
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
	// Too long to be of interest: end where the surroundings end.
	return int(s.openers[s.at(first).outer].close)
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

// beginsOperand reports whether t cannot continue an expression.
func beginsOperand(t token) bool {
	switch t.kind {
	case tIdent:
		return t.val != idIn && t.val != idInstanceof && t.val != idAs && t.val != idSatisfies
	case tNumber, tString, tLBrace, tBang, tPrivate:
		return true
	}
	return false
}

// readImports notes what import declarations bind, and to what.
func (s *scanner) readImports() {
	for _, i := range s.occurrences(idImport) {
		i := int(i)
		if s.toks[i].flags&fKeyword == 0 || s.at(i+1).kind == tLParen || s.at(i+1).kind == tDot || !s.spend() {
			continue
		}
		s.readImport(i + 1)
	}
}

func (s *scanner) readImport(i int) {
	if s.isWord(i, idType) && s.at(i+1).kind != tComma && !s.isWord(i+1, idFrom) {
		i++
	}
	var locals []int
	add := func(tok int, member string) {
		s.imports[tok] = definition{member: member}
		locals = append(locals, tok)
	}
	if s.at(i).kind == tIdent {
		if s.at(i+1).kind == tAssign { // TypeScript's import x = require()
			s.imports[i] = definition{}
			s.toks[i].flags |= fDeclLex
			delete(s.imports, i)
			return
		}
		add(i, "default")
		if i++; s.at(i).kind == tComma {
			i++
		}
	}
	switch s.at(i).kind {
	case tStar:
		if s.at(i+2).kind == tIdent {
			add(i+2, "")
		}
		i += 3
	case tLBrace:
		s.readImportList(i, add)
		i = s.skip(i)
	}
	if !s.isWord(i, idFrom) || s.at(i+1).kind != tString {
		return
	}
	module := s.stringAt(i + 1)
	for _, tok := range locals {
		d := s.imports[tok]
		d.module = module
		s.imports[tok] = d
	}
}

func (s *scanner) readImportList(i int, add func(tok int, member string)) {
	end := int(s.openers[s.toks[i].val].close)
	for j := i + 1; j < end && s.spend(); j++ {
		next := s.at(j + 1).kind
		if s.at(j).kind != tIdent || next != tComma && next != tRBrace {
			continue
		}
		member := j
		if s.isWord(j-1, idAs) && j-2 > i {
			member = j - 2
		}
		add(j, s.keyText(member))
	}
}
