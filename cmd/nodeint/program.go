package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/launch"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
)

// A programCommand is the program that run or trace starts.
type programCommand struct {
	*launch.Program
	bin      string                // the name of the package's command that was given, or ""
	start    *project.StartCommand // the start script that was read, or nil
	manifest string                // absolute path of its package.json
}

// enter changes the working directory to dir, as if nodeint and the program were
// started there. Messages name files relative to the old one.
func (u *ui) enter(dir string) error {
	if dir == "." {
		return nil
	}
	before, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := os.Chdir(dir); err != nil {
		return usage("check the path given to -C", "changing the working directory: %w", err)
	}
	now, err := os.Getwd()
	if err != nil {
		return err
	}
	if u.startDir == "" {
		u.startDir, u.shownCwd = before, dir
	}
	u.cwd = "."
	return os.Setenv("PWD", now)
}

// command returns the program that the words name: node and its arguments, a script,
// or the command of an installed package. Without words it is what scripts.start
// starts, and the working directory becomes the one of package.json, as in npm start.
func (u *ui) command(words []string, allow launch.Allow) (*programCommand, error) {
	c := &programCommand{}
	if len(words) == 0 {
		p, err := project.Find(u.cwd)
		if err != nil {
			return nil, err
		}
		if c.start, err = p.Start(); err != nil {
			return nil, err
		}
		c.manifest = filepath.Join(p.Dir, "package.json")
		if err := u.enterProject(p.Dir); err != nil {
			return nil, err
		}
		for _, pair := range c.start.Env {
			name, value, _ := strings.Cut(pair, "=")
			if err := os.Setenv(name, value); err != nil {
				return nil, err
			}
		}
		words = c.start.Words
	}
	words, err := c.findBin(words)
	if err != nil {
		return nil, err
	}
	c.Program, err = launch.ParseCommand(words, os.Environ(), allow)
	return c, err
}

// enterProject changes the working directory to that of the project.
func (u *ui) enterProject(dir string) error {
	now, err := os.Getwd()
	if err != nil {
		return err
	}
	if now, err = filepath.EvalSymlinks(now); err != nil || now == dir {
		return err
	}
	if u.mapFile, err = u.mapPath(); err != nil { // relative to the old one
		return err
	}
	return u.enter(dir)
}

// findBin returns the words with the path of the command in node_modules/.bin, if the
// first word is the name of one.
func (c *programCommand) findBin(words []string) ([]string, error) {
	if launch.IsNode(words[0]) {
		return words, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	file, err := project.FindBin(dir, "", words[0])
	if file == "" || err != nil {
		return words, err
	}
	c.bin = words[0]
	return slices.Concat([]string{file}, words[1:]), nil
}

// projectOf returns the project whose map pins the program. --map and -C decide it. So
// does the project of the working directory, if its map pins the script, or if the
// program is a package's command. Otherwise it is the one of the nearest map, from the
// script's directory upward.
//
// Trusted directories, absolute paths, have no map of their own.
func (u *ui) projectOf(c *programCommand, trusted []string) (*project.Project, error) {
	p, err := project.Locate(u.cwd, integrity.MapName)
	if u.cwdGiven || u.mapFile != "" || c.start != nil || c.bin != "" || c.Script == "" {
		return p, err
	}
	if none, ok := errors.AsType[*problem.Error](err); err != nil && (!ok || none.Class != problem.Usage) {
		return nil, err // an unreadable directory must not lead to another map
	}
	script, absErr := filepath.Abs(c.Script)
	if absErr != nil {
		return nil, absErr
	}
	if info, statErr := os.Stat(filepath.Dir(script)); statErr != nil || !info.IsDir() {
		return p, err // node reports that the script does not exist
	}
	if slices.ContainsFunc(trusted, func(dir string) bool { return isInside(dir, script) }) {
		return p, err
	}
	stop := ""
	if p != nil {
		stop = p.Dir
	}
	near, nearErr := project.LocateMap(filepath.Dir(script), stop, integrity.MapName)
	switch {
	case nearErr != nil:
		return nil, nearErr
	case near == nil, p != nil && near.Dir == p.Dir:
		return p, err
	case p != nil && mayPin(p, c.Script):
		return p, nil
	}
	return near, nil
}

// mayPin reports whether the project's map pins the script. A map that cannot be read
// counts as one that does: verify reports it.
func mayPin(p *project.Project, script string) bool {
	path := filepath.Join(p.Dir, integrity.MapName)
	text, err := project.ReadFile(path, maxMap)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	files, err := p.Resolve([]string{script}, ".")
	if err != nil {
		return false
	}
	doc, err := importmap.Read(path, text)
	if err != nil {
		return true
	}
	real, err := filepath.EvalSymlinks(files[0])
	if err != nil {
		return true
	}
	rel, err := filepath.Rel(p.Root, real)
	if err != nil {
		return true
	}
	key := importmap.KeyOf(filepath.ToSlash(rel))
	return slices.ContainsFunc(doc.Integrity, func(e importmap.Entry) bool { return e.Key == key })
}

// maxMap is the size of the largest map, in bytes.
const maxMap = 256 << 20

// check returns an error if what decided about the program is not pinned: the start
// script, or the file of a package's command. The files themselves were verified.
func (c *programCommand) check(r *integrity.Report) error {
	if err := c.checkNode(r); err != nil {
		return err
	}
	if c.start != nil {
		pin := findPin(r, c.manifest)
		if pin == nil || !matches(pin.Metadata, c.start.Manifest) {
			return problem.BadUsage("name the program: nodeint run "+strings.Join(c.start.Words, " "),
				"the map %s does not pin %s, so its start script cannot be trusted", r.Map, c.manifest)
		}
	}
	if c.bin == "" {
		return nil
	}
	file, err := filepath.EvalSymlinks(c.Script)
	if err != nil {
		return problem.NotChecked(c.Script, "", "%w", err)
	}
	if file, err = filepath.Abs(file); err != nil {
		return err
	}
	dir, err := project.BinPackage(file, c.bin)
	switch {
	case err != nil:
		return err
	case dir == "":
		return problem.BadUsage("install the package again, or name the file: nodeint run node "+c.Script,
			"%s is not the command %s of the package that contains it", file, c.bin)
	case findPin(r, file) == nil || findPin(r, filepath.Join(dir, "package.json")) == nil:
		return problem.BadUsage(`add it to nodeint.entries in package.json, and run nodeint generate`,
			"the map %s does not pin %s, the file of the command %s", r.Map, file, c.bin)
	}
	return nil
}

// checkNode returns an error if node is a file of the tree, which an attacker who writes the
// tree can replace, or if a script that is not pinned has named it.
func (c *programCommand) checkNode(r *integrity.Report) error {
	node, err := filepath.Abs(c.Node)
	if err != nil {
		return err
	}
	real, err := filepath.EvalSymlinks(node)
	if err != nil {
		return problem.NotChecked(node, "", "finding node: %w", err)
	}
	if r.Root != string(filepath.Separator) && (isInside(r.Root, node) || isInside(r.Root, real)) {
		return usage("give the path of another node: nodeint run /usr/bin/node SCRIPT, or put its directory first in PATH",
			"%s is refused: it is in the program's tree, where it can be replaced", node)
	}
	if c.Named == nil {
		return nil
	}
	text, err := project.ReadFile(c.Named.File, maxScript)
	if err != nil {
		return problem.NotChecked(c.Named.File, "", "reading the script: %w", err)
	}
	if pin := findPin(r, c.Named.File); pin == nil || !matches(pin.Metadata, text) || !bytes.HasPrefix(text, c.Named.Head) {
		return usage("name node and the script: nodeint run node "+c.Named.File,
			"%s is refused: its first line names the program %s, and the map %s does not pin the script", c.Named.File, c.Name, r.Map)
	}
	return nil
}

// maxScript is the size of the largest script whose first line is believed, in bytes.
const maxScript = 64 << 20

// findPin returns the pinned file with an absolute real path, or nil.
func findPin(r *integrity.Report, file string) *integrity.Pinned {
	rel, err := filepath.Rel(r.Root, file)
	if err != nil {
		return nil
	}
	rel = filepath.ToSlash(rel)
	i := slices.IndexFunc(r.Pinned, func(f integrity.Pinned) bool { return f.Path == rel })
	if i < 0 {
		return nil
	}
	return &r.Pinned[i]
}

// matches reports whether the bytes are those that were pinned.
func matches(md hasher.Metadata, text []byte) bool {
	return md.Match(hasher.Sum(md.Algorithms(), text))
}
