// Package installhook makes a project's package manager run nodeint after each
// install. This is the install hook; the script that checks modules inside Node
// is the preload.
//
// [Detect] determines the package manager. [Scripts] lists the scripts
// of package.json that it runs after an install. [Hook] edits the files:
// package.json, or a plugin and .yarnrc.yml for yarn 2 and later.
//
// Package managers run the scripts of the root, also if a command installs into
// one member of a workspace. So the package reads package.json, .yarnrc.yml and
// the lockfiles of the root. docs/hooks.md has a table of what each manager
// runs, as measured.
package installhook

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
)

// A Manager is a package manager. Its Flag method returns its name.
type Manager = manager.Manager

// The package managers. Yarn 1 and the later versions have little in common, so
// they are two.
const (
	NPM         = manager.NPM
	PNPM        = manager.PNPM
	YarnClassic = manager.YarnClassic
	YarnBerry   = manager.YarnBerry // Yarn 2 and later
	Bun         = manager.Bun
)

// Names are the values of --manager. "yarn" means the version of yarn that the
// project uses.
var Names = []string{"npm", "pnpm", "yarn", "yarn1", "berry", "bun"}

// maxLockfile is the size of the largest yarn.lock that is read, in bytes.
const maxLockfile = 64 << 20

// Scripts returns the scripts of package.json that the manager runs after an
// install, in its order. It returns none for YarnBerry, which has a plugin.
//
// Everyone who installs a published package runs its postinstall. So the
// install hook of a published package is in prepare, which managers run for the
// root alone.
func Scripts(m Manager, published bool) []string {
	last := "postinstall"
	if published {
		last = "prepare"
	}
	switch m {
	case NPM:
		return []string{"dependencies", last}
	case YarnBerry:
		return nil
	}
	return []string{last}
}

// hookScripts are the scripts that may have the install hook, also if a user
// moved it.
var hookScripts = []string{"dependencies", "postdependencies", "install", "postinstall", "prepare", "postprepare"}

// lockfiles are the lockfiles of each manager.
var lockfiles = []struct{ file, name string }{
	{"package-lock.json", "npm"},
	{"npm-shrinkwrap.json", "npm"},
	{"pnpm-lock.yaml", "pnpm"},
	{"yarn.lock", "yarn"},
	{"bun.lock", "bun"},
	{"bun.lockb", "bun"},
}

// Detect returns the package manager of the project in the directory root,
// whose package.json has the text pkg. If name is one of [Names], it decides.
// If name is empty, packageManager of package.json decides, then
// devEngines.packageManager, then the lockfile.
func Detect(root string, pkg []byte, name string) (Manager, error) {
	if name != "" && !slices.Contains(Names, name) {
		hint := "use one of " + strings.Join(Names, ", ")
		if n := project.Nearest(name, Names); n != "" {
			hint = "did you mean --manager " + n + "?"
		}
		return "", problem.BadUsage(hint, "unknown --manager value %q", name)
	}
	declared, version, err := declaredManager(root, pkg)
	if name == "" {
		name = declared
		if err != nil {
			return "", err
		}
	}
	if name == "" {
		if name, err = lockfileManager(root); err != nil {
			return "", err
		}
	}
	if name != "yarn" {
		return manager.ByFlag(name), nil
	}
	if declared != "yarn" {
		version = ""
	}
	return detectYarn(root, version)
}

// declaredManager returns the manager that package.json names, and its version.
func declaredManager(root string, pkg []byte) (name, version string, err error) {
	path := filepath.Join(root, "package.json")
	name, version, _ = strings.Cut(gjson.GetBytes(pkg, "packageManager").Str, "@")
	engine := gjson.GetBytes(pkg, "devEngines.packageManager")
	if engine.IsArray() {
		engine = engine.Get("0") // the others are alternatives to it
	}
	also := engine.Get("name").Str
	switch {
	case name == "":
		name, version = also, engine.Get("version").Str
	case also != "" && also != name:
		return "", "", problem.BadConfig(path, "change one of them, or name the package manager: --manager NAME",
			"%s: packageManager is %s, devEngines.packageManager is %s", path, name, also)
	}
	if name != "" && !slices.Contains([]string{"npm", "pnpm", "yarn", "bun"}, name) {
		return "", "", problem.BadConfig(path, "name the package manager whose scripts it runs: --manager NAME, one of "+strings.Join(Names, ", "),
			"%s: unknown package manager %q", path, name)
	}
	return name, version, nil
}

// lockfileManager returns the name of the manager whose lockfile is in root.
func lockfileManager(root string) (string, error) {
	var names, found, known []string
	for _, l := range lockfiles {
		known = append(known, l.file)
		ok, err := isFile(filepath.Join(root, l.file))
		if err != nil {
			return "", err
		}
		if !ok {
			continue
		}
		found = append(found, l.file)
		if !slices.Contains(names, l.name) {
			names = append(names, l.name)
		}
	}
	switch len(names) {
	case 0:
		return "", problem.BadUsage("install once, or name the package manager: --manager npm",
			"cannot determine the package manager of %s: package.json has neither packageManager nor devEngines.packageManager, and there is no lockfile (%s)",
			root, strings.Join(known, ", "))
	case 1:
		return names[0], nil
	}
	return "", problem.BadUsage("delete the unused lockfiles, or name the package manager: --manager "+names[0],
		"cannot determine the package manager of %s: found the lockfiles of several (%s)", root, strings.Join(found, ", "))
}

// detectYarn returns YarnClassic or YarnBerry. The version or range decides if there is
// one, then the files that only one of the two writes or reads.
func detectYarn(root, version string) (Manager, error) {
	if i := strings.IndexAny(version, "0123456789"); i >= 0 {
		if major, _, _ := strings.Cut(version[i:], "."); major == "0" || major == "1" {
			return YarnClassic, nil
		}
		return YarnBerry, nil
	}
	lock, err := safefile.Read(filepath.Join(root, "yarn.lock"), maxLockfile)
	if err != nil && !safefile.IsAbsent(err) {
		return "", err
	}
	settings, err := isFile(filepath.Join(root, yarnrc))
	switch {
	case err != nil:
		return "", err
	case settings, strings.Contains("\n"+string(lock), "\n__metadata:"):
		return YarnBerry, nil
	case len(lock) > 0:
		return YarnClassic, nil
	}
	return "", problem.BadUsage("name the package manager: --manager yarn1, or --manager berry for yarn 2 and later",
		"cannot determine the Yarn version of %s: it has no yarn.lock, no .yarnrc.yml, and no version in packageManager", root)
}

// isFile reports whether path is a regular file, links followed.
func isFile(path string) (bool, error) {
	info, err := os.Stat(path)
	if safefile.IsAbsent(err) {
		return false, nil
	}
	return err == nil && info.Mode().IsRegular(), err
}
