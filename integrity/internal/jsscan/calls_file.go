package jsscan

import (
	"slices"
	"strings"
)

// Calls that take the path of a file: Worker, fork, cluster and dlopen.

// evalFileCall reports a call that starts or loads the file that argument n names.
func (s *scanner) evalFileCall(callee value, args []argument, n int, what string, i, paren, depth int) {
	v := s.evalArgument(args, n, depth)
	if !s.firstVisit(paren) || s.closing(paren) == paren+1 {
		return
	}
	covered := i
	if n < len(args) {
		covered = args[n].end // the options may name other files, which are reported as mentions
	}
	s.reportFile(callee, v, what, i, s.skip(paren), covered)
}

// reportFile reports the files in v. Tokens [i,covered) are marked as reported:
// the options after the path may name other files.
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

// evalSetupPrimary reports cluster.setupPrimary({exec: file}).
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

// evalWorker reports new Worker(file). A worker with {eval: true} loads no file.
func (s *scanner) evalWorker(v value, args []argument, i, paren, depth int) {
	if len(args) > 1 && s.hasEvalOption(args[1]) {
		s.firstVisit(paren)
		return
	}
	s.evalFileCall(v, args, 0, "Worker", i, paren, depth)
}

// hasEvalOption reports whether the options of a worker contain eval: true.
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

// reportSubclass reports the calls of super in a class that extends Worker. body
// is the opening brace of the class.
func (s *scanner) reportSubclass(v value, body int) {
	end := s.skip(body)
	supers := s.occurrences(idSuper)
	first, _ := slices.BinarySearch(supers, uint32(body))
	for _, j := range supers[first:] {
		i := int(j)
		if i >= end || !s.spend() {
			return
		}
		if s.at(i+1).kind == tLParen {
			s.evalWorker(v, s.arguments(i+1), i, i+1, 0)
		}
	}
}
