package launch

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
	"github.com/nodeint/nodeint/integrity/jsontext"
	"github.com/nodeint/nodeint/integrity/preload"
	"github.com/nodeint/nodeint/integrity/problem"
)

// An execCheck decides about the programs that node and its descendants execute.
type execCheck struct {
	config Config
	node   string   // path of node
	own    []string // nodeint's words in NODE_OPTIONS: the bootstrap first

	mu     sync.Mutex
	nested []string      // the bootstraps of nodeint run inside this one
	last   execViolation // that was reported, and of which process
	lastOf int
}

// Codes of violations.
const (
	codeExec = "exec"
	codeFlag = "flag"
	codeEval = "eval"
	codeEnv  = "environment"
)

// An execViolation is why a program must not run.
type execViolation struct {
	code, detail, hint string
}

// nodeProcess returns why node must not start with the arguments and the environment, or
// nil. It decides by the same table as [ParseCommand], and NODE_OPTIONS must load the
// preload before anything else.
func (c *execCheck) nodeProcess(argv, env []string) *execViolation {
	table := nodeflags.Flags(c.config.Allow)
	flags, rest, err := table.Parse(argv[min(1, len(argv)):])
	if err != nil {
		return violationOf(codeFlag, err)
	}
	options, err := c.options(table, env)
	if err != nil {
		return violationOf(codeFlag, err)
	}
	if v := c.preloaded(options, env); v != nil {
		return v
	}
	if f := nodeflags.Changed(c.config.Variables, env, true); f != nil {
		return &execViolation{codeEnv, "its environment has " + f.Name + ": " + f.Reason, "set the variable in the environment of nodeint run"}
	}
	for _, f := range flags {
		if f.Kind == nodeflags.Require {
			return &execViolation{codeFlag, "node runs a module of " + f.Name + " before the preload", "use --import in place of " + f.Name}
		}
	}
	for _, f := range slices.Concat(options, flags) {
		if v := c.resolution(f); v != nil {
			return v
		}
	}
	return c.script(&Program{Flags: flags, Options: options}, rest)
}

// script returns a violation if node would run code that is in no file.
func (c *execCheck) script(p *Program, rest []string) *execViolation {
	err := p.setScript(rest, c.config.Allow)
	switch {
	case err == nil:
		return nil
	case len(rest) > 0 && rest[0] != "-" && rest[0] != "":
		return violationOf(codeEval, err)
	case c.config.Allow.Eval:
		return nil
	case p.hasCode():
		return violationOf(codeEval, err)
	}
	return &execViolation{codeEval, "node would read its code from the terminal or from stdin, which no map can pin", "put the code into a file and pin it, or start the program with --allow eval"}
}

// hasCode reports whether a flag gives node the code to run.
func (p *Program) hasCode() bool {
	return slices.ContainsFunc(p.Flags, func(f nodeflags.Flag) bool { return f.Kind == nodeflags.Eval })
}

// options reads the flags in NODE_OPTIONS. If the environment has a variable twice, node
// takes the first, but a program in between may take the last.
func (c *execCheck) options(table nodeflags.Table, env []string) ([]nodeflags.Flag, error) {
	values := map[string]string{}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "NODE_") {
			continue
		}
		if first, twice := values[name]; twice && first != value {
			return nil, problem.BadUsage("", "the environment has different values of %s", name)
		}
		values[name] = value
	}
	flags, loader, err := parseEnvironment(table, env, c.config.Allow)
	if err == nil && loader != "" {
		_, _, err = table.Parse([]string{"--experimental-loader", loader})
	}
	return flags, err
}

// preloaded returns a violation unless node loads the preload first.
func (c *execCheck) preloaded(options []nodeflags.Flag, env []string) *execViolation {
	missing := func(what string) *execViolation {
		return &execViolation{codeExec, "node would start without the preload: " + what, "start node with the environment of its parent, without env -i, and let NODE_OPTIONS begin as it does there"}
	}
	var words []string
	own := c.own[1:]
	first := true
	for _, f := range options {
		words = append(words, f.Words...)
		switch {
		case f.Kind == nodeflags.Require:
			return &execViolation{codeFlag, "node runs a module of " + f.Name + " in NODE_OPTIONS before the preload", "use --import in place of " + f.Name}
		case f.Kind == nodeflags.Import && first:
			word := strings.Join(f.Words, " ")
			if !c.isBootstrap(word) {
				return missing("NODE_OPTIONS loads another module first")
			}
			if word != c.own[0] {
				own = nil // a run inside this one has words of its own
			}
			first = false
		}
	}
	if first {
		return missing("NODE_OPTIONS does not load it")
	}
	for _, word := range own {
		if !slices.Contains(words, word) {
			return missing("NODE_OPTIONS does not have " + word)
		}
	}
	for name, value := range ownEnv {
		if getenv(env, name) != value {
			return missing("the environment does not have " + name + "=" + value)
		}
	}
	return nil
}

// isBootstrap reports whether a word loads this run's preload, or that of a nodeint run
// that the program has started.
func (c *execCheck) isBootstrap(word string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return word == c.own[0] || slices.Contains(c.nested, word)
}

// maxNested is the number of runs inside a run that are accepted.
const maxNested = 1000

// addNested accepts the bootstrap with which a nodeint starts node.
func (c *execCheck) addNested(env []string) {
	words, err := nodeflags.Split(getenv(env, nodeOptions))
	if err != nil || len(words) == 0 || !isBootstrapFlag(words[0]) || c.isBootstrap(words[0]) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.nested) < maxNested {
		c.nested = append(c.nested, words[0])
	}
}

// resolution returns a violation for a flag that gives names another meaning than the map.
func (c *execCheck) resolution(f nodeflags.Flag) *execViolation {
	switch f.Kind {
	case nodeflags.Conditions:
		if c.config.Conditions != nil && !slices.Contains(c.config.Conditions, f.Value) {
			return &execViolation{codeFlag, "the map was not generated for the condition " + f.Value, conditionHint(f.Value)}
		}
	case nodeflags.Packages:
		if f.Value == packageMapFile {
			return nil // nodeint's own, which the preload answers
		}
		if c.config.PackageMap == "" || realPath(f.Value) != c.config.PackageMap {
			return &execViolation{codeFlag, "the map was not generated with the package map " + f.Value, ""}
		}
	}
	return nil
}

// conditionHint returns what to do about a child with a condition that the map does not have.
func conditionHint(name string) string {
	return "name it in nodeint.conditions in package.json, run nodeint generate, and start the program with node --conditions " + name
}

// violationOf returns the violation for an error of reading a command line.
func violationOf(code string, err error) *execViolation {
	v := &execViolation{code: code, detail: err.Error()}
	if e, ok := errors.AsType[*problem.Error](err); ok {
		v.hint = e.Hint
	}
	return v
}

// report reports that a program was refused, as the preload reports a violation. A shell
// then tries the next node in PATH, for the same reason in vain.
func (c *execCheck) report(pid int, program string, v *execViolation) {
	c.mu.Lock()
	again := pid == c.lastOf && *v == c.last
	c.last, c.lastOf = *v, pid
	c.mu.Unlock()
	if again {
		return
	}
	line := struct {
		Schema  int    `json:"schema"`
		Command string `json:"command"`
		Code    string `json:"code"`
		Detail  string `json:"detail"`
		Action  string `json:"action"`
		PID     int    `json:"pid"`
		Hint    string `json:"hint,omitempty"`
	}{1, "run", v.code, "starting " + program + ": " + v.detail, c.config.OnViolation, pid, v.hint}
	text, err := jsontext.Marshal(line)
	if err != nil {
		return // not reached: it has only text and numbers
	}
	text = append(text, '\n')
	if c.config.Report != "" {
		if err := appendTo(c.config.Report, text); err != nil {
			fmt.Fprintln(os.Stderr, "nodeint: error: cannot write the violation to "+c.config.Report)
		}
	}
	if !c.config.JSON {
		done := map[string]string{OnLog: "violation", OnThrow: "refused"}[c.config.OnViolation]
		if done == "" {
			done = "stopped"
		}
		text = fmt.Appendf(nil, "nodeint: %s: %s: %s\n", done, line.Code, problem.Printable(line.Detail))
		if line.Hint != "" {
			text = fmt.Appendf(text, "nodeint: hint: %s\n", line.Hint)
		}
	}
	_, _ = os.Stderr.Write(text)
}

// appendTo appends a line to a file with one call, which keeps the lines of several
// processes apart.
func appendTo(file string, line []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(line)
	return errors.Join(err, f.Close())
}

// isBootstrapFlag reports whether a word of NODE_OPTIONS loads the preload of a nodeint
// run, whichever it is.
func isBootstrapFlag(word string) bool { return strings.HasPrefix(word, bootstrapPrefix()) }

// bootstrapPrefix is how the flag begins that loads a preload: up to the paths.
var bootstrapPrefix = sync.OnceValue(func() string {
	text, _, _ := strings.Cut(preload.Bootstrap, "$PATHS")
	return bootstrapStart() + percent(text)
})
