package report

import (
	"encoding/json"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/nodeint/nodeint/integrity/problem"
)

var update = flag.Bool("update", false, "write the golden files")

// mapText is a map without the member nodeint.root, which tests seal themselves.
const mapText = `{
  "imports": {
    "dep": "./node_modules/dep/index.js"
  },
  "integrity": {
    "./app.js": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "./lib/a%20b.js": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "./node_modules/dep/index.js": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "./node_modules/dep/package.json": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
  }
}
`

func parsed(t testing.TB) *Map {
	t.Helper()
	m, err := ParseMap("importmap.json", mapText)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// results returns a result of each kind. name is the name of a file, and text a text, that
// an attacker may have chosen.
func results(t testing.TB, name, text string) map[string]Result {
	m := parsed(t)
	base := Result{Command: "verify", Version: "v1.2.3", MapFile: "app/importmap.json", Prefix: "app", Checked: 4, Packages: 2, Bytes: 1234, MS: 1500}
	with := func(change func(r *Result)) Result {
		r := base
		r.Map = m
		change(&r)
		return r
	}
	return map[string]Result{
		"clean": with(func(r *Result) {
			r.Digest, r.Coverage, r.LeftOut = "blake3-x", "dependencies", []string{"node_modules/dep"}
		}),
		"unreadable": with(func(r *Result) {
			r.Exit, r.Findings = 5, []problem.Finding{{Code: problem.Unreadable, Path: "app.js", Detail: text}}
		}),
		"differs": with(func(r *Result) {
			r.Exit = 1
			r.Findings = []problem.Finding{
				{Code: problem.Mismatch, Path: "node_modules/dep/index.js", Package: "dep@1.0.0", Want: "sha256-a", Got: "sha256-b"},
				{Code: problem.Missing, Path: "lib/a b.js", Want: "sha256-a", Got: "nothing"},
				{Code: problem.Unexpected, Path: name, Package: text, Got: text, Detail: text},
				{Code: problem.Unexpected, Path: "node_modules/" + name, Package: text},
			}
			r.Gaps = []problem.Gap{
				{Path: "app.js", Line: 3, Column: 5, Text: text, Reason: problem.GapComputed},
				{Path: "app.js", Line: 9, Column: 1, Text: `"./x.js"`, Reason: problem.GapUnresolved, Detail: text},
				{Path: "node_modules/dep/index.js", Line: 1, Column: 1, Text: text, Reason: problem.GapComputed},
				{Path: "node_modules/dep/" + name, Line: 2, Column: 1, Text: text, Reason: problem.GapComputed},
			}
			r.Notes = []string{text}
		}),
		"outdated": with(func(r *Result) {
			r.Command, r.Exit = "generate --check", 1
			r.Changes = []Change{{"changed", "./app.js"}, {"added", "./node_modules/dep/new.js"}, {"removed", "./" + name}, {"changed", "nodeint.gaps"}, {"changed", text}}
		}),
		"incomplete": with(func(r *Result) {
			r.Command, r.Exit = "generate", 3
			r.Gaps = []problem.Gap{{Path: name, Text: text, Reason: problem.GapComputed}}
		}),
		"untrusted": {
			Command: "verify", Exit: 4, MapFile: "importmap.json",
			Failure: &Failure{Code: problem.MapRoot, Message: text, Want: text, Got: name, Hint: text},
		},
		"failed": {
			Command: "verify", Exit: 5, // the map is outside the repository
			Failure: &Failure{Code: problem.CodeIO, Message: text},
		},
		"unexplained": with(func(r *Result) { r.Command, r.Exit = "generate --check", 1 }),
	}
}

// rendered are the formats that Render writes.
func rendered() []Format { return []Format{Markdown, SARIF, GitHub, GitLab, JUnit, HTML} }

// The golden files have a report of each kind of result in each format, and one of a
// workspace.
func TestRender(t *testing.T) {
	kinds := results(t, "lib/new [id].js", "require(`a|b`) <b>@me</b> 100%, {0}")
	for _, f := range rendered() {
		for kind, r := range kinds {
			golden(t, kind+"."+string(f), Render(f, []Result{r}))
		}
		golden(t, "workspace."+string(f), Render(f, []Result{kinds["clean"], kinds["differs"], kinds["untrusted"]}))
	}
}

// golden compares a report with a file of testdata. Of SARIF, it leaves out the rules, which
// are those of docs/findings.md.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if before, rest, ok := strings.Cut(string(got), `"rules": [`); ok {
		_, after, _ := strings.Cut(rest, "\n          ]\n")
		got = []byte(before + "\"rules\": […\n          ]\n" + after)
	}
	if _, after, ok := strings.Cut(string(got), "</style>\n"); ok {
		got = []byte(after)
	}
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: in the golden file (-) and in the report (+):\n%s", name, diff)
	}
}

// Every finding, gap and code of an untrusted map has a rule with a text and the next step
// or the documentation.
func TestRules(t *testing.T) {
	known := make(map[string]rule)
	for _, r := range rules() {
		known[r.code] = r
		if len(plain(r.help())) < 5 || strings.Contains(r.help(), "](#") || strings.Contains(plain(r.help()), "](") {
			t.Errorf("%s: the help is %q", r.code, r.help())
		}
	}
	for _, code := range []string{problem.Mismatch, problem.AnchorNone, problem.Outdated, problem.MapSerial, problem.GapNoAddress, problem.CodeIO} {
		if _, ok := known[code]; !ok {
			t.Errorf("no rule for %s", code)
		}
	}
	if r := known[problem.Missing]; r.todo != known[problem.Mismatch].todo || r.todo == "" {
		t.Errorf("what to do about a missing file is %q", r.todo)
	}
	for code := range sentences {
		if _, ok := known[code]; !ok {
			t.Errorf("a sentence for the unknown code %s", code)
		}
	}
}

func TestLines(t *testing.T) {
	want := map[string]int{"./app.js": 6, "./lib/a%20b.js": 7, "./node_modules/dep/index.js": 8, "./node_modules/dep/package.json": 9}
	if diff := cmp.Diff(want, lines([]byte(mapText))); diff != "" {
		t.Error(diff)
	}
	text := "{\"nodeint\":{\"packages\":\n{\"./p\":\n{\"./no\":1}},\"links\":{\"./l\":[{\"./no\":1}]},\"gaps\":{\"./no\":2}},\"other\":{\"./no\":1}}"
	if diff := cmp.Diff(map[string]int{"./p": 2, "./l": 3}, lines([]byte(text))); diff != "" {
		t.Error(diff)
	}
}

// Places are where a review shows something.
func TestPlaces(t *testing.T) {
	r := Result{Prefix: "app", MapFile: "app/importmap.json", Map: parsed(t)}
	for _, test := range []struct {
		path   string
		exists bool
		want   place
	}{
		{"app.js", true, place{file: "app/app.js", line: 1}},
		{"app.js", false, place{file: "app/importmap.json", line: 6}},
		{"lib/a b.js", false, place{file: "app/importmap.json", line: 7}},
		{"node_modules/dep/index.js", true, place{file: "app/importmap.json", line: 8}},
		{"node_modules/other/x.js", true, place{file: "app/importmap.json", line: 1}},
	} {
		if got := r.placeOf(test.path, test.exists); got != test.want {
			t.Errorf("%s: %v, want %v", test.path, got, test.want)
		}
	}
	r.MapFile = ""
	if got, want := r.mapPlace(8), (place{file: "app/package.json", line: 1}); got != want {
		t.Errorf("with a map outside of the repository: %v, want %v", got, want)
	}
}

// A fingerprint stays when lines move, and two items never have the same.
func TestFingerprints(t *testing.T) {
	r := results(t, "a", "b")["differs"]
	seen := make(map[string]bool)
	before := r.items()
	for _, i := range before {
		if seen[i.print] {
			t.Errorf("two items have the fingerprint %s", i.print)
		}
		seen[i.print] = true
	}
	moved, err := ParseMap("importmap.json", strings.Replace(mapText, "\n", "\n\n\n", 1))
	if err != nil {
		t.Fatal(err)
	}
	r.Map = moved
	for i, after := range r.items() {
		if after.print != before[i].print {
			t.Errorf("the fingerprint of %s changed", after.message)
		}
	}
	if before[0].place == r.items()[0].place {
		t.Error("the place did not move")
	}
}

// Markdown fits into a comment, however much there is to list.
func TestLongMarkdown(t *testing.T) {
	r := Result{Command: "verify", Exit: 1, MapFile: "importmap.json", Map: parsed(t)}
	for i := range 1000 {
		r.Findings = append(r.Findings, problem.Finding{Code: problem.Missing, Path: strings.Repeat("x", 300) + strconv.Itoa(i), Want: strings.Repeat("|", 300), Got: "`", Detail: "d"})
		r.Notes = append(r.Notes, strings.Repeat("*", 1000))
	}
	one, many := string(markdown([]Result{r})), string(markdown(slices.Repeat([]Result{r}, 100)))
	if len(one) > maxMarkdown || !strings.Contains(one, "and 950 more") {
		t.Errorf("one result: %d bytes", len(one))
	}
	if len(many) > maxMarkdown+100 || !strings.Contains(many, "more; the log has them") {
		t.Errorf("100 results: %d bytes, which end with %q", len(many), many[len(many)-100:])
	}
}

// A page lists a thousand items of a kind, and the number of the others.
func TestLongPage(t *testing.T) {
	r := Result{Command: "verify", Exit: 1, MapFile: "importmap.json", Map: parsed(t)}
	for i := range maxItems + 7 {
		r.Findings = append(r.Findings, problem.Finding{Code: problem.Missing, Path: "x" + strconv.Itoa(i)})
	}
	text := string(page([]Result{r}))
	if n := strings.Count(text, `<li class="error">`); n != maxItems || !strings.Contains(text, "and 7 more") {
		t.Errorf("the page lists %d findings", n)
	}
}

// GitHub shows ten annotations of each level.
func TestManyAnnotations(t *testing.T) {
	r := Result{Command: "verify", Exit: 1, MapFile: "importmap.json", Map: parsed(t)}
	for range 12 {
		r.Findings = append(r.Findings, problem.Finding{Code: problem.Missing, Path: "x.js"})
	}
	got := strings.Split(strings.TrimSpace(string(github([]Result{r}))), "\n")
	if len(got) != 10 || !strings.Contains(got[9], "and 3 more") {
		t.Errorf("%d annotations; the last is %s", len(got), got[len(got)-1])
	}
}

var hostile = []string{
	"a.js", "lib/x\n::error::y", "::set-output name=x::y", "  ::add-mask::x", "##[error]x", "a##[add-mask]b", "##vso[task.setvariable variable=a]b",
	"##teamcity[x]", "a%0A::error::b", "a,line=1::b", "</script><script>alert(1)</script>", `"onload="x`, "]]><x>", "&amp;", "a|b", "``` `", "`",
	"[x](https://x.example)", "@user #1", "![i](x)", "<!--", "\x1b[31m", "\u202e", "\xff", "\r\n", "{0} {x}", "\\", "\x00", "'", "%", "=cmd", "a\u2028b",
}

// FuzzRender checks that names cannot change the structure of a report.
func FuzzRender(f *testing.F) {
	for _, name := range hostile {
		f.Add(name, name)
	}
	plain := make(map[string]string)
	for kind, r := range results(f, "lib/x.js", "text") {
		for _, format := range rendered() {
			plain[kind+string(format)] = string(Render(format, []Result{r}))
		}
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		if name == "" || text == "" || strings.Contains(name, "node_modules") {
			t.Skip("another kind of path")
		}
		for kind, r := range results(t, "lib/"+name, text) {
			if kind != "differs" && kind != "outdated" && kind != "untrusted" {
				continue // the others have nothing else
			}
			for _, format := range rendered() {
				got := string(Render(format, []Result{r}))
				if err := sameShape(format, plain[kind+string(format)], got); err != "" {
					t.Errorf("%s, %s: %s\n%s", kind, format, err, got)
				}
				if logCommand().MatchString(got) {
					t.Errorf("%s, %s: a command of a log\n%s", kind, format, got)
				}
			}
		}
	})
}

// sameShape compares the structure of two reports.
func sameShape(format Format, want, got string) string {
	shape := func(text string) (string, error) { return "", nil }
	switch format {
	case SARIF, GitLab:
		shape = jsonShape
	case JUnit:
		shape = xmlShape
	case HTML:
		shape = htmlShape
	case GitHub:
		shape = func(text string) (string, error) {
			var b strings.Builder
			for line := range strings.Lines(text) {
				parts := strings.SplitN(line, "::", 3)
				word, _, _ := strings.Cut(parts[1], " ")
				b.WriteString(word + " " + strings.Repeat(",", strings.Count(parts[1], ",")) + "\n")
			}
			return b.String(), nil
		}
	case Markdown:
		shape = func(text string) (string, error) {
			var b strings.Builder
			for line := range strings.Lines(text) {
				line = strings.ReplaceAll(line, `\|`, "")
				b.WriteString(strings.Repeat("|", strings.Count(line, "|")) + "\n")
			}
			return b.String(), nil
		}
	}
	a, errA := shape(want)
	b, errB := shape(got)
	if errA != nil || errB != nil {
		return "not well formed"
	}
	return cmp.Diff(a, b)
}

func jsonShape(text string) (string, error) {
	var value any
	err := json.Unmarshal([]byte(text), &value)
	var b strings.Builder
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			b.WriteString("{}")
		case []any:
			b.WriteString("[")
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(value)
	return b.String(), err
}

func xmlShape(text string) (string, error) {
	var b strings.Builder
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := dec.Token()
		if token == nil {
			if err.Error() == "EOF" {
				err = nil
			}
			return b.String(), err
		}
		if e, ok := token.(xml.StartElement); ok {
			b.WriteString("<" + e.Name.Local)
			for _, a := range e.Attr {
				b.WriteString(" " + a.Name.Local)
			}
			b.WriteString(">")
		}
	}
}

func htmlShape(text string) (string, error) {
	var b strings.Builder
	for z := html.NewTokenizer(strings.NewReader(text)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return b.String(), nil
		case html.StartTagToken, html.SelfClosingTagToken, html.CommentToken:
			token := z.Token()
			b.WriteString("<" + token.Data)
			for _, a := range token.Attr {
				b.WriteString(" " + a.Key)
			}
			b.WriteString(">")
		}
	}
}

// FuzzLines checks that any text has lines.
func FuzzLines(f *testing.F) {
	f.Add(mapText)
	f.Add(`{"nodeint":{"packages":{"./p":{}}}}`)
	f.Add(`[[{"a":[1,{"integrity":{}}]}]`)
	f.Add("}{")
	f.Fuzz(func(t *testing.T, text string) {
		for key, line := range lines([]byte(text)) {
			if line < 1 || line > strings.Count(text, "\n")+1 {
				t.Errorf("%q is in line %d", key, line)
			}
		}
	})
}

// FuzzInert checks that no text is a command, and that JSON stays what it is.
func FuzzInert(f *testing.F) {
	for _, name := range hostile {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Inert(text)
		if logCommand().MatchString(got) {
			t.Errorf("a command within a line: %q", got)
		}
		for line := range strings.Lines(got) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") {
				t.Errorf("a command: %q", line)
			}
		}
		var before, after string
		if quoted, err := json.Marshal(text); err == nil && json.Unmarshal(quoted, &before) == nil {
			if err := json.Unmarshal([]byte(Inert(string(quoted))), &after); err != nil || before != after {
				t.Errorf("the JSON of %q is that of %q (%v)", before, after, err)
			}
		}
	})
}
