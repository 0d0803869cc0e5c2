// Package installhook has a project's package manager run nodeint after it has
// installed something: which manager that is ([Detect]), what each of them runs
// ([Manager.Scripts]), and what is written where for it ([Hook]).
//
// It reads package.json, .yarnrc.yml and the names of lockfiles in the root,
// since managers run the scripts of the root whichever member of a workspace
// was installed into; docs/hooks.md has the table, as measured.
package installhook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/packagejson"
	"github.com/nodeint/nodeint/integrity/project"
)

// A Manager is a package manager.
type Manager string

// The two yarns have little in common but their name.
const (
	NPM   Manager = "npm"
	PNPM  Manager = "pnpm"
	Yarn1 Manager = "yarn1"
	Berry Manager = "berry" // yarn 2 and later
	Bun   Manager = "bun"
)

// Names are what a manager may be called on a command line; "yarn" is whichever
// of the two the project has.
var Names = []string{"npm", "pnpm", "yarn", "yarn1", "berry", "bun"}

// Scripts are the scripts of package.json that the manager runs once packages
// are in their place, in its order; none for berry, which has a plugin.
//
// postinstall is also run for whoever installs the package, where it gets
// published. There prepare takes its place, which managers run for the root
// alone.
func (m Manager) Scripts(published bool) []string {
	last := "postinstall"
	if published {
		last = "prepare"
	}
	switch m {
	case NPM:
		return []string{"dependencies", last}
	case Berry:
		return nil
	}
	return []string{last}
}

// after are the scripts that may hold a hook, wherever a user has moved it.
var after = []string{"dependencies", "postdependencies", "install", "postinstall", "prepare", "postprepare"}

// lockfiles say which manager wrote them.
var lockfiles = []struct{ file, name string }{
	{"package-lock.json", "npm"},
	{"npm-shrinkwrap.json", "npm"},
	{"pnpm-lock.yaml", "pnpm"},
	{"yarn.lock", "yarn"},
	{"bun.lock", "bun"},
	{"bun.lockb", "bun"},
}

// Detect returns the manager of the project whose root is the folder, whose
// package.json has the text pkg; name, if not "", is one of [Names] and wins.
// Without it, it is what packageManager or devEngines.packageManager of
// package.json says, else the one whose lockfile is there.
func Detect(root string, pkg []byte, name string) (Manager, error) {
	if name != "" && !slices.Contains(Names, name) {
		hint := "write one of " + strings.Join(Names, ", ")
		if n := project.Nearest(name, Names); n != "" {
			hint = "did you mean --manager " + n + "?"
		}
		return "", usage(hint, "--manager %q is not known", name)
	}
	asked, version, err := declared(root, pkg)
	if name == "" {
		name = asked
		if err != nil {
			return "", err
		}
	}
	if name == "" {
		if name, err = locked(root); err != nil {
			return "", err
		}
	}
	if name != "yarn" {
		return Manager(name), nil
	}
	if asked != "yarn" {
		version = ""
	}
	return whichYarn(root, version)
}

// declared returns the manager that package.json names, and its version.
func declared(root string, pkg []byte) (name, version string, err error) {
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
		return "", "", config(path, "make them agree, or say which one with --manager NAME",
			"%s: packageManager is %s, devEngines.packageManager is %s", path, name, also)
	}
	if name != "" && !slices.Contains([]string{"npm", "pnpm", "yarn", "bun"}, name) {
		return "", "", config(path, "say whose scripts it runs with --manager NAME: one of "+strings.Join(Names, ", "),
			"%s: the package manager %q is not known", path, name)
	}
	return name, version, nil
}

// locked returns the name of the manager whose lockfile is there.
func locked(root string) (string, error) {
	var names, files, looked []string
	for _, l := range lockfiles {
		looked = append(looked, l.file)
		if !isFile(filepath.Join(root, l.file)) {
			continue
		}
		files = append(files, l.file)
		if !slices.Contains(names, l.name) {
			names = append(names, l.name)
		}
	}
	switch len(names) {
	case 0:
		return "", usage("install once, or name the package manager: --manager npm",
			"found no package manager in %s: looked at packageManager and devEngines of package.json, and for %s", root, strings.Join(looked, ", "))
	case 1:
		return names[0], nil
	}
	return "", usage("delete the lockfiles that are not in use, or say which manager is: --manager "+names[0],
		"found several package managers in %s, by %s", root, strings.Join(files, ", "))
}

// whichYarn tells the two apart: by the version, whatever range it is; by what
// only one of them writes or reads.
func whichYarn(root, version string) (Manager, error) {
	if i := strings.IndexAny(version, "0123456789"); i >= 0 {
		if major, _, _ := strings.Cut(version[i:], "."); major == "0" || major == "1" {
			return Yarn1, nil
		}
		return Berry, nil
	}
	lock, err := os.ReadFile(filepath.Join(root, "yarn.lock"))
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", err
	case strings.Contains("\n"+string(lock), "\n__metadata:"), isFile(filepath.Join(root, ".yarnrc.yml")):
		return Berry, nil
	case len(lock) > 0:
		return Yarn1, nil
	}
	return "", usage("say which one: --manager yarn1, or --manager berry for yarn 2 and later",
		"which yarn %s has is not to be told: it has no yarn.lock, no .yarnrc.yml, and no version in packageManager", root)
}

// Find returns the path of the nodeint that a script in the root would run: the
// project's own, as a dependency of it, or the one on the PATH.
func Find(root, path string) (string, bool) {
	folders := append([]string{filepath.Join(root, "node_modules", ".bin")}, filepath.SplitList(path)...)
	names := []string{"nodeint"}
	if runtime.GOOS == "windows" {
		names = []string{"nodeint.exe", "nodeint.cmd"}
	}
	for _, dir := range folders {
		for _, name := range names {
			file := filepath.Join(dir, name)
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() &&
				(runtime.GOOS == "windows" || info.Mode()&0o111 != 0) {
				return file, true
			}
		}
	}
	return "", false
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func usage(hint, format string, args ...any) error {
	return &project.Error{Code: "usage", Hint: hint, Err: fmt.Errorf(format, args...)}
}

func config(path, hint, format string, args ...any) error {
	return &project.Error{Code: "config", Path: path, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// about is an error of package manifest, for the file at path.
func about(path string, err error) error {
	m, ok := errors.AsType[*packagejson.Error](err)
	if !ok {
		return err
	}
	where := path
	if m.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", path, m.Line, m.Column)
	}
	return config(path, m.Hint, "%s: %w", where, err)
}
