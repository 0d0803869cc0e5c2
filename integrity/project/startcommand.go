package project

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// A StartCommand is what scripts.start starts.
type StartCommand struct {
	Words    []string // node with its arguments, or the command of a package
	Env      []string // NAME=value
	Manifest []byte   // the text of the package.json that has the script
}

// Start returns what scripts.start starts. It leaves out nodeint and its flags, and
// the other words that Entries ignores: package.json must not weaken the checks.
func (p *Project) Start() (*StartCommand, error) {
	const hint = "name the program: nodeint run node server.js"
	c, found, err := p.startCommand()
	if !found {
		return nil, usageError(p.pkg.path, hint, "no command given, and %s has no scripts.start", p.pkg.path)
	}
	if err != nil {
		return nil, configError(p.pkg.path, hint, "read scripts.start of %s: %w", p.pkg.path, err)
	}
	if c.dir != "" {
		return nil, configError(p.pkg.path, "give the directory: nodeint -C "+c.dir+" run "+strings.Join(c.words, " "),
			"read scripts.start of %s: %q starts the program in another directory", p.pkg.path, c.text)
	}
	for _, pair := range c.env {
		// cross-env expands it, and only a shell or cross-env knows how.
		if strings.Contains(pair, "$") {
			return nil, configError(p.pkg.path, hint, "read scripts.start of %s: %q expands the variable in %q", p.pkg.path, c.text, pair)
		}
	}
	return &StartCommand{Words: c.words, Env: c.env, Manifest: p.pkg.text}, nil
}

// LocateMap returns the project of the nearest directory that contains a file named
// mapName, from dir upward to the directory stop. It returns nil if there is none. It
// ignores directories in node_modules: a package must not bring its own map.
func LocateMap(dir, stop, mapName string) (*Project, error) {
	at, err := realDir(dir)
	if err != nil {
		return nil, err
	}
	for ; ; at = filepath.Dir(at) {
		if !slices.Contains(strings.Split(filepath.ToSlash(at), "/"), nodejs.NodeModules) {
			found, err := isNonDirectory(filepath.Join(at, mapName))
			if err != nil {
				return nil, fmt.Errorf("looking for %s: %w", mapName, err)
			}
			if found {
				root, err := workspaceRoot(at)
				return &Project{Dir: at, Root: root}, err
			}
		}
		if at == stop || at == filepath.Dir(at) {
			return nil, nil
		}
	}
}
