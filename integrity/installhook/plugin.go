package installhook

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/nodeint/nodeint/integrity/problem"
)

// pluginTemplate is the plugin for yarn 2 and later, with the placeholders NAME and
// COMMAND.
//
//go:embed plugin.cjs
var pluginTemplate string

const yarnrc = ".yarnrc.yml"

// pluginName returns the name of the plugin. Each project of a workspace has its
// own plugin.
func (h *Hook) pluginName() string {
	name := "plugin-nodeint"
	if h.member != "." {
		name += "-" + strings.ReplaceAll(h.member, "/", "-")
	}
	return name
}

func (h *Hook) pluginFile() string { return path.Join(".yarn/plugins", h.pluginName()+".cjs") }

// pluginText returns the text of the plugin that runs a command line.
func (h *Hook) pluginText(command string) []byte {
	return []byte(strings.NewReplacer("'NAME'", literal(h.pluginName()), "'COMMAND'", literal(command)).Replace(pluginTemplate))
}

// pluginCommand returns the command line that the plugin runs, or "" if it differs
// from the plugins that nodeint writes.
func (h *Hook) pluginCommand(plugin []byte) string {
	for _, command := range h.commands() {
		if string(plugin) == string(h.pluginText(command)) {
			return command
		}
	}
	return ""
}

// literal returns s as a string literal of JavaScript.
func literal(s string) string {
	text, _ := json.Marshal(s) // a string always marshals
	return string(text)
}

// readPlugin returns the texts of the plugin and of .yarnrc.yml, nil for a file
// that does not exist.
func (h *Hook) readPlugin() (plugin, rc []byte, err error) {
	if plugin, err = read(h.path(h.pluginFile())); err != nil {
		return nil, nil, err
	}
	rc, err = read(h.path(yarnrc))
	return plugin, rc, err
}

// installPlugin returns the changes that add the plugin.
func (h *Hook) installPlugin() ([]Change, error) {
	plugin, rc, err := h.readPlugin()
	if err != nil {
		return nil, err
	}
	if err := h.checkPlugin(plugin); err != nil {
		return nil, err
	}
	edited, err := addPlugin(rc, h.pluginFile())
	if err != nil {
		return nil, problem.BadConfig(h.path(yarnrc), fmt.Sprintf("add %s to plugins by hand, and run the command again", h.pluginFile()), "%s: %w", h.path(yarnrc), err)
	}
	// The plugin first: yarn fails if .yarnrc.yml lists a plugin that does not exist.
	return append(h.change(h.pluginFile(), plugin, h.pluginText(h.Line())), h.change(yarnrc, rc, edited)...), nil
}

// removePlugin returns the changes that remove the plugin.
func (h *Hook) removePlugin() ([]Change, error) {
	plugin, rc, err := h.readPlugin()
	if err != nil {
		return nil, err
	}
	if err := h.checkPlugin(plugin); err != nil {
		return nil, err
	}
	edited, err := removePlugin(rc, h.pluginFile())
	if err != nil {
		return nil, problem.BadConfig(h.path(yarnrc), fmt.Sprintf("remove %s from plugins by hand, and run the command again", h.pluginFile()), "%s: %w", h.path(yarnrc), err)
	}
	return append(h.change(yarnrc, rc, edited), h.change(h.pluginFile(), plugin, nil)...), nil
}

// checkPlugin returns an error if the plugin exists and is not the one that
// nodeint writes.
func (h *Hook) checkPlugin(plugin []byte) error {
	if plugin == nil || h.pluginCommand(plugin) != "" {
		return nil
	}
	file := h.path(h.pluginFile())
	return problem.BadConfig(file, "move or delete it", "%s differs from the plugin that nodeint writes", file)
}

// pluginState returns the state of the plugin.
func (h *Hook) pluginState() (State, error) {
	plugin, rc, err := h.readPlugin()
	if err != nil {
		return State{}, err
	}
	s := State{File: yarnrc}
	if plugin != nil && listsPlugin(rc, h.pluginFile()) {
		s.Command = h.pluginCommand(plugin)
		s.Installed = s.Command != ""
		if !s.Installed {
			s.Command = h.pluginFile() + ", which differs from the plugin that nodeint writes"
		}
	}
	return s, nil
}
