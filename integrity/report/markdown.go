package report

import (
	"fmt"
	"strings"
)

// maxMarkdown is the length in bytes that a comment on GitHub may have with something
// else. The summary of a step may have 1 MiB.
const maxMarkdown = 60_000

// rowLimits are the numbers of items of each level that a table lists: the first one with
// which the report is short enough.
var rowLimits = []int{50, 10, 3}

// maxCell is the number of bytes of a name in a table.
const maxCell = 200

// markdown returns a section for each result, for the summary of a job or a comment.
func markdown(results []Result) []byte {
	var b strings.Builder
	for _, rows := range rowLimits {
		b.Reset()
		left := writeMarkdown(&b, results, rows)
		if left == 0 {
			break
		}
		if rows == rowLimits[len(rowLimits)-1] {
			fmt.Fprintf(&b, "\nand %d more; the log has them\n", left)
		}
	}
	return []byte(b.String())
}

// writeMarkdown writes the sections, and returns the number of those that had no place.
func writeMarkdown(b *strings.Builder, results []Result, rows int) (left int) {
	for i := range results {
		var section strings.Builder
		results[i].markdown(&section, rows)
		if b.Len()+section.Len() > maxMarkdown {
			return len(results) - i
		}
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(section.String())
	}
	return 0
}

func (r *Result) markdown(b *strings.Builder, rows int) {
	icon := "✅"
	if r.Exit != 0 {
		icon = "❌"
	}
	fmt.Fprintf(b, "### %s `nodeint %s`", icon, r.Command)
	if name := r.name(); name != "" {
		b.WriteString(" · " + codeSpan(name))
	}
	fmt.Fprintf(b, "\n\n%s\n", sentence(r.verdict()))
	if r.Digest != "" {
		fmt.Fprintf(b, "\ndigest %s\n", codeSpan(r.Digest))
	}
	items := r.items()
	failures, warnings := worst(items)
	shown, title := failures, count(len(r.Gaps), "gap")+": places whose modules nodeint could not determine"
	if len(r.Remarks) > 0 { // of which the warnings are alerts
		shown, title = failures+warnings, "more remarks, and gaps: places whose modules nodeint could not determine"
	}
	if shown > 0 {
		b.WriteString("\n| code | file | package | |\n|---|---|---|---|\n")
		writeRows(b, items, levelError, failures, rows)
	}
	if shown > failures {
		writeRows(b, items, levelWarning, warnings, rows)
		warnings = 0
	}
	if rest := len(items) - shown; rest > 0 {
		fmt.Fprintf(b, "\n<details><summary>%s</summary>\n\n", title)
		b.WriteString("| code | file | package | |\n|---|---|---|---|\n")
		if warnings > 0 {
			writeRows(b, items, levelWarning, warnings, rows)
		}
		writeRows(b, items, levelNote, rest-warnings, rows)
		b.WriteString("\n</details>\n")
	}
	for _, n := range r.Notes[:min(len(r.Notes), rows)] {
		fmt.Fprintf(b, "\nNote: %s\n", escapeMarkdown(clip(Printable(n))))
	}
}

// writeRows writes the rows of the items of a level: n is their number, and rows the number
// of those that it writes.
func writeRows(b *strings.Builder, items []item, l level, n, rows int) {
	written := 0
	for i := range items {
		it := &items[i]
		if it.level != l {
			continue
		}
		if written == rows {
			fmt.Fprintf(b, "| | and %d more | | |\n", n-written)
			return
		}
		written++
		file, owner := "", ""
		if it.path != "" {
			file = codeSpan(it.place0())
		}
		if it.owner != "" {
			owner = codeSpan(it.owner)
		}
		fmt.Fprintf(b, "| [%s](%s) | %s | %s | %s |\n", it.code, pages+"findings.md", file, owner, it.reason())
	}
}

// place0 returns the path of an item, with the line if the item is about one.
func (i *item) place0() string {
	if i.dir == "" && i.level != levelError && i.place.line > 0 {
		return fmt.Sprintf("%s:%d", i.path, i.place.line)
	}
	return i.path
}

// reason returns the most telling line of an item, as Markdown.
func (i *item) reason() string {
	var parts []string
	if i.path == "" || len(i.details) == 0 || i.remark {
		parts = append(parts, escapeMarkdown(clip(i.message)))
	}
	for _, d := range i.details[:min(len(i.details), 3)] {
		parts = append(parts, d.name+" "+codeSpan(d.text))
	}
	return strings.Join(parts, "<br>")
}

// codeSpan returns a text as code in a table of Markdown. The text must be printable.
func codeSpan(s string) string {
	s = clip(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	// In a table, "|" ends a cell also in code, unless it follows a backslash.
	s = strings.ReplaceAll(s, "|", `\|`)
	if len(fence) > 1 || strings.HasPrefix(s, " ") || s == "" {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// clip shortens a long text.
func clip(s string) string {
	if len(s) <= maxCell {
		return s
	}
	return strings.ToValidUTF8(s[:maxCell], "") + "…"
}

// escapeMarkdown escapes text outside of code. Every character of ASCII that is no letter,
// digit or space can have a backslash before it. A zero-width space keeps "@" from
// mentioning a user.
func escapeMarkdown(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case c == '@':
			b.WriteString("@\u200b")
			continue
		case strings.ContainsRune("\\`*_{}[]<>()#+!|~&$^=", c):
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return strings.ReplaceAll(b.String(), "://", "\\://")
}
