// Package shell reads the scripts of package.json, which are shell text.
//
// npm, pnpm, yarn 1 and bun pass a script to "sh -c". The package reads it the
// same way on every system, so that a package.json gets the same answer
// everywhere. It parses the script as POSIX sh and, if that fails, as bash,
// which is sh on macOS and on some Linux distributions.
//
// On Windows npm, pnpm and yarn 1 pass the script to cmd.exe and bun to a shell
// of its own. cmd.exe agrees with sh on "&&", on double quotes without escapes
// and on plain words. [CanAppend] therefore also rejects the two things that
// sh accepts and after which cmd.exe would not run an appended command:
// several lines, and "^" at the end.
//
// A script is hostile input: a script larger than [MaxSize] is an error.
package shell

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// MaxSize is the size of the largest script that is parsed, in bytes. cmd.exe
// runs none above 8191 characters. The parser's time grows faster than the text
// for nested parentheses: 16 KiB of them take about 0.3 s.
const MaxSize = 16 << 10

// Blanks are the bytes that separate words and lines in sh. A carriage return
// and the spaces of Unicode are parts of words.
const Blanks = " \t\n"

// IsBlank reports whether the text has nothing but [Blanks].
func IsBlank(text string) bool { return strings.Trim(text, Blanks) == "" }

// parse returns the syntax tree of a script. Offsets of its nodes are offsets
// in the text.
func parse(text string) (*syntax.File, error) {
	if len(text) > MaxSize {
		return nil, fmt.Errorf("it is larger than %d KiB", MaxSize>>10)
	}
	if strings.Contains(text, "\x00") {
		// The parser skips NUL bytes. No system passes one to a shell.
		return nil, fmt.Errorf("it contains a NUL byte")
	}
	f, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), "")
	if err == nil {
		return f, nil
	}
	f, bashErr := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if bashErr == nil {
		return f, nil
	}
	return nil, fmt.Errorf("sh cannot parse it: %w", err)
}
