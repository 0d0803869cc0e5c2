package packagejson

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const command = "nodeint hook run"

// Each text, with the command added to postinstall. Taking it out again has to
// give the first one back.
var edits = []struct{ name, was, is string }{
	{"no scripts", "{\n  \"name\": \"x\"\n}\n",
		"{\n  \"name\": \"x\",\n  \"scripts\": {\n    \"postinstall\": \"nodeint hook run\"\n  }\n}\n"},
	{"no final newline", "{\n  \"name\": \"x\"\n}",
		"{\n  \"name\": \"x\",\n  \"scripts\": {\n    \"postinstall\": \"nodeint hook run\"\n  }\n}"},
	{"tabs", "{\n\t\"name\": \"x\"\n}\n",
		"{\n\t\"name\": \"x\",\n\t\"scripts\": {\n\t\t\"postinstall\": \"nodeint hook run\"\n\t}\n}\n"},
	{"CRLF", "{\r\n    \"name\": \"x\"\r\n}\r\n",
		"{\r\n    \"name\": \"x\",\r\n    \"scripts\": {\r\n        \"postinstall\": \"nodeint hook run\"\r\n    }\r\n}\r\n"},
	{"not indented", "{\n\"name\": \"x\"\n}\n",
		"{\n\"name\": \"x\",\n\"scripts\": {\n  \"postinstall\": \"nodeint hook run\"\n}\n}\n"},
	{"the whole is indented", "  {\n    \"name\": \"x\"\n  }",
		"  {\n    \"name\": \"x\",\n    \"scripts\": {\n      \"postinstall\": \"nodeint hook run\"\n    }\n  }"},
	{"on one line", `{"name":"x","a":1}`, `{"name":"x","a":1,"scripts":{"postinstall":"nodeint hook run"}}`},
	{"on one line, with blanks", `{ "name": "x", "a": 1 }`, `{ "name": "x", "a": 1, "scripts": {"postinstall": "nodeint hook run"} }`},
	{"blanks before colons", `{"name" : "x"}`, `{"name" : "x", "scripts" : {"postinstall" : "nodeint hook run"}}`},
	{"blanks before colons alone", `{"name" :"x"}`, `{"name" :"x","scripts" :{"postinstall" :"nodeint hook run"}}`},
	{"nothing at all", "{}\n", "{\n  \"scripts\": {\n    \"postinstall\": \"nodeint hook run\"\n  }\n}\n"},
	{"nothing but a blank", "{ }", `{"scripts": {"postinstall": "nodeint hook run"} }`},
	{"nothing but a line", "{\n}\n", "{\"scripts\": {\"postinstall\": \"nodeint hook run\"}\n}\n"},
	{"other scripts", "{\n  \"scripts\": {\n    \"test\": \"x\"\n  },\n  \"name\": \"x\"\n}\n",
		"{\n  \"scripts\": {\n    \"test\": \"x\",\n    \"postinstall\": \"nodeint hook run\"\n  },\n  \"name\": \"x\"\n}\n"},
	{"other scripts, on one line", `{"scripts": {"test": "x", "start": "y"}}`,
		`{"scripts": {"test": "x", "start": "y", "postinstall": "nodeint hook run"}}`},
	{"commas first", "{ \"scripts\": { \"a\": \"x\"\n , \"b\": \"y\"\n } }",
		"{ \"scripts\": { \"a\": \"x\"\n , \"b\": \"y\", \"postinstall\": \"nodeint hook run\"\n } }"},
	{"no scripts yet", "{\n  \"scripts\": {}\n}\n", "{\n  \"scripts\": { \"postinstall\": \"nodeint hook run\" }\n}\n"},
	{"no scripts yet, but a line", "{\n  \"scripts\": {\n  }\n}\n", "{\n  \"scripts\": { \"postinstall\": \"nodeint hook run\" \n  }\n}\n"},
	{"a script", `{"scripts": {"postinstall": "patch-package"}}`,
		`{"scripts": {"postinstall": "patch-package && nodeint hook run"}}`},
	{"a script with blanks", `{"scripts": {"postinstall": " patch-package  "}}`,
		`{"scripts": {"postinstall": " patch-package   && nodeint hook run"}}`},
	{"a script with escapes", `{"scripts": {"post\u0069nstall": "echo \u0022\/\u00e9\u0022"}}`,
		`{"scripts": {"post\u0069nstall": "echo \u0022\/\u00e9\u0022 && nodeint hook run"}}`},
	{"an empty script", `{"scripts": {"postinstall": ""}}`, `{"scripts": {"postinstall": " nodeint hook run"}}`},
	{"a blank script", `{"scripts": {"postinstall": "  "}}`, `{"scripts": {"postinstall": "   nodeint hook run"}}`},
	{"a blank script with an escape", `{"scripts": {"postinstall": "\n"}}`, `{"scripts": {"postinstall": "\n nodeint hook run"}}`},
	{"another project's hook", `{"scripts": {"postinstall": "nodeint -C a hook run"}}`,
		`{"scripts": {"postinstall": "nodeint -C a hook run && nodeint hook run"}}`},
	{"what looks like it", `{"scripts": {"postinstall": "echo nodeint hook run"}}`,
		`{"scripts": {"postinstall": "echo nodeint hook run && nodeint hook run"}}`},
	{"what looks like it, quoted", `{"scripts": {"postinstall": "echo 'a && nodeint hook run && b'"}}`,
		`{"scripts": {"postinstall": "echo 'a && nodeint hook run && b' && nodeint hook run"}}`},
	{"braces in strings", `{"a": "}\"{", "b": ["]", {"scripts": {}}], "c": -1e3}`,
		`{"a": "}\"{", "b": ["]", {"scripts": {}}], "c": -1e3, "scripts": {"postinstall": "nodeint hook run"}}`},
	{"or", `{"scripts": {"postinstall": "a || b || exit 1"}}`, `{"scripts": {"postinstall": "a || b || exit 1 && nodeint hook run"}}`},
	{"scripts within others", `{"config": {"scripts": {"postinstall": "x"}}}`,
		`{"config": {"scripts": {"postinstall": "x"}}, "scripts": {"postinstall": "nodeint hook run"}}`},
	{"a number sign in a word", `{"scripts": {"postinstall": "a --b=#1 'x # y'"}}`,
		`{"scripts": {"postinstall": "a --b=#1 'x # y' && nodeint hook run"}}`},
}

func TestEdits(t *testing.T) {
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			is, err := Add([]byte(e.was), "postinstall", command)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e.is, string(is)); diff != "" {
				t.Errorf("added (- wanted, + got):\n%s", diff)
			}
			again, err := Add(is, "postinstall", command)
			if err != nil || string(again) != string(is) || !Has(is, "postinstall", command) {
				t.Errorf("a second time it is %q, %v", again, err)
			}
			was, err := Remove(is, "postinstall", command)
			if err != nil || string(was) != e.was {
				t.Errorf("removed, it is %q (%v), not %q", was, err, e.was)
			}
		})
	}
}

// What Remove makes of texts that were edited since.
func TestRemoveEdited(t *testing.T) {
	for _, e := range []struct{ name, is, was string }{
		{"moved to the front", `{"scripts": {"postinstall": "nodeint hook run", "test": "x"}}`, `{"scripts": {"test": "x"}}`},
		{"scripts moved to the front", "{\n  \"scripts\": {\n    \"postinstall\": \"nodeint hook run\"\n  },\n  \"name\": \"x\"\n}\n",
			"{\n  \"name\": \"x\"\n}\n"},
		{"a step behind", `{"scripts": {"postinstall": "nodeint hook run && b"}}`, `{"scripts": {"postinstall": "b"}}`},
		{"steps on both sides", `{"scripts": {"postinstall": "a && nodeint hook run && b"}}`, `{"scripts": {"postinstall": "a && b"}}`},
		{"close together", `{"scripts": {"postinstall": "a&&nodeint hook run&&b"}}`, `{"scripts": {"postinstall": "a&& b"}}`},
		{"blanks", `{"scripts": {"postinstall": "a &&  nodeint hook run "}}`, `{"scripts": {"postinstall": "a"}}`},
		{"a blank alone", `{"scripts": {"postinstall": "nodeint hook run ", "test": "x"}}`, `{"scripts": {"test": "x"}}`},
		{"an or before", `{"scripts": {"postinstall": "a || b && nodeint hook run"}}`, `{"scripts": {"postinstall": "a || b"}}`},
		{"another script", `{"scripts": {"postinstall": "x"}}`, `{"scripts": {"postinstall": "x"}}`},
		{"no scripts", `{}`, `{}`},
		{"no such script", `{"scripts": {}}`, `{"scripts": {}}`},
		{"not a string", `{"scripts": {"postinstall": 1}}`, `{"scripts": {"postinstall": 1}}`},
	} {
		t.Run(e.name, func(t *testing.T) {
			was, err := Remove([]byte(e.is), "postinstall", command)
			if err != nil || string(was) != e.was {
				t.Errorf("it is %q (%v), not %q", was, err, e.was)
			}
		})
	}
}

// What is refused, with a piece of the message.
func TestRefused(t *testing.T) {
	script := func(s string) string {
		text, err := json.Marshal(map[string]any{"scripts": map[string]string{"postinstall": s}})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, r := range []struct{ text, add, remove string }{
		{"", "it is not JSON", "it is not JSON"},
		{"[]", "not a JSON object", "not a JSON object"},
		{"{\n  \"a\": 1,\n}", "it is not JSON", "it is not JSON"},
		{"{} {}", "it is not JSON", "it is not JSON"},
		{"\xef\xbb\xbf{}", "byte order mark", "byte order mark"},
		{"{\"a\": \"\xff\"}", "not UTF-8", "not UTF-8"},
		{`{"scripts": {}, "scr\u0069pts": {}}`, `"scripts" twice`, `"scripts" twice`},
		{`{"scripts": {"postinstall": "a", "postinstall": "b"}}`, `"postinstall" twice`, `"postinstall" twice`},
		{`{"scripts": []}`, "not an object", "not an object"},
		{`{"scripts": {"postinstall": null}}`, "not a string", ""},
		{script("a # b"), "comment", ""},
		{script("#"), "comment", ""},
		{script("a &"), "ends with &", ""},
		{script("a &&"), "ends with &", ""},
		{script("a;"), "ends with ;", ""},
		{script("a |"), "ends with |", ""},
		{script(`a \`), `ends with \`, ""},
		{script(`a "b`), "quote without its end", ""},
		{script("a <<b"), "here-document", ""},
		{script("a\nb"), "several lines", ""},
		{script("exit 0"), "exit ends the shell", ""},
		{script("a; exec b"), "exec ends the shell", ""},
		{script("a && exit"), "exit ends the shell", ""},
		{script("nodeint hook run || true"), "-", "not certain"},
		{script("(nodeint hook run)"), "-", "not certain"},
		{script("nodeint hook run --json"), "-", "not certain"},
		{script("echo 'a && nodeint hook run && b'"), "-", "not certain"},
		{`{"scripts": {"postinstall": "\u0061 && nodeint hook run && b"}}`, "-", "escapes"},
	} {
		if _, err := Add([]byte(r.text), "postinstall", command); r.add != "-" {
			refused(t, "adding to", r.text, err, r.add)
		}
		_, err := Remove([]byte(r.text), "postinstall", command)
		refused(t, "removing from", r.text, err, r.remove)
	}
}

func refused(t *testing.T, doing, text string, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("%s %q: %v", doing, text, err)
		}
		return
	}
	if _, ok := errors.AsType[*Error](err); !ok || !strings.Contains(err.Error(), want) {
		t.Errorf("%s %q: error %v, wanted one with %q", doing, text, err, want)
	}
}

func TestPosition(t *testing.T) {
	_, err := Scripts([]byte("{\n  \"a\": 1,\n}"))
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Line != 3 || e.Column != 1 {
		t.Errorf("the error is %#v", err)
	}
}

// Whatever package.json there is: what Add changes is JSON that runs the
// command, has all that was there, and comes back by Remove byte for byte; two
// scripts, one after the other, too.
func FuzzAddRemove(f *testing.F) {
	for _, e := range edits {
		f.Add([]byte(e.was))
		f.Add([]byte(e.is))
	}
	manifests, err := filepath.Glob("../../fixtures/*/package.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, m := range manifests {
		text, err := os.ReadFile(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		was := string(text)
		one, err := Add(text, "dependencies", command)
		if err != nil {
			return
		}
		two, err := Add(one, "postinstall", command)
		if err != nil {
			return
		}
		if string(text) != was {
			t.Fatalf("%q was written over", was)
		}
		if string(two) == string(one) || string(one) == was {
			return // it was there
		}
		same(t, text, two)
		back, err := Remove(two, "postinstall", command)
		if err != nil || string(back) != string(one) {
			t.Fatalf("%q, of %q, came back as %q: %v", two, one, back, err)
		}
		back, err = Remove(back, "dependencies", command)
		if err != nil || string(back) != was {
			t.Fatalf("%q, of %q, came back as %q: %v", one, was, back, err)
		}
	})
}

// same holds that a package.json has all that it had, and the two scripts.
func same(t *testing.T, was, is []byte) {
	var a, b map[string]any
	if json.Unmarshal(was, &a) != nil || json.Unmarshal(is, &b) != nil {
		t.Fatalf("%q became %q", was, is)
	}
	old, _ := a["scripts"].(map[string]any)
	scripts := b["scripts"].(map[string]any)
	for _, name := range []string{"dependencies", "postinstall"} {
		if !Has(is, name, command) {
			t.Fatalf("%q does not run it in %s", is, name)
		}
		before, _ := old[name].(string)
		if s := scripts[name].(string); !strings.HasPrefix(s, before) {
			t.Fatalf("%q became %q", before, s)
		}
		delete(old, name)
		delete(scripts, name)
	}
	if len(scripts) == 0 && len(old) == 0 {
		delete(a, "scripts")
		delete(b, "scripts")
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Fatalf("%q became %q:\n%s", was, is, diff)
	}
}
