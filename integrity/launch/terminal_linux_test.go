package launch

import (
	"bufio"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// Node gets Ctrl-C once: the terminal signals both processes.
func TestInterruptOnce(t *testing.T) {
	keyboard, screen := testenv.Terminal(t)
	cmd := launcher(t, "trap 'echo int' INT; echo ready; i=0; while [ $i -lt 20 ]; do sleep 0.05; i=$((i+1)); done; test -t 0 && echo end; exit 5")
	cmd.Stdin, cmd.Stdout = screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	start(t, cmd)
	got := make(map[string]int)
	for lines := bufio.NewScanner(keyboard); got["end"] == 0 && lines.Scan(); {
		line := strings.TrimSpace(strings.ReplaceAll(lines.Text(), "^C", ""))
		if got[line]++; line == "ready" {
			fmt.Fprint(keyboard, "\x03")
		}
	}
	if end := wait(t, cmd); end != "status 5" || got["int"] != 1 || got["end"] != 1 {
		t.Errorf("%s, after %v", end, got)
	}
}

// Ctrl-Z stops both, and SIGCONT to nodeint continues node.
func TestStopped(t *testing.T) {
	keyboard, screen := testenv.Terminal(t)
	// The shell between them is the session leader, which cannot be stopped.
	cmd := launcher(t, "echo ready; read -r line; echo \"got $line\"; exit 5")
	cmd.Args = append([]string{"sh", "-mc", `"$0"; echo stopped $?; fg >/dev/null; echo ended $?`, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	cmd.Stdin, cmd.Stdout = screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	start(t, cmd)
	var said []string
	for lines := bufio.NewScanner(keyboard); lines.Scan(); {
		line := strings.TrimSpace(strings.ReplaceAll(lines.Text(), "^Z", ""))
		said = append(said, line)
		switch {
		case line == "ready":
			fmt.Fprint(keyboard, "\x1a")
		case strings.HasPrefix(line, "stopped"):
			fmt.Fprint(keyboard, "x\n")
		}
		if strings.HasPrefix(line, "ended") {
			break
		}
	}
	wait(t, cmd)
	if all := strings.Join(said, "\n"); !strings.Contains(all, "stopped ") || !strings.Contains(all, "got x") || !strings.HasSuffix(all, "ended 5") {
		t.Errorf("it says\n%s", all)
	}
}
