//go:build unix

package launch

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nodeint/nodeint/fixtures/testenv"
	"github.com/nodeint/nodeint/integrity/problem"
)

// With this variable the test binary is a launcher of the command in it.
const launcherEnv = "NODEINT_TEST_LAUNCHER"

// With this variable its program has a read-only root: the directory that is the value.
const rootEnv = "NODEINT_TEST_ROOT"

func TestMain(m *testing.M) {
	Stage()
	if words := os.Getenv(launcherEnv); words != "" {
		os.Unsetenv(launcherEnv)
		os.Exit(launcherMain(strings.Fields(words)))
	}
	os.Exit(m.Run())
}

// launcherMain starts a program, whose "node" is the first word, and ends with its
// status or signal.
func launcherMain(words []string) int {
	opt := Options{
		Program: &Program{Name: words[0], Node: words[0], Script: words[1], Args: words[2:]},
		Version: Version{24, 0, 0},
		Image:   Image{Script: "the preload", Config: Config{Mode: Trace}},
		// The program reads the digest, the size of the head and the paths from NODE_OPTIONS.
		Bootstrap: `"$DIGEST",$HEAD,$PATHS`,
		Alone:     true,
	}
	if root := os.Getenv(rootEnv); root != "" {
		opt.ReadOnly = &ReadOnly{Root: root}
	}
	status, err := Run(context.Background(), opt)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 99
	}
	if status.Signal != 0 {
		KillSelf(status.Signal)
	}
	return status.Code
}

// launcher returns the command of a launcher of a shell script.
func launcher(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	file := filepath.Join(t.TempDir(), "script.sh")
	write(t, map[string]string{file: script})
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), launcherEnv+"="+strings.Join(append([]string{"/bin/sh", file}, args...), " "))
	cmd.Stderr = os.Stderr
	return cmd
}

// wait returns how a process ended, in the form of Status.String.
func wait(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	ws := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ws.Signaled() {
		return fmt.Sprintf("signal %d", ws.Signal())
	}
	return fmt.Sprintf("status %d", ws.ExitStatus())
}

func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
}

// startReady starts a program, waits for its first line and returns it.
func startReady(t *testing.T, cmd *exec.Cmd) (line string, out *bufio.Reader) {
	t.Helper()
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd)
	out = bufio.NewReader(pipe)
	if line, err = out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), out
}

func TestStatus(t *testing.T) {
	tests := map[string]string{
		"exit 0": "status 0", "exit 42": "status 42", "exit 77": "status 77",
		"kill -TERM $$": "signal 15", "kill -KILL $$": "signal 9", "kill -INT $$": "signal 2", "kill -USR1 $$": "signal 10",
	}
	if runtime.GOOS == "linux" { // elsewhere Go answers these in its own way
		tests["kill -QUIT $$"], tests["kill -SEGV $$"], tests["kill -ABRT $$"] = "signal 3", "signal 11", "signal 6"
	} else {
		delete(tests, "kill -USR1 $$") // another number
	}
	for script, want := range tests {
		cmd := launcher(t, "ulimit -c 0\n"+script)
		start(t, cmd)
		if got := wait(t, cmd); got != want {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
	}
}

// Signals are forwarded to the program.
func TestForwarded(t *testing.T) {
	for _, s := range []syscall.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGUSR2, unix.SIGQUIT, unix.SIGWINCH} {
		name := strings.TrimPrefix(unix.SignalName(s), "SIG")
		cmd := launcher(t, fmt.Sprintf("trap 'echo got; exit 9' %s; echo ready; while :; do sleep 0.05; done", name))
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal
		_, out := startReady(t, cmd)
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		rest, _ := io.ReadAll(out)
		if got := wait(t, cmd); got != "status 9" || string(rest) != "got\n" {
			t.Errorf("%s: %s, and it says %q", name, got, rest)
		}
	}
}

// Descriptors keep their numbers, and the launcher closes its own.
func TestDescriptors(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := launcher(t, "echo inherited >&3; exec 3>&-; read -r go; exit 0")
	cmd.ExtraFiles = []*os.File{w}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd)
	w.Close()
	text, err := io.ReadAll(r) // ends when the other side is closed
	if err != nil || string(text) != "inherited\n" {
		t.Errorf("it wrote %q (%v)", text, err)
	}
	fmt.Fprintln(stdin)
	if got := wait(t, cmd); got != "status 0" {
		t.Error(got)
	}
}

// The same for the standard streams.
func TestClosedOutput(t *testing.T) {
	cmd := launcher(t, "echo ready; exec >&-; read -r go; exit 0")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	_, out := startReady(t, cmd)
	if rest, err := io.ReadAll(out); err != nil || len(rest) > 0 {
		t.Errorf("%q (%v)", rest, err)
	}
	fmt.Fprintln(stdin)
	if got := wait(t, cmd); got != "status 0" {
		t.Error(got)
	}
}

// A killed launcher leaves no node and no file behind.
func TestKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux can kill a child when its parent ends")
	}
	dir := t.TempDir()
	cmd := launcher(t, "echo $$; exec sleep 1000")
	cmd.Env = append(cmd.Env, "TMPDIR="+dir)
	pid, out := startReady(t, cmd)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(out); err != nil { // ends when the last process closes it
		t.Fatal(err)
	}
	if got := wait(t, cmd); got != "signal 9" {
		t.Error(got)
	}
	for { // a process closes its files some time before it ends; the timeout of go test limits the wait
		state, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(state), ") Z") {
			break
		}
		time.Sleep(time.Millisecond)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind %v (%v)", left, err)
	}
}

// findImage is a shell script that reads the digest, the size of the head and the paths of the image.
const findImage = `
options=${NODE_OPTIONS#*\#}
`

// The head of the image has the digest in the bootstrap. The program and its children can read it,
// and cannot change it.
func TestImageOfChild(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memfds are Linux's")
	}
	cmd := launcher(t, findImage+`echo "$options"
echo "$NODE_DISABLE_COMPILE_CACHE$NODE_COMPILE_CACHE"
fd=$(echo "$options" | sed 's,.*/proc/self/fd/\([0-9]*\).*,\1,')
head=$(echo "$options" | cut -d, -f2)
head -c $head /proc/self/fd/$fd | sha256sum
head -c $head /proc/$PPID/fd/$fd | sha256sum
(echo x > /proc/self/fd/$fd) 2>/dev/null && echo written
(: >> /proc/self/fd/$fd && echo x >> /proc/self/fd/$fd) 2>/dev/null && echo appended
head -c $head /proc/self/fd/$fd | sha256sum`)
	cmd.Env = append(cmd.Env, "NODE_COMPILE_CACHE=/tmp")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	digest, _, _ := strings.Cut(strings.TrimPrefix(lines[0], "%22"), "%22")
	want := digest + "  -"
	if len(lines) != 5 || len(digest) != 64 || lines[1] != "1" || lines[2] != want || lines[3] != want || lines[4] != want {
		t.Errorf("it says\n%s", out)
	}
	if !strings.HasSuffix(lines[0], " --disable-sigusr1") {
		t.Errorf("NODE_OPTIONS is %s", lines[0])
	}
}

// The line that the preload of a worker writes before it kills its process.
func TestVerdict(t *testing.T) {
	find := `for fd in $(ls /proc/self/fd); do case $(readlink /proc/$$/fd/$fd) in *nodeint-verdict*) break;; esac; done; `
	if runtime.GOOS != "linux" {
		t.Skip("the script looks for it in /proc")
	}
	for script, want := range map[string]string{
		find + `echo "{\"pid\":$$}" >> /proc/$$/fd/$fd; kill -KILL $$`: "status 77",
		find + `echo "{\"pid\":1}" >> /proc/$$/fd/$fd; kill -KILL $$`:  "signal 9",
		find + `echo "{\"pid\":$$}" >> /proc/$$/fd/$fd; kill -TERM $$`: "signal 15",
		find + `echo "{\"pid\":$$}" >> /proc/$$/fd/$fd; exit 3`:        "status 3",
	} {
		cmd := launcher(t, script)
		start(t, cmd)
		if got := wait(t, cmd); got != want {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
	}
}

// Without memfds the image is in a private directory, which is removed.
func TestDirectory(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	c := &channels{verdictFD: -1}
	if err := c.inDir(); err != nil {
		t.Fatal(err)
	}
	if err := c.write([]byte("image")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(c.paths[0])
	info, err2 := os.Stat(c.paths[0])
	dir, err3 := os.Stat(c.dir)
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	if string(text) != "image" || info.Mode() != 0o400 || dir.Mode().Perm() != 0o700 {
		t.Errorf("%q, modes %s and %s", text, info.Mode(), dir.Mode())
	}
	if _, err := unix.Write(c.verdictFD, []byte("{\"pid\":7}\n{")); err != nil {
		t.Fatal(err)
	}
	if !c.stopped(7) || c.stopped(8) {
		t.Error("stopped does not read the verdict")
	}
	if err := c.close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(c.dir); !os.IsNotExist(err) {
		t.Errorf("the directory still exists (%v)", err)
	}
}

// As the first process of a container it collects orphans, forwards SIGTERM, and exits
// with 128+n because it cannot kill itself.
func TestFirstProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("namespaces are Linux's")
	}
	if out, err := exec.Command("unshare", "--pid", "--fork", "--mount-proc", "true").CombinedOutput(); err != nil {
		testenv.Unavailable(t, "unshare does not work here: %v\n%s", err, out)
	}
	inside := func(script string) *exec.Cmd {
		cmd := launcher(t, script)
		exe := cmd.Path
		cmd.Args = []string{"unshare", "--pid", "--fork", "--kill-child", "--mount-proc", exe}
		path, err := exec.LookPath("unshare")
		if err != nil {
			t.Fatal(err)
		}
		cmd.Path = path
		return cmd
	}
	// The orphan ends before the program; as a zombie it would still be listed.
	cmd := inside("(sh -c 'exec sleep 0.05' &); sleep 0.5; grep -l '^State:.Z' /proc/[0-9]*/status; kill -TERM $$")
	var out bytes.Buffer
	cmd.Stdout = &out
	start(t, cmd)
	if got := wait(t, cmd); got != "status 143" || out.Len() > 0 {
		t.Errorf("%s, and zombies %q", got, &out)
	}
	cmd = inside("trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done")
	startReady(t, cmd)
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid))
	if err != nil {
		testenv.Unavailable(t, "%v", err)
	}
	var first int
	fmt.Sscan(string(children), &first)
	if err := unix.Kill(first, unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, cmd); got != "status 9" {
		t.Error(got)
	}
}

// A signal that nohup ignores stays ignored.
func TestIgnored(t *testing.T) {
	cmd := launcher(t, "trap '' HUP; echo ready; sleep 0.3; exit 4")
	words := append([]string{"-c", `trap '' HUP; exec "$0"`, cmd.Path}, cmd.Args[1:]...)
	sh := exec.Command("/bin/sh", words...)
	sh.Env = cmd.Env
	sh.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	startReady(t, sh)
	if err := sh.Process.Signal(unix.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, sh); got != "status 4" {
		t.Error(got)
	}
}

func TestNotStarted(t *testing.T) {
	_, err := Run(t.Context(), Options{Program: &Program{Node: "/nowhere/node", Name: "node", Script: "x"}, Image: Image{Script: "x"}, Bootstrap: "x"})
	var e *problem.Error
	if !errors.As(err, &e) || e.Code != "io" || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%#v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, Options{Program: &Program{Node: "/bin/sh", Name: "sh", Script: "x"}, Image: Image{Script: "x"}, Bootstrap: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted, it says %v", err)
	}
}

// A bootstrap that reads the image as the real one does, and a preload that answers the
// imports that were --require, for real nodes.
const (
	testBootstrap = `
(url) => {
const fs = process.getBuiltinModule('fs'), crypto = process.getBuiltinModule('crypto'), vm = process.getBuiltinModule('vm');
// a comment's end, a "quote", a 'quote', a \ and 100% of <a>?b#c ü
if (!process.execArgv.concat(process.env.NODE_OPTIONS).join(' ').includes('--import=' + url)) console.log('another URL');
let image; for (const path of $PATHS) try { const b = fs.readFileSync(path); if (b.length === $SIZE && crypto.hash('sha256', b.subarray(0, $HEAD), 'hex') === '$DIGEST') { image = b; break; } } catch {}
if (!image) { console.log('no image'); process.exit(77); }
new vm.Script(image.utf8Slice(32, 32 + image.readUInt32LE(8))).runInThisContext()(image);
}`
	testPreload = `(image) => {
const Module = process.getBuiltinModule('module');
globalThis.hooked = true;
Module.registerHooks({
  resolve(s, c, n) {
    if (!s.startsWith('nodeint:require/')) return n(s, c);
    return { url: s, format: 'module', shortCircuit: true };
  },
  load(u, c, n) {
    if (!u.startsWith('nodeint:require/')) return n(u, c);
    const x = JSON.stringify(decodeURIComponent(u.slice(16)));
    return { format: 'module', shortCircuit: true, source: "import m from 'node:module'; m.createRequire(process.cwd() + '/')(" + x + ")" };
  },
});
}`
)

func TestRealNode(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, map[string]string{
		filepath.Join(dir, "pre one.cjs"): `console.log('pre', hooked)`,
		filepath.Join(dir, "imp.mjs"):     `console.log('imp', hooked)`,
		filepath.Join(dir, "app.cjs"): `console.log('app', hooked, process.argv.slice(2).join());
if (process.argv[2] === 'child') require('child_process').spawnSync(process.execPath, [__filename], { stdio: 'inherit' });`,
	})
	nodes := make(map[int]string)
	for _, major := range []int{22, 24, 26} {
		nodes[major] = testenv.Node(t, major)
	}
	t.Chdir(dir)
	for major, node := range nodes {
		env := append(os.Environ(), `NODE_OPTIONS="--require=./pre one.cjs" --no-warnings`)
		for words, want := range map[string]string{
			"--import ./imp.mjs app.cjs a":                       "pre true\nimp true\napp true a\n",
			"app.cjs child":                                      "pre true\napp true child\npre true\napp true \n",
			"--permission --allow-fs-read=" + dir + "/* app.cjs": "pre true\napp true \n",
		} {
			p, err := ParseCommand(append([]string{node}, strings.Fields(words)...), env, Allow{})
			if err != nil {
				t.Fatal(err)
			}
			version, err := NodeVersion(t.Context(), p.Node, env)
			if err != nil || version.Major != major {
				t.Fatalf("%v (%v)", version, err)
			}
			status, out := capture(t, Options{Program: p, Version: version, Env: env, Bootstrap: testBootstrap, Image: Image{Script: testPreload}})
			if status.Code != 0 || out != want {
				t.Errorf("node %d %s: %s, and it says\n%swant\n%s", major, words, status, out, want)
			}
		}
	}
}

// capture runs a program with its output in a file.
func capture(t *testing.T, opt Options) (Status, string) {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	saved, err := unix.Dup(1)
	if err != nil {
		t.Fatal(err)
	}
	unix.CloseOnExec(saved)
	if err := dup2(int(f.Fd()), 1); err != nil {
		t.Fatal(err)
	}
	status, runErr := Run(t.Context(), opt)
	if err := errors.Join(dup2(saved, 1), unix.Close(saved), runErr); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return status, string(text)
}

// The configuration has exactly these members: the preload reads them.
func TestConfigMembers(t *testing.T) {
	text, err := json.Marshal(Config{Allow: Allow{Eval: true, Wasm: true}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"mode":"","root":"","map":"","onViolation":"","json":false,"report":"","record":"","allow":["eval","wasm"],"off":null,"trust":null,"checkManifests":false,"conditions":null,"packageMap":"","nodePackages":"","pnp":"","offModules":null,"flags":"","nodeOptions":null,"permission":null,"env":null,"variables":null,"removed":null,"reporters":null,"verdict":0,"tally":"","image":0,"paths":null}`
	if string(text) != want {
		t.Errorf("%s\nwant %s", text, want)
	}
}
