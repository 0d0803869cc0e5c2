package installhook

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestFrozen(t *testing.T) {
	for _, c := range []struct {
		name      string
		env       string // NAME=value
		ancestors string // separated by "|", the nearest first; words separated by spaces
		file      string // name: text
		want      string
	}{
		{name: "by hand"},
		{name: "npm install", env: "npm_command=install", ancestors: "sh -c x|npm install"},
		{name: "npm ci", env: "npm_command=ci", want: "npm ci"},
		{name: "npm cit", env: "npm_command=install-ci-test", want: "npm ci"},
		{name: "yarn 1", env: `npm_config_argv={"original":["install"]}`},
		{name: "yarn 1 frozen", env: `npm_config_argv={"original":["install","--frozen-lockfile"]}`, want: "--frozen-lockfile"},
		{name: "yarn 1 setting", env: "npm_config___install_frozen_lockfile=true", want: "npm_config___install_frozen_lockfile"},
		{name: "argv that is no JSON", env: "npm_config_argv={"},
		{name: "pnpm 10 sets it always", env: "npm_config_frozen_lockfile="},
		{name: "variable of a user", env: "pnpm_config_frozen_lockfile=true", want: "pnpm_config_frozen_lockfile"},
		{name: "variable of yarn", env: "YARN_ENABLE_IMMUTABLE_INSTALLS=1", want: "YARN_ENABLE_IMMUTABLE_INSTALLS"},
		{name: "variable, false", env: "YARN_ENABLE_IMMUTABLE_INSTALLS=false"},
		{name: "pnpm", ancestors: "sh -c x|node /x/pnpm.cjs install --frozen-lockfile", want: "--frozen-lockfile"},
		{name: "pnpm ci", ancestors: "sh -c x|/usr/bin/node /x/pnpm.mjs ci", want: "ci"},
		{name: "bun", ancestors: "/x/bun install --frozen-lockfile --production", want: "--frozen-lockfile"},
		{name: "bun ci", ancestors: "bun ci", want: "ci"},
		{name: "true", ancestors: "bun install --frozen-lockfile=true", want: "--frozen-lockfile"},
		{name: "false", ancestors: "bun install --frozen-lockfile=false"},
		{name: "the nearest decides", ancestors: "pnpm install --no-frozen-lockfile|pnpm install --frozen-lockfile"},
		{name: "a wrapper", ancestors: "sh -c x|pnpm install|make ci"},
		{name: "of a program", ancestors: "pnpm x -- --frozen-lockfile"},
		{name: "a shell's own text", ancestors: "bash -c pnpm_install_--frozen-lockfile"},
		{name: "npmrc", file: ".npmrc: a=b\nfrozen-lockfile = true\n", want: ".npmrc"},
		{name: "npmrc, false", file: ".npmrc: frozen-lockfile=false\n"},
		{name: "npmrc, comment", file: ".npmrc: ; frozen-lockfile=true\n"},
		{name: "pnpm setting", file: "pnpm-workspace.yaml: packages: []\nfrozenLockfile: true\n", want: "pnpm-workspace.yaml"},
		{name: "yarnrc", file: ".yarnrc: --install.frozen-lockfile true\n", want: ".yarnrc"},
		{name: "bunfig", file: "bunfig.toml: [install]\nfrozenLockfile = true\n", want: "bunfig.toml"},
		{name: "a flag wins over a file", ancestors: "pnpm install --no-frozen-lockfile", file: ".npmrc: frozen-lockfile=true\n"},
	} {
		dir := t.TempDir()
		if name, text, ok := strings.Cut(c.file, ": "); ok {
			writeFile(t, filepath.Join(dir, name), text)
		}
		got, err := Frozen(dir, getenvOf(c.env), commandLines(c.ancestors))
		if got != c.want || err != nil {
			t.Errorf("%s: %q (%v), want %q", c.name, got, err, c.want)
		}
	}
}

func getenvOf(pair string) func(string) string {
	name, value, _ := strings.Cut(pair, "=")
	return func(n string) string {
		if n == name {
			return value
		}
		return ""
	}
}

func commandLines(text string) [][]string {
	var all [][]string
	for line := range strings.SplitSeq(text, "|") {
		all = append(all, strings.Fields(line))
	}
	return all
}

// This process has ancestors, and the first one is go test or a debugger.
func TestAncestors(t *testing.T) {
	if got := Ancestors(); len(got) > maxAncestors || len(got) > 0 && len(got[0]) == 0 {
		t.Errorf("the ancestors are %q", got)
	}
}

// A flag is found only if it is a word of its own.
func FuzzFrozen(f *testing.F) {
	f.Add(`{"original":["install","--frozen-lockfile"]}`, "pnpm install --no-frozen-lockfile", "frozen-lockfile=true")
	f.Add(`{"original":[1]}`, "bun ci", "[install]\nfrozenLockfile = true")
	f.Fuzz(func(t *testing.T, argv, ancestors, settings string) {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, ".npmrc"), settings)
		got, err := Frozen(dir, getenvOf("npm_config_argv="+argv), commandLines(ancestors))
		if err != nil {
			t.Fatal(err)
		}
		if got != "" && !strings.Contains(strings.ToLower(argv+ancestors+settings), "frozen") && got != "ci" && got != "--immutable" {
			t.Errorf("%q from %q, %q, %q", got, argv, ancestors, settings)
		}
	})
}
