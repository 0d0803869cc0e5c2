package setup

import (
	"path/filepath"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

// Runner returns the words before nodeint in a command line, for the program in the given
// file: none unless it is that of the npm package. The user agent is that of the package
// manager that started the command (npm_config_user_agent); it is empty if none did.
func Runner(file, userAgent string) string {
	file = filepath.ToSlash(file)
	if !strings.Contains(file, "/node_modules/@nodeint/") {
		return ""
	}
	name, _, _ := strings.Cut(userAgent, "/")
	m := manager.NPM
	switch {
	case name == "npm":
	case name == "pnpm":
		m = manager.PNPM
	case name == "yarn":
		m = manager.YarnBerry
	case name == "bun":
		m = manager.Bun
	case strings.Contains(file, "/node_modules/.pnpm/"):
		m = manager.PNPM
	case strings.Contains(file, "/.yarn/"):
		m = manager.YarnBerry
	}
	return m.Runner()
}
