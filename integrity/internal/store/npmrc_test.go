package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/problem"
)

// lines writes settings one a line.
func lines(all []setting) string {
	var b strings.Builder
	for _, s := range all {
		list := ""
		if s.list {
			list = "[]"
		}
		fmt.Fprintf(&b, "%d %s%s=%s\n", s.line, strings.ReplaceAll(s.key, "\x00", "."), list, s.value)
	}
	return b.String()
}

var npmrcs = []struct{ name, text, want string }{
	{"empty", "", ""},
	{"comments", "; a\n# b\n  ; c\n\nregistry=x ; d\ncache=y # e\n", "5 registry=x\n6 cache=y\n"},
	{"spaces", "  registry =  https://r/  \r\n\tstrict-ssl = false\r\n", "1 registry=https://r/\n2 strict-ssl=false\n"},
	{"key alone", "always-auth\n", "1 always-auth=true\n"},
	{"no key", "=x\n", ""},
	{"equals in the value", "//r/:_authToken=a=b==\n", "1 //r/:_authToken=a=b==\n"},
	{"list", "ca[]=a\nca[]=b\n", "1 ca[]=a\n2 ca[]=b\n"},
	{"double quotes", `cafile="a;b\nc"` + "\n", "1 cafile=a;b\nc\n"},
	{"double quotes, no JSON", `cafile="a\qb"` + "\n", "1 cafile=\"a\\qb\"\n"},
	{"single quotes", "cafile='a;b'\n", "1 cafile=a;b\n"},
	{"quoted key", `"@s:registry"=x` + "\n", "1 @s:registry=x\n"},
	{"escapes", `a=x\;y\#z\\w\q` + "\n", `1 a=x;y#z\w\q` + "\n"},
	{"section", "a=1\n[x]\nb=2\n", "1 a=1\n"},
	{"not quite a section", "[x]y=2\n", "1 [x]y=2\n"},
	{"carriage return ends a line", "a=1\rb=2\n", "1 a=1\n1 b=2\n"},
	{"no newline at the end", "a=${X}", "1 a=${X}\n"},
	{"prototype", "__proto__=1\n", "1 __proto__=1\n"},
}

func TestParseNpmrc(t *testing.T) {
	for _, tt := range npmrcs {
		got, err := parseNpmrc("f", []byte(tt.text))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, diff)
		}
	}
}

var badNpmrcs = []struct{ text, err string }{
	{"a=1\nb=\x00\n", "f:2: it contains a NUL"},
	{"a=1\n\nb=\xff\n", "f:3: it is not UTF-8"},
	{strings.Repeat(" ", maxSettings+1), "f: it has more than 1048576 bytes"},
	{strings.Repeat("\n", maxLines+1), "f:10001: it has more than 10000 lines"},
	{"a=" + strings.Repeat("x", maxValue+1), `f:1: the value of "a" has more than 65536 bytes`},
}

func TestParseNpmrcRefuses(t *testing.T) {
	for _, tt := range badNpmrcs {
		_, err := parseNpmrc("f", []byte(tt.text))
		var e *problem.Error
		if !errors.As(err, &e) || err.Error() != "read settings: "+tt.err {
			t.Errorf("got %v, want %s", err, tt.err)
		}
	}
}

func lookIn(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

func TestExpand(t *testing.T) {
	env := lookIn(map[string]string{"X": "1", "E": "", "A B": "2"})
	for _, tt := range []struct {
		text, want string
		ok         bool
	}{
		{"", "", true},
		{"a${X}b${X}", "a1b1", true},
		{"${E}", "", true},
		{"${A B}", "2", true},
		{"${NO}", "${NO}", false},
		{"${NO?}", "", true},
		{"${X?}", "1", true},
		{`\${X}`, "${X}", true},
		{`\\${X}`, `\1`, true},
		{`\\\${X}`, `\${X}`, true},
		{`a\b\\c`, `a\b\\c`, true},
		{"${", "${", true},
		{"${}", "${}", true},
		{"${X", "${X", true},
		{"$${X}", "$1", true},
		{"${${X}}", "${1}", true},
		{"${X?y}", "${X?y}", true},
	} {
		if got, ok := expand(tt.text, env); got != tt.want || ok != tt.ok {
			t.Errorf("%s: got %q, %v", tt.text, got, ok)
		}
	}
}

func FuzzParseNpmrc(f *testing.F) {
	for _, tt := range npmrcs {
		f.Add([]byte(tt.text))
	}
	for _, tt := range badNpmrcs {
		if len(tt.text) < 1000 {
			f.Add([]byte(tt.text))
		}
	}
	f.Add([]byte("registry=https://r/\n@s:registry=http://${X}/\n//r/a/:_authToken=${X}\n//r/:_auth=YTpi\n//r/:username=a\n//r/:_password=Yg==\n//r/:certfile=c\n//r/:keyfile=k\n"))
	f.Add([]byte("proxy=http://p:1\nhttps-proxy=null\nnoproxy=a\nstrict-ssl=false\nca[]=\"-----BEGIN\"\nreplace-registry-host=always\ncache=~/x\n"))
	env := &environment{values: map[string]string{"X": "1", "HOME": "/home/u"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := parseNpmrc("f", data)
		checkSettings(t, all, err)
		for i := range all {
			all[i].project = i%2 == 0
		}
		c, err := newBuilder(env, "/nowhere", nil).npmConfig(levels{nil, nil, all, nil})
		checkConfig(t, c, err)
	})
}

func checkSettings(t *testing.T, all []setting, err error) {
	t.Helper()
	var e *problem.Error
	if err != nil && (!errors.As(err, &e) || len(all) > 0) {
		t.Fatalf("%#v", err)
	}
	for _, s := range all {
		if s.key == "" || s.line < 1 {
			t.Fatalf("%+v", s)
		}
	}
}

// checkConfig checks what holds for every config, also with settings of an attacker.
func checkConfig(t *testing.T, c *config, err error) {
	t.Helper()
	var e *problem.Error
	if err != nil {
		if !errors.As(err, &e) {
			t.Fatalf("%#v", err)
		}
		return
	}
	for place, cred := range c.credentials {
		if cred.place != place || !strings.Contains(place, "/") || cred.header != "" && !isHeader(cred.header) {
			t.Fatalf("%q: %q", place, cred.header)
		}
	}
	for _, b := range c.scopes {
		if _, ok := webURL(b.String()); !ok {
			t.Fatalf("%s", b)
		}
	}
}
