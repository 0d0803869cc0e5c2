package report

import (
	"strings"
	"sync"

	"github.com/nodeint/nodeint/docs"
	"github.com/nodeint/nodeint/integrity/codes"
	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
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
}{
	{"Findings (exit 1)", levelError},
	{"Untrusted maps (exit 4)", levelError},
	{"Gaps", levelNote},
	{"Remarks of diff", levelNote},
	{"Errors", levelError},
}

// rules returns the rules, in the order of the sections and of the page.
var rules = sync.OnceValue(func() []rule {
	var list []rule
	seen := make(map[string]bool)
	all := codes.All(docs.Findings())
	for _, section := range ruleSections {
		for _, c := range all {
			if c.Section != section.heading || seen[c.Code] {
				continue
			}
			seen[c.Code] = true
			r := rule{code: c.Code, meaning: c.Columns[0].Markdown, anchor: anchor(section.heading), level: section.level}
			for _, column := range c.Columns[1:] {
				if column.Name == codes.Advice {
					r.todo = column.Markdown
				}
			}
			list = append(list, r)
		}
	}
	return list
})

// anchor returns the fragment of a heading on GitHub.
func anchor(heading string) string {
	return strings.ReplaceAll(nonAnchor().ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

var (
	nonAnchor = lazyregexp.New(`[^a-z0-9 -]`)
	mdLink    = lazyregexp.New(`\[([^\]]*)\]\(([^)]*)\)`)
)

// help returns the text of a rule as Markdown: links lead to the documentation.
func (r *rule) help() string {
	text := sentence(r.meaning)
	if r.todo != "" {
		text += "\n\nWhat to do: " + sentence(r.todo)
	}
	return mdLink().ReplaceAllStringFunc(text, func(link string) string {
		part := mdLink().FindStringSubmatch(link)
		if strings.HasPrefix(part[2], "#") {
			part[2] = "findings.md" + part[2]
		}
		return "[" + part[1] + "](" + pages + part[2] + ")"
	})
}

// plain returns Markdown as plain text.
func plain(md string) string {
	return strings.ReplaceAll(mdLink().ReplaceAllString(md, "$1"), "`", "")
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
