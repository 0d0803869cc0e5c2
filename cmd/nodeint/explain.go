package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/docs"
	"github.com/nodeint/nodeint/integrity/codes"
	"github.com/nodeint/nodeint/integrity/project"
)

func newExplain(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE]",
		Short: "explain a code of a finding, gap, error or violation",
		Long: `explain prints what docs/findings.md has about a code that nodeint prints: what it
means, and what to do. Without CODE, it lists all codes.`,
		Example: `  nodeint explain unexpected
  nodeint explain computed-specifier
  nodeint explain               # list all codes`,
		Args:              atMostOneCode,
		ValidArgsFunction: completeCode,
		RunE: func(_ *cobra.Command, args []string) error {
			return runExplain(u, args)
		},
	}
}

func atMostOneCode(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage("run nodeint explain for each code", "unexpected argument %q: explain takes one code", args[1])
	}
	return nil
}

// completeCode completes a code, with its meaning.
func completeCode(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, c := range codes.All(docs.Findings()) {
		if len(args) == 0 && !slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(s, c.Code+"\t") }) {
			list = append(list, c.Code+"\t"+c.Brief(briefWidth))
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// The widths of the texts of explain, in characters.
const (
	briefWidth = 76
	textWidth  = 92
)

func runExplain(u *ui, args []string) error {
	page := docs.Findings()
	u.doc.Command = "explain"
	if len(args) == 0 {
		u.doc.Codes = codes.All(page)
		u.listCodes(u.doc.Codes)
		return nil
	}
	u.doc.Codes = codes.Find(page, args[0])
	if len(u.doc.Codes) == 0 {
		return unknownCode(page, args[0])
	}
	for i, c := range u.doc.Codes {
		if i > 0 {
			u.printf("")
		}
		u.printCode(c)
	}
	return nil
}

func unknownCode(page, code string) error {
	var names []string
	for _, c := range codes.All(page) {
		names = append(names, c.Code)
	}
	hint := "to list all codes, run nodeint explain"
	if n := project.Nearest(code, names); n != "" {
		hint = "did you mean nodeint explain " + n + "? " + hint
	}
	return usage(hint, "unknown code %q", code)
}

// listCodes prints the codes by section, with one line each.
func (u *ui) listCodes(list []codes.Code) {
	width := 0
	for _, c := range list {
		width = max(width, len(c.Code))
	}
	section := ""
	for _, c := range list {
		if c.Section != section {
			if section != "" {
				u.printf("")
			}
			section = c.Section
			u.printf("%s:", section)
		}
		u.printf("  %-*s  %s", width, c.Code, c.Brief(briefWidth))
	}
}

// printCode prints all that the page has about a code.
func (u *ui) printCode(c codes.Code) {
	u.printf("%s: %s\n", paint(u.paintOut, yellow, c.Code), c.Section)
	width := 0
	for _, cell := range c.Columns {
		width = max(width, len(cell.Name))
	}
	for _, cell := range c.Columns {
		for i, line := range wrap(cell.Text, textWidth-width-4) {
			name := cell.Name
			if i > 0 {
				name = ""
			}
			u.printf("  %-*s  %s", width, name, line)
		}
	}
	if c.Text != "" {
		u.printf("\n%s", c.Text)
	}
}

// wrap splits a text into lines of at most width bytes, between words.
func wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) > width:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
}
