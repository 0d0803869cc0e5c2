package installhook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/atomic"
	"github.com/nodeint/nodeint/integrity/packagejson"
	"github.com/nodeint/nodeint/integrity/project"
)

// maxFile bounds the files that are edited, in bytes.
const maxFile = 16 << 20

// A Hook is a project's hook: what is run, and for which root.
type Hook struct {
	Root      string
	Dir       string // the project's folder
	Command   string // as a script has it
	Published bool   // package.json does not say that it is private

	member string // the project's folder, relative to the root, with slashes
	pkg    []byte // package.json of the root
}

// A Change is a file before and after; nil where it is not there.
type Change struct {
	Path     string
	Old, New []byte
}

// A State says whether the hook is in one place.
type State struct {
	File      string `json:"file"`             // relative to the root, with slashes
	Script    string `json:"script,omitempty"` // of package.json
	Command   string `json:"command"`          // what the script is, or the plugin runs; "" where there is none
	Installed bool   `json:"installed"`
}

// New returns the hook of a project, whose map is the file mapFile, "" for the
// usual one.
func New(p *project.Project, mapFile string) (*Hook, error) {
	rel, err := filepath.Rel(p.Root, p.Dir)
	if err != nil {
		return nil, err
	}
	h := &Hook{Root: p.Root, Dir: p.Dir, member: filepath.ToSlash(rel)}
	if h.Command, err = command(h.member, p.Dir, mapFile); err != nil {
		return nil, err
	}
	path := h.path("package.json")
	if h.pkg, err = read(path); err != nil {
		return nil, err
	}
	if h.pkg == nil {
		// A workspace of pnpm alone needs none.
		return nil, config(path, "write one there: {\"private\": true}", "%s is not there, whose scripts the package manager would run", path)
	}
	if _, err := packagejson.Scripts(h.pkg); err != nil {
		return nil, about(path, err)
	}
	pkg := gjson.ParseBytes(h.pkg)
	h.Published = !pkg.Get("private").Bool() && pkg.Get("name").Exists() && pkg.Get("version").Exists()
	return h, nil
}

func (h *Hook) path(file string) string { return filepath.Join(h.Root, filepath.FromSlash(file)) }

// command gives the command line that a script in the root runs for the project.
// sh and cmd take it for the same words.
func command(member, dir, mapFile string) (string, error) {
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
			return "", usage("rename it", "no script can name %q so that sh and cmd agree", w)
		}
		if strings.ContainsFunc(w, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("_./@:+=,-", r)
		}) {
			words[i] = `"` + w + `"`
		}
	}
	return strings.Join(append(words, "hook run"), " "), nil
}

// Install returns what is to change so that the manager runs the hook: nothing
// where it does.
func (h *Hook) Install(m Manager) ([]Change, error) {
	if m == Berry {
		return h.installPlugin()
	}
	text := h.pkg
	for _, script := range m.Scripts(h.Published) {
		var err error
		if text, err = packagejson.Add(text, script, h.Command); err != nil {
			return nil, about(h.path("package.json"), err)
		}
	}
	return h.changed("package.json", h.pkg, text), nil
}

// Remove returns what is to change so that no manager runs the hook any more.
func (h *Hook) Remove() ([]Change, error) {
	text := h.pkg
	for _, script := range slices.Backward(after) {
		var err error
		if text, err = packagejson.Remove(text, script, h.Command); err != nil {
			return nil, about(h.path("package.json"), err)
		}
	}
	plugin, err := h.removePlugin()
	return append(h.changed("package.json", h.pkg, text), plugin...), err
}

func (h *Hook) changed(file string, old, new []byte) []Change {
	if string(old) == string(new) && (old == nil) == (new == nil) {
		return nil
	}
	return []Change{{h.path(file), old, new}}
}

// Status returns the state of each place where the manager would find the hook,
// and of each other one where it is.
func (h *Hook) Status(m Manager) ([]State, error) {
	all, err := packagejson.Scripts(h.pkg)
	if err != nil {
		return nil, about(h.path("package.json"), err)
	}
	commands := map[string]string{}
	for _, s := range all {
		commands[s.Name] = s.Command
	}
	wanted := m.Scripts(h.Published)
	var states []State
	for _, script := range after {
		has := packagejson.Has(h.pkg, script, h.Command)
		if has || slices.Contains(wanted, script) {
			states = append(states, State{"package.json", script, commands[script], has})
		}
	}
	plugin, err := h.pluginState()
	if err != nil {
		return nil, err
	}
	if m == Berry || plugin.Installed {
		states = append(states, plugin)
	}
	return states, nil
}

// Notes say what limits the hook once it is installed for the manager.
func (h *Hook) Notes(m Manager) []string {
	var notes []string
	for _, script := range m.Scripts(h.Published) {
		there := gjson.GetBytes(h.pkg, "scripts."+script).Str
		if strings.Contains(there, "||") {
			notes = append(notes, fmt.Sprintf("scripts.%s holds \"||\": on Windows, cmd comes to the hook only where what stands before that fails", script))
		}
	}
	if h.Published && m != Berry {
		notes = append(notes, `package.json is not "private": true, so the hook is in prepare, not in postinstall, which those who install the published package would run too`)
	}
	return notes
}

// Apply makes the changes, each file whole or not at all, and takes back those
// that were made where one fails.
func Apply(changes []Change) error {
	for _, c := range changes {
		// Renaming another file over it would succeed, and so would root.
		if info, err := os.Lstat(c.Path); err == nil && info.Mode().Perm()&0o222 == 0 {
			return config(c.Path, "make it writable: chmod u+w "+filepath.Base(c.Path), "%s is read-only", c.Path)
		}
	}
	for i, c := range changes {
		if err := put(c.Path, c.New); err != nil {
			for _, done := range slices.Backward(changes[:i]) {
				err = errors.Join(err, put(done.Path, done.Old))
			}
			return fmt.Errorf("writing %s: %w", c.Path, err)
		}
	}
	return nil
}

// put writes the file or, for nil, deletes it, and the folders that this leaves
// empty and that writing it would have made.
func put(path string, text []byte) error {
	dir := filepath.Dir(path)
	if text != nil {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		return atomic.Write(path, text)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if filepath.Base(dir) == "plugins" && filepath.Base(filepath.Dir(dir)) == ".yarn" {
		_ = os.Remove(dir) // unless there is something in them
		_ = os.Remove(filepath.Dir(dir))
	}
	return nil
}

// read returns the text of a file that is to be edited in its place; nil where
// it is not there.
func read(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSymlink != 0:
		to, _ := os.Readlink(path)
		return nil, config(path, "put the file itself there: nodeint does not edit what lies elsewhere", "%s is a symbolic link to %s", path, to)
	case !info.Mode().IsRegular():
		return nil, config(path, "put a regular file in its place", "%s is not a regular file", path)
	case info.Size() > maxFile:
		return nil, config(path, "nodeint edits no larger one", "%s is larger than %d MiB", path, maxFile>>20)
	}
	text, err := os.ReadFile(path)
	if text == nil && err == nil {
		text = []byte{}
	}
	return text, err
}

// Manager is [Detect] for the hook's root.
func (h *Hook) Manager(name string) (Manager, error) { return Detect(h.Root, h.pkg, name) }

// Skip says why the hook that was called for the project has nothing to do; ""
// where it has.
//
// npm runs dependencies before the scripts of the root, which may still change
// what was installed, as patch-package does: a check then would fail, where the
// one that follows does not.
func Skip(p *project.Project, getenv func(string) string) string {
	if slices.Contains(strings.Split(filepath.ToSlash(p.Root), "/"), "node_modules") {
		return p.Root + " is installed as a dependency of another project: its map is not looked at"
	}
	if getenv("npm_lifecycle_event") != "dependencies" {
		return ""
	}
	follows := getenv("npm_command") == "ci" || getenv("npm_command") == "install" && CI(getenv)
	if !follows {
		return ""
	}
	pkg, err := read(filepath.Join(p.Root, "package.json"))
	if err != nil {
		return ""
	}
	for _, script := range []string{"postinstall", "prepare"} {
		if strings.Contains(gjson.GetBytes(pkg, "scripts."+script).Str, "hook run") {
			return "left to the hook in scripts." + script + ", which npm runs after this one"
		}
	}
	return ""
}
