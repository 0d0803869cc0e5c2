package setup

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/jsontext"
)

// docker shows the lines that each Dockerfile needs. Their place depends on what its
// stages do, so the plan does not edit Dockerfiles.
func (p *planner) docker() error {
	for _, name := range p.Dockerfiles {
		s := Step{Name: StepDocker, State: Present, File: name, Why: "the image verifies its files, and starts the program with nodeint run"}
		text := p.textOf(name)
		if !strings.Contains(text, "nodeint") {
			s.State = Manual
			s.Lines = []string{
				"COPY --from=nodeint nodeint /usr/local/bin/    # before the first install",
				"RUN nodeint verify                             # after the last COPY",
				Launch(text),
				"# https://github.com/nodeint/nodeint/blob/main/docs/deploy.md has complete Dockerfiles",
			}
		}
		p.step(s)
	}
	return nil
}

// defaultLaunch is the last line of an image whose Dockerfile does not tell what it starts.
const defaultLaunch = `CMD ["nodeint", "run"]`

// Launch returns the line that starts the program of a Dockerfile with nodeint run, in the
// form of its last CMD or ENTRYPOINT. A start by a package manager becomes nodeint run
// without a program: that starts scripts.start.
func Launch(dockerfile string) string {
	starts := map[string][]string{}
	for line := range strings.Lines(dockerfile) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name = strings.ToUpper(name); name == "CMD" || name == "ENTRYPOINT" {
			starts[name] = instructionWords(strings.TrimSpace(rest))
		}
	}
	name := "CMD"
	if entry := starts["ENTRYPOINT"]; len(entry) > 0 && (starts[name] == nil || entry[0] == "node") {
		name = "ENTRYPOINT"
	}
	words := starts[name]
	if len(words) == 0 {
		return defaultLaunch
	}
	if slices.Contains([]string{"npm", "pnpm", "yarn", "bun"}, words[0]) {
		if words[len(words)-1] != "start" {
			return defaultLaunch
		}
		words = nil
	}
	list := []string{}
	for _, w := range slices.Concat([]string{"nodeint", "run"}, words) {
		quoted, err := jsontext.Marshal(w)
		if err != nil {
			return defaultLaunch
		}
		list = append(list, strings.TrimSpace(string(quoted)))
	}
	return name + " [" + strings.Join(list, ", ") + "]"
}

// instructionWords returns the words of a CMD or an ENTRYPOINT, or nil if only a shell can
// determine them.
func instructionWords(text string) []string {
	var words []string
	if json.Unmarshal([]byte(text), &words) != nil {
		if strings.ContainsAny(text, "\"'`\\$|&;<>()*?[]{}#~") {
			return nil
		}
		words = strings.Fields(text)
	}
	if slices.Contains(words, "") {
		return nil
	}
	return words
}
