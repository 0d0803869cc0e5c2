package nodeflags

import (
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
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

// envSpace are the characters that node trims. The others that Go and JavaScript take for
// white space belong to a name or a value.
const envSpace = " \t\n"

// parseEnv returns the variables in a file of environment variables, as node reads it
// (node_dotenv.cc, Dotenv::ParseContent). ok is false if the text names one of
// envFileVariables in a way that parseEnv does not read: nothing is then known about it.
func parseEnv(text string) (values map[string]string, ok bool) {
	values = make(map[string]string)
	text = strings.ReplaceAll(text, "\r", "")
	named := namedElsewhere(text)
	rest := strings.Trim(text, envSpace)
	for rest != "" {
		line, after, _ := strings.Cut(rest, "\n")
		name, _, assigned := strings.Cut(line, "=")
		switch {
		case line == "" || line[0] == '#':
			rest = after // with its spaces: a "#" behind them begins a name
			continue
		case !assigned:
			note(named, line)
			rest = strings.TrimLeft(after, envSpace)
			continue
		}
		rest = rest[len(name)+1:]
		name = strings.Trim(name, envSpace)
		switch {
		case rest == "" || rest[0] == '\n':
			values[name] = "" // with "export ", which node takes for a part of this name
			rest = strings.TrimPrefix(rest, "\n")
		case name == "":
			rest = strings.TrimLeft(rest, envSpace) // node reads a name behind the "="
		default:
			name = strings.Trim(strings.TrimPrefix(name, "export "), envSpace)
			values[name], rest = envValue(rest)
		}
	}
	for name := range named {
		if _, known := values[name]; !known {
			return values, false
		}
	}
	return values, true
}

// beforeAssignment finds what may be the name of a variable.
var beforeAssignment = lazyregexp.New(`(?:^|[\n=])[ \t]*(?:export[ \t]+)?([A-Za-z0-9_]+)[ \t\n]*=`)

// namedElsewhere returns the envFileVariables that some version of node may set: 22.15
// reads the value of the last line again, and a name that ends with a newline.
func namedElsewhere(text string) map[string]bool {
	named := make(map[string]bool)
	for text != "" {
		at := beforeAssignment().FindStringSubmatchIndex(text)
		if at == nil {
			break
		}
		if name := text[at[2]:at[3]]; slices.Contains(envFileVariables(), name) {
			named[name] = true
		}
		text = text[at[1]-1:] // from the "=", before which another name may stand
	}
	return named
}

// note adds the envFileVariables that a line without an assignment names.
func note(named map[string]bool, line string) {
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
	text = strings.TrimLeft(text, envSpace) // also a newline behind a space
	if text == "" {
		return "", ""
	}
	quote := text[0]
	if quote != '"' && quote != '\'' && quote != '`' {
		value, rest, _ = strings.Cut(text, "\n")
		value, _, _ = strings.Cut(value, "#")
		return strings.Trim(value, envSpace), strings.TrimLeft(rest, envSpace)
	}
	value, after, closed := strings.Cut(text[1:], string(quote))
	if !closed {
		value, rest, _ = strings.Cut(text, "\n") // a "#" belongs to it
		return value, strings.TrimLeft(rest, envSpace)
	}
	if quote == '"' {
		value = strings.ReplaceAll(value, `\n`, "\n")
	}
	_, rest, _ = strings.Cut(after, "\n")
	return value, rest
}
