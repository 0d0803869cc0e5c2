package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newMan(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "man [COMMAND...]",
		Short: "print manual pages",
		Long: `man prints the manual page of a command in the format of man(7), and without a command
the pages of all commands, one after the other. Packages of nodeint are made with it.`,
		Example: `  nodeint man hook install | man -l -
  nodeint man > pages`,
		Hidden: true,
		RunE:   func(cmd *cobra.Command, args []string) error { return runMan(u, cmd.Root(), args) },
	}
}

// runMan prints pages. Like those of help, they are not documents of --json.
func runMan(u *ui, root *cobra.Command, args []string) error {
	if len(args) == 0 {
		writePages(u.out, root)
		return nil
	}
	cmd, rest, err := root.Find(args)
	if err != nil || len(rest) > 0 || cmd == root {
		return usage("use one of the commands "+strings.Join(verbs(root), ", "), "unknown command %q", strings.Join(args, " "))
	}
	_, _ = io.WriteString(u.out, manualPage(cmd)) // Flush returns its error
	return nil
}

func writePages(w io.Writer, cmd *cobra.Command) {
	_, _ = io.WriteString(w, manualPage(cmd)) // Flush returns its error
	for _, sub := range shown(cmd) {
		writePages(w, sub)
	}
}

// shown returns the commands directly below cmd that help texts list.
func shown(cmd *cobra.Command) []*cobra.Command {
	var list []*cobra.Command
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			list = append(list, sub)
		}
	}
	return list
}

// pageName returns the name of the page of a command, such as nodeint-hook-install.
func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manualPage returns the page of a command. cobra/doc would
// write it too, but with a converter from Markdown: the texts here are none.
func manualPage(cmd *cobra.Command) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"nodeint %s\" nodeint\n", strings.ToUpper(roff(pageName(cmd))), roff(readVersions().Nodeint))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(pageName(cmd)), roff(cmd.Short))
	line := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		line = cmd.CommandPath() + " COMMAND [flags]"
	}
	fmt.Fprintf(&b, ".SH SYNOPSIS\n%s\n", roff(line))
	if cmd.Long != "" {
		fmt.Fprintf(&b, ".SH DESCRIPTION\n%s", paragraphs(cmd.Long))
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString(".SH COMMANDS\n")
		for _, sub := range shown(cmd) {
			fmt.Fprintf(&b, ".TP\n\\fB%s\\fR(1)\n%s\n", roff(pageName(sub)), roff(sub.Short))
		}
	}
	b.WriteString(".SH OPTIONS\n")
	print := func(f *pflag.Flag) { b.WriteString(manualFlag(f)) }
	cmd.LocalFlags().VisitAll(print)
	cmd.InheritedFlags().VisitAll(print)
	if cmd.HasExample() {
		fmt.Fprintf(&b, ".SH EXAMPLES\n%s", verbatim(strings.Split(cmd.Example, "\n")))
	}
	b.WriteString(".SH SEE ALSO\n")
	if cmd.HasParent() {
		fmt.Fprintf(&b, "\\fB%s\\fR(1),\n", roff(pageName(cmd.Parent())))
	}
	b.WriteString("https://github.com/nodeint/nodeint\n")
	return b.String()
}

// manualFlag returns the item of a flag in the section OPTIONS.
func manualFlag(f *pflag.Flag) string {
	value, text := pflag.UnquoteUsage(f)
	name := `\fB` + roff("--"+f.Name) + `\fR`
	if f.Shorthand != "" {
		name = `\fB` + roff("-"+f.Shorthand) + `\fR, ` + name
	}
	if value != "" && f.Value.Type() != "bool" {
		name += ` \fI` + roff(value) + `\fR`
	}
	return ".TP\n" + name + "\n" + roff(text) + "\n"
}

// paragraphs returns a description, whose paragraphs are separated by empty lines. A
// paragraph with an indented line keeps its lines.
func paragraphs(text string) string {
	var b strings.Builder
	for _, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		b.WriteString(".PP\n")
		lines := strings.Split(p, "\n")
		if strings.Contains("\n"+p, "\n ") {
			b.WriteString(verbatim(lines))
			continue
		}
		for _, line := range lines {
			b.WriteString(roff(line) + "\n")
		}
	}
	return b.String()
}

// verbatim returns lines that man prints as they are.
func verbatim(lines []string) string {
	var b strings.Builder
	b.WriteString(".nf\n")
	for _, line := range lines {
		b.WriteString(roff(line) + "\n")
	}
	b.WriteString(".fi\n")
	return b.String()
}

// roff escapes one line of text. At its beginning, "." and "'" would be requests.
func roff(line string) string {
	line = strings.NewReplacer(`\`, `\e`, "-", `\-`, "`", "\\`", "~", `\(ti`, "^", `\(ha`).Replace(line)
	var b strings.Builder
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		b.WriteString(`\&`)
	}
	for _, r := range line {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	return b.String()
}
