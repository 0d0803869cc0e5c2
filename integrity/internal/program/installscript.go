package program

import (
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// install returns the commands that run when the package in dir is installed, by the name
// of the script. text is that of its package.json.
func (m *Manifests) install(dir string, text []byte) (map[string]string, error) {
	commands := mapfile.ReadInstallScripts(text)
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
	commands["install"] = mapfile.BuildAddon
	return commands, nil
}
