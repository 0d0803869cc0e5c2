// Package packagejson edits the scripts and settings of a package.json in place. Every byte
// outside the inserted text stays as it is, and removing the inserted text
// restores the original bytes.
//
// [Add] makes a script run one more command at its end: after the existing
// commands, as in "patch-package && nodeint hook run", or as a script of its
// own. If package.json has no scripts, Add inserts that member too. The
// inserted text has the style of the text around it: line endings, indentation,
// spaces around colons.
//
// [Remove] finds the inserted text from package.json alone: nothing else
// records it. So Add writes a different text for each original text:
//
//   - for an absent script, the command alone;
//   - for an empty script, a space before the command;
//   - for an empty scripts object, a space on both sides of the member;
//   - for a package.json that is empty except for white space, the member
//     directly after the opening brace.
//
// [AddSetting] adds a member to an object of the top level, such as nodeint.entries. It
// replaces nothing.
//
// If the script was edited since, Remove removes the command only if the rest
// is certain, and returns an error otherwise.
//
// The text must be JSON by RFC 8259, an object, in UTF-8 without a byte order
// mark. The members that the package reads must not be duplicated, since JSON
// readers disagree about which one counts.
//
// Errors are [problem.Error] values about the file that the argument path names.
package packagejson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/nodeint/nodeint/integrity/internal/shell"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A Script is a member of scripts.
type Script struct{ Name, Command string }

// Scripts returns the scripts in their order in the text. It omits members that
// are not strings, which no package manager runs.
func Scripts(path string, text []byte) ([]Script, error) {
	_, scripts, err := read(path, text)
	if err != nil || scripts == nil {
		return nil, err
	}
	var all []Script
	for _, m := range scripts.members {
		if command, ok := m.str(text); ok {
			all = append(all, Script{m.name, command})
		}
	}
	return all, nil
}

// Add returns the text with the command run at the end of the script. The
// command must be a simple command, without operators. If the script runs the
// command already, Add returns the text unchanged.
func Add(path string, text []byte, script, command string) ([]byte, error) {
	top, scripts, err := read(path, text)
	if err != nil {
		return nil, err
	}
	if scripts == nil {
		return top.insert(text, "scripts", objectValue(script, quote(command)), ""), nil
	}
	m, err := scripts.member(path, script)
	if err != nil {
		return nil, err
	}
	if m == nil {
		value := func(style) string { return quote(command) }
		return scripts.insert(text, script, value, " "), nil
	}
	old, ok := m.str(text)
	if !ok {
		return nil, problem.BadConfig(path, "make it a string, or delete it", "%s: scripts.%s is not a string", path, script)
	}
	if _, found := shell.Find(old, command); found {
		return text, nil
	}
	if shell.IsBlank(old) {
		return splice(text, m.end-1, m.end-1, escape(" "+command)), nil
	}
	if err := shell.CanAppend(old, command); err != nil {
		return nil, problem.BadConfig(path, "make scripts."+script+" run one program, such as npm run build, and move the commands there",
			"%s: scripts.%s is %q, and a command after it would not run: %w", path, script, old, err)
	}
	return splice(text, m.end-1, m.end-1, escape(shell.Append("", command))), nil
}

// Has reports whether the script runs the command.
func Has(text []byte, script, command string) bool {
	_, scripts, err := read("", text)
	if err != nil || scripts == nil {
		return false
	}
	m, err := scripts.member("", script)
	if m == nil || err != nil {
		return false
	}
	value, ok := m.str(text)
	if !ok {
		return false
	}
	_, found := shell.Find(value, command)
	return found
}

// Remove returns the text without what [Add] inserted. If the script does not
// run the command, Remove returns the text unchanged.
func Remove(path string, text []byte, script, command string) ([]byte, error) {
	top, scripts, err := read(path, text)
	if err != nil || scripts == nil {
		return text, err
	}
	m, err := scripts.member(path, script)
	if m == nil || err != nil {
		return text, err
	}
	value, ok := m.str(text)
	if !ok {
		return text, nil
	}
	at, found := shell.Find(value, command)
	if !found {
		if strings.Contains(value, command) {
			return nil, problem.BadConfig(path, "remove it by hand", "%s: scripts.%s is %q: cannot determine the script without %q", path, script, value, command)
		}
		return text, nil
	}
	if edited, ok := cutEnd(text, m, value, at, command); ok {
		return edited, nil
	}
	rest := without(value, at, len(command))
	switch {
	case rest != "" && string(text[m.value+1:m.end-1]) != escape(value):
		return nil, problem.BadConfig(path, "remove "+command+" by hand", "%s: scripts.%s has escapes that nodeint does not write", path, script)
	case rest != "":
		return splice(text, m.value+1, m.end-1, escape(rest)), nil
	case len(scripts.members) > 1 || scripts.leadingSpace(text) == " ":
		return scripts.remove(text, m), nil
	}
	m, err = top.member(path, "scripts")
	return top.remove(text, m), err
}

// cutEnd returns the text without what Add appended to the script's string. It
// returns false if the command is not at the end, or has something else before
// it.
func cutEnd(text []byte, m *member, value string, at int, command string) ([]byte, bool) {
	if at+len(command) != len(value) {
		return nil, false
	}
	literal := string(text[m.value+1 : m.end-1])
	if rest, ok := strings.CutSuffix(literal, escape(shell.Append("", command))); ok {
		return splice(text, m.value+1+len(rest), m.end-1, ""), true
	}
	rest, ok := strings.CutSuffix(literal, escape(" "+command))
	if !ok || !shell.IsBlank(unquote([]byte(`"`+rest+`"`))) {
		return nil, false
	}
	return splice(text, m.value+1+len(rest), m.end-1, ""), true
}

// without returns the script without the step of n bytes at the offset at, and
// without the "&&" next to it.
func without(script string, at, n int) string {
	before, after := strings.Trim(script[:at], shell.Blanks), strings.Trim(script[at+n:], shell.Blanks)
	after = strings.Trim(strings.TrimPrefix(after, "&&"), shell.Blanks)
	if after == "" {
		return strings.Trim(strings.TrimSuffix(before, "&&"), shell.Blanks)
	}
	return strings.Trim(before+" "+after, shell.Blanks)
}

// objectValue returns a function that writes an object with one member, whose value is
// JSON.
func objectValue(name, value string) func(style) string {
	return func(s style) string {
		member := quote(name) + s.colon + value
		if s.unit == "" {
			return "{" + member + "}"
		}
		return "{" + s.between + s.unit + member + s.between + "}"
	}
}

// read returns the object of package.json and the object of its scripts, nil if
// it has none.
func read(path string, text []byte) (top, scripts *object, err error) {
	if err := check(path, text); err != nil {
		return nil, nil, err
	}
	top = scan(text, skipSpace(text, 0))
	m, err := top.member(path, "scripts")
	if m == nil || err != nil {
		return top, nil, err
	}
	if text[m.value] != '{' {
		return nil, nil, problem.BadConfig(path, `write it as "scripts": {…}`, "%s: scripts is not an object", path)
	}
	return top, scan(text, m.value), nil
}

// check returns an error if the text is not a JSON object in UTF-8.
func check(path string, text []byte) error {
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		return problem.BadConfig(path, "save it as UTF-8 without a byte order mark", "%s: starts with a byte order mark, which JSON does not allow", path)
	}
	if !utf8.Valid(text) {
		return problem.BadConfig(path, "save it as UTF-8", "%s: not UTF-8", path)
	}
	var raw json.RawMessage
	err := json.Unmarshal(text, &raw)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		before := text[:min(max(0, int(syntax.Offset)-1), len(text))]
		line, column := 1+bytes.Count(before, []byte("\n")), len(before)-bytes.LastIndexByte(before, '\n')
		return problem.BadConfig(path, "correct the syntax", "%s: not JSON: %w", fmt.Sprintf("%s:%d:%d", path, line, column), err)
	case err != nil:
		return problem.BadConfig(path, "correct the syntax", "%s: not JSON: %w", path, err)
	case text[skipSpace(text, 0)] != '{':
		return problem.BadConfig(path, "write package.json as an object: {…}", "%s: not a JSON object", path)
	}
	return nil
}

// AddSetting returns the text with a member in an object of the top level. value is its
// JSON on one line. It inserts the object too if there is none. If the object has the
// member already, AddSetting returns the text unchanged.
func AddSetting(path string, text []byte, object, name, value string) ([]byte, error) {
	if err := check(path, text); err != nil {
		return nil, err
	}
	top := scan(text, skipSpace(text, 0))
	m, err := top.member(path, object)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return top.insert(text, object, objectValue(name, value), ""), nil
	}
	if text[m.value] != '{' {
		return nil, problem.BadConfig(path, `write it as "`+object+`": {…}`, "%s: %s is not an object", path, object)
	}
	in := scan(text, m.value)
	if old, err := in.member(path, name); old != nil || err != nil {
		return text, err
	}
	return in.insert(text, name, func(style) string { return value }, " "), nil
}
