// Package setup determines what "nodeint init" adds to a project.
//
// [Look] reads the project: its package manager, its framework, the files that it starts,
// and the files of its CI servers and images. [Found.Plan] returns a [Plan]: one [Step] for
// each thing that nodeint needs there. A step either changes a file, or is there already,
// or is left to the user with the lines to add.
//
// A plan never replaces text. It creates files, adds members to package.json, and adds
// lines at the end of files of patterns, such as .gitignore. It does not edit Dockerfiles
// and the YAML of CI servers, because the right place in them depends on their meaning.
//
// The package executes nothing and uses no network.
package setup

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/installhook"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/project"
)

// Options of [Look].
type Options struct {
	Entries []string // given by the user, relative to the project's directory, slash-separated
	Manager string   // see [installhook.Detect]; "" to detect it
	Map     string   // absolute path of the map
	Named   string   // absolute path of a map that is not the default one, or ""
}

// Found is what [Look] finds in a project.
type Found struct {
	Manager     manager.Manager `json:"-"`
	Framework   string          `json:"framework"` // "next", "nest" and so on; "" for a program without one
	TypeScript  bool            `json:"typescript"`
	Workspace   bool            `json:"workspace"` // the project is the directory of a workspace
	Programs    []Program       `json:"programs"`
	Built       bool            `json:"built"`     // a build writes files that run
	Ready       bool            `json:"ready"`     // all entries exist, and what the framework builds
	Installed   bool            `json:"installed"` // the dependencies, if there are any
	Workflows   []string        `json:"workflows"` // of GitHub; relative to the root, slash-separated
	GitLab      string          `json:"gitlab,omitempty"`
	Dockerfiles []string        `json:"dockerfiles"`
	Git         bool            `json:"git"` // in a Git repository

	project      *project.Project
	hook         *installhook.Hook
	options      Options
	managerError error
	dependencies map[string]bool
}

// A Program is a program that the project starts.
type Program struct {
	Dir       string   `json:"dir"` // of its package.json, relative to the project's directory; "." is that itself
	Framework string   `json:"framework,omitempty"`
	Entries   []string `json:"entries"` // relative to the project's directory, slash-separated
	Built     bool     `json:"built"`

	// Configured is whether the entries are those that nodeint finds without nodeint.entries,
	// or that are in it.
	Configured bool `json:"configured"`
	ready      bool
	build      bool // package.json has a script build
}

// Entries returns the entries of all programs.
func (f *Found) Entries() []string {
	var all []string
	for _, p := range f.Programs {
		all = append(all, p.Entries...)
	}
	return all
}

// Look reads a project.
func Look(p *project.Project, o Options) (*Found, error) {
	f := &Found{project: p, options: o, dependencies: dependencies(p), Workflows: []string{}, Dockerfiles: []string{}}
	var err error
	if f.hook, err = installhook.New(p, o.Named); err != nil {
		return nil, err
	}
	f.Manager, f.managerError = f.hook.Manager(o.Manager)
	if f.managerError != nil && o.Manager != "" {
		return nil, f.managerError
	}
	if f.Programs, err = f.findPrograms(); err != nil {
		return nil, err
	}
	f.Ready = true
	for _, program := range f.Programs {
		f.Built = f.Built || program.Built
		f.Ready = f.Ready && program.ready
		if f.Framework == "" {
			f.Framework = program.Framework
		}
	}
	f.TypeScript = exists(filepath.Join(p.Dir, "tsconfig.json")) || slices.ContainsFunc(f.Entries(), isTypeScript)
	f.Installed = len(f.dependencies) == 0 || exists(filepath.Join(p.Root, "node_modules")) ||
		exists(filepath.Join(p.Dir, "node_modules")) || exists(filepath.Join(p.Root, ".pnp.cjs"))
	f.lookAround()
	return f, nil
}

func isTypeScript(name string) bool {
	return slices.Contains([]string{".ts", ".mts", ".cts"}, filepath.Ext(name))
}

// lookAround finds the files of Git, CI servers and images.
func (f *Found) lookAround() {
	root := f.project.Root
	for dir := root; ; dir = filepath.Dir(dir) {
		if f.Git = f.Git || exists(filepath.Join(dir, ".git")); f.Git || dir == filepath.Dir(dir) {
			break
		}
	}
	for _, pattern := range []string{".github/workflows/*.yml", ".github/workflows/*.yaml"} {
		f.Workflows = append(f.Workflows, filesBelow(root, pattern)...)
	}
	for _, name := range []string{".gitlab-ci.yml", ".gitlab-ci.yaml"} {
		if exists(filepath.Join(root, name)) {
			f.GitLab = name
		}
	}
	for _, dir := range []string{root, f.project.Dir} {
		for _, pattern := range []string{"Dockerfile", "Containerfile", "Dockerfile.*", "*.Dockerfile", "docker/Dockerfile"} {
			for _, name := range filesBelow(dir, pattern) {
				rel, err := filepath.Rel(root, filepath.Join(dir, filepath.FromSlash(name)))
				if rel = filepath.ToSlash(rel); err == nil && !strings.HasSuffix(rel, ".dockerignore") && !slices.Contains(f.Dockerfiles, rel) {
					f.Dockerfiles = append(f.Dockerfiles, rel)
				}
			}
		}
	}
}

// filesBelow returns the files that match a pattern, relative to dir and slash-separated.
func filesBelow(dir, pattern string) []string {
	parent, base := filepath.Split(filepath.FromSlash(pattern))
	list, err := os.ReadDir(filepath.Join(dir, parent)) // sorted
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range list {
		if ok, err := filepath.Match(base, e.Name()); ok && err == nil && !e.IsDir() {
			out = append(out, filepath.ToSlash(filepath.Join(parent, e.Name())))
		}
	}
	return out
}

// exists reports whether path exists. It only decides about advice: an error counts as
// absent, and the write reports it.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// maxText is the size of the largest file that is read for advice, in bytes.
const maxText = 4 << 20

// textOf returns the text of a file below the root, or "".
func (f *Found) textOf(name string) string {
	text, err := safefile.Read(filepath.Join(f.project.Root, filepath.FromSlash(name)), maxText)
	if err != nil {
		return ""
	}
	return string(text)
}

// dependencies returns the names of the packages that the project's package.json names.
func dependencies(p *project.Project) map[string]bool {
	names := make(map[string]bool)
	_, text := p.Manifest()
	for _, member := range []string{"dependencies", "devDependencies", "optionalDependencies"} {
		gjson.GetBytes(text, member).ForEach(func(k, _ gjson.Result) bool {
			names[k.Str] = true
			return true
		})
	}
	return names
}
