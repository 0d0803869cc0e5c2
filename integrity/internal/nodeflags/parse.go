package nodeflags

import (
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/problem"
)

// A Flag is one flag of a command line of node.
type Flag struct {
	Name  string // with "-" for "_"
	Kind  Kind
	Value string   // of Value, Require, Import and Eval, if it has one
	Words []string // as written: one, or two if the value is a word of its own
}

// Parse reads flags up to the first word that belongs to none, by node's rules
// (node_options-inl.h, OptionsParser::Parse). rest begins with the script.
func (t Table) Parse(words []string) (flags []Flag, rest []string, err error) {
	return scan(words, t.flag)
}

// Scan reads flags as Parse does, of a command line that nodeint does not start: it
// also accepts the flags that Parse refuses. A flag that nodeint does not know has no
// Kind, and counts as one without a value.
func (t Table) Scan(words []string) (flags []Flag, rest []string, err error) {
	return scan(words, t.read)
}

func scan(words []string, read func(words []string) (Flag, error)) (flags []Flag, rest []string, err error) {
	for len(words) > 0 && len(words[0]) > 1 && words[0][0] == '-' {
		if words[0] == "--" {
			return flags, words[1:], nil
		}
		f, err := read(words)
		if err != nil {
			return nil, nil, err
		}
		flags = append(flags, f)
		words = words[len(f.Words):]
	}
	return flags, words, nil
}

// flag reads the flag with which words begin, and refuses it if the table does.
func (t Table) flag(words []string) (Flag, error) {
	name, _, _ := split(words[0])
	switch rule := t.rule(name); {
	case rule.Kind == "":
		return Flag{}, problem.BadUsage("remove it, or update nodeint if the flag is new in node", "nodeint does not know the node flag %s", name)
	case rule.Reason == inspects:
		return Flag{}, problem.BadUsage("remove it, or use --allow inspector", "node's flag %s is refused: %s", name, inspects)
	case rule.Kind == Refuse:
		return Flag{}, problem.BadUsage("remove it", "node's flag %s is refused: %s", name, rule.Reason)
	}
	f, err := t.read(words)
	if err == nil && f.Kind == Reporter && !slices.Contains(reporters[name], f.Value) {
		return Flag{}, problem.BadUsage("use one of "+strings.Join(reporters[name], ", "), "node's flag %s %s is refused: the runner loads the module without the preload", name, f.Value)
	}
	return f, err
}

// read reads the flag with which words begin.
func (t Table) read(words []string) (Flag, error) {
	name, value, has := split(words[0])
	rule := t.rule(name)
	f := Flag{Name: name, Kind: rule.Kind, Value: value, Words: words[:1]}
	switch {
	case name == "--print" && has:
		f.Value = "" // node ignores it and reads stdin
		return f, nil
	case !rule.takesValue() || has && value != "":
		return f, nil
	case has:
		return f, problem.BadUsage("write "+name+"=VALUE", "node's flag %s needs a value", name)
	}
	optional := name == "-p" || name == "--print"
	if len(words) == 1 || strings.HasPrefix(words[1], "-") {
		if optional {
			return f, nil
		}
		return f, problem.BadUsage("write "+name+" VALUE", "node's flag %s needs a value", name)
	}
	f.Value, f.Words = words[1], words[:2]
	if len(f.Value) > 2 && strings.HasPrefix(f.Value, `\-`) {
		f.Value = f.Value[1:] // node's way to write a value that begins with a dash
	}
	return f, nil
}

// split splits a word into name and value. Only names with two dashes can have "="
// after them, and only in those is "_" the same as "-".
func split(word string) (name, value string, has bool) {
	if !strings.HasPrefix(word, "--") {
		return word, "", false
	}
	name, value, has = strings.Cut(word, "=")
	return strings.ReplaceAll(name, "_", "-"), value, has
}
