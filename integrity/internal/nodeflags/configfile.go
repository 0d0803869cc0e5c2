package nodeflags

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// defaultConfigFile is the file that --experimental-default-config-file reads.
const defaultConfigFile = "node.config.json"

// addConfig adds the flags in a configuration file of node.
func (r *reader) addConfig(f Flag) error {
	_, name, has := split(f.Words[0])
	if !has || name == "" {
		name = defaultConfigFile
	}
	path := r.path(name)
	r.out.Files = append(r.out.Files, path)
	text, exists, err := r.start.Read(path)
	if err != nil || !exists {
		return err
	}
	words, ok := configWords(text)
	if !ok {
		r.out.NotModelled = append(r.out.NotModelled, strings.Join(f.Words, " "))
	}
	flags, _, err := r.table.Scan(words)
	if err != nil {
		return err
	}
	for _, f := range flags {
		if r.table.rule(f.Name).Effect == ConfigFile {
			continue // node does not allow it there
		}
		if err := r.add(f); err != nil {
			return err
		}
	}
	return nil
}

// configWords returns the flags in the text of a node.config.json, as words of a command
// line. ok is false if it has members whose effect is not known.
func configWords(text []byte) (words []string, ok bool) {
	var config struct {
		NodeOptions map[string]any `json:"nodeOptions"`
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, false
	}
	ok = true
	for _, name := range slices.Sorted(maps.Keys(config.NodeOptions)) {
		values, isList := config.NodeOptions[name].([]any)
		if !isList {
			values = []any{config.NodeOptions[name]}
		}
		for _, value := range values {
			switch value := value.(type) {
			case bool:
				if value {
					words = append(words, "--"+name)
				} else {
					words = append(words, "--no-"+name)
				}
			case string:
				if value != "" {
					words = append(words, "--"+name+"="+value)
				}
			case float64:
				words = append(words, fmt.Sprintf("--%s=%v", name, value))
			default:
				ok = false
			}
		}
	}
	return words, ok
}
