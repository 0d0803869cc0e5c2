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

// prepare finds the checkout and builds nodeint from it.
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

// build builds nodeint as a static binary, as it is released.
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

// install installs the tree.
func (b *bench) install() error {
	return b.npmCI("the tree, about 900 MB", filepath.Join(b.root, "bench"))
}

// npmCI runs npm ci in a directory, unless its node_modules was installed from the same
// lockfile. It leaves out optional packages, which depend on the platform, so that the
// tree is the same everywhere.
func (b *bench) npmCI(what, dir string) error {
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return err
	}
	want := fmt.Sprintf("%x\n", sha256.Sum256(lock))
	// npm ci removes node_modules first, and the stamp with it.
	stamp := filepath.Join(dir, "node_modules", ".nodeint-bench")
	if got, err := os.ReadFile(stamp); err == nil && string(got) == want {
		return nil
	}
	b.say("installing %s: npm ci in %s", what, dir)
	cmd := exec.CommandContext(b.ctx, "npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("installing %s: %w\n%s\nnpm of Node.js 20 or later is needed, and its registry", what, err, out)
	}
	return os.WriteFile(stamp, []byte(want), 0o644)
}

// describe prints the version and the machine.
func (b *bench) describe() {
	b.print("# nodeint, measured")
	fmt.Fprintf(b.out, "- %s/%s, %d processors%s, %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), runtime.Version())
	fmt.Fprintf(b.out, "- load average before: %s\n", loadAverage())
	b.print("- medians of %d rounds, all commands in turn, after one round that does not count", b.rounds)
}

// processor returns the name of the processor, if /proc has it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range bytes.Lines(text) {
		if name, value, _ := strings.Cut(string(line), ":"); strings.TrimSpace(name) == "model name" {
			return " (" + strings.TrimSpace(value) + ")"
		}
	}
	return ""
}

// loadAverage returns the load average before the measurements.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 0 {
		return fields[0]
	}
	return "not known"
}
