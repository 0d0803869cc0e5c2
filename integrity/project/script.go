package project

import (
	"path/filepath"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// A ScriptProgram is what a script of package.json starts.
type ScriptProgram struct {
	File  string   // absolute path of the file that node gets, which may not exist yet; "" for another program
	Words []string // the program and its arguments
}

// ScriptProgram returns what the script with a name starts, or nil if there is no such
// script, or if only a shell can determine what it starts.
func (p *Project) ScriptProgram(name string) *ScriptProgram {
	c, found, err := p.scriptCommand(name)
	if !found || err != nil || c.dir != "" || len(c.words) == 0 {
		return nil
	}
	s, err := p.startOf(c, p.Dir)
	if err != nil {
		return &ScriptProgram{Words: c.words}
	}
	return &ScriptProgram{File: s.file, Words: c.words}
}

// HasScript reports whether package.json has the script.
func (p *Project) HasScript(name string) bool {
	text, ok := scriptNamed(p.pkg.members["scripts"], name)
	return ok && text != ""
}

// CommandFile returns the absolute path of the file of a package's command. It looks in
// the package.json of the package dependency, in each node_modules from the project's
// directory up to the root. It returns "" if there is none.
func (p *Project) CommandFile(dependency, command string) (string, error) {
	if !nodejs.IsPackageName(dependency) {
		return "", nil
	}
	for dir := p.Dir; ; dir = filepath.Dir(dir) {
		at := filepath.Join(dir, nodejs.NodeModules, filepath.FromSlash(dependency))
		m, err := readManifest(at)
		if err != nil {
			return "", err
		}
		if m != nil && m.members["name"].Str != "" {
			if target := binTarget(m, command); target != "" {
				return filepath.Join(at, filepath.FromSlash(target)), nil
			}
			return "", nil
		}
		if dir == p.Root || dir == filepath.Dir(dir) {
			return "", nil
		}
	}
}
