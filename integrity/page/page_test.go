package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/importmap"
)

const testMap = `{"imports":{"a":"./a.js","./b":"./b.js","c":"https://x.example/c.js","d":null,"</script>":"./a.js"},` +
	`"scopes":{"./p/":{"a":"./p/a.js"}},"integrity":{"./a.js":"sha256-AAAA"},"nodeint":{"version":2}}`

var pageTests = []struct {
	name, html string
	want       string // what is around the new map, which is "*"; or the error; or "none"
	late       bool
}{
	{"empty element", `<script type="importmap"></script>`, `<script type="importmap">*</script>`, false},
	{"attributes", `<script nonce='x' TYPE=" ImportMap " data-a>{}</SCRIPT >tail`, `<script nonce='x' TYPE=" ImportMap " data-a>*</SCRIPT >tail`, false},
	{"text like a tag", `<script>"<script type='importmap'></script>"</script><script type=importmap>"<b>"</script>`, `<script>"<script type='importmap'></script>"</script><script type=importmap>*</script>`, false},
	{"comment", `<!-- <script type=importmap></script> -->`, "none", false},
	{"no script", `<p>`, "none", false},
	{"empty", ``, "none", false},
	{"the first type has effect", `<script type=module type=importmap></script>`, "none", true},
	{"after a module", `<script type=module></script><script type=importmap></script>`, `<script type=module></script><script type=importmap>*</script>`, true},
	{"after a modulepreload", `<link rel="x MODULEPRELOAD" href=a><script type=importmap></script>`, `<link rel="x MODULEPRELOAD" href=a><script type=importmap>*</script>`, true},
	{"before a module", `<script type=importmap></script><script type=module></script>`, `<script type=importmap>*</script><script type=module></script>`, false},
	{"two", `<script type=importmap></script><script type=importmap></script>`, "more than one", false},
	{"base", `<base href=/x><script type=importmap></script>`, "<base href>", false},
	{"base without href", `<base target=_top><script type=importmap></script>`, `<base target=_top><script type=importmap>*</script>`, false},
	{"no end", `<script type=importmap>{}`, "no end tag", false},
	{"no end of the end tag", `<script type=importmap>{}</script`, "no end tag", false},
	{"not UTF-8", "\xff<script type=importmap>\xff</script>\xff", "\xff<script type=importmap>*</script>\xff", false},
	{"NUL and CR LF", "a\x00\r\n<script type=importmap>\r\n{}\r\n</script>\r\n", "a\x00\r\n<script type=importmap>*</script>\r\n", false},
}

func TestPrepare(t *testing.T) {
	for _, test := range pageTests {
		dir, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "x.html")
		if err := os.WriteFile(file, []byte(test.html), 0o600); err != nil {
			t.Fatal(err)
		}
		u, err := Prepare(file, dir, []byte(testMap))
		switch {
		case err != nil:
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: error %v, want %q", test.name, err, test.want)
			}
			continue
		case !u.Found && test.want == "none":
			continue
		case !u.Found:
			t.Errorf("%s: no import map found", test.name)
			continue
		}
		content, err := contentOf([]byte(testMap), "./")
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Replace(test.want, "*", "\n"+content, 1); string(u.text) != want || u.Late != test.late || u.Same {
			t.Errorf("%s: got %q, late %v, same %v\nwant %q, late %v", test.name, u.text, u.Late, u.Same, want, test.late)
		}
		if err := u.Write(); err != nil {
			t.Fatal(err)
		}
		if u, err = Prepare(file, dir, []byte(testMap)); err != nil || !u.Same {
			t.Errorf("%s: the written page is not up to date: %v", test.name, err)
		}
	}
}

func TestContent(t *testing.T) {
	got, err := contentOf([]byte(testMap), "../")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(got, "<") || strings.Contains(got, "nodeint") {
		t.Errorf("the content has a tag, or the member nodeint:\n%s", got)
	}
	doc, err := importmap.Read("x", []byte(got))
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := doc.Parse("https://e.example/root/sub/x.html")
	if err != nil {
		t.Fatal(err)
	}
	for specifier, want := range map[string]string{"a": "https://e.example/root/a.js", "../b": "https://e.example/root/b.js", "c": "https://x.example/c.js", "</script>": "https://e.example/root/a.js"} {
		if url, err := m.Resolve(specifier, "https://e.example/root/sub/x.html"); url != want || err != nil {
			t.Errorf("Resolve(%q) = %q, %v; want %q", specifier, url, err, want)
		}
	}
	if url, _ := m.Resolve("a", "https://e.example/root/p/x.js"); url != "https://e.example/root/p/a.js" {
		t.Errorf("a in the scope is %q", url)
	}
	if m.IntegrityOf("https://e.example/root/a.js") == "" {
		t.Error("the integrity of a.js is missing")
	}
}

// FuzzFind checks that a new map changes nothing but the text of the element, and that it
// is found again at the same place.
func FuzzFind(f *testing.F) {
	for _, test := range pageTests {
		f.Add([]byte(test.html))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := find(text)
		if err != nil || !p.found {
			return
		}
		if p.start > p.end || p.end > len(text) {
			t.Fatalf("place %+v of a text of %d bytes", p, len(text))
		}
		changed := string(text[:p.start]) + "{}" + string(text[p.end:])
		q, err := find([]byte(changed))
		if err != nil || !q.found || q.start != p.start || changed[q.start:q.end] != "{}" {
			t.Fatalf("%q: %+v, %v", changed, q, err)
		}
	})
}
