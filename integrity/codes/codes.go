// Package codes finds what a page in Markdown has about a code, and makes it readable on
// a terminal.
//
// The page is docs/findings.md. Its sections have tables of codes: the heading of the
// first column is "code" or "reason", and each row begins with a code in backquotes. The
// cell "the same" has the text of the cell above. What the page has about a code is its
// row, what is above the table in the section, and the other paragraphs of the section that
// name the code in backquotes.
package codes

import (
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
)

// A Code is a row of a table of codes.
type Code struct {
	Code    string `json:"code"`
	Section string `json:"section"` // the heading above the table
	Columns []Cell `json:"columns"` // without the one of the code
	Text    string `json:"text"`    // the paragraphs about the code, for a terminal; may be empty
}

// A Cell is a cell of a table, with the heading of its column.
type Cell struct {
	Name     string `json:"name"`
	Text     string `json:"text"` // for a terminal
	Markdown string `json:"-"`    // as in the page
}

// Advice is the heading of the column that says what to do.
const Advice = "what to do"

// Brief returns what the code means, in one line of at most limit characters.
func (c Code) Brief(limit int) string {
	if len(c.Columns) == 0 {
		return ""
	}
	text := c.Columns[0].Text
	if i := strings.Index(text, ". "); i >= 0 {
		text = text[:i]
	}
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	cut := limit - 1
	for cut > 0 && runes[cut] != ' ' {
		cut--
	}
	return strings.TrimRight(string(runes[:cut]), " ,;:") + "…"
}

// All returns the codes of a page, in its order. A code that is in several tables occurs
// several times.
func All(page string) []Code {
	var list []Code
	for _, s := range sections(page) {
		for i, b := range s.blocks {
			rows := tableOf(b)
			if rows == nil {
				continue
			}
			for r := 1; r < len(rows); r++ {
				c := Code{Code: strings.Trim(rows[r][0], "`"), Section: s.heading}
				for n := 1; n < len(rows[r]); n++ {
					if rows[r][n] == "the same" {
						rows[r][n] = rows[r-1][n]
					}
					c.Columns = append(c.Columns, Cell{rows[0][n], plain(rows[r][n]), rows[r][n]})
				}
				c.Text = s.about(c.Code, i, slices.Contains(rows[0], Advice))
				list = append(list, c)
			}
		}
	}
	return list
}

// Find returns the rows of one code.
func Find(page, code string) []Code {
	return slices.DeleteFunc(All(page), func(c Code) bool { return c.Code != code })
}

// A section is what is below a heading of the second level.
type section struct {
	heading string
	blocks  []string // paragraphs, lists, tables and code blocks
}

func sections(page string) []section {
	var all []section
	var block []string
	fenced := false
	end := func() {
		if len(block) > 0 && len(all) > 0 {
			last := &all[len(all)-1]
			last.blocks = append(last.blocks, strings.Join(block, "\n"))
		}
		block = nil
	}
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, fence) {
			fenced = !fenced
		}
		heading, isHeading := strings.CutPrefix(line, "## ")
		switch {
		case isHeading && !fenced:
			end()
			all = append(all, section{heading: plain(heading)})
		case line == "" && !fenced:
			end()
		default:
			block = append(block, line)
		}
	}
	end()
	return all
}

// tableOf returns the cells of a table of codes, by row, the headings first. It returns nil
// for another block. Every row has as many cells as the first.
func tableOf(block string) [][]string {
	var rows [][]string
	for line := range strings.Lines(block) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), "| ")
		if !ok {
			if strings.HasPrefix(line, "|-") {
				continue
			}
			return nil
		}
		cells := strings.Split(strings.TrimSuffix(line, " |"), " | ")
		if rows != nil && (len(cells) != len(rows[0]) || !strings.HasPrefix(cells[0], "`")) {
			return nil
		}
		rows = append(rows, cells)
	}
	if len(rows) < 2 || rows[0][0] != "code" && rows[0][0] != "reason" {
		return nil
	}
	return rows
}

// about returns the blocks of the section about a code of the table at index table: those
// between the table before it and it, and those after it that name the code. A table
// without a column of advice has it in the block after it.
func (s section) about(code string, table int, hasAdvice bool) string {
	var parts []string
	for i, b := range s.blocks {
		switch {
		case tableOf(b) != nil:
			if i < table {
				parts = nil
			}
		case i < table && !s.isAfterTable(i), i+1 == table, !hasAdvice && i == table+1, strings.Contains(b, "`"+code+"`"), i > table && s.continues(i, code):
			parts = append(parts, layout(b))
		}
	}
	return strings.Join(parts, "\n\n")
}

// isAfterTable reports whether a table of codes is before the block at index i.
func (s section) isAfterTable(i int) bool {
	return slices.ContainsFunc(s.blocks[:i], func(b string) bool { return tableOf(b) != nil })
}

// continues reports whether the block at index i is a list or a code block that follows a
// paragraph which names the code.
func (s section) continues(i int, code string) bool {
	isPart := strings.HasPrefix(s.blocks[i], "- ") || strings.HasPrefix(s.blocks[i], fence)
	return isPart && strings.Contains(s.blocks[i-1], "`"+code+"`")
}

const fence = "```"

// layout returns a block for a terminal. A code block is indented; the lines of a paragraph
// stay as they are.
func layout(block string) string {
	if !strings.HasPrefix(block, fence) {
		return plain(block)
	}
	lines := strings.Split(block, "\n")
	lines = lines[1 : len(lines)-min(1, len(lines)-1)]
	for i := range lines {
		lines[i] = "    " + lines[i]
	}
	return strings.Join(lines, "\n")
}

// link is a link of Markdown.
var link = lazyregexp.New(`\[([^\]]*)\]\(([^)\s]*)\)`)

// plain returns text with the targets of links in parentheses. A target in the page itself
// is left out.
func plain(text string) string {
	return link().ReplaceAllStringFunc(text, func(l string) string {
		m := link().FindStringSubmatch(l)
		switch to := m[2]; {
		case strings.HasPrefix(to, "#"):
			return m[1]
		case strings.Contains(to, "://"):
			return m[1] + " (" + to + ")"
		default:
			return m[1] + " (docs/" + to + ")"
		}
	})
}
