package mapfile

import (
	"slices"

	"github.com/tidwall/gjson"
)

// InstallScripts are the scripts of package.json that package managers run when they
// install a package from a registry, in their order. A package with a binding.gyp and none
// of the first two has the script install: "node-gyp rebuild".
var InstallScripts = [...]string{"preinstall", "install", "postinstall"}

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
