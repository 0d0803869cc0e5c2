package graph

import (
	"slices"
	"strings"
)

// A small reader of expressions: what strings can this one be, or does it lead
// to modules?

type chainMemo struct {
	value value
	next  int
	state uint8 // 1: in evaluation
}

// deepest bounds the recursion.
const deepest = 60

// stringAt is the value of the string or template that token i is.
func (s *scanner) stringAt(i int) string {
	t := s.toks[i]
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

// expr evaluates the expression of tokens [i,end), which lie at one level.
func (s *scanner) expr(i, end, depth int) value {
	if depth > deepest || i >= end || !s.burn() {
		return unknown
	}
	question, logical := -1, false
	n := 0
	for j := i; j < end; j = s.skip(j) {
		if n++; n > longest || !s.burn() {
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
				return s.assigned(i, j, end, depth)
			}
		case tIdent:
			if j > i && (t.val == idAs || t.val == idSatisfies) && s.endsOperand(j-1) {
				end = j
			}
		}
	}
	if question >= 0 {
		return s.ternary(i, question, end, depth)
	}
	if logical {
		return s.logicalExpr(i, end, depth)
	}
	v, next := s.sum(i, depth)
	if next != end {
		return unknown
	}
	return v
}

// assigned is the value of an assignment: that of its right side.
func (s *scanner) assigned(i, op, end, depth int) value {
	if s.toks[op].kind == tAssign && op > i {
		return s.expr(op+1, end, depth+1)
	}
	return unknown
}

// ternary is both sides of a condition, or the one that Node takes.
func (s *scanner) ternary(i, question, end, depth int) value {
	open := 0
	colon := -1
	for j := question + 1; j < end && s.burn(); j = s.skip(j) {
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
	yes := s.expr(question+1, colon, depth+1)
	no := s.expr(colon+1, end, depth+1)
	switch s.browserTest(i, question) {
	case 1:
		return no
	case -1:
		return yes
	}
	return either(yes, no)
}

// browserTest recognises typeof document === "undefined" and its like, which
// bundlers write before what only a browser does: 1 if it is true in a browser
// only, -1 if in Node only, 0 if it is something else.
func (s *scanner) browserTest(i, end int) int {
	if end-i != 4 || !s.is(i, idTypeof) || s.at(i+2).kind != tEquality || s.at(i+3).kind != tString ||
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

// logicalExpr is a || b, a ?? b (either) and a && b (the last).
func (s *scanner) logicalExpr(i, end, depth int) value {
	var out value
	first := true
	for start, j := i, i; j <= end; j = s.skip(j) {
		kind := tEOF
		if j < end {
			kind = s.toks[j].kind
		}
		if kind == tOr || kind == tNullish || kind == tAnd || j == end {
			v := s.operand(start, j, depth)
			if first || kind == tAnd {
				out, first = v, false
			} else {
				out = either(out, v)
			}
			if kind == tAnd {
				first = true
			}
			start = j + 1
		}
		if j == end || !s.burn() {
			break
		}
	}
	return out
}

// operand evaluates tokens [i,end), in which no ?, || or && stands.
func (s *scanner) operand(i, end, depth int) value {
	v, next := s.sum(i, depth+1)
	if next != end {
		return unknown
	}
	return v
}

// sum evaluates operands with + between them.
func (s *scanner) sum(i, depth int) (value, int) {
	v, next := s.chain(i, depth+1)
	for n := 0; s.at(next).kind == tPlus && n < longest && s.burn(); n++ {
		var w value
		w, next = s.chain(next+1, depth+1)
		v = combine(v, w, concat)
	}
	return v, next
}

// chain evaluates an operand with the members and calls after it, and returns
// the token behind. It reports the calls it meets that ask for modules.
func (s *scanner) chain(i, depth int) (value, int) {
	if m, ok := s.chains[i]; ok {
		if m.state == 1 {
			return unknown, s.skip(i)
		}
		return m.value, m.next
	}
	if depth > deepest || !s.burn() {
		return unknown, s.skip(i)
	}
	s.chains[i] = chainMemo{state: 1}
	v, next := s.primary(i, depth+1)
	v, next = s.postfix(i, next, v, depth+1)
	s.chains[i] = chainMemo{value: v, next: next}
	return v, next
}

func (s *scanner) postfix(i, next int, v value, depth int) (value, int) {
	for s.burn() {
		switch s.at(next).kind {
		case tDot, tOptDot:
			switch t := s.at(next + 1); {
			case t.kind == tIdent:
				v = s.member(v, string(s.names.texts[t.val]))
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
			key := s.expr(next+1, s.partner(next), depth)
			if key.isConst() && len(key.vals) == 1 && key.vals[0].base == baseNone {
				v = s.member(v, key.vals[0].text)
				v.origin.direct = false
			} else {
				v = unknown
			}
			next = end
		case tLParen:
			v = s.call(v, i, next, depth)
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

// primary evaluates an operand without what comes after it.
func (s *scanner) primary(i, depth int) (value, int) {
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
		return s.templateValue(i, depth), s.skip(i)
	case tOther:
		if j := s.typeAssertion(i); j > 0 {
			return s.chain(j, depth+1)
		}
	case tLParen:
		return s.group(i, depth), s.skip(i)
	case tIdent:
		return s.word(i, depth)
	}
	return unknown, s.skip(i)
}

// group evaluates (a, b): b.
func (s *scanner) group(i, depth int) value {
	if require := s.shimAt[i]; require > 0 {
		v := s.variable(require, depth+1)
		v.origin.direct = false
		if v.thing == thRequire {
			v.thing = thReqBind // calling it gives the function
		}
		return v
	}
	end := s.partner(i)
	start, n := i+1, 0
	for j := start; j < end; j = s.skip(j) {
		if n++; n > longest || !s.burn() {
			return unknown
		}
		if s.toks[j].kind == tComma {
			start = j + 1
		}
	}
	v := s.expr(start, end, depth+1)
	if start > i+1 {
		v.origin.direct = false
	}
	return v
}

func (s *scanner) templateValue(head, depth int) value {
	v := constants(constant{text: s.stringAt(head)})
	for j := head; s.burn(); {
		end := int(s.openers[s.toks[j].val].close)
		v = combine(v, s.expr(j+1, end, depth+1), concat)
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

// word evaluates a name or a keyword operator.
func (s *scanner) word(i, depth int) (value, int) {
	t := s.toks[i]
	if t.flags&fKeyword == 0 {
		return s.variable(i, depth), i + 1
	}
	switch t.val {
	case idAwait:
		return s.chain(i+1, depth+1)
	case idNew:
		return s.construct(i, depth)
	case idImport:
		return s.importWord(i, depth)
	}
	return unknown, i + 1
}

func (s *scanner) importWord(i, depth int) (value, int) {
	switch {
	case s.at(i+1).kind == tLParen:
		return s.dynamicImport(i, depth), s.skip(i + 1)
	case s.at(i+1).kind == tDot && s.is(i+2, idMeta):
		return value{thing: thImportMeta, open: true}, i + 3
	}
	return unknown, i + 1
}

// construct evaluates new X(…); members and calls after it are the chain's.
func (s *scanner) construct(i, depth int) (value, int) {
	j := i + 1
	if s.is(j, idNew) && s.toks[j].flags&fKeyword != 0 || s.at(j).kind == tEOF || s.at(j).kind == tDot {
		return unknown, j
	}
	v, next := s.primary(j, depth+1)
	for s.burn() && (s.at(next).kind == tDot || s.at(next).kind == tOptDot) && s.at(next+1).kind == tIdent {
		v = s.member(v, string(s.names.texts[s.toks[next+1].val]))
		next += 2
	}
	if s.at(next).kind != tLParen {
		return unknown, next
	}
	return s.newCall(v, i, next, depth+1), s.skip(next)
}

// variable is the value of the name at token i.
func (s *scanner) variable(i, depth int) value {
	b := s.bindingAt(i)
	if b == nil {
		return unknown
	}
	id := s.toks[i].val
	if b.from == 0 && len(b.declared) == 0 {
		if v := s.global(id); v.thing != thNone || len(v.vals) > 0 {
			return v
		}
	}
	v := s.bindingValue(b, depth+1)
	v.origin.direct = false
	if v.thing == thNone && len(v.vals) == 0 {
		if t := guess(id); t != thNone && !b.opaque {
			return value{thing: t, soft: true, open: true}
		}
	}
	return v
}

func (s *scanner) bindingValue(b *binding, depth int) value {
	if b.state == 1 || depth > deepest {
		return unknown
	}
	if b.state == 2 {
		return b.value
	}
	b.state = 1
	v := unknown
	for n, d := range b.defs {
		w := s.definitionValue(d, depth)
		if n == 0 {
			v = w
		} else {
			v = either(v, w)
		}
	}
	if b.opaque {
		v.open = true
		if v.thing == thRequire {
			v.origin.unknown = true
		}
	}
	b.state, b.value = 2, v
	return v
}

func (s *scanner) definitionValue(d definition, depth int) value {
	if d.module != "" {
		v := s.builtin(d.module)
		if d.member == "" || d.member == "default" || v.thing == thNone {
			return v
		}
		return s.member(v, d.member)
	}
	v := s.expr(d.init, s.exprEnd(d.init), depth)
	if d.isKey {
		return s.member(v, d.key)
	}
	return v
}

// global is the value of a name that the file does not declare.
func (s *scanner) global(id uint32) value {
	switch id {
	case idRequire, idNonWebpackRequire:
		return value{thing: thRequire, origin: origin{froms: []string{""}, native: true, direct: id == idRequire}}
	case idModule:
		return value{thing: thModuleObject, open: true}
	case idProcess:
		return value{thing: thNSProcess, open: true}
	case idGlobal, idGlobalThis:
		return value{thing: thGlobal, open: true}
	case idEval:
		return value{thing: thEval, open: true}
	case idDirnameVar:
		return constants(constant{base: baseDir})
	case idFilenameVar:
		return constants(constant{base: baseFile})
	case idURL:
		return value{thing: thURL, open: true}
	case idString, idDecodeURI, idDecodeURIComponent:
		return value{thing: thIdentity, open: true}
	case idPath:
		return value{thing: thNSPath, open: true}
	}
	return unknown
}

// guess is what a name stands for by convention, where nothing is known of it.
func guess(id uint32) thing {
	switch id {
	case idCreateRequire, idCreateRequireFromPath:
		return thCreateRequire
	case idWorker:
		return thWorker
	case idJoin:
		return thJoin
	case idResolve:
		return thResolve
	case idNormalize:
		return thNormalize
	case idDirname:
		return thDirname
	case idFileURLToPath:
		return thFileURLToPath
	case idPathToFileURL:
		return thPathToFileURL
	}
	return thNone
}

// builtin is the namespace of one of Node's own modules.
func (s *scanner) builtin(specifier string) value {
	t := thNone
	switch strings.TrimPrefix(specifier, "node:") {
	case "module":
		t = thNSModule
	case "worker_threads":
		t = thNSWorker
	case "child_process":
		t = thNSChild
	case "cluster":
		t = thNSCluster
	case "path", "path/posix", "path/win32":
		t = thNSPath
	case "url":
		t = thNSURL
	case "process":
		t = thNSProcess
	}
	return value{thing: t, open: true}
}

// member is v.name.
func (s *scanner) member(v value, name string) value {
	if len(v.vals)+len(v.globs) > 0 && v.thing == thNone {
		switch name {
		case "href":
			return v
		case "pathname":
			return v.each(urlToPath)
		case "toString", "toJSON", "valueOf", "normalize", "trim":
			out := v
			out.thing = thConstant
			return out
		}
		return unknown
	}
	if t := v.thing; t.namespace() {
		return builtinMember(v, name)
	}
	switch v.thing {
	case thRequire:
		return requireMember(v, name)
	case thModuleObject, thRequireMain, thParent:
		return moduleMember(v.thing, name)
	case thGlobal:
		return s.global(globalID(name))
	case thImportMeta:
		return metaMember(name)
	case thCreateRequire, thWorker, thFork, thDlopen, thLoad:
		return unknown
	}
	return s.guessMember(name)
}

func globalID(name string) uint32 {
	switch name {
	case "process":
		return idProcess
	case "URL":
		return idURL
	case "eval":
		return idEval
	case "globalThis", "global":
		return idGlobal
	}
	return numPresetNames
}

func metaMember(name string) value {
	switch name {
	case "url":
		return constants(constant{base: baseFile, url: true})
	case "dirname":
		return constants(constant{base: baseDir})
	case "filename":
		return constants(constant{base: baseFile})
	case "resolve":
		return value{thing: thMetaResolve, open: true}
	}
	return unknown
}

func requireMember(v value, name string) value {
	switch name {
	case "resolve":
		if v.origin.resolve {
			return unknown
		}
		v.origin.resolve = true
		return v
	case "call":
		v.thing, v.origin.direct = thReqCall, false
		return v
	case "apply":
		v.thing, v.origin.direct = thReqApply, false
		return v
	case "bind":
		v.thing, v.origin.direct = thReqBind, false
		return v
	case "main":
		return value{thing: thRequireMain, open: true}
	}
	return unknown
}

func moduleMember(of thing, name string) value {
	switch name {
	case "require":
		o := origin{froms: []string{""}}
		switch of {
		case thRequireMain:
			o.main = true
		case thParent:
			o.unknown, o.ask = true, true
		}
		return value{thing: thRequire, origin: o}
	case "parent":
		return value{thing: thParent, open: true}
	case "constructor":
		return value{thing: thNSModule, open: true}
	}
	return unknown
}

// builtinMembers are the members of Node's own modules that lead to others.
var builtinMembers = map[thing]map[string]thing{
	thNSModule: {
		"createRequire": thCreateRequire, "createRequireFromPath": thCreateRequire,
		"_load": thLoad, "register": thRegister, "Module": thNSModule,
	},
	thNSWorker:  {"Worker": thWorker},
	thNSChild:   {"fork": thFork},
	thNSCluster: {"setupPrimary": thSetup, "setupMaster": thSetup},
	thNSProcess: {"dlopen": thDlopen, "getBuiltinModule": thGetBuiltin, "mainModule": thRequireMain},
	thNSURL:     {"fileURLToPath": thFileURLToPath, "pathToFileURL": thPathToFileURL, "URL": thURL},
}

func builtinMember(v value, name string) value {
	switch {
	case name == "default":
		return v
	case v.thing == thNSPath:
		return pathMember(name)
	}
	return value{thing: builtinMembers[v.thing][name], open: true}
}

func pathMember(name string) value {
	t := thNone
	switch name {
	case "join":
		t = thJoin
	case "resolve":
		t = thResolve
	case "normalize", "toNamespacedPath":
		t = thNormalize
	case "dirname":
		t = thDirname
	case "posix", "win32":
		t = thNSPath
	case "sep":
		return constants(constant{text: "/"})
	}
	return value{thing: t, open: true}
}

// guessMember is the member of an object of which nothing is known.
func (s *scanner) guessMember(name string) value {
	t := thNone
	switch name {
	case "createRequire":
		t = thCreateRequire
	case "getBuiltinModule":
		t = thGetBuiltin
	case "fileURLToPath":
		t = thFileURLToPath
	case "pathToFileURL":
		t = thPathToFileURL
	case "join":
		t = thJoin
	case "resolve":
		t = thResolve
	case "normalize":
		t = thNormalize
	case "dirname":
		t = thDirname
	case "Worker":
		t = thWorker
	case "URL":
		t = thURL
	case "setupPrimary", "setupMaster":
		t = thSetup
	case "dlopen":
		t = thDlopen
	case "fork":
		if s.childProc {
			t = thFork
		}
	}
	return value{thing: t, soft: true, open: true}
}

// A span is an argument: tokens [start,end).
type span struct{ start, end int }

// maxArgs is how many arguments of a call are looked at.
const maxArgs = 32

// args splits the arguments of the call whose parenthesis is token lp.
func (s *scanner) args(lp int) []span {
	end := s.partner(lp)
	var out []span
	start := lp + 1
	for j := start; j < end && len(out) < maxArgs && s.burn(); j = s.skip(j) {
		if s.toks[j].kind == tComma {
			out = append(out, span{start, j})
			start = j + 1
		}
	}
	if start < end && len(out) < maxArgs {
		out = append(out, span{start, end})
	}
	return out
}

// arg evaluates argument n.
func (s *scanner) arg(args []span, n, depth int) value {
	if n >= len(args) || slices.ContainsFunc(args[:n+1], func(a span) bool { return s.at(a.start).kind == tEllipsis }) {
		return unknown
	}
	return s.expr(args[n].start, args[n].end, depth+1)
}

// pathCall evaluates a call of a function of node:path or node:url.
func (s *scanner) pathCall(v value, args []span, depth int) value {
	if len(args) == 0 {
		return unknown
	}
	out := s.arg(args, 0, depth)
	if v.soft && !out.hasBase() {
		return unknown
	}
	switch v.thing {
	case thJoin:
		out = s.joined(out, args, depth, joinPaths)
	case thResolve:
		out = s.joined(out, args, depth, resolvePaths).each(func(c constant) (constant, bool) {
			return c, c.base != baseNone || strings.HasPrefix(c.text, "/")
		})
	case thNormalize:
		out = out.each(func(c constant) (constant, bool) { return under(c, ".") })
	case thDirname:
		out = out.each(dirOf)
	case thFileURLToPath:
		out = out.each(urlToPath)
	case thPathToFileURL:
		out = out.each(pathToURL)
	}
	return out
}

// joined evaluates path.join and path.resolve, of which out is the first argument.
func (s *scanner) joined(out value, args []span, depth int, op func(a, b constant) (constant, bool)) value {
	out = out.each(func(c constant) (constant, bool) {
		if c.url {
			return c, false
		}
		if c.base == baseNone {
			return c, true
		}
		return op(c, constant{text: "."})
	})
	for n := 1; n < len(args); n++ {
		out = combine(out, s.arg(args, n, depth), op)
	}
	return out
}

// pathToURL is pathToFileURL. What is a specifier stays one.
func pathToURL(c constant) (constant, bool) {
	switch {
	case c.base == baseSpec:
	case c.url || c.base == baseNone && !strings.HasPrefix(c.text, "/"):
		return c, false
	case c.base == baseNone:
		c.text = "file://" + c.text
	}
	c.url = true
	return c, true
}
