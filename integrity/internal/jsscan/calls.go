package graph

import (
	"path"
	"slices"
	"strings"
)

// The calls that ask for modules, and what they leave in the result.

// call evaluates the call with the parenthesis lp of what v is; the callee
// begins at token i.
func (s *scanner) call(v value, i, lp, depth int) value {
	args := s.args(lp)
	switch v.thing {
	case thRequire:
		return s.requireCall(v.origin, args, i, lp, depth)
	case thReqCall:
		return s.requireCall(v.origin, args[min(1, len(args)):], i, lp, depth)
	case thReqApply:
		return s.requireCall(v.origin, s.arrayItems(args), i, lp, depth)
	case thReqBind:
		v.thing = thRequire
		return v
	case thCreateRequire:
		return s.createRequire(args, i, lp, depth)
	case thLoad:
		return s.requireCall(origin{froms: []string{""}}, args[:min(1, len(args))], i, lp, depth)
	case thFork:
		s.fileCall(v, args, 0, "fork", i, lp, depth)
	case thDlopen:
		if !v.soft || len(args) > 1 {
			s.fileCall(v, args, 1, "dlopen", i, lp, depth)
		}
	case thRegister:
		s.registerCall(args, i, lp, depth)
	case thSetup:
		s.setupCall(v, args, i, lp, depth)
	case thGetBuiltin:
		if v := s.arg(args, 0, depth); v.isConst() {
			return s.builtin(v.vals[0].text)
		}
	case thEval:
		if v := s.arg(args, 0, depth); v.isConst() && v.vals[0].text == "require" {
			return value{thing: thRequire, origin: origin{froms: []string{""}}}
		}
	case thMetaResolve:
		return s.metaResolve(args, i, lp, depth)
	case thJoin, thResolve, thNormalize, thDirname, thFileURLToPath, thPathToFileURL:
		return s.pathCall(v, args, depth)
	case thIdentity:
		return s.arg(args, 0, depth)
	case thConstant:
		v.thing = thNone
		return v
	default:
		return s.interop(args, depth)
	}
	return unknown
}

// interop is the namespace that is handed to a function of which nothing is
// known: compilers wrap require("x") in such calls.
func (s *scanner) interop(args []span, depth int) value {
	if len(args) == 0 || s.at(args[0].start).kind != tIdent {
		return unknown
	}
	if v := s.arg(args, 0, depth); v.thing.namespace() {
		return v
	}
	return unknown
}

// once reports whether the call with parenthesis lp has not been seen yet.
func (s *scanner) once(lp int) bool {
	if s.calls[lp] {
		return false
	}
	s.calls[lp] = true
	return true
}

// arrayItems is what stands in the array that is the second argument.
func (s *scanner) arrayItems(args []span) []span {
	if len(args) != 2 || s.at(args[1].start).kind != tLBracket || s.skip(args[1].start) != args[1].end {
		return nil
	}
	return s.args(args[1].start)
}

// requireCall is require(…) or require.resolve(…), by whatever name.
func (s *scanner) requireCall(o origin, args []span, i, lp, depth int) value {
	v := s.arg(args, 0, depth)
	if s.once(lp) && s.partner(lp) > lp+1 {
		s.reportRequire(o, v, args, i, lp, depth)
	}
	if o.resolve {
		return v.each(func(c constant) (constant, bool) {
			if c.base == baseNone {
				c.base = baseSpec
			}
			return c, !slices.ContainsFunc(o.froms, func(f string) bool { return f != "" }) && !o.unknown
		})
	}
	if v.isConst() && len(v.vals) == 1 && v.vals[0].base == baseNone {
		return s.builtin(v.vals[0].text)
	}
	return unknown
}

func (s *scanner) reportRequire(o origin, v value, args []span, i, lp, depth int) {
	named := i
	for s.at(named).kind == tLParen {
		named++
	}
	if o.direct && len(args) == 1 && args[0].end == args[0].start+1 &&
		(s.at(args[0].start).kind == tString || s.at(args[0].start).kind == tTemplate) {
		return // esbuild sees it
	}
	end := s.skip(lp)
	complete := !v.open
	globs := o.direct && s.isGlob(args, v)
	if o.resolve && len(args) > 1 {
		froms, ok := s.resolvePathsOption(args[1], depth)
		if len(froms) > 0 {
			o.froms, o.unknown = froms, false
		}
		if !ok {
			o.unknown, complete = true, false
		}
	}
	s.requireRefs(o, v, i, end)
	switch {
	case o.direct && complete:
		s.explain(named)
	case o.direct && globs:
		s.gap(named, end, "require")
	case !o.direct && (!complete || o.ask):
		s.gap(i, end, "require")
	}
}

// isGlob reports whether esbuild takes the first of args, whose value is v, for
// a pattern, of which it reports nothing unless no file matches. It may report
// more: what esbuild does not take for one it reports at the same place.
func (s *scanner) isGlob(args []span, v value) bool {
	if len(args) == 0 {
		return false
	}
	found := slices.ContainsFunc(v.globs, func(c constant) bool { return c.base == baseNone && isRelative(c.text) })
	for j := args[0].start; j < args[0].end && s.burn(); j = s.skip(j) {
		switch t := s.toks[j]; {
		case t.kind == tLParen || t.kind == tQuestion || t.kind == tColon:
			continue
		case t.kind != tString && t.kind != tTemplate && t.kind != tTemplateHead || t.end-t.start > maxText || !isRelative(s.stringAt(j)):
			continue
		case t.kind == tTemplateHead || s.at(j+1).kind == tPlus:
			found = true
			s.explain(j) // where it says that no file matches
		}
	}
	return found && v.open
}

func isRelative(specifier string) bool {
	return strings.HasPrefix(specifier, "./") || strings.HasPrefix(specifier, "../")
}

// globRefs notes the files that the patterns of v stand for, seen from the
// folders in froms where they are relative.
func (s *scanner) globRefs(v value, froms []string, r ref, i, end int) {
	for _, c := range v.globs {
		switch c.base {
		case baseNone, baseSpec:
			for _, from := range froms {
				if isRelative(c.text) && !path.IsAbs(from) {
					s.globRef(constant{base: baseDir, url: c.url, text: "/" + from + "/" + c.text}, r, i, end)
				}
			}
		default:
			s.globRef(c, r, i, end)
		}
	}
}

func (s *scanner) globRef(c constant, r ref, i, end int) {
	p, ok := globPath(toPath(c))
	if !ok {
		return
	}
	r.kind, r.text = refGlob, p
	if !strings.Contains(p, star) { // it was in a URL's query, or before ..
		r.kind = refPath
	}
	s.addRef(r, i, end)
}

// resolvePathsOption reads the folders of {paths: […]}, require.resolve's
// second argument.
func (s *scanner) resolvePathsOption(a span, depth int) (froms []string, ok bool) {
	j := a.start
	if s.at(j).kind != tLBrace || !s.is(j+1, idPaths) || s.at(j+2).kind != tColon || s.at(j+3).kind != tLBracket {
		return nil, false
	}
	ok = true
	for _, item := range s.args(j + 3) {
		v := s.expr(item.start, item.end, depth+1)
		ok = ok && v.isConst()
		for _, c := range v.vals {
			f, known := folderPath(c)
			if f == "." {
				f = ""
			}
			if ok = ok && known; known {
				froms = append(froms, f)
			}
		}
	}
	return froms, ok && len(froms) > 0
}

func (s *scanner) addRef(r ref, i, end int) {
	r.place = s.span(i, end)
	s.out.refs = append(s.out.refs, r)
}

// cover notes that what is mentioned in tokens [i,end) has been said.
func (s *scanner) cover(i, end int) {
	s.outStrong = append(s.outStrong, s.span(i, end))
}

func (s *scanner) requireRefs(o origin, v value, i, end int) {
	if !o.unknown && len(v.vals)+len(v.globs) > 0 {
		s.cover(i, end)
	}
	if !o.main {
		s.globRefs(v, o.froms, ref{probe: true, weak: o.unknown}, i, end)
	}
	for _, c := range v.vals {
		switch c.base {
		case baseNone, baseSpec:
			if c.text == "" || c.url {
				continue
			}
			for _, from := range o.froms {
				s.addRef(ref{kind: refRequire, text: c.text, from: from, main: o.main, weak: o.unknown}, i, end)
			}
		default:
			if p, ok := folderPath(toPath(c)); ok && !c.url {
				s.addRef(ref{kind: refPath, text: p, probe: true}, i, end)
			}
		}
	}
}

func (s *scanner) createRequire(args []span, i, lp, depth int) value {
	v := s.arg(args, 0, depth)
	o := origin{unknown: v.open || len(v.vals) == 0}
	for _, c := range v.vals {
		if f, ok := requireFolder(c); !ok {
			o.unknown = true
		} else if !slices.Contains(o.froms, f) {
			o.froms = append(o.froms, f)
		}
	}
	if s.once(lp) {
		s.cover(i, s.skip(lp))
		if o.unknown && len(args) > 0 {
			s.gap(i, s.skip(lp), "createRequire")
		}
	}
	if len(o.froms) == 0 {
		o.froms = []string{""}
	}
	return value{thing: thRequire, origin: o}
}

// fileCall is a call that starts, or loads, the file that argument n names.
func (s *scanner) fileCall(callee value, args []span, n int, what string, i, lp, depth int) {
	v := s.arg(args, n, depth)
	if !s.once(lp) || s.partner(lp) == lp+1 {
		return
	}
	covered := i
	if n < len(args) {
		covered = args[n].end // the options may name other files
	}
	s.reportFile(callee, v, what, i, s.skip(lp), covered)
}

func (s *scanner) reportFile(callee, v value, what string, i, end, covered int) {
	probe := what != "dlopen"
	s.globRefs(v, nil, ref{probe: probe}, i, end)
	for _, c := range v.vals {
		switch path := toPath(c); {
		case c.base == baseSpec:
			s.addRef(ref{kind: refRequire, text: c.text}, i, end)
		case c.base != baseNone:
			if p, ok := folderPath(path); ok {
				s.addRef(ref{kind: refPath, text: p, probe: probe}, i, end)
			} else if c.base != baseFile || path.text != "" {
				continue
			}
		case strings.HasPrefix(c.text, "file:"):
			s.addRef(ref{kind: refImport, text: c.text}, i, end)
		case c.url || c.text == "" || strings.HasPrefix(c.text, "data:"):
		case !callee.soft || isRelative(c.text):
			s.addRef(ref{kind: refCwd, text: c.text, probe: probe, weak: callee.soft}, i, end)
			continue
		}
		s.cover(i, covered)
	}
	if (v.open || len(v.vals) == 0) && !callee.soft {
		s.gap(i, end, what)
	}
}

// registerCall is module.register(specifier, parent), which loads in another
// thread (Node.js, Modules: node:module API). The parent is a URL or among the
// options; where it is not known it may be this module.
func (s *scanner) registerCall(args []span, i, lp, depth int) {
	v := s.arg(args, 0, depth)
	if !s.once(lp) || len(args) == 0 {
		return
	}
	end := s.skip(lp)
	from, known := s.registerParent(args, depth)
	s.cover(i, args[0].end)
	if len(args) > 1 && s.at(args[1].start).kind != tLBrace {
		s.cover(i, args[1].end)
	}
	for _, c := range v.vals {
		switch {
		case c.text == "" && c.base == baseNone:
		case c.base != baseNone || c.url || from == "" || hasScheme(c.text):
			s.importRefs(constants(c), i, end)
		case path.IsAbs(from) || !isRelative(c.text):
			s.addRef(ref{kind: refRequire, text: c.text, from: from}, i, end)
		default:
			s.addRef(ref{kind: refPath, text: path.Join(from, c.text)}, i, end)
		}
		if !known && isRelative(c.text) && c.base == baseNone {
			s.addRef(ref{kind: refCwd, text: c.text}, i, end)
			v.open = true
		}
	}
	if v.open {
		s.importRefs(value{open: true, globs: v.globs}, i, end)
		s.gap(i, end, "register")
	}
}

// registerParent is the folder that register resolves from, as ref.from.
func (s *scanner) registerParent(args []span, depth int) (from string, known bool) {
	if len(args) < 2 {
		return "", true
	}
	v := unknown
	if s.at(args[1].start).kind != tLBrace {
		v = s.arg(args, 1, depth)
	} else {
		for _, member := range s.args(args[1].start) {
			if s.keyText(member.start) == "parentURL" && s.at(member.start+1).kind == tColon {
				v = s.expr(member.start+2, member.end, depth+1)
			}
		}
	}
	if !v.isConst() || len(v.vals) > 1 {
		return "", false
	}
	return requireFolder(v.vals[0])
}

// setupCall is cluster.setupPrimary({exec: file}).
func (s *scanner) setupCall(callee value, args []span, i, lp, depth int) {
	if !s.once(lp) || len(args) == 0 {
		return
	}
	end := s.skip(lp)
	if s.at(args[0].start).kind != tLBrace {
		if !callee.soft {
			s.gap(i, end, "cluster")
		}
		return
	}
	for _, member := range s.args(args[0].start) {
		k := member.start
		switch {
		case s.at(k).kind == tEllipsis:
			s.reportFile(callee, unknown, "cluster", i, end, i)
		case s.keyText(k) != "exec":
		case s.at(k+1).kind == tColon:
			s.reportFile(callee, s.expr(k+2, member.end, depth+1), "cluster", i, end, member.end)
		case member.end == k+1:
			s.reportFile(callee, s.variable(k, depth+1), "cluster", i, end, member.end)
		}
	}
}

// newCall evaluates new v(…); i is the word new.
func (s *scanner) newCall(v value, i, lp, depth int) value {
	args := s.args(lp)
	switch v.thing {
	case thURL:
		if len(args) == 0 {
			return unknown
		}
		a := s.arg(args, 0, depth)
		if len(args) == 1 {
			return a.each(func(c constant) (constant, bool) {
				return joinURL(c, constant{})
			})
		}
		return combine(a, s.arg(args, 1, depth), joinURL)
	case thWorker:
		s.workerCall(v, args, i, lp, depth)
	}
	return unknown
}

func (s *scanner) workerCall(v value, args []span, i, lp, depth int) {
	if len(args) > 1 && s.evalsText(args[1]) {
		s.once(lp)
		return
	}
	s.fileCall(v, args, 0, "Worker", i, lp, depth)
}

// evalsText reports whether {eval: true} is among a worker's options.
func (s *scanner) evalsText(a span) bool {
	if s.at(a.start).kind != tLBrace {
		return false
	}
	for _, member := range s.args(a.start) {
		if s.is(member.start, idEval) && s.is(member.start+2, idTrue) {
			return true
		}
	}
	return false
}

// dynamicImport is import(…). esbuild sees what has one literal in it, and
// reports the others, or takes them for patterns.
func (s *scanner) dynamicImport(i, depth int) value {
	lp := i + 1
	args := s.args(lp)
	v := s.arg(args, 0, depth)
	literal := len(args) == 1 && args[0].end == args[0].start+1 &&
		(s.at(args[0].start).kind == tString || s.at(args[0].start).kind == tTemplate)
	if s.once(lp) && !literal && len(args) > 0 {
		s.importRefs(v, i, s.skip(lp))
		switch globs := s.isGlob(args, v); {
		case !v.open:
			s.explain(i)
		case globs || len(args) > 1:
			s.gap(i, s.skip(lp), "import")
		}
		if len(args) > 1 {
			s.explainOptions(args[1])
		}
	}
	if v.isConst() && len(v.vals) == 1 && v.vals[0].base == baseNone {
		return s.builtin(v.vals[0].text)
	}
	return unknown
}

// explainOptions explains what esbuild may say of the second argument of import,
// when it is not one that a bundler can keep: the place is the argument's or
// that of something in it.
func (s *scanner) explainOptions(a span) {
	for j := a.start; j < a.end && j < a.start+climb && s.burn(); j++ {
		s.explain(j)
	}
}

func (s *scanner) importRefs(v value, i, end int) {
	if len(v.vals)+len(v.globs) > 0 {
		s.cover(i, end)
	}
	u := v
	u.globs = slices.Clone(v.globs)
	for n := range u.globs {
		u.globs[n].url = u.globs[n].url || u.globs[n].base == baseNone
	}
	s.globRefs(u, []string{""}, ref{}, i, end)
	for _, c := range v.vals {
		switch {
		case c.base == baseSpec && c.url, c.base == baseNone && c.text != "":
			s.addRef(ref{kind: refImport, text: c.text}, i, end)
		case c.base == baseSpec:
			s.addRef(ref{kind: refRequire, text: c.text}, i, end)
		default:
			if p, ok := folderPath(toPath(c)); ok {
				s.addRef(ref{kind: refPath, text: p}, i, end)
			}
		}
	}
}

// metaResolve is import.meta.resolve(…).
func (s *scanner) metaResolve(args []span, i, lp, depth int) value {
	v := s.arg(args, 0, depth)
	literal := len(args) == 1 && args[0].end == args[0].start+1 && s.at(args[0].start).kind == tString
	// esbuild reads import.meta.resolve as require, and so does not see it where
	// a variable has that name.
	unseen := len(s.name(idRequire).bindings) > 1 || !s.is(i, idImport)
	if s.once(lp) && len(args) > 0 {
		if !literal || unseen {
			s.importRefs(v, i, s.skip(lp))
		}
		switch globs := s.isGlob(args, v); {
		case v.open && (unseen || globs):
			s.gap(i, s.skip(lp), "import")
		case !unseen && !literal && !v.open:
			s.explain(i)
		}
	}
	return v.each(func(c constant) (constant, bool) {
		switch {
		case c.base != baseNone:
			return c, c.url
		case isRelative(c.text):
			return joinURL(c, constant{base: baseFile, url: true})
		}
		return constant{base: baseSpec, url: true, text: c.text}, true
	})
}
