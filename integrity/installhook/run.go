package installhook

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/project"
)

// CheckOnly returns why "nodeint hook run" checks the map and does not write it: it
// runs on a CI server, or the install is frozen. It returns "" if it writes.
func CheckOnly(root string, getenv func(string) string, ancestors [][]string) (string, error) {
	if CI(getenv) {
		return "the environment is that of a CI server", nil
	}
	how, err := Frozen(root, getenv, ancestors)
	if how != "" {
		how = "the install is frozen (" + how + ")"
	}
	return how, err
}

// Skip returns why "nodeint hook run" has nothing to do for the project, or "".
// check reports whether it would only check the map.
//
// npm runs dependencies before the other scripts of the root. Those may still
// change the installed files, as patch-package does. A check in dependencies
// would then fail although a later check succeeds, so Skip leaves the check to
// the later script.
func Skip(p *project.Project, getenv func(string) string, check bool) string {
	if slices.Contains(strings.Split(filepath.ToSlash(p.Root), "/"), "node_modules") {
		return p.Root + " is a dependency of another project: the install hook does nothing there"
	}
	later := slices.Contains([]string{"ci", "install", "install-ci-test"}, getenv("npm_command"))
	if getenv("npm_lifecycle_event") != "dependencies" || !check || !later {
		return ""
	}
	pkg, err := read(filepath.Join(p.Root, "package.json"))
	if err != nil {
		return "" // the command itself reports the error
	}
	for _, script := range []string{"postinstall", "prepare"} {
		if strings.Contains(gjson.GetBytes(pkg, "scripts."+script).Str, "hook run") {
			return "left to the install hook in scripts." + script + ", which npm runs later"
		}
	}
	return ""
}

// Find returns the path of the nodeint that a script in root would run: the one
// in node_modules/.bin, or the first on the PATH. Like a shell, it ignores the
// files and directories that it cannot read.
func Find(root, path string) (string, bool) {
	dirs := append([]string{filepath.Join(root, "node_modules", ".bin")}, filepath.SplitList(path)...)
	names := []string{"nodeint"}
	if runtime.GOOS == "windows" {
		names = []string{"nodeint.exe", "nodeint.cmd"}
	}
	for _, dir := range dirs {
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
