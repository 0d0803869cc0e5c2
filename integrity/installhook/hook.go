package installhook

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/packagejson"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/project"
)

// A Hook is the install hook of a project.
type Hook struct {
	Root      string
	Dir       string // the directory of the project
	Command   string // the command line, as a script has it
	Published bool   // package.json has a name and a version and is not private
	Check     bool   // Install writes a hook that always checks, and never writes the map

	mapFile string // the absolute path of the map; "" for the default one
	member  string // the directory of the project relative to the root, slash-separated
	pkg     []byte // the text of the root's package.json
}

// A State is whether the install hook is in one place.
type State struct {
	File      string `json:"file"`             // relative to the root, slash-separated
	Script    string `json:"script,omitempty"` // of package.json
	Command   string `json:"command"`          // of the script, or of the plugin; "" if there is none
	Installed bool   `json:"installed"`
}

// New returns the install hook of a project. mapFile is the absolute path of its map, or
// "" for the default one.
func New(p *project.Project, mapFile string) (*Hook, error) {
	rel, err := filepath.Rel(p.Root, p.Dir)
	if err != nil {
		return nil, err
	}
	h := &Hook{Root: p.Root, Dir: p.Dir, mapFile: mapFile, member: filepath.ToSlash(rel)}
	if h.Command, err = commandLine(h.member, p.Dir, mapFile); err != nil {
		return nil, err
	}
	path := h.path("package.json")
	if h.pkg, err = read(path); err != nil {
		return nil, err
	}
	if h.pkg == nil {
		// A workspace of pnpm may have no package.json in its root.
		return nil, problem.BadConfig(path, `create it: {"private": true}`, "%s does not exist: the package manager would run its scripts", path)
	}
	if _, err := packagejson.Scripts(path, h.pkg); err != nil {
		return nil, err
	}
	pkg := gjson.ParseBytes(h.pkg)
	h.Published = !pkg.Get("private").Bool() && pkg.Get("name").Exists() && pkg.Get("version").Exists()
	return h, nil
}

// checkFlag is the flag of "nodeint hook run" with which it writes nothing.
const checkFlag = " --check"

// commands returns the command lines that a script may have, the longest first:
// the one that always checks begins with the other.
func (h *Hook) commands() []string { return []string{h.Command + checkFlag, h.Command} }

// Line returns the command line that Install writes.
func (h *Hook) Line() string {
	if h.Check {
		return h.Command + checkFlag
	}
	return h.Command
}

func (h *Hook) path(file string) string { return filepath.Join(h.Root, filepath.FromSlash(file)) }

// Manager calls [Detect] for the root of the hook.
func (h *Hook) Manager(name string) (Manager, error) { return Detect(h.Root, h.pkg, name) }

// commandLine returns the command line that a script in the root runs for the
// project. sh and cmd.exe split it into the same words; a word for which they
// would not is an error.
func commandLine(member, dir, mapFile string) (string, error) {
	words := []string{"nodeint"}
	if member != "." {
		words = append(words, "-C", member)
	}
	if mapFile != "" {
		if rel, err := filepath.Rel(dir, mapFile); err == nil && filepath.IsLocal(rel) {
			mapFile = rel
		}
		words = append(words, "--map", filepath.ToSlash(mapFile))
	}
	for i, w := range words {
		if strings.ContainsFunc(w, func(r rune) bool { return r < ' ' || strings.ContainsRune("\"$`\\%!", r) }) {
			return "", problem.BadUsage("use a name without special characters", "cannot write %q into a script: sh and cmd.exe read it differently", w)
		}
		if strings.ContainsFunc(w, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("_./@:+=,-", r)
		}) {
			words[i] = `"` + w + `"`
		}
	}
	return strings.Join(append(words, "hook run"), " "), nil
}

// Install returns the changes after which the manager runs the hook. It returns
// none if the manager runs it already.
func (h *Hook) Install(m Manager) ([]Change, error) {
	if m == YarnBerry {
		return h.installPlugin()
	}
	text := h.pkg
	var err error
	for _, script := range Scripts(m, h.Published) {
		if packagejson.Has(text, script, h.Line()) {
			continue
		}
		if text, err = h.removeScript(text, script); err != nil { // the other command line
			return nil, err
		}
		if text, err = packagejson.Add(h.path("package.json"), text, script, h.Line()); err != nil {
			return nil, err
		}
	}
	return h.change("package.json", h.pkg, text), nil
}

// Remove returns the changes after which no manager runs the hook, and Git does not
// run the merge driver.
func (h *Hook) Remove() ([]Change, error) {
	text := h.pkg
	for _, script := range slices.Backward(hookScripts) {
		var err error
		if text, err = h.removeScript(text, script); err != nil {
			return nil, err
		}
	}
	plugin, err := h.removePlugin()
	if err != nil {
		return nil, err
	}
	merge, err := h.removeMerge()
	return slices.Concat(h.change("package.json", h.pkg, text), plugin, merge), err
}

// removeScript returns the text of package.json without the hook in a script.
func (h *Hook) removeScript(text []byte, script string) ([]byte, error) {
	for _, command := range h.commands() {
		var err error
		if text, err = packagejson.Remove(h.path("package.json"), text, script, command); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// change returns the change of a file, or nil if the texts are equal.
func (h *Hook) change(file string, old, new []byte) []Change {
	if string(old) == string(new) && (old == nil) == (new == nil) {
		return nil
	}
	return []Change{{h.path(file), old, new}}
}

// Status returns the state of each place in which the manager looks for the
// hook, and of each other place that has it.
func (h *Hook) Status(m Manager) ([]State, error) {
	all, err := packagejson.Scripts(h.path("package.json"), h.pkg)
	if err != nil {
		return nil, err
	}
	commands := map[string]string{}
	for _, s := range all {
		commands[s.Name] = s.Command
	}
	wanted := Scripts(m, h.Published)
	var states []State
	for _, script := range hookScripts {
		has := slices.ContainsFunc(h.commands(), func(c string) bool { return packagejson.Has(h.pkg, script, c) })
		if has || slices.Contains(wanted, script) {
			states = append(states, State{"package.json", script, commands[script], has})
		}
	}
	plugin, err := h.pluginState()
	if err != nil {
		return nil, err
	}
	if m == YarnBerry || plugin.Installed {
		states = append(states, plugin)
	}
	merge, err := h.MergeState()
	if err == nil && merge.Installed {
		states = append(states, merge)
	}
	return states, err
}

// Notes returns the limits of the hook with the manager, one sentence each.
func (h *Hook) Notes(m Manager) []string {
	var notes []string
	for _, script := range Scripts(m, h.Published) {
		// cmd.exe binds "&&" more tightly than "||", and knows no single quotes.
		if strings.Contains(gjson.GetBytes(h.pkg, "scripts."+script).Str, "||") {
			notes = append(notes, fmt.Sprintf(`scripts.%s has "||": on Windows, cmd.exe runs the install hook only if the command before "||" fails`, script))
		}
	}
	if h.Published && m != YarnBerry {
		notes = append(notes, `package.json is not "private": true, so the install hook is in prepare: everyone who installs the published package would run postinstall`)
	}
	return notes
}
