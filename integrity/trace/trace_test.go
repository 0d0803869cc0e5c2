package trace

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// sample has one of each kind.
var sample = Trace{
	Files: map[string]How{
		"app.js": Child, "lib/plugins.js": Module, "plugins/100% a.mjs": Module, "plugins/discount.js": Module,
		"node_modules/x/build/x.node": Addon, "node_modules/x/package.json": Package, "w.js": Worker, "m.wasm": Wasm,
	},
	Asked: []Request{
		{Path: "app.js", Import: true, Specifier: "./plugins/100%25%20a.mjs", To: "plugins/100% a.mjs"},
		{Path: "lib/plugins.js", Line: 10, Column: 12, Specifier: "../plugins/discount", To: "plugins/discount.js"},
	},
	Outside: []string{"node_modules/npm/bin/npm-cli.js", "tool.js"},
	Powers:  map[string][]nodejs.Power{"app.js": {nodejs.ChildProcess, nodejs.VM}},
}

const sampleText = `{
  "version": 1,
  "files": {
    "./app.js": "child",
    "./lib/plugins.js": "module",
    "./m.wasm": "wasm",
    "./node_modules/x/build/x.node": "addon",
    "./node_modules/x/package.json": "package",
    "./plugins/100%25%20a.mjs": "module",
    "./plugins/discount.js": "module",
    "./w.js": "worker"
  },
  "asked": [
    {
      "path": "./app.js",
      "import": true,
      "specifier": "./plugins/100%25%20a.mjs",
      "to": "./plugins/100%25%20a.mjs"
    },
    {
      "path": "./lib/plugins.js",
      "line": 10,
      "column": 12,
      "specifier": "../plugins/discount",
      "to": "./plugins/discount.js"
    }
  ],
  "outside": [
    "node_modules/npm/bin/npm-cli.js",
    "tool.js"
  ],
  "powers": {
    "./app.js": [
      "child-process",
      "vm"
    ]
  }
}
`

func TestFormat(t *testing.T) {
	if diff := cmp.Diff(sampleText, string(sample.Format())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	const empty = "{\n  \"version\": 1,\n  \"files\": {},\n  \"asked\": [],\n  \"outside\": []\n}\n"
	if got := string((&Trace{}).Format()); got != empty {
		t.Errorf("nothing is written as %s", got)
	}
}

func TestRead(t *testing.T) {
	got, err := Read("t.json", []byte(sampleText))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&sample, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// refused are traces that Read refuses. Each tests one thing: old of sampleText
// becomes new.
var refused = []struct{ name, old, new, err string }{
	{"not JSON", "{\n  \"version\"", "hello", `t.json:1:1: 'h' where an object should be`},
	{"trailing text", "  }\n}\n", "  }\n}\n{}", "t.json:39:1: more text after the end of the trace"},
	{"no version", `"version": 1,`, "", `t.json: version "" is not 1: this is not a trace, or one of another nodeint; make it again with nodeint trace`},
	{"later version", `"version": 1,`, `"version": 2,`, `t.json: version "2" is not 1: this is not a trace, or one of another nodeint; make it again with nodeint trace`},
	{"version in words", `"version": 1,`, `"version": "1",`, `t.json: version "\"1\"" is not 1: this is not a trace, or one of another nodeint; make it again with nodeint trace`},
	{"duplicate", `"./w.js"`, `"./m.wasm"`, `t.json:11:5: files["./m.wasm"]: duplicate member`},
	{"wrong case", `"files"`, `"Files"`, `t.json: unknown member "Files"; make the trace again with nodeint trace`},
	{"unknown member", `"outside"`, `"inside"`, `t.json: unknown member "inside"; make the trace again with nodeint trace`},
	{"unknown member of asked", `"line"`, `"Line"`, `t.json: asked: unknown member "Line"; make the trace again with nodeint trace`},
	{"unknown way", `"child"`, `"magic"`, `t.json: files: "magic" is not a way to load a file`},
	{"way a number", `"child"`, `1`, `t.json: files is not a string, or empty`},
	{"absolute key", `"./app.js": "child"`, `"/app.js": "child"`, `t.json: files: key "/app.js": does not begin with "./"`},
	{"key leads out", `"./app.js": "child"`, `"./../app.js": "child"`, `t.json: files: key "./../app.js": has a segment ".."`},
	{"key leads out, encoded", `"./app.js": "child"`, `"./%2e%2e/app.js": "child"`, `t.json: files: key "./%2e%2e/app.js": has a "%" without two upper-case hexadecimal digits`},
	{"key leads out, upper case", `"./app.js": "child"`, `"./%2E%2E/app.js": "child"`, `t.json: files: key "./%2E%2E/app.js": encodes '.', which must not be encoded`},
	{"key with a dot", `"./app.js": "child"`, `"././app.js": "child"`, `t.json: files: key "././app.js": has a segment "."; write "./app.js"`},
	{"key with NUL", `"./app.js": "child"`, `"./a%00": "child"`, `t.json: files: key "./a%00": has an encoded NUL`},
	{"URL as a key", `"./app.js": "child"`, `"file:///app.js": "child"`, `t.json: files: key "file:///app.js": does not begin with "./"`},
	{"asker leads out", `"path": "./app.js"`, `"path": "../app.js"`, `t.json: asked: path: key "../app.js": does not begin with "./"`},
	{"target not among files", `"to": "./plugins/discount.js"`, `"to": "./gone.js"`, `t.json: asked: to "gone.js" is not in files`},
	{"no target", `"to": "./plugins/discount.js"`, `"to": null`, `t.json: asked: to is not a string, or empty`},
	{"line 0", `"line": 10`, `"line": 0`, `t.json: asked: line "0" is not a whole number from 1`},
	{"line a fraction", `"line": 10`, `"line": 1.5`, `t.json: asked: line "1.5" is not a whole number from 1`},
	{"line with an exponent", `"line": 10`, `"line": 1e1`, `t.json: asked: line "1e1" is not a whole number from 1`},
	{"line too large", `"line": 10`, `"line": 99999999999`, `t.json: asked: line "99999999999" is not a whole number from 1`},
	{"column alone", `"line": 10,`, ``, `t.json: asked: a column without a line`},
	{"import false", `"import": true`, `"import": false`, `t.json: asked: import is neither true nor absent`},
	{"absolute specifier", `"../plugins/discount"`, `"/srv/x"`, `t.json: asked: specifier "/srv/x" is absolute, so it is valid on one machine only`},
	{"specifier with a drive", `"../plugins/discount"`, `"C:\\x"`, `t.json: asked: specifier "C:\\x" is absolute, so it is valid on one machine only`},
	{"file URL", `"../plugins/discount"`, `"FILE:///x"`, `t.json: asked: specifier "FILE:///x" is absolute, so it is valid on one machine only`},
	{"no specifier", `"../plugins/discount"`, `""`, `t.json: asked: specifier is not a string, or empty`},
	{"specifier with NUL", `"../plugins/discount"`, `"\u0000"`, `t.json: asked: specifier contains a NUL`},
	{"asked a string", "\"asked\": [\n    {", "\"asked\": [\n    \"x\", {", `t.json: asked: an element is not an object`},
	{"an unknown power", `"vm"`, `"fly"`, `t.json: powers: "fly" is not a power; make the trace again with nodeint trace`},
	{"powers a string", "[\n      \"child-process\",\n      \"vm\"\n    ]", `"vm"`, `t.json: powers is not an object of arrays`},
	{"outside a number", `"tool.js"`, `1`, `t.json: outside is not a string, or empty`},
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(sampleText, tt.old, tt.new, 1)
			if text == sampleText {
				t.Fatalf("the sample has no %s", tt.old)
			}
			if _, err := Read("t.json", []byte(text)); err == nil || err.Error() != tt.err {
				t.Errorf("got  %v\nwant %s", err, tt.err)
			}
		})
	}
	for name, text := range map[string]string{
		"long key":       `{"version":1,"files":{"./` + strings.Repeat("a/", 2100) + `a":"module"},"asked":[],"outside":[]}`,
		"deep":           strings.Repeat(`{"a":`, 70) + "1" + strings.Repeat("}", 70),
		"long specifier": `{"version":1,"files":{"./a":"module"},"asked":[{"path":"./a","specifier":"` + strings.Repeat("a", 9000) + `","to":"./a"}],"outside":[]}`,
		"no files":       `{"version":1,"asked":[],"outside":[]}`,
		"files a list":   `{"version":1,"files":[],"asked":[],"outside":[]}`,
		"no asked":       `{"version":1,"files":{},"outside":[]}`,
		"asked null":     `{"version":1,"files":{},"asked":null,"outside":[]}`,
		"no outside":     `{"version":1,"files":{},"asked":[]}`,
		"a map":          `{"integrity":{"./a.js":"sha256-x"},"nodeint":{"version":1}}`,
	} {
		if _, err := Read("t.json", []byte(text)); err == nil {
			t.Errorf("%s is not refused", name)
		}
	}
}

func TestReadRefusesLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: a trace of 128 MiB")
	}
	if _, err := Read("t.json", make([]byte, MaxSize+1)); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("got %v", err)
	}
}

func TestMerge(t *testing.T) {
	other := &Trace{
		Files: map[string]How{"app.js": Module, "m.wasm": Module, "new.js": Package},
		Asked: []Request{
			{Path: "app.js", Line: 1, Specifier: "./new", To: "new.js"},
			sample.Asked[1],
		},
		Outside: []string{"a.js", "tool.js"},
	}
	one, two := Merge(&sample, other), Merge(other, &sample, other)
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("the order counts:\n%s", diff)
	}
	if one.Files["app.js"] != Child || one.Files["m.wasm"] != Module || one.Files["new.js"] != Package || len(one.Files) != 9 {
		t.Errorf("files are %v", one.Files)
	}
	if diff := cmp.Diff([]Request{sample.Asked[0], other.Asked[0], sample.Asked[1]}, one.Asked); diff != "" {
		t.Errorf("asked:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a.js", "node_modules/npm/bin/npm-cli.js", "tool.js"}, one.Outside); diff != "" {
		t.Errorf("outside:\n%s", diff)
	}
	if len(sample.Files) != 8 || len(sample.Asked) != 2 {
		t.Error("what was merged has changed")
	}
}

// inRoot writes a path of this system below the root, as JSON has it.
func inRoot(p string) string { return jsonPath(filepath.Join(root(), filepath.FromSlash(p))) }

func root() string {
	if runtime.GOOS == "windows" {
		return `C:\srv\shop`
	}
	return "/srv/shop"
}

func jsonPath(abs string) string { return strings.ReplaceAll(abs, `\`, `\\`) }

func TestFromRecord(t *testing.T) {
	lines := strings.NewReplacer("ROOT", inRoot(""), "/", jsonPath(string(filepath.Separator)), "|", "/").Replace(`
{"how":"module","path":"ROOT/app.js"}
{"how":"package","path":"ROOT/package.json","parent":"ROOT/app.js"}
{"how":"child","path":"ROOT/app.js"}
{"how":"module","path":"ROOT/plugins/discount.js","parent":"ROOT/lib/plugins.js","line":10,"column":12,"specifier":"ROOT/plugins/discount"}
{"how":"module","path":"ROOT/plugins/discount.js","parent":"ROOT/lib/plugins.js","line":10,"column":12,"specifier":"ROOT/plugins/discount"}
{"how":"module","path":"ROOT/lib/é%.mjs","parent":"ROOT/lib/plugins.js","import":true,"specifier":".|%C3%A9%25.mjs?1764073899"}
{"how":"module","path":"ROOT/node_modules/b/b.js","parent":"ROOT/app.js","line":3,"column":1,"specifier":"b"}
{"how":"module","path":"ROOT/lib/in.js","parent":"ROOT/lib/plugins.js","import":true,"specifier":"#in"}
{"how":"module","path":"ROOT/lib/in.js","parent":"ROOT/app.js","specifier":"/elsewhere/lib/in.js"}
{"how":"addon","path":"/usr/lib/node_modules/npm/node_modules/x/x.node","parent":"ROOT/app.js","specifier":"x"}
{"how":"power","path":"ROOT/app.js","power":"vm"}
{"how":"power","path":"ROOT/app.js","power":"eval"}
{"how":"power","path":"ROOT/app.js","power":"vm"}
{"how":"power","path":"/tmp/run-1234/w.js","power":"vm"}
{"how":"worker","path":"/tmp/run-1234/w.js","parent":"ROOT/app.js","specifier":"/tmp/run-1234/w.js"}
{"how":"module","path":"ROOT/lib/back.js","parent":"/tmp/run-1234/w.js","specifier":"ROOT/lib/back.js"}
`)
	if runtime.GOOS == "windows" {
		lines = strings.NewReplacer(`"\\usr`, `"C:\\usr`, `"\\tmp`, `"C:\\tmp`, `"\\elsewhere`, `"C:\\elsewhere`).Replace(lines)
	}
	got, err := FromRecord(root(), strings.NewReader(strings.TrimSpace(lines)+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := &Trace{
		Files: map[string]How{
			"app.js": Child, "package.json": Package, "plugins/discount.js": Module, "lib/é%.mjs": Module,
			"node_modules/b/b.js": Module, "lib/in.js": Module, "lib/back.js": Module,
		},
		Asked: []Request{
			{Path: "app.js", Specifier: "./lib/in.js", To: "lib/in.js"},
			{Path: "app.js", Line: 3, Column: 1, Specifier: "b", To: "node_modules/b/b.js"},
			{Path: "lib/plugins.js", Import: true, Specifier: "#in", To: "lib/in.js"},
			{Path: "lib/plugins.js", Import: true, Specifier: "./%C3%A9%25.mjs", To: "lib/é%.mjs"},
			{Path: "lib/plugins.js", Line: 10, Column: 12, Specifier: "../plugins/discount", To: "plugins/discount.js"},
		},
		Outside: []string{"node_modules/x/x.node", "w.js"},
		Powers:  map[string][]nodejs.Power{"app.js": {nodejs.Eval, nodejs.VM}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if again, err := Read("t.json", got.Format()); err != nil || !cmp.Equal(again, got) {
		t.Errorf("written and read it is %v, %v", again, err)
	}
}

func TestFromRecordRefuses(t *testing.T) {
	good := `{"how":"module","path":"` + inRoot("a.js") + `"}` + "\n"
	for _, tt := range []struct{ name, line, err string }{
		{"torn", `{"how":"module","pa`, "reading the record: line 2: column 20: the text ends inside a string"},
		{"two in one", strings.TrimSpace(good) + good, "reading the record: line 2: column 41: more text after the end of the line"},
		{"empty", "\n", "reading the record: line 2: the line is empty"},
		{"no path", `{"how":"module"}`, "reading the record: line 2: path is not a string, or empty"},
		{"relative", `{"how":"module","path":"a.js"}`, `reading the record: line 2: "a.js" is not an absolute real path`},
		{"not clean", `{"how":"module","path":"` + inRoot("") + `/../b.js"}`, `is not an absolute real path`},
		{"relative parent", `{"how":"module","path":"` + inRoot("a.js") + `","parent":"b.js","specifier":"a"}`, `reading the record: line 2: "b.js" is not an absolute real path`},
		{"unknown way", `{"how":"eval","path":"` + inRoot("a.js") + `"}`, `reading the record: line 2: how "eval" is not a way to load a file`},
		{"unknown power", `{"how":"power","path":"` + inRoot("a.js") + `","power":"fly"}`, `reading the record: line 2: power: "fly" is not a power`},
		{"no power", `{"how":"power","path":"` + inRoot("a.js") + `"}`, `reading the record: line 2: power is not a string, or empty`},
		{"power of a module", `{"how":"module","path":"` + inRoot("a.js") + `","power":"vm"}`, `reading the record: line 2: a power with other members`},
		{"unknown member", `{"how":"module","Path":"x"}`, `reading the record: line 2: unknown member "Path"; make the trace again with nodeint trace`},
		{"duplicate", `{"how":"module","how":"child"}`, `reading the record: line 2: column 17: duplicate member`},
		{"lone surrogate", `{"how":"module","path":"\ud800"}`, `reading the record: line 2: column 25: lone surrogate \ud800`},
		{"long", strings.Repeat(" ", maxLine+1), "reading the record: line 2 is longer than 256 KiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := FromRecord(root(), strings.NewReader(good+tt.line))
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got  %v\nwant %s", err, tt.err)
			}
		})
	}
}

func TestPortableSpecifier(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the paths are of other systems")
	}
	for _, tt := range []struct {
		dir, specifier string
		isImport       bool
		want           string
		inside         bool
	}{
		{"lib", "/srv/shop/lib/a.js", false, "./a.js", true},
		{"lib", "/srv/shop/a.js", false, "../a.js", true},
		{"lib/x", "/srv/shop/lib/y/a b.js", false, "../y/a b.js", true},
		{"lib/x", "file:///srv/shop/lib/y/a%20b.js?x#y", true, "../y/a%20b.js", true},
		{"", "/srv/shop/lib/a?b.js", false, "./lib/a?b.js", true},
		{"", "./a?b", false, "./a?b", true},
		{"", "./a?b", true, "./a", true},
		{"", "#a?b", true, "#a?b", true},
		{"lib", "/srv/shop/lib", false, "../lib", true},
		{"", "/srv/shopping/a.js", false, "", false},
		{"", "/srv/shop/../a.js", false, "", false},
		{"", "file:///a.js", true, "", false},
		{"", "file://%", true, "", false},
		{"", "node:fs", true, "node:fs", true},
	} {
		if got, inside := PortableSpecifier("/srv/shop", tt.dir, tt.specifier, tt.isImport); got != tt.want || inside != tt.inside {
			t.Errorf("PortableSpecifier(%q, %q, %v) = %q, %v, want %q, %v", tt.dir, tt.specifier, tt.isImport, got, inside, tt.want, tt.inside)
		}
	}
}

// What Read takes, Format writes so that it reads the same again, and in one way.
func FuzzRead(f *testing.F) {
	f.Add([]byte(sampleText))
	for _, tt := range refused {
		f.Add([]byte(strings.Replace(sampleText, tt.old, tt.new, 1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Read("t.json", data)
		if err != nil {
			return
		}
		text := got.Format()
		again, err := Read("t.json", text)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, text)
		}
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("read again (-first +second):\n%s", diff)
		}
		if string(again.Format()) != string(text) {
			t.Errorf("written again it is\n%s\nand was\n%s", again.Format(), text)
		}
	})
}

// No record makes a trace that Read would refuse.
func FuzzFromRecord(f *testing.F) {
	f.Add(`{"how":"module","path":"/srv/shop/a.js","parent":"/srv/shop/b.js","line":1,"column":2,"import":true,"specifier":"file:///srv/shop/a.js"}`)
	f.Add(`{"how":"power","path":"/srv/shop/a.js","power":"vm"}`)
	f.Add("{\"how\":\"module\",\"path\":\"/srv/shop/a.js\"}\n{\"how\":\"worker\",\"path\":\"/a\"}")
	f.Fuzz(func(t *testing.T, lines string) {
		got, err := FromRecord(root(), strings.NewReader(lines))
		if err != nil {
			return
		}
		if again, err := Read("t.json", got.Format()); err != nil || !cmp.Equal(again, got) {
			t.Errorf("written and read: %v, %v, was %v", again, err, got)
		}
	})
}
