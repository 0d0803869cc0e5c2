package sbom

import (
	"strings"
	"unicode"
)

// clean returns text from a package.json for a document that people and programs read:
// valid UTF-8, without control and format characters, white space as single spaces, and at
// most limit characters.
func clean(text string, limit int) string {
	if len(text) > 8*limit {
		text = text[:8*limit] // of which at least limit characters remain, if there are as many
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.C, r): // control, format, surrogate, private use
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
