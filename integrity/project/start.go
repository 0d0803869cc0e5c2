package project

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// A start is what a command line of node starts.
type start struct {
	file     string // absolute path, as node gets it: without an extension, or a directory
	dir      string // absolute path of the working directory
	by       string // what starts it, for messages
	settings nodeflags.Settings
}

// readStart reads a command that starts node. dir is the working directory of the
// command, and options is NODE_OPTIONS if the command does not set it.
func readStart(c command, dir, options string) (start, error) {
	words := c.words[1:]
	switch {
	case isScriptName(c.words[0]):
		words = []string{"--", c.words[0]} // node runs it, by nodeint run or by its #! line
	case !isNode(c.words[0]):
		return start{}, &otherCommand{c}
	}
	s := start{dir: joinPath(dir, c.dir), by: "scripts.start"}
	settings, rest, err := nodeflags.Start{Dir: s.dir, Words: words, Env: c.env, Options: options, Read: readSetting}.Settings()
	if err != nil {
		return s, err
	}
	s.settings = settings
	switch {
	case settings.Code != "":
		return s, fmt.Errorf("node %s does not start a file that the map could pin", settings.Code)
	case len(rest) == 0:
		return s, errors.New("it starts node without a file")
	case rest[0] == "-":
		return s, errors.New("node - does not start a file that the map could pin")
	}
	s.file = joinPath(s.dir, rest[0])
	return s, nil
}

// joinPath returns a path relative to dir as an absolute path.
func joinPath(dir, name string) string {
	if name = filepath.FromSlash(name); filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// maxSetting is the size limit of a file that node reads for its settings, in bytes.
const maxSetting = 16 << 20

// readSetting reads a file that node reads for its settings.
func readSetting(path string) (text []byte, exists bool, err error) {
	text, err = safefile.Read(path, maxSetting)
	if safefile.IsAbsent(err) {
		return nil, false, nil
	}
	return text, err == nil, err
}

// An otherCommand is the error for a start script that starts another program
// than node.
type otherCommand struct{ command command }

func (e *otherCommand) Error() string {
	return fmt.Sprintf("%q is not of the form node FILE", e.command.text)
}

func isScriptName(word string) bool { return slices.Contains(scriptExtensions, path.Ext(word)) }

// scriptExtensions are those of files that nodeint run starts with node.
var scriptExtensions = []string{".js", ".cjs", ".mjs", ".ts", ".cts", ".mts"}

func isNode(word string) bool { return baseName(word) == "node" }

// baseName returns the name of the program that a word starts.
func baseName(word string) string { return strings.TrimSuffix(path.Base(word), ".exe") }

// preloadPath returns the path of a file: URL, and a specifier without a scheme
// unchanged. Any other URL is an error: it runs code that is not in a file.
func preloadPath(spec string) (string, error) {
	if filepath.IsAbs(spec) || !strings.Contains(spec, ":") {
		return spec, nil
	}
	u, err := url.Parse(spec)
	if err != nil || u.Scheme != "file" || u.Host != "" {
		return "", fmt.Errorf("it preloads %q, which is not a file", spec)
	}
	return filepath.FromSlash(u.Path), nil
}

// isAssignment reports whether a word of a script sets an environment variable.
func isAssignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	if !ok || name == "" {
		return false
	}
	for i, c := range []byte(name) {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || '9' < c) {
			return false
		}
	}
	return true
}
