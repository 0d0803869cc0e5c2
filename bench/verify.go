package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The bounds of verify.
const (
	verifyFiles      = 50_000    // at least, in the tree
	verifyToLoop     = 2.8       // CPU time, at most
	verifyFastToLoop = 1.9       // of a map that has blake3 too
	verifyToSha256   = 1.0 / 3.0 // CPU time, at most
	verifyMemory     = 100       // MB, less than
)

// A tree is the big tree, with a map of it.
type tree struct {
	dir     string // the root
	mapFile string
	lists   lists
	summary struct {
		Checked  int
		Packages int
		Bytes    int64
	}
}

// verify is the section "verify".
func (b *bench) verify() error {
	t, err := b.makeTree()
	if err != nil {
		return err
	}
	commands, err := b.verifyCommands(t)
	if err != nil {
		return err
	}
	medians, err := b.compare(commands)
	if err != nil {
		return err
	}
	b.print("## verify")
	b.print("%d files of %d packages, %s MB, in the default coverage. Each command checks the same files; "+
		"ratios are nodeint's CPU time to that of the command.", t.summary.Checked, t.summary.Packages, mb(t.summary.Bytes))
	b.print("%s", versusTable(commands, medians))
	b.checkVerify(commands, medians)
	return nil
}

// makeTree installs the big tree and generates its map.
func (b *bench) makeTree() (*tree, error) {
	if err := b.install(); err != nil {
		return nil, err
	}
	t := &tree{dir: filepath.Join(b.root, "bench"), mapFile: filepath.Join(b.tmp, "tree.json")}
	b.say("generating the map of the tree")
	if _, err := b.output(t.dir, b.nodeint, "generate", "--map", t.mapFile, "tree.mjs"); err != nil {
		return nil, err
	}
	if err := b.summarize(t); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(t.mapFile)
	if err != nil {
		return nil, err
	}
	files, err := readMap(text)
	if err != nil {
		return nil, fmt.Errorf("reading the map of the tree: %w", err)
	}
	if len(files) < verifyFiles {
		return nil, fmt.Errorf("the tree has %d files: at least %d are required", len(files), verifyFiles)
	}
	t.lists, err = writeLists(b.ctx, b.tmp, t.dir, files)
	return t, err
}

// summarize gets the size of the map from the report of verify.
func (b *bench) summarize(t *tree) error {
	text, err := b.output(t.dir, b.nodeint, "verify", "--json", "--map", t.mapFile)
	if err != nil {
		return err
	}
	report := struct{ Summary any }{&t.summary}
	if err := json.Unmarshal(text, &report); err != nil {
		return fmt.Errorf("reading the report of verify: %w", err)
	}
	return nil
}

// The names of the commands that have bounds.
const (
	nameVerify     = "nodeint verify"
	nameVerifyFast = "nodeint verify, map with blake3"
	nameLoop       = "open, read, close"
	nameSha256     = "sha256sum --check"
)

// verifyCommands returns verify and those of its peers that are installed.
func (b *bench) verifyCommands(t *tree) ([]command, error) {
	loop, err := b.loopCommand(t)
	if err != nil {
		return nil, err
	}
	both := strings.TrimSuffix(t.mapFile, ".json") + "-blake3.json"
	if _, err := b.output(t.dir, b.nodeint, "generate", "--quiet", "--algorithm", "sha256,blake3", "--map", both, "tree.mjs"); err != nil {
		return nil, err
	}
	commands := []command{
		{nameVerify, t.dir, []string{b.nodeint, "verify", "--quiet", "--map", t.mapFile}},
		loop,
		{nameVerifyFast, t.dir, []string{b.nodeint, "verify", "--quiet", "--map", both}},
	}
	for _, c := range []command{
		{nameSha256, t.dir, []string{"sha256sum", "--check", "--quiet", t.lists.sha256}},
		{"b3sum --check", t.dir, []string{"b3sum", "--check", "--quiet", t.lists.blake3}},
	} {
		if _, err := exec.LookPath(c.argv[0]); err != nil {
			b.skip("verify with %s: it is not installed", c.argv[0])
			continue
		}
		commands = append(commands, c)
	}
	switch node, err := b.host.node(24); {
	case errors.Is(err, errMissing):
		b.skip("verify with a Node.js script: %v", err)
	case err != nil:
		return nil, err
	default:
		script := filepath.Join(b.root, "bench", "peers", "digest.mjs")
		commands = append(commands, command{"node, crypto.hash", t.dir, []string{node, script, t.lists.sha256}})
	}
	return commands, nil
}

// loopCommand returns the loop in C or, without a compiler, in Go.
func (b *bench) loopCommand(t *tree) (command, error) {
	for _, cc := range []string{"cc", "gcc", "clang"} {
		path, err := exec.LookPath(cc)
		if err != nil {
			continue
		}
		exe := filepath.Join(b.tmp, "loop"+exeSuffix())
		source := filepath.Join(b.root, "bench", "peers", "loop.c")
		_, err = b.output(b.tmp, path, "-O2", "-o", exe, source)
		return command{nameLoop + " (C)", t.dir, []string{exe, t.lists.paths}}, err
	}
	b.skip("verify with a loop in C: no C compiler is installed; the loop is in Go")
	self, err := os.Executable()
	return command{nameLoop + " (Go)", t.dir, []string{self, "loop", t.lists.paths}}, err
}

// versusTable compares the first command with each.
func versusTable(commands []command, medians []sample) string {
	rows := [][]string{{"command", "CPU ms", "wall ms", "peak MB", "CPU ratio", "wall ratio"}}
	for i, c := range commands {
		m := medians[i]
		rows = append(rows, []string{
			c.name, ms(m.CPU), ms(m.Wall), mb(m.Peak),
			short(ratio(medians[0].CPU, m.CPU)), short(ratio(medians[0].Wall, m.Wall)),
		})
	}
	return table(rows)
}

// checkVerify checks the bounds. The loop is the second command.
func (b *bench) checkVerify(commands []command, medians []sample) {
	verify := medians[0]
	b.checks = append(b.checks, check{name: "verify / " + commands[1].name + ", CPU", got: ratio(verify.CPU, medians[1].CPU), bound: verifyToLoop})
	for i, c := range commands {
		switch c.name {
		case nameVerifyFast:
			b.checks = append(b.checks, check{name: "verify with blake3 / " + commands[1].name + ", CPU", got: ratio(medians[i].CPU, medians[1].CPU), bound: verifyFastToLoop})
		case nameSha256:
			b.checks = append(b.checks, check{name: "verify / sha256sum, CPU", got: ratio(verify.CPU, medians[i].CPU), bound: verifyToSha256})
		}
	}
	b.checks = append(b.checks, check{name: "verify, memory", got: megabytes(verify.Peak), bound: verifyMemory, unit: " MB", under: true})
}
