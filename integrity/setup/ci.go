package setup

import (
	"fmt"
	"os"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/manager"
)

// workflow is the file that the plan creates for GitHub.
const workflow = ".github/workflows/nodeint.yml"

// ci adds a step to the CI servers that the project has files of.
func (p *planner) ci() error {
	if p.GitLab != "" {
		s := Step{Name: StepCI, State: Present, File: p.GitLab, Why: "GitLab checks the map in each pipeline"}
		if !strings.Contains(p.textOf(p.GitLab), "nodeint") {
			s.State, s.Lines = Manual, strings.Split(strings.TrimSuffix(p.gitlabJob(), "\n"), "\n")
		}
		p.step(s)
	}
	github := isRealDir(p.path(".github"))
	if !github {
		return nil
	}
	s := Step{Name: StepCI, State: Present, File: workflow, Why: "GitHub checks the map in each pull request"}
	for _, name := range p.Workflows {
		if strings.Contains(p.textOf(name), "nodeint") {
			s.File = name
			p.step(s)
			return nil
		}
	}
	switch {
	case exists(p.path(".github/workflows")) && !isRealDir(p.path(".github/workflows")), exists(p.path(workflow)), !exists(p.path(".git")):
		s.State, s.Lines = Manual, strings.Split(strings.TrimSuffix(p.githubWorkflow(), "\n"), "\n")
	default:
		s.State = Add
		p.change(p.path(workflow), nil, []byte(p.githubWorkflow()))
	}
	p.step(s)
	return nil
}

// isRealDir reports whether path is a directory and not a link to one.
func isRealDir(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

// ciCommands returns the commands of a CI job: install, build, check.
func (p *planner) ciCommands() []string {
	commands := []string{map[manager.Manager]string{
		manager.PNPM: "pnpm install --frozen-lockfile", manager.YarnClassic: "yarn install --frozen-lockfile",
		manager.YarnBerry: "yarn install --immutable", manager.Bun: "bun install --frozen-lockfile",
	}[p.Manager]}
	if commands[0] == "" {
		commands[0] = "npm ci"
	}
	if p.managerError != nil {
		commands[0] = "npm install"
	}
	check := "generate --check"
	if p.Built {
		if p.project.HasScript("build") {
			commands = append(commands, p.runScript("build"))
		} else if before := p.Before(); before != "" {
			commands = append(commands, before, p.ciNodeint(buildCommand))
		}
		check = "verify"
	}
	return append(commands, p.ciNodeint("nodeint "+check))
}

// ciNodeint returns the command line that runs the installed nodeint. It never downloads
// one.
func (p *planner) ciNodeint(command string) string {
	if rel := p.relative(p.project.Dir); rel != "." {
		command = strings.Replace(command, "nodeint ", "nodeint -C "+quoteShell(rel)+" ", 1)
	}
	runner := map[manager.Manager]string{
		manager.PNPM: "pnpm exec ", manager.YarnClassic: "yarn -s ", manager.YarnBerry: "yarn ", manager.Bun: "bunx --no-install ",
	}[p.Manager]
	if runner == "" {
		runner = "npx --no -- "
	}
	return runner + command
}

// quoteShell returns a word for sh.
func quoteShell(word string) string {
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./@-") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// setupManager returns the commands that make the manager available where only Node.js is.
func (p *planner) setupManager() []string {
	switch p.Manager {
	case manager.PNPM, manager.YarnBerry:
		return []string{"corepack enable"}
	case manager.Bun:
		return []string{"npm install --global bun"}
	}
	return nil
}

// githubWorkflow returns the text of a workflow that needs no other permission than to read
// the sources.
func (p *planner) githubWorkflow() string {
	var b strings.Builder
	b.WriteString(`# Checks that the files that Node.js may load are those of importmap.json.
name: nodeint
on:
  push:
  pull_request:
permissions:
  contents: read

jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
      - uses: actions/setup-node@2028fbc5c25fe9cf00d9f06a71cc4710d4507903 # v6.0.0
        with:
          node-version: 24
`)
	for _, command := range append(p.setupManager(), p.ciCommands()...) {
		fmt.Fprintf(&b, "      - run: %s\n", command)
	}
	return b.String()
}

// gitlabJob returns a job for .gitlab-ci.yml.
func (p *planner) gitlabJob() string {
	var b strings.Builder
	b.WriteString("nodeint:\n  image: node:24\n  script:\n")
	for _, command := range append(p.setupManager(), p.ciCommands()...) {
		fmt.Fprintf(&b, "    - %s\n", command)
	}
	return b.String()
}
