package jsscan

import (
	"path"
	"slices"
	"strings"
)

// The calls that ask for modules, and what they leave in the result.

// call evaluates the call with the parenthesis lp of what v is; the callee
// begins at token i.
func (s *scanner) evalCall(v value, i, paren, depth int) value {
	args := s.arguments(paren)
	switch v.entity {
	case entRequire:
		return s.evalRequire(v.origin, args, i, paren, depth)
	case entRequireCall:
		return s.evalRequire(v.origin, args[min(1, len(args)):], i, paren, depth)
	case entRequireApply:
		return s.evalRequire(v.origin, s.applyArguments(args), i, paren, depth)
	case entRequireBind:
		v.entity = entRequire
		return v
	case entCreateRequire:
		return s.evalCreateRequire(args, i, paren, depth)
	case entModuleLoad:
		return s.evalRequire(origin{dirs: []string{""}}, args[:min(1, len(args))], i, paren, depth)
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
	case entGetBuiltinModule:
		if v := s.evalArgument(args, 0, depth); v.isConstant() {
			return s.builtinNamespace(v.constants[0].text)
		}
	case entEval:
		if v := s.evalArgument(args, 0, depth); v.isConstant() && v.constants[0].text == "require" {
			return value{entity: entRequire, origin: origin{dirs: []string{""}}}
		}
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

// interop is the namespace that is handed to a function of which nothing is
// known: compilers wrap require("x") in such calls.
func (s *scanner) interopArgument(args []argument, depth int) value {
	if len(args) == 0 || s.at(args[0].start).kind != tIdent {
		return unknown
	}
	if v := s.evalArgument(args, 0, depth); v.entity.isNamespace() {
		return v
	}
	return unknown
}

// once reports whether the call with parenthesis lp has not been seen yet.
func (s *scanner) firstVisit(paren int) bool {
	if s.seenCalls[paren] {
		return false
	}
	s.seenCalls[paren] = true
	return true
}

// arrayItems is what stands in the array that is the second argument.
func (s *scanner) applyArguments(args []argument) []argument {
	if len(args) != 2 || s.at(args[1].start).kind != tLBracket || s.skip(args[1].start) != args[1].end {
		return nil
	}
	return s.arguments(args[1].start)
}

// requireCall is require(…) or require.resolve(…), by whatever name.
func (s *scanner) evalRequire(o origin, args []argument, i, paren, depth int) value {
	v := s.evalArgument(args, 0, depth)
	if s.firstVisit(paren) && s.closing(paren) > paren+1 {
		s.reportRequire(o, v, args, i, paren, depth)
	}
	if o.resolve {
		return v.mapConstants(func(c constant) (constant, bool) {
			if c.base == baseNone {
				c.base = baseResolved
			}
			return c, !slices.ContainsFunc(o.dirs, func(f string) bool { return f != "" }) && !o.incomplete
		})
	}
	if v.isConstant() && len(v.constants) == 1 && v.constants[0].base == baseNone {
		return s.builtinNamespace(v.constants[0].text)
	}
	return unknown
}

func (s *scanner) reportRequire(o origin, v value, args []argument, i, paren, depth int) {
	named := i
	for s.at(named).kind == tLParen {
		named++
	}
	if o.direct && len(args) == 1 && args[0].end == args[0].start+1 &&
		(s.at(args[0].start).kind == tString || s.at(args[0].start).kind == tTemplate) {
		return // esbuild sees it
	}
	end := s.skip(paren)
	complete := !v.incomplete
	globs := o.direct && s.isEsbuildPattern(args, v)
	if o.resolve && len(args) > 1 {
		dirs, ok := s.readPathsOption(args[1], depth)
		if len(dirs) > 0 {
			o.dirs, o.incomplete = dirs, false
		}
		if !ok {
			o.incomplete, complete = true, false
		}
	}
	s.addRequires(o, v, i, end)
	switch {
	case o.direct && complete:
		s.markHandled(named)
	case o.direct && globs:
		s.gap(named, end, "require")
	case !o.direct && (!complete || o.alwaysGap):
		s.gap(i, end, "require")
	}
}

// isGlob reports whether esbuild takes the first of args, whose value is v, for
// a pattern, of which it reports nothing unless no file matches. It may report
// more: what esbuild does not take for one it reports at the same place.
func (s *scanner) isEsbuildPattern(args []argument, v value) bool {
	if len(args) == 0 {
		return false
	}
	found := slices.ContainsFunc(v.patterns, func(c constant) bool { return c.base == baseNone && isRelative(c.text) })
	for j := args[0].start; j < args[0].end && s.spend(); j = s.skip(j) {
		switch t := s.toks[j]; {
		case t.kind == tLParen || t.kind == tQuestion || t.kind == tColon:
			continue
		case t.kind != tString && t.kind != tTemplate && t.kind != tTemplateHead || t.end-t.start > maxText || !isRelative(s.stringAt(j)):
			continue
		case t.kind == tTemplateHead || s.at(j+1).kind == tPlus:
			found = true
			s.markHandled(j) // where it says that no file matches
		}
	}
	return found && v.incomplete
}

func isRelative(specifier string) bool {
	return strings.HasPrefix(specifier, "./") || strings.HasPrefix(specifier, "../")
}

// globRefs notes the files that the patterns of v stand for, seen from the
// folders in froms where they are relative.
func (s *scanner) addPatterns(v value, dirs []string, r Specifier, i, end int) {
	for _, c := range v.patterns {
		switch c.base {
		case baseNone, baseResolved:
			for _, from := range dirs {
				if isRelative(c.text) && !path.IsAbs(from) {
					s.addPattern(constant{base: baseDir, isURL: c.isURL, text: "/" + from + "/" + c.text}, r, i, end)
				}
			}
		default:
			s.addPattern(c, r, i, end)
		}
	}
}

func (s *scanner) addPattern(c constant, r Specifier, i, end int) {
	p, ok := patternPath(asPath(c))
	if !ok {
		return
	}
	r.Kind, r.Text = Pattern, p
	if !strings.Contains(p, Wildcard) { // it was in a URL's query, or before ..
		r.Kind = File
	}
	s.add(r, i, end)
}

// resolvePathsOption reads the folders of {paths: […]}, require.resolve's
// second argument.
func (s *scanner) readPathsOption(a argument, depth int) (dirs []string, ok bool) {
	j := a.start
	if s.at(j).kind != tLBrace || !s.isWord(j+1, idPaths) || s.at(j+2).kind != tColon || s.at(j+3).kind != tLBracket {
		return nil, false
	}
	ok = true
	for _, item := range s.arguments(j + 3) {
		v := s.evalExpr(item.start, item.end, depth+1)
		ok = ok && v.isConstant()
		for _, c := range v.constants {
			f, known := relativePath(c)
			if f == "." {
				f = ""
			}
			if ok = ok && known; known {
				dirs = append(dirs, f)
			}
		}
	}
	return dirs, ok && len(dirs) > 0
}

func (s *scanner) add(r Specifier, i, end int) {
	r.Place = s.placeOf(i, end)
	s.out.Specifiers = append(s.out.Specifiers, r)
}

// cover notes that what is mentioned in tokens [i,end) has been said.
func (s *scanner) markReported(i, end int) {
	s.reported = append(s.reported, s.placeOf(i, end))
}

func (s *scanner) addRequires(o origin, v value, i, end int) {
	if !o.incomplete && len(v.constants)+len(v.patterns) > 0 {
		s.markReported(i, end)
	}
	if !o.fromEntry {
		s.addPatterns(v, o.dirs, Specifier{Probe: true, Optional: o.incomplete}, i, end)
	}
	for _, c := range v.constants {
		switch c.base {
		case baseNone, baseResolved:
			if c.text == "" || c.isURL {
				continue
			}
			for _, from := range o.dirs {
				s.add(Specifier{Kind: Require, Text: c.text, From: from, FromEntry: o.fromEntry, Optional: o.incomplete}, i, end)
			}
		default:
			if p, ok := relativePath(asPath(c)); ok && !c.isURL {
				s.add(Specifier{Kind: File, Text: p, Probe: true}, i, end)
			}
		}
	}
}

func (s *scanner) evalCreateRequire(args []argument, i, paren, depth int) value {
	v := s.evalArgument(args, 0, depth)
	o := origin{incomplete: v.incomplete || len(v.constants) == 0}
	for _, c := range v.constants {
		if f, ok := createRequireDir(c); !ok {
			o.incomplete = true
		} else if !slices.Contains(o.dirs, f) {
			o.dirs = append(o.dirs, f)
		}
	}
	if s.firstVisit(paren) {
		s.markReported(i, s.skip(paren))
		if o.incomplete && len(args) > 0 {
			s.gap(i, s.skip(paren), "createRequire")
		}
	}
	if len(o.dirs) == 0 {
		o.dirs = []string{""}
	}
	return value{entity: entRequire, origin: o}
}

// fileCall is a call that starts, or loads, the file that argument n names.
func (s *scanner) evalFileCall(callee value, args []argument, n int, what string, i, paren, depth int) {
	v := s.evalArgument(args, n, depth)
	if !s.firstVisit(paren) || s.closing(paren) == paren+1 {
		return
	}
	covered := i
	if n < len(args) {
		covered = args[n].end // the options may name other files
	}
	s.reportFile(callee, v, what, i, s.skip(paren), covered)
}

func (s *scanner) reportFile(callee, v value, what string, i, end, covered int) {
	probe := what != "dlopen"
	s.addPatterns(v, nil, Specifier{Probe: probe}, i, end)
	for _, c := range v.constants {
		switch path := asPath(c); {
		case c.base == baseResolved:
			s.add(Specifier{Kind: Require, Text: c.text}, i, end)
		case c.base != baseNone:
			if p, ok := relativePath(path); ok {
				s.add(Specifier{Kind: File, Text: p, Probe: probe}, i, end)
			} else if c.base != baseFile || path.text != "" {
				continue
			}
		case strings.HasPrefix(c.text, "file:"):
			s.add(Specifier{Kind: Import, Text: c.text}, i, end)
		case c.isURL || c.text == "" || strings.HasPrefix(c.text, "data:"):
		case !callee.guessed || isRelative(c.text):
			s.add(Specifier{Kind: WorkingDirFile, Text: c.text, Probe: probe, Optional: callee.guessed}, i, end)
			continue
		}
		s.markReported(i, covered)
	}
	if (v.incomplete || len(v.constants) == 0) && !callee.guessed {
		s.gap(i, end, what)
	}
}

// registerCall is module.register(specifier, parent), which loads in another
// thread (Node.js, Modules: node:module API). The parent is a URL or among the
// options; where it is not known it may be this module.
func (s *scanner) evalRegister(args []argument, i, paren, depth int) {
	v := s.evalArgument(args, 0, depth)
	if !s.firstVisit(paren) || len(args) == 0 {
		return
	}
	end := s.skip(paren)
	from, known := s.registerParent(args, depth)
	s.markReported(i, args[0].end)
	if len(args) > 1 && s.at(args[1].start).kind != tLBrace {
		s.markReported(i, args[1].end)
	}
	for _, c := range v.constants {
		switch {
		case c.text == "" && c.base == baseNone:
		case c.base != baseNone || c.isURL || from == "" || hasScheme(c.text):
			s.addImports(constants(c), i, end)
		case path.IsAbs(from) || !isRelative(c.text):
			s.add(Specifier{Kind: Require, Text: c.text, From: from}, i, end)
		default:
			s.add(Specifier{Kind: File, Text: path.Join(from, c.text)}, i, end)
		}
		if !known && isRelative(c.text) && c.base == baseNone {
			s.add(Specifier{Kind: WorkingDirFile, Text: c.text}, i, end)
			v.incomplete = true
		}
	}
	if v.incomplete {
		s.addImports(value{incomplete: true, patterns: v.patterns}, i, end)
		s.gap(i, end, "register")
	}
}

// registerParent is the folder that register resolves from, as ref.from.
func (s *scanner) registerParent(args []argument, depth int) (from string, known bool) {
	if len(args) < 2 {
		return "", true
	}
	v := unknown
	if s.at(args[1].start).kind != tLBrace {
		v = s.evalArgument(args, 1, depth)
	} else {
		for _, member := range s.arguments(args[1].start) {
			if s.keyText(member.start) == "parentURL" && s.at(member.start+1).kind == tColon {
				v = s.evalExpr(member.start+2, member.end, depth+1)
			}
		}
	}
	if !v.isConstant() || len(v.constants) > 1 {
		return "", false
	}
	return createRequireDir(v.constants[0])
}

// setupCall is cluster.setupPrimary({exec: file}).
func (s *scanner) evalSetupPrimary(callee value, args []argument, i, paren, depth int) {
	if !s.firstVisit(paren) || len(args) == 0 {
		return
	}
	end := s.skip(paren)
	if s.at(args[0].start).kind != tLBrace {
		if !callee.guessed {
			s.gap(i, end, "cluster")
		}
		return
	}
	for _, member := range s.arguments(args[0].start) {
		k := member.start
		switch {
		case s.at(k).kind == tEllipsis:
			s.reportFile(callee, unknown, "cluster", i, end, i)
		case s.keyText(k) != "exec":
		case s.at(k+1).kind == tColon:
			s.reportFile(callee, s.evalExpr(k+2, member.end, depth+1), "cluster", i, end, member.end)
		case member.end == k+1:
			s.reportFile(callee, s.evalVariable(k, depth+1), "cluster", i, end, member.end)
		}
	}
}

// newCall evaluates new v(…); i is the word new.
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
	}
	return unknown
}

func (s *scanner) evalWorker(v value, args []argument, i, paren, depth int) {
	if len(args) > 1 && s.hasEvalOption(args[1]) {
		s.firstVisit(paren)
		return
	}
	s.evalFileCall(v, args, 0, "Worker", i, paren, depth)
}

// evalsText reports whether {eval: true} is among a worker's options.
func (s *scanner) hasEvalOption(a argument) bool {
	if s.at(a.start).kind != tLBrace {
		return false
	}
	for _, member := range s.arguments(a.start) {
		if s.isWord(member.start, idEval) && s.isWord(member.start+2, idTrue) {
			return true
		}
	}
	return false
}

// dynamicImport is import(…). esbuild sees what has one literal in it, and
// reports the others, or takes them for patterns.
func (s *scanner) evalDynamicImport(i, depth int) value {
	paren := i + 1
	args := s.arguments(paren)
	v := s.evalArgument(args, 0, depth)
	literal := len(args) == 1 && args[0].end == args[0].start+1 &&
		(s.at(args[0].start).kind == tString || s.at(args[0].start).kind == tTemplate)
	if s.firstVisit(paren) && !literal && len(args) > 0 {
		s.addImports(v, i, s.skip(paren))
		switch globs := s.isEsbuildPattern(args, v); {
		case !v.incomplete:
			s.markHandled(i)
		case globs || len(args) > 1:
			s.gap(i, s.skip(paren), "import")
		}
		if len(args) > 1 {
			s.markOptionsHandled(args[1])
		}
	}
	if v.isConstant() && len(v.constants) == 1 && v.constants[0].base == baseNone {
		return s.builtinNamespace(v.constants[0].text)
	}
	return unknown
}

// explainOptions explains what esbuild may say of the second argument of import,
// when it is not one that a bundler can keep: the place is the argument's or
// that of something in it.
func (s *scanner) markOptionsHandled(a argument) {
	for j := a.start; j < a.end && j < a.start+maxNesting && s.spend(); j++ {
		s.markHandled(j)
	}
}

func (s *scanner) addImports(v value, i, end int) {
	if len(v.constants)+len(v.patterns) > 0 {
		s.markReported(i, end)
	}
	u := v
	u.patterns = slices.Clone(v.patterns)
	for n := range u.patterns {
		u.patterns[n].isURL = u.patterns[n].isURL || u.patterns[n].base == baseNone
	}
	s.addPatterns(u, []string{""}, Specifier{}, i, end)
	for _, c := range v.constants {
		switch {
		case c.base == baseResolved && c.isURL, c.base == baseNone && c.text != "":
			s.add(Specifier{Kind: Import, Text: c.text}, i, end)
		case c.base == baseResolved:
			s.add(Specifier{Kind: Require, Text: c.text}, i, end)
		default:
			if p, ok := relativePath(asPath(c)); ok {
				s.add(Specifier{Kind: File, Text: p}, i, end)
			}
		}
	}
}

// metaResolve is import.meta.resolve(…).
func (s *scanner) evalMetaResolve(args []argument, i, paren, depth int) value {
	v := s.evalArgument(args, 0, depth)
	literal := len(args) == 1 && args[0].end == args[0].start+1 && s.at(args[0].start).kind == tString
	// esbuild reads import.meta.resolve as require, and so does not see it where
	// a variable has that name.
	unseen := len(s.bindingsOf(idRequire).bindings) > 1 || !s.isWord(i, idImport)
	if s.firstVisit(paren) && len(args) > 0 {
		if !literal || unseen {
			s.addImports(v, i, s.skip(paren))
		}
		switch globs := s.isEsbuildPattern(args, v); {
		case v.incomplete && (unseen || globs):
			s.gap(i, s.skip(paren), "import")
		case !unseen && !literal && !v.incomplete:
			s.markHandled(i)
		}
	}
	return v.mapConstants(func(c constant) (constant, bool) {
		switch {
		case c.base != baseNone:
			return c, c.isURL
		case isRelative(c.text):
			return newURL(c, constant{base: baseFile, isURL: true})
		}
		return constant{base: baseResolved, isURL: true, text: c.text}, true
	})
}
