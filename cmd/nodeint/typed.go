package main

import (
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/nodeint/nodeint/integrity/setup"
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

// ownRunner returns the words before nodeint in a command line that starts this program.
func ownRunner() string {
	file, err := os.Executable()
	if err != nil {
		return ""
	}
	return setup.Runner(file, os.Getenv("npm_config_user_agent"))
}
