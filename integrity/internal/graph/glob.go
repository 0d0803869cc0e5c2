package graph

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// How many files a pattern may stand for. One that has more names no modules,
// but data; it is left to the gap that its call is. Of a pattern that is only
// mentioned less is believed.
const (
	mostFiles = 2000
	mostWeak  = 500
	mostNames = 50000 // entries of folders looked at for one pattern
)

// loadable are the endings of what Node loads; probed those that it tries.
var (
	loadable = []string{".js", ".cjs", ".mjs", ".json", ".node", ".wasm", ".ts", ".cts", ".mts"}
	probed   = []string{".js", ".json", ".node"}
)

// A globber lists what a pattern of the scanner stands for. It stays in the
// package of the module that has the pattern, links included, looks into no
// node_modules, and reads only the folders that the pattern has a star for.
type globber struct {
	pkg   string
	probe bool
	most  int
	names int
	found []string
}

// glob gives the files, and the folders with an index, that r stands for, as
// absolute paths in their order. In a zip it finds none: what a package has there is
// pinned by the coverage.
func (w *walk) glob(dir string, r ref) []string {
	if rel, inside := w.real(dir); inside {
		dir = filepath.Join(w.opt.Root, filepath.FromSlash(rel))
	}
	g := &globber{pkg: w.packageFolder(dir), probe: r.probe, most: mostFiles}
	if r.weak {
		g.most = mostWeak
	}
	components := strings.Split(r.text, "/")
	fixed := slices.IndexFunc(components, func(c string) bool { return strings.Contains(c, star) })
	if fixed < 0 {
		return nil
	}
	base := filepath.Join(dir, filepath.FromSlash(strings.Join(components[:fixed], "/")))
	if !g.isInside(base) || !g.list(base, components[fixed:]) {
		return nil
	}
	slices.Sort(g.found)
	return slices.Compact(g.found)
}

// list looks in dir for the first of components, which has a star, and then
// for the others. It reports false when there is too much.
func (g *globber) list(dir string, components []string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return true // no such folder: no such files
	}
	if g.names += len(entries); g.names > mostNames {
		return false
	}
	pattern, rest := components[0], components[1:]
	for _, e := range entries {
		name := e.Name()
		path := filepath.Join(dir, name)
		if name == "node_modules" || name[0] == '.' && pattern[0] != '.' ||
			e.Type()&os.ModeSymlink != 0 && !g.isInside(path) {
			continue
		}
		if len(rest) == 0 {
			g.last(path, name, pattern)
		} else if matches(pattern, name) && !g.down(path, rest) {
			return false
		}
		if len(g.found) > g.most {
			return false
		}
	}
	return true
}

// down goes on from path with components.
func (g *globber) down(path string, components []string) bool {
	for n, c := range components {
		if strings.Contains(c, star) {
			return !g.isInside(path) || g.list(path, components[n:])
		}
		path = filepath.Join(path, c)
	}
	if g.isInside(path) && g.loads(path) {
		g.found = append(g.found, path)
	}
	return true
}

// last adds path if its name matches the last component of a pattern.
func (g *globber) last(path, name, pattern string) {
	ending := filepath.Ext(name)
	switch {
	case matches(pattern, name):
		if !g.loads(path) {
			return
		}
	case !g.probe || !slices.Contains(probed, ending) || !matches(pattern, strings.TrimSuffix(name, ending)) || !isFile(path):
		return
	}
	g.found = append(g.found, path)
}

// loads reports whether Node can load path: a file with such an ending, or,
// where it probes, what stands for one.
func (g *globber) loads(path string) bool {
	if IsLoadable(path) && !isDeclaration(path) && isFile(path) {
		return true
	}
	if !g.probe {
		return false
	}
	for _, ending := range probed {
		if isFile(path+ending) || isFile(filepath.Join(path, "index"+ending)) {
			return true
		}
	}
	return isFile(filepath.Join(path, "package.json"))
}

// isInside reports whether path, and what it leads to if it is a link, lies in
// the package, and not in a node_modules there.
func (g *globber) isInside(path string) bool {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	for _, p := range []string{path, real} {
		rel, err := filepath.Rel(g.pkg, p)
		if err != nil || !filepath.IsLocal(rel) || slices.Contains(strings.Split(rel, string(filepath.Separator)), "node_modules") {
			return false
		}
	}
	return true
}

// packageFolder is the folder of the package that the folder dir belongs to:
// below the last node_modules, else the project, else the nearest folder above
// with a package.json.
func (w *walk) packageFolder(dir string) string {
	const sep = string(filepath.Separator)
	if i := strings.LastIndex(dir, sep+"node_modules"+sep); i >= 0 {
		start := i + len("node_modules") + 2
		names := strings.SplitN(dir[start:], sep, 3)
		if strings.HasPrefix(names[0], "@") && len(names) > 1 {
			return dir[:start] + names[0] + sep + names[1]
		}
		return dir[:start] + names[0]
	}
	if rel, err := filepath.Rel(w.opt.Dir, dir); err == nil && filepath.IsLocal(rel) {
		return w.opt.Dir
	}
	for d := dir; ; d = filepath.Dir(d) {
		if isFile(filepath.Join(d, "package.json")) || d == w.opt.Root || d == filepath.Dir(d) {
			return d
		}
	}
}

// IsLoadable reports whether a file's name has an ending of what Node loads.
func IsLoadable(name string) bool { return slices.Contains(loadable, filepath.Ext(name)) }

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// isDeclaration reports whether path has TypeScript's types and no code.
func isDeclaration(path string) bool {
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	return strings.HasSuffix(filepath.Ext(path), "ts") && filepath.Ext(stem) == ".d"
}

// matches reports whether a name fits a pattern, in which each star stands for
// any number of characters.
func matches(pattern, name string) bool {
	parts := strings.Split(pattern, star)
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
