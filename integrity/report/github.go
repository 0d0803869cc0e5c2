package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
)

// maxAnnotations is the number of annotations of each level that GitHub shows of a step.
const maxAnnotations = 10

// github returns workflow commands that make annotations:
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions.
// GitHub shows ten of each level; if there are more, the tenth counts them.
func github(results []Result) []byte {
	var b strings.Builder
	for l := levelError; l >= levelNote; l-- {
		var list []item
		for i := range results {
			for _, it := range results[i].items() {
				if it.level == l {
					list = append(list, it)
				}
			}
		}
		shown := list
		if len(list) > maxAnnotations {
			shown = list[:maxAnnotations-1]
		}
		for i := range shown {
			shown[i].annotate(&b)
		}
		if n := len(list) - len(shown); n > 0 {
			fmt.Fprintf(&b, "::%s title=nodeint::%s\n", l.github(), escapeData("and "+strconv.Itoa(n)+" more; the summary of the job and the log have them"))
		}
	}
	return []byte(b.String())
}

func (l level) github() string { return [...]string{"notice", "warning", "error"}[l] }

// annotate writes the workflow command of an item.
func (i *item) annotate(b *strings.Builder) {
	fmt.Fprintf(b, "::%s file=%s,line=%d", i.level.github(), escapeProperty(Printable(i.place.file)), max(i.place.line, 1))
	if i.place.column > 0 {
		fmt.Fprintf(b, ",col=%d", i.place.column)
	}
	fmt.Fprintf(b, ",title=%s::%s\n", escapeProperty("nodeint: "+i.code), escapeData(sentenceStart(i.text())))
}

// sentenceStart makes a text begin with a capital letter, unless it begins with a path.
func sentenceStart(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if strings.ContainsAny(first, "./@") || first == "nodeint" || s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// escapeData escapes the message of a workflow command.
func escapeData(s string) string { return dataEscapes.Replace(s) }

// escapeProperty escapes a property of a workflow command.
func escapeProperty(s string) string { return propertyEscapes.Replace(s) }

// logCommand matches what starts a command of a CI server within a line of the log:
// "##[" (GitHub), "##vso[" (Azure Pipelines) and "##teamcity[".
var logCommand = lazyregexp.New(`##([A-Za-z]*\[)`)

// Inert returns text that a CI server takes for no command: a name of a file may be one.
// The text may be several lines, and must begin at the start of a line. In JSON, the
// result means the same if no line begins with two colons.
func Inert(text string) string {
	text = logCommand().ReplaceAllString(text, `\u0023#$1`)
	if !strings.Contains(text, "::") {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if rest := strings.TrimLeftFunc(line, unicode.IsSpace); strings.HasPrefix(rest, "::") {
			line = line[:len(line)-len(rest)] + `\u003a` + rest[1:]
		}
		b.WriteString(line)
	}
	return b.String()
}
