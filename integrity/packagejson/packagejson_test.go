package packagejson

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/problem"
)

const command = "nodeint hook run"

// Texts before and after Add to postinstall. Remove must restore the text
// before.
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
	{"on one line, with spaces", `{ "name": "x", "a": 1 }`, `{ "name": "x", "a": 1, "scripts": {"postinstall": "nodeint hook run"} }`},
	{"spaces before colons", `{"name" : "x"}`, `{"name" : "x", "scripts" : {"postinstall" : "nodeint hook run"}}`},
	{"spaces before colons only", `{"name" :"x"}`, `{"name" :"x","scripts" :{"postinstall" :"nodeint hook run"}}`},
	{"empty", "{}\n", "{\n  \"scripts\": {\n    \"postinstall\": \"nodeint hook run\"\n  }\n}\n"},
	{"empty, a space", "{ }", `{"scripts": {"postinstall": "nodeint hook run"} }`},
	{"empty, a line", "{\n}\n", "{\"scripts\": {\"postinstall\": \"nodeint hook run\"}\n}\n"},
	{"other scripts", "{\n  \"scripts\": {\n    \"test\": \"x\"\n  },\n  \"name\": \"x\"\n}\n",
		"{\n  \"scripts\": {\n    \"test\": \"x\",\n    \"postinstall\": \"nodeint hook run\"\n  },\n  \"name\": \"x\"\n}\n"},
	{"other scripts, on one line", `{"scripts": {"test": "x", "start": "y"}}`,
		`{"scripts": {"test": "x", "start": "y", "postinstall": "nodeint hook run"}}`},
	{"commas first", "{ \"scripts\": { \"a\": \"x\"\n , \"b\": \"y\"\n } }",
		"{ \"scripts\": { \"a\": \"x\"\n , \"b\": \"y\", \"postinstall\": \"nodeint hook run\"\n } }"},
	{"empty scripts", "{\n  \"scripts\": {}\n}\n", "{\n  \"scripts\": { \"postinstall\": \"nodeint hook run\" }\n}\n"},
	{"empty scripts, a line", "{\n  \"scripts\": {\n  }\n}\n", "{\n  \"scripts\": { \"postinstall\": \"nodeint hook run\" \n  }\n}\n"},
	{"a script", `{"scripts": {"postinstall": "patch-package"}}`,
		`{"scripts": {"postinstall": "patch-package && nodeint hook run"}}`},
	{"a script with spaces", `{"scripts": {"postinstall": " patch-package  "}}`,
		`{"scripts": {"postinstall": " patch-package   && nodeint hook run"}}`},
	{"a script with escapes", `{"scripts": {"post\u0069nstall": "echo \u0022\/\u00e9\u0022"}}`,
		`{"scripts": {"post\u0069nstall": "echo \u0022\/\u00e9\u0022 && nodeint hook run"}}`},
	{"an empty script", `{"scripts": {"postinstall": ""}}`, `{"scripts": {"postinstall": " nodeint hook run"}}`},
	{"a script of white space", `{"scripts": {"postinstall": "  "}}`, `{"scripts": {"postinstall": "   nodeint hook run"}}`},
	{"a script of white space with an escape", `{"scripts": {"postinstall": "\n"}}`, `{"scripts": {"postinstall": "\n nodeint hook run"}}`},
	{"the hook of another project", `{"scripts": {"postinstall": "nodeint -C a hook run"}}`,
		`{"scripts": {"postinstall": "nodeint -C a hook run && nodeint hook run"}}`},
	{"an argument that looks like it", `{"scripts": {"postinstall": "echo nodeint hook run"}}`,
		`{"scripts": {"postinstall": "echo nodeint hook run && nodeint hook run"}}`},
	{"a quoted argument that looks like it", `{"scripts": {"postinstall": "echo 'a && nodeint hook run && b'"}}`,
		`{"scripts": {"postinstall": "echo 'a && nodeint hook run && b' && nodeint hook run"}}`},
	{"braces in strings", `{"a": "}\"{", "b": ["]", {"scripts": {}}], "c": -1e3}`,
		`{"a": "}\"{", "b": ["]", {"scripts": {}}], "c": -1e3, "scripts": {"postinstall": "nodeint hook run"}}`},
	{"or", `{"scripts": {"postinstall": "a || b || exit 1"}}`, `{"scripts": {"postinstall": "a || b || exit 1 && nodeint hook run"}}`},
	{"scripts of another member", `{"config": {"scripts": {"postinstall": "x"}}}`,
		`{"config": {"scripts": {"postinstall": "x"}}, "scripts": {"postinstall": "nodeint hook run"}}`},
	{"a number sign in a word", `{"scripts": {"postinstall": "a --b=#1 'x # y'"}}`,
		`{"scripts": {"postinstall": "a --b=#1 'x # y' && nodeint hook run"}}`},
}

func TestEdits(t *testing.T) {
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			is, err := Add("package.json", []byte(e.was), "postinstall", command)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e.is, string(is)); diff != "" {
				t.Errorf("added (- wanted, + got):\n%s", diff)
			}
			again, err := Add("package.json", is, "postinstall", command)
			if err != nil || string(again) != string(is) || !Has(is, "postinstall", command) {
				t.Errorf("added again: %q, %v", again, err)
			}
			was, err := Remove("package.json", is, "postinstall", command)
			if err != nil || string(was) != e.was {
				t.Errorf("removed: %q (%v), want %q", was, err, e.was)
			}
		})
	}
}

// Remove on texts that were edited after Add.
func TestRemoveEdited(t *testing.T) {
	for _, e := range []struct{ name, is, was string }{
		{"moved to the front", `{"scripts": {"postinstall": "nodeint hook run", "test": "x"}}`, `{"scripts": {"test": "x"}}`},
		{"scripts moved to the front", "{\n  \"scripts\": {\n    \"postinstall\": \"nodeint hook run\"\n  },\n  \"name\": \"x\"\n}\n",
			"{\n  \"name\": \"x\"\n}\n"},
		{"a step after it", `{"scripts": {"postinstall": "nodeint hook run && b"}}`, `{"scripts": {"postinstall": "b"}}`},
		{"steps on both sides", `{"scripts": {"postinstall": "a && nodeint hook run && b"}}`, `{"scripts": {"postinstall": "a && b"}}`},
		{"without spaces", `{"scripts": {"postinstall": "a&&nodeint hook run&&b"}}`, `{"scripts": {"postinstall": "a&& b"}}`},
		{"spaces", `{"scripts": {"postinstall": "a &&  nodeint hook run "}}`, `{"scripts": {"postinstall": "a"}}`},
		{"a trailing space", `{"scripts": {"postinstall": "nodeint hook run ", "test": "x"}}`, `{"scripts": {"test": "x"}}`},
		{"an or before", `{"scripts": {"postinstall": "a || b && nodeint hook run"}}`, `{"scripts": {"postinstall": "a || b"}}`},
		{"another script", `{"scripts": {"postinstall": "x"}}`, `{"scripts": {"postinstall": "x"}}`},
		{"no scripts", `{}`, `{}`},
		{"no such script", `{"scripts": {}}`, `{"scripts": {}}`},
		{"not a string", `{"scripts": {"postinstall": 1}}`, `{"scripts": {"postinstall": 1}}`},
	} {
		t.Run(e.name, func(t *testing.T) {
			was, err := Remove("package.json", []byte(e.is), "postinstall", command)
			if err != nil || string(was) != e.was {
				t.Errorf("got %q (%v), want %q", was, err, e.was)
			}
		})
	}
}

// Texts that Add or Remove rejects, with a part of the message: "-" if it is not
// tried, "" if there is no error.
func TestRefused(t *testing.T) {
	script := func(s string) string {
		text, err := json.Marshal(map[string]any{"scripts": map[string]string{"postinstall": s}})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, r := range []struct{ text, add, remove string }{
		{"", "not JSON", "not JSON"},
		{"[]", "not a JSON object", "not a JSON object"},
		{"{\n  \"a\": 1,\n}", "not JSON", "not JSON"},
		{"{} {}", "not JSON", "not JSON"},
		{"\xef\xbb\xbf{}", "byte order mark", "byte order mark"},
		{"{\"a\": \"\xff\"}", "not UTF-8", "not UTF-8"},
		{`{"scripts": {}, "scr\u0069pts": {}}`, `duplicate member "scripts"`, `duplicate member "scripts"`},
		{`{"scripts": {"postinstall": "a", "postinstall": "b"}}`, `duplicate member "postinstall"`, `duplicate member "postinstall"`},
		{`{"scripts": []}`, "not an object", "not an object"},
		{`{"scripts": {"postinstall": null}}`, "not a string", ""},
		{script("a # b"), "comment", ""},
		{script("#"), "comment", ""},
		{script("a &"), "ends with &", ""},
		{script("a &&"), "followed by a statement", ""},
		{script("if exist a (del a)"), "sh cannot parse it", ""},
		{script("if a; then exit 0; fi"), "exit ends the shell", ""},
		{script("nodeint hook run && 'a"), "-", "cannot determine"},
		{script(strings.Repeat("a && ", 8<<10) + "nodeint hook run"), "larger than 16 KiB", "cannot determine"},
		{script("a;"), "ends with ;", ""},
		{script("a |"), "followed by a statement", ""},
		{script(`a \`), `ends with \`, ""},
		{script(`a "b`), "closing quote", ""},
		{script("a <<b"), "here-document", ""},
		{script("a\nb"), "several lines", ""},
		{script("exit 0"), "exit ends the shell", ""},
		{script("a; exec b"), "exec ends the shell", ""},
		{script("a && exit"), "exit ends the shell", ""},
		{script("nodeint hook run || true"), "-", "cannot determine"},
		{script("(nodeint hook run)"), "-", "cannot determine"},
		{script("nodeint hook run --json"), "-", "cannot determine"},
		{script("echo 'a && nodeint hook run && b'"), "-", "cannot determine"},
		{`{"scripts": {"postinstall": "\u0061 && nodeint hook run && b"}}`, "-", "escapes"},
	} {
		if _, err := Add("package.json", []byte(r.text), "postinstall", command); r.add != "-" {
			refused(t, "adding to", r.text, err, r.add)
		}
		_, err := Remove("package.json", []byte(r.text), "postinstall", command)
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
	if e, ok := errors.AsType[*problem.Error](err); !ok || e.Path != "package.json" || e.Hint == "" || !strings.Contains(err.Error(), want) {
		t.Errorf("%s %.99q: error %v, want one with %q", doing, text, err, want)
	}
}

func TestPosition(t *testing.T) {
	_, err := Scripts("package.json", []byte("{\n  \"a\": 1,\n}"))
	if err == nil || !strings.HasPrefix(err.Error(), "package.json:3:1: ") {
		t.Errorf("the error is %v", err)
	}
}

// The result of Add is JSON that runs the command and keeps all members, and
// Remove restores the text byte for byte. The same holds for two scripts.
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
		one, err := Add("package.json", text, "dependencies", command)
		if err != nil {
			return
		}
		two, err := Add("package.json", one, "postinstall", command)
		if err != nil {
			return
		}
		if string(text) != was {
			t.Fatalf("Add modified its argument %q", was)
		}
		if string(two) == string(one) || string(one) == was {
			return // the script runs the command already
		}
		same(t, text, two)
		back, err := Remove("package.json", two, "postinstall", command)
		if err != nil || string(back) != string(one) {
			t.Fatalf("%q, of %q: Remove returned %q, %v", two, one, back, err)
		}
		back, err = Remove("package.json", back, "dependencies", command)
		if err != nil || string(back) != was {
			t.Fatalf("%q, of %q: Remove returned %q, %v", one, was, back, err)
		}
	})
}

// same checks that package.json keeps all members and has the two scripts.
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
