package jsscan

import (
	"path"
	"slices"
	"strings"
)

// Calls that take the path of a file: Worker, fork, cluster and dlopen.

// A fileCall is a call that starts or loads a file.
type fileCall struct {
	callee value
	name   string // as Gap.Call
	cwd    workingDir
	i, end int // the tokens of the call
}

// A workingDir is the directory that a relative path is resolved from: that of the process,
// unless an option names another one.
type workingDir struct {
	isOther bool
	dir     string // if it is another and known: relative to the module's directory
	unknown bool
}

// evalFileCall reports a call that starts or loads the file that argument n names.
func (s *scanner) evalFileCall(callee value, args []argument, n int, call string, i, paren, depth int) {
	v := s.evalArgument(args, n, depth)
	if !s.firstVisit(paren) || s.closing(paren) == paren+1 {
		return
	}
	c := fileCall{callee: callee, name: call, i: i, end: s.skip(paren)}
	if callee.guessed && !v.isLocalPath() && !slices.ContainsFunc(v.constants, func(c constant) bool { return isRelative(c.text) }) {
		return
	}
	if !callee.guessed {
		s.site(i, c.end, call, noOutcome)
	}
	switch {
	case call == "fork":
		at := n + 1
		if len(args) > at && s.at(args[at].start).kind != tLBrace {
			at++
		}
		c.cwd = s.readProcessOptions(c, args, at, depth)
	case call == "Worker":
		if s.readWorkerOptions(c, args, depth) {
			s.reportCode(c, v)
			return
		}
	}
	covered := i
	if n < len(args) {
		covered = args[n].end // the options may name other files, which are reported as mentions
	}
	s.reportFile(c, v, covered)
}

// reportFile reports the files in v. Tokens [c.i,covered) are marked as reported:
// the options after the path may name other files.
func (s *scanner) reportFile(c fileCall, v value, covered int) {
	probe := c.name != "dlopen"
	s.addPatterns(v, nil, Specifier{Probe: probe}, c.i, c.end)
	complete := !v.incomplete && len(v.constants) > 0
	for _, text := range v.constants {
		used := s.reportFilePath(c, text, probe)
		if used {
			s.markReported(c.i, covered)
		}
		complete = complete && used
	}
	switch {
	case c.callee.guessed:
	case !complete:
		s.gap(c.i, c.end, c.name)
	default:
		s.settled(c)
	}
}

// settled records that all that c loads is reported.
func (s *scanner) settled(c fileCall) {
	for n := range s.out.Calls {
		if p := &s.out.Calls[len(s.out.Calls)-1-n]; p.Place == s.placeOf(c.i, c.end) && p.Outcome == noOutcome {
			p.Outcome = Nothing
			return
		}
	}
}

// reportFilePath reports one file. It returns false if a function of Node.js cannot use the
// path, or if the file is not known.
func (s *scanner) reportFilePath(c fileCall, text constant, probe bool) bool {
	p, isPath := relativePath(asPath(text))
	switch {
	case text.base == baseResolved:
		s.add(Specifier{Kind: Require, Text: text.text}, c.i, c.end)
	case text.base != baseNone:
		if isPath {
			s.add(Specifier{Kind: File, Text: p, Probe: probe}, c.i, c.end)
		}
		return isPath || isModuleFile(text)
	case strings.HasPrefix(text.text, "file:"):
		s.add(Specifier{Kind: Import, Text: text.text}, c.i, c.end)
	case strings.HasPrefix(text.text, "data:") && c.name == "Worker":
	case text.isURL || text.text == "":
		return false
	case c.callee.guessed && !isRelative(text.text):
		return false
	default:
		return s.addWorkingDirFile(c, text.text, Specifier{Probe: probe, Optional: c.callee.guessed})
	}
	return true
}

// addWorkingDirFile reports a file whose path is relative to the working directory of the
// call. It returns false if that is not known.
func (s *scanner) addWorkingDirFile(c fileCall, text string, r Specifier) bool {
	r.Kind, r.Text = WorkingDirFile, text
	if c.cwd.isOther && !path.IsAbs(text) {
		if c.cwd.unknown {
			r.Optional = true
			s.add(r, c.i, c.end)
			return false
		}
		r.Kind, r.Text = File, path.Join(c.cwd.dir, text)
	}
	s.add(r, c.i, c.end)
	return true
}

// evalSetupPrimary reports cluster.setupPrimary({exec: file}).
func (s *scanner) evalSetupPrimary(callee value, args []argument, i, paren, depth int) {
	if !s.firstVisit(paren) || len(args) == 0 {
		return
	}
	c := fileCall{callee: callee, name: "cluster", i: i, end: s.skip(paren)}
	if !callee.guessed {
		s.site(i, c.end, "cluster", Nothing) // without exec, the program itself is started
	}
	options, known := s.object(args[0])
	if !known && !callee.guessed {
		s.gap(i, c.end, "cluster")
	}
	c.cwd = s.readProcessOptions(c, args, 0, depth)
	if exec, ok := options["exec"]; ok {
		s.reportFile(c, s.evalExpr(exec.start, exec.end, depth+1), exec.end)
	}
}

// evalWorker reports new Worker(file).
func (s *scanner) evalWorker(v value, args []argument, i, paren, depth int) {
	s.evalFileCall(v, args, 0, "Worker", i, paren, depth)
}

// readWorkerOptions reads the options of a worker. It reports whether the first argument is
// code, and not a file.
func (s *scanner) readWorkerOptions(c fileCall, args []argument, depth int) (isCode bool) {
	if len(args) < 2 {
		return false
	}
	options, known := s.object(args[1])
	if !known && !c.callee.guessed {
		s.gap(c.i, c.end, c.name) // eval, execArgv
	}
	if a, ok := options["eval"]; ok {
		switch {
		case s.isWord(a.start, idTrue) && a.end == a.start+1:
			isCode = true
		case !s.isWord(a.start, idFalse) && !c.callee.guessed:
			s.gap(c.i, c.end, c.name)
		}
	}
	s.readNodeOptions(c, options, depth)
	return isCode
}

// reportCode reports a worker whose first argument is code: a gap, unless the code is known
// and loads nothing.
func (s *scanner) reportCode(c fileCall, v value) {
	if c.callee.guessed {
		return
	}
	for _, code := range v.constants {
		if code.base != baseNone || strings.Contains(code.text, "require") || strings.Contains(code.text, "import") ||
			strings.Contains(code.text, "module") || strings.Contains(code.text, "process") {
			v.incomplete = true
		}
	}
	if v.incomplete {
		s.gap(c.i, c.end, c.name)
		return
	}
	s.settled(c)
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
