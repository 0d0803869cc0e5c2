package jsscan

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// A tokenizer for JavaScript (ECMA-262 §12, with the HTML-like comments of Annex
// B.1.1). It tolerates TypeScript, invalid UTF-8 and text that is not a program.
// It never fails: what it does not recognise is one token of kind tOther. It
// runs in linear time.
//
// Besides the tokens it finds matching brackets, and what each pair is for: the
// parameters of a function, a block, an object literal. The lexer needs that to
// tell a regular expression from a division; the scanner needs it for scopes.

// A tokenKind is the kind of a token.
type tokenKind uint8

const (
	tEOF tokenKind = iota
	tIdent
	tPrivate // #name
	tNumber
	tString
	tRegex
	tTemplate       // `…` without substitutions
	tTemplateHead   // `…${
	tTemplateMiddle // }…${
	tTemplateTail   // }…`
	tLParen
	tRParen
	tLBrace
	tRBrace
	tLBracket
	tRBracket
	tDot
	tOptDot // ?.
	tEllipsis
	tComma
	tSemicolon
	tColon
	tQuestion
	tNullish // ??
	tOr
	tAnd
	tPlus
	tAssign   // =
	tOrAssign // ||= and ??=
	tOpAssign // the other assignment operators: += &&= …
	tIncDec
	tArrow
	tEquality // == != === !==
	tBang
	tStar
	tOther
)

// The flags of a token.
const (
	fNewline  uint8 = 1 << iota // a line terminator is before the token
	fEscape                     // the string, template or name contains a backslash
	fDeclVar                    // the name, or the bracket of the pattern, is declared by var
	fDeclLex                    // … by let, const or using
	fParam                      // the name is x in x => …
	fFuncExpr                   // the keyword function or class begins an expression
	fKeyword                    // the identifier is used as a keyword
)

// A token is src[start:end].
type token struct {
	start, end uint32
	val        uint32 // of tIdent: the number of its name; of brackets and templates: their opener
	outer      uint32 // the opener that contains it; of brackets: the one around them
	kind       tokenKind
	flags      uint8
}

// keyword returns the class of the keyword t, or kwNone.
func (t token) keyword() kwClass {
	if t.flags&fKeyword == 0 || t.val >= uint32(len(keywordClass)) {
		return kwNone
	}
	return keywordClass[t.val]
}

// An openerKind is the kind of an opener.
type openerKind uint8

const (
	opFile openerKind = iota
	opParen
	opBracket
	opTemplate // ${ … }
	opBlock
	opFunc   // the body of a function
	opObject // an object literal or pattern
	opClass
	opModule // the braces in import and export declarations
)

// A parenRole says what a pair of parentheses belongs to.
type parenRole uint8

const (
	roleNone    parenRole = iota // a group, or the arguments of a call
	roleControl                  // the head of if, while, switch, with
	roleFor
	roleCatch
	roleParams
)

// An opener is an opening bracket, with what is known of the range that it begins.
type opener struct {
	open, close uint32 // tokens; close is the number of tokens if the bracket is not closed
	parent      uint32
	fn          uint32 // the innermost opener, including this one, that is a function body or the file
	link        uint32 // of a parameter list: the body; of a body: the parameter list
	arrow       uint32 // of a parameter list: the token =>
	head        uint32 // of opTemplate: the first token of the template
	lastParen   uint32 // the last pair of parentheses directly inside
	kind        openerKind
	role        parenRole
	exprEnd     bool // the closing brace ends an operand

	// The state of the lexer directly inside this bracket.
	decl         uint8 // fDeclVar or fDeclLex inside a list of declarators
	pendingFunc  uint8 // after the keyword function, before its parameters: 1 declaration, 2 expression
	pendingClass uint8 // after the keyword class, before its body: 1 declaration, 2 expression
	pendingBody  bool  // after the parameters and the colon of a return type, before the body
	ternary      int32 // number of open ?
}

// A lexer splits one source into tokens. The zero value is ready to use.
type lexer struct {
	src     []byte
	pos     int
	toks    []token
	openers []opener
	cur     uint32
	names   names
	braces  int // number of open { and ${
	parens  int
	squares int

	newline      bool
	operand      bool // an operand is expected next, so a slash begins a regular expression
	stmt         bool // a statement may begin next
	asyncOperand bool // the value of operand before the word async
	asyncStmt    bool // the value of stmt before the word async
	colonTernary bool // the last colon belongs to a ?
	regexRetries int
	steps        int // number of tokens, plus bytes that were read twice
}

// maxRegexRetries bounds how often a line is read again because a slash did not
// begin a regular expression.
const maxRegexRetries = 32

// lex splits src into tokens. src must be shorter than 2 GiB.
func (l *lexer) lex(src []byte) {
	l.src, l.pos = src, 0
	l.toks, l.openers = l.toks[:0], append(l.openers[:0], opener{kind: opFile})
	l.cur, l.braces, l.parens, l.squares = 0, 0, 0, 0
	l.newline, l.operand, l.stmt, l.colonTernary = true, true, true, false
	l.regexRetries, l.steps = 0, 0
	l.names.reset()
	if bytes.HasPrefix(src, []byte("\ufeff")) {
		l.pos = 3
	}
	if bytes.HasPrefix(src[l.pos:], []byte("#!")) {
		l.lineComment()
	}
	for l.next() {
		l.steps++
	}
	n := uint32(len(l.toks))
	for l.cur != 0 {
		l.openers[l.cur].close = n
		l.cur = l.openers[l.cur].parent
	}
	l.openers[0].close = n
	l.toks = append(l.toks, token{start: uint32(len(src)), end: uint32(len(src)), kind: tEOF})
}

// The classes of bytes.
const (
	cOther uint8 = iota
	cIdent
	cDigit
	cSpace
	cNewline
	cQuote
	cHigh
)

var charClass = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '$', c == '\\':
			t[c] = cIdent
		case c >= '0' && c <= '9':
			t[c] = cDigit
		case c == ' ', c == '\t', c == '\v', c == '\f':
			t[c] = cSpace
		case c == '\n', c == '\r':
			t[c] = cNewline
		case c == '\'', c == '"':
			t[c] = cQuote
		case c >= 0x80:
			t[c] = cHigh
		}
	}
	return t
}()

// next reads one token or one comment. It returns false at the end of the source.
func (l *lexer) next() bool {
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; charClass[c] {
		case cSpace:
			l.pos++
		case cNewline:
			l.newline = true
			l.pos++
		case cIdent:
			l.ident()
		case cDigit:
			l.number()
		case cQuote:
			l.stringLiteral(c)
		case cHigh:
			if n, newline := spaceAt(l.src[l.pos:]); n > 0 {
				l.pos += n
				l.newline = l.newline || newline
				continue
			}
			l.ident()
		default:
			l.punctuator(c)
		}
		return true
	}
	return false
}

// spaceAt returns the length of the non-ASCII white space that b begins with, or 0
// (ECMA-262 §12.2 and §12.3). newline reports whether it ends a line.
func spaceAt(b []byte) (n int, newline bool) {
	switch b[0] {
	case 0xC2:
		if len(b) > 1 && b[1] == 0xA0 {
			return 2, false
		}
	case 0xE1, 0xE2, 0xE3, 0xEF:
		switch r, _ := utf8.DecodeRune(b); r {
		case 0x2028, 0x2029:
			return 3, true
		case 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007,
			0x2008, 0x2009, 0x200A, 0x202F, 0x205F, 0x3000, 0xFEFF:
			return 3, false
		}
	}
	return 0, false
}

// push appends a token that ends at l.pos.
func (l *lexer) push(kind tokenKind, start int, val uint32, flags uint8) {
	if l.newline {
		flags |= fNewline
		l.newline = false
	}
	if len(l.toks) == cap(l.toks) {
		l.grow()
	}
	l.toks = append(l.toks, token{
		start: uint32(start), end: uint32(l.pos), val: val, outer: l.cur, kind: kind, flags: flags,
	})
}

// grow makes room for the expected number of tokens, judging by the part that is
// read. Copying them often takes longer than reading them.
func (l *lexer) grow() {
	n := min(len(l.src)/8, 1<<13)
	if have := len(l.toks); have >= 1<<12 {
		density := 1.1 * float64(have) / float64(l.pos+1)
		n = min(int(density*float64(len(l.src)-l.pos)), 4*have)
		l.openers = slices.Grow(l.openers, n/4)
	}
	l.toks = slices.Grow(l.toks, n+64)
}

// last returns the previous token. Its kind is tEOF at the beginning.
func (l *lexer) last() token {
	if n := len(l.toks); n > 0 {
		return l.toks[n-1]
	}
	return token{}
}

// breakStatement handles a token that begins an operand on a new line after the end
// of an operand: a semicolon is inserted there (ECMA-262 §12.10).
func (l *lexer) breakStatement() {
	if !l.newline || l.operand {
		return
	}
	switch o := &l.openers[l.cur]; o.kind {
	case opFile, opBlock, opFunc, opClass:
		o.decl, o.ternary, o.pendingBody = 0, 0, false
		l.stmt = true
	}
}

// operandToken pushes a token that is an operand.
func (l *lexer) operandToken(kind tokenKind, start int, flags uint8) {
	l.breakStatement()
	l.push(kind, start, 0, flags)
	l.operand, l.stmt = false, false
}

// ident reads an identifier or keyword.
func (l *lexer) ident() {
	start := l.pos
	hash := uint32(2166136261)
	i := l.pos
	var flags uint8
	for i < len(l.src) {
		c := l.src[i]
		switch charClass[c] {
		case cIdent:
			if c == '\\' {
				flags |= fEscape
				if n := escapeLen(l.src[i:]); n > 0 {
					i += n
					continue
				}
			}
		case cDigit:
		case cHigh:
			if n, _ := spaceAt(l.src[i:]); n > 0 {
				goto done
			}
		default:
			goto done
		}
		hash = (hash ^ uint32(c)) * 16777619
		i++
	}
done:
	l.pos = i
	text := l.src[start:i]
	if flags&fEscape != 0 {
		text = []byte(decodeEscapes(text))
		hash = hashName(text)
	}
	l.word(start, l.names.intern(text, hash), flags)
}

// escapeLen returns the length of the \uXXXX or \u{…} that b begins with, or 0.
func escapeLen(b []byte) int {
	if len(b) < 3 || b[1] != 'u' {
		return 0
	}
	if b[2] != '{' {
		return min(6, len(b))
	}
	for i := 3; i < len(b) && i < 12; i++ {
		if b[i] == '}' {
			return i + 1
		}
	}
	return 0
}

// word pushes the identifier or keyword id.
func (l *lexer) word(start int, id uint32, flags uint8) {
	prev := l.last()
	if prev.kind == tDot || prev.kind == tOptDot {
		l.push(tIdent, start, id, flags)
		l.operand, l.stmt = false, false
		return
	}
	if !(id == idIn || id == idInstanceof || id == idOf || id == idAs || id == idSatisfies) {
		l.breakStatement()
	}
	class := kwNone
	if id < uint32(len(keywordClass)) && !l.isMemberName(prev) {
		class = keywordClass[id]
	}
	o := &l.openers[l.cur]
	if class == kwNone {
		l.name(start, id, flags, prev, o)
		return
	}
	l.keyword(start, id, flags, prev, o, class)
}

// isMemberName reports whether a word after prev is the name of a member of a class
// or an object literal. Keywords are names there.
func (l *lexer) isMemberName(prev token) bool {
	switch l.openers[l.cur].kind {
	case opObject:
		return prev.kind == tLBrace || prev.kind == tComma
	case opClass:
		return !l.operand || l.stmt
	}
	return false
}

// name pushes an identifier that is not a keyword.
func (l *lexer) name(start int, id uint32, flags uint8, prev token, o *opener) {
	if o.decl != 0 && (prev.kind == tComma || prev.keyword() == kwDecl) {
		flags |= o.decl
	}
	if id == idAsync {
		l.asyncOperand, l.asyncStmt = l.operand, l.stmt
	}
	if id == idOf && !l.operand && o.role == roleFor {
		o.decl = 0
		l.push(tIdent, start, id, flags|fKeyword)
		l.operand, l.stmt = true, false
		return
	}
	l.push(tIdent, start, id, flags)
	l.operand, l.stmt = false, false
}

// keyword pushes the keyword id of the given class.
func (l *lexer) keyword(start int, id uint32, flags uint8, prev token, o *opener, class kwClass) {
	flags |= fKeyword
	operand, stmt := l.operand, l.stmt
	if prev.kind == tIdent && prev.val == idAsync {
		operand, stmt = l.asyncOperand, l.asyncStmt
	}
	l.operand, l.stmt = true, false
	switch class {
	case kwBlock:
		l.stmt = true
	case kwDecl:
		if id != idVar {
			o.decl = fDeclLex
		} else {
			o.decl = fDeclVar
		}
	case kwFunction, kwClassWord:
		isExpr := operand && !stmt && !(prev.flags&fKeyword != 0 && (prev.val == idExport || prev.val == idDefault))
		pending := uint8(1)
		if isExpr {
			pending = 2
			flags |= fFuncExpr
		}
		if class == kwFunction {
			o.pendingFunc = pending
		} else {
			o.pendingClass = pending
		}
		l.operand = false
	case kwControl, kwValue:
		l.operand = false
	case kwPrefix:
		if id == idIn && o.role == roleFor {
			o.decl = 0
		}
	}
	l.push(tIdent, start, id, flags)
}

// number reads a numeric literal.
func (l *lexer) number() {
	start := l.pos
	if l.src[l.pos] == '0' && l.pos+1 < len(l.src) && bytes.IndexByte([]byte("xXbBoO"), l.src[l.pos+1]) >= 0 {
		l.skipIdent()
		l.operandToken(tNumber, start, 0)
		return
	}
	l.digits()
	if l.peek(0) == '.' {
		l.pos++
		l.digits()
	}
	if c := l.peek(0); c == 'e' || c == 'E' {
		n := 1
		if s := l.peek(1); s == '+' || s == '-' {
			n = 2
		}
		if charClass[l.peek(n)] == cDigit {
			l.pos += n
		}
	}
	l.skipIdent()
	l.operandToken(tNumber, start, 0)
}

// peek returns the byte n bytes ahead, or 0 at the end of the source.
func (l *lexer) peek(n int) byte {
	if l.pos+n < len(l.src) {
		return l.src[l.pos+n]
	}
	return 0
}

func (l *lexer) digits() {
	for l.pos < len(l.src) && (charClass[l.src[l.pos]] == cDigit || l.src[l.pos] == '_') {
		l.pos++
	}
}

// skipIdent skips ASCII letters and digits.
func (l *lexer) skipIdent() {
	for l.pos < len(l.src) {
		if c := charClass[l.src[l.pos]]; c != cIdent && c != cDigit || l.src[l.pos] == '\\' {
			return
		}
		l.pos++
	}
}

// stringLiteral reads a string. A string that is not closed ends with its line.
func (l *lexer) stringLiteral(quote byte) {
	start := l.pos
	var flags uint8
	i := l.pos + 1
	for i < len(l.src) {
		c := l.src[i]
		if c == quote {
			i++
			break
		}
		if c == '\\' {
			flags = fEscape
			i++
			if i+1 < len(l.src) && l.src[i] == '\r' && l.src[i+1] == '\n' {
				i++
			}
		} else if c == '\n' || c == '\r' {
			break
		}
		i++
	}
	l.pos = min(i, len(l.src))
	l.operandToken(tString, start, flags)
}

// template reads the characters of a template from l.pos to the closing backtick or
// the next substitution.
func (l *lexer) template(start int, first bool) {
	var flags uint8
	i := l.pos
	closed := true
	for ; i < len(l.src); i++ {
		c := l.src[i]
		if c == '\\' {
			flags = fEscape
			i++
			continue
		}
		if c == '\r' {
			flags = fEscape // its value is a line feed
		}
		if c == '`' {
			i++
			break
		}
		if c == '$' && i+1 < len(l.src) && l.src[i+1] == '{' {
			i += 2
			closed = false
			break
		}
	}
	l.pos = min(i, len(l.src))
	l.templateToken(start, first, closed, flags)
}

// templateToken pushes one part of a template.
func (l *lexer) templateToken(start int, first, closed bool, flags uint8) {
	switch {
	case first && closed:
		l.operandToken(tTemplate, start, flags)
	case first:
		l.breakStatement()
		head := uint32(len(l.toks))
		l.push(tTemplateHead, start, uint32(len(l.openers)), flags)
		l.open(opener{kind: opTemplate, head: head})
	default:
		o := l.cur
		l.shut(o)
		if closed {
			l.push(tTemplateTail, start, o, flags)
			l.operand, l.stmt = false, false
			return
		}
		head := l.openers[o].head
		l.push(tTemplateMiddle, start, uint32(len(l.openers)), flags)
		l.open(opener{kind: opTemplate, head: head})
	}
}

// open begins the opener o, whose bracket is the last token.
func (l *lexer) open(o opener) {
	o.open = uint32(len(l.toks) - 1)
	o.parent = l.cur
	id := uint32(len(l.openers))
	o.fn = l.openers[l.cur].fn
	if o.kind == opFunc {
		o.fn = id
	}
	switch o.kind {
	case opParen:
		l.parens++
	case opBracket:
		l.squares++
	default:
		l.braces++
	}
	l.openers = append(l.openers, o)
	l.cur = id
	l.operand = true
	l.stmt = o.kind == opBlock || o.kind == opFunc || o.kind == opClass
}

// shut ends the opener o, which must be the current one. The next token that is
// pushed is its closing bracket.
func (l *lexer) shut(o uint32) {
	l.openers[o].close = uint32(len(l.toks))
	switch l.openers[o].kind {
	case opParen:
		l.parens--
	case opBracket:
		l.squares--
	default:
		l.braces--
	}
	l.cur = l.openers[o].parent
}

// unwind ends the openers inside the one that a closing bracket of the given kind
// ends. It returns false if no opener matches.
func (l *lexer) unwind(kind tokenKind) bool {
	for {
		switch {
		case kind == tRParen && l.parens == 0, kind == tRBracket && l.squares == 0, kind == tRBrace && l.braces == 0:
			return false
		}
		switch k := l.openers[l.cur].kind; {
		case kind == tRParen && k == opParen, kind == tRBracket && k == opBracket,
			kind == tRBrace && k > opBracket:
			return true
		}
		l.shut(l.cur)
		l.steps++
	}
}

// punctuator reads a token or comment that begins with the byte c.
func (l *lexer) punctuator(c byte) {
	start := l.pos
	switch c {
	case '/':
		l.slash()
		return
	case '`':
		l.pos++
		l.template(start, true)
		return
	case '(':
		l.leftParen()
		return
	case '{':
		l.leftBrace()
		return
	case '[':
		l.leftBracket()
		return
	case ')', ']', '}':
		l.closer(c)
		return
	case '.':
		if charClass[l.peek(1)] == cDigit {
			l.number()
			return
		}
		if l.peek(1) == '.' && l.peek(2) == '.' {
			l.operator(tEllipsis, 3)
			return
		}
		l.operator(tDot, 1)
		return
	case '#':
		l.pos++
		l.skipIdentHigh()
		l.operandToken(tPrivate, start, 0)
		return
	}
	l.sign(c)
}

// skipIdentHigh skips letters, digits and bytes that are not ASCII.
func (l *lexer) skipIdentHigh() {
	for l.pos < len(l.src) && (charClass[l.src[l.pos]] == cIdent || charClass[l.src[l.pos]] == cDigit || l.src[l.pos] >= 0x80) {
		l.pos++
	}
}

// operator pushes a token of n bytes. An operand is expected after it.
func (l *lexer) operator(kind tokenKind, n int) {
	start := l.pos
	l.pos += n
	l.push(kind, start, 0, 0)
	l.operand, l.stmt = true, false
}

// sign reads the remaining punctuators.
func (l *lexer) sign(c byte) {
	next := l.peek(1)
	switch c {
	case ';':
		o := &l.openers[l.cur]
		o.decl, o.ternary, o.pendingBody, o.pendingFunc, o.pendingClass = 0, 0, false, 0, 0
		l.operator(tSemicolon, 1)
		l.stmt = true
	case ',':
		l.openers[l.cur].pendingBody = false
		l.operator(tComma, 1)
	case ':':
		l.colon()
	case '?':
		l.question(next)
	case '=':
		l.equals(next)
	case '!':
		l.bang(next)
	case '+', '-':
		l.plusMinus(c, next)
	case '<':
		if bytes.HasPrefix(l.src[l.pos:], []byte("<!--")) {
			l.lineComment()
			return
		}
		l.operatorAssign(tOther, l.run('<', 2))
	case '>':
		l.operatorAssign(tOther, l.run('>', 3))
	case '*':
		n := l.run('*', 2)
		kind := tOther
		if n == 1 {
			kind = tStar
		}
		l.operatorAssign(kind, n)
	case '&', '|':
		l.logical(c)
	case '%', '^':
		l.operatorAssign(tOther, 1)
	default:
		l.operator(tOther, 1)
	}
}

func (l *lexer) equals(next byte) {
	switch next {
	case '>':
		l.arrow()
	case '=':
		l.operator(tEquality, l.run('=', 3))
	default:
		l.operator(tAssign, 1)
	}
}

func (l *lexer) bang(next byte) {
	switch {
	case next == '=':
		l.operator(tEquality, 1+l.runAt(1, '=', 2))
	case l.operand:
		l.operator(tBang, 1)
	default: // the ! of TypeScript's x! ends an operand
		l.pos++
		l.push(tBang, l.pos-1, 0, 0)
	}
}

func (l *lexer) logical(c byte) {
	if l.run(c, 2) == 1 {
		l.operatorAssign(tOther, 1)
		return
	}
	kind, assign := tAnd, tOpAssign
	if c == '|' {
		kind, assign = tOr, tOrAssign
	}
	if l.peek(2) == '=' {
		l.operator(assign, 3)
		return
	}
	l.operator(kind, 2)
}

// runAt is run for the position at bytes ahead.
func (l *lexer) runAt(at int, c byte, limit int) int {
	n := 0
	for n < limit && l.peek(at+n) == c {
		n++
	}
	return n
}

// operatorAssign pushes an operator of n bytes, or the assignment operator that it
// forms with a following =.
func (l *lexer) operatorAssign(kind tokenKind, n int) {
	if l.peek(n) == '=' {
		l.operator(tOpAssign, n+1)
		return
	}
	l.operator(kind, n)
}

func (l *lexer) plusMinus(c, next byte) {
	if next == c {
		if c == '-' && l.newline && l.peek(2) == '>' {
			l.lineComment()
			return
		}
		operand := l.operand || l.newline // prefix operators expect an operand, postfix operators do not
		l.breakStatement()
		l.operator(tIncDec, 2)
		l.operand = operand
		return
	}
	kind := tOther
	if c == '+' {
		kind = tPlus
	}
	l.operatorAssign(kind, 1)
}

func (l *lexer) colon() {
	o := &l.openers[l.cur]
	l.colonTernary = o.ternary > 0
	stmt := false
	if o.ternary > 0 {
		o.ternary--
	} else if o.decl == 0 {
		// A statement begins after a label or a case.
		stmt = o.kind == opFile || o.kind == opBlock || o.kind == opFunc && !o.pendingBody
	}
	if l.last().kind == tRParen && o.lastParen != 0 {
		q := &l.openers[o.lastParen]
		if q.role == roleParams || o.kind == opClass || o.kind == opObject {
			o.pendingBody, stmt = true, false
		}
	}
	l.operator(tColon, 1)
	l.stmt = stmt
}

func (l *lexer) question(next byte) {
	switch {
	case next == '.' && charClass[l.peek(2)] != cDigit:
		l.operator(tOptDot, 2)
	case next == '?' && l.peek(2) == '=':
		l.operator(tOrAssign, 3)
	case next == '?':
		l.operator(tNullish, 2)
	default:
		// Not an optional member or parameter of TypeScript: a?: T
		if next != ':' && next != ')' && next != ',' && next != ';' {
			l.openers[l.cur].ternary++
		}
		l.operator(tQuestion, 1)
	}
}

func (l *lexer) arrow() {
	o := &l.openers[l.cur]
	n := len(l.toks)
	prev := l.last()
	switch {
	case prev.kind == tRParen:
		l.markParams(prev.val)
	case prev.kind == tIdent && (n < 3 || l.colonTernary || l.toks[n-2].kind != tColon || l.toks[n-3].kind != tRParen):
		l.toks[n-1].flags |= fParam
	default:
		// A return type is between: (a): T => …
		if q := o.lastParen; q != 0 {
			if c := l.openers[q].close; int(c)+1 < n && l.toks[c+1].kind == tColon {
				l.markParams(q)
			}
		}
	}
	o.pendingBody = false
	l.operator(tArrow, 2)
}

func (l *lexer) markParams(q uint32) {
	l.openers[q].role = roleParams
	l.openers[q].arrow = uint32(len(l.toks))
}

func (l *lexer) leftParen() {
	prev := l.last()
	o := &l.openers[l.cur]
	role := roleNone
	switch {
	case o.pendingFunc != 0:
		role = roleParams
	case prev.kind == tIdent && prev.flags&fKeyword != 0:
		switch {
		case prev.val == idFor, prev.val == idAwait && len(l.toks) > 1 && l.toks[len(l.toks)-2].val == idFor:
			role = roleFor
		case prev.val == idCatch:
			role = roleCatch
		case prev.keyword() == kwControl:
			role = roleControl
		}
	}
	exprEnd := o.pendingFunc == 2
	o.pendingFunc = 0
	start := l.pos
	l.pos++
	l.push(tLParen, start, uint32(len(l.openers)), 0)
	l.open(opener{kind: opParen, role: role, exprEnd: exprEnd})
}

func (l *lexer) leftBracket() {
	flags := l.patternDecl()
	start := l.pos
	l.pos++
	l.push(tLBracket, start, uint32(len(l.openers)), flags)
	l.open(opener{kind: opBracket})
}

// patternDecl returns how the names of a pattern that begins here are declared:
// fDeclVar, fDeclLex or 0.
func (l *lexer) patternDecl() uint8 {
	prev := l.last()
	if d := l.openers[l.cur].decl; d != 0 &&
		(prev.kind == tComma || prev.keyword() == kwDecl) {
		return d
	}
	return 0
}

func (l *lexer) leftBrace() {
	flags := l.patternDecl()
	o := l.braceOpener(l.last())
	start := l.pos
	l.pos++
	id := uint32(len(l.openers))
	l.push(tLBrace, start, id, flags)
	if o.link != 0 {
		l.openers[o.link].link = id
		l.openers[o.link].role = roleParams
	}
	l.open(o)
}

// braceOpener returns the opener for a brace after prev.
func (l *lexer) braceOpener(prev token) opener {
	e := &l.openers[l.cur]
	inMembers := e.kind == opClass || e.kind == opObject
	switch {
	case e.pendingClass != 0 && prev.kind != tOpAssign:
		exprEnd := e.pendingClass == 2
		e.pendingClass = 0
		return opener{kind: opClass, exprEnd: exprEnd}
	case prev.kind == tRParen:
		q := &l.openers[prev.val]
		if q.role == roleParams || inMembers && q.role == roleNone {
			return opener{kind: opFunc, link: prev.val, exprEnd: q.exprEnd}
		}
		return opener{kind: opBlock}
	case prev.kind == tArrow:
		o := opener{kind: opFunc, exprEnd: true}
		if q := e.lastParen; q != 0 && int(l.openers[q].arrow) == len(l.toks)-1 {
			o.link = q
		}
		return o
	case e.pendingBody && e.lastParen != 0 && (!l.operand || prev.kind == tOther):
		e.pendingBody = false
		return opener{kind: opFunc, link: e.lastParen, exprEnd: l.openers[e.lastParen].exprEnd}
	case prev.kind == tColon:
		if l.colonTernary || !l.stmt {
			return opener{kind: opObject, exprEnd: true}
		}
		return opener{kind: opBlock}
	case prev.flags&fKeyword != 0 && (prev.val == idImport || prev.val == idExport):
		return opener{kind: opModule, exprEnd: true}
	case prev.kind == tIdent && prev.val == idStatic && e.kind == opClass:
		return opener{kind: opFunc}
	case l.stmt, !l.operand:
		return opener{kind: opBlock}
	}
	return opener{kind: opObject, exprEnd: true}
}

// closer reads the closing bracket c.
func (l *lexer) closer(c byte) {
	kind := tRParen
	switch c {
	case ']':
		kind = tRBracket
	case '}':
		kind = tRBrace
	}
	start := l.pos
	l.pos++
	if !l.unwind(kind) {
		l.push(tOther, start, 0, 0)
		l.operand, l.stmt = c == '}', c == '}'
		return
	}
	id := l.cur
	if l.openers[id].kind == opTemplate {
		l.template(start, false)
		return
	}
	l.shut(id)
	l.push(kind, start, id, 0)
	o, e := &l.openers[id], &l.openers[l.cur]
	switch kind {
	case tRParen:
		e.lastParen = id
		l.operand = o.role == roleControl || o.role == roleFor
		l.stmt = l.operand
	case tRBracket:
		l.operand, l.stmt = false, false
	default:
		l.operand, l.stmt = !o.exprEnd, !o.exprEnd
		if l.stmt {
			e.decl, e.ternary, e.pendingBody = 0, 0, false
		}
	}
}

// slash reads a comment, a regular expression or a division.
func (l *lexer) slash() {
	start := l.pos
	switch l.peek(1) {
	case '/':
		l.lineComment()
		return
	case '*':
		n := bytes.Index(l.src[l.pos+2:], []byte("*/"))
		end := len(l.src)
		if n >= 0 {
			end = l.pos + 2 + n + 2
		}
		if hasNewline(l.src[l.pos:end]) {
			l.newline = true
		}
		l.pos = end
		return
	}
	if l.operand || l.afterArrowBody() {
		if l.regex() {
			l.operandToken(tRegex, start, 0)
			return
		}
	}
	l.operatorAssign(tOther, 1)
}

// afterArrowBody reports whether the previous token ends the body of an arrow
// function. No operator can follow it.
func (l *lexer) afterArrowBody() bool {
	prev := l.last()
	if prev.kind != tRBrace {
		return false
	}
	open := l.openers[prev.val].open
	return open > 0 && l.toks[open-1].kind == tArrow
}

// regex skips a regular expression literal (ECMA-262 §12.9.5). It returns false if
// the literal does not end on its line, so the slash is a division. After
// maxRegexRetries of those, the rest of the line is one token.
func (l *lexer) regex() bool {
	inClass := false
	for i := l.pos + 1; ; i++ {
		if i >= len(l.src) || l.src[i] == '\n' || l.src[i] == '\r' {
			l.steps += i - l.pos
			if l.regexRetries++; l.regexRetries <= maxRegexRetries {
				return false
			}
			l.pos = min(i, len(l.src))
			return true
		}
		switch l.src[i] {
		case '\\':
			if i+1 < len(l.src) && l.src[i+1] != '\n' && l.src[i+1] != '\r' {
				i++
			}
		case '[':
			inClass = true
		case ']':
			inClass = false
		case '/':
			if !inClass {
				l.pos = i + 1
				l.skipIdentHigh()
				return true
			}
		}
	}
}

// lineComment skips the rest of the line.
func (l *lexer) lineComment() {
	for ; l.pos < len(l.src); l.pos++ {
		switch l.src[l.pos] {
		case '\n', '\r':
			return
		case 0xE2:
			if _, newline := spaceAt(l.src[l.pos:]); newline {
				return
			}
		}
	}
}

func hasNewline(b []byte) bool {
	return bytes.IndexByte(b, '\n') >= 0 || bytes.IndexByte(b, '\r') >= 0 ||
		bytes.Contains(b, []byte("\u2028")) || bytes.Contains(b, []byte("\u2029"))
}

// run returns how often c is repeated at l.pos, at most limit.
func (l *lexer) run(c byte, limit int) int { return l.runAt(0, c, limit) }
