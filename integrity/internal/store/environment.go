package store

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// An environment is the environment variables, which contain settings too.
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

// canonicalName returns the key of a variable: names are case-insensitive on Windows.
func canonicalName(name string) string {
	if runtime.GOOS == "windows" {
		return strings.ToUpper(name)
	}
	return name
}

func (e *environment) lookup(name string) (string, bool) {
	v, ok := e.values[canonicalName(name)]
	return v, ok
}

// get returns the first of the variables that is set and not empty.
func (e *environment) get(names ...string) string {
	for _, name := range names {
		if v, _ := e.lookup(name); v != "" {
			return v
		}
	}
	return ""
}

// npmSettings returns the settings in variables npm_config_…. npm ignores their case.
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

// yarnVariables are the settings of yarn that are read: the variable and the key.
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

// path returns the absolute path of s, which is relative to base. It returns "" for a path
// below the home directory if that is unknown.
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
