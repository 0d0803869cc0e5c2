package store

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/problem"
)

var yarnrcs = []struct{ name, text, want string }{
	{"empty", "", ""},
	{"comment", "# nothing\n", ""},
	{"texts", "npmRegistryServer: \"https://r/\"\nenableStrictSsl: false\n", "1 npmRegistryServer=https://r/\n2 enableStrictSsl=false\n"},
	{"scopes", "npmScopes:\n  my:\n    npmAuthToken: '${X}'\n", "3 npmScopes.my.npmAuthToken=${X}\n"},
	{"registries", "npmRegistries:\n  //r/:\n    npmAuthIdent: a:b\n", "3 npmRegistries.//r/.npmAuthIdent=a:b\n"},
	{"flow", "npmScopes: {my: {npmRegistryServer: x}}\n", "1 npmScopes.my.npmRegistryServer=x\n"},
	{"lists are passed over", "plugins:\n  - path: x\n    spec: y\n", ""},
	{"null", "npmAuthToken: null\nhttpProxy: ~\n", ""},
	{"as it is written", "cacheFolder: 0x10\n", "1 cacheFolder=0x10\n"},
	{"too deep to be read", "a: {b: {c: {d: {e: 1}}}}\n", ""},
	{"no mapping", "- a\n", ""},
	{"block", "a: |\n  b\n  c\n", "1 a=b\nc\n\n"},
}

func TestParseYarnrc(t *testing.T) {
	for _, tt := range yarnrcs {
		got, err := parseYarnrc("f", []byte(tt.text))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, diff)
		}
	}
}

var badYarnrcs = []struct{ text, err string }{
	{"a: 1\nb: [\n", "invalid YAML"},
	{"a: &x 1\nb: *x\n", "f:1: an anchor or alias is not supported"},
	{"a: !!str 1\n", "f:1: a tag is not supported"},
	{"a: 1\nb: 2\na: 3\n", `f:3: the key "a" occurs twice`},
	{"a:\n  ? [x]\n  : 1\n", "f:2: a key is not a string"},
	{"<<: {a: 1}\n", "f:1: a key is not a string"},
	{"\"\": 00", "f:1: a key is not a string"},
	{"a: 1\n---\nb: 2\n", "it has more than one document"},
	{"a: \"\x00\"\n", "f:1: it contains a NUL"},
	{"a: \xff\n", "f:1: it is not UTF-8"},
	{"a: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), "f:1: it is nested too deep"},
	{"a: " + strings.Repeat("x", maxValue+1), "f:1: a value is too long"},
	{strings.Repeat("#", maxYarnrc+1), "f: it has more than 262144 bytes"},
}

func TestParseYarnrcRefuses(t *testing.T) {
	for _, tt := range badYarnrcs {
		_, err := parseYarnrc("f", []byte(tt.text))
		var e *problem.Error
		if !errors.As(err, &e) || !strings.HasSuffix(err.Error(), tt.err) {
			t.Errorf("%.40q: got %v, want %s", tt.text, err, tt.err)
		}
	}
}

func TestExpandYarn(t *testing.T) {
	env := lookIn(map[string]string{"X": "1", "E": ""})
	for _, tt := range []struct {
		text, want string
		ok         bool
	}{
		{"", "", true},
		{"a${X}b", "a1b", true},
		{"${E}", "", true},
		{"${NO}", "", false},
		{"${NO-x}", "x", true},
		{"${NO:-x}", "x", true},
		{"${E-x}", "", true},
		{"${E:-x}", "x", true},
		{"${X:-x}", "1", true},
		{"${NO-${NO-y}}", "y", true},
		{"${NO-${NO}}", "", false},
		{"${NO-}", "", true},
		{`\${X}`, "${X}", true},
		{`\\`, `\`, true},
		{"}", "}", true},
		{"${", "", false},
		{"${1}", "", false},
		{"${NO-x", "", false},
		{strings.Repeat("${NO-", 100) + strings.Repeat("}", 100), "", false},
	} {
		got, ok := expandYarn(tt.text, env)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s: got %q, %v", tt.text, got, ok)
		}
	}
}

func FuzzParseYarnrc(f *testing.F) {
	for _, tt := range yarnrcs {
		f.Add([]byte(tt.text))
	}
	for _, tt := range badYarnrcs {
		if len(tt.text) < 1000 {
			f.Add([]byte(tt.text))
		}
	}
	f.Add([]byte("npmRegistryServer: https://r/\nnpmAuthToken: ${X}\nnpmScopes: {s: {npmRegistryServer: 'https://s', npmAuthIdent: 'a:b'}}\nnpmRegistries: {'//q': {npmAuthToken: ${NO-x}}}\n"))
	f.Add([]byte("httpProxy: http://p:1\nhttpsProxy: ''\nenableStrictSsl: false\ncacheFolder: ./c\nglobalFolder: ~/g\n"))
	env := &environment{values: map[string]string{"X": "1", "HOME": "/home/u"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := parseYarnrc("f", data)
		checkSettings(t, all, err)
		for i := range all {
			all[i].project = i%2 == 0
		}
		c, err := newBuilder(env, "/nowhere", nil).yarnConfig(levels{nil, nil, all})
		checkConfig(t, c, err)
	})
}
