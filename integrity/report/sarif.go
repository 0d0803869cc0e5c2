package report

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
	"github.com/nodeint/nodeint/integrity/jsontext"
)

// maxSARIF is the number of results that GitHub shows of one run.
const maxSARIF = 5000

// The types are the part of SARIF 2.1.0 that reports use: the specification is
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/. GitHub reads the members in
// https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool               `json:"tool"`
		Automation  sarifID                 `json:"automationDetails"`
		Invocations []sarifInvocation       `json:"invocations"`
		BaseIDs     map[string]sarifBaseDir `json:"originalUriBaseIds"`
		ColumnKind  string                  `json:"columnKind"`
		Results     []sarifResult           `json:"results"`
	}
	sarifID struct {
		ID string `json:"id"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string             `json:"id"`
		ShortDescription sarifMessage       `json:"shortDescription"`
		FullDescription  sarifMessage       `json:"fullDescription"`
		Help             sarifMessage       `json:"help"`
		HelpURI          string             `json:"helpUri"`
		Default          sarifConfiguration `json:"defaultConfiguration"`
		Properties       sarifProperties    `json:"properties"`
	}
	sarifMessage struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifConfiguration struct {
		Level string `json:"level"`
	}
	sarifProperties struct {
		Precision string   `json:"precision"`
		Severity  string   `json:"security-severity,omitempty"`
		Tags      []string `json:"tags"`
	}
	sarifBaseDir struct {
		Description sarifMessage `json:"description"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		ExitCode      int                 `json:"exitCode"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string       `json:"level"`
		Message sarifMessage `json:"message"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifMessage      `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI    string `json:"uri"`
		BaseID string `json:"uriBaseId"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn,omitempty"`
	}
)

const sarifRoot = "%SRCROOT%"

// sarif returns a log with one run.
func sarif(results []Result) []byte {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "nodeint", InformationURI: strings.TrimSuffix(pages, "/blob/main/docs/")}},
		BaseIDs:    map[string]sarifBaseDir{sarifRoot: {sarifMessage{Text: "The root of the repository."}}},
		ColumnKind: "utf16CodeUnits",
		Results:    []sarifResult{},
	}
	index := make(map[string]int)
	for i, r := range rules() {
		index[r.code] = i
	}
	run.Tool.Driver.Rules = slices.Clone(sarifRules())
	for i := range results {
		r := &results[i]
		run.Tool.Driver.Version = strings.TrimPrefix(r.Version, "v")
		run.Automation.ID = "nodeint/" + strings.ReplaceAll(r.Command, " --", "-") + "/"
		items := r.items()
		run.Invocations = append(run.Invocations, r.invocation(items))
		for _, it := range items[:min(len(items), maxSARIF-len(run.Results))] {
			at, ok := index[it.code]
			if !ok {
				at = len(run.Tool.Driver.Rules)
				index[it.code] = at
				unknown := rule{code: it.code, meaning: it.code, level: it.level}
				run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, unknown.sarif())
			}
			run.Results = append(run.Results, it.sarif(at))
		}
	}
	text, _ := jsontext.MarshalIndent(sarifLog{ // strings and numbers cannot fail
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run},
	})
	return inert(text)
}

// invocation describes the run of the command.
func (r *Result) invocation(items []item) sarifInvocation {
	v := sarifInvocation{Successful: r.Failure == nil, ExitCode: r.Exit}
	note := func(level, text string) {
		v.Notifications = append(v.Notifications, sarifNotification{level, sarifMessage{Text: text}})
	}
	if r.Failure != nil {
		note("error", Printable(r.Failure.Message))
	}
	for _, n := range r.Notes {
		note("note", Printable(n))
	}
	if len(items) > maxSARIF {
		note("warning", "the report has the first "+count(maxSARIF, "result")+" of "+count(len(items), "result"))
	}
	return v
}

// sarifRules returns the rules of SARIF, in the order of rules.
var sarifRules = sync.OnceValue(func() []sarifRule {
	var list []sarifRule
	for _, r := range rules() {
		list = append(list, r.sarif())
	}
	return list
})

func (r *rule) sarif() sarifRule {
	help := r.help()
	out := sarifRule{
		ID: r.code, HelpURI: pages + "findings.md#" + r.anchor,
		ShortDescription: sarifMessage{Text: firstClause(plain(r.meaning))}, FullDescription: sarifMessage{Text: sentence(plain(r.meaning))},
		Help: sarifMessage{Text: plain(help), Markdown: help}, Default: sarifConfiguration{r.level.sarif()},
		Properties: sarifProperties{Precision: "very-high", Tags: []string{"integrity", "supply-chain"}},
	}
	if r.level == levelError {
		out.Properties.Severity, out.Properties.Tags = "8.0", append(out.Properties.Tags, "security")
	}
	return out
}

// firstClause returns a text up to its first colon or semicolon, as a sentence.
func firstClause(text string) string {
	if i := strings.IndexAny(text, ":;."); i > 0 {
		text = text[:i]
	}
	return sentence(strings.TrimSpace(text))
}

func (l level) sarif() string { return [...]string{"note", "warning", "error"}[l] }

func (i *item) sarif(ruleIndex int) sarifResult {
	return sarifResult{
		RuleID: i.code, RuleIndex: ruleIndex, Level: i.level.sarif(), Message: sarifMessage{Text: sarifText(i.sentences())},
		Locations: []sarifLocation{{sarifPhysical{
			sarifArtifact{fileURI(i.place.file), sarifRoot}, sarifRegion{Line: max(i.place.line, 1)},
		}}},
		Fingerprints: map[string]string{"primaryLocationLineHash": i.print},
	}
}

// sarifText escapes what SARIF gives a meaning in plain text: links, and placeholders of
// arguments.
func sarifText(s string) string {
	s = sarifLink().ReplaceAllString(s, `\[$1\](`)
	return sarifPlaceholder().ReplaceAllString(s, `{{$1}}`)
}

var (
	sarifLink        = lazyregexp.New(`\[([^\[\]]*)\]\(`)
	sarifPlaceholder = lazyregexp.New(`\{(\d+)\}`)
)

// fileURI returns a relative path as a URI reference.
func fileURI(file string) string { return (&url.URL{Path: file}).String() }

// inert returns a JSON text without the words that begin a command of a CI server within
// a line. The text means the same.
func inert(text []byte) []byte {
	return []byte(strings.ReplaceAll(string(text), "##", `\u0023#`))
}
