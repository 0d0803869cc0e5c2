// Package manager names the package managers that nodeint supports.
package manager

// A Manager is a package manager. Yarn counts as two, because version 1 and the
// later versions have different lockfiles, settings and caches.
//
// The value is what reports print. It is stable.
type Manager string

// The package managers.
const (
	NPM         Manager = "npm"
	PNPM        Manager = "pnpm"
	YarnClassic Manager = "yarn 1"
	YarnBerry   Manager = "yarn" // Yarn 2 and later
	Bun         Manager = "bun"
)

// flags are the names of the managers on a command line, and in the output of
// nodeint hook.
var flags = map[Manager]string{NPM: "npm", PNPM: "pnpm", YarnClassic: "yarn1", YarnBerry: "berry", Bun: "bun"}

// Flag returns the name of the manager as a value of --manager.
func (m Manager) Flag() string { return flags[m] }

// runners are the words with which each manager starts a command that it has installed.
var runners = map[Manager]string{NPM: "npx", PNPM: "pnpm exec", YarnClassic: "yarn", YarnBerry: "yarn", Bun: "bunx"}

// Runner returns the words before a command that the manager has installed in a project, on a
// command line: "npx".
func (m Manager) Runner() string { return runners[m] }

// ByFlag returns the manager with a name as [Manager.Flag] returns it; "" if
// there is none.
func ByFlag(name string) Manager {
	for m, flag := range flags {
		if flag == name {
			return m
		}
	}
	return ""
}
