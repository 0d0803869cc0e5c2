package graph

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// The limits for what esbuild is given to parse. esbuild parses by recursion, and
// a Go program that uses up its stack ends.
const (
	maxModuleSize = 512 << 20 // in bytes; larger than any string of V8
	maxNesting    = 20_000    // depth of nested brackets
)

var (
	errNotRegular = errors.New("not a regular file")
	errTooLarge   = fmt.Errorf("larger than %d bytes", nodejs.MaxPackageJSON)
	errNested     = fmt.Errorf("more than %d nested brackets", maxNesting)
	errOpaque     = errors.New("too large to be parsed")
)

// A manifestChecker checks each package.json before esbuild reads it.
//
// esbuild opens every package.json on the way of a resolution and reads it to its
// end. A FIFO would block it, a device would fill the memory, and deep nesting would
// use up the stack.
type manifestChecker struct {
	stat statFunc

	mu          sync.Mutex
	requests    map[packageRequest]struct{} // that are checked
	nodeModules map[string]string           // by directory: its node_modules, or ""
	directories map[string]error            // by directory: the result for it and all above it
	packages    map[string]error            // by directory: the result for a package
}

// A packageRequest is the name of a package and the directory it is resolved from.
type packageRequest struct{ dir, name string }

func newManifestChecker(stat statFunc) *manifestChecker {
	return &manifestChecker{
		stat:        stat,
		requests:    make(map[packageRequest]struct{}),
		nodeModules: make(map[string]string),
		directories: make(map[string]error),
		packages:    make(map[string]error),
	}
}

// check returns an error if the resolution of specifier from dir would read a
// package.json that must not be read, or that cannot be examined.
func (c *manifestChecker) check(dir, specifier string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if isPath(specifier) || filepath.IsAbs(specifier) {
		target := filepath.FromSlash(specifier)
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		target, err := c.realPath(target)
		if err != nil {
			return err
		}
		return c.checkUpward(target)
	}
	if err := c.checkUpward(dir); err != nil {
		return err
	}
	request := packageRequest{dir, packageName(specifier)}
	if _, done := c.requests[request]; done {
		return nil
	}
	for parent := dir; ; parent = filepath.Dir(parent) {
		modules, err := c.nodeModulesOf(parent)
		if err != nil {
			return err
		}
		if modules != "" {
			if err := c.checkPackage(filepath.Join(modules, filepath.FromSlash(request.name))); err != nil {
				return err
			}
		}
		if parent == filepath.Dir(parent) {
			c.requests[request] = struct{}{}
			return nil
		}
	}
}

// packageName returns the path below node_modules at which esbuild looks for a
// specifier. For an incomplete scope that is the whole specifier: esbuild looks
// there, too.
func packageName(specifier string) string {
	if name, _ := nodejs.SplitSpecifier(specifier); name != "" {
		return name
	}
	return specifier
}

// nodeModulesOf returns the node_modules in dir, or "" if it does not exist.
func (c *manifestChecker) nodeModulesOf(dir string) (string, error) {
	modules, known := c.nodeModules[dir]
	if known {
		return modules, nil
	}
	modules = filepath.Join(dir, nodejs.NodeModules)
	if _, err := c.stat(modules); safefile.IsAbsentName(err) {
		modules = ""
	} else if err != nil {
		return "", manifestError(err)
	}
	c.nodeModules[dir] = modules
	return modules, nil
}

// checkUpward checks the package.json in dir and in all directories above it: esbuild
// reads all of them.
func (c *manifestChecker) checkUpward(dir string) error {
	if err, done := c.directories[dir]; done {
		return err
	}
	err := c.checkFile(filepath.Join(dir, nodejs.PackageJSON))
	if parent := filepath.Dir(dir); err == nil && parent != dir {
		err = c.checkUpward(parent)
	}
	c.directories[dir] = err
	return err
}

// checkPackage checks every package.json below the directory of a package: main and
// exports can name any file in it.
func (c *manifestChecker) checkPackage(dir string) error {
	if err, done := c.packages[dir]; done {
		return err
	}
	top, err := c.realPath(dir)
	if err == nil {
		err = c.checkBelow(top)
	}
	if err == nil {
		err = c.checkUpward(top)
	}
	c.packages[dir] = err
	return err
}

// checkBelow checks every package.json below dir, without nested node_modules.
func (c *manifestChecker) checkBelow(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case safefile.IsAbsentName(err):
			return nil
		case err != nil:
			return manifestError(err)
		case d.IsDir() && d.Name() == nodejs.NodeModules && path != dir:
			return filepath.SkipDir
		case d.Name() == nodejs.PackageJSON:
			return c.checkFile(path)
		}
		return nil
	})
}

// realPath resolves links. A path that does not exist is returned as it is.
func (c *manifestChecker) realPath(path string) (string, error) {
	real, err := c.stat.realPath(path)
	if err != nil {
		return "", manifestError(err)
	}
	if real == "" {
		return path, nil
	}
	return real, nil
}

// checkFile returns an error if path is a package.json that must not be read. esbuild
// does not read a directory of that name.
func (c *manifestChecker) checkFile(path string) error {
	info, err := c.stat(path)
	switch {
	case safefile.IsAbsentName(err):
		return nil
	case err != nil:
		return manifestError(err)
	case info.IsDir():
		return nil
	case !info.Mode().IsRegular():
		return refusal(path, errNotRegular)
	case info.Size() > nodejs.MaxPackageJSON:
		return refusal(path, errTooLarge)
	case info.Size() < maxNesting:
		return nil
	}
	text, err := safefile.Read(path, nodejs.MaxPackageJSON)
	switch {
	case safefile.IsAbsentName(err):
		return nil
	case errors.Is(err, safefile.ErrTooLarge):
		return refusal(path, errTooLarge)
	case err != nil:
		return manifestError(err)
	case nestedTooDeep(text):
		return refusal(path, errNested)
	}
	return nil
}

// refusal returns the error for a package.json that esbuild must not read.
func refusal(path string, reason error) error {
	return manifestError(&fs.PathError{Op: "read", Path: path, Err: reason})
}

func manifestError(err error) error { return fmt.Errorf("reading a package.json: %w", err) }

// nestedTooDeep reports whether brackets in text are nested so deep that parsing it
// would use up the stack. Brackets in strings and comments are counted as well: no
// known module has enough of them.
func nestedTooDeep(text []byte) bool {
	if len(text) < maxNesting || bytes.Count(text, []byte("("))+bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) < maxNesting {
		return false
	}
	depth := 0
	for _, c := range text {
		switch c {
		case '(', '[', '{':
			if depth++; depth > maxNesting {
				return true
			}
		case ')', ']', '}':
			depth = max(0, depth-1)
		}
	}
	return false
}
