package project

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Entries returns the absolute paths of the files that the project starts with. They
// are, whichever comes first, the files of nodeint.entries, those of exports, main
// and bin, those of scripts.start, or index.js. A path may contain symbolic links,
// but its target is inside the root.
func (p *Project) Entries() ([]string, error) {
	p.prober = prober{}
	entries, err := p.entries()
	if p.prober.err != nil {
		return nil, p.prober.err
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
	if index := p.prober.probeIndex(p.Dir); index != "" {
		return p.inRoot([]string{index})
	}
	note := ""
	if main := p.pkg.members["main"].Str; main != "" {
		note = fmt.Sprintf(" (its main %s does not exist)", quote(main))
	}
	return nil, &NotBuiltError{None: note == "", Err: configError(p.pkg.path, nameEntries,
		"no entry found in %s: tried nodeint.entries, exports, main, bin and scripts.start of package.json%s, and index.js",
		p.Dir, note)}
}

// A NotBuiltError is the error for a project whose entry does not exist: it may not
// be built yet, or its sources may not be copied yet. It wraps a [*problem.Error].
type NotBuiltError struct {
	Err  error
	None bool // package.json names no entry, and there is no index.js
}

func (e *NotBuiltError) Error() string { return e.Err.Error() }
func (e *NotBuiltError) Unwrap() error { return e.Err }

func notBuilt(path, hint, format string, args ...any) error {
	return &NotBuiltError{Err: configError(path, hint, format, args...)}
}

const nameEntries = `name the file that you start: nodeint generate server.js, or "nodeint": {"entries": ["server.js"]} in package.json`

// Resolve returns the absolute paths of the files that node would start for each of
// args. Relative ones are relative to the directory cwd.
func (p *Project) Resolve(args []string, cwd string) ([]string, error) {
	cwd, err := realDir(cwd)
	if err != nil {
		return nil, err
	}
	p.prober = prober{}
	var out []string
	for _, arg := range args {
		path := arg
		if !filepath.IsAbs(path) {
			path = filepath.Join(cwd, arg)
		}
		file := p.prober.probe(filepath.Clean(path))
		if p.prober.err != nil {
			return nil, p.prober.err
		}
		if file == "" {
			return nil, notAFile(problem.CodeUsage, "", arg, path)
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
		file := p.prober.probe(path)
		if file == "" {
			err := notAFile(problem.CodeConfig, p.pkg.path+": nodeint.entries: ", e, path)
			if found, statErr := safefile.TargetExists(path); !found && statErr == nil {
				if e, ok := errors.AsType[*problem.Error](err); ok && p.HasScript("build") {
					e.Hint = "build the project first: npm run build"
				}
				err = &NotBuiltError{Err: err}
			}
			return nil, err
		}
		out = append(out, file)
	}
	return p.inRoot(out)
}

// published returns the files that exports, main and bin name. A main that does not
// exist is ignored: npm init writes one unasked.
func (p *Project) published() ([]string, error) {
	targets, err := exportTargets(p.pkg.members["exports"], "", p.Config.Conditions)
	if err != nil {
		return nil, configError(p.pkg.path, `start the target with "./"`, "%s: exports: %w", p.pkg.path, err)
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
		if file := p.prober.probeMain(p.Dir, main.Str); file != "" {
			out = append(out, file)
		}
	}
	for _, b := range bins(p.pkg.members["bin"]) {
		path := filepath.Join(p.Dir, filepath.FromSlash(b))
		if !p.prober.isFile(path) {
			return nil, p.notBuilt("bin", b)
		}
		out = append(out, path)
	}
	return p.inRoot(out)
}

// target returns the files of one target of exports. A pattern may have several.
func (p *Project) target(t string) ([]string, error) {
	path := filepath.Join(p.Dir, filepath.FromSlash(t))
	if strings.Contains(t, "*") {
		return p.prober.expand(p.Dir, t)
	}
	if !p.prober.isFile(path) {
		return nil, p.notBuilt("exports", t)
	}
	return []string{path}, nil
}

func (p *Project) notBuilt(member, target string) error {
	return notBuilt(p.pkg.path, "build the project first, or name the file that you start: nodeint generate server.js",
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

// started returns the files that scripts.start passes to node.
func (p *Project) started() ([]string, error) {
	s, err := p.readStart()
	if s == nil || err != nil {
		return nil, err
	}
	return p.files(s)
}

// files returns the files of a start: the preloads and the program.
func (p *Project) files(s *start) ([]string, error) {
	out, err := p.preloads(s)
	if err != nil {
		return nil, err
	}
	file := p.prober.probe(s.file)
	if file == "" {
		return nil, notBuilt(p.pkg.path, nameEntries, "%s: %s starts %s, which does not exist", p.pkg.path, s.by, quote(p.shown(s.file)))
	}
	return p.inRoot(append(out, file))
}

// shown returns a path relative to the project's directory, for a message.
func (p *Project) shown(path string) string {
	if rel, err := filepath.Rel(p.Dir, path); err == nil {
		return filepath.ToSlash(rel)
	}
	return path
}

// preloads returns the files that a start loads before the program.
func (p *Project) preloads(s *start) ([]string, error) {
	var out []string
	for _, spec := range s.settings.Preloads {
		path, err := preloadPath(spec)
		if err != nil {
			return nil, configError(p.pkg.path, nameEntries, "%s: %s: %w", p.pkg.path, s.by, err)
		}
		if nodejs.IsBuiltin(path) {
			continue
		}
		files := p.preload(s, path)
		if files == nil {
			return nil, notBuilt(p.pkg.path, "install it, or name all files that you start: nodeint generate server.js preload.js",
				"%s: %s preloads %s, which does not exist", p.pkg.path, s.by, quote(spec))
		}
		out = append(out, files...)
	}
	return out, nil
}

// startHint returns the hint for a start script that is not understood. It names the
// file of a package's command. That file alone is no entry: the command loads files of
// the project that only the user knows.
func (p *Project) startHint(err error) string {
	other, ok := errors.AsType[*otherCommand](err)
	if !ok {
		return nameEntries
	}
	link, err := FindBin(p.Dir, p.Root, other.command.words[0])
	if link == "" || err != nil {
		return nameEntries
	}
	file, err := filepath.EvalSymlinks(link)
	if err != nil || !below(p.Dir, file) {
		return nameEntries
	}
	rel, _ := filepath.Rel(p.Dir, file)
	return fmt.Sprintf("name the file of %s, and the files of the project that it loads: nodeint generate %s server.js", other.command.words[0], filepath.ToSlash(rel))
}

func isRelative(spec string) bool {
	return strings.HasPrefix(spec, "./") || strings.HasPrefix(spec, "../")
}

// preload returns the files that node --import or --require loads for spec: a path, or
// a package in a node_modules between the working directory and the root. It returns nil
// if there are none.
func (p *Project) preload(s *start, spec string) []string {
	if isRelative(spec) || filepath.IsAbs(spec) {
		if file := p.prober.probe(joinPath(s.dir, spec)); file != "" {
			return []string{file}
		}
		return nil
	}
	name, subpath := nodejs.SplitSpecifier(spec)
	if name == "" {
		return nil
	}
	conditions := slices.Concat(p.Config.Conditions, s.settings.Conditions)
	for dir := s.dir; ; dir = filepath.Dir(dir) {
		pkg := filepath.Join(dir, nodejs.NodeModules, filepath.FromSlash(name))
		if p.prober.isDir(pkg) {
			return p.prober.packageFiles(pkg, subpath, conditions)
		}
		if dir == p.Root || dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// packageFiles returns the files that a subpath of the package in dir may resolve to,
// by any of the conditions.
func (pr *prober) packageFiles(dir, subpath string, conditions []string) []string {
	m, err := readManifest(dir)
	if err != nil {
		pr.exists(err) // keeps the error
		return nil
	}
	if m == nil || !m.members["exports"].Exists() {
		if file := pr.probe(filepath.Join(dir, filepath.FromSlash(subpath))); file != "" {
			return []string{file}
		}
		return nil
	}
	exportKey := "."
	if subpath != "" {
		exportKey = "./" + subpath
	}
	targets, err := exportTargets(m.members["exports"], exportKey, conditions)
	if err != nil {
		return nil
	}
	var out []string
	for _, t := range targets {
		if path := filepath.Join(dir, filepath.FromSlash(t)); pr.isFile(path) {
			out = append(out, path)
		}
	}
	return out
}

// inRoot returns paths without repetitions. It returns an error if the target of one is
// outside the root. A path outside the root with a target inside is replaced by the
// target, so that all results are below Root.
func (p *Project) inRoot(paths []string) ([]string, error) {
	var out []string
	for _, path := range paths {
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			return nil, err
		}
		if !below(p.Root, real) {
			return nil, usageError(path, "run nodeint with -C in a directory that contains both, or move the file into the project",
				"%s is outside the root %s, so no key of the map can name it", real, p.Root)
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

// below reports whether path is inside the directory root. Both are absolute and clean.
func below(root, path string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && rel != "." && filepath.IsLocal(rel)
}

// notAFile returns the error for a path that node would not start. name is the path as
// the user wrote it.
func notAFile(code, prefix, name, path string) error {
	hint := "name a file relative to the directory of package.json"
	if code == problem.CodeUsage {
		hint = "name the file that you start node with, relative to the current directory, or to -C"
	}
	fail := func(what string) error {
		return problem.New(problem.Usage, code, path, hint, "%sentry %s %s", prefix, quote(name), what)
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fail("is a directory without a main or an index.js")
	case err == nil:
		return fail("is a " + safefile.KindOf(info.Mode()))
	case safefile.IsAbsent(err):
		return fail("does not exist")
	}
	return fmt.Errorf("%sentry %s: %w", prefix, quote(name), err)
}

// quote makes invisible and special characters of a name visible.
func quote(name string) string { return fmt.Sprintf("%q", name) }
