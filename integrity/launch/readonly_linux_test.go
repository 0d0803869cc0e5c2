package launch

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// readOnly returns the command of a launcher, whose program has a read-only root.
func readOnly(t *testing.T, script string, args ...string) (cmd *exec.Cmd, root string) {
	t.Helper()
	if err := CheckReadOnly(); err != nil {
		t.Skip(err)
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cmd = launcher(t, script, args...)
	cmd.Env = append(cmd.Env, rootEnv+"="+root, "ROOT="+root)
	return cmd, root
}

// The stage changes neither how the program ends nor what it gets.
func TestReadOnlyStatus(t *testing.T) {
	tests := map[string]string{
		"exit 0": "status 0", "exit 42": "status 42", "kill -TERM $$": "signal 15", "kill -KILL $$": "signal 9", "kill -SEGV $$": "signal 11",
		"echo x 2>/dev/null >$ROOT/x || exit 3":                                     "status 3",
		"ps -o pgid= -p $$ >/dev/null; test $(cut -d' ' -f4 /proc/$$/stat) = $PPID": "status 0",
	}
	for script, want := range tests {
		cmd, _ := readOnly(t, "ulimit -c 0\n"+script)
		start(t, cmd)
		if got := wait(t, cmd); got != want {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
	}
}

func TestReadOnlyForwarded(t *testing.T) {
	for _, s := range []syscall.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGUSR2} {
		name := strings.TrimPrefix(unix.SignalName(s), "SIG")
		cmd, _ := readOnly(t, fmt.Sprintf("trap 'exit 9' %s; echo ready; while :; do sleep 0.05; done", name))
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal
		startReady(t, cmd)
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		if got := wait(t, cmd); got != "status 9" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// The kernel kills the program when the launcher is killed.
func TestReadOnlyKilled(t *testing.T) {
	cmd, _ := readOnly(t, "echo ready; exec sleep 1000")
	_, out := startReady(t, cmd)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(out); err != nil { // ends when the last process closes it
		t.Fatal(err)
	}
	if got := wait(t, cmd); got != "signal 9" {
		t.Error(got)
	}
}

// The program can read the image by both paths, although it cannot read /proc of the
// launcher; so can its children.
func TestReadOnlyImage(t *testing.T) {
	script := `case $1 in
  "") /bin/sh $0 child ;;
  *) echo "$NODE_OPTIONS" | grep -o '/proc/[a-z0-9]*/fd/[0-9]*' | while read -r path; do head -c 8 "$path" || exit 1; done ;;
esac`
	cmd, _ := readOnly(t, script)
	out, err := cmd.Output()
	if err != nil || strings.Count(string(out), "nodeint2") != 2 {
		t.Errorf("%v, %q: want the beginning of the image twice", err, out)
	}
}

// Programs in a directory that users can write are none of the system's.
func TestSystemPath(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", strings.Join([]string{dir, "relative", "/usr/bin", filepath.Join(dir, "none")}, ":"))
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := systemPath(); !slices.Equal(got, []string{"/usr/bin"}) {
		t.Errorf("%q, want /usr/bin alone", got)
	}
}
