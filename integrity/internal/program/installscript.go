package program

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// buildAddon is what package managers run for a package with a binding.gyp.
const buildAddon = "node-gyp rebuild"

// install returns the commands that run when the package in dir is installed, by the name
// of the script. text is that of its package.json.
func (m *Manifests) install(dir string, text []byte) (map[string]string, error) {
	commands := installScripts(text)
	if commands["preinstall"] != "" || commands["install"] != "" {
		return commands, nil
	}
	kind, err := m.tree.Kind(tree.Join(dir, "binding.gyp"))
	if err != nil {
		return nil, problem.NotChecked(dir, "make this path readable", "%w", err)
	}
	if kind != tree.File {
		return commands, nil
	}
	if commands == nil {
		commands = make(map[string]string)
	}
	commands["install"] = buildAddon
	return commands, nil
}

// installScripts returns the install scripts of a package.json; nil if it has none. Of a
// member with a name twice the last one counts, as for package managers.
func installScripts(text []byte) map[string]string {
	if !bytes.Contains(text, []byte("install")) && !bytes.Contains(text, []byte(`\u`)) {
		return nil
	}
	var manifest, scripts map[string]json.RawMessage // a struct would match names in another case
	if json.Unmarshal(bytes.TrimPrefix(text, []byte("\uFEFF")), &manifest) != nil || json.Unmarshal(manifest["scripts"], &scripts) != nil {
		return nil
	}
	var commands map[string]string
	for _, name := range mapfile.InstallScripts {
		var command string
		if json.Unmarshal(scripts[name], &command) != nil || strings.TrimSpace(command) == "" {
			continue
		}
		if commands == nil {
			commands = make(map[string]string)
		}
		commands[name] = command
	}
	return commands
}
