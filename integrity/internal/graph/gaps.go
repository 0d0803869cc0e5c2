package graph

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/nodeint/nodeint/integrity/problem"
)

// gaps returns the gaps of a build, sorted by place: warnings of esbuild about specifiers
// that it cannot analyse, syntax errors, and the gaps that the scanner found.
func (d *discovery) gaps(result api.BuildResult) []problem.Gap {
	var gaps []problem.Gap
	for _, m := range result.Warnings {
		if reason, ok := reasonOf(m.ID); ok {
			gaps = d.appendGap(gaps, m, reason)
		}
	}
	for _, m := range result.Errors {
		if isParseError(m) {
			gaps = d.appendGap(gaps, m, problem.GapSyntax)
		}
	}
	for _, n := range d.notes {
		gaps = append(gaps, n.gaps...)
	}
	gaps = problem.SortGaps(gaps)
	return slices.CompactFunc(gaps, func(a, b problem.Gap) bool {
		return a.Path == b.Path && a.Line == b.Line && a.Column == b.Column ||
			a.Path == b.Path && a.Reason == problem.GapSyntax && b.Reason == problem.GapSyntax // one per file
	})
}

// reasonOf returns the reason of the gap that a warning of esbuild is, if it is one.
func reasonOf(id string) (string, bool) {
	switch id {
	case "unsupported-require-call", "unsupported-dynamic-import", "empty-glob":
		return problem.GapComputed, true
	case "indirect-require":
		return problem.GapIndirect, true
	}
	return "", false
}

// isParseError reports whether an error means that esbuild did not parse the rest of a
// module. Other errors say that a specifier does not resolve, that a package.json is
// malformed, or that the output format cannot express the module.
func isParseError(m api.Message) bool {
	return m.Location != nil && m.PluginName == "" &&
		path.Base(m.Location.File) != "package.json" &&
		!strings.HasPrefix(m.Text, "Could not resolve ") &&
		!strings.HasPrefix(m.Text, "No matching export ") &&
		!strings.HasPrefix(m.Text, "Bundling ") &&
		!strings.HasSuffix(m.Text, " as an identifier here:") &&
		!strings.HasPrefix(m.Text, "This require call is not allowed ") && // what it loads has a top-level await
		!strings.Contains(m.Text, "output format") &&
		!strings.Contains(m.Text, "strict mode")
}

// appendGap appends the gap for the message m. It drops messages about the line that
// source appended, and those that the scanner has handled.
func (d *discovery) appendGap(gaps []problem.Gap, m api.Message, reason string) []problem.Gap {
	loc := m.Location
	if loc == nil || loc.Namespace != "file" && loc.Namespace != "" {
		return gaps
	}
	rel, inside := d.real(loc.File)
	if !inside {
		return gaps
	}
	line := loc.LineText
	if strings.HasPrefix(line, addedPrefix) {
		return gaps
	}
	if n := d.notes[loc.File]; n != nil && n.handled[position{loc.Line, loc.Column}] {
		return gaps
	}
	if loc.Column <= len(line) {
		line = line[loc.Column:]
	}
	gap := problem.Gap{Path: rel, Line: loc.Line, Column: loc.Column + 1, Text: cutCall(line), Reason: reason}
	if reason == problem.GapSyntax {
		gap.Text = m.Text // the error helps more than the source
	}
	return append(gaps, gap)
}

// cutCall returns the call that text begins with, up to the end of the line, cut after
// 60 bytes.
func cutCall(text string) string {
	const limit = 60
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	if end := endOfCall(text); end > 0 {
		text = text[:end]
	}
	if len(text) > limit {
		cut := limit
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD")
}

// endOfCall returns the offset after the parenthesis that closes the first one, or 0 if it
// is not within 400 bytes.
func endOfCall(text string) int {
	depth := 0
	quote := byte(0)
	for i := 0; i < min(len(text), 400); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i + 1
			}
		case c == ';' && depth == 0:
			return i
		}
	}
	return 0
}
