package nodeflags

import (
	"slices"
	"strings"
)

// envFileVariables returns the variables that decide about resolution, and those by which
// node loads code before it runs any JavaScript.
func envFileVariables() []string {
	names := slices.Clone(readVariables)
	for _, v := range Variables() {
		if v.Scope == Children && !slices.Contains(names, v.Name) {
			names = append(names, v.Name)
		}
	}
	return names
}

// EnvFiles returns the values of envFileVariables in the files of environment variables that
// the flags of a command line name. Of several files, the last one wins. unread is the
// name of a file that names such a variable in another way than by an assignment, or "".
// read is as in [Start].
//
// Node does not allow the flags of such files in NODE_OPTIONS.
func EnvFiles(flags []Flag, read func(name string) (text []byte, exists bool, err error)) (values map[string]string, unread string, err error) {
	values = make(map[string]string)
	for _, f := range flags {
		if EffectOf(f.Name) != EnvFile {
			continue
		}
		text, exists, err := read(f.Value)
		if err != nil {
			return nil, "", err
		}
		if !exists {
			continue
		}
		found, ok := parseEnv(string(text))
		if !ok {
			unread = f.Value
		}
		for _, name := range envFileVariables() {
			if value, ok := found[name]; ok {
				values[name] = value
			}
		}
	}
	return values, unread, nil
}

// parseEnv returns the variables in a file of environment variables, as node reads it
// (node_dotenv.cc, Dotenv::ParseContent). ok is false if the text names one of
// envFileVariables in a way that parseEnv does not read: nothing is then known about it.
func parseEnv(text string) (values map[string]string, ok bool) {
	values = make(map[string]string)
	named := make(map[string]bool)
	rest := strings.TrimSpace(strings.ReplaceAll(text, "\r", ""))
	for rest != "" {
		line, after, _ := strings.Cut(rest, "\n")
		name, _, assigned := strings.Cut(line, "=")
		if line == "" || line[0] == '#' || !assigned {
			note(named, line)
			rest = strings.TrimLeft(after, " \t\n")
			continue
		}
		value := rest[len(name)+1:]
		name = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "export "))
		value, rest = envValue(value)
		rest = strings.TrimLeft(rest, " \t\n")
		if name != "" {
			values[name] = value
		}
	}
	for name := range named {
		if _, known := values[name]; !known {
			return values, false
		}
	}
	return values, true
}

// note adds the envFileVariables that a line without an assignment names, unless it is a
// comment.
func note(named map[string]bool, line string) {
	if strings.HasPrefix(line, "#") {
		return
	}
	for _, name := range envFileVariables() {
		if slices.Contains(strings.FieldsFunc(line, isNotName), name) {
			named[name] = true
		}
	}
}

func isNotName(r rune) bool {
	return r != '_' && (r < 'A' || 'Z' < r) && (r < 'a' || 'z' < r) && (r < '0' || '9' < r)
}

// envValue returns the value with which text begins, and the text after its line.
func envValue(text string) (value, rest string) {
	text = strings.TrimLeft(text, " \t")
	if text == "" || text[0] == '\n' {
		return "", text
	}
	if quote := text[0]; quote == '"' || quote == '\'' || quote == '`' {
		if end := strings.IndexByte(text[1:], quote); end >= 0 {
			value, rest = text[1:1+end], text[2+end:]
			if quote == '"' {
				value = strings.ReplaceAll(value, `\n`, "\n")
			}
			_, rest, _ = strings.Cut(rest, "\n")
			return value, rest
		}
	}
	value, rest, _ = strings.Cut(text, "\n")
	value, _, _ = strings.Cut(value, "#")
	return strings.TrimSpace(value), rest
}
