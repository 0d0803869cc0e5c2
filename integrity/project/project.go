// Package project finds the project that a command is about: its folder, the
// root that the map's keys are relative to, its configuration and its entries.
//
// The project is the nearest folder upward that holds a package.json. Its root
// is that folder or, for a member of an npm, yarn or pnpm workspace, the
// workspace's folder: a member's dependencies are hoisted there, and its keys
// could not name them otherwise.
//
// Of package.json it reads name, version, nodeint ([Config]), exports, main,
// bin, scripts.start and workspaces; of pnpm-workspace.yaml, packages. Whoever
// can write the program's files can write these, so they are read strictly:
// UTF-8 without duplicates of those members, at most 16 MiB, from a regular
// file. A byte order mark is skipped, as Node does.
package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/tidwall/gjson"
)

// A Project is a folder with a package.json.
type Project struct {
	Dir     string // absolute real path of the folder
	Root    string // absolute real path that keys are relative to: Dir, or the workspace's folder
	Name    string // "" where package.json has none
	Version string // "" where package.json has none
	Config  Config

	pkg   manifest
	looks looks
}

// An Error is a mistake in how nodeint was called or in the project's
// configuration. What the system refused comes as it is instead.
type Error struct {
	Code string // "usage" or "config"
	Path string // the file it is about; may be empty
	Hint string // what to try next
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause, so that callers can ask for fs.ErrNotExist and the like.
func (e *Error) Unwrap() error { return e.Err }

func usageError(path, hint, format string, args ...any) error {
	return &Error{Code: "usage", Path: path, Hint: hint, Err: fmt.Errorf(format, args...)}
}

func configError(path, hint, format string, args ...any) error {
	return &Error{Code: "config", Path: path, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// Find returns the project that dir lies in.
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

// Locate returns the project that dir lies in, for whoever checks it: only Dir
// and Root are set. It reads no package.json but those of folders that may be
// a workspace's, and takes a folder that holds a file called mapName for a
// project too, so that a package.json which was deleted or broken is found by
// the map that pins it.
func Locate(dir, mapName string) (*Project, error) {
	start, err := realDir(dir)
	if err != nil {
		return nil, err
	}
	for at := start; ; at = filepath.Dir(at) {
		for _, name := range []string{"package.json", mapName} {
			found, err := isThere(filepath.Join(at, name))
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

// isThere reports whether there is something at path that is no folder. What the
// system does not tell is an error: taken for absent, it would make another folder
// the project, and another map the one that is believed.
func isThere(path string) (bool, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return false, nil
	}
	return err == nil && !info.IsDir(), err
}

func noProject(start string) error {
	return usageError(start,
		"go to the project's folder, name it with -C DIR, or make a package.json with: npm init -y",
		"no package.json in %s or any folder above it", start)
}

// load makes the project of the folder dir, whose package.json is m.
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

// realDir returns the absolute real path of the folder dir.
func realDir(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if os.IsNotExist(err) {
		return "", usageError(abs, "check the path given to -C", "folder %s does not exist", abs)
	}
	if err != nil {
		return "", err
	}
	info, err := os.Stat(real)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return "", usageError(abs, "name the folder that holds it: -C "+filepath.Dir(abs), "%s is not a folder", abs)
	}
	return real, nil
}

// kindOf names what lies at path, for a message.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "not a regular file"
}

// list returns the strings of the array r, or false if r is anything else.
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
