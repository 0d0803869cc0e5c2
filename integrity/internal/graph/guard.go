package graph

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// esbuild opens every package.json that it meets and reads it to its end: a named
// pipe would block it for ever, a device would fill the memory. It parses what it
// reads by recursion, and Go ends a process whose stack is used up. So what would be
// asked of it is looked at first.
const (
	mostManifest = 32 << 20  // bytes of a package.json
	mostModule   = 512 << 20 // bytes of a module: more than a string of V8 holds
	mostNested   = 20_000    // brackets in one another
)

var (
	errNotRegular = errors.New("not a regular file")
	errTooLarge   = errors.New("larger than any that node reads")
	errNested     = fmt.Errorf("more than %d brackets in one another", mostNested)
)

// A guard looks at each folder once, before esbuild does.
type guard struct {
	mu      sync.Mutex
	asked   map[asked]struct{}
	modules map[string]string
	folders map[string]error // what package.json in a folder is, by absolute path
	below   map[string]error // the same of all folders of a package
}

// asked is a package that was asked for from a folder.
type asked struct{ dir, name string }

func newGuard() *guard {
	return &guard{asked: make(map[asked]struct{}), modules: make(map[string]string), folders: make(map[string]error), below: make(map[string]error)}
}

// allows returns an error if the resolution of an edge would come by a package.json
// that must not be read.
func (g *guard) allows(dir, specifier string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if isPath(specifier) || filepath.IsAbs(specifier) {
		target := filepath.FromSlash(specifier)
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		return g.upward(real(target))
	}
	if err := g.upward(dir); err != nil {
		return err
	}
	key := asked{dir, packageName(specifier)}
	if _, done := g.asked[key]; done {
		return nil
	}
	for folder := dir; ; folder = filepath.Dir(folder) {
		if modules := g.modulesOf(folder); modules != "" {
			if err := g.downward(filepath.Join(modules, filepath.FromSlash(key.name))); err != nil {
				return err
			}
		}
		if folder == filepath.Dir(folder) {
			g.asked[key] = struct{}{}
			return nil
		}
	}
}

// modulesOf gives the node_modules of a folder, or "" if it has none.
func (g *guard) modulesOf(folder string) string {
	modules, known := g.modules[folder]
	if !known {
		modules = filepath.Join(folder, "node_modules")
		if _, err := os.Stat(modules); err != nil {
			modules = ""
		}
		g.modules[folder] = modules
	}
	return modules
}

// packageName gives the part of a specifier that names the package.
func packageName(specifier string) string {
	parts := strings.SplitN(specifier, "/", 3)
	if strings.HasPrefix(specifier, "@") && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

// upward looks at a folder and at all above it, as esbuild does.
func (g *guard) upward(folder string) error {
	if err, done := g.folders[folder]; done {
		return err
	}
	err := readable(filepath.Join(folder, "package.json"))
	if parent := filepath.Dir(folder); err == nil && parent != folder {
		err = g.upward(parent)
	}
	g.folders[folder] = err
	return err
}

// downward looks at the folders of a package, since its main and exports lead
// anywhere in it.
func (g *guard) downward(folder string) error {
	if err, done := g.below[folder]; done {
		return err
	}
	place := real(folder)
	err := filepath.WalkDir(place, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // it is not there, or whoever reads it says why not
		case d.IsDir() && d.Name() == "node_modules" && path != place:
			return filepath.SkipDir
		case d.Name() == "package.json":
			return readable(path)
		}
		return nil
	})
	if err == nil {
		err = g.upward(place)
	}
	g.below[folder] = err
	return err
}

// real resolves links as far as what they lead to is there.
func real(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// readable returns an error for a package.json that must not be read.
func readable(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return nil
	}
	refuse := func(reason error) error {
		return fmt.Errorf("reading a package.json: %w", &fs.PathError{Op: "read", Path: path, Err: reason})
	}
	switch {
	case !info.Mode().IsRegular():
		return refuse(errNotRegular)
	case info.Size() > mostManifest:
		return refuse(errTooLarge)
	case info.Size() < mostNested:
		return nil
	}
	if text, err := os.ReadFile(path); err == nil && nestedTooDeep(text) {
		return refuse(errNested)
	}
	return nil
}

// nestedTooDeep reports whether a text has so many brackets in one another that
// parsing it would use up the stack. Those in strings and comments count too, which
// no module that was found has enough of.
func nestedTooDeep(text []byte) bool {
	if len(text) < mostNested || bytes.Count(text, []byte("("))+bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) < mostNested {
		return false
	}
	depth := 0
	for _, c := range text {
		switch c {
		case '(', '[', '{':
			if depth++; depth > mostNested {
				return true
			}
		case ')', ']', '}':
			depth = max(0, depth-1)
		}
	}
	return false
}
