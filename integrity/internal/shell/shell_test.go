package shell

import (
	"slices"
	"strings"
	"testing"
)

const command = "nodeint hook run"

// Scripts after which a shell runs the appended command whenever they succeed.
var appendable = []string{
	"a", " a  ", "a && b", "a || b", "a; b", "a | b", "! a", "(a)", "{ a; }", "a b=c", "A=b", "A=b c",
	"a --b=#1 'x # y'", `echo "a \" b"`, `a \\`, "a 2>&1 >b", "a &>b", "a <(b)", "[[ -f a ]] && b", "a & b",
	"a || exit 1", "a || exit", "a || b || exit 1", "test -f a || exit 3", "a || { b; exit 1; }", "a || return 1",
	"if a; then b; fi", "if a; then exit 1; fi", "if a; then b; else exit 2; fi", "if a; then b; elif c; then exit 1; fi",
	"(exit 0)", "(a; exit)", "a | exit 0", "exit 0 & a", "x=$(exit 0)", "echo exit 0", "echo 'exit 0'", "node exit", "exec 2>&1; a",
	"for f in a b; do c $f || exit 1; done", "while a; do b; done", "until a; do b || exit 1; done",
	"case $A in b) c;; *) exit 1;; esac", "f() { return 0; }; f", "f() { exit 0; }; a", "f() { b || exit 1; }; f", "f() { a && return; b; }; f",
	"time a", "command a", "trap 'exit 0' INT; a", "echo 'a && nodeint hook run'", "nodeint -C a hook run", "echo é", "del a\\b",
	"node -e \"if (a) process.exit(0)\"", "npm run build && exit 1 || true",
}

// Scripts after which it does not, with a part of the reason.
var final = []struct{ script, reason string }{
	{"a # b", "comment"}, {"#", "comment"}, {"a; # b", "comment"},
	{"a &", "ends with &"}, {"a;", "ends with ;"}, {"a ; ", "ends with ;"}, {"a ^", "ends with ^"}, {`a \`, `ends with \`}, {`a \\\`, `ends with \`},
	{"a &&", "must be followed by a statement"}, {"a ||", "must be followed by a statement"}, {"a |", "must be followed by a statement"},
	{"a (", "sh cannot parse it"}, {"a <", "sh cannot parse it"}, {`a "b`, "closing quote"}, {"a 'b", "closing quote"}, {"a `b", "closing quote"},
	{"a $(b", "sh cannot parse it"}, {"if a; then b", "sh cannot parse it"}, {"a )", "sh cannot parse it"},
	{"a <<b", "unclosed here-document"}, {"a\nb", "several lines"}, {"a\rb", "several lines"}, {"a <<b\nb\n", "several lines"},
	{"a\x00", "NUL"}, {strings.Repeat("a", MaxSize+1), "larger than 16 KiB"}, {strings.Repeat("a", MaxSize), "larger than 16 KiB"},
	{"exit 0", "exit ends the shell"}, {"exit", "exit ends the shell"}, {"exit 256", "exit ends the shell"}, {"exit $A", "exit ends the shell"},
	{"exit 1", "never ends with status 0"}, {"a && exit 1", "never ends with status 0"}, {"a; exit 1", "never ends with status 0"},
	{"a; exec b", "exec ends the shell"}, {"exec node b", "exec ends the shell"}, {"a && exit", "exit ends the shell"}, {"a || exit 0", "exit ends the shell"},
	{"a && exit || b", "exit ends the shell"}, {"return", "return ends the shell"}, {`\exit`, "exit ends the shell"}, {`"exit" 0`, "exit ends the shell"},
	{"command exit", "exit ends the shell"}, {"builtin exit 0", "exit ends the shell"}, {"! exit 0", "exit ends the shell"}, {"exit 0 >b", "exit ends the shell"},
	{"if a; then exit 0; fi", "exit ends the shell"}, {"if a; then exit; fi", "exit ends the shell"}, {"if a; then b; else exit 0; fi", "exit ends the shell"},
	{"if a; then b; elif c; then exit 0; fi; d", "exit ends the shell"}, {"if exit; then b; fi", "exit ends the shell"},
	{"[ -n \"$CI\" ] && { echo CI; exit 0; }", "exit ends the shell"}, {"{ exit 0; }", "exit ends the shell"}, {"time exit 0", "exit ends the shell"},
	{"for f in a b; do exit 0; done", "exit ends the shell"}, {"while a; do exit; done", "exit ends the shell"}, {"while exit; do a; done", "exit ends the shell"},
	{"case $A in b) exit 0;; esac", "exit ends the shell"}, {"f() { exit 0; }; a && f", "f ends the shell"}, {"f() { a && exit; }; f", "f ends the shell"},
}

func TestCanAppend(t *testing.T) {
	for _, script := range appendable {
		if err := CanAppend(script, command); err != nil {
			t.Errorf("%q: %v", script, err)
		}
	}
	for _, f := range final {
		if err := CanAppend(f.script, command); err == nil || !strings.Contains(err.Error(), f.reason) {
			t.Errorf("%.99q: error %v, want one with %q", f.script, err, f.reason)
		}
	}
}

func TestFind(t *testing.T) {
	for _, f := range []struct {
		script string
		want   int // -1 if the command is not a step
	}{
		{command, 0}, {"  " + command + "\t", 2}, {command + " && a", 0}, {"a && " + command, 5}, {"a&&" + command + "&&b", 3},
		{"a || b && " + command, 10}, {"a; b && " + command, 8}, {command + " && a; b", 0}, {command + " && " + command, 20},
		{"a &&\n" + command + "\n", 5}, {"if a; then b; fi && " + command, 20},
		{"", -1}, {"a", -1}, {command + ";", -1}, {command + " &", -1}, {"a && " + command + " &", -1}, {command + " || a", -1}, {"a || " + command, -1},
		{command + " | a", -1}, {"a; " + command, -1}, {command + "; a", -1}, {"(" + command + ")", -1}, {"{ " + command + "; }", -1}, {"! " + command, -1},
		{command + " >a", -1}, {"A=b " + command, -1}, {command + " --json", -1}, {"x" + command, -1}, {"echo " + command, -1}, {command + " # a", -1},
		{"# a && " + command, -1}, {"echo 'a && " + command + "'", -1}, {"echo 'a && " + command + " && b'", -1}, {"if " + command + "; then a; fi", -1},
		{"a # &&\n" + command, -1}, {"a && # b &&\n" + command, -1}, {"a && \\\n" + command, -1}, {command + " && 'a", -1}, {"\u00a0" + command, -1}, {command + "\r", -1},
		{"a$(" + command + ")", -1}, {"a && nodeint  hook run", -1},
	} {
		at, ok := Find(f.script, command)
		if !ok {
			at = -1
		}
		if at != f.want {
			t.Errorf("%q: found at %d, want %d", f.script, at, f.want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, w := range []struct {
		script string
		want   []string
	}{
		{"", nil}, {" # a", nil}, {"A=b", nil}, {" a\tb ", []string{"a", "b"}}, {"A=b C='d e' f G=h", []string{"f", "G=h"}}, {"a; ", []string{"a"}},
		{`a "b c"'d'\ e`, []string{"a", "b cd e"}}, {`a "\"\$\a" '\'`, []string{"a", `"$\a`, `\`}}, {`a '' ""`, []string{"a", "", ""}}, {`a \* \~ '*?[' "{}"`, []string{"a", "*", "~", "*?[", "{}"}},
		{"a b#c d~ e! # f", []string{"a", "b#c", "d~", "e!"}}, {`a \`, []string{"a", `\`}}, {"a\\\nb", []string{"ab"}},
	} {
		steps, err := Steps(w.script)
		var got []string
		for _, c := range steps {
			got = append(got, c.Words...)
		}
		if err != nil || len(steps) > 1 || !slices.Equal(got, w.want) {
			t.Errorf("%q: %q (%v), want %q", w.script, got, err, w.want)
		}
	}
	for _, script := range []string{
		"a; b", "a | b", "a > b", "a &", "! a", "(a)", "a\nb", "if a; then b; fi",
		"a $B", "a `b`", `a "$B"`, "a $(b)", "A=$B c", "A+=(b) c", "a *", "a [b]", "a ?", "a ~", "a {b,c}", "a $'b'", `a $"b"`, "a <(b)", "a 'b", "a\x00",
	} {
		if got, err := Steps(script); err == nil {
			t.Errorf("%q: %q, want an error", script, got)
		}
	}
}

func TestSteps(t *testing.T) {
	for _, s := range []struct{ script, want string }{
		{"", ""}, {"a", "a"}, {"a b && c", "a b|c"}, {"a && b && c 'd e'", "a|b|c d e"}, {"A=b C= a && D='e f' g", "A=b C= a|D=e f g"},
		{"a &&\nb", "a|b"}, {"A=b", "A=b"}, {"a || b", "error"}, {"a && b || c", "error"}, {"a || b && c", "error"}, {"a; b", "error"}, {"a && b &", "error"},
		{"a && (b)", "error"}, {"(a && b)", "error"}, {"a && ! b", "error"}, {"a >b && c", "error"}, {"a && $B", "error"}, {"A+=b c", "A+=b c"},
	} {
		steps, err := Steps(s.script)
		var all []string
		for _, c := range steps {
			all = append(all, strings.Join(slices.Concat(c.Env, c.Words), " "))
		}
		got := strings.Join(all, "|")
		if err != nil {
			got = "error"
		}
		if got != s.want {
			t.Errorf("%q: %q (%v), want %q", s.script, got, err, s.want)
		}
	}
}

// The parser returns, with a tree or an error, and offsets are those of the
// text: what Find returns is the command, and what CanAppend accepts is found.
func FuzzScript(f *testing.F) {
	for _, script := range appendable {
		f.Add(script)
		f.Add(Append(script, command))
	}
	for _, s := range final {
		f.Add(s.script)
	}
	f.Fuzz(func(t *testing.T, script string) {
		if at, ok := Find(script, command); ok && !strings.HasPrefix(script[at:], command) {
			t.Errorf("%q: found at %d", script, at)
		}
		if !IsBlank(script) && CanAppend(script, command) == nil {
			if at, ok := Find(Append(script, command), command); !ok || at != len(script)+len(and) {
				t.Errorf("%q: found at %d, %t", Append(script, command), at, ok)
			}
		}
		if steps, err := Steps(script); err != nil && steps != nil {
			t.Errorf("%q: steps %q and the error %v", script, steps, err)
		}
	})
}
