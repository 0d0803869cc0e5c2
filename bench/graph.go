package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// The bounds of generate --coverage graph.
const (
	graphToNft   = 1.0 / 6.0 // CPU time, at most, for each program
	largeModules = 20_000    // at least, in the large graph
	largeMemory  = 1500      // MB, less than, for the large graph
)

// A subject is a program whose module graph is generated.
type subject struct {
	name    string
	dir     string   // the root
	project string   // the directory of the project
	entries []string // relative to dir
	loads   []string // what Node.js loads, relative to dir

	nodeint, nft graphResult
}

// A graphResult is the result of nodeint or nft for a subject.
type graphResult struct {
	sample
	files map[string]bool // relative to the subject's directory
}

// graph is the section "graph".
func (b *bench) graph() error {
	node, err := b.host.node(24)
	if errors.Is(err, errMissing) {
		b.skip("generate with @vercel/nft: %v", err)
		return b.largeGraph("")
	} else if err != nil {
		return err
	}
	subjects, err := b.programs(node)
	if err != nil {
		return err
	}
	if err := b.trace(node, subjects); err != nil {
		return err
	}
	b.print("## graph")
	b.print("`nodeint generate --coverage graph` against @vercel/nft, of the same entries. " +
		"A miss is a file that Node.js loads when the program runs, and that is not in the list.")
	b.print("%s", graphTable(subjects))
	b.checkGraphs(subjects)
	return b.largeGraph(node)
}

// programs returns the real programs, with the files that Node.js loads.
func (b *bench) programs(node string) ([]*subject, error) {
	dir, err := b.host.real()
	if err != nil {
		return nil, err
	}
	var subjects []*subject
	for _, p := range testenv.Programs {
		b.say("recording what Node.js loads for %s", p.Name)
		loads, err := b.host.record(node, dir, p.Prints, p.Argv(b.host.TempDir())...)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		project := filepath.Join(dir, "programs", p.Name)
		subjects = append(subjects, &subject{name: p.Name, dir: dir, project: project, entries: p.Entries, loads: loads})
	}
	return subjects, nil
}

// trace runs nodeint and nft on each subject.
func (b *bench) trace(node string, subjects []*subject) error {
	var commands []command
	for _, s := range subjects {
		commands = append(commands, b.generateCommand(s), b.nftCommand(node, s))
	}
	medians, err := b.compare(commands)
	if err != nil {
		return err
	}
	for i, s := range subjects {
		s.nodeint.sample, s.nft.sample = medians[2*i], medians[2*i+1]
		if s.nodeint.files, err = b.mapFiles(s); err != nil {
			return err
		}
		if s.nft.files, err = b.nftFiles(s); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) generateCommand(s *subject) command {
	argv := []string{b.nodeint, "generate", "--quiet", "--coverage", "graph", "--map", b.mapName(s)}
	for _, entry := range s.entries {
		argv = append(argv, filepath.Join(s.dir, entry))
	}
	return command{"nodeint generate, " + s.name, s.project, argv}
}

func (b *bench) mapName(s *subject) string { return filepath.Join(b.tmp, s.name+".json") }

// mapFiles are the files of the map that the subject's command has written.
func (b *bench) mapFiles(s *subject) (map[string]bool, error) {
	text, err := os.ReadFile(b.mapName(s))
	if err != nil {
		return nil, err
	}
	pins, err := readMap(text)
	if err != nil {
		return nil, fmt.Errorf("reading the map of %s: %w", s.name, err)
	}
	files := make(map[string]bool, len(pins))
	for _, p := range pins {
		files[p.path] = true
	}
	return files, nil
}

func (b *bench) nftCommand(node string, s *subject) command {
	script := filepath.Join(b.root, "bench", "peers", "nft.mjs")
	installed := filepath.Join(b.root, "fixtures", "real")
	argv := []string{node, script, installed, b.nftName(s)}
	return command{"nft, " + s.name, s.dir, append(argv, s.entries...)}
}

func (b *bench) nftName(s *subject) string { return filepath.Join(b.tmp, s.name+".nft") }

// nftFiles are the files that the subject's nft command has listed.
func (b *bench) nftFiles(s *subject) (map[string]bool, error) {
	text, err := os.ReadFile(b.nftName(s))
	if err != nil {
		return nil, err
	}
	files := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		files[filepath.ToSlash(strings.TrimSuffix(line, "\n"))] = true
	}
	return files, nil
}

// misses returns the number of files that Node.js loads and that are missing in the result.
func (s *subject) misses(r graphResult) (n int) {
	for _, path := range s.loads {
		if !r.files[path] {
			n++
		}
	}
	return n
}

// recall formats the share of the loaded files that are in the result.
func (s *subject) recall(r graphResult) string {
	found := len(s.loads) - s.misses(r)
	return fmt.Sprintf("%.1f %% (%d)", 100*ratio(int64(found), int64(len(s.loads))), s.misses(r))
}

func graphTable(subjects []*subject) string {
	rows := [][]string{{
		"program", "CPU ms", "nft", "ratio", "peak MB", "nft", "ratio", "files", "nft",
		"Node loads", "recall (misses)", "nft",
	}}
	for _, s := range subjects {
		rows = append(rows, []string{
			s.name,
			ms(s.nodeint.CPU), ms(s.nft.CPU), short(ratio(s.nodeint.CPU, s.nft.CPU)),
			mb(s.nodeint.Peak), mb(s.nft.Peak), short(ratio(s.nodeint.Peak, s.nft.Peak)),
			fmt.Sprint(len(s.nodeint.files)), fmt.Sprint(len(s.nft.files)),
			fmt.Sprint(len(s.loads)), s.recall(s.nodeint), s.recall(s.nft),
		})
	}
	return table(rows)
}

// checkGraphs checks the bounds of each program.
func (b *bench) checkGraphs(subjects []*subject) {
	for _, s := range subjects {
		b.checks = append(b.checks,
			check{name: "generate / nft, CPU, " + s.name, got: ratio(s.nodeint.CPU, s.nft.CPU), bound: graphToNft},
			check{name: "generate / nft, memory, " + s.name, got: ratio(s.nodeint.Peak, s.nft.Peak), bound: 1, under: true},
			check{name: "generate, misses beyond nft's, " + s.name, got: float64(max(0, s.misses(s.nodeint)-s.misses(s.nft))), bound: 0})
	}
}

// largeGraph generates the graph of the entry of the big tree. nft and Node.js take
// minutes on it and run once.
func (b *bench) largeGraph(node string) error {
	if err := b.install(); err != nil {
		return err
	}
	dir := filepath.Join(b.root, "bench")
	s := &subject{name: "large", dir: dir, project: dir, entries: []string{"large.mjs"}}
	medians, err := b.compare([]command{b.generateCommand(s)})
	if err != nil {
		return err
	}
	s.nodeint.sample = medians[0]
	if s.nodeint.files, err = b.mapFiles(s); err != nil {
		return err
	}
	if n := modules(s.nodeint.files); n < largeModules {
		return fmt.Errorf("the large graph has %d modules: at least %d are required", n, largeModules)
	}
	if node != "" {
		if err := b.largePeers(node, s); err != nil {
			return err
		}
	}
	b.print("## large graph")
	b.print("`bench/large.mjs`: %d modules, and %d package.json files. nft ran once.",
		modules(s.nodeint.files), len(s.nodeint.files)-modules(s.nodeint.files))
	b.print("%s", graphTable([]*subject{s}))
	b.checks = append(b.checks, check{
		name: "generate, memory, large graph", got: megabytes(s.nodeint.Peak), bound: largeMemory, unit: " MB", under: true,
	})
	return nil
}

// largePeers runs nft and Node.js on the large graph.
func (b *bench) largePeers(node string, s *subject) (err error) {
	b.say("recording what Node.js loads for the large graph")
	if s.loads, err = b.host.record(node, s.dir, "", s.entries...); err != nil {
		return err
	}
	nft := b.nftCommand(node, s)
	b.say("once: %s", nft.name)
	if s.nft.sample, err = b.measure(nft); err != nil {
		return err
	}
	s.nft.files, err = b.nftFiles(s)
	return err
}

// modules returns the number of files that are not only read for resolution.
func modules(files map[string]bool) (n int) {
	for file := range files {
		if path.Base(file) != "package.json" {
			n++
		}
	}
	return n
}
