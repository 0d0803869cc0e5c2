package shell

import (
	"errors"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Append returns the script with the command after it, joined by "&&".
func Append(script, command string) string { return script + and + command }

const and = " && "

// Find returns the offset at which the command is a whole step of the script:
// an operand of a list of "&&" at the top level, with its exact text. If there
// are several, it returns the last one.
func Find(script, command string) (offset int, ok bool) {
	f, err := parse(script)
	if err != nil {
		return 0, false
	}
	for i, stmt := range f.Stmts {
		for _, o := range operands(stmt) {
			at, end, isCommand := simpleCommand(o.stmt)
			if !isCommand || script[at:end] != command {
				continue
			}
			first, last := o.before == nil && i == 0, o.after == nil && i == len(f.Stmts)-1
			starts := first && IsBlank(script[:at]) || o.before.isAnd() && IsBlank(script[o.before.end():at])
			ends := last && IsBlank(script[end:]) || o.after.isAnd() && IsBlank(script[end:o.after.offset()])
			if starts && ends && (!ok || at > offset) {
				offset, ok = at, true
			}
		}
	}
	return offset, ok
}

// An operator is the "&&" or "||" of a list; nil at the list's ends.
type operator syntax.BinaryCmd

func (o *operator) isAnd() bool { return o != nil && o.Op == syntax.AndStmt }
func (o *operator) offset() int { return int(o.OpPos.Offset()) }
func (o *operator) end() int    { return o.offset() + len("&&") }

// An operand is one step of a list of "&&" and "||".
type operand struct {
	stmt          *syntax.Stmt
	before, after *operator
}

// operands returns the steps of a list from the last to the first. The parser
// nests lists to the left: a && b && c is (a && b) && c.
func operands(stmt *syntax.Stmt) []operand {
	var all []operand
	var after *operator
	for {
		list, ok := stmt.Cmd.(*syntax.BinaryCmd)
		if !ok || list.Op != syntax.AndStmt && list.Op != syntax.OrStmt {
			return append(all, operand{stmt: stmt, after: after})
		}
		op := (*operator)(list)
		all = append(all, operand{stmt: list.Y, before: op, after: after})
		stmt, after = list.X, op
	}
}

// simpleCommand returns the offsets of a command that has no redirections and
// is not negated.
func simpleCommand(stmt *syntax.Stmt) (start, end int, ok bool) {
	call, ok := stmt.Cmd.(*syntax.CallExpr)
	if !ok || stmt.Negated || len(stmt.Redirs) > 0 {
		return 0, 0, false
	}
	return int(call.Pos().Offset()), int(call.End().Offset()), true
}

// CanAppend returns an error if a shell would not run the command that [Append]
// puts after the script, although the script succeeds. The script is not empty or only white space.
func CanAppend(script, command string) error {
	f, err := parse(script)
	trimmed := strings.TrimRight(script, Blanks)
	switch {
	case strings.ContainsAny(script, "\r\n"):
		return errors.New("it has several lines")
	case err != nil:
		return err
	case strings.HasSuffix(trimmed, "&"), strings.HasSuffix(trimmed, ";"), strings.HasSuffix(trimmed, "^"):
		return fmt.Errorf("it ends with %s", trimmed[len(trimmed)-1:])
	case (len(script)-len(strings.TrimRight(script, `\`)))%2 == 1:
		return errors.New(`it ends with \`)
	}
	if err := reachesEnd(f); err != nil {
		return err
	}
	joined := Append(script, command)
	if _, err := parse(joined); err != nil {
		return err
	}
	if at, ok := Find(joined, command); !ok || at != len(script)+len(and) {
		return errors.New("it ends with a comment")
	}
	return nil
}
