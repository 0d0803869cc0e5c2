package setup

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
)

// frameworks are those that [Look] knows. The first one whose package the project depends
// on counts.
//
// output is the file that the framework's build writes for node to start, and bundler the
// command that builds a site without a server.
var frameworks = []struct{ name, dependency, output, bundler string }{
	{name: "next", dependency: "next", bundler: "next"},
	{name: "nuxt", dependency: "nuxt", output: ".output/server/index.mjs"},
	{name: "astro", dependency: "@astrojs/node", output: "dist/server/entry.mjs"},
	{name: "astro", dependency: "astro", bundler: "astro"},
	{name: "sveltekit", dependency: "@sveltejs/adapter-node", output: "build/index.js"},
	{name: "nest", dependency: "@nestjs/core", output: "dist/main.js"},
	{name: "fastify", dependency: "fastify"},
	{name: "express", dependency: "express"},
	{name: "vite", dependency: "vite", bundler: "vite"},
}

// starters are the scripts that start a program, the best one first: start of Nest
// starts the compiler.
var starters = []string{"start:prod", "start:production", "start", "serve"}

// A finder finds the program of one package.json.
type finder struct {
	p    *project.Project
	deps map[string]bool
}

// findPrograms returns the programs of the project, or of the workspace's members if the
// project is the workspace and starts nothing itself.
func (f *Found) findPrograms() ([]Program, error) {
	p := f.project
	members, err := f.members()
	if err != nil {
		return nil, err
	}
	f.Workspace = len(members) > 0
	own := &finder{p, f.dependencies}
	if len(f.options.Entries) > 0 {
		program := own.program("", f.options.Entries)
		program.Configured = slices.Equal(p.Config.Entries, f.options.Entries)
		return []Program{program}, nil
	}
	program, none := own.find()
	if program != nil {
		return []Program{*program}, nil
	}
	var programs, libraries []Program
	for _, m := range members {
		found, isProgram, err := memberProgram(p, m)
		switch {
		case err != nil:
			return nil, err
		case found == nil:
		case isProgram:
			programs = append(programs, *found)
		default:
			libraries = append(libraries, *found)
		}
	}
	if len(programs) == 0 {
		programs = libraries
	}
	if len(programs) == 0 {
		return nil, none
	}
	return programs, nil
}

// members returns the directories of the workspace's members, if the project is the
// workspace.
func (f *Found) members() ([]project.Member, error) {
	p := f.project
	if p.Dir != p.Root {
		return nil, nil
	}
	_, members, err := project.Members(p.Dir, filepath.Base(f.options.Map))
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Code == problem.CodeUsage {
		return nil, nil // it is not a workspace
	}
	return slices.DeleteFunc(members, func(m project.Member) bool { return m.Dir == "." }), err
}

// memberProgram returns what a member of a workspace starts, and whether that is more than
// the main of a package. It returns nil if it starts nothing.
func memberProgram(root *project.Project, m project.Member) (found *Program, isProgram bool, err error) {
	p, err := project.Find(filepath.Join(root.Dir, filepath.FromSlash(m.Dir)))
	if err != nil {
		return nil, false, err
	}
	member := &finder{p, dependencies(p)}
	if found, _ = member.find(); found == nil {
		return nil, false, nil
	}
	found.Dir, found.Configured = m.Dir, false
	for i, e := range found.Entries {
		found.Entries[i] = path.Join(m.Dir, e)
	}
	isProgram = slices.Contains([]string{"next", "nuxt", "astro", "sveltekit", "nest"}, found.Framework)
	for _, script := range starters {
		isProgram = isProgram || p.ScriptProgram(script) != nil
	}
	return found, isProgram, nil
}

// find returns the program of the package.json, or nil and why there is none.
func (f *finder) find() (*Program, error) {
	if entries := f.p.Config.Entries; len(entries) > 0 {
		program := f.program(f.framework(), entries)
		program.Configured = true
		return &program, nil
	}
	found, err := f.p.Entries()
	if e, ok := errors.AsType[*problem.Error](err); err != nil && (!ok || e.Class != problem.Usage) {
		return nil, err // of the system
	}
	auto := f.relative(found)
	name := f.framework()
	entries := f.entries(auto)
	if len(entries) == 0 {
		entries = auto
	}
	if len(entries) == 0 {
		entries = f.usual()
	}
	if len(entries) == 0 {
		return nil, noProgram(f.p)
	}
	program := f.program(name, entries)
	program.Configured = slices.Equal(entries, auto)
	return &program, nil
}

func noProgram(p *project.Project) error {
	path, _ := p.Manifest()
	return problem.BadConfig(path, "name the file that you start: nodeint init server.js",
		"cannot determine which file starts the program of %s: package.json has no script start with node and a file, no main, and no dependency on a known framework that is installed", p.Dir)
}

// program returns the program with entries.
func (f *finder) program(framework string, entries []string) Program {
	program := Program{Dir: ".", Framework: framework, Entries: slices.Clone(entries), ready: true, build: f.p.HasScript("build")}
	for _, e := range entries {
		if !isFile(f.path(e)) {
			program.ready = false
		}
		if program.build && (!isFile(f.path(e)) || f.isOutput(e)) {
			program.Built = true
		}
	}
	// A start of Next.js reads what its build wrote, by computed names.
	if framework == "next" && program.build {
		program.Built = true
		program.ready = program.ready && exists(f.path(".next/BUILD_ID"))
	}
	return program
}

// framework returns the name of the framework, or "".
func (f *finder) framework() string {
	for _, framework := range frameworks {
		if f.deps[framework.dependency] {
			return framework.name
		}
	}
	return ""
}

// entries returns the files that the program starts with. auto are those that nodeint
// finds without nodeint.entries. The result is nil if those are right, or if nothing tells.
func (f *finder) entries(auto []string) []string {
	if started := f.started(); len(started) > 0 {
		if containsAll(auto, started) {
			return nil
		}
		return started // npm init writes a main although another file is started
	}
	if len(auto) == 0 {
		if main := f.unbuiltMain(); main != nil {
			return main
		}
	}
	for _, framework := range frameworks {
		switch {
		case !f.deps[framework.dependency]:
		case framework.output != "":
			if framework.name == "nest" && len(auto) > 0 {
				return nil
			}
			return []string{framework.output}
		case framework.bundler != "" && (framework.name != "vite" || isFile(f.path("index.html"))):
			return f.withConfig(framework.dependency, framework.bundler, framework.bundler+".config")
		}
	}
	return nil
}

func containsAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// started returns the files that the scripts start: the file of node, or the file of a
// package's command with its arguments that are files.
func (f *finder) started() []string {
	var words []string
	for _, script := range starters {
		s := f.p.ScriptProgram(script)
		switch {
		case s == nil:
		case s.File != "":
			if rel := f.startedFile(s.File); rel != "" {
				return []string{rel}
			}
		case words == nil:
			words = s.Words
		}
	}
	if words == nil || slices.Contains([]string{"next", "nuxt", "astro", "nest", "vite"}, words[0]) {
		return nil
	}
	return f.commandEntries(words)
}

// startedFile returns the file that node starts for a path, relative to the project. A
// file that does not exist yet gets the extension .js if it has none.
func (f *finder) startedFile(file string) string {
	if found, err := f.p.Resolve([]string{file}, f.p.Dir); err == nil {
		return f.relative(found)[0]
	}
	rel, err := filepath.Rel(f.p.Dir, file)
	if err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	if filepath.Ext(rel) == "" {
		rel += ".js"
	}
	return filepath.ToSlash(rel)
}

// unbuiltMain returns the main of package.json if a build writes it and has not yet.
func (f *finder) unbuiltMain() []string {
	_, text := f.p.Manifest()
	main := path.Clean(gjson.GetBytes(text, "main").Str)
	if !f.p.HasScript("build") || !filepath.IsLocal(main) || !f.isOutput(main) {
		return nil
	}
	if path.Ext(main) == "" {
		main += ".js"
	}
	return []string{main}
}

// wrappers are commands that start other programs. They are no part of the program.
var wrappers = []string{"nodemon", "pm2", "pm2-runtime", "forever", "turbo", "nx", "lerna", "concurrently", "dotenv"}

// commandEntries returns the file of a package's command, and the arguments that are files
// of the project. It returns nil if no dependency has the command.
func (f *finder) commandEntries(words []string) []string {
	var files []string
	for _, word := range words[1:] {
		word = path.Clean(filepath.ToSlash(word))
		built := path.Ext(word) != "" && f.p.HasScript("build") && f.isOutput(word)
		if !strings.HasPrefix(word, "-") && filepath.IsLocal(word) && (built || isFile(f.path(word))) {
			files = append(files, word)
		}
	}
	if slices.Contains(wrappers, words[0]) {
		return files
	}
	for _, dependency := range sorted(f.deps) {
		if file, err := f.p.CommandFile(dependency, words[0]); file != "" && err == nil {
			return append(f.relative([]string{file}), files...)
		}
	}
	return nil
}

// withConfig returns the file of a package's command and the configuration that it loads
// by a computed name. Without the package it returns nil.
func (f *finder) withConfig(dependency, command, config string) []string {
	file, err := f.p.CommandFile(dependency, command)
	if file == "" || err != nil {
		return nil
	}
	entries := f.relative([]string{file})
	for _, extension := range []string{".js", ".mjs", ".cjs", ".ts", ".mts"} {
		if isFile(f.path(config + extension)) {
			entries = append(entries, config+extension)
		}
	}
	return entries
}

// usual returns the file that programs without a start script usually start with.
func (f *finder) usual() []string {
	for _, dir := range []string{"", "src/"} {
		for _, base := range []string{"server", "app", "main", "index"} {
			for _, extension := range []string{".js", ".mjs", ".cjs", ".ts", ".mts"} {
				if name := dir + base + extension; isFile(f.path(name)) {
					return []string{name}
				}
			}
		}
	}
	return nil
}

// outputs are directories that builds write.
var outputs = []string{"dist", "build", "out", ".next", ".output"}

// isOutput reports whether a build writes the file: its first directory is a usual one, or
// .gitignore has it.
func (f *finder) isOutput(entry string) bool {
	first, _, below := strings.Cut(entry, "/")
	if !below || first == "node_modules" || first == ".." {
		return false
	}
	text, _ := safefile.Read(f.path(".gitignore"), maxText) // without it, the names decide
	ignored := regexp.MustCompile(`(?m)^/?` + regexp.QuoteMeta(first) + `/?(\*\*?)?[ \t\r]*$`)
	return slices.Contains(outputs, first) || ignored.Match(text)
}

func (f *finder) path(name string) string { return filepath.Join(f.p.Dir, filepath.FromSlash(name)) }

// relative returns paths relative to the project's directory, slash-separated.
func (f *finder) relative(paths []string) []string {
	var out []string
	for _, path := range paths {
		rel, err := filepath.Rel(f.p.Dir, path)
		if err != nil {
			rel = path
		}
		out = append(out, filepath.ToSlash(rel))
	}
	return out
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func sorted(set map[string]bool) []string {
	var names []string
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
