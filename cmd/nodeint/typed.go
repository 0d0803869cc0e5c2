package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// commands matches the commands of nodeint in a hint.
var commands = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(^|[\s:"(])(nodeint (?:-|(?:audit|diff|explain|generate|hook|import-policy|init|keygen|man|merge-driver|permissions|` +
		`run|sbom|sign|trace|verify|version|why)\b))`)
})

// typed returns a hint with its commands as the user can type them. A nodeint that a package
// manager installed in a project is not on the PATH: npx nodeint verify finds it.
func (u *ui) typed(hint string) string {
	if u.runner == "" || !strings.Contains(hint, "nodeint ") {
		return hint
	}
	hint = strings.ReplaceAll(hint, u.runner+" nodeint ", "nodeint ")
	return commands().ReplaceAllString(hint, "${1}"+u.runner+" ${2}")
}

// runnerOf returns the words before nodeint in a command line, for the program in the given
// file: none unless it is that of the npm package. The user agent is that of the package
// manager that started the command; it is empty if none did.
func runnerOf(file, userAgent string) string {
	file = filepath.ToSlash(file)
	if !strings.Contains(file, "/node_modules/@nodeint/") {
		return ""
	}
	name, _, _ := strings.Cut(userAgent, "/")
	switch {
	case name == "pnpm", name == "yarn", name == "bun", name == "npm":
	case strings.Contains(file, "/node_modules/.pnpm/"):
		name = "pnpm"
	case strings.Contains(file, "/.yarn/"):
		name = "yarn"
	}
	switch name {
	case "pnpm":
		return "pnpm exec"
	case "yarn":
		return "yarn"
	case "bun":
		return "bunx"
	}
	return "npx"
}

// ownRunner is runnerOf of this process.
func ownRunner() string {
	file, err := os.Executable()
	if err != nil {
		return ""
	}
	return runnerOf(file, os.Getenv("npm_config_user_agent"))
}
