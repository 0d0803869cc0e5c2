package project

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxYAML is the size limit for a pnpm-workspace.yaml or .yarnrc.yml, in bytes.
const maxYAML = 256 << 10

// YAMLList returns the list under a key of a YAML document whose top level is a mapping.
// It returns nil if the key is absent or null. An item that is not a scalar, or is null,
// is returned as "". Only this list is examined, node by node. Nothing is expanded, so
// the rest of the document costs time only in proportion to its length. A document that
// YAML parsers interpret differently is an error: several documents, a merge key, or the
// key twice.
func YAMLList(text []byte, key string) ([]string, error) {
	list, err := yamlMember(text, key)
	if list == nil || err != nil {
		return nil, err
	}
	if list.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("%s is not a list", key)
	}
	var items []string
	for _, n := range list.Content {
		if n = resolved(n); n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
			items = append(items, n.Value)
		} else {
			items = append(items, "")
		}
	}
	return items, nil
}

// yamlMember returns the value of a key of the document, or nil if it is absent or null.
func yamlMember(text []byte, key string) (*yaml.Node, error) {
	if len(text) > maxYAML {
		return nil, fmt.Errorf("larger than %d KiB", maxYAML>>10)
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	var document, more yaml.Node
	switch err := decoder.Decode(&document); {
	case err == io.EOF:
		return nil, nil
	case err != nil:
		return nil, errors.New("not YAML: " + strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := decoder.Decode(&more); err != io.EOF {
		return nil, errors.New("contains more than one document")
	}
	root := document.Content[0]
	switch {
	case isNull(root):
		return nil, nil
	case root.Kind != yaml.MappingNode:
		return nil, errors.New("the top level is not a mapping")
	}
	return valueOf(root, key)
}

func valueOf(mapping *yaml.Node, key string) (*yaml.Node, error) {
	var value *yaml.Node
	for i := 0; i < len(mapping.Content); i += 2 {
		switch k := resolved(mapping.Content[i]); {
		case k.Tag == "!!merge":
			return nil, fmt.Errorf("line %d: merge keys (<<) are not supported: write the members out", k.Line)
		case k.Kind != yaml.ScalarNode || k.Value != key:
		case value != nil:
			return nil, fmt.Errorf("line %d: %s occurs twice", k.Line, key)
		default:
			value = resolved(mapping.Content[i+1])
		}
	}
	if value != nil && isNull(value) {
		return nil, nil
	}
	return value, nil
}

// resolved returns the node that an alias refers to, which is never another alias, or
// n itself if it is not an alias.
func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }
