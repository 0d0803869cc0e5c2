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

// A start is what a script passes to node.
type start struct {
	file     string
	preloads []string // specifiers of modules that run before file, such as those of --import
}

// preloadFlags take the specifier of a module that runs before the file.
var preloadFlags = []string{"-r", "--require", "--import", "--loader", "--experimental-loader"}

// valueFlags take the next word as their value. node --help does not list which flags
// do, so these are the ones that a start script is likely to contain.
var valueFlags = []string{
	"-C", "--conditions", "--env-file", "--env-file-if-exists", "--title", "--input-type",
	"--icu-data-dir", "--openssl-config", "--disable-warning", "--redirect-warnings",
	"--diagnostic-dir", "--unhandled-rejections", "--dns-result-order", "--heapsnapshot-signal",
	"--inspect-port", "--debug-port", "--watch-path", "--max-http-header-size", "--report-dir",
	"--report-directory", "--report-filename", "--cpu-prof-dir", "--cpu-prof-name",
	"--heap-prof-dir", "--heap-prof-name", "--trace-event-categories", "--localstorage-file",
	"--v8-pool-size", "--secure-heap", "--experimental-default-type", "--experimental-config-file",
}

// codeFlags run something other than a file.
var codeFlags = []string{"-e", "--eval", "-p", "--print", "-pe", "--run", "--test", "--snapshot-blob", "--build-snapshot"}

// readStart parses a scripts.start of the form
//
//	[NAME=value…] [cross-env|env [NAME=value…]] [exec] node [flags] file [arguments]
//
// and no other. It rejects pipes, lists and substitutions: only a shell could determine
// what they start.
func readStart(script string) (start, error) {
	words, err := splitWords(script)
	if err != nil {
		return start{}, err
	}
	for len(words) > 0 && (isAssignment(words[0]) || slices.Contains([]string{"cross-env", "env", "exec"}, words[0])) {
		words = words[1:]
	}
	if len(words) == 0 || strings.TrimSuffix(path.Base(words[0]), ".exe") != "node" {
		return start{}, fmt.Errorf("%q is not of the form node FILE", script)
	}
	return readNode(words[1:])
}

// readNode parses the words after node.
func readNode(words []string) (start, error) {
	var s start
	for i := 0; i < len(words); i++ {
		flag, value, has := strings.Cut(words[i], "=")
		switch {
		case words[i] == "--" && i+1 < len(words):
			s.file = words[i+1]
			return s, nil
		case words[i] == "-" || slices.Contains(codeFlags, flag):
			return s, fmt.Errorf("node %s does not start a file that could be pinned", words[i])
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

// preloadPath returns the path for a file: URL, and other specifiers unchanged. A URL
// with another scheme is an error: its code is not in a file.
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

// splitWords splits a script at white space and removes quotes, as a shell does. It
// returns an error for an expansion or an operator of the shell.
func splitWords(script string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quoted byte
	inWord := false // even if the word is empty so far
	for i := 0; i < len(script); i++ {
		c := script[i]
		switch {
		case quoted == '\'' && c != '\'', quoted == '"' && !strings.ContainsRune("\"\\$`", rune(c)):
			word.WriteByte(c)
		case quoted != 0 && c == quoted:
			quoted = 0
		case c == '\\' && i+1 < len(script):
			i++
			if quoted != 0 && !strings.ContainsRune("\"\\$`", rune(script[i])) {
				word.WriteByte(c) // within double quotes, a backslash escapes only these
			}
			word.WriteByte(script[i])
			inWord = true
		case strings.ContainsRune("$`", rune(c)):
			return nil, fmt.Errorf("%q needs a shell to expand %q", script, script[i:i+1])
		case c == '\'' || c == '"':
			quoted, inWord = c, true
		case strings.ContainsRune(" \t\r\n", rune(c)):
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		case strings.ContainsRune("|&;<>()*?[]~#!{}", rune(c)):
			return nil, fmt.Errorf("%q needs a shell for %q", script, script[i:i+1])
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if quoted != 0 {
		return nil, fmt.Errorf("%q has an unterminated quote %c", script, quoted)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}
