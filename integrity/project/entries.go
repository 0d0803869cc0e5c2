package project

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Entries returns the absolute paths of the files that the project starts with:
// nodeint.entries; else what exports, main and bin name; else the files of
// scripts.start; else index.js. A path may pass through symbolic links, but
// ends inside the root.
func (p *Project) Entries() ([]string, error) {
	p.looks = looks{}
	entries, err := p.entries()
	if p.looks.err != nil {
		return nil, p.looks.err
	}
	return entries, err
}

func (p *Project) entries() ([]string, error) {
	if len(p.Config.Entries) > 0 {
		return p.configured()
	}
	entries, err := p.published()
	if len(entries) > 0 || err != nil {
		return entries, err
	}
	entries, err = p.started()
	if len(entries) > 0 || err != nil {
		return entries, err
	}
	if index := p.looks.probeIndex(p.Dir); index != "" {
		return p.inRoot([]string{index})
	}
	note := ""
	if main := p.pkg.members["main"].Str; main != "" {
		note = fmt.Sprintf(" (its main %s is not there)", quote(main))
	}
	return nil, configError(p.pkg.path, nameEntries,
		"found nothing to start in %s: looked at nodeint.entries, exports, main, bin and scripts.start of package.json%s, and for index.js",
		p.Dir, note)
}

const nameEntries = `name the file that you start, as in nodeint generate server.js, or as "nodeint": {"entries": ["server.js"]} in package.json`

// Resolve returns the absolute paths of the files that args name, as node would
// take them, relative to the folder cwd.
func (p *Project) Resolve(args []string, cwd string) ([]string, error) {
	cwd, err := realDir(cwd)
	if err != nil {
		return nil, err
	}
	p.looks = looks{}
	var out []string
	for _, arg := range args {
		path := arg
		if !filepath.IsAbs(path) {
			path = filepath.Join(cwd, arg)
		}
		file := p.looks.probe(filepath.Clean(path))
		if p.looks.err != nil {
			return nil, p.looks.err
		}
		if file == "" {
			return nil, notAFile("usage", "", arg, path)
		}
		out = append(out, file)
	}
	return p.inRoot(out)
}

// configured returns the files of nodeint.entries.
func (p *Project) configured() ([]string, error) {
	var out []string
	for _, e := range p.Config.Entries {
		path := filepath.Join(p.Dir, filepath.FromSlash(e))
		if filepath.IsAbs(e) {
			path = filepath.Clean(e)
		}
		file := p.looks.probe(path)
		if file == "" {
			return nil, notAFile("config", p.pkg.path+": nodeint.entries: ", e, path)
		}
		out = append(out, file)
	}
	return p.inRoot(out)
}

// published returns the files that exports, main and bin name. A main that is
// not there counts for nothing: npm init writes one unasked.
func (p *Project) published() ([]string, error) {
	targets, err := exportTargets(p.pkg.members["exports"], "", p.Config.Conditions)
	if err != nil {
		return nil, configError(p.pkg.path, `a target starts with "./"`, "%s: exports: %w", p.pkg.path, err)
	}
	var out []string
	for _, t := range targets {
		files, err := p.target(t)
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	if main := p.pkg.members["main"]; main.Type == gjson.String && main.Str != "" {
		if file := p.looks.probeMain(p.Dir, main.Str); file != "" {
			out = append(out, file)
		}
	}
	for _, b := range bins(p.pkg.members["bin"]) {
		path := filepath.Join(p.Dir, filepath.FromSlash(b))
		if !p.looks.isFile(path) {
			return nil, p.notBuilt("bin", b)
		}
		out = append(out, path)
	}
	return p.inRoot(out)
}

// target returns the files of one target of exports; a pattern names many.
func (p *Project) target(t string) ([]string, error) {
	path := filepath.Join(p.Dir, filepath.FromSlash(t))
	if strings.Contains(t, "*") {
		return p.looks.expand(p.Dir, t)
	}
	if !p.looks.isFile(path) {
		return nil, p.notBuilt("exports", t)
	}
	return []string{path}, nil
}

func (p *Project) notBuilt(member, target string) error {
	return configError(p.pkg.path, "build the project first, or name what you start: nodeint generate server.js",
		"%s: %s names %s, which is not a file", p.pkg.path, member, quote(target))
}

func bins(v gjson.Result) []string {
	if v.Type == gjson.String {
		return []string{v.Str}
	}
	var out []string
	if v.IsObject() {
		v.ForEach(func(_, v gjson.Result) bool {
			if v.Type == gjson.String {
				out = append(out, v.Str)
			}
			return true
		})
	}
	return out
}

// started returns the files that scripts.start hands to node.
func (p *Project) started() ([]string, error) {
	script := p.pkg.members["scripts"].Get("start")
	if script.Type != gjson.String || strings.TrimSpace(script.Str) == "" {
		return nil, nil
	}
	s, err := readStart(script.Str)
	if err != nil {
		return nil, configError(p.pkg.path, nameEntries, "read scripts.start of %s: %w", p.pkg.path, err)
	}
	var out []string
	for _, spec := range s.preloads {
		files := p.preload(spec)
		if files == nil {
			return nil, configError(p.pkg.path, "install it, or name all files that you start: nodeint generate server.js preload.js",
				"%s: scripts.start preloads %s, which cannot be found", p.pkg.path, quote(spec))
		}
		out = append(out, files...)
	}
	file := p.looks.probe(filepath.Join(p.Dir, filepath.FromSlash(s.file)))
	if file == "" {
		return nil, configError(p.pkg.path, nameEntries, "%s: scripts.start starts %s, which is not there", p.pkg.path, quote(s.file))
	}
	return p.inRoot(append(out, file))
}

// preload returns the files of what node --import or --require names: a path,
// or a package of a node_modules folder between the project and its root.
func (p *Project) preload(spec string) []string {
	if strings.HasPrefix(spec, "./") || strings.HasPrefix(spec, "../") || filepath.IsAbs(spec) {
		path := spec
		if !filepath.IsAbs(path) {
			path = filepath.Join(p.Dir, filepath.FromSlash(spec))
		}
		if file := p.looks.probe(path); file != "" {
			return []string{file}
		}
		return nil
	}
	name, sub := splitPackage(spec)
	for dir := p.Dir; ; dir = filepath.Dir(dir) {
		pkg := filepath.Join(dir, "node_modules", filepath.FromSlash(name))
		if p.looks.isDir(pkg) {
			return p.looks.packageFiles(pkg, sub, p.Config.Conditions)
		}
		if dir == p.Root || dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// packageFiles returns what sub ("" or "/x") of the package in dir may stand
// for, whatever conditions node is given.
func (l *looks) packageFiles(dir, sub string, conditions []string) []string {
	m, err := readManifest(dir)
	if err != nil {
		l.told(err)
		return nil
	}
	if m == nil || !m.members["exports"].Exists() {
		if file := l.probe(filepath.Join(dir, filepath.FromSlash(sub))); file != "" {
			return []string{file}
		}
		return nil
	}
	targets, err := exportTargets(m.members["exports"], "."+sub, conditions)
	if err != nil {
		return nil
	}
	var out []string
	for _, t := range targets {
		if path := filepath.Join(dir, filepath.FromSlash(t)); l.isFile(path) {
			out = append(out, path)
		}
	}
	return out
}

// splitPackage parts @scope/name/sub/path into @scope/name and /sub/path.
func splitPackage(spec string) (name, sub string) {
	n := 1
	if strings.HasPrefix(spec, "@") {
		n = 2
	}
	parts := strings.SplitN(spec, "/", n+1)
	name = strings.Join(parts[:min(n, len(parts))], "/")
	return name, spec[len(name):]
}

// inRoot checks that each path ends inside the root, and drops repetitions.
// A path that only leads into the root comes back as the real one, so that
// all are below Root.
func (p *Project) inRoot(paths []string) ([]string, error) {
	var out []string
	for _, path := range paths {
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			return nil, err
		}
		if !below(p.Root, real) {
			return nil, usageError(path, "start from a folder above both with -C, or bring the file into the project",
				"%s lies outside of %s, where the map cannot name it", real, p.Root)
		}
		if !below(p.Root, path) {
			path = real
		}
		if !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	return out, nil
}

// below reports whether path lies in the folder root, both absolute and clean.
func below(root, path string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && rel != "." && filepath.IsLocal(rel)
}

// notAFile is the error for a path, written as name, that node would not start.
func notAFile(code, prefix, name, path string) error {
	e := &Error{Code: code, Path: path, Hint: "paths are relative to package.json's folder"}
	if code == "usage" {
		e.Hint = "give the file that you start node with, relative to the folder you are in, or to -C"
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		e.Err = fmt.Errorf("%sentry %s is a folder without a main or an index.js", prefix, quote(name))
	case err == nil:
		e.Err = fmt.Errorf("%sentry %s is %s", prefix, quote(name), kindOf(info.Mode()))
	case os.IsNotExist(err):
		e.Err = fmt.Errorf("%sentry %s does not exist", prefix, quote(name))
	default:
		return fmt.Errorf("%sentry %s: %w", prefix, quote(name), err)
	}
	return e
}

// quote puts a name between quotes where it holds what a terminal or a reader
// could take for something else.
func quote(name string) string { return fmt.Sprintf("%q", name) }
