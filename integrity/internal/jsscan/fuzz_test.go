package jsscan

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// repeated are texts whose repetition could make a scanner slow.
var repeated = []string{
	"(", "[", "{", "`${", "a=>", "a=>{", "(a,", "f(", "?:", "a?b:", "/", "/[", "=/[", "'", "`", "\\", "\\u",
	"/*", "//", "<!--", "-->", "}", ")", "]", "){", "=>{", "a.", "a?.", "a||", "a+", "a,", "a=", "{a:", "[a,",
	"function a(", "class a{", "for(let a of b)", "if(a)", "var a=", "var a=a,", "let {a:", "import a from 'b';",
	"a=require;", "b=a;a=b;", "require(", "require(a+", "require('a'+", "require(a?'b':", "require(require,",
	"__dirname+", "__dirname,", "path.join(__dirname,", "path.join(path.join(", "`${__dirname}", "a=__dirname;",
	"createRequire(", "new ", "new Worker(", "new URL(", "await ", "typeof ", "(0,", "module.require(", "x.createRequire",
	"class extends Worker{super(", "a=require,", "const{a}=require;", "(x=>typeof require!=''?require:0)(", "eval('require')", "eval(", "module[a](", "(a=require)(", "import('module').then(a=>",
	"export*from'module';", "const{a:{b}}=require('module');", "{importModuleDynamically,", "new Function('import'", "Object.getPrototypeOf(module).require.call(",
	"var a1=require;", "var require=1;", "require()", "//\r", "a()()", "a()().createRequire;", "${}",
	"class a extends Worker{}super();", "const{Worker:b}=require('worker_threads');class a extends b{}super();", "else ", "for(;;)", "try{}catch(a){}", "a!", "a:", "case a:", "async ", "#", "\u2028", "\xff",
}

// TestScanLinear checks that the number of steps is proportional to the length of the
// source.
func TestScanLinear(t *testing.T) {
	steps := func(text string, n int) int {
		src := []byte(strings.Repeat(text, n))
		var s scanner
		s.run(src)
		return s.steps()
	}
	for _, text := range repeated {
		small, large := steps(text, 500), steps(text, 4000)
		if large > 10*small+100000 {
			t.Errorf("%q: 8 times the text takes %d steps, not %d", text, large, small)
		}
	}
}

// chained returns a source in which each of n variables has the value of the one before.
func chained(n int) []byte {
	var b bytes.Buffer
	b.WriteString("var a0 = require;")
	for i := range n {
		fmt.Fprintf(&b, "var a%d = a%d;", i+1, i)
	}
	fmt.Fprintf(&b, "a%d('./x')", n)
	return b.Bytes()
}

// TestScanChained checks that a long chain of variables does not overflow the stack.
func TestScanChained(t *testing.T) {
	if got := format(scan(chained(10))); got != "require:./x | =1:9" {
		t.Errorf("a short chain: %s", got)
	}
	long := 100_000
	if testing.Short() {
		long = 10_000
	}
	scan(chained(long))
}

// FuzzScan checks for any input that Scan does not panic and does not modify its input,
// that its result is the same every time, that its work is proportional to the length,
// and that its result is well-formed.
func FuzzScan(f *testing.F) {
	for _, tt := range scanTests {
		f.Add([]byte(tt.src))
	}
	for _, text := range repeated {
		f.Add([]byte(strings.Repeat(text, 3)))
	}
	for _, tt := range lexerTests {
		f.Add([]byte(tt.src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		before := bytes.Clone(src)
		r := scan(src)
		if !bytes.Equal(src, before) {
			t.Fatal("Scan has modified the source")
		}
		if again := scan(src); !reflect.DeepEqual(r, again) {
			t.Fatalf("first %+v\nthen %+v", r, again)
		}
		checkSteps(t, src)
		checkResult(t, src, r)
		checkPrefilter(t, src, r)
		checkLexer(t, src)
	})
}

// checkSteps checks the number of steps: for each byte at most one token, maxRegexRetries
// bytes that are read again, and fuelPerToken steps, with some room.
func checkSteps(t *testing.T, src []byte) {
	t.Helper()
	var s scanner
	s.run(src)
	if limit := 2*(maxRegexRetries+fuelPerToken)*len(src) + 50000; s.steps() > limit {
		t.Fatalf("%d steps for %d bytes, want at most %d", s.steps(), len(src), limit)
	}
}

// checkResult checks that every place is inside of the source, that the lists are sorted,
// and that texts have the documented form.
func checkResult(t *testing.T, src []byte, r Result) {
	t.Helper()
	var last Place
	check := func(p Place) {
		if p.Start < 0 || p.Start > p.End || p.End > len(src) || p.Line < 1 || p.Column < 0 || p.Column > p.Start {
			t.Fatalf("place %+v in %d bytes", p, len(src))
		}
		if p.Start < last.Start || p.Start == last.Start && p.End < last.End {
			t.Fatalf("place %+v after %+v", p, last)
		}
		last = p
	}
	for _, s := range r.Specifiers {
		check(s.Place)
		if s.Text == "" || strings.Contains(s.Text, Wildcard) != (s.Kind == Pattern) && s.Kind >= File && s.Kind != WorkingDirFile {
			t.Fatalf("specifier %+v", s)
		}
	}
	last = Place{}
	for _, g := range r.Gaps {
		check(g.Place)
		if g.Call == "" || strings.ContainsAny(g.Text, "\n\r") || len(g.Text) > len(leftOut)+maxGapText+len("…")+len("\uFFFD")*maxGapText {
			t.Fatalf("gap %+v", g)
		}
	}
	for _, at := range r.Globs {
		if src[at] != '.' {
			t.Fatalf("%q at %d is no dot", src[at], at)
		}
	}
	last = Place{}
	for _, p := range r.Handled {
		check(p)
	}
}

// noProgram matches what no program has: a value, or a name, and after it arguments.
var noProgram = regexp.MustCompile(`[\w$"'\]\x60\x80-\xff][ \t\v\f]*\barguments\b`)

// checkPrefilter checks that the prefilter accepts a source in which scan finds something.
// A source with a backslash may have escapes in the words that the prefilter searches for.
func checkPrefilter(t *testing.T, src []byte, r Result) {
	t.Helper()
	if len(r.Specifiers)+len(r.Gaps) > 0 && !passesPrefilter(src) && bytes.IndexByte(src, '\\') < 0 && !noProgram.Match(src) {
		t.Fatalf("the prefilter rejects a source with the result %s", format(r))
	}
}

// steps returns the number of steps of the last run.
func (s *scanner) steps() int {
	return s.lexer.steps + s.budget() - s.fuel
}
