package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
)

const (
	// startBound is the limit for the start of the command, in milliseconds.
	startBound = 20

	// nestedBound is the limit for the start of a child process or thread under run, divided
	// by that without.
	nestedBound = 1.20
)

// idleHooks is a module that does of nodeint run what no preload can do without.
const idleHooks = "data:text/javascript,import{registerHooks}from'module';registerHooks({resolve:(s,c,n)=>n(s,c),load:(u,c,n)=>n(u,c)})"

// start is the section "start".
func (b *bench) start() error {
	medians, err := b.compare([]command{{"nodeint version", b.root, []string{b.nodeint, "version"}}})
	if err != nil {
		return err
	}
	m := medians[0]
	b.print("## start")
	b.print("%s", table([][]string{
		{"command", "CPU ms", "wall ms", "peak MB"},
		{"nodeint version", ms(m.CPU), ms(m.Wall), mb(m.Peak)},
	}))
	b.checks = append(b.checks,
		check{name: "version, CPU", got: milliseconds(m.CPU), bound: startBound, unit: " ms", under: true},
		check{name: "version, wall", got: milliseconds(m.Wall), bound: startBound, unit: " ms", under: true})

	dir, mapFile := filepath.Join(b.root, "bench"), filepath.Join(b.tmp, "starts.json")
	if _, err := b.output(dir, b.nodeint, "generate", "--quiet", "--map", mapFile, "--coverage", "packages", "starts.cjs", "nothing.cjs"); err != nil {
		return err
	}
	cells := [][]string{{"Node.js", "child", "idle hooks, ratio", "run", "ratio", "thread", "idle hooks, ratio", "run", "ratio"}}
	for _, major := range []int{22, 24, 26} {
		row, err := b.startsOf(major, dir, mapFile)
		if errors.Is(err, errMissing) {
			b.skip("start of children: %v", err)
			continue
		} else if err != nil {
			return err
		}
		cells = append(cells, row)
	}
	b.print("Wall time in milliseconds of a child process and of a thread that do nothing, started by a program under node, under node with hooks that do nothing and under `nodeint run`, medians of 15 in each of %d rounds.", b.rounds)
	b.print("%s", table(cells))
	return nil
}

// starts are the times of starts.cjs, in milliseconds.
type starts struct{ Child, Thread float64 }

// startsOf returns a row of the table.
func (b *bench) startsOf(major int, dir, mapFile string) ([]string, error) {
	node, err := b.host.node(major)
	if err != nil {
		return nil, err
	}
	commands := [][]string{
		{node, "starts.cjs"},
		{"NODE_OPTIONS=--import=" + idleHooks, node, "starts.cjs"},
		{b.nodeint, "run", "--quiet", "--map", mapFile, node, "starts.cjs"},
	}
	times := make([][]starts, len(commands))
	for round := range b.rounds {
		b.say("round %d of %d: children and threads of Node.js %d", round+1, b.rounds, major)
		for i, argv := range commands {
			out, err := b.output(dir, argv...)
			if err != nil {
				return nil, err
			}
			var got starts
			if err := json.Unmarshal(out, &got); err != nil {
				return nil, fmt.Errorf("starts.cjs printed %q: %w", out, err)
			}
			times[i] = append(times[i], got)
		}
	}
	row := []string{strconv.Itoa(major)}
	for _, what := range []struct {
		name string
		of   func(starts) float64
	}{{"child", func(s starts) float64 { return s.Child }}, {"thread", func(s starts) float64 { return s.Thread }}} {
		idle, run := ratioOf(times[1], times[0], what.of), ratioOf(times[2], times[0], what.of)
		b.checks = append(b.checks, check{name: fmt.Sprintf("run / node, start of a %s, Node.js %d", what.name, major), got: run, bound: nestedBound})
		row = append(row, timeOf(times[0], what.of), short(idle), timeOf(times[2], what.of), short(run))
	}
	return row, nil
}

// timeOf is the median of the times, as text.
func timeOf(all []starts, of func(starts) float64) string {
	var times []float64
	for _, s := range all {
		times = append(times, of(s))
	}
	return strconv.FormatFloat(median(times), 'f', 1, 64)
}

// ratioOf is the median of the ratios in each round.
func ratioOf(all, base []starts, of func(starts) float64) float64 {
	var ratios []float64
	for i := range all {
		ratios = append(ratios, of(all[i])/of(base[i]))
	}
	return median(ratios)
}
