package nodeflags

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

var splitTests = []struct {
	text string
	want []string // nil for an error
}{
	{"", []string{}},
	{"  ", []string{}},
	{"--a --b=c", []string{"--a", "--b=c"}},
	{`--a="b c" d`, []string{"--a=b c", "d"}},
	{`"--a=\"b\\c\""`, []string{`--a="b\c"`}},
	{`--a=b\c`, []string{`--a=b\c`}},
	{"a\tb", []string{"a\tb"}},
	{`""`, []string{}},
	{`"" a`, []string{"a"}},
	{`a""b`, []string{"ab"}},
	{`"a`, nil},
	{`"a\`, nil},
}

func TestSplit(t *testing.T) {
	for _, tt := range splitTests {
		got, err := Split(tt.text)
		if (err != nil) != (tt.want == nil) {
			t.Errorf("Split(%q): %v", tt.text, err)
		} else if err == nil && !slices.Equal(got, tt.want) {
			t.Errorf("Split(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

// The words of a text, quoted, split into the same words.
func FuzzSplit(f *testing.F) {
	for _, tt := range splitTests {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words, err := Split(text)
		if err != nil {
			return
		}
		again, err := Split(Quote(words))
		if err != nil || !slices.Equal(words, again) {
			t.Errorf("%q: %q, quoted %q, is %q (%v)", text, words, Quote(words), again, err)
		}
	})
}

// Node splits as Split does.
func TestSplitAsNode(t *testing.T) {
	node := testenv.Node(t, 24)
	for _, tt := range splitTests {
		if len(tt.want) == 0 {
			continue
		}
		// The words are values of a flag that node does not change.
		words := []string{"--title=x"}
		for _, w := range tt.want {
			words = append(words, "--conditions="+w)
		}
		cmd := exec.Command(node, "--expose-internals", "-p", `JSON.stringify(require('internal/options').getOptionValue('--conditions'))`)
		cmd.Env = append(os.Environ(), "NODE_OPTIONS="+Quote(words))
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q: wanted (-), and node has (+):\n%s", Quote(words), diff)
		}
	}
}
