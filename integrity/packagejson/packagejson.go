// Package packagejson edits the scripts of a package.json in place: every byte
// outside of what is put in stays as it is, and taking it out again gives back
// the very bytes that were there.
//
// [Add] has a script run one more command at its end: after what is there, as
// in "patch-package && nodeint hook run", or as a script of its own, with
// scripts around it where package.json has none. What it puts in looks like
// what is around it: its line ends, its indentation, its blanks behind colons.
//
// [Remove] finds out from the text alone what Add put in, since nothing else
// remembers it. So where package.json had nothing, an empty script, or an empty
// object, Add writes texts that differ: a script of its own is the command
// alone, one that was empty has a blank before the command, scripts that were
// empty have a blank on both sides of the member, and a package.json that was
// empty but for blanks has the member right behind its brace. On texts that
// were edited since, Remove takes out what is certainly the command's, or
// refuses.
//
// The text has to be JSON by RFC 8259 in UTF-8, an object, without a byte order
// mark; and the objects and members that are looked at have to be there once,
// since readers of JSON differ on which one counts.
package packagejson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// An Error says why a text cannot be edited.
type Error struct {
	Line, Column int    // where, from 1 and in bytes; 0 where it is about the whole
	Hint         string // what to do about it
	Err          error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives what encoding/json found, where it was that.
func (e *Error) Unwrap() error { return e.Err }

func refuse(hint, format string, args ...any) error {
	return &Error{Hint: hint, Err: fmt.Errorf(format, args...)}
}

// A Script is a member of scripts.
type Script struct{ Name, Command string }

// Scripts returns the scripts in their order. Members that are not strings,
// which no manager runs, are left out.
func Scripts(text []byte) ([]Script, error) {
	_, scripts, err := read(text)
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
// command must be one that a shell takes for a single word list without
// operators. Where the script runs it already, the text comes back as it is.
func Add(text []byte, script, command string) ([]byte, error) {
	top, scripts, err := read(text)
	if err != nil {
		return nil, err
	}
	if scripts == nil {
		return top.insert(text, "scripts", inner(script, command), ""), nil
	}
	m, err := scripts.one(script)
	if err != nil {
		return nil, err
	}
	if m == nil {
		value := func(style) string { return quote(command) }
		return scripts.insert(text, script, value, " "), nil
	}
	there, ok := m.str(text)
	if !ok {
		return nil, refuse("make it a string, or delete it", "scripts.%s is not a string", script)
	}
	if _, found := find(there, command); found {
		return text, nil
	}
	if strings.TrimSpace(there) == "" {
		return splice(text, m.end-1, m.end-1, escape(" "+command)), nil
	}
	if err := chainable(script, there); err != nil {
		return nil, err
	}
	return splice(text, m.end-1, m.end-1, escape(" && "+command)), nil
}

// Has reports whether the script runs the command.
func Has(text []byte, script, command string) bool {
	_, scripts, err := read(text)
	if err != nil || scripts == nil {
		return false
	}
	m, err := scripts.one(script)
	if m == nil || err != nil {
		return false
	}
	there, ok := m.str(text)
	if !ok {
		return false
	}
	_, found := find(there, command)
	return found
}

// Remove returns the text without what [Add] put in. Where the script does not
// run the command, the text comes back as it is.
func Remove(text []byte, script, command string) ([]byte, error) {
	top, scripts, err := read(text)
	if err != nil || scripts == nil {
		return text, err
	}
	m, err := scripts.one(script)
	if m == nil || err != nil {
		return text, err
	}
	there, ok := m.str(text)
	if !ok {
		return text, nil
	}
	at, found := find(there, command)
	if !found {
		if strings.Contains(there, command) {
			return nil, refuse("take it out by hand", "scripts.%s is %q: what it is without %q is not certain", script, there, command)
		}
		return text, nil
	}
	literal := string(text[m.value+1 : m.end-1])
	for _, put := range []string{" && " + command, " " + command} {
		left, ok := strings.CutSuffix(literal, escape(put))
		if ok && (put[1] == '&' || strings.TrimSpace(unquote([]byte(`"`+left+`"`))) == "") {
			return splice(text, m.value+1+len(left), m.end-1, ""), nil
		}
	}
	left := without(there, at, len(command))
	switch {
	case left != "" && literal != escape(there):
		return nil, refuse("take "+command+" out by hand", "scripts.%s is written with escapes that nodeint would not have written", script)
	case left != "":
		return splice(text, m.value+1, m.end-1, escape(left)), nil
	case len(scripts.members) > 1 || scripts.lead(text) == " ":
		return scripts.remove(text, m), nil
	}
	m, err = top.one("scripts")
	return top.remove(text, m), err
}

// inner gives the value of scripts with one script.
func inner(script, command string) func(style) string {
	return func(s style) string {
		member := quote(script) + s.colon + quote(command)
		if s.unit == "" {
			return "{" + member + "}"
		}
		return "{" + s.between + s.unit + member + s.between + "}"
	}
}

// read returns the object of package.json, and that of its scripts or nil.
func read(text []byte) (top, scripts *object, err error) {
	if err := check(text); err != nil {
		return nil, nil, err
	}
	top = scan(text, skip(text, 0))
	m, err := top.one("scripts")
	if m == nil || err != nil {
		return top, nil, err
	}
	if text[m.value] != '{' {
		return nil, nil, refuse(`write it as "scripts": {…}`, "scripts is not an object")
	}
	return top, scan(text, m.value), nil
}

func check(text []byte) error {
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		return refuse("save it without, as UTF-8", "it begins with a byte order mark, which is not JSON")
	}
	if !utf8.Valid(text) {
		return refuse("save it as UTF-8", "it is not UTF-8")
	}
	var raw json.RawMessage
	err := json.Unmarshal(text, &raw)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		before := text[:min(max(0, int(syntax.Offset)-1), len(text))]
		line, column := 1+bytes.Count(before, []byte("\n")), len(before)-bytes.LastIndexByte(before, '\n')
		return &Error{line, column, "mend it there", fmt.Errorf("it is not JSON: %w", err)}
	case err != nil:
		return refuse("mend it", "it is not JSON: %w", err)
	case text[skip(text, 0)] != '{':
		return refuse("a package.json is an object: {…}", "it is not a JSON object")
	}
	return nil
}
