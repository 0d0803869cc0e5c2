package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/audit"
	"github.com/nodeint/nodeint/integrity/codes"
	"github.com/nodeint/nodeint/integrity/jsontext"
	"github.com/nodeint/nodeint/integrity/launch"
	"github.com/nodeint/nodeint/integrity/mapdiff"
	"github.com/nodeint/nodeint/integrity/policy"
	"github.com/nodeint/nodeint/integrity/problem"
	"github.com/nodeint/nodeint/integrity/report"
	"github.com/nodeint/nodeint/integrity/why"
)

// How much of a long list is printed without -v.
const (
	maxFindings = 50
	maxChanges  = 20
	maxGaps     = 5
)

// A ui holds the global flags and prints. Commands also record their results in
// doc, which --json prints instead of the text.
type ui struct {
	cwd, mapFile string
	cwdGiven     bool   // -C is on the command line
	shownCwd     string // of -C, if the working directory was changed to it
	startDir     string // the working directory before
	memberDir    string // of the member of a workspace, relative to its root
	json         bool
	noText       bool     // a report in another format is printed instead
	reports      *reports // nil for a verb without reports
	inputs       []string // absolute paths of files that the command line names to be read
	quiet        bool
	verbose      bool
	runner       string // the words before nodeint in commands of hints, such as npx
	compact      bool   // print the JSON document on one line
	color        string
	out          *bufio.Writer
	err          io.Writer
	stdout, log  io.Writer // below out: as it is, and as a log of a CI server needs it
	outTTY       bool
	errTTY       bool
	paintOut     bool
	paintErr     bool
	doc          document
	done         chan struct{}    // closed when the verb has returned
	exit         func(status int) // ends the process; nil in tests that run a command line in it
}

// A document is the report that --json prints.
type document struct {
	Schema     int                        `json:"schema"`
	Command    string                     `json:"command"`
	OK         bool                       `json:"ok"`
	Exit       int                        `json:"exit"`
	Root       string                     `json:"root,omitempty"`
	Map        string                     `json:"map,omitempty"`
	Pin        string                     `json:"mapIntegrity,omitempty"`
	Digest     string                     `json:"digest,omitempty"`
	Coverage   integrity.Coverage         `json:"coverage,omitempty"`
	Entries    []string                   `json:"entries,omitempty"`
	Summary    *integrity.Summary         `json:"summary,omitempty"`
	Findings   []integrity.Finding        `json:"findings"`
	Gaps       []integrity.Gap            `json:"gaps"`
	NotFound   []integrity.NotFound       `json:"notFound,omitzero"`
	Changes    []integrity.Change         `json:"changes,omitzero"`
	Diff       *mapdiff.Report            `json:"diff,omitempty"`
	Conflicts  []string                   `json:"conflicts,omitzero"`
	Trace      *integrity.Traced          `json:"trace,omitempty"`
	LeftOut    []integrity.LeftOut        `json:"leftOut,omitempty"`
	Anchors    *integrity.LockfileSummary `json:"anchors,omitempty"`
	Trust      *integrity.TrustResult     `json:"trust,omitempty"`
	Signed     *integrity.Signed          `json:"signed,omitempty"`
	Key        *generatedKey              `json:"key,omitempty"`
	Hook       *hookReport                `json:"hook,omitempty"`
	Init       *initReport                `json:"init,omitempty"`
	Policy     *policy.Imported           `json:"policy,omitempty"`
	Permission *permissionReport          `json:"permissions,omitempty"`
	Audit      *audit.Report              `json:"audit,omitempty"`
	Why        *why.Answer                `json:"why,omitempty"`
	Codes      []codes.Code               `json:"codes,omitzero"`
	SBOM       *sbomReport                `json:"sbom,omitempty"`
	Notes      []string                   `json:"notes,omitzero"`
	Version    *versions                  `json:"version,omitempty"`
	Workspaces []workspaceMember          `json:"workspaces,omitzero"`
	Error      *failure                   `json:"error,omitempty"`
}

func newUI(stdout, stderr io.Writer) *ui {
	u := &ui{stdout: stdout, log: forLog(stdout), err: forLog(stderr), color: "auto"}
	u.out = bufio.NewWriter(u.log)
	u.outTTY, u.errTTY = isTerminal(stdout), isTerminal(stderr)
	u.doc = document{Schema: 1, Findings: []integrity.Finding{}, Gaps: []integrity.Gap{}}
	_ = u.setColor() // for errors in the flags themselves
	return u
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// setColor decides for stdout and stderr whether to print colors. --color wins,
// then NO_COLOR (https://no-color.org), then FORCE_COLOR
// (https://force-color.org). Otherwise only terminals get colors.
func (u *ui) setColor() error {
	force := os.Getenv("FORCE_COLOR")
	switch {
	case u.color == "always":
		u.paintOut, u.paintErr = true, true
	case u.color == "never":
		u.paintOut, u.paintErr = false, false
	case u.color != "auto":
		return usage("use --color auto, --color always or --color never", "unknown --color value %q", u.color)
	case os.Getenv("NO_COLOR") != "":
		u.paintOut, u.paintErr = false, false
	case force != "" && force != "0":
		u.paintOut, u.paintErr = true, true
	default:
		smart := os.Getenv("TERM") != "dumb"
		u.paintOut, u.paintErr = u.outTTY && smart, u.errTTY && smart
	}
	return nil
}

// The colors: parameters of the terminal's SGR sequence.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

func paint(on bool, color, text string) string {
	if !on {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// finish prints the error, or the document if --json is set, and returns the exit
// status.
func (u *ui) finish(command string, err error) int {
	exit := exitOK
	var v statusError
	var e programStatus
	var f failure
	switch {
	case errors.As(err, &e):
		launch.KillSelf(e.Signal)
		return e.Code
	case errors.As(err, &v):
		exit = int(v)
	case err != nil:
		f = explain(err)
		f.Hint = u.typed(f.Hint)
		exit = f.exit
		u.doc.Error = &f
	}
	isResult := u.doc.Command != "" || err != nil
	u.doc.OK, u.doc.Exit = exit == exitOK, exit
	if isResult {
		u.doc.Command = command
	}
	// --json does not change help, manual pages and completion scripts.
	if u.json && isResult {
		u.printJSON()
	} else if f.exit != 0 {
		u.printError(f)
	}
	exit = u.writeReports(exit, f)
	if err := u.flush(); err != nil {
		u.printError(failure{Message: "cannot write the output: " + err.Error(), Hint: systemHint(err, "")})
		exit = cmp.Or(exit, exitFailed)
	}
	return exit
}

// docText returns the JSON document.
func (u *ui) docText() []byte {
	text, _ := jsontext.MarshalIndent(u.doc) // nothing in a document can fail
	if u.compact {
		text, _ = jsontext.Marshal(u.doc)
		text = append(text, '\n')
	}
	return text
}

func (u *ui) printJSON() {
	_, _ = u.out.Write(u.docText()) // Flush returns its error
}

func (u *ui) printError(f failure) {
	fmt.Fprintln(u.err, "nodeint:", paint(u.paintErr, red, "error:"), escape(f.Message))
	for _, line := range [][2]string{{"wanted", f.Want}, {"found", f.Got}} {
		if line[1] != "" {
			fmt.Fprintf(u.err, "  %-7s %s\n", line[0], escape(line[1]))
		}
	}
	if f.Hint != "" {
		fmt.Fprintln(u.err, "nodeint:", paint(u.paintErr, cyan, "hint:"), escape(f.Hint))
	}
}

// infof prints a line of the report. -q and --json suppress it.
func (u *ui) infof(format string, args ...any) {
	if !u.quiet {
		u.printf(format, args...)
	}
}

// printf prints a line of the report that -q keeps. --json and the formats of reports
// suppress it.
func (u *ui) printf(format string, args ...any) {
	if !u.json && !u.noText {
		fmt.Fprintf(u.out, format+"\n", args...)
	}
}

// hintf prints a hint: one command or step to try next.
func (u *ui) hintf(format string, args ...any) {
	u.printf("%s %s", paint(u.paintOut, cyan, "hint:"), u.typed(fmt.Sprintf(format, args...)))
}

// commandLine returns the command line that runs verb for the same project and
// map.
func (u *ui) commandLine(verb string) string {
	words := []string{"nodeint"}
	if cwd := cmp.Or(u.shownCwd, u.cwd); cwd != "." {
		words = append(words, "-C", safeName(cwd))
	}
	if u.mapFile != "" {
		words = append(words, "--map", safeName(u.mapFile))
	}
	return strings.Join(append(words, verb), " ")
}

// printNotes prints the limits of the report.
func (u *ui) printNotes(notes []string) {
	for _, n := range notes {
		u.infof("%s %s", paint(u.paintOut, yellow, "note:"), escape(n))
	}
}

// printChanges prints how the new map differs from the old one.
func (u *ui) printChanges(changes []integrity.Change) {
	for i, c := range changes {
		if i == maxChanges && !u.verbose {
			u.printf("  and %d more; use -v to list all", len(changes)-i)
			return
		}
		u.printf("  %-7s %s", c.Kind, safeName(c.Path))
	}
}

// printFindings prints the differences between the files and the map.
func (u *ui) printFindings(findings []integrity.Finding) {
	for i, f := range findings {
		if i == maxFindings && !u.verbose {
			u.printf("and %d more; use -v to list all", len(findings)-i)
			return
		}
		owner := ""
		if f.Package != "" {
			owner = " (" + escape(f.Package) + ")"
		}
		u.printf("%s %s%s", paint(u.paintOut, red, f.Code), safeName(f.Path), owner)
		for _, line := range [][2]string{{"wanted", f.Want}, {"found", f.Got}, {"why", f.Detail}} {
			if line[1] != "" {
				u.printf("  %-7s %s", line[0], escape(line[1]))
			}
		}
	}
}

// scope describes how much was checked.
func scope(s integrity.Summary, gaps int) string {
	return fmt.Sprintf("%s of %s in %s; %s", count(s.Checked, "file"), count(s.Packages, "package"),
		duration(s.MS), count(gaps, "gap"))
}

func count(n int, noun string) string { return problem.Count(n, noun) }

func duration(ms int64) string {
	if ms >= 10_000 {
		return fmt.Sprintf("%.1f s", float64(ms)/1000)
	}
	return fmt.Sprintf("%d ms", ms)
}

// safeName returns a file name that is safe to print on a terminal. A name with
// unprintable characters, such as escape sequences or a change of the writing
// direction, is quoted. So is a name that begins with a quotation mark, so that
// the two cannot be confused.
func safeName(s string) string {
	if escape(s) == s && !strings.HasPrefix(s, `"`) {
		return s
	}
	return strconv.Quote(s)
}

// escape replaces unprintable characters by their Go escape sequences.
func escape(s string) string { return report.Printable(s) }

// displayPath returns path relative to the working directory if it is below it,
// and the absolute path otherwise.
func (u *ui) displayPath(path string) string {
	base, err := filepath.Abs(cmp.Or(u.startDir, "."))
	if err != nil {
		return safeName(path)
	}
	if rel, err := filepath.Rel(base, path); err == nil && filepath.IsLocal(rel) {
		return safeName(rel)
	}
	return safeName(path)
}

// A progress is the line on a terminal that shows the progress of a long run. It
// first appears after 300 ms.
type progress struct {
	u     *ui
	next  time.Time // when to draw
	drawn bool
}

// progress returns the meter and the function that updates it. Both are nil if
// stderr is not a terminal or -q is set.
func (u *ui) progress() (*progress, func(integrity.Progress)) {
	if !u.errTTY || u.quiet {
		return nil, nil
	}
	p := &progress{u: u, next: time.Now().Add(300 * time.Millisecond)}
	return p, p.report
}

func (p *progress) report(at integrity.Progress) {
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next, p.drawn = now.Add(100*time.Millisecond), true
	of := ""
	if at.Total > 0 {
		of = fmt.Sprintf(" of %d", at.Total)
	}
	fmt.Fprintf(p.u.err, "\r\x1b[K%s: %d%s files, %d MB", at.Stage, at.Files, of, at.Bytes/1e6)
}

// erase clears the line.
func (p *progress) erase() {
	if p != nil && p.drawn {
		fmt.Fprint(p.u.err, "\r\x1b[K")
	}
}
