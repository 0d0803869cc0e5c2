package mapfile

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// InstallScripts are the scripts of package.json that package managers run when they
// install a package from a registry, in their order. A package with a binding.gyp and none
// of the first two has the script install: "node-gyp rebuild".
var InstallScripts = [...]string{"preinstall", "install", "postinstall"}

// BuildAddon is what package managers run for a package with a binding.gyp.
const BuildAddon = "node-gyp rebuild"

// install reads the member install of a package.
func (r *memberReader) install(name string, v gjson.Result) map[string]string {
	commands := make(map[string]string)
	r.object(name, v, func(script string, v gjson.Result) {
		if !slices.Contains(InstallScripts[:], script) {
			r.bad("%s: the script %q is unknown to this version; use the nodeint that wrote this map", name, script)
		}
		if commands[script] = r.text(name, v); commands[script] == "" {
			r.bad("%s: the script %q is empty", name, script)
		}
	})
	if len(commands) == 0 {
		r.bad("%s is empty", name)
	}
	return commands
}

// ReadInstallScripts returns the [InstallScripts] of a package.json with their commands;
// nil if it has none.
func ReadInstallScripts(text []byte) map[string]string {
	if !bytes.Contains(text, []byte("install")) && !bytes.Contains(text, []byte(`\u`)) {
		return nil
	}
	return ReadScripts(text, InstallScripts[:])
}

// ReadScripts returns the scripts of a package.json that have one of the names, with their
// commands; nil if it has none. Of a member with a name twice the last one counts, as for
// package managers.
func ReadScripts(text []byte, names []string) map[string]string {
	var manifest, scripts map[string]json.RawMessage // a struct would match names in another case
	if json.Unmarshal(bytes.TrimPrefix(text, []byte("\uFEFF")), &manifest) != nil || json.Unmarshal(manifest["scripts"], &scripts) != nil {
		return nil
	}
	var commands map[string]string
	for _, name := range names {
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
