package project

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A start is the file and the preloads of a node command line.
type start struct {
	file     string
	preloads []string // the specifiers of --import, --require and --loader
}

// preloadFlags are the flags of node whose value is a module that runs before
// the file.
var preloadFlags = []string{"-r", "--require", "--import", "--loader", "--experimental-loader"}

// valueFlags are the flags of node that take the next word as their value.
// node --help does not list them, so these are the ones that a start script is
// likely to have.
var valueFlags = []string{
	"-C", "--conditions", "--env-file", "--env-file-if-exists", "--title", "--input-type",
	"--icu-data-dir", "--openssl-config", "--disable-warning", "--redirect-warnings",
	"--diagnostic-dir", "--unhandled-rejections", "--dns-result-order", "--heapsnapshot-signal",
	"--inspect-port", "--debug-port", "--watch-path", "--max-http-header-size", "--report-dir",
	"--report-directory", "--report-filename", "--cpu-prof-dir", "--cpu-prof-name",
	"--heap-prof-dir", "--heap-prof-name", "--trace-event-categories", "--localstorage-file",
	"--v8-pool-size", "--secure-heap", "--experimental-default-type", "--experimental-config-file",
}

// codeFlags are the flags of node with which it runs something other than a
// file.
var codeFlags = []string{"-e", "--eval", "-p", "--print", "-pe", "--run", "--test", "--snapshot-blob", "--build-snapshot"}

// readStart parses a scripts.start that [readCommand] accepts and that starts
// node.
func readStart(script string) (start, error) {
	c, err := readCommand(script)
	if err != nil {
		return start{}, err
	}
	words := c.words[1:]
	switch {
	case isScriptName(c.words[0]):
		words = []string{"--", c.words[0]} // node runs it, by nodeint run or by its #! line
	case !isNode(c.words[0]):
		return start{}, &otherCommand{script, c}
	}
	s, err := readNode(words)
	if err != nil || c.dir == "" {
		return s, err
	}
	if !filepath.IsAbs(s.file) {
		s.file = path.Join(c.dir, s.file)
	}
	for i, p := range s.preloads {
		if isRelative(p) {
			s.preloads[i] = "./" + path.Join(c.dir, p)
		}
	}
	return s, nil
}

// An otherCommand is the error for a start script that starts another program
// than node.
type otherCommand struct {
	script  string
	command command
}

func (e *otherCommand) Error() string {
	return fmt.Sprintf("%q is not of the form node FILE", e.script)
}

func isScriptName(word string) bool { return slices.Contains(scriptExtensions, path.Ext(word)) }

// scriptExtensions are those of files that nodeint run starts with node.
var scriptExtensions = []string{".js", ".cjs", ".mjs", ".ts", ".cts", ".mts"}

func isNode(word string) bool { return baseName(word) == "node" }

// baseName returns the name of the program that a word starts.
func baseName(word string) string { return strings.TrimSuffix(path.Base(word), ".exe") }

// readNode reads the words after node.
func readNode(words []string) (start, error) {
	var s start
	for i := 0; i < len(words); i++ {
		flag, value, has := strings.Cut(words[i], "=")
		switch {
		case words[i] == "--" && i+1 < len(words):
			s.file = words[i+1]
			return s, nil
		case words[i] == "-" || slices.Contains(codeFlags, flag):
			return s, fmt.Errorf("node %s does not start a file that the map could pin", words[i])
		case !strings.HasPrefix(words[i], "-"):
			s.file = words[i]
			return s, nil
		case !slices.Contains(preloadFlags, flag) && !slices.Contains(valueFlags, flag):
			continue
		case !has && i+1 == len(words):
			return s, fmt.Errorf("node %s has no value", flag)
		case !has:
			i++
			value = words[i]
		}
		if slices.Contains(preloadFlags, flag) {
			spec, err := preloadPath(value)
			if err != nil {
				return s, err
			}
			s.preloads = append(s.preloads, spec)
		}
	}
	return s, errors.New("it starts node without a file")
}

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
