package store

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
)

// Limits of a .yarnrc.yml.
const (
	maxYarnrc   = 256 << 10 // bytes
	maxNesting  = 32
	yarnrcDepth = 4 // deeper levels are ignored
)

// parseYarnrc parses a .yarnrc.yml. The key of a setting is the path of its names, joined
// by yarnKey. Values other than strings are ignored: no list in yarn's settings concerns
// archives.
//
// It rejects YAML that is ambiguous or expands to more: anchors, aliases, tags, merge
// keys, keys that are not strings, duplicate keys, and more than one document.
func parseYarnrc(file string, data []byte) ([]setting, error) {
	if len(data) > maxYarnrc {
		return nil, badSetting(file, 0, "", "it has more than %d bytes", maxYarnrc)
	}
	if err := plausible(file, data); err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	var document, more yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, yamlError(file, err)
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, badSetting(file, more.Line, "", "it has more than one document")
	}
	y := &yarnrc{file: file}
	y.check(&document, 0)
	if y.err == nil && len(document.Content) == 1 {
		y.read(document.Content[0], nil)
	}
	return y.settings, y.err
}

var yamlLine = lazyregexp.New(`^yaml: line (\d+): `)

// yamlError returns the line of a parser error. The text of the error may quote a value.
func yamlError(file string, err error) error {
	line := 0
	if m := yamlLine().FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
	}
	return badSetting(file, line, "check it with yarn config", "invalid YAML")
}

// yarnKey returns the key of a setting: the path of its names, joined by NULs.
func yarnKey(names ...string) string { return strings.Join(names, "\x00") }

// A yarnrc is a .yarnrc.yml while it is parsed.
type yarnrc struct {
	file     string
	settings []setting
	err      error
}

func (y *yarnrc) bad(n *yaml.Node, reason string) {
	if y.err == nil {
		y.err = badSetting(y.file, n.Line, "", "%s", reason)
	}
}

func (y *yarnrc) check(n *yaml.Node, depth int) {
	switch {
	case depth > maxNesting:
		y.bad(n, "it is nested too deep")
	case n.Kind == yaml.AliasNode, n.Anchor != "":
		y.bad(n, "an anchor or alias is not supported")
	case n.Style&yaml.TaggedStyle != 0:
		y.bad(n, "a tag is not supported")
	}
	for i := 0; i < len(n.Content) && y.err == nil; i++ {
		y.check(n.Content[i], depth+1)
	}
	if n.Kind == yaml.MappingNode {
		y.keys(n)
	}
}

func (y *yarnrc) keys(n *yaml.Node) {
	seen := make(map[string]bool)
	for i := 0; i < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Kind != yaml.ScalarNode || k.Tag == "!!merge" || k.Value == "" || strings.ContainsRune(k.Value, 0):
			y.bad(k, "a key is not a string")
		case seen[k.Value]:
			y.bad(k, "the key "+quote(k.Value)+" occurs twice")
		}
		seen[k.Value] = true
	}
}

func (y *yarnrc) read(n *yaml.Node, names []string) {
	if n.Kind == yaml.MappingNode && len(names) < yarnrcDepth {
		for i := 0; i < len(n.Content); i += 2 {
			y.read(n.Content[i+1], append(names[:len(names):len(names)], n.Content[i].Value))
		}
		return
	}
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || len(names) == 0 {
		return
	}
	if len(n.Value) > maxValue {
		y.bad(n, "a value is too long")
		return
	}
	y.settings = append(y.settings, setting{key: yarnKey(names...), value: n.Value, file: y.file, line: n.Line})
}

// expandYarn replaces ${NAME}, ${NAME-default} and ${NAME:-default} as yarn does. ok is
// false if a variable is not set and has no default, or if the text is malformed.
func expandYarn(s string, env func(string) (string, bool)) (text string, ok bool) {
	e := &yarnExpander{env: env, rest: s, ok: true}
	text = e.text(0)
	return text, e.ok && e.rest == ""
}

type yarnExpander struct {
	env  func(string) (string, bool)
	rest string
	ok   bool
}

var yarnVariable = lazyregexp.New(`^\$\{([a-zA-Z]\w*)(:-|-|\})`)

// text expands up to the closing brace, or to the end at depth 0.
func (e *yarnExpander) text(depth int) string {
	var b strings.Builder
	for e.rest != "" && e.ok {
		switch {
		case strings.HasPrefix(e.rest, "${"):
			b.WriteString(e.variable(depth))
			continue
		case len(e.rest) > 1 && e.rest[0] == '\\' && strings.IndexByte(`\$}`, e.rest[1]) >= 0:
			e.rest = e.rest[1:]
		case e.rest[0] == '}' && depth > 0:
			return b.String()
		}
		b.WriteByte(e.rest[0])
		e.rest = e.rest[1:]
	}
	return b.String()
}

func (e *yarnExpander) variable(depth int) string {
	m := yarnVariable().FindStringSubmatch(e.rest)
	if m == nil || depth > maxNesting {
		e.ok = false
		return ""
	}
	e.rest = e.rest[len(m[0]):]
	value, set := e.env(m[1])
	if m[2] == "}" {
		e.ok = e.ok && set
		return value
	}
	byDefault := e.text(depth + 1)
	rest, closed := strings.CutPrefix(e.rest, "}")
	e.rest, e.ok = rest, e.ok && closed
	if !set || m[2] == ":-" && value == "" {
		return byDefault
	}
	return value
}
