// Package project finds the project that a command is run for: its directory, the
// root that the map's keys are relative to, its configuration and its entries.
//
// The project is the nearest directory upward that contains a package.json. Its
// root is that directory. For a member of an npm, Yarn or pnpm workspace, the root
// is the workspace's directory: dependencies of a member are hoisted there, and the
// keys of the map could not name them otherwise.
//
// The package reads these members of package.json: name, version, nodeint
// ([Config]), exports, main, bin, scripts.start and workspaces. It reads the member
// packages of pnpm-workspace.yaml. An attacker who can write the program's files can
// write these two as well, so they are parsed strictly: UTF-8, none of those members
// twice, a regular file of limited size. A byte order mark is skipped, as Node does.
//
// Mistakes of the user are a [*problem.Error] of the class Usage, with the code
// "usage" for arguments and "config" for files. Errors of the system are returned
// unchanged.
package project

import (
	"os"
	"path/filepath"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A Project is a directory with a package.json.
type Project struct {
	Dir     string // absolute real path of the directory
	Root    string // absolute real path that keys are relative to: Dir, or the workspace's directory
	Name    string // "" if package.json has none
	Version string // "" if package.json has none
	Config  Config

	pkg    manifest
	prober prober
}

func usageError(path, hint, format string, args ...any) error {
	return problem.New(problem.Usage, problem.CodeUsage, path, hint, format, args...)
}

func configError(path, hint, format string, args ...any) error {
	return problem.BadConfig(path, hint, format, args...)
}

// Find returns the project that contains the directory dir.
func Find(dir string) (*Project, error) {
	start, err := realDir(dir)
	if err != nil {
		return nil, err
	}
	for at := start; ; at = filepath.Dir(at) {
		m, err := readManifest(at)
		if err != nil {
			return nil, err
		}
		if m != nil {
			return load(at, *m)
		}
		if at == filepath.Dir(at) {
			return nil, noProject(start)
		}
	}
}

// Locate returns the project that contains the directory dir, with only Dir and Root
// set. verify uses it: it must find a project whose package.json was deleted or
// broken, to report that by the map that pins it. So a directory with a file named
// mapName counts as a project too, and of the package.json files, only those of
// directories that may be a workspace are read.
func Locate(dir, mapName string) (*Project, error) {
	start, err := realDir(dir)
	if err != nil {
		return nil, err
	}
	for at := start; ; at = filepath.Dir(at) {
		for _, name := range []string{nodejs.PackageJSON, mapName} {
			found, err := isNonDirectory(filepath.Join(at, name))
			if err != nil {
				return nil, err
			}
			if found {
				root, err := workspaceRoot(at)
				return &Project{Dir: at, Root: root}, err
			}
		}
		if at == filepath.Dir(at) {
			return nil, noProject(start)
		}
	}
}

// isNonDirectory reports whether path exists and is not a directory. Only ENOENT and
// ENOTDIR mean "absent": if another error did, another directory would become the
// project, and another map would be trusted.
func isNonDirectory(path string) (bool, error) {
	info, err := os.Lstat(path)
	if safefile.IsAbsent(err) {
		return false, nil
	}
	return err == nil && !info.IsDir(), err
}

func noProject(start string) error {
	return usageError(start,
		"change to the project's directory, pass it with -C DIR, or create a package.json: npm init -y",
		"no package.json in %s or any directory above it", start)
}

// load returns the project in the directory dir, whose package.json is m.
func load(dir string, m manifest) (*Project, error) {
	p := &Project{Dir: dir, pkg: m}
	p.Name = m.members["name"].String()
	p.Version = m.members["version"].String()
	var err error
	if p.Config, err = readConfig(m.path, m.members["nodeint"]); err != nil {
		return nil, err
	}
	if p.Root, err = workspaceRoot(dir); err != nil {
		return nil, err
	}
	return p, nil
}

// Manifest returns the path and the text of package.json, from which Config was read.
func (p *Project) Manifest() (path string, text []byte) { return p.pkg.path, p.pkg.text }

// realDir returns the absolute real path of the directory dir.
func realDir(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if safefile.IsAbsent(err) {
		return "", usageError(abs, "check the path given to -C", "directory %s does not exist", abs)
	}
	if err != nil {
		return "", err
	}
	info, err := os.Stat(real)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return "", usageError(abs, "pass the directory that contains it: -C "+filepath.Dir(abs), "%s is not a directory", abs)
	}
	return real, nil
}

// list returns the strings of the array r, or false if r is not an array of strings.
func list(r gjson.Result) ([]string, bool) {
	if !r.IsArray() {
		return nil, false
	}
	all := r.Array()
	out := make([]string, 0, len(all))
	for _, e := range all {
		if e.Type != gjson.String {
			return nil, false
		}
		out = append(out, e.Str)
	}
	return out, true
}
