package shell

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"mvdan.cc/sh/v3/syntax"
)

// An outcome is a set of ways in which a command may end.
type outcome uint8

const (
	succeeds      outcome = 1 << iota // the next command runs, $? is 0
	fails                             // the next command runs, $? is not 0
	exitsOK                           // the shell ends with status 0
	exitsFailed                       // the shell ends with another status
	returnsOK                         // the function returns 0
	returnsFailed                     // the function returns another status

	goesOn = succeeds | fails
)

// reachesEnd returns an error if the shell may end with status 0 before the end
// of the script, or if it never succeeds at the end: a command appended with
// "&&" would not run, although the script succeeds.
//
// It reads exit, exec and return in every construct of sh, with their status if
// it is a number. It does not read what eval, "." and traps run.
func reachesEnd(f *syntax.File) error {
	a := &flow{functions: map[string]outcome{}}
	out := a.list(f.Stmts, succeeds)
	switch {
	case out&(exitsOK|returnsOK) != 0:
		return fmt.Errorf("%s ends the shell first", a.endedBy)
	case out&succeeds == 0:
		return errors.New("it never ends with status 0")
	}
	return nil
}

// A flow computes outcomes. Where it cannot know, it assumes both success and
// failure.
type flow struct {
	functions map[string]outcome
	depth     int    // of functions and subshells
	endedBy   string // the first command that may end the shell with status 0
}

// list returns the outcome of statements in sequence; before is that of the
// statement before them.
func (a *flow) list(stmts []*syntax.Stmt, before outcome) outcome {
	var ended outcome
	for _, s := range stmts {
		if before&goesOn == 0 {
			break
		}
		out := a.stmt(s, before&goesOn)
		ended |= out &^ goesOn
		before = out
	}
	return ended | before
}

func (a *flow) stmt(s *syntax.Stmt, before outcome) outcome {
	if s.Background || s.Coprocess || s.Disown {
		return succeeds
	}
	out := a.command(s.Cmd, before)
	if len(s.Redirs) > 0 {
		out |= fails
	}
	if s.Negated {
		out = out&^goesOn | swap(out&goesOn)
	}
	return out
}

// swap exchanges success and failure.
func swap(out outcome) (swapped outcome) {
	if out&succeeds != 0 {
		swapped |= fails
	}
	if out&fails != 0 {
		swapped |= succeeds
	}
	return swapped
}

func (a *flow) command(cmd syntax.Command, before outcome) outcome {
	switch cmd := cmd.(type) {
	case *syntax.CallExpr:
		return a.call(cmd, before)
	case *syntax.BinaryCmd:
		return a.binary(cmd, before)
	case *syntax.Block:
		return a.list(cmd.Stmts, before)
	case *syntax.Subshell:
		return a.subshell(cmd.Stmts, before)
	case *syntax.IfClause:
		return a.ifClause(cmd, before)
	case *syntax.WhileClause:
		cond := a.list(cmd.Cond, before)
		body := a.list(cmd.Do, cond)
		return (cond|body)&^goesOn | goesOn
	case *syntax.ForClause:
		return a.list(cmd.Do, goesOn) | goesOn
	case *syntax.CaseClause:
		out := succeeds // no pattern matches
		for _, item := range cmd.Items {
			out |= a.list(item.Stmts, before)
		}
		return out
	case *syntax.TimeClause:
		if cmd.Stmt != nil {
			return a.stmt(cmd.Stmt, before)
		}
	case *syntax.FuncDecl:
		a.declare(cmd)
		return succeeds
	}
	return goesOn
}

func (a *flow) binary(cmd *syntax.BinaryCmd, before outcome) outcome {
	if cmd.Op != syntax.AndStmt && cmd.Op != syntax.OrStmt {
		return goesOn // each side of a pipe runs in a shell of its own
	}
	goOn := succeeds
	if cmd.Op == syntax.OrStmt {
		goOn = fails
	}
	x := a.stmt(cmd.X, before)
	if x&goOn == 0 {
		return x
	}
	return x&^goOn | a.stmt(cmd.Y, goOn)
}

func (a *flow) ifClause(c *syntax.IfClause, before outcome) outcome {
	cond := a.list(c.Cond, before)
	out := cond &^ goesOn
	if cond&succeeds != 0 {
		out |= a.list(c.Then, succeeds)
	}
	switch {
	case cond&fails == 0:
	case c.Else == nil:
		out |= succeeds
	case len(c.Else.Cond) > 0: // elif
		out |= a.ifClause(c.Else, fails)
	default:
		out |= a.list(c.Else.Then, fails)
	}
	return out
}

// subshell returns the outcome of statements that run in a shell of their own:
// exit ends only that one.
func (a *flow) subshell(stmts []*syntax.Stmt, before outcome) outcome {
	a.depth++
	defer func() { a.depth-- }()
	return afterwards(a.list(stmts, before))
}

// afterwards turns the end of a subshell or function into its status.
func afterwards(out outcome) (status outcome) {
	if out&(succeeds|exitsOK|returnsOK) != 0 {
		status |= succeeds
	}
	if out&(fails|exitsFailed|returnsFailed) != 0 {
		status |= fails
	}
	return status
}

// declare computes the outcome of calls of a function. A call of the function
// within its own body counts as a call of another program.
func (a *flow) declare(f *syntax.FuncDecl) {
	if f.Name == nil {
		return
	}
	a.depth++
	out := a.stmt(f.Body, goesOn)
	a.depth--
	a.functions[f.Name.Value] = out&(exitsOK|exitsFailed) | afterwards(out&^(exitsOK|exitsFailed))
}

func (a *flow) call(c *syntax.CallExpr, before outcome) outcome {
	args := make([]string, len(c.Args)) // "" for one that the shell expands
	for i, w := range c.Args {
		args[i], _ = literalOf(w)
	}
	for len(args) > 1 && slices.Contains([]string{"command", "builtin", "time", "-p", "--"}, args[0]) {
		args = args[1:]
	}
	if len(args) == 0 {
		return goesOn // assignments; a substitution in them may fail
	}
	name, out := args[0], outcome(0)
	switch name {
	case "exit", "return":
		out = before
		if len(args) > 1 {
			out = status(args[1])
		}
		if out&succeeds != 0 {
			out |= exitsOK
		}
		if out&fails != 0 {
			out |= exitsFailed
		}
		out &^= goesOn
		if name == "return" {
			out <<= 2
		}
	case "exec":
		if len(args) == 1 {
			return goesOn // it only redirects
		}
		out = exitsOK | exitsFailed
	default:
		if out = a.functions[name]; out == 0 {
			return goesOn
		}
	}
	if out&(exitsOK|returnsOK) != 0 && a.depth == 0 && a.endedBy == "" {
		a.endedBy = name
	}
	return out
}

// status returns the outcome of the argument of exit or return.
func status(arg string) outcome {
	n, err := strconv.Atoi(arg)
	switch {
	case err != nil:
		return goesOn
	case n%256 == 0:
		return succeeds
	}
	return fails
}
