package problem

import "strconv"

// Count returns a number with a noun, which is given in the singular: "1 file", "2 files".
func Count(n int, noun string) string { return CountOf(n, noun, noun+"s") }

// CountOf is Count for words with another plural: "1 binary", "2 binaries".
func CountOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
