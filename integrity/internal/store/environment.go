package store

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// An environment is where settings come from that are in no file.
type environment struct {
	vars   []string
	values map[string]string
	home   string
}

func newEnvironment(vars []string) *environment {
	if vars == nil {
		vars = os.Environ()
	}
	e := &environment{vars: vars, values: make(map[string]string)}
	for _, v := range vars {
		name, value, _ := strings.Cut(v, "=")
		e.values[canonicalName(name)] = value
	}
	e.home = e.get(map[bool]string{true: "USERPROFILE", false: "HOME"}[runtime.GOOS == "windows"])
	return e
}

// canonicalName is the name by which a variable is found: Windows does not tell
// case apart.
func canonicalName(name string) string {
	if runtime.GOOS == "windows" {
		return strings.ToUpper(name)
	}
	return name
}

func (e *environment) look(name string) (string, bool) {
	v, ok := e.values[canonicalName(name)]
	return v, ok
}

// get returns the first of the variables that is there and not empty.
func (e *environment) get(names ...string) string {
	for _, name := range names {
		if v, _ := e.look(name); v != "" {
			return v
		}
	}
	return ""
}

// npmSettings are the variables npm_config_…, which npm takes in any case.
func (e *environment) npmSettings() []setting {
	var all []setting
	for _, v := range e.vars {
		name, value, _ := strings.Cut(v, "=")
		const prefix = "npm_config_"
		if len(name) <= len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) || value == "" {
			continue
		}
		key := name[len(prefix):]
		if !strings.HasPrefix(key, "//") {
			key = strings.ToLower(key[:1] + strings.ReplaceAll(key[1:], "_", "-"))
		}
		all = append(all, setting{key: key, value: value, file: "environment variable " + name})
	}
	return all
}

// yarnVariables are those settings of yarn that are read, as variables and as keys.
var yarnVariables = [][2]string{
	{"YARN_NPM_REGISTRY_SERVER", "npmRegistryServer"}, {"YARN_NPM_AUTH_TOKEN", "npmAuthToken"}, {"YARN_NPM_AUTH_IDENT", "npmAuthIdent"},
	{"YARN_HTTP_PROXY", "httpProxy"}, {"YARN_HTTPS_PROXY", "httpsProxy"}, {"YARN_HTTPS_CA_FILE_PATH", "httpsCaFilePath"},
	{"YARN_ENABLE_STRICT_SSL", "enableStrictSsl"}, {"YARN_CACHE_FOLDER", "cacheFolder"}, {"YARN_GLOBAL_FOLDER", "globalFolder"},
	{"YARN_ENABLE_GLOBAL_CACHE", "enableGlobalCache"},
}

func (e *environment) yarnSettings() []setting {
	var all []setting
	for _, v := range yarnVariables {
		if value := e.get(v[0]); value != "" {
			all = append(all, setting{key: v[1], value: value, file: "environment variable " + v[0]})
		}
	}
	return all
}

// path makes a path of a setting absolute, from the folder base. One below a home
// that nobody knows is "".
func (e *environment) path(s, base string) string {
	if rest, ok := strings.CutPrefix(s, "~/"); ok {
		if e.home == "" {
			return ""
		}
		return filepath.Join(e.home, rest)
	}
	if filepath.IsAbs(s) {
		return filepath.Clean(s)
	}
	return filepath.Join(base, s)
}
