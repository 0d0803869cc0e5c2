package launch

import (
	"bytes"
	"cmp"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"

	"github.com/nodeint/nodeint/integrity/problem"
)

// A Program is a command line that starts node.
type Program struct {
	Name   string           // argv[0]
	Node   string           // path of node
	Flags  []nodeflags.Flag // on the command line
	Script string           // as node gets it; "" if the flags make it unnecessary
	Args   []string
	// Options are the flags in NODE_OPTIONS of the environment.
	Options []nodeflags.Flag
	// Loader is the path of the .pnp.loader.mjs that yarn run puts into NODE_OPTIONS,
	// or "". It is not in Options: the preload does its work.
	Loader string
	// NodePath are the directories of NODE_PATH in the environment.
	NodePath []string
	// Named is the script whose first line names the path of node, or nil. It must be
	// pinned, since an attacker who writes the script chooses the program that runs it.
	Named *Script
}

// A Script is a file whose first line names a program.
type Script struct {
	File string // real path
	Head []byte // the beginning of the file, as it was read
}

// ParseCommand reads a command line: node, its flags, a script and the script's
// arguments; or a script for which node would be started, by its #! line or its
// extension. env is the environment: NODE_OPTIONS in it has flags too.
func ParseCommand(words, env []string, allow Allow) (*Program, error) {
	if len(words) == 0 {
		return nil, problem.BadUsage("give a command, for example: nodeint run node server.js", "no command given")
	}
	table := nodeflags.Flags(allow)
	node := words
	var err error
	var named *Script
	if !IsNode(words[0]) {
		if node, named, err = scriptCommand(words); err != nil {
			return nil, err
		}
	}
	p := &Program{Name: node[0], Named: named}
	if p.Node, err = exec.LookPath(node[0]); err != nil {
		if isSystem(err) {
			return nil, problem.NotChecked(node[0], "", "finding node: %w", err)
		}
		return nil, problem.BadUsage("install node, or give its path: nodeint run /opt/node/bin/node app.js", "finding node: %w", err)
	}
	if err := checkPrivileges(p.Node); err != nil {
		return nil, err
	}
	var rest []string
	if p.Flags, rest, err = table.Parse(node[1:]); err != nil {
		return nil, err
	}
	if env, err = withEnvFiles(p.Flags, env); err != nil {
		return nil, err
	}
	env = withoutBootstrap(env)
	if p.Options, p.Loader, err = parseEnvironment(table, env, allow); err != nil {
		return nil, err
	}
	p.NodePath = nodePath(env)
	return p, p.setScript(rest, allow)
}

// IsNode reports whether a word of a command line is the name or the path of node.
func IsNode(word string) bool {
	base := filepath.Base(word)
	return base == "node" || base == "node.exe"
}

// setScript reads the words after the flags. It returns an error if the flags or the
// script would run code that no map pins.
func (p *Program) setScript(rest []string, allow Allow) error {
	optional := false // the script
	for _, f := range p.Flags {
		switch f.Kind {
		case nodeflags.Alone:
			optional = true
		case nodeflags.Eval:
			if err := allowEval(f, allow); err != nil {
				return err
			}
			optional = optional || f.Name != "--input-type" && f.Value != ""
		}
	}
	if optional {
		p.Args = rest
		return nil
	}
	if len(rest) == 0 || rest[0] == "-" || rest[0] == "" { // node takes an empty name for none
		if allow.Eval {
			p.Args = rest
			return nil
		}
		return problem.BadUsage("give a script, for example: nodeint run node server.js", "no script given, and a map cannot pin code that node reads from the terminal or stdin")
	}
	if rest[0] == "inspect" || rest[0] == "debug" {
		return problem.BadUsage("use --allow inspector and node --inspect-brk app.js; to run a script with that name, write ./"+rest[0], "node's debugger, node %s, is refused: it can run any code", rest[0])
	}
	p.Script, p.Args = rest[0], rest[1:]
	return nil
}

func allowEval(f nodeflags.Flag, allow Allow) error {
	if allow.Eval {
		return nil
	}
	return problem.BadUsage("put the code into a file and pin it, or use --allow eval", "node's flag %s is refused: a map cannot pin code on the command line", f.Name)
}

// parseEnvironment reads the variables that change what node does.
func parseEnvironment(table nodeflags.Table, env []string, allow Allow) (flags []nodeflags.Flag, loader string, err error) {
	for _, name := range []string{"NODE_PRESERVE_SYMLINKS", "NODE_PRESERVE_SYMLINKS_MAIN"} {
		if getenv(env, name) == "1" {
			return nil, "", problem.BadUsage("unset "+name, "%s is refused: %s", name, table["--preserve-symlinks"].Reason)
		}
	}
	words, err := nodeflags.Split(getenv(env, nodeOptions))
	if err != nil {
		return nil, "", err
	}
	words, loader = takeLoader(words)
	flags, rest, err := table.Parse(words)
	if err != nil {
		return nil, "", inNodeOptions(err)
	}
	if len(rest) > 0 || slices.Contains(words, "--") {
		return nil, "", problem.BadUsage("remove everything except flags from NODE_OPTIONS", "NODE_OPTIONS contains a word that is not a flag: %q", append(rest, "--")[0])
	}
	for _, f := range flags {
		if f.Kind == nodeflags.Eval {
			if err := allowEval(f, allow); err != nil {
				return nil, "", inNodeOptions(err)
			}
		}
	}
	return flags, loader, nil
}

func inNodeOptions(err error) error {
	e := *err.(*problem.Error)
	e.Hint = cmp.Or(strings.Replace(e.Hint, "remove it", "remove it from NODE_OPTIONS", 1), e.Hint)
	return problem.BadUsage(e.Hint, "in NODE_OPTIONS: %w", e.Err)
}

// getenv returns the value of a variable. Of duplicates the last counts, as for
// os.Environ.
func getenv(env []string, name string) string {
	for _, e := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}

// refusedCommands are commands that users try first, and why they are refused.
var refusedCommands = map[string]string{
	"npm": starter, "npx": starter, "pnpm": starter, "pnpx": starter, "yarn": starter, "yarnpkg": starter, "corepack": starter,
	"sh": shell, "bash": shell, "dash": shell, "zsh": shell, "env": shell, "sudo": shell,
	"bun": "it is not node", "deno": "it is not node",
}

// refusedInits are init processes for containers. nodeint is one itself.
var refusedInits = []string{"tini", "tini-static", "dumb-init", "catatonit"}

const (
	starter = "it starts other programs through a shell, without the preload"
	shell   = "it starts other programs, without the preload"
)

// scriptCommand returns the command line of node for a script and its arguments.
// named is the script if its first line has the path of node, and not only its name.
func scriptCommand(words []string) (command []string, named *Script, err error) {
	hint := "name the script that it starts: nodeint run node server.js"
	if why, ok := refusedCommands[filepath.Base(words[0])]; ok {
		return nil, nil, problem.BadUsage(hint, "%s is refused: %s", words[0], why)
	}
	if slices.Contains(refusedInits, filepath.Base(words[0])) {
		return nil, nil, problem.BadUsage("leave it out, or start nodeint with it: "+filepath.Base(words[0])+" -- nodeint run node server.js",
			"%s is refused: it starts other programs, without the preload; nodeint itself forwards signals and collects orphans", words[0])
	}
	file, err := findScript(words[0])
	if err != nil {
		return nil, nil, err
	}
	head, err := readHead(file)
	if err != nil {
		return nil, nil, problem.BadUsage("check the path", "reading %s: %w", file, err)
	}
	line, isScript := hashbang(head)
	if !isScript {
		if isScriptName(file) {
			return slices.Concat([]string{"node", file}, words[1:]), nil, nil
		}
		return nil, nil, problem.BadUsage(hint, "%s is refused: it is neither node nor a script for node", words[0])
	}
	if interpreter, ok := shebang(line); ok {
		if filepath.Base(interpreter[0]) != interpreter[0] {
			if named, err = nameScript(file, head); err != nil {
				return nil, nil, err
			}
		}
		return slices.Concat(interpreter, []string{file}, words[1:]), named, nil
	}
	if isScriptName(file) { // the line is for another program, or for Windows
		return slices.Concat([]string{"node", file}, words[1:]), nil, nil
	}
	if target, ok := shimTarget(file, head); ok {
		return slices.Concat(target, words[1:]), nil, nil
	}
	return nil, nil, problem.BadUsage("name the script that it starts: nodeint run node PATH", "%s is refused: it is a script for %s, and nodeint starts only node", words[0], strings.TrimSpace(line))
}

// nameScript returns the script at a path, with the beginning of the file.
func nameScript(file string, head []byte) (*Script, error) {
	real, err := filepath.EvalSymlinks(file)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	return &Script{real, head}, err
}

// findScript returns the path of a command, which it finds as a shell does, or of a
// script.
func findScript(word string) (string, error) {
	if strings.ContainsRune(word, filepath.Separator) || isScriptName(word) {
		if _, err := os.Stat(word); err != nil {
			return "", problem.BadUsage("check the path", "finding the script: %w", err)
		}
		return word, nil
	}
	file, err := exec.LookPath(word)
	if err == nil {
		return file, nil
	}
	hint := "name node and the script: nodeint run node " + word
	if bin := filepath.Join(nodejs.NodeModules, ".bin", word); exists(bin) {
		hint = "write nodeint run " + bin
	}
	return "", problem.BadUsage(hint, "%q is neither node nor a command in PATH", word)
}

// exists reports whether path exists. It is for a hint, so an error means no.
func exists(path string) bool {
	found, _ := safefile.TargetExists(path)
	return found
}

func isScriptName(name string) bool {
	switch filepath.Ext(name) {
	case ".js", ".cjs", ".mjs", ".ts", ".cts", ".mts":
		return true
	}
	return false
}

// readHead reads the beginning of a file, at least the size of a shim.
func readHead(file string) ([]byte, error) {
	f, _, err := safefile.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 8<<10))
}

// hashbang returns the line after #! at the beginning of a script.
func hashbang(head []byte) (line string, isScript bool) {
	text, isScript := bytes.CutPrefix(head, []byte("#!"))
	text, _, _ = bytes.Cut(text, []byte("\n"))
	return string(text), isScript
}

// shebang splits the line after #!. ok is false unless it starts node, directly or by
// env, without anything that a shell or env would interpret.
func shebang(line string) (command []string, ok bool) {
	words := strings.Fields(line)
	if len(words) > 1 && filepath.Base(words[0]) == "env" {
		words = words[1:]
		if rest, ok := strings.CutPrefix(words[0], "-S"); ok {
			words = strings.Fields(rest + " " + strings.Join(words[1:], " "))
		}
	}
	if len(words) == 0 || !IsNode(words[0]) || strings.ContainsAny(line, `'"\$`) {
		return nil, false
	}
	return words, true
}

// shimLine is the line of a shim that starts the node in PATH, as @zkochan/cmd-shim
// (pnpm) and cmd-shim (npm, yarn) write it.
var shimLine = lazyregexp.New(`(?m)^[ \t]*exec node[ \t]+(?:--?[A-Za-z][\w=.-]*[ \t]+)*"\$basedir/([^"$\x60\\\n]+)"[ \t]+"\$@"[ \t]*$`)

// shimTarget returns the script that a package manager's shell script starts, after the
// flags of the script's own #! line. The shell script must be in a directory .bin and
// start exactly one. Flags in it are ignored: it is not pinned, and package managers write
// there those of the #! line.
func shimTarget(file string, text []byte) (command []string, ok bool) {
	if filepath.Base(filepath.Dir(file)) != ".bin" {
		return nil, false
	}
	found := shimLine().FindAllSubmatch(text, -1)
	if len(found) != 1 {
		return nil, false
	}
	target := filepath.Join(filepath.Dir(file), filepath.FromSlash(string(found[0][1])))
	head, err := readHead(target)
	if err != nil {
		return nil, false
	}
	if line, isScript := hashbang(head); isScript {
		if interpreter, ok := shebang(line); ok {
			return slices.Concat([]string{"node"}, interpreter[1:], []string{target}), true
		}
	}
	return []string{"node", target}, true
}
