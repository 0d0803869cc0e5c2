package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// median returns the median of xs. If the number is even, it is the mean of the middle
// two. It returns 0 if xs is empty.
func median[T ~int64 | ~float64](xs []T) T {
	if len(xs) == 0 {
		return 0
	}
	sorted := slices.SortedFunc(slices.Values(xs), cmp.Compare[T])
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	low, high := sorted[middle-1], sorted[middle]
	return low + (high-low)/2
}

// ratio returns a / b, or 0 if b is 0.
func ratio[T ~int64](a, b T) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// A check is a bound and the measured value.
type check struct {
	name       string
	got, bound float64
	unit       string // with a space before it, or empty
	under      bool   // got has to be less than bound, not just at most
}

// holds reports whether the value is within the bound.
func (c check) holds() bool {
	if c.under {
		return c.got < c.bound
	}
	return c.got <= c.bound
}

// String is the line of the check in the output.
func (c check) String() string {
	verdict := "**exceeded**"
	if c.holds() {
		verdict = "ok"
	}
	return fmt.Sprintf("%s = %s%s (bound %s%s) %s", c.name, short(c.got), c.unit, short(c.bound), c.unit, verdict)
}

// short formats x with three significant digits, or with all digits before the point.
func short(x float64) string {
	if x >= 1000 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 2, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// ms formats a duration in milliseconds.
func ms(d time.Duration) string { return short(milliseconds(d)) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// mb formats a number of bytes in megabytes (10^6 bytes).
func mb(bytes int64) string { return short(megabytes(bytes)) }

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }

// table formats a Markdown table. The first column is text, the others are numbers,
// aligned to the right. The source is aligned too.
func table(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 3)
		}
	}
	var text strings.Builder
	for n, row := range rows {
		writeRow(&text, row, widths)
		if n == 0 {
			writeRule(&text, widths)
		}
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func writeRow(text *strings.Builder, row []string, widths []int) {
	for i, cell := range row {
		space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		if i == 0 {
			text.WriteString("| " + cell + space + " |")
		} else {
			text.WriteString(" " + space + cell + " |")
		}
	}
	text.WriteByte('\n')
}

func writeRule(text *strings.Builder, widths []int) {
	for i, width := range widths {
		dashes := strings.Repeat("-", width)
		if i == 0 {
			text.WriteString("| " + dashes + " |")
		} else {
			text.WriteString(" " + dashes[1:] + ": |")
		}
	}
	text.WriteByte('\n')
}
