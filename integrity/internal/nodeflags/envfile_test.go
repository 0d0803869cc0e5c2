package nodeflags

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// envTexts are files of environment variables.
var envTexts = []string{
	"", "A=1", " B = 2\n", "export C=3\nexportD=4", `D="x y"`, "E='a#b' # c\nF=1", "F=a b # comment",
	"G=`m\nn`\nH=1", "H=\"unclosed\nNODE_OPTIONS = \"-C \n x\"\nA=1", "garbage line\nA=1", "=5\nA=1", "I=\nA=1",
	`J="a\"b"`, "K=\ttab", "L=\"x\" trailing\nA=1", "M='q\nNODE_PATH=src", "# NODE_PATH=2\nA=1", "N=\"1\\\n2\"\nA=1",
	"O:=1", `P = "a\nb" # b`, "A=1\r\nNODE_OPTIONS=-C x\r\n", "A=1\n\n\n  B=2  \n", "A=1\nA=2", "A==1", "\uFEFFA=1",
	"NODE_OPTIONS=\"--conditions=a --import='./b c.mjs'\"", "  #x\n  A=1", "A='1\n2' B=3\nC=4", "A= #\nB=1", "A=\n#B=1\nC=1",
}

// envParts are what random files of environment variables are made of: everything that
// node's parser treats differently, and what it might.
var envParts = []string{
	"A", "B", "NODE_PATH", "NODE_OPTIONS", "=", "=", "=", "\n", "\n", "\r", "\r\n", " ", " ", "\t", "\v", "\f", "\u0085", "\u00a0",
	"\u2028", "\uFEFF", "#", "#", " #", "\n #", `"`, "'", "`", `\n`, `\`, "export", "export ", "$", "\x00", "x", "é", "\n=", "==", " =", "= ",
}

// randomEnv returns n random files.
func randomEnv(r *rand.Rand, n int) []string {
	texts := make([]string, n)
	for i := range texts {
		for range 1 + r.IntN(16) {
			texts[i] += envParts[r.IntN(len(envParts))]
		}
	}
	return texts
}

// nodeEnv returns the variables that node reads in each text.
func nodeEnv(t *testing.T, node string, texts []string) []map[string]string {
	t.Helper()
	input, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "-e", `fs.writeFileSync(1, JSON.stringify(JSON.parse(fs.readFileSync(0, "utf8")).map((text) => util.parseEnv(text))))`)
	cmd.Stdin = strings.NewReader(string(input))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var values []map[string]string
	if err := json.Unmarshal(out, &values); err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		delete(v, "") // which is no variable
	}
	return values
}

// Node reads the files as parseEnv does. To try more random files, set
// NODEINT_ENV_SEED to another number.
func TestParseEnvAsNode(t *testing.T) {
	seed, _ := strconv.ParseUint(os.Getenv("NODEINT_ENV_SEED"), 10, 64)
	texts := slices.Concat(envTexts, randomEnv(rand.New(rand.NewPCG(seed, 0)), 5000))
	for _, major := range []int{22, 24, 26} {
		for i, want := range nodeEnv(t, testenv.Node(t, major), texts) {
			got, _ := parseEnv(texts[i])
			delete(got, "")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("node %d, %q: node has (-), parseEnv (+):\n%s", major, texts[i], diff)
			}
		}
	}
}

// A variable that is named in a way that is not an assignment is reported.
func TestParseEnvUnknown(t *testing.T) {
	for text, want := range map[string]bool{
		"NODE_OPTIONS=-C x": true, "# NODE_OPTIONS": true, "MY_NODE_OPTIONS": true,
		"NODE_OPTIONS -C x": false, "export NODE_PATH": false, "A=NODE_PATH=/x": false, "A=export NODE_PATH =/x": false,
		"NODE_PATH\n=/x": false, "# NODE_PATH=/x": true, `A="NODE_PATH=/x"`: true, "A=1 # NODE_PATH=/x": true, "A=MY_NODE_PATH=": true,
	} {
		if _, ok := parseEnv(text); ok != want {
			t.Errorf("%q: %t, want %t", text, ok, want)
		}
	}
}

func FuzzParseEnv(f *testing.F) {
	for _, text := range envTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, _ := parseEnv(text)
		for name, value := range values {
			if name == "" || !strings.Contains(strings.ReplaceAll(text, "\r", ""), name) {
				t.Errorf("%q: the name %q is not in it (value %q)", text, name, value)
			}
		}
	})
}
