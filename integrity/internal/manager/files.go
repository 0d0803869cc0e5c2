package manager

import (
	"slices"
	"strings"
)

// IsProjectFile reports whether a name is that of a file that decides what an install or
// Node does, at every place of a project: package.json, a lockfile, settings of a manager.
// Some file systems ignore case, so it does too.
func IsProjectFile(name string) bool {
	return slices.Contains([]string{
		"package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml",
		"bun.lock", "bun.lockb", "bunfig.toml", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", ".pnpmfile.mjs",
		".pnp.cjs", ".pnp.data.json", ".pnp.loader.mjs",
	}, strings.ToLower(name))
}
