package launch

import (
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/nodeflags"
)

func TestRewrite(t *testing.T) {
	for words, want := range map[string]string{
		"--import=./i.mjs --title t -r ./a.js --require=b": "--import=nodeint:require/.%2Fa.js --import=nodeint:require/b --import=./i.mjs --title t",
		"--expose_gc --import ./i.mjs":                     "--expose_gc --import ./i.mjs",
	} {
		flags, _, err := nodeflags.Flags(Allow{}).Parse(strings.Fields(words))
		if got := strings.Join(rewriteRequire(flags), " "); err != nil || got != want {
			t.Errorf("%s becomes %s (%v), want %s", words, got, err, want)
		}
	}
}

func TestEncode(t *testing.T) {
	for s, want := range map[string]string{"./a b.js": ".%2Fa%20b.js", "-_.!~*'()": "-_.!~*'()", "ä+%": "%C3%A4%2B%25"} {
		if got := encode(s); got != want {
			t.Errorf("encode(%q) = %q, want %q", s, got, want)
		}
	}
}
