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
	cells := [][]string{{"Node.js", "child", "run", "ratio", "thread", "run", "ratio"}}
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
	b.print("Wall time in milliseconds of a child process and of a thread that do nothing, started by a program under node and under `nodeint run`, medians of 15 in each of %d rounds.", b.rounds)
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
	times := make([][]float64, 4) // children without and with run, threads without and with run
	ratios := make([][]float64, 2)
	for round := range b.rounds {
		b.say("round %d of %d: children and threads of Node.js %d", round+1, b.rounds, major)
		var got [2]starts
		for i, argv := range [][]string{{node, "starts.cjs"}, {b.nodeint, "run", "--quiet", "--map", mapFile, node, "starts.cjs"}} {
			out, err := b.output(dir, argv...)
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(out, &got[i]); err != nil {
				return nil, fmt.Errorf("starts.cjs printed %q: %w", out, err)
			}
			times[i] = append(times[i], got[i].Child)
			times[2+i] = append(times[2+i], got[i].Thread)
		}
		ratios[0] = append(ratios[0], got[1].Child/got[0].Child)
		ratios[1] = append(ratios[1], got[1].Thread/got[0].Thread)
	}
	text := func(i int) string { return strconv.FormatFloat(median(times[i]), 'f', 1, 64) }
	for i, what := range []string{"child", "thread"} {
		b.checks = append(b.checks, check{name: fmt.Sprintf("run / node, start of a %s, Node.js %d", what, major), got: median(ratios[i]), bound: nestedBound})
	}
	return []string{strconv.Itoa(major), text(0), text(1), short(median(ratios[0])), text(2), text(3), short(median(ratios[1]))}, nil
}
