package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// prepare finds the checkout and builds the command in it.
func (b *bench) prepare() error {
	b.host = &host{ctx: b.ctx, tmp: b.tmp}
	if err := b.host.try(func(t testing.TB) { b.root = testenv.Root(t) }); err != nil {
		return err
	}
	if b.nodeint != "" {
		path, err := exec.LookPath(b.nodeint)
		if err == nil {
			b.nodeint, err = filepath.Abs(path)
		}
		return err
	}
	b.nodeint = filepath.Join(b.tmp, "nodeint"+exeSuffix())
	b.say("building nodeint")
	return b.build()
}

// build builds the command as it is released: static.
func (b *bench) build() error {
	cmd := exec.CommandContext(b.ctx, "go", "build", "-trimpath", "-o", b.nodeint, "./cmd/nodeint")
	cmd.Dir = b.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building nodeint: %w\n%s", err, out)
	}
	return nil
}

func exeSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// install runs npm ci in the folder bench unless node_modules was made from
// this very lockfile. Optional packages are those of one platform; without them
// the tree is the same on all.
func (b *bench) install() error {
	dir := filepath.Join(b.root, "bench")
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return err
	}
	want := fmt.Sprintf("%x\n", sha256.Sum256(lock))
	// npm ci removes node_modules first: the stamp never outlives its tree.
	stamp := filepath.Join(dir, "node_modules", ".nodeint-bench")
	if got, err := os.ReadFile(stamp); err == nil && string(got) == want {
		return nil
	}
	b.say("installing the tree: npm ci in bench/, about 900 MB")
	cmd := exec.CommandContext(b.ctx, "npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("installing the tree: %w\n%s\nnpm of Node.js 20 or later is needed, and its registry", err, out)
	}
	return os.WriteFile(stamp, []byte(want), 0o644)
}

// describe prints what was measured, and on what.
func (b *bench) describe() {
	b.print("# nodeint, measured")
	fmt.Fprintf(b.out, "- %s/%s, %d processors%s, %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), runtime.Version())
	fmt.Fprintf(b.out, "- load average before: %s\n", loadAverage())
	b.print("- medians of %d rounds, all commands in turn, after one round that does not count", b.rounds)
}

// processor is the name of the processor, where /proc tells it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range bytes.Lines(text) {
		if name, value, _ := strings.Cut(string(line), ":"); strings.TrimSpace(name) == "model name" {
			return " (" + strings.TrimSpace(value) + ")"
		}
	}
	return ""
}

// loadAverage tells how busy the machine is with other things.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 0 {
		return fields[0]
	}
	return "not known"
}
