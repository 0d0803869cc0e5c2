package jsscan

import "slices"

// Calls: the dispatch by callee, and the arguments.

// evalCall evaluates the call of v whose parenthesis is token paren. The callee
// begins at token i. A call that loads a module is reported, once.
func (s *scanner) evalCall(v value, i, paren, depth int) value {
	args := s.arguments(paren)
	switch v.calling {
	case callsByCall:
		args = args[min(1, len(args)):]
	case callsByApply:
		args = s.applyArguments(args)
	}
	switch v.entity {
	case entRequire:
		return s.evalRequire(v.origin, args, i, paren, depth)
	case entRequireCall:
		return s.evalRequire(v.origin, args[min(1, len(args)):], i, paren, depth)
	case entRequireApply:
		return s.evalRequire(v.origin, s.applyArguments(args), i, paren, depth)
	case entRequireBind:
		if len(args) > 1 { // require.bind(null, "./a")
			s.evalRequire(v.origin, args[1:], i, paren, depth)
		}
		v.entity = entRequire
		return v
	case entCreateRequire:
		return s.evalCreateRequire(args, i, paren, depth)
	case entModuleLoad:
		return s.evalModuleLoad(args, i, paren, depth)
	case entLoadFile, entLoader, entSpawn, entExec, entFork, entDlopen, entRegister, entSetupPrimary:
		s.evalStart(v, args, i, paren, depth)
	case entGetBuiltinModule:
		if v := s.evalArgument(args, 0, depth); v.isConstant() {
			return s.builtinNamespace(v.constants[0].text)
		}
	case entEval:
		return s.evalEval(args, i, paren, depth)
	case entFunction:
		s.evalFunction(args, i, paren, depth)
	case entCompile:
		s.evalCompile(args, i, paren, depth)
	case entImportMetaResolve:
		return s.evalMetaResolve(args, i, paren, depth)
	case entPathJoin, entPathResolve, entPathNormalize, entPathDirname, entFileURLToPath, entPathToFileURL:
		return s.evalPathCall(v, args, depth)
	case entIdentity:
		return s.evalArgument(args, 0, depth)
	case entConstantMethod:
		v.entity = entNone
		return v
	default:
		return s.interopArgument(args, depth)
	}
	return unknown
}

// evalStart reports a call that loads a file or starts a process, and returns nothing that
// matters.
func (s *scanner) evalStart(v value, args []argument, i, paren, depth int) {
	switch v.entity {
	case entLoadFile:
		s.evalLoadFile(v, args, 0, i, paren, depth)
	case entLoader:
		s.evalLoadFile(v, args, 1, i, paren, depth)
	case entSpawn:
		s.evalSpawn(v, args, i, paren, depth)
	case entExec:
		s.evalExec(args, i, paren, depth)
	case entFork:
		s.evalFileCall(v, args, 0, "fork", i, paren, depth)
	case entDlopen:
		if !v.guessed || len(args) > 1 {
			s.evalFileCall(v, args, 1, "dlopen", i, paren, depth)
		}
	case entRegister:
		s.evalRegister(args, i, paren, depth)
	case entSetupPrimary:
		s.evalSetupPrimary(v, args, i, paren, depth)
	}
}

// interopArgument returns the namespace that is passed to an unknown function.
// Compilers wrap require("x") in such calls: __importDefault, __toESM.
func (s *scanner) interopArgument(args []argument, depth int) value {
	if len(args) == 0 || s.at(args[0].start).kind != tIdent {
		return unknown
	}
	if v := s.evalArgument(args, 0, depth); v.entity.isNamespace() {
		return v
	}
	return unknown
}

// firstVisit reports whether the call at paren has not been reported yet, and
// marks it.
func (s *scanner) firstVisit(paren int) bool {
	if s.seenCalls[paren] {
		return false
	}
	s.seenCalls[paren] = true
	return true
}

// applyArguments returns the elements of the array literal that is the second of
// two arguments.
func (s *scanner) applyArguments(args []argument) []argument {
	if len(args) != 2 || s.at(args[1].start).kind != tLBracket || s.skip(args[1].start) != args[1].end {
		return nil
	}
	return s.arguments(args[1].start)
}

// evalNewCall evaluates new v(…); token i is the keyword new.
func (s *scanner) evalNewCall(v value, i, paren, depth int) value {
	args := s.arguments(paren)
	switch v.entity {
	case entURL:
		if len(args) == 0 {
			return unknown
		}
		a := s.evalArgument(args, 0, depth)
		if len(args) == 1 {
			return a.mapConstants(func(c constant) (constant, bool) {
				return newURL(c, constant{})
			})
		}
		return combine(a, s.evalArgument(args, 1, depth), newURL)
	case entWorker:
		s.evalWorker(v, args, i, paren, depth)
	case entFunction:
		s.evalFunction(args, i, paren, depth)
	case entNodeModule:
		return value{entity: entParentModule, incomplete: true}
	}
	return unknown
}

// An argument is the range of tokens [start,end).
type argument struct{ start, end int }

// maxArgs is the number of arguments of a call that are evaluated.
const maxArgs = 32

// arguments splits the arguments of the call whose parenthesis is token paren.
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

// evalArgument evaluates argument n. It is unknown if a spread stands before it.
func (s *scanner) evalArgument(args []argument, n, depth int) value {
	if n >= len(args) || slices.ContainsFunc(args[:n+1], func(a argument) bool { return s.at(a.start).kind == tEllipsis }) {
		return unknown
	}
	return s.evalExpr(args[n].start, args[n].end, depth+1)
}
