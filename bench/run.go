package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// A guarded program is one that runs without and with nodeint.
type guarded struct {
	name    string
	root    string   // what the keys of the map are relative to
	dir     string   // the directory of the project, where the program runs
	argv    []string // what follows node
	modules int      // how many Node.js loads
	bound   float64  // of run --lazy to node, CPU time, at most

	mapFile string
	pins    int // files of the map

	plain, uncached, idle, run, lazy, verify sample
	old, policy                              sample // Node.js 20
}

// guardedBounds are the real programs of the section and their bounds. With fewer
// modules, the start is a larger part of the time.
var guardedBounds = map[string]float64{"express": 1.20, "webpack": 1.15, "nest": 1.15}

// manyBound is the bound of many.cjs, and manyModules how many modules it has
// at least.
const (
	manyBound   = 1.15
	manyModules = 2_000
)

// enforce is the section "run".
func (b *bench) enforce() error {
	node, err := b.host.node(24)
	if errors.Is(err, errMissing) {
		b.skip("run: %v", err)
		return nil
	} else if err != nil {
		return err
	}
	programs, err := b.guardedPrograms(node)
	if err != nil {
		return err
	}
	old := b.policyNode()
	compared := make(map[*guarded]bool) // with the policy
	for _, g := range programs {
		if compared[g], err = b.enforceOne(g, node, old); err != nil {
			return err
		}
	}
	b.print("## run")
	b.print("CPU time in milliseconds of the same program, started by node, by `nodeint run` and by " +
		"`nodeint run --lazy`, and of `nodeint verify` alone; ratios are to node, and at the end to " +
		"node without its compile cache, which webpack turns on. There, idle hooks are node with module hooks that do nothing.")
	b.print("%s", runTable(programs))
	if withPolicy := slices.DeleteFunc(slices.Clone(programs), func(g *guarded) bool { return !compared[g] }); len(withPolicy) > 0 {
		b.print("The same programs on Node.js 20, without and with `--experimental-policy`; the policy has the digests of the map.")
		b.print("%s", policyTable(withPolicy))
	}
	for _, g := range programs {
		b.checks = append(b.checks, check{name: "run --lazy / node, CPU, " + g.name, got: ratio(g.lazy.CPU, g.plain.CPU), bound: g.bound})
	}
	return nil
}

// guardedPrograms are the programs of the section, with their maps, by the
// number of their modules.
func (b *bench) guardedPrograms(node string) ([]*guarded, error) {
	real, err := b.host.real()
	if err != nil {
		return nil, err
	}
	if err := b.install(); err != nil {
		return nil, err
	}
	var programs []*guarded
	for _, p := range testenv.Programs {
		bound, ok := guardedBounds[p.Name]
		if !ok {
			continue
		}
		argv := p.Argv(b.host.TempDir())
		g := &guarded{name: p.Name, root: real, dir: filepath.Join(real, "programs", p.Name), argv: inside(real, argv), bound: bound}
		if err := b.pin(g, node, p.Prints, argv, inside(real, p.Entries)); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		programs = append(programs, g)
	}
	dir := filepath.Join(b.root, "bench")
	many := &guarded{name: "many.cjs", root: dir, dir: dir, argv: []string{"many.cjs"}, bound: manyBound}
	// The other dependencies of this directory do not belong to the program.
	if err := b.pin(many, node, " modules", many.argv, []string{"--coverage", "packages", "many.cjs"}); err != nil {
		return nil, err
	}
	if many.modules < manyModules {
		return nil, fmt.Errorf("many.cjs has %d modules: at least %d are required", many.modules, manyModules)
	}
	programs = append(programs, many)
	slices.SortStableFunc(programs, func(a, b *guarded) int { return a.modules - b.modules })
	return programs, nil
}

// inside makes the words of argv absolute that name a file in the directory dir.
func inside(dir string, argv []string) []string {
	argv = slices.Clone(argv)
	for i, arg := range argv {
		if strings.HasPrefix(arg, "programs/") || strings.HasPrefix(arg, "node_modules/") {
			argv[i] = filepath.Join(dir, filepath.FromSlash(arg))
		}
	}
	return argv
}

// pin counts what Node.js loads for the program, which then prints what is
// given, and writes its map. argv runs it from the root.
func (b *bench) pin(g *guarded, node, prints string, argv, generate []string) error {
	b.say("recording what Node.js loads for %s", g.name)
	loads, err := b.host.record(node, g.root, prints, argv...)
	if err != nil {
		return err
	}
	g.modules = len(loads)
	g.mapFile = filepath.Join(b.tmp, "run-"+g.name+".json")
	if _, err := b.output(g.dir, append([]string{b.nodeint, "generate", "--quiet", "--map", g.mapFile}, generate...)...); err != nil {
		return err
	}
	text, err := os.ReadFile(g.mapFile)
	if err != nil {
		return err
	}
	files, err := readMap(text)
	g.pins = len(files)
	return err
}

// enforceOne measures one program, on Node.js 20 too if old is its command and
// the program runs there under a policy.
func (b *bench) enforceOne(g *guarded, node, old string) (withPolicy bool, err error) {
	commands := g.commands(b.nodeint, node)
	into := []*sample{&g.plain, &g.uncached, &g.idle, &g.run, &g.lazy, &g.verify}
	if old != "" {
		peers, err := b.policyCommands(g, old)
		if err != nil {
			return false, err
		}
		commands = append(commands, peers...)
		if withPolicy = len(peers) > 0; withPolicy {
			into = append(into, &g.old, &g.policy)
		}
	}
	medians, err := b.compare(commands)
	for i, m := range medians {
		*into[i] = m
	}
	return withPolicy, err
}

// commands are those of Node.js 24.
func (g *guarded) commands(nodeint, node string) []command {
	program := append([]string{node}, g.argv...)
	idle := []string{"NODE_DISABLE_COMPILE_CACHE=1", node, "--import=" + idleHooks}
	run := []string{nodeint, "run", "--quiet", "--map", g.mapFile}
	return []command{
		{"node, " + g.name, g.dir, program},
		{"node without its compile cache, " + g.name, g.dir, append([]string{"NODE_DISABLE_COMPILE_CACHE=1"}, program...)},
		{"node with hooks that do nothing, " + g.name, g.dir, append(idle, g.argv...)},
		{"nodeint run, " + g.name, g.dir, slices.Concat(run, []string{"--"}, program)},
		{"nodeint run --lazy, " + g.name, g.dir, slices.Concat(run, []string{"--lazy", "--"}, program)},
		{"nodeint verify, " + g.name, g.dir, []string{nodeint, "verify", "--quiet", "--map", g.mapFile}},
	}
}

// policyNode is the node of PATH if that is Node.js 20, the last release line that
// has policies, and otherwise "".
func (b *bench) policyNode() string {
	path, err := exec.LookPath("node")
	if err != nil {
		b.skip("run with --experimental-policy: node is not in PATH")
		return ""
	}
	version, err := b.output(b.tmp, path, "--version")
	if err != nil || !strings.HasPrefix(string(version), "v20.") {
		b.skip("run with --experimental-policy: node in PATH is %s, not Node.js 20", strings.TrimSpace(string(version)))
		return ""
	}
	return path
}

// policyCommands run the program without and with a policy. There are none if
// it does not run so.
func (b *bench) policyCommands(g *guarded, old string) ([]command, error) {
	text, err := os.ReadFile(g.mapFile)
	if err != nil {
		return nil, err
	}
	policy, err := policyOf(text, g.root)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(b.tmp, "policy-"+g.name+".json")
	if err := os.WriteFile(file, policy, 0o600); err != nil {
		return nil, err
	}
	commands := []command{
		{"Node.js 20, " + g.name, g.dir, append([]string{old}, g.argv...)},
		{"Node.js 20 with a policy, " + g.name, g.dir, append([]string{old, "--no-warnings", "--experimental-policy=" + file}, g.argv...)},
	}
	for _, c := range commands {
		if _, err := b.output(c.dir, c.argv...); err != nil {
			b.skip("run of %s with --experimental-policy: %s fails: %s", g.name, c.name, reason(err))
			return nil, b.ctx.Err()
		}
	}
	return commands, nil
}

// reason returns the line of an error's text that names the cause.
func reason(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for _, line := range lines {
		if strings.Contains(line, "Error") {
			return strings.TrimSpace(line)
		}
	}
	return lines[0]
}

// policyOf makes a policy of Node.js from a map whose keys are relative to the
// directory root. It does not redirect, so every file may ask for every other.
func policyOf(text []byte, root string) ([]byte, error) {
	var m struct {
		Integrity map[string]string `json:"integrity"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	type resource struct {
		Integrity    string `json:"integrity"`
		Dependencies bool   `json:"dependencies"`
	}
	base := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(root), "/")}
	resources := make(map[string]resource, len(m.Integrity))
	for key, integrity := range m.Integrity {
		resources[base.String()+strings.TrimPrefix(key, ".")] = resource{integrity, true}
	}
	return json.Marshal(map[string]any{"onerror": "exit", "resources": resources})
}

// hooked returns the CPU time of run without verify: the program and the preload.
func (g *guarded) hooked() time.Duration { return max(0, g.run.CPU-g.verify.CPU) }

func runTable(programs []*guarded) string {
	rows := [][]string{{
		"program", "Node loads", "pinned", "node", "run", "ratio", "run --lazy", "ratio", "verify", "run − verify, ratio", "node, no cache", "idle hooks, ratio", "run --lazy, ratio",
	}}
	for _, g := range programs {
		rows = append(rows, []string{
			g.name, fmt.Sprint(g.modules), fmt.Sprint(g.pins), ms(g.plain.CPU),
			ms(g.run.CPU), short(ratio(g.run.CPU, g.plain.CPU)),
			ms(g.lazy.CPU), short(ratio(g.lazy.CPU, g.plain.CPU)),
			ms(g.verify.CPU), short(ratio(g.hooked(), g.plain.CPU)),
			ms(g.uncached.CPU), short(ratio(g.idle.CPU, g.uncached.CPU)), short(ratio(g.lazy.CPU, g.uncached.CPU)),
		})
	}
	return table(rows)
}

func policyTable(programs []*guarded) string {
	rows := [][]string{{"program", "node", "with policy", "ratio"}}
	for _, g := range programs {
		rows = append(rows, []string{g.name, ms(g.old.CPU), ms(g.policy.CPU), short(ratio(g.policy.CPU, g.old.CPU))})
	}
	return table(rows)
}
