package project

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/shell"
)

// A command is what a start script starts at its end.
type command struct {
	text  string   // of the script
	dir   string   // of nodeint -C; "" if the script has none
	env   []string // NAME=value
	words []string // at least one
}

// readCommand parses a start script. It is a list of commands joined by "&&".
// The last one starts the program, and those before it are commands of nodeint
// that start nothing, as in "nodeint verify && node server.js". Before the
// program's own words, in any order and number, may be
//
//	NAME=value            for the shell, or after cross-env or env
//	cross-env, env, exec
//	tini, dumb-init       and other init processes, with their flags
//	npx, npm exec, …      before nodeint, node or another program of the project
//	nodeint run           with its flags
//
// Every other form is an error. A pipe, another list, or a word that the shell
// expands needs a shell to determine what it starts.
func readCommand(script string) (command, error) {
	steps, err := shell.Steps(script)
	if err != nil {
		return command{}, err
	}
	if len(steps) == 0 {
		return command{}, fmt.Errorf("%q is not of the form node FILE", script)
	}
	last := len(steps) - 1
	for _, s := range steps[:last] {
		words := skipRunner(s.Words)
		if len(words) == 0 || baseName(words[0]) != "nodeint" || startsProgram(words[1:]) {
			return command{}, fmt.Errorf("%q needs a shell: before && only commands of nodeint, such as nodeint verify, are read", script)
		}
	}
	c := command{text: script, env: steps[last].Env, words: steps[last].Words}
	return c, c.unwrapAll()
}

// unwrapAll removes the words before those of the program.
func (c *command) unwrapAll() error {
	for {
		before := len(c.words)
		if before == 0 {
			return fmt.Errorf("%q is not of the form node FILE", c.text)
		}
		if err := c.unwrap(); err != nil {
			return fmt.Errorf("%q: %w", c.text, err)
		}
		if len(c.words) == before {
			return nil
		}
	}
}

// unwrap removes the first word, with its flags, if it starts the program that
// the words after it name.
func (c *command) unwrap() error {
	switch name := baseName(c.words[0]); name {
	case "env", "cross-env":
		c.words = c.words[1:]
		for len(c.words) > 0 && isAssignment(c.words[0]) {
			c.env, c.words = append(c.env, c.words[0]), c.words[1:]
		}
	case "exec":
		c.words = c.words[1:]
	case "nodeint":
		return c.unwrapNodeint()
	default:
		if values, ok := inits(name); ok {
			c.words, _ = skipFlags(c.words[1:], values)
		} else {
			c.words = skipRunner(c.words)
		}
	}
	return nil
}

// inits returns the flags with a value of an init process for containers.
func inits(name string) (valueFlags []string, ok bool) {
	switch name {
	case "tini", "tini-static":
		return []string{"-p", "-e"}, true
	case "dumb-init":
		return []string{"-r", "--rewrite"}, true
	case "catatonit":
		return nil, true
	}
	return nil, false
}

// runners are the commands of package managers that start a program of the
// project. Flags may follow.
var runners = [][]string{
	{"npx"}, {"npm", "exec"}, {"npm", "x"}, {"pnpx"}, {"pnpm", "exec"}, {"pnpm", "dlx"}, {"pnpm"},
	{"yarn", "exec"}, {"yarn", "run"}, {"yarn"}, {"bunx"}, {"bun", "x"},
}

// started are the programs that a runner is known to start. Of another name, it
// depends on the manager whether it is a program or a script.
var started = []string{"nodeint", "node", "cross-env"}

// skipRunner returns the words without the command of a package manager before
// them.
func skipRunner(words []string) []string {
	for _, r := range runners {
		if len(words) <= len(r) || baseName(words[0]) != r[0] || !slices.Equal(words[1:len(r)], r[1:]) {
			continue
		}
		if rest, _ := skipFlags(words[len(r):], nil); len(rest) > 0 && slices.Contains(started, baseName(rest[0])) {
			return rest
		}
	}
	return words
}

// skipFlags returns the words after the flags and after "--", and the flags.
// valueFlags take the next word as their value.
func skipFlags(words, valueFlags []string) (rest, flags []string) {
	for i := 0; i < len(words); i++ {
		name, _, has := strings.Cut(words[i], "=")
		switch {
		case words[i] == "--":
			return words[i+1:], words[:i]
		case !strings.HasPrefix(words[i], "-"):
			return words[i:], words[:i]
		case slices.Contains(valueFlags, name) && !has:
			i++
		}
	}
	return nil, words
}

// nodeintValueFlags are the flags of nodeint run, and of nodeint itself, that
// take the next word as their value.
var nodeintValueFlags = []string{
	"-C", "--cwd", "--map", "--color", "--on-violation", "--report", "--allow", "--trust",
	"--map-integrity", "--map-integrity-file", "--key", "--threshold", "--min-serial", "--out",
}

// unwrapNodeint removes "nodeint run" and its flags.
func (c *command) unwrapNodeint() error {
	rest, before := skipFlags(c.words[1:], nodeintValueFlags)
	if len(rest) == 0 || !isStarter(rest[0]) {
		return fmt.Errorf("nodeint %s does not start a program", strings.Join(rest, " "))
	}
	verb := rest[0]
	rest, after := skipFlags(rest[1:], nodeintValueFlags)
	if len(rest) == 0 {
		return fmt.Errorf("nodeint %s without a command does not name the program", verb)
	}
	for i, flag := range slices.Concat(before, after) {
		flags := slices.Concat(before, after)
		switch value, joined := strings.CutPrefix(flag, "--cwd="); {
		case joined:
			c.dir = value
		case (flag == "-C" || flag == "--cwd") && i+1 < len(flags):
			c.dir = flags[i+1]
		case strings.HasPrefix(flag, "-C") && flag != "-C":
			c.dir = strings.TrimPrefix(flag[2:], "=")
		}
	}
	c.words = rest
	return nil
}

func isStarter(verb string) bool { return verb == "run" || verb == "trace" }

// startsProgram reports whether the words after nodeint start a program.
func startsProgram(words []string) bool {
	rest, _ := skipFlags(words, nodeintValueFlags)
	return len(rest) > 0 && isStarter(rest[0])
}
