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

// A start is what a script hands to node.
type start struct {
	file     string
	preloads []string // what --import and --require name
}

// preloadFlags name modules that run before the file.
var preloadFlags = []string{"-r", "--require", "--import", "--loader", "--experimental-loader"}

// valueFlags take the next word for their value. node --help does not tell
// which do; the list is of those that a start script is likely to hold.
var valueFlags = []string{
	"-C", "--conditions", "--env-file", "--env-file-if-exists", "--title", "--input-type",
	"--icu-data-dir", "--openssl-config", "--disable-warning", "--redirect-warnings",
	"--diagnostic-dir", "--unhandled-rejections", "--dns-result-order", "--heapsnapshot-signal",
	"--inspect-port", "--debug-port", "--watch-path", "--max-http-header-size", "--report-dir",
	"--report-directory", "--report-filename", "--cpu-prof-dir", "--cpu-prof-name",
	"--heap-prof-dir", "--heap-prof-name", "--trace-event-categories", "--localstorage-file",
	"--v8-pool-size", "--secure-heap", "--experimental-default-type", "--experimental-config-file",
}

// codeFlags run something that is no file.
var codeFlags = []string{"-e", "--eval", "-p", "--print", "-pe", "--run", "--test", "--snapshot-blob", "--build-snapshot"}

// readStart reads a scripts.start of the form
//
//	[NAME=value…] [cross-env|env [NAME=value…]] [exec] node [flags] file [arguments]
//
// and no other: no pipes, lists or substitutions, of which only a shell could
// tell what they start.
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

// readNode reads the words behind node.
func readNode(words []string) (start, error) {
	var s start
	for i := 0; i < len(words); i++ {
		flag, value, has := strings.Cut(words[i], "=")
		switch {
		case words[i] == "--" && i+1 < len(words):
			s.file = words[i+1]
			return s, nil
		case words[i] == "-" || slices.Contains(codeFlags, flag):
			return s, fmt.Errorf("node %s starts no file that could be pinned", words[i])
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

// preloadPath turns a file: URL into the path it names. Other URLs run code
// that is no file.
func preloadPath(spec string) (string, error) {
	if filepath.IsAbs(spec) || !strings.Contains(spec, ":") {
		return spec, nil
	}
	u, err := url.Parse(spec)
	if err != nil || u.Scheme != "file" || u.Host != "" {
		return "", fmt.Errorf("it preloads %q, which is no file", spec)
	}
	return filepath.FromSlash(u.Path), nil
}

// isAssignment reports whether the word sets an environment variable.
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

// splitWords splits a script at blanks, as a shell does, and takes its quotes
// away. What a shell would expand, or take for an operator, is an error.
func splitWords(script string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quoted byte
	in := false // within a word, perhaps an empty one
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
				word.WriteByte(c) // between double quotes a backslash escapes only those
			}
			word.WriteByte(script[i])
			in = true
		case strings.ContainsRune("$`", rune(c)):
			return nil, fmt.Errorf("%q is expanded by a shell at %q", script, script[i:i+1])
		case c == '\'' || c == '"':
			quoted, in = c, true
		case strings.ContainsRune(" \t\r\n", rune(c)):
			if in {
				words = append(words, word.String())
				word.Reset()
				in = false
			}
		case strings.ContainsRune("|&;<>()*?[]~#!{}", rune(c)):
			return nil, fmt.Errorf("%q needs a shell for %q", script, script[i:i+1])
		default:
			word.WriteByte(c)
			in = true
		}
	}
	if quoted != 0 {
		return nil, fmt.Errorf("%q has a quote %c without its end", script, quoted)
	}
	if in {
		words = append(words, word.String())
	}
	return words, nil
}
