package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A command is one of the commands that are compared.
type command struct {
	name string   // in the table
	dir  string   // where it runs
	argv []string // words of the form NAME=value before the program are of its environment, as in a shell
}

// A sample is the resources that one run of a command used.
type sample struct {
	CPU  time.Duration // user and system, of it and of the processes it waited for
	Wall time.Duration
	Peak int64 // largest resident memory of one process, in bytes; 0 if the system does not report it
}

// compare runs the commands in turn, round after round, and returns the medians
// of each.
func (b *bench) compare(commands []command) ([]sample, error) {
	all := make([][]sample, len(commands))
	for round := range b.rounds + 1 {
		for i, c := range commands {
			b.say("round %d of %d: %s", round, b.rounds, c.name)
			s, err := b.measure(c)
			if err != nil {
				return nil, err
			}
			if round > 0 { // the first warms the caches
				all[i] = append(all[i], s)
			}
		}
	}
	medians := make([]sample, len(commands))
	for i, samples := range all {
		medians[i] = middle(samples)
	}
	return medians, nil
}

// middle returns the median of each member separately.
func middle(samples []sample) sample {
	var cpu, wall []time.Duration
	var peak []int64
	for _, s := range samples {
		cpu = append(cpu, s.CPU)
		wall = append(wall, s.Wall)
		peak = append(peak, s.Peak)
	}
	return sample{median(cpu), median(wall), median(peak)}
}

// measure runs a command once. It returns an error if the command fails.
func (b *bench) measure(c command) (sample, error) {
	var s sample
	self, err := os.Executable()
	if err != nil {
		return s, err
	}
	result := filepath.Join(b.tmp, "sample.json")
	if _, err := b.output(c.dir, append([]string{self, "launch", result}, c.argv...)...); err != nil {
		return s, fmt.Errorf("measuring %s: %w", c.name, err)
	}
	text, err := os.ReadFile(result)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

// launch is the role of a process between this program and the measured command. Linux
// adds the memory of the parent to the peak of the child, so the parent has to be
// small. A peak below about 3 MB cannot be measured.
func launch(args []string) (exit int) {
	env, argv := environment(args[1:])
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	state := cmd.ProcessState
	text, err := json.Marshal(sample{state.SystemTime() + state.UserTime(), wall, peakMemory(state)})
	if err == nil {
		err = os.WriteFile(args[0], text, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if !state.Success() {
		fmt.Fprintln(os.Stderr, state)
		return 1
	}
	return 0
}

// output runs a command and returns its stdout. If it fails, the error has its stderr.
func (b *bench) output(dir string, argv ...string) ([]byte, error) {
	env, program := environment(argv)
	cmd := exec.CommandContext(b.ctx, program[0], program[1:]...)
	cmd.Dir = dir
	cmd.Env = append(cleanEnv(os.Environ()), env...)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("running %s: %w\n%s", strings.Join(argv, " "), err, bytes.TrimSpace(exit.Stderr))
	}
	return out, err
}

// environment parts the words of a command that are of its environment from the program.
func environment(argv []string) (env, program []string) {
	i := slices.IndexFunc(argv, func(word string) bool { return !strings.Contains(word, "=") })
	return argv[:i], argv[i:]
}

// cleanEnv returns env without the variables that configure Node.js or nodeint.
func cleanEnv(env []string) []string {
	var clean []string
	for _, pair := range env {
		name, _, _ := strings.Cut(strings.ToUpper(pair), "=")
		if !strings.HasPrefix(name, "NODE_") && !strings.HasPrefix(name, "NODEINT_") {
			clean = append(clean, pair)
		}
	}
	return clean
}
