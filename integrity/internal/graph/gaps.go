package graph

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/evanw/esbuild/pkg/api"
)

// gaps turns what esbuild could not analyse, what it could not parse, and what
// the scanner could not name into gaps, sorted by place.
func (w *walk) gaps(result api.BuildResult) []Gap {
	var gaps []Gap
	for _, m := range result.Warnings {
		if reason, ok := reasonOf(m.ID); ok {
			gaps = w.appendGap(gaps, m, reason)
		}
	}
	for _, m := range result.Errors {
		if isParseError(m) {
			gaps = w.appendGap(gaps, m, Syntax)
		}
	}
	for _, t := range w.texts {
		gaps = append(gaps, t.gaps...)
	}
	slices.SortFunc(gaps, compareGaps)
	return slices.CompactFunc(gaps, func(a, b Gap) bool {
		return a.Path == b.Path && a.Line == b.Line && a.Column == b.Column ||
			a.Path == b.Path && a.Reason == Syntax && b.Reason == Syntax // one is enough a file
	})
}

func compareGaps(a, b Gap) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column), cmp.Compare(a.Reason, b.Reason))
}

func reasonOf(id string) (Reason, bool) {
	switch id {
	case "unsupported-require-call", "unsupported-dynamic-import", "empty-glob":
		return Computed, true
	case "indirect-require":
		return Indirect, true
	}
	return "", false
}

// isParseError tells the errors that cost esbuild the rest of a module from
// those that only say that something does not resolve, that a package.json is
// odd, or that what esbuild would write, had it been let, could not hold it.
func isParseError(m api.Message) bool {
	return m.Location != nil && m.PluginName == "" &&
		path.Base(m.Location.File) != "package.json" &&
		!strings.HasPrefix(m.Text, "Could not resolve ") &&
		!strings.HasPrefix(m.Text, "No matching export ") &&
		!strings.HasPrefix(m.Text, "Bundling ") &&
		!strings.HasSuffix(m.Text, " as an identifier here:") &&
		!strings.Contains(m.Text, "output format") &&
		!strings.Contains(m.Text, "strict mode")
}

// appendGap adds the place of m, unless it lies in lines that the scanner
// added, or a reference that the scanner found explains it.
func (w *walk) appendGap(gaps []Gap, m api.Message, reason Reason) []Gap {
	loc := m.Location
	if loc == nil || loc.Namespace != "file" && loc.Namespace != "" {
		return gaps
	}
	rel, inside := w.real(loc.File)
	if !inside {
		return gaps
	}
	line := loc.LineText
	if strings.HasPrefix(line, addedPrefix) {
		return gaps
	}
	if t := w.texts[loc.File]; t != nil && t.explained[position{loc.Line, loc.Column}] {
		return gaps
	}
	if loc.Column <= len(line) {
		line = line[loc.Column:]
	}
	gap := Gap{Path: rel, Line: loc.Line, Column: loc.Column + 1, Text: cutCall(line), Reason: reason}
	if reason == Syntax {
		gap.Text = m.Text // what is wrong tells more than where
	}
	return append(gaps, gap)
}

// cutCall gives the call that text starts with, on one line and cut at 60 bytes.
func cutCall(text string) string {
	const most = 60
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	if end := endOfCall(text); end > 0 {
		text = text[:end]
	}
	if len(text) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD")
}

// endOfCall returns the offset after the bracket that closes the first one, 0
// if there is none near.
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
