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
