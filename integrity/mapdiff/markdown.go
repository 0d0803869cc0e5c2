package mapdiff

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nodeint/nodeint/integrity/problem"
)

// MaxMarkdown is the size of the largest report that [Report.Markdown] writes, in bytes. A
// comment on GitHub has at most 65,536 characters.
const MaxMarkdown = 65_000

// Limits of the report in Markdown.
const (
	maxRows  = 25  // packages that are not folded
	maxItems = 5   // items of a remark
	maxCode  = 160 // bytes of a text of the map
)

// Mark is the first line of a report in Markdown: it finds the comment that a later report
// replaces.
const Mark = "<!-- nodeint diff -->"

// A page is a text of at most MaxMarkdown bytes.
type page struct {
	strings.Builder
	reserved int // bytes for the ends of open elements, and for the last line
	left     int // lines that did not fit
}

const lastLine = "\n%d more lines are left out, because the report is too long. `nodeint diff -v` prints all.\n"

// line adds a line, unless the page is full.
func (p *page) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...) + "\n"
	if p.left > 0 || p.Len()+len(text)+p.reserved+len(lastLine)+20 > MaxMarkdown {
		p.left++
		return
	}
	p.WriteString(text)
}

// fold adds lines that a reader unfolds. title has no text of a map.
func (p *page) fold(title string, body func()) {
	const end = "\n</details>\n"
	open := "\n<details><summary>" + title + "</summary>\n\n"
	if p.left > 0 || p.Len()+len(open)+len(end)+p.reserved+len(lastLine)+1000 > MaxMarkdown {
		p.left++
		return
	}
	p.WriteString(open)
	p.reserved += len(end)
	body()
	p.reserved -= len(end)
	p.WriteString(end)
}

// Markdown returns the report in GitHub's Markdown, with at most [MaxMarkdown] bytes. Long
// lists are folded.
func (r *Report) Markdown() string {
	p := &page{}
	p.line("%s", Mark)
	p.line("### nodeint: %s", r.Summary())
	r.mark(p)
	return p.end()
}

// A Member is the report of one member of a workspace.
type Member struct {
	Dir    string // relative to the root
	Report *Report
}

// MembersMarkdown returns the reports of the members of a workspace in one page, as
// [Report.Markdown] does for one. It begins with a list of all.
func MembersMarkdown(members []Member) string {
	p := &page{}
	p.line("%s", Mark)
	p.line("### nodeint: %s", problem.Count(len(members), "workspace member"))
	p.line("")
	for _, m := range members {
		p.line("- %s: %s", code(m.Dir), m.Report.Summary())
	}
	for _, m := range members {
		if !m.Report.Same {
			p.line("")
			p.line("### nodeint in %s: %s", code(m.Dir), m.Report.Summary())
			m.Report.mark(p)
		}
	}
	return p.end()
}

// end returns the page with its last line.
func (p *page) end() string {
	if p.left > 0 {
		fmt.Fprintf(p, lastLine, p.left)
	}
	return p.String()
}

// mark writes the report below its title.
func (r *Report) mark(p *page) {
	p.line("")
	p.line("%s → %s", code(r.Old.Name), code(r.New.Name))
	if r.Same {
		return
	}
	r.markSettings(p)
	r.markOwn(p)
	r.markPackages(p)
	r.markRest(p)
	p.line("")
	p.line("%s.", strings.Join(r.Assurance(), "; "))
	r.markFiles(p)
}

func (r *Report) markSettings(p *page) {
	if len(r.Settings)+len(r.Names) > 0 {
		p.line("")
	}
	for _, s := range r.Settings {
		p.line("- %s%s: %s", alertSign(s.Alert), code(s.Name), s.text(code))
	}
	for i, n := range r.Names {
		if i == maxRows {
			p.line("- and %s", count(len(r.Names)-i, "more name", "more names"))
			break
		}
		p.line("- %s%s", alertSign(true), n.text(code))
	}
}

func (r *Report) markOwn(p *page) {
	for i := range r.Packages {
		pkg := &r.Packages[i]
		if !pkg.Own {
			continue
		}
		p.line("")
		p.line("**Own code**, %s: %s", code(pkg.Title()), pkg.Counts())
		p.line("")
		files := pkg.files()
		for _, f := range files[:min(len(files), maxItems)] {
			p.line("- %s %s", f.verb, code(f.name))
		}
		if n := len(files) - maxItems; n > 0 {
			p.line("- and %s, see below", count(n, "more file", "more files"))
		}
		for _, remark := range pkg.Remarks {
			p.line("- %s%s", alertSign(remark.Alert), remark.markdown())
		}
	}
}

func (r *Report) markPackages(p *page) {
	var listed []*Package
	for i := range r.Packages {
		if !r.Packages[i].Own {
			listed = append(listed, &r.Packages[i])
		}
	}
	table := func(list []*Package) {
		p.line("| | package | files | remarks |")
		p.line("|---|---|---|---|")
		for _, pkg := range list {
			p.line("| %s | %s | %s | %s |", alertSign(pkg.IsAlert()), code(pkg.Title()), pkg.Counts(), pkg.markRemarks())
		}
	}
	if len(listed) == 0 {
		return
	}
	shown := 0
	for shown < len(listed) && (shown < maxRows || listed[shown].IsAlert()) {
		shown++
	}
	p.line("")
	table(listed[:shown])
	if rest := listed[shown:]; len(rest) > 0 {
		p.fold(count(len(rest), "more package", "more packages")+" without alerts", func() { table(rest) })
	}
}

// markRemarks returns the remarks of a package as one cell of a table.
func (pkg *Package) markRemarks() string {
	var parts []string
	for _, remark := range pkg.Remarks {
		parts = append(parts, remark.markdown())
	}
	if len(pkg.For) > 0 {
		parts = append(parts, "for "+codes(pkg.For, 3))
	}
	return strings.Join(parts, "<br>")
}

func (r *Remark) markdown() string {
	text := r.Text
	if r.Alert {
		text = "**" + text + "**"
	}
	if len(r.Items) > 0 {
		text += ": " + codes(r.Items, maxItems)
	}
	return text
}

func (r *Report) markRest(p *page) {
	rest := r.Rest(false, code)
	if len(rest) > 0 {
		p.line("")
	}
	for _, line := range rest {
		p.line("- %s", line)
	}
}

// markFiles lists all files, by package.
func (r *Report) markFiles(p *page) {
	n := 0
	for i := range r.Packages {
		if files := r.Packages[i].files(); r.Packages[i].Kind == Changed && !(r.Packages[i].Own && len(files) <= maxItems) {
			n += len(files)
		}
	}
	if n == 0 {
		return
	}
	p.fold(count(n, "file", "files")+" of changed packages", func() {
		for i := range r.Packages {
			pkg := &r.Packages[i]
			files := pkg.files()
			if pkg.Kind != Changed || len(files) == 0 || pkg.Own && len(files) <= maxItems {
				continue
			}
			p.line("- %s in %s", code(pkg.Title()), ShowList(pkg.Dirs, 3, func(dir string) string { return code("./" + dir) }))
			for _, f := range files {
				p.line("  - %s %s", f.verb, code(f.name))
			}
		}
	})
}

// A file is one file of a package that differs.
type file struct{ verb, name string }

// files returns the files of a package that differ. Those of an own package have paths.
func (pkg *Package) files() []file {
	var list []file
	add := func(verb string, names []string) {
		for _, name := range names {
			if pkg.Own && len(pkg.Dirs) > 0 {
				name = path.Join(pkg.Dirs[0], name)
			}
			list = append(list, file{verb, name})
		}
	}
	add("changed", pkg.Changed)
	add("added", pkg.Added)
	add("removed", pkg.Removed)
	return list
}

func alertSign(is bool) string {
	if is {
		return "⚠️ "
	}
	return ""
}

// codes returns at most limit texts of a map.
func codes(list []string, limit int) string { return ShowList(list, limit, code) }

// code returns a text of a map so that Markdown shows it and reads no markup in it, in a
// table too. Most texts are in a code span. One with a character that could end the span or
// the cell is in character references.
func code(s string) string {
	s = shorten(s)
	if s != "" && !strings.ContainsAny(s, "`|\\\n\r") && strings.TrimSpace(s) == s {
		return "`" + s + "`"
	}
	var b strings.Builder
	b.WriteString("<code>")
	for _, c := range s {
		if c < utf8.RuneSelf && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			b.WriteRune(c)
		} else {
			fmt.Fprintf(&b, "&#%d;", c)
		}
	}
	return b.String() + "</code>"
}

// shorten returns a text without unprintable characters, and cut in its middle if it is
// long.
func shorten(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool { return c == utf8.RuneError || !strconv.IsPrint(c) }) {
		quoted := strconv.Quote(s)
		s = quoted[1 : len(quoted)-1]
	}
	if len(s) > maxCode {
		head, tail := s[:maxCode/2], s[len(s)-maxCode/2:]
		s = strings.ToValidUTF8(head, "") + "…" + strings.ToValidUTF8(tail, "")
	}
	return s
}
