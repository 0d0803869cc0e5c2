package launch

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A Program is a command line that starts node.
type Program struct {
	Name   string // argv[0]
	Node   string // path of node
	Flags  []Flag // on the command line
	Script string // as node is to be told; "" where the flags make it needless
	Args   []string
	// Options are the flags in NODE_OPTIONS of the environment.
	Options []Flag
	// Loader is the .pnp.loader.mjs that NODE_OPTIONS names, as yarn run has it
	// there, "" for none. It is no part of Options: the hook does its work.
	Loader string
}

// ParseCommand reads a command line: node, its flags, a script and the script's
// arguments; or a script that node would be started for, by its #! line or its
// ending. env is the environment, in which NODE_OPTIONS has flags as well.
func ParseCommand(words, env []string, allow Allow) (*Program, error) {
	if len(words) == 0 {
		return nil, usage("write, for example, nodeint run node server.js", "no command given")
	}
	table := Flags(allow)
	options, loader, err := environment(table, env, allow)
	if err != nil {
		return nil, err
	}
	node := words
	if !isNode(words[0]) {
		if node, err = scriptCommand(words); err != nil {
			return nil, err
		}
	}
	p := &Program{Name: node[0], Options: options, Loader: loader}
	if p.Node, err = exec.LookPath(node[0]); err != nil {
		if isSystem(err) {
			return nil, failed(node[0], "", "finding node: %w", err)
		}
		return nil, usage("install it, or name it by its path", "finding node: %w", err)
	}
	var rest []string
	if p.Flags, rest, err = table.scan(node[1:]); err != nil {
		return nil, err
	}
	return p, p.takeScript(rest, allow)
}

func isNode(word string) bool {
	base := filepath.Base(word)
	return base == "node" || base == "node.exe"
}

// takeScript judges what stands behind the flags.
func (p *Program) takeScript(rest []string, allow Allow) error {
	needless := false
	for _, f := range p.Flags {
		switch f.Kind {
		case Alone:
			needless = true
		case Eval:
			if err := allowEval(f, allow); err != nil {
				return err
			}
			needless = needless || f.Name != "--input-type" && f.Value != ""
		}
		if err := checkEnvFile(f); err != nil {
			return err
		}
	}
	if needless {
		p.Args = rest
		return nil
	}
	if len(rest) == 0 || rest[0] == "-" {
		return usage("name it: nodeint run node server.js", "no script given: what node reads from the terminal or from stdin is in no map")
	}
	if rest[0] == "inspect" || rest[0] == "debug" {
		return usage("write --allow inspector, and node --inspect-brk app.js; for a script of that name ./"+rest[0], "node's debugger, node %s, is refused: it can run any code", rest[0])
	}
	p.Script, p.Args = rest[0], rest[1:]
	return nil
}

func allowEval(f Flag, allow Allow) error {
	if allow.Eval {
		return nil
	}
	return usage("put the code into a file and pin it, or write --allow eval", "node's flag %s is refused: its code is in no map", f.Name)
}

// checkEnvFile refuses a file of environment variables that has NODE_OPTIONS.
// Node prefers the one in the environment, which is nodeint's: what the file
// says would be lost without a word. For the same reason the file may be handed
// on: it cannot take the hook away.
func checkEnvFile(f Flag) error {
	if f.Name != "--env-file" && f.Name != "--env-file-if-exists" {
		return nil
	}
	text, err := os.ReadFile(f.Value)
	if err == nil && bytes.Contains(text, []byte("NODE_OPTIONS")) {
		return usage("set it in the environment, or write its flags on the command line", "%s sets NODE_OPTIONS, which node would not read from there under nodeint", f.Value)
	}
	return nil // node itself says what it cannot read
}

// environment reads what the environment tells node.
func environment(table Table, env []string, allow Allow) (flags []Flag, loader string, err error) {
	for _, name := range []string{"NODE_PRESERVE_SYMLINKS", "NODE_PRESERVE_SYMLINKS_MAIN"} {
		if lookup(env, name) == "1" {
			return nil, "", usage("unset it", "%s is refused: %s", name, table["--preserve-symlinks"].Reason)
		}
	}
	words, err := Split(lookup(env, nodeOptions))
	if err != nil {
		return nil, "", err
	}
	words, loader = takeLoader(words)
	flags, rest, err := table.scan(words)
	if err != nil {
		return nil, "", inOptions(err)
	}
	if len(rest) > 0 || slices.Contains(words, "--") {
		return nil, "", usage("only flags may stand there", "NODE_OPTIONS has the word %q", append(rest, "--")[0])
	}
	for _, f := range flags {
		if f.Kind == Eval {
			if err := allowEval(f, allow); err != nil {
				return nil, "", inOptions(err)
			}
		}
	}
	return flags, loader, nil
}

func inOptions(err error) error {
	e := *err.(*Error)
	e.Hint = cmp.Or(strings.Replace(e.Hint, "leave it out", "take it out of NODE_OPTIONS", 1), e.Hint)
	return usage(e.Hint, "in NODE_OPTIONS: %w", e.Err)
}

// lookup returns the value of a variable: the last, as os.Environ's duplicates
// are resolved.
func lookup(env []string, name string) string {
	for _, e := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}

// others are commands that people try first, and why they are refused.
var others = map[string]string{
	"npm": starter, "npx": starter, "pnpm": starter, "pnpx": starter, "yarn": starter, "yarnpkg": starter, "corepack": starter,
	"sh": shell, "bash": shell, "dash": shell, "zsh": shell, "env": shell, "sudo": shell,
	"bun": "it is not node", "deno": "it is not node",
}

const (
	starter = "it starts other programs, through a shell, where the hook does not reach"
	shell   = "it starts other programs, where the hook does not reach"
)

// scriptCommand turns a script and its arguments into a command line of node.
func scriptCommand(words []string) ([]string, error) {
	hint := "name what it starts in the end: nodeint run node server.js"
	if why, ok := others[filepath.Base(words[0])]; ok {
		return nil, usage(hint, "%s is refused: %s", words[0], why)
	}
	file, err := findScript(words[0])
	if err != nil {
		return nil, err
	}
	head, err := readHead(file)
	if err != nil {
		return nil, usage("check the path", "reading %s: %w", file, err)
	}
	line, isScript := bytes.CutPrefix(head, []byte("#!"))
	if !isScript {
		if isScriptName(file) {
			return slices.Concat([]string{"node", file}, words[1:]), nil
		}
		return nil, usage(hint, "%s is refused: it is neither node nor a script for node", words[0])
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	if interpreter, ok := shebang(string(line)); ok {
		return slices.Concat(interpreter, []string{file}, words[1:]), nil
	}
	if isScriptName(file) { // the line is for another program, or for Windows
		return slices.Concat([]string{"node", file}, words[1:]), nil
	}
	if target, ok := shimTarget(file, head); ok {
		return slices.Concat([]string{"node"}, target, words[1:]), nil
	}
	return nil, usage("name the script that it starts: nodeint run node PATH", "%s is refused: it is a script for %s, and nodeint starts node alone", words[0], strings.TrimSpace(string(line)))
}

// findScript finds a command as a shell would, or a script by its path.
func findScript(word string) (string, error) {
	if strings.ContainsRune(word, filepath.Separator) || isScriptName(word) {
		if _, err := os.Stat(word); err != nil {
			return "", usage("check the path", "finding the script: %w", err)
		}
		return word, nil
	}
	file, err := exec.LookPath(word)
	if err == nil {
		return file, nil
	}
	hint := "name node and the script: nodeint run node " + word
	if bin := filepath.Join("node_modules", ".bin", word); exists(bin) {
		hint = "write nodeint run " + bin
	}
	return "", usage(hint, "%q is neither node nor a command in PATH", word)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func isScriptName(name string) bool {
	switch filepath.Ext(name) {
	case ".js", ".cjs", ".mjs", ".ts", ".cts", ".mts":
		return true
	}
	return false
}

// readHead reads as much of a file as a shim has.
func readHead(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(bufio.NewReader(f), 8<<10))
}

// shebang reads what stands behind #!, and reports whether that is node, alone
// or through env, with nothing that a shell or env would have to interpret.
func shebang(line string) (command []string, ok bool) {
	words := strings.Fields(line)
	if len(words) > 1 && filepath.Base(words[0]) == "env" {
		words = words[1:]
		if rest, ok := strings.CutPrefix(words[0], "-S"); ok {
			words = strings.Fields(rest + " " + strings.Join(words[1:], " "))
		}
	}
	if len(words) == 0 || !isNode(words[0]) || strings.ContainsAny(line, `'"\$`) {
		return nil, false
	}
	return words, true
}

// shimLine is the line of a shim that starts node where none lies beside it, as
// @zkochan/cmd-shim (pnpm) and cmd-shim (npm, yarn) write it.
var shimLine = regexp.MustCompile(`(?m)^[ \t]*exec node[ \t]+((?:--?[A-Za-z][\w=.-]*[ \t]+)*)"\$basedir/([^"$\x60\\\n]+)"[ \t]+"\$@"[ \t]*$`)

// shimTarget finds the script that a package manager's shell script starts. It
// has to lie in a folder .bin and to start exactly one.
func shimTarget(file string, text []byte) (command []string, ok bool) {
	if filepath.Base(filepath.Dir(file)) != ".bin" {
		return nil, false
	}
	found := shimLine.FindAllSubmatch(text, -1)
	if len(found) != 1 {
		return nil, false
	}
	target := filepath.Join(filepath.Dir(file), filepath.FromSlash(string(found[0][2])))
	if info, err := os.Stat(target); err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	return append(strings.Fields(string(found[0][1])), target), true
}
