package problem

import (
	"strconv"
	"strings"
)

// Printable replaces the characters of a text that are not printable, such as escape
// sequences, line ends and changes of the writing direction, by their escape sequences in
// Go.
func Printable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r == '\uFFFD' || !strconv.IsPrint(r) }) < 0 {
		return s
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
