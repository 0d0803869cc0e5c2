package jsscan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A scanTest is a source and the result of Scan in the form of format.
type scanTest struct{ name, src, want string }

// scanTests are all tables of tests.
var scanTests = slices.Concat(syntaxTests, createRequireTests, aliasTests, constantTests, pathTests, patternTests, callTests, dataTests, loadTests, codeTests)

// format returns a result in the short form of scanTests. A specifier is kind:text, with
// * for a wildcard, deep in front if it is Deep, data if it is Data, ~ if it is optional, ? behind if extensions are tried,
// <directory if From is set, <main if FromEntry is set and <cwd if FromWorkingDir is set. It is
// in parentheses if it is Handled. A gap is !call and the text. A
// handled warning is =line:column.
func format(r Result) string {
	var out []string
	for _, r := range r.Specifiers {
		text := [...]string{"require", "import", "file", "cwd", "pattern"}[r.Kind] + ":" + strings.ReplaceAll(r.Text, Wildcard, "*")
		if r.Data {
			text = "data" + text
		}
		if r.Deep {
			text = "deep" + text
		}
		if r.Optional {
			text = "~" + text
		}
		if r.Probe {
			text += "?"
		}
		if r.From != "" {
			text += "<" + r.From
		}
		if r.FromEntry {
			text += "<main"
		}
		if r.FromWorkingDir {
			text += "<cwd"
		}
		if r.Handled {
			text = "(" + text + ")"
		}
		out = append(out, text)
	}
	for _, g := range r.Gaps {
		out = append(out, "!"+g.Call+" "+g.Text)
	}
	for _, p := range r.Handled {
		out = append(out, fmt.Sprintf("=%d:%d", p.Line, p.Column))
	}
	return strings.Join(out, " | ")
}

const (
	esmRequire = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n"
	esmDirname = "import path from 'node:path'; import { fileURLToPath } from 'node:url';\n" +
		"const __dirname = path.dirname(fileURLToPath(import.meta.url));\n"
	cjsPath = "const path = require('path');\n"
	esmWork = "import { Worker } from 'node:worker_threads';\n"
	cjsFork = "const cp = require('child_process');\n"
	// esbuildShim begins an ESM bundle of esbuild.
	esbuildShim = `var __require = /* @__PURE__ */ ((x) => typeof require !== "undefined" ? require : typeof Proxy !== "undefined" ? new Proxy(x, { get: (a, b) => (typeof require !== "undefined" ? require : a)[b] }) : x)(function(x) {
  if (typeof require !== "undefined") return require.apply(this, arguments);
  throw Error('Dynamic require of "' + x + '" is not supported');
});
`
	cjsAlias = "const r = require;\n"
)

func TestScan(t *testing.T) {
	for _, tt := range scanTests {
		t.Run(tt.name, func(t *testing.T) {
			if got := format(scan([]byte(tt.src))); got != tt.want {
				t.Errorf("%s\n got %s\nwant %s", tt.src, got, tt.want)
			}
		})
	}
}

// TestPrefilter checks that the prefilter accepts every source in which scan finds
// something, and that it rejects common sources in which it finds nothing.
func TestPrefilter(t *testing.T) {
	for _, tt := range scanTests {
		if !passesPrefilter([]byte(tt.src)) && format(scan([]byte(tt.src))) != "" {
			t.Errorf("%s: rejected: %s", tt.name, tt.src)
		}
	}
	for _, src := range []string{
		"", "x", "const a = require('./a'), b = require(\"b\"); exports.c = require.resolve( 'c' )",
		"import a from './a'; export { b } from 'b'; const c = await import('./c'); import('d')",
		"_interopRequireDefault(a); webpackRequire(1); __webpack_require__(2); requires; required",
		"class MyWorker {} importance(x); f.apply(this, arguments); arguments.length; arguments[0]; arguments[3]",
	} {
		if passesPrefilter([]byte(src)) {
			t.Errorf("accepted: %s", src)
		}
	}
}

// TestPrefilterArguments checks that the prefilter accepts what passes the module's arguments
// on, where the source has no other word that is searched for.
func TestPrefilterArguments(t *testing.T) {
	for _, src := range []string{
		"arguments", "x = [arguments]", "f(1, arguments)", "return arguments", "y = { arguments }", "y = { a: arguments }", "b ? arguments : 1",
		"g()\narguments", "if (b) arguments[n]", "for (x of arguments) x('./a')", "a || arguments", "(() => arguments)()[1]('./a')",
	} {
		if !passesPrefilter([]byte(src)) {
			t.Errorf("rejected: %s", src)
		}
	}
	for _, src := range []string{
		"f.apply(this, arguments)", "// the arguments of f", "'x arguments'", "if (arguments.length > 2) f.apply(null, arguments)",
	} {
		if passesPrefilter([]byte(src)) {
			t.Errorf("accepted: %s", src)
		}
	}
}

// TestScanPlaces checks offsets, lines and columns. Lines and columns are those of esbuild.
func TestScanPlaces(t *testing.T) {
	src := "\ufeffa\r\nb\rc\u2028d\n é(module.require('./x')); const r = require; r('./y'); module.require(z)"
	r := scan([]byte(src))
	at := func(text string) Place {
		i := strings.Index(src, text)
		return Place{Start: i, End: i + len(text), Line: 5, Column: i - strings.Index(src, " é")}
	}
	want := []Place{at("module.require('./x')"), at("r('./y')"), at("module.require(z)"), at("require;")}
	want[3].End--
	got := []Place{r.Specifiers[0].Place, r.Specifiers[1].Place, r.Gaps[0].Place, r.Handled[0]}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
