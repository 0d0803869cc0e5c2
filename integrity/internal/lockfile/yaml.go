package lockfile

import (
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
)

// yaml parses a text, which must be one document, and returns its root: a mapping, or
// nil after an error. The first line of the text is line skip+1 of the file. yaml
// rejects what two readers of YAML may understand differently.
func (r *reader) yaml(text string, skip int) *yaml.Node {
	if r.yamlText(text, skip); r.err != nil {
		return nil
	}
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var document, more yaml.Node
	switch err := decoder.Decode(&document); {
	case err == io.EOF:
		r.bad(pos{}, "the lockfile is empty")
		return nil
	case err != nil:
		r.yamlError(err, text, skip)
		return nil
	}
	if err := decoder.Decode(&more); err != io.EOF {
		r.bad(pos{more.Line + skip, more.Column}, "a second document")
		return nil
	}
	root := document.Content[0]
	r.yamlNode(root, skip, 0)
	if root.Kind != yaml.MappingNode {
		r.bad(where(root), "the lockfile is not a mapping")
	}
	if r.err != nil {
		return nil
	}
	return root
}

// yamlText checks what the parser does not: the size, and characters that end a line
// in YAML 1.1 and not in 1.2 or that do not belong in a text.
func (r *reader) yamlText(text string, skip int) {
	if len(text) > MaxYAML {
		r.bad(pos{}, "the lockfile is larger than %d MiB", MaxYAML>>20)
	}
	line, values := skip+1, strings.Count(text, "- ")+strings.Count(text, "? ")
	for _, c := range text {
		switch c {
		case '\n':
			line++
			values++
		case ',', ':', '[', '{':
			values++
		case '\r', '\u0085', '\u2028', '\u2029', '\ufeff':
			r.bad(pos{line: line}, "the character U+%04X, which only some readers treat as a line end", c)
		}
	}
	if values > maxValues {
		r.bad(pos{}, "the lockfile has more than %d values", maxValues)
	}
}

var (
	yamlLine   = lazyregexp.New(`^line (\d+): `)
	yamlAnchor = lazyregexp.New(`^unknown anchor '(.+)'`)
	// yamlParser matches the errors of the parser, which counts lines from 0. Its
	// scanner counts from 1.
	yamlParser = lazyregexp.New(`^did not find expected (<|node content|'-' indicator|key$|',' or )`)
)

// yamlError records an error of the parser with its line. The parser reports no line
// for errors on the first line and for aliases.
func (r *reader) yamlError(err error, text string, skip int) {
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := yamlLine().FindStringSubmatch(reason); m != nil {
		line, _ = strconv.Atoi(m[1])
		if reason = reason[len(m[0]):]; yamlParser().MatchString(reason) {
			line++
		}
	}
	if m := yamlAnchor().FindStringSubmatch(reason); m != nil {
		before, _, _ := strings.Cut(text, "*"+m[1])
		line = 1 + strings.Count(before, "\n")
	}
	if strings.HasPrefix(reason, "exceeded") {
		line = -skip
	}
	r.bad(pos{line: line + skip}, "invalid YAML: %s", reason)
}

// yamlNode rejects anchors, aliases, tags, merge keys and duplicate keys, and changes
// the line numbers to those of the file.
func (r *reader) yamlNode(n *yaml.Node, skip, depth int) {
	n.Line += skip
	switch {
	case depth > maxDepth:
		r.bad(where(n), "nested deeper than %d levels", maxDepth)
	case n.Kind == yaml.AliasNode:
		r.bad(where(n), "an alias (*%s): no package manager writes one", clip(n.Value))
	case n.Anchor != "":
		r.bad(where(n), "an anchor (&%s): no package manager writes one", clip(n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		r.bad(where(n), "a tag (%s): no package manager writes one", clip(n.Tag))
	}
	if r.err != nil {
		return
	}
	for _, child := range n.Content {
		if r.yamlNode(child, skip, depth+1); r.err != nil {
			return
		}
	}
	if n.Kind == yaml.MappingNode {
		r.yamlKeys(n)
	}
}

func (r *reader) yamlKeys(n *yaml.Node) {
	lines := make(map[string]int, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		k := n.Content[i]
		line, twice := lines[k.Value]
		switch {
		case k.Kind != yaml.ScalarNode:
			r.bad(where(k), "a key that is not a string")
		case k.Tag == "!!merge":
			r.bad(where(k), "a merge key (<<): no package manager writes one")
		case twice:
			r.bad(where(k), "the key %s is also on line %d", quote(k.Value), line)
		}
		lines[k.Value] = k.Line
	}
}

func clip(s string) string { return strings.Trim(quote(s), `"`) }

func where(n *yaml.Node) pos { return pos{n.Line, n.Column} }

// member returns the value of a key of a mapping, or nil if there is none.
func member(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// mapping calls visit for each key of n, which must be a mapping, null or absent.
func (r *reader) mapping(what string, n *yaml.Node, visit func(k, v *yaml.Node)) {
	if n == nil || isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.bad(where(n), "%s is not a mapping", what)
		return
	}
	for i := 0; i < len(n.Content) && r.err == nil; i += 2 {
		visit(n.Content[i], n.Content[i+1])
	}
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// scalar returns the text of a scalar as it is written, or "" if it is absent: the
// version 1.10 is not a number.
func (r *reader) scalar(what string, n *yaml.Node) string {
	switch {
	case n == nil:
		return ""
	case n.Kind != yaml.ScalarNode:
		r.bad(where(n), "%s is not a string", what)
		return ""
	}
	if fault := textFault(n.Value); fault != "" {
		r.bad(where(n), "%s: %s %s", what, quote(n.Value), fault)
	}
	return n.Value
}

func (r *reader) boolean(what string, n *yaml.Node) bool {
	value := r.scalar(what, n)
	if n != nil && value != "true" && value != "false" {
		r.bad(where(n), "%s is neither true nor false", what)
	}
	return value == "true"
}

// sequence returns a list of strings. The value may also be one string, or absent.
func (r *reader) sequence(what string, n *yaml.Node) []string {
	switch {
	case n == nil || n.Kind == yaml.ScalarNode && n.Value == "true":
		return nil
	case n.Kind == yaml.ScalarNode:
		return []string{r.scalar(what, n)}
	case n.Kind != yaml.SequenceNode:
		r.bad(where(n), "%s is not a list", what)
		return nil
	}
	var texts []string
	for _, e := range n.Content[:min(len(n.Content), maxNames+1)] {
		texts = append(texts, r.scalar("element of "+what, e))
	}
	return r.texts(where(n), what, texts)
}
