package store

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Limits of a settings file.
const (
	maxSettings = 1 << 20 // bytes
	maxLines    = 10_000
	maxValue    = 64 << 10 // bytes; certificates are the longest values
)

// A setting is one line of a settings file, or one environment variable.
type setting struct {
	key, value string // without quotes and escapes
	list       bool   // key[]=value
	file       string
	line       int
	project    bool // it is set by the project, not by the user
}

func (s setting) fail(hint, format string, args ...any) error {
	return badSetting(s.file, s.line, hint, format, args...)
}

// parseNpmrc parses a .npmrc like npm's ini. A line is a comment (";" or "#"), the name
// of a section, or key=value. A key alone has the value "true". A quoted value is JSON.
// In other values a comment begins at ";" or "#"; a backslash escapes these two and
// itself. npm has no settings in sections, so they are ignored.
//
// Unlike npm, parseNpmrc rejects text that is not UTF-8 or has a NUL, and files and
// values that are too long.
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
			return nil, badSetting(file, n, "", "it has more than %d lines", maxLines)
		}
		// For npm, a carriage return ends a line too.
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

// plausible rejects data that cannot be a settings file.
func plausible(file string, data []byte) error {
	switch at := strings.IndexByte(string(data), 0); {
	case len(data) > maxSettings:
		return badSetting(file, 0, "", "it has more than %d bytes", maxSettings)
	case at >= 0:
		return badSetting(file, lineOf(data, at), "", "it contains a NUL")
	case !utf8.Valid(data):
		return badSetting(file, lineOf(data, invalidAt(data)), "", "it is not UTF-8")
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

// parseLine parses one line. ok is false if it contains no setting.
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

// unquote returns a key or value without quotes, escapes and comment.
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

// unescape removes a comment and the backslashes that escape a character.
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

// hasVariable reports whether s contains an environment variable.
func hasVariable(s string) bool {
	found := false
	_, _ = expand(s, func(string) (string, bool) { found = true; return "", true })
	return found
}

// expand replaces ${NAME} by the environment variable, as npm does, and ${NAME?} by
// nothing if it is not set. ok is false if a variable is not set; npm would not change
// the text. An odd number of backslashes before it escapes it, and half of them remain.
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

// variable parses ${NAME} or ${NAME?} at the beginning of s. The length is 0 if there is
// none.
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
