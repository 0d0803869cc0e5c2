package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	// serveBound is the limit of the requests per second of plain node, divided by those
	// under nodeint run.
	serveBound = 1 / 0.99

	connections = "10"
)

// A served is a server without and with nodeint.
type served struct {
	name       string
	plain, run load
}

// A load is what a server did in one run: the medians of several in a table.
type load struct {
	Requests int64 // per second
	Memory   int64 // resident at the end, in bytes
}

// serve is the section "serve".
func (b *bench) serve() error {
	node, err := b.host.node(24)
	if errors.Is(err, errMissing) {
		b.skip("serve: %v", err)
		return nil
	} else if err != nil {
		return err
	}
	if err := b.install(); err != nil {
		return err
	}
	if err := b.npmCI("what loads the servers", filepath.Join(b.root, "bench", "peers")); err != nil {
		return err
	}
	var rows []*served
	for _, name := range []string{"express", "fastify"} {
		s, err := b.serveOne(name, node)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		rows = append(rows, s)
	}
	b.print("## serve")
	b.print("Requests per second of a server, started by node and by `nodeint run`, under autocannon with %s connections for %d seconds, and its resident memory at the end.", connections, b.seconds)
	cells := [][]string{{"server", "node", "run", "ratio", "node, MB", "run, MB"}}
	for _, s := range rows {
		cells = append(cells, []string{s.name, strconv.FormatInt(s.plain.Requests, 10), strconv.FormatInt(s.run.Requests, 10),
			short(ratio(s.run.Requests, s.plain.Requests)), mb(s.plain.Memory), mb(s.run.Memory)})
		b.checks = append(b.checks, check{name: "node / run, requests per second, " + s.name, got: ratio(s.plain.Requests, s.run.Requests), bound: serveBound})
	}
	b.print("%s", table(cells))
	return nil
}

// serveOne loads a server of the directory bench without and with nodeint, in turn.
func (b *bench) serveOne(name, node string) (*served, error) {
	dir := filepath.Join(b.root, "bench")
	file := name + ".cjs"
	mapFile := filepath.Join(b.tmp, "serve-"+name+".json")
	if _, err := b.output(dir, b.nodeint, "generate", "--quiet", "--map", mapFile, "--coverage", "packages", file); err != nil {
		return nil, err
	}
	var all [2][]load
	for round := range b.rounds + 1 {
		for i, argv := range [][]string{{node, file}, {b.nodeint, "run", "--map", mapFile, node, file}} {
			b.say("round %d of %d: %s, %s", round, b.rounds, name, []string{"node", "nodeint run"}[i])
			l, err := b.loadServer(dir, node, argv)
			if err != nil {
				return nil, err
			}
			if round > 0 { // the first warms the caches
				all[i] = append(all[i], l)
			}
		}
	}
	return &served{name, middleLoad(all[0]), middleLoad(all[1])}, nil
}

func middleLoad(loads []load) load {
	var requests, memory []int64
	for _, l := range loads {
		requests, memory = append(requests, l.Requests), append(memory, l.Memory)
	}
	return load{median(requests), median(memory)}
}

// loadServer starts a server, which prints its port, loads it, and ends it.
func (b *bench) loadServer(dir, node string, argv []string) (l load, err error) {
	cmd := exec.CommandContext(b.ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env, cmd.Stderr = dir, cleanEnv(os.Environ()), os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return l, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return l, err
	}
	if err := cmd.Start(); err != nil {
		return l, err
	}
	lines := bufio.NewReader(stdout)
	port, err := number(lines)
	if err == nil {
		l.Requests, err = b.load(node, port)
	}
	stdin.Close()
	if err == nil {
		l.Memory, err = number(lines)
	}
	_, _ = io.Copy(io.Discard, lines)
	return l, errors.Join(err, cmd.Wait())
}

// number reads a line that is a number.
func number(lines *bufio.Reader) (int64, error) {
	line, err := lines.ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("reading what the server prints: %w", err)
	}
	return strconv.ParseInt(strings.TrimSpace(line), 10, 64)
}

// load returns the requests per second that a server answers.
func (b *bench) load(node string, port int64) (int64, error) {
	cannon := filepath.Join(b.root, "bench", "peers", "node_modules", "autocannon", "autocannon.js")
	out, err := b.output(b.tmp, node, cannon, "--json", "--connections", connections, "--duration", strconv.Itoa(b.seconds), fmt.Sprintf("http://127.0.0.1:%d", port))
	if err != nil {
		return 0, err
	}
	var result struct {
		Requests       struct{ Average float64 }
		Non2xx, Errors int
	}
	if err := json.Unmarshal(out, &result); err != nil {
		return 0, fmt.Errorf("reading the result of autocannon: %w", err)
	}
	if result.Non2xx+result.Errors > 0 || result.Requests.Average == 0 {
		return 0, fmt.Errorf("the server failed: %s", out)
	}
	return int64(result.Requests.Average), nil
}
