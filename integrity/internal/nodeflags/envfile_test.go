package nodeflags

import (
	"encoding/json"
	"os/exec"
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

// Node reads the files as parseEnv does.
func TestParseEnvAsNode(t *testing.T) {
	input, err := json.Marshal(envTexts)
	if err != nil {
		t.Fatal(err)
	}
	for _, major := range []int{22, 24, 26} {
		cmd := exec.Command(testenv.Node(t, major), "-p", `JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8')).map((text) => require('util').parseEnv(text)))`)
		cmd.Stdin = strings.NewReader(string(input))
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		var want []map[string]string
		if err := json.Unmarshal(out, &want); err != nil {
			t.Fatal(err)
		}
		for i, text := range envTexts {
			got, _ := parseEnv(text)
			if diff := cmp.Diff(want[i], got); diff != "" {
				t.Errorf("node %d, %q: node has (-), parseEnv (+):\n%s", major, text, diff)
			}
		}
	}
}

// A variable that is named in a way that is not an assignment is reported.
func TestParseEnvUnknown(t *testing.T) {
	for text, want := range map[string]bool{
		"NODE_OPTIONS=-C x": true, "# NODE_OPTIONS": true, "MY_NODE_OPTIONS": true,
		"NODE_OPTIONS -C x": false, "export NODE_PATH": false,
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
