package project

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/problem"
)

// A Start is how the program is started, as far as that decides which file a name
// means. All paths are absolute.
type Start struct {
	Place       string   // the package.json with the script; or the program, for a command
	Entries     []string // the files that node loads: the preloads, then the program
	Conditions  []string // of exports and imports, beside Node's own; sorted
	NodePath    []string // the directories of NODE_PATH
	Files       []string // files that node or a package manager reads at the start
	PackageMap  string   // the file of --experimental-package-map, or ""
	NotModelled []string // flags and variables that may change resolutions in another way
}

// StartOf returns how scripts.start starts one of the entries, or nil if it starts none
// of them. A script that does not start node counts as one that starts none.
func (p *Project) StartOf(entries []string) (*Start, error) {
	p.prober = prober{}
	s, err := p.readStart()
	if _, unreadable := errors.AsType[*fs.PathError](err); unreadable {
		return nil, problem.NotChecked(p.pkg.path, "make the file readable", "%w", err)
	}
	if s == nil || err != nil {
		return p.unknownStart() // Entries reports it, if the entries are those of scripts.start
	}
	file := p.prober.probe(s.file)
	if file == "" || !slices.ContainsFunc(entries, func(e string) bool { return sameFile(e, file) }) {
		return p.unknownStart()
	}
	return p.newStart(s, p.pkg.path)
}

// unknownStart returns the start of a program that scripts.start does not start: it has
// at most the package map that pnpm gives to every program. Otherwise it is nil.
func (p *Project) unknownStart() (*Start, error) {
	file := p.pnpmPackageMap()
	if file == "" || p.prober.err != nil {
		return nil, p.prober.err
	}
	return &Start{Place: p.pkg.path, PackageMap: file, Files: []string{file}}, nil
}

// sameFile reports whether two paths lead to the same file.
func sameFile(a, b string) bool {
	x, err := filepath.EvalSymlinks(a)
	if err != nil {
		return false
	}
	y, err := filepath.EvalSymlinks(b)
	return err == nil && x == y
}

// StartFrom returns how a command, such as node -C custom server.js, starts node in the
// directory cwd.
func (p *Project) StartFrom(words []string, cwd string) (*Start, error) {
	dir, err := realDir(cwd)
	if err != nil {
		return nil, err
	}
	p.prober = prober{}
	c := command{text: strings.Join(words, " "), words: words}
	if err := c.unwrapAll(); err != nil {
		return nil, usageError("", nameCommand, "read the command: %w", err)
	}
	s, err := readStart(c, dir, "")
	if err != nil {
		return nil, usageError("", nameCommand, "read the command: %w", err)
	}
	s.by = "the command"
	return p.newStart(&s, "")
}

const nameCommand = "write the command that starts the program: nodeint generate -- node server.js"

// newStart resolves the files of a start.
func (p *Project) newStart(s *start, place string) (*Start, error) {
	entries, err := p.files(s)
	if p.prober.err != nil {
		return nil, p.prober.err
	}
	if err != nil {
		return nil, err
	}
	if place == "" {
		place = entries[len(entries)-1]
	}
	out := &Start{
		Place: place, Entries: entries, Conditions: s.settings.Conditions, NodePath: s.settings.NodePath,
		Files: s.settings.Files, PackageMap: s.settings.PackageMap, NotModelled: s.settings.NotModelled,
	}
	if out.PackageMap == "" {
		out.PackageMap = p.pnpmPackageMap()
	}
	if out.PackageMap != "" {
		out.Files = append(out.Files, out.PackageMap)
	}
	for _, c := range out.Conditions {
		if m := isWord(c); m != nil {
			return nil, configError(p.pkg.path, m.hint, "the start of node: a condition %s", m.wrong)
		}
	}
	return out, nil
}

// pnpmPackageMap returns the package map that pnpm writes for the setting
// nodeExperimentalPackageMap, and with which it starts every script. It is "" if there is
// none.
func (p *Project) pnpmPackageMap() string {
	for _, dir := range []string{p.Dir, p.Root} {
		if !p.prober.isFile(filepath.Join(dir, "pnpm-lock.yaml")) {
			continue // Yarn writes such a file at every install, and uses it only if it is asked to
		}
		if file := filepath.Join(dir, nodejs.NodeModules, ".package-map.json"); p.prober.isFile(file) {
			return file
		}
	}
	return ""
}

// AllEntries returns the entries and those of the start, without repetitions. s may be
// nil.
func (s *Start) AllEntries(entries []string) []string {
	if s == nil {
		return entries
	}
	return appendNew(slices.Clone(entries), s.Entries)
}

// appendNew appends the elements of more that the list does not have.
func appendNew(list, more []string) []string {
	for _, e := range more {
		if !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	return list
}

// AllConditions returns the conditions of the configuration and of the start, without
// repetitions. s may be nil.
func (s *Start) AllConditions(config []string) []string {
	if s == nil {
		return config
	}
	return appendNew(slices.Clone(config), s.Conditions)
}
