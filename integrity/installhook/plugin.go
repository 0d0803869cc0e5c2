package installhook

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// pluginText is the plugin for berry, with NAME and COMMAND to be put in.
//
//go:embed plugin.cjs
var pluginText string

const yarnrc = ".yarnrc.yml"

// pluginName gives the plugin's name; each project of a workspace has its own.
func (h *Hook) pluginName() string {
	name := "plugin-nodeint"
	if h.member != "." {
		name += "-" + strings.ReplaceAll(h.member, "/", "-")
	}
	return name
}

func (h *Hook) pluginFile() string { return path.Join(".yarn/plugins", h.pluginName()+".cjs") }

// plugin gives the plugin's text.
func (h *Hook) plugin() []byte {
	return []byte(strings.NewReplacer("'NAME'", literal(h.pluginName()), "'COMMAND'", literal(h.Command)).Replace(pluginText))
}

// literal writes a string of JavaScript.
func literal(s string) string {
	text, _ := json.Marshal(s) // a string always marshals
	return string(text)
}

// readPlugin returns the texts of the plugin and of .yarnrc.yml; nil for what is
// not there.
func (h *Hook) readPlugin() (plugin, rc []byte, err error) {
	if plugin, err = read(h.path(h.pluginFile())); err != nil {
		return nil, nil, err
	}
	rc, err = read(h.path(yarnrc))
	return plugin, rc, err
}

func (h *Hook) installPlugin() ([]Change, error) {
	plugin, rc, err := h.readPlugin()
	if err != nil {
		return nil, err
	}
	if err := h.mine(plugin); err != nil {
		return nil, err
	}
	entered, err := enter(rc, h.pluginFile())
	if err != nil {
		return nil, config(h.path(yarnrc), fmt.Sprintf("add %s to its plugins by hand, and run this again", h.pluginFile()), "%s: %w", h.path(yarnrc), err)
	}
	// The plugin first: yarn does not start without one that is entered.
	return append(h.changed(h.pluginFile(), plugin, h.plugin()), h.changed(yarnrc, rc, entered)...), nil
}

func (h *Hook) removePlugin() ([]Change, error) {
	plugin, rc, err := h.readPlugin()
	if err != nil {
		return nil, err
	}
	if err := h.mine(plugin); err != nil {
		return nil, err
	}
	left, err := strike(rc, h.pluginFile())
	if err != nil {
		return nil, config(h.path(yarnrc), fmt.Sprintf("take %s out of its plugins by hand, and run this again", h.pluginFile()), "%s: %w", h.path(yarnrc), err)
	}
	return append(h.changed(yarnrc, rc, left), h.changed(h.pluginFile(), plugin, nil)...), nil
}

// mine holds that a plugin that is there is the one that nodeint writes.
func (h *Hook) mine(plugin []byte) error {
	if plugin == nil || string(plugin) == string(h.plugin()) {
		return nil
	}
	file := h.path(h.pluginFile())
	return config(file, "move it away, or delete it", "%s is not as nodeint writes it", file)
}

func (h *Hook) pluginState() (State, error) {
	plugin, rc, err := h.readPlugin()
	if err != nil {
		return State{}, err
	}
	s := State{File: yarnrc}
	if plugin != nil && entered(rc, h.pluginFile()) {
		s.Installed = string(plugin) == string(h.plugin())
		s.Command = h.Command
		if !s.Installed {
			s.Command = h.pluginFile() + ", which is not as nodeint writes it"
		}
	}
	return s, nil
}
