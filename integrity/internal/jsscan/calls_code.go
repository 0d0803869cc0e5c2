package jsscan

import (
	"bytes"
	"strings"
)

// Calls that run code from a string: eval, new Function, module._compile, and scripts of
// node:vm that may import. The code is not scanned. A call that may run code that loads
// something is a gap.

// evalEval evaluates eval(code). The module's own names are known in the code.
func (s *scanner) evalEval(args []argument, i, paren, depth int) value {
	v := s.evalArgument(args, 0, depth)
	first := s.firstVisit(paren) && len(args) > 0
	if v.isConstant() && len(v.constants) == 1 {
		switch v.constants[0].text {
		case "require":
			return value{entity: entRequire, origin: origin{dirs: []string{""}}}
		case "module":
			return value{entity: entModule, incomplete: true}
		}
	}
	if first && (!v.isConstant() || v.mayLoad()) {
		s.codeGap(i, paren, "eval")
	}
	return unknown
}

// evalFunction reports new Function(…, code) and Function(…, code), if known code loads
// something. Code that is computed is none, as the documentation says: import() is all that
// it could use.
func (s *scanner) evalFunction(args []argument, i, paren, depth int) {
	if !s.firstVisit(paren) {
		return
	}
	for n := range args {
		if s.evalArgument(args, n, depth).mayLoad() {
			s.codeGap(i, paren, "Function")
			return
		}
	}
}

// evalCompile reports module._compile(code, file).
func (s *scanner) evalCompile(args []argument, i, paren, depth int) {
	if !s.firstVisit(paren) || len(args) == 0 {
		return
	}
	if v := s.evalArgument(args, 0, depth); !v.isConstant() || v.mayLoad() {
		s.codeGap(i, paren, "load")
	}
}

// codeGap reports a gap at the call at paren, whose callee begins at token i.
func (s *scanner) codeGap(i, paren int, call string) {
	s.site(i, s.skip(paren), call, Nothing)
	s.gap(i, s.skip(paren), call)
}

// mayLoad reports whether v, which is run as code, may load something, as far as it is known.
func (v value) mayLoad() bool {
	for _, list := range [][]constant{v.constants, v.patterns} {
		for _, c := range list {
			if c.base != baseNone {
				return true
			}
			for _, word := range []string{"require", "import", "module", "process", "eval", `\`} {
				if strings.Contains(c.text, word) {
					return true
				}
			}
		}
	}
	return false
}

// visitScripts reports each option importModuleDynamically: a script of node:vm that has it may
// import modules.
func (s *scanner) visitScripts() {
	for _, j := range s.occurrences(idImportModuleDynamically) {
		i := int(j)
		switch k := s.at(i + 1).kind; {
		case s.openers[s.toks[i].outer].kind != opObject || s.afterDot(i):
		case k == tColon || k == tLParen || k == tComma || k == tRBrace:
			s.site(i, i+1, "import", noOutcome)
		}
	}
}

// hasEval reports whether src has the word eval as the name of a function that is called:
// eval(…), (0, eval)(…) or eval?.(…).
func hasEval(src []byte) bool {
	word := []byte("eval")
	for at := 0; ; {
		n := bytes.Index(src[at:], word)
		if n < 0 {
			return false
		}
		start := at + n
		at = start + len(word)
		if !checkWord(src, start, at) || start > 0 && src[start-1] == '.' && !bytes.HasSuffix(src[:start], []byte("lobalThis.")) && !bytes.HasSuffix(src[:start], []byte("global.")) {
			continue
		}
		after := bytes.TrimLeft(src[at:min(len(src), at+40)], " \t\r\n")
		if len(after) > 0 && (after[0] == '(' || after[0] == ')' || after[0] == '.' || after[0] == '?' || after[0] == '/' || after[0] == ',' || after[0] == ';') {
			return true
		}
	}
}
