package setup

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/installhook"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/jsontext"
	"github.com/nodeint/nodeint/integrity/packagejson"
)

// The states of a step. They are stable.
const (
	Add      = "add"      // the plan changes a file
	Present  = "present"  // it is there already
	Manual   = "manual"   // the user adds the lines
	Later    = "later"    // after an install or a build
	Unneeded = "unneeded" // the project does not need it, or it cannot be done; Why tells which
)

// The names of the steps. They are stable.
const (
	StepConfiguration = "configuration" // nodeint.entries of package.json
	StepHook          = "hook"          // the install hook
	StepBuild         = "build"         // the script build writes the map
	StepAttributes    = "gitattributes"
	StepIgnore        = "ignore" // .gitignore and .prettierignore
	StepCI            = "ci"
	StepDocker        = "docker"
	StepMap           = "map" // not in a plan: see [Found.MapStep]
)

// StepNames returns the names of the steps of a plan, in their order.
func StepNames() []string {
	return []string{StepConfiguration, StepHook, StepBuild, StepAttributes, StepIgnore, StepCI, StepDocker}
}

// A Step is one thing that nodeint needs in a project.
type Step struct {
	Name  string   `json:"step"`
	State string   `json:"state"`
	File  string   `json:"file,omitempty"` // relative to the root, slash-separated
	Why   string   `json:"why"`
	Lines []string `json:"lines,omitempty"` // to add by hand
}

// A Plan is what to change in a project.
type Plan struct {
	Steps   []Step
	Changes []installhook.Change // one for each file
}

// Complete reports whether the plan changes nothing.
func (p *Plan) Complete() bool { return len(p.Changes) == 0 }

// A planner makes a plan. Steps may edit the same file one after the other.
type planner struct {
	*Found
	plan Plan
}

// Plan returns what to change in the project, without the steps whose names are in skip.
func (f *Found) Plan(skip []string) (*Plan, error) {
	p := &planner{Found: f}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{StepHook, p.installHook}, // reads package.json itself, so it is the first to edit it
		{StepConfiguration, p.configure},
		{StepBuild, p.build},
		{StepAttributes, p.attributes},
		{StepIgnore, p.ignore},
		{StepCI, p.ci},
		{StepDocker, p.docker},
	} {
		if slices.Contains(skip, step.name) {
			continue
		}
		if err := step.do(); err != nil {
			return nil, err
		}
	}
	order := StepNames()
	slices.SortStableFunc(p.plan.Steps, func(a, b Step) int { return slices.Index(order, a.Name) - slices.Index(order, b.Name) })
	return &p.plan, nil
}

func (p *planner) step(s Step) { p.plan.Steps = append(p.plan.Steps, s) }

// path returns the absolute path of a file, which is relative to the root.
func (p *planner) path(file string) string {
	return filepath.Join(p.project.Root, filepath.FromSlash(file))
}

// text returns the text of a file after the steps before; nil if it does not exist.
func (p *planner) text(path string) ([]byte, error) {
	if i := p.changed(path); i >= 0 {
		return p.plan.Changes[i].New, nil
	}
	return installhook.ReadFile(path)
}

func (p *planner) changed(path string) int {
	return slices.IndexFunc(p.plan.Changes, func(c installhook.Change) bool { return c.Path == path })
}

// change records the new text of a file. It reports whether it differs from the old one.
func (p *planner) change(path string, old, new []byte) bool {
	if string(old) == string(new) && (old == nil) == (new == nil) {
		return false
	}
	if i := p.changed(path); i >= 0 {
		p.plan.Changes[i].New = new
	} else {
		p.plan.Changes = append(p.plan.Changes, installhook.Change{Path: path, Old: old, New: new})
	}
	return true
}

// manifest returns the path of the project's package.json, and its name for a report.
func (p *planner) manifest() (path, name string) {
	path, _ = p.project.Manifest()
	return path, p.relative(path)
}

func (p *planner) relative(path string) string {
	rel, err := filepath.Rel(p.project.Root, path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(rel)
}

// configure adds nodeint.entries if nodeint would find other entries, or none.
func (p *planner) configure() error {
	path, name := p.manifest()
	entries := p.Entries()
	list := strings.Join(entries, ", ")
	if !slices.ContainsFunc(p.Programs, func(program Program) bool { return !program.Configured }) {
		p.step(Step{Name: StepConfiguration, State: Present, File: name, Why: "package.json names what starts: " + list})
		return nil
	}
	value, err := jsontext.Marshal(entries)
	if err != nil {
		return err
	}
	old, err := p.text(path)
	if err != nil {
		return err
	}
	text, err := packagejson.AddSetting(path, old, "nodeint", "entries", strings.ReplaceAll(strings.TrimSpace(string(value)), `","`, `", "`))
	if err != nil {
		return err
	}
	s := Step{Name: StepConfiguration, State: Add, File: name, Why: "the files that start the program: " + list}
	if !p.change(path, old, text) {
		s.State, s.Why = Present, "nodeint.entries is there, and stays: "+strings.Join(p.project.Config.Entries, ", ")
	}
	p.step(s)
	return nil
}

// installHook adds the install hook, unless a build writes the map.
func (p *planner) installHook() error {
	s := Step{Name: StepHook, State: Unneeded, File: "package.json"}
	switch {
	case p.Built:
		s.Why = "the build writes the map, so that an install cannot find it out of date"
		p.step(s)
		return nil
	case p.managerError != nil:
		s.State, s.File, s.Why = Manual, "", p.managerError.Error()
		s.Lines = []string{"nodeint hook install --manager npm"}
		p.step(s)
		return nil
	}
	changes, err := p.hook.Install(p.Manager)
	if err != nil {
		return err
	}
	if p.Manager == manager.YarnBerry {
		s.File = ".yarnrc.yml"
	}
	s.State, s.Why = Present, "after each install, "+p.Manager.Flag()+" updates the map; in CI it checks the map"
	for _, c := range changes {
		if p.change(c.Path, c.Old, c.New) {
			s.State = Add
		}
	}
	p.step(s)
	return nil
}

// buildCommand is the command after a build.
const buildCommand = "nodeint generate"

// build makes the script build write the map.
func (p *planner) build() error {
	path, name := p.manifest()
	s := Step{Name: StepBuild, State: Present, File: name, Why: "the build writes the map of what it made"}
	if !p.Built {
		return nil
	}
	if !p.project.HasScript("build") {
		s.State, s.Lines = Manual, []string{buildCommand}
		s.Why = "the members have scripts that build them, and this package.json has none: run this after them"
		p.step(s)
		return nil
	}
	old, err := p.text(path)
	if err != nil {
		return err
	}
	text, err := packagejson.Add(path, old, "build", buildCommand)
	if err != nil { // it cannot follow what is there
		s.State, s.Why, s.Lines = Manual, err.Error()+"; run this after the build", []string{buildCommand}
	} else if p.change(path, old, text) {
		s.State = Add
	}
	p.step(s)
	return nil
}

// attributes makes Git merge maps entry by entry.
func (p *planner) attributes() error {
	s := Step{Name: StepAttributes, State: Unneeded, File: ".gitattributes"}
	switch {
	case p.Built:
		return nil // the map is not committed
	case !p.Git:
		s.Why = "this is not a Git repository"
		p.step(s)
		return nil
	}
	changes, err := p.hook.InstallMerge()
	if err != nil {
		return err
	}
	s.State, s.Why = Present, "Git keeps the line ends of the map, and can merge it"
	for _, c := range changes {
		if p.change(c.Path, c.Old, c.New) {
			s.State = Add
		}
	}
	p.step(s)
	return nil
}

// ignore keeps a map that a build writes out of Git, and every map from Prettier.
func (p *planner) ignore() error {
	name := filepath.Base(p.options.Map)
	if p.Built && p.Git {
		if err := p.ignoreIn(".gitignore", name, "each build writes the map of its own output, so it is not committed"); err != nil {
			return err
		}
	}
	prettier := p.dependencies["prettier"] || exists(p.path(".prettierignore"))
	for _, config := range []string{".prettierrc", ".prettierrc.json", ".prettierrc.yaml", ".prettierrc.yml", "prettier.config.js", "prettier.config.mjs"} {
		prettier = prettier || exists(p.path(config))
	}
	if !prettier {
		return nil
	}
	return p.ignoreIn(".prettierignore", name, "Prettier would change the text of the map, and so its digest")
}

// ignoreIn adds a pattern to the end of a file of patterns.
func (p *planner) ignoreIn(file, pattern, why string) error {
	path := p.path(file)
	old, err := p.text(path)
	if err != nil {
		return err
	}
	s := Step{Name: StepIgnore, State: Present, File: file, Why: why}
	if !hasPattern(old, pattern) {
		s.State = Add
		p.change(path, old, addLine(old, pattern))
	}
	p.step(s)
	return nil
}

// hasPattern reports whether a file of patterns has a line for the file name.
func hasPattern(text []byte, name string) bool {
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); strings.TrimPrefix(line, "/") == name || line == "**/"+name {
			return true
		}
	}
	return false
}

// addLine returns the text with a line at its end, with the line ends of the text.
func addLine(text []byte, line string) []byte {
	end := "\n"
	if first, _, _ := strings.Cut(string(text), "\n"); strings.HasSuffix(first, "\r") {
		end = "\r\n"
	}
	before := string(text)
	if before != "" && !strings.HasSuffix(before, "\n") {
		before += end
	}
	return []byte(before + line + end)
}

// Command returns the command line that runs nodeint in the project, as its package
// manager starts it.
func (f *Found) Command(verb string) string {
	m := f.Manager
	if f.managerError != nil {
		m = manager.NPM
	}
	return m.Runner() + " nodeint " + verb
}

// runScript returns the command line that runs a script of package.json.
func (f *Found) runScript(script string) string {
	runner := "npm"
	if f.managerError == nil {
		runner, _, _ = strings.Cut(string(f.Manager), " ")
	}
	return fmt.Sprintf("%s run %s", runner, script)
}

// install returns the command line that installs the dependencies.
func (f *Found) install() string {
	if f.managerError != nil {
		return "npm install"
	}
	name, _, _ := strings.Cut(string(f.Manager), " ")
	return name + " install"
}

// Before returns the command line to run before the map can be made: it installs or builds
// the program. It returns "" if the map can be made now.
func (f *Found) Before() string {
	switch {
	case !f.Installed:
		return f.install()
	case f.Ready:
		return ""
	case f.project.HasScript("build"):
		return f.runScript("build")
	case f.Workspace && f.Manager == manager.PNPM:
		return "pnpm -r build"
	case f.Workspace && f.Manager == manager.NPM:
		return "npm run build --workspaces --if-present"
	}
	return ""
}

// Dir returns the absolute path of the project's directory.
func (f *Found) Dir() string { return f.project.Dir }

// WritesMap reports whether a command line of [Found.Before] also writes the map, once the
// plan is written.
func (f *Found) WritesMap(p *Plan, before string) bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool {
		if s.State != Add && s.State != Present {
			return false
		}
		return s.Name == StepBuild && before == f.runScript("build") || s.Name == StepHook && before == f.install()
	})
}

// MapStep returns the step for the map itself, which generate writes. present is whether
// it exists.
func (f *Found) MapStep(present bool) Step {
	s := Step{Name: StepMap, State: Add, File: filepath.Base(f.options.Map), Why: "pins the files that the program may load"}
	if rel, err := filepath.Rel(f.project.Root, f.options.Map); err == nil {
		s.File = filepath.ToSlash(rel)
	}
	before := f.Before()
	switch {
	case present:
		s.State = Present
	case before != "":
		s.State, s.Why = Later, "it pins what the program loads, which is there after "+before
	case !f.Ready:
		s.State, s.Why = Later, "a file that starts the program does not exist yet: "+strings.Join(f.Entries(), ", ")
	}
	return s
}
