package report

import (
	"github.com/nodeint/nodeint/integrity/jsontext"
)

// A gitlabIssue is an element of a code quality report:
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string `json:"path"`
	Lines struct {
		Begin int `json:"begin"`
	} `json:"lines"`
}

// gitlab returns a code quality report.
func gitlab(results []Result) []byte {
	list := []gitlabIssue{}
	for i := range results {
		for _, it := range results[i].items() {
			issue := gitlabIssue{
				Description: it.line(), CheckName: it.code, Fingerprint: it.print,
				Severity: [...]string{"info", "minor", "critical"}[it.level], Location: gitlabLocation{Path: it.place.file},
			}
			issue.Location.Lines.Begin = max(it.place.line, 1)
			list = append(list, issue)
		}
	}
	text, _ := jsontext.MarshalIndent(list) // strings and numbers cannot fail
	return inert(text)
}
