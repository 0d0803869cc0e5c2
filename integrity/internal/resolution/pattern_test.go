package resolution

import (
	"strings"
	"testing"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// exportsOf returns the value of exports.
func exportsOf(value string) *nodejs.Target {
	m, _ := nodejs.ReadManifest([]byte(`{"exports":` + value + "}"))
	return m.Exports
}

func TestMatchPattern(t *testing.T) {
	for _, tt := range []struct{ value, key, want string }{
		{`{"./f/*": "./f/*.js"}`, "./f/opt", "./f/opt.js"},
		{`{"./f/*": "./f/*.js"}`, "./f/a/b.c", "./f/a/b.c.js"},
		{`{"./f/*": "./f/*.js"}`, "./f/", ""},
		{`{"./f/*": "./f/*.js"}`, "./g/x", ""},
		{`{"./f/*": "./f/*.js"}`, ".", ""},
		{`{"./*": "./*"}`, "./x", "./x"},
		{`{"./*/x": "./*/*.js"}`, "./a/b/x", "./a/b/a/b.js"},
		{`{"./*/x": "./lib/*.js"}`, "./x", ""},
		{`{"./*.js": "./*.js", "./*": "./*.mjs"}`, "./a.js", "./a.js"},
		{`{"./*": "./*.mjs", "./*.js": "./*.js"}`, "./a.js", "./a.js"},
		{`{"./*": "./1/*", "./f/*": "./2/*"}`, "./f/x", "./2/x"},
		{`{"./f/*": "./1/*", "./f/*": "./2/*"}`, "./f/x", "./2/x"},
		{`{"./f/*": "./f/*", "./f/private/*": null}`, "./f/private/x", ""},
		{`{"./f/*": ["./a/*", null, {"node": {"import": "./b/*", "default": "./c/*"}}]}`, "./f/x", "./a/x ./b/x ./c/x"},
		{`{"#p/*": "p/lib/*.js", "#p": "p"}`, "#p/x", "p/lib/x.js"},
		{`{"./*/*": "./*"}`, "./a/b", ""},
		{`{"node": {"./f/*": "./f/*"}}`, "./f/x", ""},
		{`"./x.js"`, ".", ""},
		{`null`, "./x", ""},
	} {
		got := strings.Join(matchPattern(patternsOf(exportsOf(tt.value)), tt.key), " ")
		if got != tt.want {
			t.Errorf("%s of %s: %q, want %q", tt.key, tt.value, got, tt.want)
		}
	}
}

// FuzzMatchPattern checks that a key is what the pattern has around the "*" and what the
// "*" stands for.
func FuzzMatchPattern(f *testing.F) {
	f.Add(`{"./f/*": "*"}`, "./f/opt")
	f.Add(`{"./*/x": ["*"], "./a*": null}`, "./a/x")
	f.Add(`{"#*": {"node": "*"}}`, "#x")
	f.Fuzz(func(t *testing.T, value, key string) {
		patterns := patternsOf(exportsOf(value))
		for i := range patterns {
			patterns[i].targets = []string{patterns[i].base + "*" + patterns[i].trailer}
		}
		for _, target := range matchPattern(patterns, key) {
			if !strings.Contains(key, "*") && target != key {
				t.Errorf("%q matches as %q", key, target)
			}
		}
	})
}
