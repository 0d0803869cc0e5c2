//go:build amd64 || arm64

package launch

import (
	"encoding/json"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nodeint/nodeint/integrity/internal/execwatch"
	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
)

// outliveName is argv[0] of the process that decides about what node has left behind.
const outliveName = "nodeint: watch"

// Descriptors of that process.
const (
	listenerFD = 3
	rulesFD    = 4
)

// rules are what an execCheck decides by, as JSON.
type rules struct {
	Node, Root, OnViolation, Report string
	JSON                            bool
	Powers                          []string
	Conditions                      []string
	PackageMap                      string
	Variables                       []nodeflags.Fixed
	Own, Nested                     []string
}

// threadEnd is how long the thread may take to end on which node was started.
const threadEnd = 100 * time.Millisecond

// outlive starts a process that goes on deciding about the programs that descendants of
// node execute: those that node has left behind, such as a daemon. It ends with the last of
// them. The first process of a container takes them all with it.
func outlive(l *execwatch.Listener, c *execCheck) error {
	if os.Getpid() == 1 || l.Unused(threadEnd) {
		return nil
	}
	c.mu.Lock()
	text, err := json.Marshal(rules{c.node, c.config.Root, c.config.OnViolation, c.config.Report, c.config.JSON, c.config.Allow.Names(), c.config.Conditions, c.config.PackageMap, c.config.Variables, c.own, c.nested})
	c.mu.Unlock()
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	defer w.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	_, err = syscall.ForkExec("/proc/self/exe", []string{outliveName}, &syscall.ProcAttr{
		Dir:   "/",
		Files: []uintptr{null.Fd(), null.Fd(), null.Fd(), uintptr(l.FD()), r.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// outliveMain returns at once, unless this process is one that outlive has started.
func outliveMain() {
	if len(os.Args) != 1 || os.Args[0] != outliveName {
		return
	}
	check, err := readRules()
	if err != nil {
		os.Exit(1)
	}
	unix.CloseOnExec(listenerFD)
	l, err := execwatch.NewListener(listenerFD)
	if err != nil {
		os.Exit(1)
	}
	_ = l.Serve(newWatch(check).decide)
	os.Exit(0)
}

// readRules reads the rules that outlive has written.
func readRules() (*execCheck, error) {
	f := os.NewFile(rulesFD, "rules")
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	var r rules
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, err
	}
	c := &execCheck{node: r.Node, own: r.Own, nested: r.Nested, config: Config{
		Root: r.Root, OnViolation: r.OnViolation, Report: r.Report, JSON: r.JSON, Conditions: r.Conditions, PackageMap: r.PackageMap, Variables: r.Variables,
	}}
	for _, power := range r.Powers {
		c.config.Allow.Set(power)
	}
	return c, nil
}
