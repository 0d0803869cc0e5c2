package report

import (
	"regexp"
	"strings"
	"sync"

	"github.com/nodeint/nodeint/docs"
)

// pages is where the documentation is.
const pages = "https://github.com/nodeint/nodeint/blob/main/docs/"

// A rule is a code with its rows of docs/findings.md.
type rule struct {
	code    string
	meaning string // Markdown
	todo    string // Markdown; may be empty
	anchor  string // of the section of the page
	level   level
}

// ruleSections are the sections of docs/findings.md with codes that a report may have.
// Where two sections have a code, the first counts.
var ruleSections = []struct {
	heading string
	level   level
	hasTodo bool // the third column says what to do
}{
	{"Findings (exit 1)", levelError, true},
	{"Untrusted maps (exit 4)", levelError, false},
	{"Gaps", levelNote, true},
	{"Remarks of diff", levelNote, false},
	{"Errors", levelError, false},
}

// rules returns the rules, in the order of the page.
var rules = sync.OnceValue(func() []rule {
	var list []rule
	seen := make(map[string]bool)
	for _, section := range ruleSections {
		_, text, _ := strings.Cut(docs.Findings(), "\n## "+section.heading+"\n")
		text, _, _ = strings.Cut(text, "\n## ")
		for _, r := range rows(text, section.hasTodo) {
			if seen[r.code] {
				continue
			}
			seen[r.code] = true
			r.anchor, r.level = anchor(section.heading), section.level
			list = append(list, r)
		}
	}
	return list
})

// rows returns the codes of the tables in a text.
func rows(text string, hasTodo bool) []rule {
	var list []rule
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		code, isCode := strings.CutPrefix(strings.TrimSpace(cells[0]), "`")
		if !isCode || len(cells) < 2 {
			continue
		}
		r := rule{code: strings.TrimSuffix(code, "`"), meaning: strings.TrimSpace(cells[1])}
		if len(cells) > 2 && hasTodo {
			r.todo = strings.TrimSpace(cells[2])
		}
		if r.todo == "the same" && len(list) > 0 {
			r.todo = list[len(list)-1].todo
		}
		list = append(list, r)
	}
	return list
}

// anchor returns the fragment of a heading on GitHub.
func anchor(heading string) string {
	return strings.ReplaceAll(nonAnchor.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

var (
	nonAnchor = regexp.MustCompile(`[^a-z0-9 -]`)
	mdLink    = regexp.MustCompile(`\[([^\]]*)\]\(([^)]*)\)`)
)

// help returns the text of a rule as Markdown: links lead to the documentation.
func (r *rule) help() string {
	text := sentence(r.meaning)
	if r.todo != "" {
		text += "\n\nWhat to do: " + sentence(r.todo)
	}
	return mdLink.ReplaceAllStringFunc(text, func(link string) string {
		part := mdLink.FindStringSubmatch(link)
		if strings.HasPrefix(part[2], "#") {
			part[2] = "findings.md" + part[2]
		}
		return "[" + part[1] + "](" + pages + part[2] + ")"
	})
}

// plain returns Markdown as plain text.
func plain(md string) string {
	return strings.ReplaceAll(mdLink.ReplaceAllString(md, "$1"), "`", "")
}

// sentence makes a text begin with a capital letter and end with a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	if c := s[0]; c >= 'a' && c <= 'z' {
		s = string(c-'a'+'A') + s[1:]
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}
