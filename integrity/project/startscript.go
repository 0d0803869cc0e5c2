package project

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"go.yaml.in/yaml/v3"

	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// startCommand returns the command that scripts.start ends in: it goes on from a script
// that starts another one, such as "npm run serve". found is false if there is no
// scripts.start.
func (p *Project) startCommand() (c command, found bool, err error) {
	return p.scriptCommand("start")
}

// scriptCommand is startCommand for the script with a name.
func (p *Project) scriptCommand(name string) (c command, found bool, err error) {
	scripts := p.pkg.members["scripts"]
	text, ok := scriptNamed(scripts, name)
	if !ok || strings.TrimSpace(text) == "" {
		return c, false, nil
	}
	c, err = followScripts(scripts, text)
	return c, true, err
}

// scriptNamed returns the text of a script. The last member of a name wins, as in
// JSON.parse. The name may contain any character.
func scriptNamed(scripts gjson.Result, name string) (text string, ok bool) {
	scripts.ForEach(func(k, v gjson.Result) bool {
		if k.Str == name && v.Type == gjson.String {
			text, ok = v.Str, true
		}
		return true
	})
	return text, ok
}

// maxScripts is how many scripts may start one another.
const maxScripts = 10

// followScripts reads the command of a script, and of the script that it starts.
func followScripts(scripts gjson.Result, text string) (command, error) {
	var outer command
	for range maxScripts {
		c, err := readCommand(text)
		if err != nil {
			return c, err
		}
		c.words = append(c.words, outer.words...)
		c.env = slices.Concat(outer.env, c.env)
		if c.dir == "" {
			c.dir = outer.dir
		}
		name, args, ok := otherScript(c.words)
		next, exists := scriptNamed(scripts, name)
		if !ok || !exists {
			return c, nil
		}
		if c.dir != "" {
			return c, fmt.Errorf("%q runs a script in another directory", text)
		}
		text, outer = next, command{env: c.env, words: args}
	}
	return outer, fmt.Errorf("more than %d scripts start one another", maxScripts)
}

// scriptRunners are the commands that start another script of package.json.
var scriptRunners = [][]string{
	{"npm", "run"}, {"npm", "run-script"}, {"npm"}, {"pnpm", "run"}, {"pnpm"}, {"yarn", "run"}, {"yarn"},
	{"bun", "run"}, {"node", "--run"},
}

// otherScript returns the name of the script that a command starts, and the arguments
// that are added to it.
func otherScript(words []string) (name string, args []string, ok bool) {
	if len(words) > 1 && isNode(words[0]) {
		if value, joined := strings.CutPrefix(words[1], "--run="); joined {
			words = slices.Concat([]string{"node", "--run", value}, words[2:])
		}
	}
	for _, r := range scriptRunners {
		if len(words) <= len(r) || baseName(words[0]) != r[0] || !slices.Equal(words[1:len(r)], r[1:]) {
			continue
		}
		rest := words[len(r):]
		for len(rest) > 0 && (rest[0] == "-s" || rest[0] == "--silent") {
			rest = rest[1:]
		}
		if len(rest) == 0 || strings.HasPrefix(rest[0], "-") || len(r) == 1 && r[0] == "npm" && rest[0] != "start" {
			continue
		}
		name, args = rest[0], rest[1:]
		if len(args) > 0 && args[0] == "--" {
			args = args[1:]
		}
		return name, args, true
	}
	return "", nil, false
}

// readStart reads scripts.start. It returns nil if there is none.
func (p *Project) readStart() (*start, error) {
	c, found, err := p.startCommand()
	if !found {
		return nil, nil
	}
	if err == nil {
		var s start
		if s, err = p.startOf(c, p.Dir); err == nil {
			return &s, nil
		}
	}
	return nil, configError(p.pkg.path, p.startHint(err), "read scripts.start of %s: %w", p.pkg.path, err)
}

// startOf reads a command that starts node in the directory dir, with the NODE_OPTIONS
// that a package manager sets for scripts.
func (p *Project) startOf(c command, dir string) (start, error) {
	options, file, err := p.managerOptions()
	if err != nil {
		return start{}, err
	}
	s, err := readStart(c, dir, options)
	if err == nil && file != "" {
		s.settings.Files = append(s.settings.Files, file)
	}
	return s, err
}

// managerOptions returns the NODE_OPTIONS that a package manager sets for scripts, and
// the absolute path of the file that has the setting: node-options of npm and pnpm in
// .npmrc, or nodeOptions of pnpm in pnpm-workspace.yaml. Both are "" if there is none.
func (p *Project) managerOptions() (options, file string, err error) {
	for _, dir := range []string{p.Dir, p.Root} {
		for _, setting := range optionSettings {
			path := filepath.Join(dir, setting.name)
			text, err := safefile.Read(path, maxYAML)
			if safefile.IsAbsent(err) {
				continue
			}
			if err != nil {
				return "", "", err
			}
			if options, err = setting.parse(text); err != nil {
				return "", "", fmt.Errorf("%s: %w", path, err)
			}
			if options != "" {
				return options, path, nil
			}
		}
	}
	return "", "", nil
}

// optionSettings are the files in which package managers have NODE_OPTIONS for scripts.
var optionSettings = []struct {
	name  string
	parse func(text []byte) (options string, err error)
}{{".npmrc", npmrcOptions}, {"pnpm-workspace.yaml", pnpmOptions}}

// npmrcOptions returns node-options of an .npmrc, which npm reads as ini does.
func npmrcOptions(text []byte) (string, error) {
	options := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			break // a section, in which npm reads no settings
		}
		name, value, _ := strings.Cut(line, "=")
		if strings.TrimSpace(name) != "node-options" {
			continue
		}
		options = iniValue(strings.TrimSpace(value))
	}
	return options, nil
}

// iniValue returns a value without its quotes and the comment after it.
func iniValue(value string) string {
	if n := len(value); n > 1 && value[0] == value[n-1] && (value[0] == '"' || value[0] == '\'') {
		var text string
		if value[0] == '"' && json.Unmarshal([]byte(value), &text) == nil {
			return text
		}
		return value[1 : n-1]
	}
	for i := range len(value) {
		if (value[i] == ';' || value[i] == '#') && (i == 0 || value[i-1] != '\\') {
			return strings.TrimSpace(value[:i])
		}
	}
	return value
}

// pnpmOptions returns nodeOptions of a pnpm-workspace.yaml.
func pnpmOptions(text []byte) (string, error) {
	n, err := yamlMember(text, "nodeOptions")
	if n == nil || err != nil {
		return "", err
	}
	if n.Kind != yaml.ScalarNode {
		return "", fmt.Errorf("nodeOptions is not a string")
	}
	return n.Value, nil
}
