package jsscan

import (
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
)

// Calls that start processes: spawn, execFile, exec, and the options of fork.

// evalSpawn reports spawn(program, arguments, options) and execFile. A program that is not
// known may be node.
func (s *scanner) evalSpawn(callee value, args []argument, i, paren, depth int) {
	program := s.evalArgument(args, 0, depth)
	if !s.firstVisit(paren) || len(args) == 0 {
		return
	}
	c := fileCall{callee: callee, name: "spawn", i: i, end: s.skip(paren)}
	s.site(i, c.end, c.name, Nothing)
	isNode := program.entity == entExecPath || slices.ContainsFunc(program.constants, isNodeProgram)
	if !isNode {
		if !program.isConstant() || s.mayStartNode(program, args, depth) {
			s.gap(i, c.end, c.name)
		}
		s.reportPrograms(c, program, args, depth)
		return
	}
	if len(args) == 1 { // node reads code from its input
		s.gap(i, c.end, c.name)
		return
	}
	list, options := args[1], 2
	if s.at(list.start).kind == tLBrace {
		list, options = argument{}, 1
		s.gap(i, c.end, c.name)
	}
	c.cwd = s.readProcessOptions(c, args, options, depth)
	s.readNodeArguments(c, list, true, depth)
}

// mayStartNode reports whether a program with a fixed name that is not node starts node: a
// shell with a command line, or a program such as env, with node among its arguments.
func (s *scanner) mayStartNode(program value, args []argument, depth int) bool {
	isNode := func(c constant) bool { return nodeCommand().MatchString(c.text) }
	if slices.ContainsFunc(program.constants, isNode) {
		return true
	}
	if len(args) < 2 {
		return false
	}
	elements, _ := s.array(args[1])
	return slices.ContainsFunc(elements, func(a argument) bool {
		return slices.ContainsFunc(s.evalExpr(a.start, a.end, depth+1).constants, isNode)
	})
}

// reportPrograms reports a program that a path names: it may be a file with a #! line.
func (s *scanner) reportPrograms(c fileCall, program value, args []argument, depth int) {
	for _, p := range program.constants {
		if p.base != baseNone || path.IsAbs(p.text) || !strings.Contains(p.text, "/") {
			continue
		}
		for n := 1; n < len(args); n++ {
			if s.at(args[n].start).kind == tLBrace {
				c.cwd = s.readProcessOptions(c, args, n, depth)
			}
		}
		s.addWorkingDirFile(c, p.text, Specifier{Optional: true})
	}
}

// isNodeProgram reports whether c is the name or the path of node.
func isNodeProgram(c constant) bool {
	switch path.Base(strings.ReplaceAll(c.text, `\`, "/")) {
	case "node", "node.exe", "nodejs":
		return true
	}
	return false
}

// nodeCommand matches a command line that may start node.
var nodeCommand = lazyregexp.New(`(?i)\bnode(js)?(\.exe)?("|'|\s|$)`)

// evalExec reports exec(command).
func (s *scanner) evalExec(args []argument, i, paren, depth int) {
	command := s.evalArgument(args, 0, depth)
	if !s.firstVisit(paren) || len(args) == 0 {
		return
	}
	s.site(i, s.skip(paren), "spawn", Nothing)
	if !command.isConstant() || slices.ContainsFunc(command.constants, func(c constant) bool { return nodeCommand().MatchString(c.text) }) {
		s.gap(i, s.skip(paren), "spawn")
	}
}

// followProgram reports a call to which process.execPath, at tokens [start,next), is passed
// before a list: the packages that start processes are called so.
func (s *scanner) followProgram(start, next int) {
	paren := start - 1
	if s.at(paren).kind != tLParen || s.isGroup(paren) || s.at(next).kind != tComma || s.seenCalls[paren] {
		return
	}
	args := s.arguments(paren)
	if len(args) < 2 {
		return
	}
	if _, ok := s.literal(args[1], tLBracket); ok {
		s.evalSpawn(value{entity: entSpawn}, args, s.calleeStart(paren), paren, 0)
	}
}

// readProcessOptions reads the options of a process, argument n of a call. It returns the
// working directory of the process.
func (s *scanner) readProcessOptions(c fileCall, args []argument, n, depth int) workingDir {
	if n >= len(args) {
		return workingDir{}
	}
	options, known := s.object(args[n])
	if !known && !c.callee.guessed && c.name != "spawn" {
		s.gap(c.i, c.end, c.name) // execArgv
	}
	s.readNodeOptions(c, options, depth)
	cwd, ok := options["cwd"]
	if !ok {
		return workingDir{isOther: !known, unknown: !known}
	}
	v := s.evalExpr(cwd.start, cwd.end, depth+1)
	if s.isWorkingDir(cwd) {
		return workingDir{}
	}
	if v.isConstant() && len(v.constants) == 1 {
		if dir, ok := relativePath(asPath(v.constants[0])); ok {
			return workingDir{isOther: true, dir: dir}
		}
	}
	return workingDir{isOther: true, unknown: true}
}

// isWorkingDir reports whether a is process.cwd().
func (s *scanner) isWorkingDir(a argument) bool {
	return a.end == a.start+5 && s.isWord(a.start, idProcess) && s.text(a.start+2) == "cwd"
}

// readNodeOptions reports the modules that the options of a thread or process name: execArgv,
// and NODE_OPTIONS in env.
func (s *scanner) readNodeOptions(c fileCall, options map[string]argument, depth int) {
	if a, ok := options["execArgv"]; ok {
		s.readNodeArguments(c, a, false, depth)
	}
	env, ok := options["env"]
	if !ok {
		return
	}
	variables, _ := s.object(env)
	a, ok := variables["NODE_OPTIONS"]
	if !ok {
		return
	}
	v := s.evalExpr(a.start, a.end, depth+1)
	if !v.isConstant() || len(v.constants) > 1 || v.constants[0].base != baseNone {
		s.optionsGap(c)
		return
	}
	r := nodeArguments{scanner: s, call: c}
	for word := range strings.FieldsSeq(v.constants[0].text) {
		if !r.read(constants(constant{text: word})) {
			return
		}
	}
}

// optionsGap reports that c loads modules that are not known.
func (s *scanner) optionsGap(c fileCall) {
	if !c.callee.guessed {
		s.gap(c.i, c.end, c.name)
	}
}

// readNodeArguments reports the modules that a list of arguments of node names, and the file
// that it starts if withFile is set.
func (s *scanner) readNodeArguments(c fileCall, a argument, withFile bool, depth int) {
	r := nodeArguments{scanner: s, call: c, withFile: withFile}
	if a.end == 0 || s.isExecArgv(a, depth) {
		return
	}
	elements, known := s.array(a)
	if !known {
		s.optionsGap(c)
		return
	}
	if len(elements) == 0 && withFile {
		s.optionsGap(c)
	}
	for _, e := range elements {
		if s.at(e.start).kind == tEllipsis {
			if s.isExecArgv(argument{e.start + 1, e.end}, depth) {
				continue
			}
			s.optionsGap(c)
			return
		}
		if !r.read(s.evalExpr(e.start, e.end, depth+1)) {
			return
		}
		if r.withFile {
			s.markReported(e.start, e.end)
		}
	}
}

// isExecArgv reports whether a is process.execArgv, the arguments of the program itself.
func (s *scanner) isExecArgv(a argument, depth int) bool {
	return s.evalExpr(a.start, a.end, depth+1).entity == entExecArgv
}

// A nodeArguments reads the arguments of node, one at a time.
type nodeArguments struct {
	*scanner
	call     fileCall
	withFile bool
	want     string // the flag whose value is next
}

// The flags of node that name a module, and those whose meaning depends on a file or on code
// that the scanner does not read.
var (
	requireFlags = []string{"-r", "--require"}
	importFlags  = []string{"--import", "--loader", "--experimental-loader"}
	valueFlags   = []string{"-C", "--conditions", "--title", "--input-type", "--max-http-header-size", "--stack-trace-limit"}
	unknownFlags = []string{"-e", "--eval", "-p", "--print", "-pe", "-i", "--interactive", "--env-file", "--env-file-if-exists",
		"--build-snapshot", "--build-snapshot-config", "--snapshot-blob", "--experimental-sea-config", "--experimental-config-file",
		"--experimental-default-config-file", "--test", "--test-reporter", "--test-global-setup", "--run", "--watch-path", "--openssl-config"}
)

// read reads one argument. It returns false if what follows is of no interest: the arguments
// of the file, or arguments after one that is not known.
func (r *nodeArguments) read(v value) bool {
	if r.want != "" {
		flag := r.want
		r.want = ""
		r.readValue(flag, v)
		return true
	}
	if v.isConstant() && len(v.constants) == 1 && v.constants[0].base == baseNone && strings.HasPrefix(v.constants[0].text, "-") {
		flag, text, hasValue := strings.Cut(v.constants[0].text, "=")
		switch {
		case flag == "--":
		case flag == "-": // code from the input
			r.optionsGap(r.call)
		case slices.Contains(unknownFlags, flag):
			r.optionsGap(r.call)
		case hasValue:
			r.readValue(flag, constants(constant{text: text}))
			r.readCondition(flag)
		case slices.Contains(requireFlags, flag) || slices.Contains(importFlags, flag) || slices.Contains(valueFlags, flag):
			r.want = flag
			r.readCondition(flag)
		}
		return true
	}
	switch flag := flagOf(v); {
	case slices.Contains(unknownFlags, flag):
		r.optionsGap(r.call)
		return true
	case flag != "":
		r.readValue(flag, unknown)
		r.readCondition(flag)
		return true
	case !r.withFile:
		r.optionsGap(r.call)
		return false
	}
	r.reportFile(r.call, v, r.call.i)
	return false
}

// readCondition reports that the names of the started program may mean other files than in
// this program, if flag is --conditions.
func (r *nodeArguments) readCondition(flag string) {
	if flag == "-C" || flag == "--conditions" {
		r.optionsGap(r.call)
	}
}

// flagOf returns the flag of a value that is not known as a whole, and begins with a flag and
// "=" whatever it is.
func flagOf(v value) (flag string) {
	for _, c := range slices.Concat(v.constants, v.patterns) {
		name, _, hasValue := strings.Cut(c.text, "=")
		if c.base != baseNone || !hasValue || !strings.HasPrefix(name, "--") || flag != "" && flag != name {
			return ""
		}
		flag = name
	}
	if v.incomplete && len(v.patterns) == 0 {
		return ""
	}
	return flag
}

// readValue reads the value of a flag.
func (r *nodeArguments) readValue(flag string, v value) {
	isImport := slices.Contains(importFlags, flag)
	if !isImport && !slices.Contains(requireFlags, flag) {
		return
	}
	if v.incomplete || len(v.constants) == 0 {
		r.optionsGap(r.call)
	}
	for _, c := range v.constants {
		if !r.addModule(c, isImport) {
			r.optionsGap(r.call)
		}
	}
}

// addModule reports a module that a flag names: Node resolves it from the working directory.
// It returns false if that is not known, or if the name is none.
func (r *nodeArguments) addModule(c constant, isImport bool) bool {
	call := r.call
	switch {
	case c.base != baseNone, strings.HasPrefix(c.text, "file:"):
		return r.reportFilePath(call, c, !isImport)
	case strings.HasPrefix(c.text, "data:"), c.text == "":
		return false
	case isRelative(c.text) || path.IsAbs(c.text):
		return r.addWorkingDirFile(call, c.text, Specifier{Probe: !isImport, Optional: call.callee.guessed})
	case call.cwd.unknown:
		return false
	}
	s := Specifier{Kind: Require, Text: c.text, Optional: call.callee.guessed, FromWorkingDir: !call.cwd.isOther}
	if call.cwd.isOther && call.cwd.dir != "." {
		s.From = call.cwd.dir
	}
	r.add(s, call.i, call.end)
	return true
}
