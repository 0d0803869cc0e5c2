package launch

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
)

// testCheck returns a check and the environment with which node starts.
func testCheck(t *testing.T) (*execCheck, []string) {
	t.Helper()
	bootstrap, err := bootstrapFlag("", []byte("image"), 1, []string{"/image"})
	if err != nil {
		t.Fatal(err)
	}
	own := []string{bootstrap, "--disable-sigusr1"}
	env, err := childEnv(nil, own)
	env = env[len(env)-2:] // NODE_DISABLE_COMPILE_CACHE, NODE_OPTIONS
	if err != nil {
		t.Fatal(err)
	}
	return &execCheck{config: Config{Conditions: []string{"blue"}, OnViolation: OnExit, Variables: nodeflags.FixedVariables([]string{"LD_PRELOAD=/usr/lib/own.so"})}, own: own}, env
}

// A nodeProcess is a start of node, and the violation that it is.
type nodeProcess struct {
	args, code, detail string
	env                []string // nil for that with which node starts
}

func TestNodeProcess(t *testing.T) {
	check, env := testCheck(t)
	options := getenv(env, "NODE_OPTIONS")
	with := func(text string) []string { return append(slices.Clone(env[:len(env)-1]), "NODE_OPTIONS="+text) }
	tests := []nodeProcess{
		{args: "app.js"},
		{args: "--enable-source-maps app.js --build-snapshot"},
		{args: "-C blue -- app.js"},
		{args: "--version"},
		{args: "--import ./x.mjs app.js"},
		{args: "app.js", env: with(options + " --stack-trace-limit=5 --import=./x.mjs")},
		{args: "app.js", env: with("--stack-trace-limit=5 " + options)},
		{args: "--build-snapshot app.js", code: "flag", detail: "--build-snapshot is refused"},
		{args: "--build_snapshot app.js", code: "flag", detail: "--build-snapshot is refused"},
		{args: "--experimental-sea-config x.json", code: "flag", detail: "refused"},
		{args: "--loader ./x.mjs app.js", code: "flag", detail: "refused"},
		{args: "--a-new-flag app.js", code: "flag", detail: "does not know"},
		{args: "--require ./x.js app.js", code: "flag", detail: "before the preload"},
		{args: "-r ./x.js app.js", code: "flag", detail: "before the preload"},
		{args: "-C green app.js", code: "flag", detail: "condition green"},
		{args: "--inspect app.js", code: "flag", detail: "inspector"},
		{args: "-e 1", code: "eval", detail: "-e is refused"},
		{args: "-p 1", code: "eval", detail: "-p is refused"},
		{args: "", code: "eval", detail: "stdin"},
		{args: "-", code: "eval", detail: "stdin"},
		{args: "inspect app.js", code: "eval", detail: "debugger"},
		{args: "app.js", env: []string{}, code: "exec", detail: "does not load it"},
		{args: "app.js", env: with(""), code: "exec", detail: "does not load it"},
		{args: "app.js", env: with(check.own[0]), code: "exec", detail: "--disable-sigusr1"},
		{args: "app.js", env: with("--import=./x.mjs " + options), code: "exec", detail: "another module first"},
		{args: "app.js", env: with("--import ./x.mjs " + options), code: "exec", detail: "another module first"},
		{args: "app.js", env: with(strings.Replace(options, "image", "imagf", 1)), code: "exec", detail: "another module first"},
		{args: "app.js", env: with(options + " --require ./x.js"), code: "flag", detail: "before the preload"},
		{args: "app.js", env: with(options + " -C green"), code: "flag", detail: "condition green"},
		{args: "app.js", env: with(options + " --snapshot-blob=x"), code: "flag", detail: "refused"},
		{args: "app.js", env: with(options + ` "--loader`), code: "flag", detail: "quote"},
		{args: "app.js", env: with(options + " x"), code: "flag", detail: "not a flag"},
		{args: "app.js", env: with(options + " --experimental-loader file:///x/.pnp.loader.mjs"), code: "flag", detail: "refused"},
		{args: "app.js", env: append(slices.Clone(env), "NODE_OPTIONS="), code: "flag", detail: "different values"},
		{args: "app.js", env: append(slices.Clone(env), "NODE_DISABLE_COMPILE_CACHE="), code: "flag", detail: "different values"},
		{args: "app.js", env: env[1:], code: "exec", detail: "NODE_DISABLE_COMPILE_CACHE"},
		{args: "app.js", env: append(slices.Clone(env), "LD_PRELOAD=/usr/lib/own.so", "NODE_EXTRA_CA_CERTS=/x")},
		{args: "app.js", env: append(slices.Clone(env), "LD_PRELOAD=/tmp/evil.so"), code: "environment", detail: "LD_PRELOAD"},
		{args: "app.js", env: append(slices.Clone(env), "OPENSSL_CONF=/tmp/evil.cnf"), code: "environment", detail: "OPENSSL_CONF"},
		{args: "--test --test-reporter=./x.mjs", code: "flag", detail: "--test-reporter ./x.mjs is refused"},
		{args: "app.js", env: append(slices.Clone(env), "NODE_PRESERVE_SYMLINKS=1"), code: "flag", detail: "NODE_PRESERVE_SYMLINKS"},
	}
	for _, tt := range tests {
		given := tt.env
		if given == nil {
			given = env
		}
		v := cmp.Or(check.nodeProcess(append([]string{"node"}, strings.Fields(tt.args)...), given), &execViolation{})
		if v.code != tt.code || !strings.Contains(v.detail, tt.detail) {
			t.Errorf("node %s, NODE_OPTIONS %.50q: %+v, want %s with %q", tt.args, getenv(given, "NODE_OPTIONS"), v, tt.code, tt.detail)
		}
	}
}

// No flag turns off what nodeint has turned on, or is code itself.
func TestNodeProcessFlags(t *testing.T) {
	check, env := testCheck(t)
	for flag, detail := range map[string]string{
		"--no-disable-sigusr1":                       "an inspector can run any code",
		"--no-disallow_code-generation-from-strings": "nodeint turns it on",
		"--expose-gc-as=x":                           "before the preload",
		"--expose_gc_as=x":                           "before the preload",
	} {
		if v := check.nodeProcess([]string{"node", flag, "app.js"}, env); v == nil || v.code != codeFlag || !strings.Contains(v.detail, detail) {
			t.Errorf("node %s: %+v", flag, v)
		}
		with := slices.DeleteFunc(slices.Clone(env), func(e string) bool { return strings.HasPrefix(e, "NODE_OPTIONS=") })
		with = append(with, "NODE_OPTIONS="+getenv(env, "NODE_OPTIONS")+" "+flag)
		if v := check.nodeProcess([]string{"node", "app.js"}, with); v == nil || v.code != codeFlag || !strings.Contains(v.detail, detail) {
			t.Errorf("NODE_OPTIONS with %s: %+v", flag, v)
		}
	}
}

// An empty name of a script is none for node.
func TestNodeProcessEmpty(t *testing.T) {
	check, env := testCheck(t)
	for _, argv := range [][]string{{"node", ""}, {"node", "--", ""}, {"node", "--no-warnings", "", "app.js"}} {
		if v := check.nodeProcess(argv, env); v == nil || v.code != codeEval {
			t.Errorf("%q: %+v", argv, v)
		}
		if _, err := ParseCommand(argv, nil, Allow{}); err == nil || !strings.Contains(err.Error(), "no script given") {
			t.Errorf("ParseCommand(%q): %v", argv, err)
		}
	}
}

// With --allow eval, children may read their code from anywhere, but not without the
// preload.
func TestNodeProcessEval(t *testing.T) {
	check, env := testCheck(t)
	check.config.Allow = nodeflags.Allow{Eval: true}
	for _, args := range []string{"-e 1", "-p 1", "", "-", "-p", "--print", "--input-type=module", "--input-type=commonjs -"} {
		argv := append([]string{"node"}, strings.Fields(args)...)
		if v := check.nodeProcess(argv, env); v != nil {
			t.Errorf("node %s: %+v", args, v)
		}
		if v := check.nodeProcess(argv, nil); v == nil || v.code != codeExec {
			t.Errorf("node %s without an environment: %+v", args, v)
		}
	}
}

// A run inside a run starts node with another preload, in place of the outer one.
func TestNestedRun(t *testing.T) {
	check, outer := testCheck(t)
	words, err := nodeflags.Split(getenv(withoutBootstrap(outer), "NODE_OPTIONS"))
	if err != nil || !slices.Equal(words, []string{"--disable-sigusr1"}) {
		t.Errorf("NODE_OPTIONS without the preload: %q, %v", words, err)
	}
	bootstrap, err := bootstrapFlag("", []byte("another image"), 1, []string{"/another"})
	if err != nil {
		t.Fatal(err)
	}
	inner, err := childEnv(outer, append([]string{bootstrap}, words...))
	if err != nil {
		t.Fatal(err)
	}
	argv := []string{"node", "app.js"}
	if v := check.nodeProcess(argv, inner); v == nil {
		t.Error("another preload is accepted")
	}
	check.addNested(inner)
	if v := check.nodeProcess(argv, inner); v != nil {
		t.Errorf("the preload of a nodeint: %+v", v)
	}
	check.addNested([]string{"NODE_OPTIONS=--import=./x.mjs"})
	if len(check.nested) != 1 {
		t.Errorf("%q, want one", check.nested)
	}
}

func TestReportExec(t *testing.T) {
	check, _ := testCheck(t)
	check.config.Report = filepath.Join(t.TempDir(), "report")
	for _, pid := range []int{7, 7, 8} {
		check.report(pid, "/bin/node", &execViolation{codeExec, "why", "how"})
	}
	text, err := os.ReadFile(check.config.Report)
	line := `{"schema":1,"command":"run","code":"exec","detail":"starting /bin/node: why","action":"exit","pid":7,"hint":"how"}` + "\n"
	if want := line + strings.Replace(line, ":7", ":8", 1); err != nil || string(text) != want {
		t.Errorf("%v, %s, want %s", err, text, want)
	}
}

func FuzzNodeProcess(f *testing.F) {
	for _, args := range []string{"app.js", "--require\x00./x.js\x00app.js", "-C\x00green\x00--\x00x", "-"} {
		f.Add(args, "--import=data:text/javascript,x --require x")
	}
	f.Fuzz(func(t *testing.T, args, options string) {
		check := &execCheck{own: []string{"--import=own"}}
		v := check.nodeProcess(append([]string{"node"}, strings.Split(args, "\x00")...), []string{"NODE_OPTIONS=" + options, "NODE_DISABLE_COMPILE_CACHE=1"})
		words, err := nodeflags.Split(options)
		if v == nil && (err != nil || !slices.Contains(words, "--import=own")) {
			t.Errorf("node starts with NODE_OPTIONS=%s", options)
		}
	})
}
