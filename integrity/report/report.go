// Package report writes the results of nodeint in the formats of CI systems and for a
// browser: SARIF, workflow commands of GitHub, code quality of GitLab, JUnit, Markdown and
// HTML.
//
// [Render] is a function from results to bytes: it reads no files, and the same results
// give the same bytes. [ReadMap] reads what a report needs to know of a map.
//
// # Places
//
// A finding of an installed package is placed at the line of the map that pins the file:
// node_modules is not committed, so a review shows nothing that is placed there. A finding
// of the project's own file is placed at the file if it exists.
//
// # Names
//
// Names of files and packages come from the tree, which an attacker may have written.
// [Printable] makes them one line of printable text. Then each format escapes them by its
// own rules.
package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nodeint/nodeint/integrity/problem"
)

// A Format is the name of an output format.
type Format string

// The formats. Render does not write Text and JSON, which are the command's own.
const (
	Text     Format = "text"
	JSON     Format = "json"
	Markdown Format = "markdown"
	SARIF    Format = "sarif"
	GitHub   Format = "github"
	GitLab   Format = "gitlab"
	JUnit    Format = "junit"
	HTML     Format = "html"
)

// Formats returns all formats, in the order of the documentation.
func Formats() []Format {
	return []Format{Text, JSON, Markdown, SARIF, GitHub, GitLab, JUnit, HTML}
}

// A Result is what a command found in one project.
type Result struct {
	Command string // "verify"
	Version string // of nodeint
	Prefix  string // the root relative to the repository, slash-separated; "" if it is the repository
	MapFile string // the map relative to the repository; "" if it is outside

	Exit     int
	Checked  int   // files
	Packages int   // that contain them
	Bytes    int64 // of the files
	MS       int64 // duration in milliseconds
	Digest   string
	Coverage string
	Findings []problem.Finding
	Gaps     []problem.Gap
	Changes  []Change // of a map that is out of date
	Remarks  []Remark // on packages that differ
	Summary  string   // one sentence, instead of that on findings and changes; may be empty
	LeftOut  []string // directories of packages that this install does not have, as the lockfile allows
	Failure  *Failure // nil if the command came to a result
	Notes    []string
	Map      *Map // nil if the map could not be read
}

// A Failure is why a command came to no result.
type Failure struct {
	Code    string // of docs/findings.md
	Message string
	Want    string
	Got     string
	Hint    string
}

// A Change is one difference between the map and the one that the command would write.
type Change struct {
	Kind string // "added", "removed" or "changed"
	Key  string // of the map
}

// A Remark is something about a package, a setting or a name that differs between two maps.
type Remark struct {
	Code  string // of docs/findings.md
	Dir   string // of the installed package, relative to the root; "" for others
	Owner string // name@version, or the package's name with both versions; may be empty
	Text  string
	Items []string // places, commands, files
	Alert bool     // look at it before you accept the change
}

// A level says how serious an item is.
type level int

const (
	levelNote level = iota
	levelWarning
	levelError
)

// An item is one thing for a reader to look at. All texts are printable.
type item struct {
	code    string
	level   level
	path    string // relative to the root; "" if the item is about no file
	dir     string // of the installed package; "" for the project's own files
	owner   string // name@version; may be empty
	message string // one sentence, without a final full stop
	details []detail
	place   place
	print   string // the fingerprint
	remark  bool   // the message is not all in path and details
}

// A detail is a line below the message of an item.
type detail struct{ name, text string }

// A place is in a file of the repository. Line and column count from 1; 0 means unknown.
type place struct {
	file         string // "" if no file of the repository fits
	line, column int
}

// text returns the message with the details: one line each.
func (i *item) text() string {
	var b strings.Builder
	b.WriteString(i.message)
	for _, d := range i.details {
		fmt.Fprintf(&b, "\n%-7s %s", d.name, d.text)
	}
	return b.String()
}

// sentences returns the message as a sentence, and the details: one line each.
func (i *item) sentences() string {
	rest := strings.TrimPrefix(i.text(), i.message)
	return strings.TrimSuffix(sentenceStart(i.message), ".") + "." + rest
}

// line returns the message with the details, on one line.
func (i *item) line() string {
	text := i.message
	for _, d := range i.details {
		text += "; " + d.name + ": " + d.text
	}
	return text
}

// Render returns the report on results in a format that [Result] has enough for. A
// workspace has one result for each member.
func Render(format Format, results []Result) []byte {
	switch format {
	case SARIF:
		return sarif(results)
	case GitHub:
		return github(results)
	case GitLab:
		return gitlab(results)
	case JUnit:
		return junit(results)
	case Markdown:
		return markdown(results)
	case HTML:
		return page(results)
	}
	panic("report: " + string(format) + " is not rendered by this package")
}

// Printable is [problem.Printable] for a text that a CI server may read: it also escapes what
// that takes for a command, see [Inert].
func Printable(s string) string {
	if strings.Contains(s, "##") {
		s = logCommand().ReplaceAllString(s, `\u0023#$1`)
	}
	return problem.Printable(s)
}

// count returns a number with a noun: "1 file", "2 files".
func count(n int, noun string) string { return problem.Count(n, noun) }

// title names a result: "nodeint verify: shop".
func (r *Result) title() string {
	t := "nodeint " + r.Command
	if name := r.name(); name != "" {
		t += ": " + name
	}
	return t
}

// name names the project of a result, if anything does.
func (r *Result) name() string {
	if r.Map != nil {
		if p, ok := r.Map.parsed.Packages[r.Map.parsed.Project]; ok && p.Name != "" {
			return Printable(p.Name)
		}
	}
	return Printable(r.Prefix)
}

// verdict returns one sentence on the outcome.
func (r *Result) verdict() string {
	files := count(r.Checked, "file") + " of " + count(r.Packages, "package")
	switch {
	case r.Failure != nil && r.Exit == 4:
		return "the map is not trusted, and nothing was checked"
	case r.Failure == nil && r.Summary != "":
		return Printable(r.Summary)
	case r.Failure != nil:
		return "the command failed before it had a result"
	case len(r.Findings) > 0 && !slices.ContainsFunc(r.Findings, func(f problem.Finding) bool { return f.Code != problem.Unreadable }):
		return "not verified: " + count(len(r.Findings), "file") + " could not be read"
	case len(r.Findings) > 0:
		return count(len(r.Findings), "difference") + " in " + files
	case r.Exit == 3:
		return "the coverage is incomplete: " + count(len(r.Gaps), "gap")
	case len(r.Changes) > 0:
		return "the map is out of date: " + count(len(r.Changes), "difference")
	case r.Exit != 0:
		return "the command ended with status " + strconv.Itoa(r.Exit)
	case r.Command == "verify":
		return "verified " + files + ", and found no difference"
	}
	return "the map pins " + files
}

// worst returns the number of errors and warnings.
func worst(items []item) (failures, warnings int) {
	for i := range items {
		switch items[i].level {
		case levelError:
			failures++
		case levelWarning:
			warnings++
		}
	}
	return failures, warnings
}

// bySeverity returns the items, the most serious first.
func bySeverity(items []item) []item {
	sorted := slices.Clone(items)
	slices.SortStableFunc(sorted, func(a, b item) int { return int(b.level) - int(a.level) })
	return sorted
}
