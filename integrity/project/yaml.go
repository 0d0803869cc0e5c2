package project

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxYAML is how many bytes a pnpm-workspace.yaml or .yarnrc.yml may have.
const maxYAML = 256 << 10

// YAMLList reads the list under a key of a YAML document that is a mapping, nil for
// none. An item that is no text is "". Only this list is looked at, node by node:
// nothing is expanded, so that what else there is costs no more than its length. What
// readers of YAML take for different things is an error, which says what is wrong.
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

// yamlMember gives the value of a key of the document, nil for none or null.
func yamlMember(text []byte, key string) (*yaml.Node, error) {
	if len(text) > maxYAML {
		return nil, fmt.Errorf("it is larger than %d KiB", maxYAML>>10)
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	var document, more yaml.Node
	switch err := decoder.Decode(&document); {
	case err == io.EOF:
		return nil, nil
	case err != nil:
		return nil, errors.New("it is not YAML: " + strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := decoder.Decode(&more); err != io.EOF {
		return nil, errors.New("something follows its first document")
	}
	root := document.Content[0]
	switch {
	case isNull(root):
		return nil, nil
	case root.Kind != yaml.MappingNode:
		return nil, errors.New("it is not a mapping")
	}
	return valueOf(root, key)
}

func valueOf(mapping *yaml.Node, key string) (*yaml.Node, error) {
	var value *yaml.Node
	for i := 0; i < len(mapping.Content); i += 2 {
		switch k := resolved(mapping.Content[i]); {
		case k.Tag == "!!merge":
			return nil, fmt.Errorf("line %d: a merge key (<<): write out what is meant", k.Line)
		case k.Kind != yaml.ScalarNode || k.Value != key:
		case value != nil:
			return nil, fmt.Errorf("line %d: %s is there twice", k.Line, key)
		default:
			value = resolved(mapping.Content[i+1])
		}
	}
	if value != nil && isNull(value) {
		return nil, nil
	}
	return value, nil
}

// resolved gives what an alias is for, which is never another alias.
func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }
