package installhook

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// Frozen returns how the package manager was told to install exactly what the
// lockfile names, for example "npm ci", or "" if it was not. It reads, in this
// order:
//
//   - the environment: npm sets npm_command, yarn 1 sets npm_config_argv and
//     settings, and a user may set the variables of pnpm and yarn;
//   - the command lines of the processes that have started this one, since pnpm
//     and bun pass nothing on;
//   - the settings in the files of the root.
//
// The plugin for Yarn 2 and later knows it from Yarn and passes --check.
// Settings in a user's home directory are not read.
func Frozen(root string, getenv func(string) string, ancestors [][]string) (string, error) {
	if command := getenv("npm_command"); command == "ci" || command == "install-ci-test" {
		return "npm ci", nil
	}
	var argv struct{ Original []string }
	if err := json.Unmarshal([]byte(getenv("npm_config_argv")), &argv); err == nil {
		ancestors = append([][]string{argv.Original}, ancestors...)
	}
	for _, words := range ancestors {
		if flag, found := frozenFlag(words); found {
			return flag, nil
		}
	}
	for _, name := range frozenVariables {
		if v := getenv(name); v == "true" || v == "1" {
			return name, nil
		}
	}
	for _, file := range []string{".npmrc", "pnpm-workspace.yaml", ".yarnrc", "bunfig.toml"} {
		text, err := safefile.Read(filepath.Join(root, file), maxFile)
		switch {
		case safefile.IsAbsent(err):
		case err != nil:
			return "", err
		case frozenSetting().Match(text):
			return file, nil
		}
	}
	return "", nil
}

// frozenVariables are variables that set a manager's setting.
var frozenVariables = []string{
	"npm_config_frozen_lockfile", "pnpm_config_frozen_lockfile", "npm_config___install_frozen_lockfile",
	"YARN_ENABLE_IMMUTABLE_INSTALLS",
}

// frozenSetting matches a line of .npmrc, pnpm-workspace.yaml, .yarnrc or
// bunfig.toml.
var frozenSetting = lazyregexp.New(`(?m)^[ \t]*(?:"?(?:--)?(?:install\.)?frozen-lockfile"?|frozenLockfile)[ \t]*[ :=][ \t]*"?true\b`)

// frozenFlag returns the flag or command in a command line of a manager that
// makes an install frozen. found is true and the flag is "" for a flag that
// makes it not frozen.
func frozenFlag(words []string) (flag string, found bool) {
	for i, word := range words {
		switch name, value, has := strings.Cut(word, "="); {
		case word == "--":
			return "", false
		case word == "--no-frozen-lockfile", word == "--no-immutable",
			isFrozenFlag(name) && has && value == "false":
			return "", true
		case isFrozenFlag(name):
			return name, true
		case word == "ci" && i > 0 && slices.ContainsFunc(words[:i], isManager):
			return "ci", true
		}
	}
	return "", false
}

func isFrozenFlag(name string) bool { return name == "--frozen-lockfile" || name == "--immutable" }

// isManager reports whether a word of a command line is the program or the script
// of a package manager that may have the command ci.
func isManager(word string) bool {
	switch base := filepath.Base(word); strings.TrimSuffix(base, filepath.Ext(base)) {
	case "pnpm", "bun":
		return true
	}
	return false
}
