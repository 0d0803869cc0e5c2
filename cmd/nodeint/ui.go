package main

import (
	"bufio"
	"cmp"
	"encoding/json"
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
	"github.com/nodeint/nodeint/integrity/launch"
)

// How much of a long list is printed without -v.
const (
	maxFindings = 50
	maxChanges  = 20
	maxGaps     = 5
)

// A ui holds the global flags and prints. What the commands say is collected
// in doc as well, which is all that is printed under --json.
type ui struct {
	cwd, mapFile string
	json         bool
	quiet        bool
	verbose      bool
	compact      bool // a document is one line
	color        string
	out          *bufio.Writer
	err          io.Writer
	outTTY       bool
	errTTY       bool
	paintOut     bool
	paintErr     bool
	doc          document
	done         chan struct{} // closed when the verb has returned
}

// A document is the report that --json prints.
type document struct {
	Schema   int                        `json:"schema"`
	Command  string                     `json:"command"`
	OK       bool                       `json:"ok"`
	Exit     int                        `json:"exit"`
	Root     string                     `json:"root,omitempty"`
	Map      string                     `json:"map,omitempty"`
	Pin      string                     `json:"mapIntegrity,omitempty"`
	Digest   string                     `json:"digest,omitempty"`
	Coverage integrity.Coverage         `json:"coverage,omitempty"`
	Entries  []string                   `json:"entries,omitempty"`
	Summary  *integrity.Summary         `json:"summary,omitempty"`
	Findings []integrity.Finding        `json:"findings"`
	Gaps     []integrity.Gap            `json:"gaps"`
	Changes  []integrity.Change         `json:"changes,omitzero"`
	Trace    *integrity.Traced          `json:"trace,omitempty"`
	Anchors  *integrity.LockfileSummary `json:"anchors,omitempty"`
	Trust    *integrity.Trust           `json:"trust,omitempty"`
	Signed   *integrity.Signed          `json:"signed,omitempty"`
	Key      *generatedKey              `json:"key,omitempty"`
	Hook     *hooked                    `json:"hook,omitempty"`
	Notes    []string                   `json:"notes,omitzero"`
	Version  *versions                  `json:"version,omitempty"`
	Error    *failure                   `json:"error,omitempty"`
}

func newUI(stdout, stderr io.Writer) *ui {
	u := &ui{out: bufio.NewWriter(stdout), err: stderr, color: "auto"}
	u.outTTY, u.errTTY = isTerminal(stdout), isTerminal(stderr)
	u.doc = document{Schema: 1, Findings: []integrity.Finding{}, Gaps: []integrity.Gap{}}
	_ = u.setColor() // for errors of the flags themselves
	return u
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// setColor decides where to color, by --color, then NO_COLOR, then FORCE_COLOR
// (https://no-color.org, https://force-color.org), then by what is a terminal.
func (u *ui) setColor() error {
	force := os.Getenv("FORCE_COLOR")
	switch {
	case u.color == "always":
		u.paintOut, u.paintErr = true, true
	case u.color == "never":
		u.paintOut, u.paintErr = false, false
	case u.color != "auto":
		return usage("write --color auto, always or never", "--color %q is not known", u.color)
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

// The colors, as the parameters of a terminal's SGR sequence.
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

// finish prints the error, or under --json the document, and returns the exit
// status.
func (u *ui) finish(command string, err error) int {
	exit := exitOK
	var v verdict
	var e ended
	var f failure
	switch {
	case errors.As(err, &e):
		launch.Die(e.Signal)
		return e.Code
	case errors.As(err, &v):
		exit = int(v)
	case err != nil:
		f = explain(err)
		exit = f.exit
		u.doc.Error = &f
	}
	// Help and completion scripts are what they are, under --json too.
	if u.json && (u.doc.Command != "" || err != nil) {
		u.doc.Command = command
		u.doc.OK, u.doc.Exit = exit == exitOK, exit
		u.printJSON()
	} else if f.exit != 0 {
		u.printError(f)
	}
	if err := u.out.Flush(); err != nil {
		u.printError(failure{Message: "write the output: " + err.Error(), Hint: remedy(err, "")})
		exit = cmp.Or(exit, exitFailed)
	}
	return exit
}

func (u *ui) printJSON() {
	enc := json.NewEncoder(u.out)
	enc.SetEscapeHTML(false)
	if !u.compact {
		enc.SetIndent("", "  ")
	}
	_ = enc.Encode(u.doc) // its errors stay in the writer, for Flush
}

func (u *ui) printError(f failure) {
	fmt.Fprintln(u.err, "nodeint:", paint(u.paintErr, red, "error:"), plain(f.Message))
	for _, line := range [][2]string{{"wanted", f.Want}, {"found", f.Got}} {
		if line[1] != "" {
			fmt.Fprintf(u.err, "  %-7s %s\n", line[0], plain(line[1]))
		}
	}
	if f.Hint != "" {
		fmt.Fprintln(u.err, "nodeint:", paint(u.paintErr, cyan, "hint:"), plain(f.Hint))
	}
}

// say prints a line of the report, unless it is to be quiet or JSON.
func (u *ui) say(format string, args ...any) {
	if !u.quiet {
		u.tell(format, args...)
	}
}

// tell prints a line that -q keeps.
func (u *ui) tell(format string, args ...any) {
	if !u.json {
		fmt.Fprintf(u.out, format+"\n", args...)
	}
}

func (u *ui) hint(format string, args ...any) {
	u.tell("%s %s", paint(u.paintOut, cyan, "hint:"), fmt.Sprintf(format, args...))
}

// again gives the command line of a verb for the same project and map.
func (u *ui) again(verb string) string {
	words := []string{"nodeint"}
	if u.cwd != "." {
		words = append(words, "-C", name(u.cwd))
	}
	if u.mapFile != "" {
		words = append(words, "--map", name(u.mapFile))
	}
	return strings.Join(append(words, verb), " ")
}

// printNotes prints what limits the report.
func (u *ui) printNotes(notes []string) {
	for _, n := range notes {
		u.say("%s %s", paint(u.paintOut, yellow, "note:"), plain(n))
	}
}

// printGaps prints the places that nodeint could not see through.
func (u *ui) printGaps(gaps []integrity.Gap) {
	if len(gaps) > 0 {
		u.tell("gaps, where nodeint could not see what is loaded:")
	}
	for i, g := range gaps {
		if i == maxGaps && !u.verbose {
			u.tell("  and %d more; -v lists all", len(gaps)-i)
			return
		}
		place := g.Path
		if g.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", g.Path, g.Line, g.Column)
		}
		text := ""
		if g.Text != "" {
			text = ": " + plain(g.Text)
		}
		u.tell("  %s: %s%s", name(place), paint(u.paintOut, yellow, g.Reason), text)
	}
}

// printChanges prints how the new map differs from the old one.
func (u *ui) printChanges(changes []integrity.Change) {
	for i, c := range changes {
		if i == maxChanges && !u.verbose {
			u.tell("  and %d more; -v lists all", len(changes)-i)
			return
		}
		u.tell("  %-7s %s", c.Kind, name(c.Path))
	}
}

// printFindings prints what is not as the map says.
func (u *ui) printFindings(findings []integrity.Finding) {
	for i, f := range findings {
		if i == maxFindings && !u.verbose {
			u.tell("and %d more; -v lists all", len(findings)-i)
			return
		}
		owner := ""
		if f.Package != "" {
			owner = " (" + plain(f.Package) + ")"
		}
		u.tell("%s %s%s", paint(u.paintOut, red, f.Code), name(f.Path), owner)
		for _, line := range [][2]string{{"wanted", f.Want}, {"found", f.Got}, {"why", f.Detail}} {
			if line[1] != "" {
				u.tell("  %-7s %s", line[0], plain(line[1]))
			}
		}
	}
}

// scope says how much was looked at.
func scope(s integrity.Summary, gaps int) string {
	return fmt.Sprintf("%s of %s in %s; %s", count(s.Checked, "file"), count(s.Packages, "package"),
		duration(s.MS), count(gaps, "gap"))
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

func duration(ms int64) string {
	if ms >= 10_000 {
		return fmt.Sprintf("%.1f s", float64(ms)/1000)
	}
	return fmt.Sprintf("%d ms", ms)
}

// name makes a file's name fit for a terminal: whoever names files may put
// escape sequences or a change of the writing direction there. Such a name
// comes quoted, so that it can be told from one that holds the quoted text.
func name(s string) string {
	if plain(s) == s && !strings.HasPrefix(s, `"`) {
		return s
	}
	return strconv.Quote(s)
}

// plain escapes what is not printable.
func plain(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r == '\uFFFD' || !strconv.IsPrint(r) }) < 0 {
		return s
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// shown gives the map's path as short as it can be named.
func (u *ui) shown(path string) string {
	base, err := filepath.Abs(".")
	if err != nil {
		return name(path)
	}
	if rel, err := filepath.Rel(base, path); err == nil && filepath.IsLocal(rel) {
		return name(rel)
	}
	return name(path)
}

// A progress is a line on a terminal that tells how far a long run has come. A
// run of less than 300 ms shows none.
type progress struct {
	u     *ui
	next  time.Time // when to draw
	drawn bool
}

// progress returns the meter, and the function to report to; nil where
// nobody is looking.
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

// erase takes the line away.
func (p *progress) erase() {
	if p != nil && p.drawn {
		fmt.Fprint(p.u.err, "\r\x1b[K")
	}
}
