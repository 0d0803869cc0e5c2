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
	turnSeconds = 3 // that a server is loaded before the other is
	warmUp      = 5 // seconds
)

// A served is a server without and with nodeint.
type served struct {
	name       string
	plain, run load
	ratios     []float64 // of the requests with nodeint to those without, of each turn
}

// A load is what a server did in each turn, and at the end of each round.
type load struct {
	Requests []int64 // per second
	Memory   []int64 // resident, in bytes
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
	b.print("Requests per second of a server, started by node and by `nodeint run`, under autocannon with %s connections, in %d rounds of %d seconds for each. The ratio is the median of those of the turns of %d seconds. Memory is resident, at the end.", connections, b.rounds, b.seconds, turnSeconds)
	cells := [][]string{{"server", "node", "run", "ratio", "node, MB", "run, MB"}}
	for _, s := range rows {
		got := median(s.ratios)
		cells = append(cells, []string{s.name, strconv.FormatInt(median(s.plain.Requests), 10), strconv.FormatInt(median(s.run.Requests), 10),
			short(got), mb(median(s.plain.Memory)), mb(median(s.run.Memory))})
		b.checks = append(b.checks, check{name: "node / run, requests per second, " + s.name, got: 1 / got, bound: serveBound})
	}
	b.print("%s", table(cells))
	return nil
}

// serveOne loads a server of the directory bench without and with nodeint. Each round starts
// both, and loads them in turn, for a short time each: the speed of a virtual machine may
// change by half within a minute.
func (b *bench) serveOne(name, node string) (*served, error) {
	dir := filepath.Join(b.root, "bench")
	file := name + ".cjs"
	mapFile := filepath.Join(b.tmp, "serve-"+name+".json")
	if _, err := b.output(dir, b.nodeint, "generate", "--quiet", "--map", mapFile, "--coverage", "packages", file); err != nil {
		return nil, err
	}
	commands := [2][]string{{node, file}, {b.nodeint, "run", "--map", mapFile, node, file}}
	s := &served{name: name}
	for round := range b.rounds {
		b.say("round %d of %d: %s", round+1, b.rounds, name)
		if err := b.serveRound(s, dir, node, commands); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// serveRound adds the loads of one round.
func (b *bench) serveRound(s *served, dir, node string, commands [2][]string) error {
	var servers [2]*server
	defer func() {
		for _, srv := range servers {
			if srv != nil {
				srv.end()
			}
		}
	}()
	for i, argv := range commands {
		var err error
		if servers[i], err = b.startServer(dir, argv); err != nil {
			return err
		}
		if _, err := b.load(node, servers[i].port, warmUp); err != nil {
			return err
		}
	}
	for turn := range max(1, b.seconds/turnSeconds) {
		var got [2]int64
		for i := range servers {
			i ^= turn & 1 // A B B A: what becomes slower affects both
			var err error
			if got[i], err = b.load(node, servers[i].port, min(b.seconds, turnSeconds)); err != nil {
				return err
			}
		}
		s.plain.Requests, s.run.Requests = append(s.plain.Requests, got[0]), append(s.run.Requests, got[1])
		s.ratios = append(s.ratios, ratio(got[1], got[0]))
	}
	for i, l := range []*load{&s.plain, &s.run} {
		memory, err := servers[i].end()
		if err != nil {
			return err
		}
		l.Memory = append(l.Memory, memory)
		servers[i] = nil
	}
	return nil
}

// A server is one that runs. It prints its port, and when its input ends its memory.
type server struct {
	cmd   *exec.Cmd
	stdin io.Closer
	lines *bufio.Reader
	port  int64
}

func (b *bench) startServer(dir string, argv []string) (*server, error) {
	cmd := exec.CommandContext(b.ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env, cmd.Stderr = dir, cleanEnv(os.Environ()), os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, stdin: stdin, lines: bufio.NewReader(stdout)}
	if s.port, err = number(s.lines); err != nil {
		_, ended := s.end()
		return nil, errors.Join(err, ended)
	}
	return s, nil
}

// end ends the server and returns its resident memory, in bytes.
func (s *server) end() (int64, error) {
	s.stdin.Close()
	memory, err := number(s.lines)
	_, _ = io.Copy(io.Discard, s.lines)
	return memory, errors.Join(err, s.cmd.Wait())
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
func (b *bench) load(node string, port int64, seconds int) (int64, error) {
	cannon := filepath.Join(b.root, "bench", "peers", "node_modules", "autocannon", "autocannon.js")
	out, err := b.output(b.tmp, node, cannon, "--json", "--connections", connections, "--duration", strconv.Itoa(seconds), fmt.Sprintf("http://127.0.0.1:%d", port))
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
