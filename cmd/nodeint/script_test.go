//go:build unix

package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

var update = flag.Bool("update", false, "update the expected output in the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"nodeint": main})
}

// TestScripts runs the scripts with the real command, which is built without the race
// detector: most of the time of a short process with the detector is its start.
// TestScriptsInProcess runs them with the detector if the tests have it.
//
// In addition to the commands of testscript, the scripts have these:
//
//	exits STATUS COMMAND [ARG…]   run the command and check its exit status; its
//	                              output is in the files out and err of the work
//	                              directory, with times, digests, keys and
//	                              directories replaced
//	none NAME…                    check that the files do not exist
//	fifo NAME…                    create named pipes
//	empty NAME…                   check that the files are empty
//
// NODE24 is the directory of a Node.js that run supports. NODEINT is the path of
// nodeint, for scripts that change the PATH.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: TestScriptsInProcess runs the scripts")
	}
	params := scriptParams(t, testenv.Nodeint(t), filepath.Dir(testenv.Node(t, 24)))
	params.Dir = scriptsDir()
	testscript.Run(t, params)
}

// TestScriptsInProcess runs the scripts that do not need a Node.js. It calls nodeint in
// this process where that makes no difference, see [callInstead].
func TestScriptsInProcess(t *testing.T) {
	self, err := exec.LookPath("nodeint")
	if err != nil {
		t.Fatal(err)
	}
	params := scriptParams(t, self, "")
	params.Files = scriptsWithoutNode(t)
	params.Cmds["exits"] = callInstead(t, params.Files)
	testscript.Run(t, params)
}

// scriptParams returns how to run scripts with the command whose path is self, and with
// the Node.js in the directory node24. All paths are absolute, because [callInstead]
// changes the working directory.
func scriptParams(t *testing.T, self, node24 string) testscript.Params {
	t.Helper()
	shop, err := filepath.Abs(filepath.Join("..", "..", "fixtures", "shop"))
	if err != nil {
		t.Fatal(err)
	}
	return testscript.Params{
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(self)+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("SHOP", shop)
			env.Setenv("NODE24", node24)
			env.Setenv("NODEINT", self)
			env.Setenv("CI", "false") // for hook run
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".tmp", "cache"))
			return os.CopyFS(filepath.Join(env.WorkDir, "shop"), os.DirFS(shop))
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, errors.New("unknown condition")
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
			"none":  none,
			"fifo":  fifo,
			"empty": empty,
		},
	}
}

// scriptsDir returns the directory of the scripts.
func scriptsDir() string { return filepath.Join("..", "..", "fixtures", "scripts") }

// longScripts run the command most often. The fast loop leaves them out.
var longScripts = []string{"hook-errors", "hook-run", "keygen", "lockfile", "trace"}

// scriptsWithoutNode returns the scripts that do not need a Node.js. Outside CI it
// leaves out [longScripts].
func scriptsWithoutNode(t *testing.T) []string {
	t.Helper()
	dir, err := filepath.Abs(scriptsDir())
	if err != nil {
		t.Fatal(err)
	}
	all, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(file string) bool {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		if !testenv.Thorough() && slices.Contains(longScripts, name) {
			return true
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(text, []byte("$NODE24"))
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND [ARG…]")
	}
	got := 0
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	checkExit(ts, args[0], got, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
}

// checkExit writes the output of a command to out and err, and checks its exit status.
func checkExit(ts *testscript.TestScript, status string, got int, stdout, stderr string) {
	want, err := strconv.Atoi(status)
	ts.Check(err)
	for file, text := range map[string]string{"out": stdout, "err": stderr} {
		ts.Check(os.WriteFile(filepath.Join(ts.Getenv("WORK"), file), normal(ts, text), 0o666))
	}
	if got != want {
		ts.Fatalf("exit status is %d, want %d", got, want)
	}
}

// varying lists the text that differs between runs, and its replacement.
var varying = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(` in (\d+ ms|\d+\.\d s)`), " in N ms"},
	{regexp.MustCompile(`"ms": \d+`), `"ms": N`},
	{regexp.MustCompile(`blake3-[A-Za-z0-9+/]{43}=`), "blake3-DIGEST"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "HEX"},
	{regexp.MustCompile(`\.json\.\d+\.tmp`), ".json.N.tmp"},
	{regexp.MustCompile(`/[^ "]*/(bin|nodeint-test/[0-9a-f]+)/nodeint`), "BIN/nodeint"},
}

func normal(ts *testscript.TestScript, text string) []byte {
	work, err := filepath.EvalSymlinks(ts.Getenv("WORK"))
	ts.Check(err)
	out := bytes.ReplaceAll([]byte(text), []byte(work), []byte("WORK"))
	for _, v := range varying {
		out = v.pattern.ReplaceAll(out, []byte(v.with))
	}
	return out
}

func none(ts *testscript.TestScript, neg bool, args []string) {
	for _, pattern := range args {
		found, err := filepath.Glob(ts.MkAbs(pattern))
		ts.Check(err)
		if len(found) > 0 {
			ts.Fatalf("%q exists", found)
		}
	}
}

func fifo(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		ts.Check(syscall.Mkfifo(ts.MkAbs(name), 0o666))
	}
}

func empty(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		if text := ts.ReadFile(name); text != "" {
			ts.Fatalf("%s is not empty:\n%s", name, text)
		}
	}
}
