package shell

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A Command is a simple command of a script.
type Command struct {
	Env   []string // the assignments before it, NAME=value
	Words []string // without quotes
}

// Steps returns the commands of a script that is a list of simple commands
// joined by "&&". It returns an error for a script with another list, a pipe or a
// redirection, or if the shell would expand a word or an assignment, since then only a
// shell knows what the script runs.
func Steps(script string) ([]Command, error) {
	f, err := parse(script)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", script, err)
	}
	if len(f.Stmts) == 0 {
		return nil, nil
	}
	if s := f.Stmts[0]; len(f.Stmts) > 1 || s.Negated || s.Background || s.Coprocess || s.Disown || len(s.Redirs) > 0 {
		return nil, needsShell(script)
	}
	var steps []Command
	for _, o := range slices.Backward(operands(f.Stmts[0])) {
		if o.before != nil && !o.before.isAnd() {
			return nil, needsShell(script)
		}
		c, err := literalCommand(script, o.stmt)
		if err != nil {
			return nil, err
		}
		steps = append(steps, c)
	}
	return steps, nil
}

func needsShell(script string) error {
	return fmt.Errorf("%q needs a shell: it is not one command without pipes, lists and redirections", script)
}

// literalCommand returns a simple command that the shell does not expand.
func literalCommand(script string, s *syntax.Stmt) (Command, error) {
	var c Command
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || s.Negated || s.Background || s.Coprocess || s.Disown || len(s.Redirs) > 0 {
		return c, needsShell(script)
	}
	for _, a := range call.Assigns {
		value, literal := "", a.Index == nil && a.Array == nil && !a.Append
		if literal && a.Value != nil {
			value, literal = literalOf(a.Value)
		}
		if !literal {
			return c, expanded(script, a)
		}
		c.Env = append(c.Env, a.Name.Value+"="+value)
	}
	for _, w := range call.Args {
		word, ok := literalOf(w)
		if !ok {
			return c, expanded(script, w)
		}
		c.Words = append(c.Words, word)
	}
	return c, nil
}

func expanded(script string, n syntax.Node) error {
	return fmt.Errorf("%q needs a shell, which expands %q", script, script[n.Pos().Offset():n.End().Offset()])
}

// literalOf returns the text of a word that a shell does not expand.
func literalOf(w *syntax.Word) (string, bool) {
	var b strings.Builder
	for i, part := range w.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			if i == 0 && strings.HasPrefix(part.Value, "~") || !unescape(&b, part.Value) {
				return "", false
			}
		case *syntax.SglQuoted:
			if part.Dollar {
				return "", false
			}
			b.WriteString(part.Value)
		case *syntax.DblQuoted:
			for _, inner := range part.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok || part.Dollar {
					return "", false
				}
				unescapeQuoted(&b, lit.Value)
			}
		default:
			return "", false
		}
	}
	return b.String(), true
}

// unescape writes text that is not quoted, without its backslashes. It returns
// false for a pattern of file names, and for braces, $'…' and $"…", which bash
// expands.
func unescape(b *strings.Builder, text string) bool {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
		case strings.IndexByte("*?[{$", text[i]) >= 0:
			return false
		}
		b.WriteByte(text[i])
	}
	return true
}

// unescapeQuoted writes text between double quotes, where a backslash escapes
// only the characters that are special there.
func unescapeQuoted(b *strings.Builder, text string) {
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && strings.IndexByte("\"\\$`", text[i+1]) >= 0 {
			i++
		}
		b.WriteByte(text[i])
	}
}
