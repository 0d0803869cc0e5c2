package nodeflags

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

var scanTests = []struct {
	words string // up to the script, which is app.js
	want  string // the words of each flag, or what the error has
	kind  Kind   // of the first
}{
	{"app.js", "", ""},
	{"--expose-gc app.js", "--expose-gc", Pass},
	{"--expose_gc app.js", "--expose_gc", Pass},
	{"--max-old-space-size=100 --no-warnings app.js", "--max-old-space-size=100|--no-warnings", Pass},
	{"--max_old_space_size=100 app.js", "--max_old_space_size=100", Pass},
	{"--title x app.js", "--title x", Value},
	{"--title=x app.js", "--title=x", Value},
	{"--trace-event-categories v8 app.js", "--trace-event-categories v8", Value},
	{"--trace-gc app.js", "--trace-gc", Pass},
	{"--harmony-temporal --no-opt app.js", "--harmony-temporal|--no-opt", Pass},
	{"-r ./a.js --require=b app.js", "-r ./a.js|--require=b", Require},
	{`--require \-odd app.js`, `--require \-odd`, Require},
	{"--import ./a.mjs app.js", "--import ./a.mjs", Import},
	{"-C dev app.js", "-C dev", Conditions},
	{"-e 1 app.js", "-e 1", Eval},
	{"-pe 1 app.js", "-pe 1", Eval},
	{"-p 1 app.js", "-p 1", Eval},
	{"-p --no-warnings app.js", "-p|--no-warnings", Eval},
	{"--input-type=module app.js", "--input-type=module", Eval},
	{"--test app.js", "--test", Alone},
	{"-v app.js", "-v", Alone},
	{"--no-test app.js", "--no-test", Pass},
	{"--permission --allow-fs-read=* app.js", "--permission|--allow-fs-read=*", Pass},
	{"-- app.js", "", ""},

	{"--title", "--title needs a value", ""},
	{"--title= app.js", "--title needs a value", ""},
	{"--title -x app.js", "--title needs a value", ""},
	{"--frobnicate app.js", "does not know the node flag --frobnicate", ""},
	{"--no-title app.js", "does not know the node flag --no-title", ""},
	{"-r=./a.js app.js", "does not know the node flag -r=./a.js", ""},
	{"-expose-gc app.js", "does not know the node flag -expose-gc", ""},
	{"--harmony-* app.js", "does not know the node flag --harmony-*", ""},
	{"--loader ./l.mjs app.js", "--loader is refused: the loader replaces", ""},
	{"--experimental_loader=./l.mjs app.js", "--experimental-loader is refused", ""},
	{"--harmony_shadow_realm app.js", "--harmony-shadow-realm is refused: it loads modules without the preload", ""},
	{"--inspect app.js", "--inspect is refused: an inspector can run any code", ""},
	{"--inspect-brk=0 app.js", "--inspect-brk is refused", ""},
	{"--no-inspect app.js", "--no-inspect is refused", ""},
	{"-i app.js", "-i is refused", ""},
	{"--watch app.js", "--watch is refused", ""},
	{"--preserve-symlinks app.js", "--preserve-symlinks is refused", ""},
	{"--vfs-load=a.zip app.js", "--vfs-load is refused", ""},
}

func TestScan(t *testing.T) {
	for _, tt := range scanTests {
		flags, rest, err := Flags(Allow{}).Parse(strings.Fields(tt.words))
		if err != nil {
			if !strings.Contains(err.Error(), tt.want) || tt.kind != "" || tt.want == "" {
				t.Errorf("%s: %v, want %q", tt.words, err, tt.want)
			}
			continue
		}
		var got []string
		for _, f := range flags {
			got = append(got, strings.Join(f.Words, " "))
		}
		if s := strings.Join(got, "|"); s != tt.want || !slices.Equal(rest, []string{"app.js"}) {
			t.Errorf("%s: %q and %q, want %q", tt.words, s, rest, tt.want)
		}
		if len(flags) > 0 && flags[0].Kind != tt.kind {
			t.Errorf("%s: kind %s, want %s", tt.words, flags[0].Kind, tt.kind)
		}
	}
}

func TestFlagValue(t *testing.T) {
	for words, want := range map[string]string{
		`-r ./a.js`: "./a.js", `--require=./a=b.js`: "./a=b.js", `--require \-odd`: "-odd", `--print=1`: "",
	} {
		flags, _, err := Flags(Allow{}).Parse(strings.Fields(words))
		if err != nil || flags[0].Value != want {
			t.Errorf("%s: %+v (%v), want the value %q", words, flags, err, want)
		}
	}
}

func TestInspector(t *testing.T) {
	if _, rest, err := Flags(Allow{Inspector: true}).Parse([]string{"--inspect", "--inspect-brk=0", "--inspect-port", "1", "app.js"}); err != nil || len(rest) != 1 {
		t.Errorf("%q (%v)", rest, err)
	}
}

// Each flag has one row.
func TestFlagsTwice(t *testing.T) {
	n := 0
	for _, part := range []map[Kind]string{known, inspecting} {
		for _, names := range part {
			n += len(strings.Fields(names))
		}
	}
	for _, names := range refused {
		n += len(strings.Fields(names))
	}
	if got := len(Flags(Allow{})); got != n {
		t.Errorf("the lists have %d names, and the table %d", n, got)
	}
}

func TestText(t *testing.T) {
	got := Table{"-r": {Kind: Require}, "--run": {Kind: Refuse, Reason: "no"}}.Text()
	if want := "\n--run refuse no\n-r require\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	text, err := json.Marshal(Flags(Allow{}).Text())
	if err != nil || bytes.Contains(text, []byte(`\u`)) {
		t.Errorf("the text has more than printable characters and newlines: %s (%v)", text, err)
	}
}

// The table has every flag of the supported nodes, and whether it takes a value.
func TestFlagsOfNode(t *testing.T) {
	table := Flags(Allow{Inspector: true})
	for _, major := range []int{22, 24, 26} {
		for name, takesValue := range optionsOf(t, testenv.Node(t, major)) {
			rule := table.rule(name)
			switch rule.Kind {
			case "":
				t.Errorf("node %d: %s is not in the table", major, name)
			case Pass, Alone:
				if takesValue && name != "--stack-trace-limit" { // V8 takes it with "=" alone
					t.Errorf("node %d: %s takes a value", major, name)
				}
			case Refuse:
				if takesValue != rule.Valued && rule.Effect != ConfigFile { // its value differs by version
					t.Errorf("node %d: %s takes a value: %t, and the table has %t", major, name, takesValue, rule.Valued)
				}
			case Value, Conditions, Packages, Reporter, Require, Import:
				if !takesValue {
					t.Errorf("node %d: %s takes no value", major, name)
				}
			}
		}
		cmd := exec.Command(testenv.Node(t, major), "-p", `[...process.allowedNodeEnvironmentFlags].join("\n")`)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(string(out)) {
			if name, _, _ = split(name); table.rule(name).Kind == "" && !strings.HasPrefix(name, "--no-") {
				t.Errorf("node %d: %s may be in NODE_OPTIONS and is not in the table", major, name)
			}
		}
	}
}

// optionsOf returns the names of node's options and aliases, and which take a value.
func optionsOf(t *testing.T, node string) map[string]bool {
	t.Helper()
	cmd := exec.Command(node, "--expose-internals", "--no-warnings", "-p", `
		const b = require('internal/test/binding').internalBinding('options');
		const { options, aliases } = (b.getCLIOptionsInfo ?? b.getCLIOptions)();
		const valued = (type) => !['kBoolean', 'kNoOp', 'kV8Option'].some((name) => b.types[name] === type);
		const out = {};
		for (const [name, { type }] of options) if (name[0] === '-') out[name] = valued(type);
		for (const [name, targets] of aliases) {
			if (/^-[-\w]+$/.test(name)) out[name] = targets.length === 1 && out[targets[0]] === true;
		}
		JSON.stringify(out)`)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var options map[string]bool
	if err := json.Unmarshal(text, &options); err != nil || len(options) < 200 {
		t.Fatalf("%d options (%v)", len(options), err)
	}
	return options
}
