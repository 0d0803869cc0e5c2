package jsscan

// Calls of members of the class Module.

// evalModuleLoad reports Module._load(specifier, parent).
func (s *scanner) evalModuleLoad(args []argument, i, paren, depth int) value {
	o := origin{dirs: []string{""}}
	switch parent := s.evalArgument(args, 1, depth); {
	case len(args) < 2 || s.isNothing(args[1]):
		o.fromWorkingDir = true
	case parent.entity == entModule:
	case parent.entity == entMainModule:
		o.fromEntry = true
	default:
		o.incomplete, o.alwaysGap = true, true
	}
	return s.evalRequire(o, args[:min(1, len(args))], i, paren, depth)
}

// evalLoadFile reports a call that loads the file that argument n names: module.load(file)
// and require.extensions[".js"](module, file). A function that replaces one of the latter
// calls the one before with its own parameter: that file is known from elsewhere.
func (s *scanner) evalLoadFile(callee value, args []argument, n, i, paren, depth int) {
	if n < len(args) && args[n].end == args[n].start+1 && s.at(args[n].start).kind == tIdent {
		if b := s.bindingAt(args[n].start); b != nil && len(b.declared) == 1 && len(b.definitions) == 0 && b.passed.entity == entNone {
			if _, _, ok := s.parameterOf(int(b.declared[0])); ok {
				s.firstVisit(paren)
				return
			}
		}
	}
	s.evalFileCall(callee, args, n, "load", i, paren, depth)
}

// visitMethods reports each call of a method require of an object that is not known: a module
// of Node's may be there.
func (s *scanner) visitMethods() {
	for _, j := range s.occurrences(idRequire) {
		i := int(j)
		paren := i + 1
		if s.at(paren).kind == tDot && s.at(paren+1).kind == tIdent && (s.text(paren+1) == "call" || s.text(paren+1) == "apply") {
			paren += 2
		}
		if s.afterDot(i) && s.at(paren).kind == tLParen && s.closing(paren) > paren+1 && s.firstVisit(paren) {
			start := s.chainStart(i)
			s.site(start, s.skip(paren), "require", noOutcome)
		}
	}
}
