package launch

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
	"github.com/nodeint/nodeint/integrity/problem"
)

// write creates files, by path. A text that begins with "->" is the target of a link.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	for path, text := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		err := os.WriteFile(path, []byte(text), 0o777)
		if target, ok := strings.CutPrefix(text, "->"); ok {
			err = errors.Join(os.Remove(path), os.Symlink(target, path))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

const pnpmShim = `#!/bin/sh
basedir=$(dirname "$(echo "$0" | sed -e 's,\\,/,g')")
case ` + "`uname`" + ` in
    *CYGWIN*) basedir=` + "`cygpath -w \"$basedir\"`" + `;;
esac
if [ -x "$basedir/node" ]; then
  exec "$basedir/node"  "$basedir/../x/bin.js" "$@"
else
  exec node  "$basedir/../x/bin.js" "$@"
fi
`

// inProject changes to a new directory with a node and commands of all kinds.
func inProject(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are scripts with #! lines")
	}
	t.Chdir(t.TempDir())
	write(t, map[string]string{
		"bin/node":                  "#!/bin/sh\n",
		"bin/npm":                   "->npm-cli.js",
		"bin/npm-cli.js":            "#!/usr/bin/env node\n",
		"bin/tool":                  "#!/usr/bin/env node\n",
		"app.js":                    "",
		"ts.ts":                     "",
		"dash.js":                   "#!/bin/sh\n",
		"env":                       "NODE_OPTIONS=--title=x\n",
		"good.env":                  "A=1\n",
		"loader.env":                "NODE_OPTIONS=--loader=./x.mjs\n",
		"odd.env":                   "export NODE_OPTIONS\n",
		"openssl.env":               "OPENSSL_CONF=evil.cnf\n",
		"x/bin.js":                  "",
		"node_modules/x/bin.js":     "#!/usr/bin/env -S node --no-warnings\n",
		"node_modules/.bin/x":       "->../x/bin.js",
		"node_modules/.bin/pnpm-x":  pnpmShim,
		"node_modules/.bin/flag-x":  strings.ReplaceAll(pnpmShim, "exec node ", "exec node --expose-gc "),
		"node_modules/.bin/gone-x":  strings.ReplaceAll(pnpmShim, "../x/", "../y/"),
		"node_modules/.bin/two-x":   pnpmShim + "exec node \"$basedir/../x/bin.js\" \"$@\"\n",
		"node_modules/.bin/other-x": "#!/bin/sh\nexec node $1\n",
		"tools/pnpm-x":              pnpmShim,
		"direct":                    "#!/opt/node/bin/node --expose-gc\n",
		"quoted":                    "#!/usr/bin/env -S node '--title=a b'\n",
		"var":                       "#!/usr/bin/env -S A=1 node\n",
		"tsx":                       "#!/usr/bin/env tsx\n",
		"binary":                    "\x7fELF",
	})
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Join(wd, "bin"))
}

var commandTests = []struct {
	words string
	want  string // argv, or what the error has
}{
	{"node app.js", "node app.js"},
	{"node app.js --port 1 -- -x", "node app.js --port 1 -- -x"},
	{"./bin/node app.js", "./bin/node app.js"},
	{"node --no-warnings app.js -r x", "node --no-warnings app.js -r x"},
	{"node -r ./a.js app.js", "node --import=nodeint:require/.%2Fa.js app.js"},
	{"node -- app.js", "node app.js"},
	{"node -- -app.js", "node -- -app.js"},
	{"node --test", "node --test"},
	{"node --test a.js b.js", "node --test a.js b.js"},
	{"node --version", "node --version"},
	{"node --test --test-reporter=tap --test-reporter dot", "node --test --test-reporter=tap --test-reporter dot"},
	{"node --process-timeout=5000 --report-on-process-timeout app.js", "node --process-timeout=5000 --report-on-process-timeout app.js"},
	{"node --env-file=good.env app.js", "node --env-file=good.env app.js"},
	{"node --env-file env app.js", "node --env-file env app.js"},
	{"node --env-file=absent.env app.js", "node --env-file=absent.env app.js"},
	{"node --permission --allow-fs-read=. app.js", "node --allow-fs-read=/image --permission --allow-fs-read=. app.js"},
	{"app.js 1", "node app.js 1"},
	{"./ts.ts", "node ./ts.ts"},
	{"dash.js", "node dash.js"},
	{"tool --help", "node BIN/tool --help"},
	{"node_modules/.bin/x a", "node --no-warnings node_modules/.bin/x a"},
	{"node_modules/.bin/pnpm-x a", "node --no-warnings node_modules/x/bin.js a"},
	{"node_modules/.bin/flag-x", "node --no-warnings node_modules/x/bin.js"},

	{"", "no command given"},
	{"node", "no script given"},
	{"node -", "no script given"},
	{"node --no-warnings", "no script given"},
	{"node -p", "-p is refused: a map cannot pin code on the command line"},
	{"node -e 1", "-e is refused: a map cannot pin code on the command line"},
	{"node inspect app.js", "node's debugger, node inspect, is refused"},
	{"node --run start", "--run is refused"},
	{"node --env-file loader.env app.js", "in NODE_OPTIONS: node's flag --loader is refused"},
	{"node --env-file odd.env app.js", "odd.env names NODE_OPTIONS, NODE_PATH or another variable"},
	{"node --env-file openssl.env app.js", "OPENSSL_CONF in a file of --env-file is refused: OpenSSL's configuration can load libraries"},
	{"node --test --test-reporter=./x.mjs", "node's flag --test-reporter ./x.mjs is refused: the runner loads the module"},
	{"node --test --test-reporter x", "--test-reporter x is refused"},
	{"node --test --test-reporter json", "--test-reporter json is refused"},
	{"node --test --test_reporter=spec --test-reporter=data:,", "--test-reporter data:, is refused"},
	{"node --test --test-global-setup=./x.mjs", "--test-global-setup is refused"},
	{"node --config-file=x.json app.js", "--config-file is refused"},
	{"./absent/node app.js", "finding node"},
	{"npm start", "npm is refused: it starts other programs through a shell"},
	{"./bin/npm start", "./bin/npm is refused"},
	{"sh -c x", "sh is refused"},
	{"x", `"x" is neither node nor a command in PATH`},
	{"absent.js", "finding the script"},
	{"./quoted", "./quoted is refused: it is a script for /usr/bin/env -S node '--title=a b'"},
	{"./var", "./var is refused: it is a script for"},
	{"./tsx", "./tsx is refused: it is a script for /usr/bin/env tsx"},
	{"./binary", "./binary is refused: it is neither node nor a script for node"},
	{"node_modules/.bin/gone-x", "is refused: it is a script for /bin/sh"},
	{"node_modules/.bin/two-x", "is refused: it is a script for /bin/sh"},
	{"node_modules/.bin/other-x", "is refused: it is a script for /bin/sh"},
	{"tools/pnpm-x", "is refused: it is a script for /bin/sh"},
}

func TestParseCommand(t *testing.T) {
	inProject(t)
	for _, tt := range commandTests {
		p, err := ParseCommand(strings.Fields(tt.words), nil, Allow{})
		if err != nil {
			var e *problem.Error
			if !errors.As(err, &e) || e.Hint == "" || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %v, want %q", tt.words, err, tt.want)
			}
			continue
		}
		got := strings.Join(p.argv(permissionFlags([]string{"/image"})), " ")
		if bin, _ := filepath.Abs("bin"); strings.ReplaceAll(got, bin, "BIN") != tt.want {
			t.Errorf("%s: %s, want %s", tt.words, got, tt.want)
		}
	}
}

// The node of a #! line is started, with its flags.
func TestShebang(t *testing.T) {
	for line, want := range map[string]string{
		"/usr/bin/env node": "node", " /usr/bin/env -S node --a --b=c": "node --a --b=c", "/usr/bin/env -Snode": "node",
		"/opt/node/bin/node --expose-gc": "/opt/node/bin/node --expose-gc", "/usr/bin/env": "", "": "", "/bin/sh": "",
		"/usr/bin/env -S -i node": "", "/usr/bin/env -S node $X": "",
	} {
		got, ok := shebang(line)
		if strings.Join(got, " ") != want || ok != (want != "") {
			t.Errorf("%q: %q", line, got)
		}
	}
}

func TestAllowedEval(t *testing.T) {
	inProject(t)
	for words, want := range map[string]string{
		"node -e 1 a -b":            "node -e 1 a -b",
		"node -pe 1":                "node -pe 1",
		"node --input-type=module":  "node --input-type=module",
		"node -p --no-warnings":     "node -p --no-warnings",
		"node":                      "node",
		"node - a":                  "node -- - a",
		"node --eval=1 -- -x":       "node --eval=1 -- -x",
		"node --print --eval=1 app": "node --print --eval=1 app",
	} {
		p, err := ParseCommand(strings.Fields(words), nil, Allow{Eval: true})
		if err != nil {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", words, err)
			}
		} else if got := strings.Join(p.argv(nil), " "); got != want {
			t.Errorf("%s: %s", words, got)
		}
	}
}

func TestEnvironment(t *testing.T) {
	for env, want := range map[string]string{
		"NODE_OPTIONS=--no-warnings -r ./a":                             "",
		"NODE_OPTIONS=--loader=x":                                       "in NODE_OPTIONS: node's flag --loader is refused",
		"NODE_OPTIONS=app.js":                                           `NODE_OPTIONS contains a word that is not a flag: "app.js"`,
		"NODE_OPTIONS=--no-warnings --":                                 `NODE_OPTIONS contains a word that is not a flag: "--"`,
		`NODE_OPTIONS="`:                                                "NODE_OPTIONS has an unclosed quote",
		"NODE_OPTIONS=--input-type=module":                              "in NODE_OPTIONS: node's flag --input-type is refused",
		"NODE_OPTIONS=--experimental-loader file:///p/.pnp.loader.mjs":  "",
		"NODE_OPTIONS=--experimental-loader ./.pnp.loader.mjs":          "--experimental-loader is refused",
		"NODE_OPTIONS=--experimental-loader=file:///p/other.loader.mjs": "--experimental-loader is refused",
		"NODE_PRESERVE_SYMLINKS=1":                                      "NODE_PRESERVE_SYMLINKS is refused",
		"NODE_PRESERVE_SYMLINKS=0":                                      "",
		"NODE_PRESERVE_SYMLINKS_MAIN=1":                                 "NODE_PRESERVE_SYMLINKS_MAIN is refused",
	} {
		_, _, err := parseEnvironment(nodeflags.Flags(Allow{}), []string{env}, Allow{})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", env, err, want)
		}
	}
}

func TestVersion(t *testing.T) {
	for v, want := range map[Version]string{
		{20, 20, 2}: "node 20.20.2 is too old for run: 22.15 or newer is needed",
		{22, 14, 9}: "node 22.14.9 is too old for run: 22.15 or newer is needed",
		{22, 15, 0}: "", {23, 4, 0}: "node 23.4.0 is too old for run: 23.5 or newer is needed", {23, 5, 0}: "", {24, 0, 0}: "",
	} {
		err := v.Check()
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", v, err, want)
		}
	}
}

// NODE_OPTIONS may have the loader of Plug'n'Play if the preload does its work.
func TestLoader(t *testing.T) {
	for _, words := range []string{"--experimental-loader file:///p/a%20b/.pnp.loader.mjs", "--experimental-loader=file:///p/a%20b/.pnp.loader.mjs --title x"} {
		p, err := ParseCommand([]string{"node", "app.js"}, []string{"NODE_OPTIONS=--title y " + words, "PATH=" + os.Getenv("PATH")}, Allow{})
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.FromSlash("/p/a b/.pnp.loader.mjs"); p.Loader != want || p.Options[0].Name != "--title" {
			t.Errorf("%s: %q, options %v", words, p.Loader, p.Options)
		}
		for plug, ok := range map[string]bool{"/p/a b/.pnp.cjs": true, "/p/.pnp.cjs": false, "": false} {
			if err := p.CheckLoader(filepath.FromSlash(plug)); (err == nil) != ok {
				t.Errorf("with %q: %v", plug, err)
			}
		}
	}
	if err := (&Program{}).CheckLoader(""); err != nil {
		t.Error(err)
	}
}
