package jsscan

import (
	"slices"
	"strings"
)

// A small reader of expressions: what strings can this one be, or does it lead
// to modules?

type chainResult struct {
	value value
	next  int
	state uint8 // 1: in evaluation
}

// deepest bounds the recursion.
const maxDepth = 60

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

// assigned is the value of an assignment: that of its right side.
func (s *scanner) evalAssignment(i, op, end, depth int) value {
	if s.toks[op].kind == tAssign && op > i {
		return s.evalExpr(op+1, end, depth+1)
	}
	return unknown
}

// ternary is both sides of a condition, or the one that Node takes.
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
		return no
	case -1:
		return yes
	}
	return union(yes, no)
}

// browserTest recognises typeof document === "undefined" and its like, which
// bundlers write before what only a browser does: 1 if it is true in a browser
// only, -1 if in Node only, 0 if it is something else.
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

// logicalExpr is a || b, a ?? b (either) and a && b (the last).
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
	return out
}

// operand evaluates tokens [i,end), in which no ?, || or && stands.
func (s *scanner) evalOperand(i, end, depth int) value {
	v, next := s.evalSum(i, depth+1)
	if next != end {
		return unknown
	}
	return v
}

// sum evaluates operands with + between them.
func (s *scanner) evalSum(i, depth int) (value, int) {
	v, next := s.evalChain(i, depth+1)
	for n := 0; s.at(next).kind == tPlus && n < maxLength && s.spend(); n++ {
		var w value
		w, next = s.evalChain(next+1, depth+1)
		v = combine(v, w, concat)
	}
	return v, next
}

// chain evaluates an operand with the members and calls after it, and returns
// the token behind. It reports the calls it meets that ask for modules.
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
				v = unknown
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

// primary evaluates an operand without what comes after it.
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

// group evaluates (a, b): b.
func (s *scanner) evalGroup(i, depth int) value {
	if require := s.shimAt[i]; require > 0 {
		v := s.evalVariable(require, depth+1)
		v.origin.direct = false
		if v.entity == entRequire {
			v.entity = entRequireBind // calling it gives the function
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

// word evaluates a name or a keyword operator.
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

func (s *scanner) evalImport(i, depth int) (value, int) {
	switch {
	case s.at(i+1).kind == tLParen:
		return s.evalDynamicImport(i, depth), s.skip(i + 1)
	case s.at(i+1).kind == tDot && s.isWord(i+2, idMeta):
		return value{entity: entImportMeta, incomplete: true}, i + 3
	}
	return unknown, i + 1
}

// construct evaluates new X(…); members and calls after it are the chain's.
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

// variable is the value of the name at token i.
func (s *scanner) evalVariable(i, depth int) value {
	b := s.bindingAt(i)
	if b == nil {
		return unknown
	}
	id := s.toks[i].val
	if b.from == 0 && len(b.declared) == 0 {
		if v := s.globalValue(id); v.entity != entNone || len(v.constants) > 0 {
			return v
		}
	}
	v := s.evalBinding(b, depth+1)
	v.origin.direct = false
	if v.entity == entNone && len(v.constants) == 0 {
		if t := guessByName(id); t != entNone && !b.opaque {
			return value{entity: t, guessed: true, incomplete: true}
		}
	}
	return v
}

func (s *scanner) evalBinding(b *binding, depth int) value {
	if b.state == 1 || depth > maxDepth {
		return unknown
	}
	if b.state == 2 {
		return b.value
	}
	b.state = 1
	v := unknown
	for n, d := range b.definitions {
		w := s.evalDefinition(d, depth)
		if n == 0 {
			v = w
		} else {
			v = union(v, w)
		}
	}
	if b.opaque {
		v.incomplete = true
		if v.entity == entRequire {
			v.origin.incomplete = true
		}
	}
	b.state, b.value = 2, v
	return v
}

func (s *scanner) evalDefinition(d definition, depth int) value {
	if d.module != "" {
		v := s.builtinNamespace(d.module)
		if d.member == "" || d.member == "default" || v.entity == entNone {
			return v
		}
		return s.evalMember(v, d.member)
	}
	v := s.evalExpr(d.init, s.exprEnd(d.init), depth)
	if d.isKey {
		return s.evalMember(v, d.key)
	}
	return v
}

// global is the value of a name that the file does not declare.
func (s *scanner) globalValue(id uint32) value {
	switch id {
	case idRequire, idNonWebpackRequire:
		return value{entity: entRequire, origin: origin{dirs: []string{""}, own: true, direct: id == idRequire}}
	case idModule:
		return value{entity: entModule, incomplete: true}
	case idProcess:
		return value{entity: entNodeProcess, incomplete: true}
	case idGlobal, idGlobalThis:
		return value{entity: entGlobalThis, incomplete: true}
	case idEval:
		return value{entity: entEval, incomplete: true}
	case idDirnameVar:
		return constants(constant{base: baseDir})
	case idFilenameVar:
		return constants(constant{base: baseFile})
	case idURL:
		return value{entity: entURL, incomplete: true}
	case idString, idDecodeURI, idDecodeURIComponent:
		return value{entity: entIdentity, incomplete: true}
	case idPath:
		return value{entity: entNodePath, incomplete: true}
	}
	return unknown
}

// guess is what a name stands for by convention, where nothing is known of it.
func guessByName(id uint32) entity {
	switch id {
	case idCreateRequire, idCreateRequireFromPath:
		return entCreateRequire
	case idWorker:
		return entWorker
	case idJoin:
		return entPathJoin
	case idResolve:
		return entPathResolve
	case idNormalize:
		return entPathNormalize
	case idDirname:
		return entPathDirname
	case idFileURLToPath:
		return entFileURLToPath
	case idPathToFileURL:
		return entPathToFileURL
	}
	return entNone
}

// builtin is the namespace of one of Node's own modules.
func (s *scanner) builtinNamespace(specifier string) value {
	t := entNone
	switch strings.TrimPrefix(specifier, "node:") {
	case "module":
		t = entNodeModule
	case "worker_threads":
		t = entNodeWorkerThreads
	case "child_process":
		t = entNodeChildProcess
	case "cluster":
		t = entNodeCluster
	case "path", "path/posix", "path/win32":
		t = entNodePath
	case "url":
		t = entNodeURL
	case "process":
		t = entNodeProcess
	}
	return value{entity: t, incomplete: true}
}

// member is v.name.
func (s *scanner) evalMember(v value, name string) value {
	if len(v.constants)+len(v.patterns) > 0 && v.entity == entNone {
		switch name {
		case "href":
			return v
		case "pathname":
			return v.mapConstants(fileURLToPath)
		case "toString", "toJSON", "valueOf", "normalize", "trim":
			out := v
			out.entity = entConstantMethod
			return out
		}
		return unknown
	}
	if t := v.entity; t.isNamespace() {
		return builtinMember(v, name)
	}
	switch v.entity {
	case entRequire:
		return requireMember(v, name)
	case entModule, entMainModule, entParentModule:
		return moduleMember(v.entity, name)
	case entGlobalThis:
		return s.globalValue(globalID(name))
	case entImportMeta:
		return metaMember(name)
	case entCreateRequire, entWorker, entFork, entDlopen, entModuleLoad:
		return unknown
	}
	return s.guessByMember(name)
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
		return constants(constant{base: baseFile, isURL: true})
	case "dirname":
		return constants(constant{base: baseDir})
	case "filename":
		return constants(constant{base: baseFile})
	case "resolve":
		return value{entity: entImportMetaResolve, incomplete: true}
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
		v.entity, v.origin.direct = entRequireCall, false
		return v
	case "apply":
		v.entity, v.origin.direct = entRequireApply, false
		return v
	case "bind":
		v.entity, v.origin.direct = entRequireBind, false
		return v
	case "main":
		return value{entity: entMainModule, incomplete: true}
	}
	return unknown
}

func moduleMember(of entity, name string) value {
	switch name {
	case "require":
		o := origin{dirs: []string{""}}
		switch of {
		case entMainModule:
			o.fromEntry = true
		case entParentModule:
			o.incomplete, o.alwaysGap = true, true
		}
		return value{entity: entRequire, origin: o}
	case "parent":
		return value{entity: entParentModule, incomplete: true}
	case "constructor":
		return value{entity: entNodeModule, incomplete: true}
	}
	return unknown
}

// builtinMembers are the members of Node's own modules that lead to others.
var builtinMembers = map[entity]map[string]entity{
	entNodeModule: {
		"createRequire": entCreateRequire, "createRequireFromPath": entCreateRequire,
		"_load": entModuleLoad, "register": entRegister, "Module": entNodeModule,
	},
	entNodeWorkerThreads: {"Worker": entWorker},
	entNodeChildProcess:  {"fork": entFork},
	entNodeCluster:       {"setupPrimary": entSetupPrimary, "setupMaster": entSetupPrimary},
	entNodeProcess:       {"dlopen": entDlopen, "getBuiltinModule": entGetBuiltinModule, "mainModule": entMainModule},
	entNodeURL:           {"fileURLToPath": entFileURLToPath, "pathToFileURL": entPathToFileURL, "URL": entURL},
}

func builtinMember(v value, name string) value {
	switch {
	case name == "default":
		return v
	case v.entity == entNodePath:
		return pathMember(name)
	}
	return value{entity: builtinMembers[v.entity][name], incomplete: true}
}

func pathMember(name string) value {
	t := entNone
	switch name {
	case "join":
		t = entPathJoin
	case "resolve":
		t = entPathResolve
	case "normalize", "toNamespacedPath":
		t = entPathNormalize
	case "dirname":
		t = entPathDirname
	case "posix", "win32":
		t = entNodePath
	case "sep":
		return constants(constant{text: "/"})
	}
	return value{entity: t, incomplete: true}
}

// guessMember is the member of an object of which nothing is known.
func (s *scanner) guessByMember(name string) value {
	t := entNone
	switch name {
	case "createRequire":
		t = entCreateRequire
	case "getBuiltinModule":
		t = entGetBuiltinModule
	case "fileURLToPath":
		t = entFileURLToPath
	case "pathToFileURL":
		t = entPathToFileURL
	case "join":
		t = entPathJoin
	case "resolve":
		t = entPathResolve
	case "normalize":
		t = entPathNormalize
	case "dirname":
		t = entPathDirname
	case "Worker":
		t = entWorker
	case "URL":
		t = entURL
	case "setupPrimary", "setupMaster":
		t = entSetupPrimary
	case "dlopen":
		t = entDlopen
	case "fork":
		if s.mentionsChildProcess {
			t = entFork
		}
	}
	return value{entity: t, guessed: true, incomplete: true}
}

// A span is an argument: tokens [start,end).
type argument struct{ start, end int }

// maxArgs is how many arguments of a call are looked at.
const maxArgs = 32

// args splits the arguments of the call whose parenthesis is token lp.
func (s *scanner) arguments(paren int) []argument {
	end := s.closing(paren)
	var out []argument
	start := paren + 1
	for j := start; j < end && len(out) < maxArgs && s.spend(); j = s.skip(j) {
		if s.toks[j].kind == tComma {
			out = append(out, argument{start, j})
			start = j + 1
		}
	}
	if start < end && len(out) < maxArgs {
		out = append(out, argument{start, end})
	}
	return out
}

// arg evaluates argument n.
func (s *scanner) evalArgument(args []argument, n, depth int) value {
	if n >= len(args) || slices.ContainsFunc(args[:n+1], func(a argument) bool { return s.at(a.start).kind == tEllipsis }) {
		return unknown
	}
	return s.evalExpr(args[n].start, args[n].end, depth+1)
}

// pathCall evaluates a call of a function of node:path or node:url.
func (s *scanner) evalPathCall(v value, args []argument, depth int) value {
	if len(args) == 0 {
		return unknown
	}
	out := s.evalArgument(args, 0, depth)
	if v.guessed && !out.isLocalPath() {
		return unknown
	}
	switch v.entity {
	case entPathJoin:
		out = s.evalPathJoin(out, args, depth, pathJoin)
	case entPathResolve:
		out = s.evalPathJoin(out, args, depth, pathResolve).mapConstants(func(c constant) (constant, bool) {
			return c, c.base != baseNone || strings.HasPrefix(c.text, "/")
		})
	case entPathNormalize:
		out = out.mapConstants(func(c constant) (constant, bool) { return joinPath(c, ".") })
	case entPathDirname:
		out = out.mapConstants(pathDirname)
	case entFileURLToPath:
		out = out.mapConstants(fileURLToPath)
	case entPathToFileURL:
		out = out.mapConstants(pathToFileURL)
	}
	return out
}

// joined evaluates path.join and path.resolve, of which out is the first argument.
func (s *scanner) evalPathJoin(out value, args []argument, depth int, op func(a, b constant) (constant, bool)) value {
	out = out.mapConstants(func(c constant) (constant, bool) {
		if c.isURL {
			return c, false
		}
		if c.base == baseNone {
			return c, true
		}
		return op(c, constant{text: "."})
	})
	for n := 1; n < len(args); n++ {
		out = combine(out, s.evalArgument(args, n, depth), op)
	}
	return out
}

// pathToURL is pathToFileURL. What is a specifier stays one.
func pathToFileURL(c constant) (constant, bool) {
	switch {
	case c.base == baseResolved:
	case c.isURL || c.base == baseNone && !strings.HasPrefix(c.text, "/"):
		return c, false
	case c.base == baseNone:
		c.text = "file://" + c.text
	}
	c.isURL = true
	return c, true
}
