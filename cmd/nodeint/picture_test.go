//go:build unix

package main

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/nodeint/nodeint/fixtures/testenv"
)

// pictured are the commands in the picture of README.md. They run in the shop, as it is
// before nodeint is set up.
var pictured = []string{
	"npx nodeint init --yes",
	"npx nodeint verify",
	"echo '// changed' >> node_modules/invoice/lib/invoice.js",
	"npx nodeint run node server.js",
}

// docs/terminal.svg shows what the commands print. -update draws it again.
func TestPicture(t *testing.T) {
	u := newUser(t)
	u.write("package-lock.json", `{"lockfileVersion": 3, "packages": {}}`)
	u.write("node_modules/.package-lock.json", `{}`)
	u.sh("rm importmap.json Dockerfile .gitattributes && mkdir -p .git node_modules/.bin && ln -s " + testenv.Nodeint(t) + " node_modules/.bin/nodeint")
	var screen strings.Builder
	for _, command := range pictured {
		real := strings.Replace(command, "npx nodeint", "node_modules/.bin/nodeint --color always", 1)
		fmt.Fprintf(&screen, "\x1b[1m$ %s\x1b[0m\n%s", command, u.sh(real))
	}
	text := regexp.MustCompile(` in (\d+ ms|\d+\.\d s)`).ReplaceAllString(u.placeless(screen.String()), "")
	want := drawTerminal(text)
	file := filepath.Join(testenv.Root(t), "docs", "terminal.svg")
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("what the commands print (-) and docs/terminal.svg (+); draw it again with go test ./cmd/nodeint -run TestPicture -update:\n%s", diff)
	}
}

// The size of a character and of the margins, in pixels.
const (
	charWidth, lineHeight = 8.43, 20
	margin                = 16
)

// drawTerminal returns the picture of a terminal that shows the text. The sequences of SGR
// become colors.
func drawTerminal(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	columns := 0
	for _, line := range lines {
		columns = max(columns, utf8.RuneCountInString(sgr.ReplaceAllString(line, "")))
	}
	width, height := int(float64(columns)*charWidth)+2*margin, len(lines)*lineHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title">
<title id="title">A terminal with the commands %s</title>
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; fill: #d6deeb; white-space: pre }
.c31 { fill: #ff6b6b } .c32 { fill: #7bd88f } .c33 { fill: #ffd166 } .c36 { fill: #6cc7f6 } .c1 { font-weight: bold; fill: #ffffff }
</style>
<rect width="100%%" height="100%%" rx="8" fill="#011627"/>
`, width, height, width, height, html.EscapeString(strings.Join(pictured, "; ")))
	for i, line := range lines {
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\">%s</text>\n", margin, margin+i*lineHeight+15, drawLine(line))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

var sgr = regexp.MustCompile("\x1b\\[([0-9]+)m")

// drawLine returns the content of a text element.
func drawLine(line string) string {
	var b strings.Builder
	open, at := false, 0
	end := func() {
		if open {
			b.WriteString("</tspan>")
		}
		open = false
	}
	for _, m := range sgr.FindAllStringSubmatchIndex(line, -1) {
		b.WriteString(html.EscapeString(line[at:m[0]]))
		at = m[1]
		end()
		if code := line[m[2]:m[3]]; code != "0" {
			fmt.Fprintf(&b, `<tspan class="c%s">`, code)
			open = true
		}
	}
	b.WriteString(html.EscapeString(line[at:]))
	end()
	return b.String()
}
