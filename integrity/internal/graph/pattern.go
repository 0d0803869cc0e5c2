package graph

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// The limits for the matches of a pattern. A pattern that exceeds them
// names data, not modules: it matches no file, and its call remains a gap.
const (
	maxMatches         = 2000
	maxOptionalMatches = 500   // of a pattern that the source only mentions
	maxEntries         = 50000 // directory entries that are read for one pattern
)

// A patternLister lists the files that match a pattern of the scanner. It stays
// in the package of the module that contains the pattern, links included, skips
// node_modules and names that begin with a dot, and reads only directories whose place in
// the pattern has a wildcard.
type patternLister struct {
	stat    statFunc
	pkg     string // directory of the package
	probe   bool   // as jsscan.Specifier.Probe
	named   bool   // the pattern has an extension: Node loads any file that it names
	max     int    // number of matches
	entries int    // directory entries read
	found   []string
	err     error // the first that does not mean absent
}

// expand returns the files, and the directories with an index, that match the pattern p in
// dir: absolute paths, sorted. It finds none in a zip file: the coverage
// pins what a package contains there.
func (d *discovery) expand(dir string, p jsscan.Specifier) []string {
	if rel, inside := d.real(dir); inside {
		dir = filepath.Join(d.opt.Root, filepath.FromSlash(rel))
	}
	l := &patternLister{stat: d.stat, pkg: d.packageDir(dir), probe: p.Probe, max: maxMatches}
	if p.Optional {
		l.max = maxOptionalMatches
	}
	l.named = !p.Optional && filepath.Ext(p.Text[strings.LastIndex(p.Text, jsscan.Wildcard)+1:]) != ""
	components := strings.Split(p.Text, "/")
	fixed := slices.IndexFunc(components, hasWildcard)
	if fixed < 0 {
		return nil
	}
	base := filepath.Join(dir, filepath.FromSlash(strings.Join(components[:fixed], "/")))
	complete := l.isInside(base)
	if complete && p.Deep {
		complete = l.walk(base, "", deepPattern(components[fixed:]))
	} else if complete {
		complete = l.list(base, components[fixed:])
	}
	if l.err != nil {
		d.fail(fmt.Errorf("expanding a pattern: %w", l.err))
		return nil
	}
	if !complete {
		return nil
	}
	slices.Sort(l.found)
	return slices.DeleteFunc(slices.Compact(l.found), func(path string) bool { return d.isUnpinned(path) || d.isExcluded(path) })
}

func hasWildcard(component string) bool { return strings.Contains(component, jsscan.Wildcard) }

// list matches the entries of dir with the first of components, which has a wildcard,
// and then goes on with the others. It returns false if a limit is exceeded or an
// error has occurred.
func (l *patternLister) list(dir string, components []string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil && !safefile.IsAbsentName(err) {
		l.fail(err)
		return false
	}
	if l.entries += len(entries); l.entries > maxEntries {
		return false
	}
	pattern, rest := components[0], components[1:]
	for _, e := range entries {
		name := e.Name()
		path := filepath.Join(dir, name)
		if name == nodejs.NodeModules || name[0] == '.' && pattern[0] != '.' ||
			e.Type()&os.ModeSymlink != 0 && !l.isInside(path) {
			continue
		}
		if len(rest) == 0 {
			l.matchLast(path, name, pattern)
		} else if matches(pattern, name) && !l.descend(path, rest) {
			return false
		}
		if len(l.found) > l.max || l.err != nil {
			return false
		}
	}
	return l.err == nil
}

// descend goes on from path with components.
func (l *patternLister) descend(path string, components []string) bool {
	for n, c := range components {
		if hasWildcard(c) {
			return !l.isInside(path) || l.list(path, components[n:])
		}
		path = filepath.Join(path, c)
	}
	if l.isInside(path) && l.loads(path) {
		l.found = append(l.found, path)
	}
	return true
}

// matchLast adds path if its name matches the last component of a pattern.
func (l *patternLister) matchLast(path, name, pattern string) {
	if matches(pattern, name) {
		if l.loads(path) {
			l.found = append(l.found, path)
		}
		return
	}
	ext := filepath.Ext(name)
	if l.probe && slices.Contains(nodejs.RequireExtensions(), ext) &&
		matches(pattern, strings.TrimSuffix(name, ext)) && l.isRegular(path) {
		l.found = append(l.found, path)
	}
}

// loads reports whether Node can load path: a file with an extension that Node loads,
// or, if it probes, a name for which it finds one.
func (l *patternLister) loads(path string) bool {
	if l.isCode(path) && l.isRegular(path) {
		return true
	}
	if !l.probe {
		return false
	}
	for _, ext := range nodejs.RequireExtensions() {
		if l.isRegular(path+ext) || l.isRegular(filepath.Join(path, "index"+ext)) {
			return true
		}
	}
	return l.isRegular(filepath.Join(path, nodejs.PackageJSON))
}

// isCode reports whether the name of a file is one that Node loads.
func (l *patternLister) isCode(name string) bool {
	return (l.named || nodejs.IsLoadable(name)) && !isDeclaration(name)
}

// isInside reports whether path, and its target if it is a link, is in the package and
// not in a node_modules of it.
func (l *patternLister) isInside(path string) bool {
	real, err := l.stat.realPath(path)
	if err != nil {
		l.fail(err)
	}
	if real == "" {
		return false
	}
	for _, p := range []string{path, real} {
		rel, err := filepath.Rel(l.pkg, p)
		if err != nil || !filepath.IsLocal(rel) || slices.Contains(strings.Split(rel, string(filepath.Separator)), nodejs.NodeModules) {
			return false
		}
	}
	return true
}

func (l *patternLister) isRegular(path string) bool {
	ok, err := l.stat.isRegular(path)
	if err != nil {
		l.fail(err)
	}
	return ok
}

// fail keeps the first error.
func (l *patternLister) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// packageDir returns the directory of the package that contains dir: the one below
// the last node_modules; otherwise the project, if it contains dir; otherwise the
// nearest directory above with a package.json.
func (d *discovery) packageDir(dir string) string {
	const sep = string(filepath.Separator)
	if i := strings.LastIndex(dir, sep+nodejs.NodeModules+sep); i >= 0 {
		start := i + len(nodejs.NodeModules) + 2
		names := strings.SplitN(dir[start:], sep, 3)
		if strings.HasPrefix(names[0], "@") && len(names) > 1 {
			return dir[:start] + names[0] + sep + names[1]
		}
		return dir[:start] + names[0]
	}
	if rel, err := filepath.Rel(d.opt.Dir, dir); err == nil && filepath.IsLocal(rel) {
		return d.opt.Dir
	}
	for parent := dir; ; parent = filepath.Dir(parent) {
		if d.isRegular(filepath.Join(parent, nodejs.PackageJSON)) || parent == d.opt.Root || parent == filepath.Dir(parent) {
			return parent
		}
	}
}

// isDeclaration reports whether path is a TypeScript declaration file: types, no code.
func isDeclaration(path string) bool {
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	return strings.HasSuffix(filepath.Ext(path), "ts") && filepath.Ext(stem) == ".d"
}

// matches reports whether name matches pattern. A wildcard matches any number of
// characters.
func matches(pattern, name string) bool {
	parts := strings.Split(pattern, jsscan.Wildcard)
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return name == pattern
	}
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	name = name[len(first) : len(name)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return true
}
