package mapdiff

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
)

func digestOf(s string) string {
	return hasher.Format(hasher.Sum(hasher.SetOf(hasher.SHA256), []byte(s)))
}

// hostile are names that would add markup, end a cell or a code span, link, or mention.
var hostile = []string{
	"a|b", "a`b", "``", "a\\|b", "a\\", "`a`", "<img src=x>", "</details>", "</code>", "-->", "[x](https://evil.example)", "@types/node",
	"www.evil.example", "a\nb", "a\r\n\r\n# b", "\u202Eb", "**a**", "&lt;", "&#124;", " a ", "", "\x00", "\xff", strings.Repeat("a", 1000), strings.Repeat("é", 500),
}

func TestCode(t *testing.T) {
	for _, s := range hostile {
		got := code(s)
		checkMarkdown(t, "| "+got+" |\n")
		if shown := shownAs(t, got); shown != shorten(s) {
			t.Errorf("%q is shown as %q", s, shown)
		}
	}
}

var (
	span      = regexp.MustCompile("^`([^`|\\\\\n]+)`$")
	reference = regexp.MustCompile(`^<code>((?:[A-Za-z0-9]|&#[0-9]+;)*)</code>$`)
)

// shownAs returns the text that a reader sees of a result of code.
func shownAs(t *testing.T, s string) string {
	t.Helper()
	if m := span.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	m := reference.FindStringSubmatch(s)
	if m == nil {
		t.Fatalf("%q is neither a code span nor references", s)
	}
	return html.UnescapeString(m[1])
}

var anyCode = regexp.MustCompile("`[^`|\\\\\n]+`|<code>(?:[A-Za-z0-9]|&#[0-9]+;)*</code>")

// checkMarkdown checks that a page has, beside texts of a map, only the markup of Markdown
// itself, and that each row of a table has as many cells as its head.
func checkMarkdown(t *testing.T, md string) {
	t.Helper()
	rest := anyCode.ReplaceAllString(md, "CODE")
	for _, own := range []string{Mark, "<details><summary>", "</summary>", "</details>", "<br>", "`nodeint diff -v`", "CODE prints all"} {
		rest = strings.ReplaceAll(rest, own, "")
	}
	if i := strings.IndexAny(rest, "`<>[]@\\\x00"); i >= 0 {
		t.Errorf("markup at %.80q", rest[max(0, i-20):])
	}
	for line := range strings.Lines(rest) {
		if n := strings.Count(line, "|"); strings.HasPrefix(line, "|") && n != 5 && n != 2 {
			t.Errorf("a row with %d bars: %s", n, line)
		}
	}
}

func TestMarkdownHostile(t *testing.T) {
	old, new := base(), base()
	for _, s := range hostile {
		dir := "node_modules/" + strings.Map(func(c rune) rune {
			if c == '/' || c == 0 || c == '\uFFFD' {
				return '_'
			}
			return c
		}, s) + "x"
		new.Packages[dir] = mapfile.Package{Name: strings.ToValidUTF8(s, ""), Version: strings.ToValidUTF8(s, ""), Install: map[string]string{"install": strings.ToValidUTF8(s, "") + "x"}}
	}
	r, err := Compare(Input{"old|`", text(t, old)}, Input{"new\n#", text(t, new)})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Packages) < 20 {
		t.Fatalf("%d packages", len(r.Packages))
	}
	checkMarkdown(t, r.Markdown())
}

// FuzzCompare checks that any two maps can be compared: that the report is empty only if
// they mean the same, and that no text of a map is markup.
func FuzzCompare(f *testing.F) {
	for _, c := range compareTests {
		old, new := base(), base()
		c.change(old, new)
		f.Add(string(text(f, old)), string(text(f, new)))
	}
	f.Fuzz(func(t *testing.T, old, new string) {
		seal := func(s string) []byte {
			doc, err := mapfile.ReadDocument("m", s)
			if err != nil {
				return nil
			}
			if doc, err = mapfile.Seal(doc); err != nil {
				return nil
			}
			return doc.Format()
		}
		a, b := seal(old), seal(new)
		if a == nil || b == nil {
			return
		}
		r, err := Compare(Input{"old", a}, Input{"new", b})
		if err != nil {
			return
		}
		if r.Same != (len(lines(r)) == 0) {
			if len(r.Rest(true, code)) == 0 {
				t.Errorf("same is %v, and the report is %q", r.Same, lines(r))
			}
		}
		md := r.Markdown()
		if len(md) > MaxMarkdown {
			t.Errorf("%d bytes", len(md))
		}
		checkMarkdown(t, md)
	})
}
