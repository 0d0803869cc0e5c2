package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of a file of settings.
const (
	maxSettings = 1 << 20 // bytes
	maxLines    = 10_000
	maxValue    = 64 << 10 // bytes: certificates are the longest
)

// A setting is one line of a .npmrc, or one variable of the environment.
type setting struct {
	key, value string // as they are written, without quotes and escapes
	list       bool   // key[]=value
	file       string
	line       int
	project    bool // it is the project's: not the user's own word
}

func (s setting) fail(hint, format string, args ...any) error {
	return &SettingError{File: s.file, Line: s.line, Reason: fmt.Sprintf(format, args...), Hint: hint}
}

// parseNpmrc reads a .npmrc, as npm's ini does: a line is a comment (";" or "#"),
// the name of a section, or key=value. A key alone has the value "true". A value in
// quotes is JSON; in others a comment begins at ";" or "#", and a backslash before
// one of them or another backslash takes their meaning away. npm has no settings
// in sections: what is in one is passed over.
//
// Unlike npm it refuses what is no UTF-8 or has a NUL, and a file, line or value
// that is too long.
func parseNpmrc(file string, data []byte) ([]setting, error) {
	if err := plausible(file, data); err != nil {
		return nil, err
	}
	var all []setting
	section := false
	n := 0
	for text := range strings.Lines(string(data)) {
		n++
		if n > maxLines {
			return nil, &SettingError{File: file, Line: n, Reason: fmt.Sprintf("more than %d lines", maxLines)}
		}
		// npm takes a carriage return for an end of line as well.
		for part := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\r") {
			if isSection(part) {
				section = true
			}
			s, ok := parseLine(part)
			if !ok || section {
				continue
			}
			if s.file, s.line = file, n; len(s.value) > maxValue {
				return nil, s.fail("", "the value of %s has more than %d bytes", quote(s.key), maxValue)
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// plausible refuses what no file of settings is.
func plausible(file string, data []byte) error {
	switch at := strings.IndexByte(string(data), 0); {
	case len(data) > maxSettings:
		return &SettingError{File: file, Reason: fmt.Sprintf("it has more than %d bytes", maxSettings)}
	case at >= 0:
		return &SettingError{File: file, Line: lineOf(data, at), Reason: "a NUL"}
	case !utf8.Valid(data):
		return &SettingError{File: file, Line: lineOf(data, invalidAt(data)), Reason: "no UTF-8"}
	}
	return nil
}

func lineOf(data []byte, at int) int { return 1 + strings.Count(string(data[:at]), "\n") }

func invalidAt(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(data)
}

func isSection(line string) bool {
	line = strings.TrimRight(line, " \t")
	return strings.HasPrefix(line, "[") && strings.IndexByte(line, ']') == len(line)-1
}

// parseLine reads one line; ok is false if there is no setting in it.
func parseLine(line string) (s setting, ok bool) {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || trimmed[0] == ';' || trimmed[0] == '#' || isSection(line) {
		return s, false
	}
	key, value, has := strings.Cut(line, "=")
	if s.key = unquote(key); !has {
		s.value = "true"
	} else {
		s.value = unquote(value)
	}
	if len(s.key) > 2 && strings.HasSuffix(s.key, "[]") {
		s.key, s.list = s.key[:len(s.key)-2], true
	}
	return s, s.key != ""
}

// unquote reads a key or value.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n > 1 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		text := s
		if s[0] == '\'' {
			text = s[1 : n-1]
		}
		var v string
		if json.Unmarshal([]byte(text), &v) == nil {
			return v
		}
		return text
	}
	return strings.TrimSpace(unescape(s))
}

// unescape cuts a comment off, and takes backslashes away that have a meaning.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == ';' || c == '#':
			return b.String()
		case c == '\\' && i+1 < len(s) && strings.IndexByte(`\;#`, s[i+1]) >= 0:
			i++
			c = s[i]
		}
		b.WriteByte(c)
	}
	return b.String()
}

// hasVariable reports whether expand would look at the environment.
func hasVariable(s string) bool {
	found := false
	_, _ = expand(s, func(string) (string, bool) { found = true; return "", true })
	return found
}

// expand replaces ${NAME} by the variable of the environment, as npm does, and
// ${NAME?} by nothing if there is none. ok is false if there is no variable NAME:
// npm would leave the text as it is. An odd number of backslashes before it takes
// the meaning away, and half of them stay.
func expand(s string, env func(string) (string, bool)) (text string, ok bool) {
	var b strings.Builder
	ok = true
	for i := 0; i < len(s); {
		slashes := len(s[i:]) - len(strings.TrimLeft(s[i:], `\`))
		name, optional, length := variable(s[i+slashes:])
		if length == 0 {
			n := max(slashes, 1)
			b.WriteString(s[i : i+n])
			i += n
			continue
		}
		reference := s[i+slashes : i+slashes+length]
		i += slashes + length
		b.WriteString(strings.Repeat(`\`, slashes/2))
		if slashes%2 == 1 {
			b.WriteString(reference)
			continue
		}
		value, set := env(name)
		if !set && !optional {
			ok = false
			value = reference
		}
		b.WriteString(value)
	}
	return b.String(), ok
}

// variable reads ${NAME} or ${NAME?} at the beginning of s. The length is 0 if
// there is none.
func variable(s string) (name string, optional bool, length int) {
	rest, ok := strings.CutPrefix(s, "${")
	if !ok {
		return "", false, 0
	}
	end := strings.IndexAny(rest, "${}?")
	if end < 1 {
		return "", false, 0
	}
	name, rest = rest[:end], rest[end:]
	switch {
	case strings.HasPrefix(rest, "?}"):
		return name, true, len("${") + len(name) + len("?}")
	case rest[0] == '}':
		return name, false, len("${") + len(name) + len("}")
	}
	return "", false, 0
}
