package jsscan

import (
	"slices"
	"strings"
	"testing"
)

// words returns tokens in the form of lexerTests: the source of each, with r: before a
// regular expression, s: before the value of a string and t: before the value of a part
// of a template.
func words(l *lexer) string {
	s := scanner{lexer: *l}
	var out []string
	for i, t := range l.toks[:len(l.toks)-1] {
		text := string(l.src[t.start:t.end])
		switch t.kind {
		case tRegex:
			text = "r:" + text
		case tString:
			text = "s:" + s.stringAt(i)
		case tTemplate, tTemplateHead, tTemplateMiddle, tTemplateTail:
			text = "t:" + s.stringAt(i)
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

var lexerTests = []struct{ src, want string }{
	// Regular expressions and divisions.
	{"a / b / c", "a / b / c"},
	{"/a/g", "r:/a/g"},
	{"a = /b/", "a = r:/b/"},
	{"a(/b/, /c/)", "a ( r:/b/ , r:/c/ )"},
	{"[/a/]", "[ r:/a/ ]"},
	{"a[0] / b / c", "a [ 0 ] / b / c"},
	{"(a) / b / c", "( a ) / b / c"},
	{"if (a) /b/.test(c)", "if ( a ) r:/b/ . test ( c )"},
	{"while (a) /b/.test(c)", "while ( a ) r:/b/ . test ( c )"},
	{"for (;;) /b/.test(c)", "for ( ; ; ) r:/b/ . test ( c )"},
	{"for await (a of /b/) /c/", "for await ( a of r:/b/ ) r:/c/"},
	{"a.if (b) / c / d", "a . if ( b ) / c / d"},
	{"return /a/", "return r:/a/"},
	{"typeof /a/", "typeof r:/a/"},
	{"a.return / b / c", "a . return / b / c"},
	{"a?.typeof / b / c", "a ?. typeof / b / c"},
	{"this / a / b", "this / a / b"},
	{"null / a / b", "null / a / b"},
	{"a++ / b / c", "a ++ / b / c"},
	{"a\n++/b/.c", "a ++ r:/b/ . c"},
	{"'a' / b / c", "s:a / b / c"},
	{"`a` / b / c", "t:a / b / c"},
	{"`a${b}` / c / d", "t:a b t: / c / d"},
	{"1 / a / b", "1 / a / b"},
	{"{} /a/", "{ } r:/a/"},
	{"a = {} / b / c", "a = { } / b / c"},
	{"({}) / b / c", "( { } ) / b / c"},
	{"({a: {} / b / c})", "( { a : { } / b / c } )"},
	{"a ? {} / b / c : d", "a ? { } / b / c : d"},
	{"a ? b : {} / c / d", "a ? b : { } / c / d"},
	{"a: {} /b/", "a : { } r:/b/"},
	{"switch (a) { case b: {} /c/ }", "switch ( a ) { case b : { } r:/c/ }"},
	{"switch (a) { case b ? c : d: /e/ }", "switch ( a ) { case b ? c : d : r:/e/ }"},
	{"function a() {} /b/", "function a ( ) { } r:/b/"},
	{"a = function () {} / b / c", "a = function ( ) { } / b / c"},
	{"a = function b() {} / c / d", "a = function b ( ) { } / c / d"},
	{"(function () {} / b / c)", "( function ( ) { } / b / c )"},
	{"a\nfunction b() {} /c/", "a function b ( ) { } r:/c/"},
	{"export default function () {} /a/", "export default function ( ) { } r:/a/"},
	{"a = async function () {} / b / c", "a = async function ( ) { } / b / c"},
	{"async function a() {} /b/", "async function a ( ) { } r:/b/"},
	{"a = class {} / b / c", "a = class { } / b / c"},
	{"class A { b() {} } /c/", "class A { b ( ) { } } r:/c/"},
	{"class A extends (b, {}) { c = /d/ }", "class A extends ( b , { } ) { c = r:/d/ }"},
	{"a = () => {}\n/b/.test(c)", "a = ( ) => { } r:/b/ . test ( c )"},
	{"a => /b/", "a => r:/b/"},
	{"if (a) {} else /b/", "if ( a ) { } else r:/b/"},
	{"do /a/.b(); while (c) /d/", "do r:/a/ . b ( ) ; while ( c ) r:/d/"},
	{"try {} finally {} /a/", "try { } finally { } r:/a/"},
	{"({ if: 1, return: 2, a() {} }) / b / c", "( { if : 1 , return : 2 , a ( ) { } } ) / b / c"},
	{"class A { if() {} return = 1 / 2 / 3 }", "class A { if ( ) { } return = 1 / 2 / 3 }"},
	{"a /= b / c", "a /= b / c"},
	{"a = b\n/c/d", "a = b / c / d"},
	{"/[/]/", "r:/[/]/"},
	{`/\//`, `r:/\//`},
	{`/[\]/]/u`, `r:/[\]/]/u`},
	{"/=a/", "r:/=a/"},
	{"x = /a\ny", "x = / a y"},
	{"async / b / c", "async / b / c"},
	{"of / b / c", "of / b / c"},
	{"yield /a/", "yield r:/a/"},
	{"a! / b / c", "a ! / b / c"},
	{"!/a/", "! r:/a/"},
	{"a || /b/", "a || r:/b/"},
	{"${a} /b/", "$ { a } r:/b/"},

	// Templates.
	{"`a`", "t:a"},
	{"`a${b}c`", "t:a b t:c"},
	{"`${a}${b}`", "t: a t: b t:"},
	{"`${`${`a`}`}`", "t: t: t:a t: t:"},
	{"`${{a: {}}}`", "t: { a : { } } t:"},
	{"`${function () { return `}` }}`", "t: function ( ) { return t:} } t:"},
	{"`\\`${a}\\${`", "t:` a t:${"},
	{"`$a$${b}`", "t:$a$ b t:"},
	{"`a\r\nb`", "t:a\nb"},
	{"a`b`", "a t:b"},
	{"`${/`/}`", "t: r:/`/ t:"},
	{"`${a", "t: a"},
	{"`a", "t:a"},

	// Strings.
	{`'a"b' "a'b"`, `s:a"b s:a'b`},
	{`"\x41\u0042\u{43}\103\0"`, "s:ABCC\x00"},
	{`"\n\t\r\b\f\v\q\""`, "s:\n\t\r\b\f\vq\""},
	{"'a\\\nb\\\r\nc\\\u2028d'", "s:abcd"},
	{`"\ud83d\ude00 \ud83d \u{110000}"`, "s:😀 \uFFFD u{110000}"},
	{`"\u{zz}\xzz\u12"`, "s:u{zz}xzzu12"},
	{"'a\nb", "s:a b"},
	{"'\\", "s:\\"},
	{"'\u2028'", "s:\u2028"},

	// Comments.
	{"a // b\nc", "a c"},
	{"a /* b\n */ c", "a c"},
	{"a /* b", "a"},
	{"a <!-- b\nc", "a c"},
	{"--> a\nb", "b"},
	{"a\n--> b\nc", "a c"},
	{"a --> b", "a -- > b"},
	{"/* a */ --> b\nc", "c"},
	{"#!a 'b\nc", "c"},
	{"\ufeff#!a\nb", "b"},
	{"// a\u2028b // c\rd", "b d"},
	{"a /* 'b */ 'c'", "a s:c"},

	// Numbers.
	{"1 1.5 .5 1. 1e3 1E-3 0x1F 0b1 0o7 017 1n 1_000", "1 1.5 .5 1. 1e3 1E-3 0x1F 0b1 0o7 017 1n 1_000"},
	{"1..a 1.0.a", "1. . a 1.0 . a"},
	{"0xe+1 1e+1", "0xe + 1 1e+1"},
	{"a?.5:b", "a ? .5 : b"},
	{"1/2/3", "1 / 2 / 3"},

	// Names and punctuators.
	{`\u0061b a\u{62} ünï $_`, `\u0061b a\u{62} ünï $_`},
	{"#a in b; this.#c", "#a in b ; this . #c"},
	{"a?.b?.[c]?.(d) ?? e", "a ?. b ?. [ c ] ?. ( d ) ?? e"},
	{"a ??= b ||= c &&= d **= e >>>= f", "a ??= b ||= c &&= d **= e >>>= f"},
	{"a===b!==c==d!=e=>f", "a === b !== c == d != e => f"},
	{"...a a.b", "... a a . b"},
	{"a\u00a0b\u3000c\ufeffd", "a b c d"},
	{"a\xffb", "a\xffb"},
	{"@dec class A {}", "@ dec class A { }"},
}

func TestLexer(t *testing.T) {
	for _, tt := range lexerTests {
		var l lexer
		l.lex([]byte(tt.src))
		if got := words(&l); got != tt.want {
			t.Errorf("%q\n got %q\nwant %q", tt.src, got, tt.want)
		}
	}
}

// TestDeclarations checks which names are declarations.
func TestDeclarations(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{"var a, b = c, { d, e: f, g = h, ...i } = j, [k, [l]] = m", "a b d f g i k l"},
		{"let a = b\nc, d", "a"},
		{"for (const [a, b] of c) d, e", "a b"},
		{"function a(b, { c, d: [e] }, f = g, ...h) {}", "a b c e f h"},
		{"a => b; (c, d) => e; async f => g; async (h) => i", "a c d f h"},
		{"class a { b(c) {} static d = e; get f() {} set g(h) {} }", "a c h"},
		{"({ a(b) {}, c: d, get e() {}, async *f(g) {}, h })", "b g"},
		{"try {} catch (a) {} try {} catch ({ b, c: d }) {}", "a b d"},
		{"import a, { b, c as d } from 'e'; import * as f from 'g'; import 'h'", "a b d f"},
		{"a ? (b) : c => d", "c"},
		{"a: T; function f(a: string, b?: number): Promise<void> { var c: { d: number } = e }", "f a b c"},
		{"class A { constructor(private readonly a: T, public b = c) {} m(d: T): U { let e } }", "A a b d e"},
		{"const f = (a: T): U => b", "f a"},
	} {
		var s scanner
		s.run([]byte(tt.src))
		s.fuel = s.budget()
		var got []string
		for i, tok := range s.toks {
			if tok.kind == tIdent && tok.flags&fKeyword == 0 && s.classify(i).declares {
				got = append(got, s.text(i))
			}
		}
		slices.Sort(got)
		want := strings.Fields(tt.want)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s\n got %v\nwant %v", tt.src, got, want)
		}
	}
}

// checkLexer checks the properties of tokens that the scanner relies on.
func checkLexer(t *testing.T, src []byte) {
	var l lexer
	l.lex(src)
	end := uint32(0)
	for i, tok := range l.toks {
		if tok.start < end || tok.end < tok.start || int(tok.end) > len(src) {
			t.Fatalf("token %d of %q is [%d,%d) after %d", i, src, tok.start, tok.end, end)
		}
		if tok.start == tok.end && tok.kind != tEOF {
			t.Fatalf("token %d of %q is empty", i, src)
		}
		if int(tok.outer) >= len(l.openers) {
			t.Fatalf("token %d of %q is in opener %d of %d", i, src, tok.outer, len(l.openers))
		}
		end = tok.end
	}
	for i, o := range l.openers[1:] {
		if o.close <= o.open || int(o.close) >= len(l.toks) || int(o.parent) > i {
			t.Fatalf("opener %d of %q: %+v", i+1, src, o)
		}
	}
}
