package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// setHelp gives cmd and the commands below it help texts in one style.
func setHelp(cmd *cobra.Command) {
	switch cmd.Name() {
	case "completion":
		cmd.Short = "print the completion script for a shell"
	case "help":
		cmd.Short = "print help on a command"
	}
	cmd.InitDefaultHelpFlag()
	cmd.Flags().Lookup("help").Usage = "print help"
	cmd.SetUsageFunc(printUsage)
	for _, sub := range cmd.Commands() {
		setHelp(sub)
	}
}

// printUsage prints the part of a command's help that follows the description.
func printUsage(cmd *cobra.Command) error {
	w := cmd.OutOrStdout()
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "Usage:\n  %s COMMAND [flags]\n", cmd.CommandPath())
	} else {
		fmt.Fprintf(w, "Usage:\n  %s\n", cmd.UseLine())
	}
	if cmd.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintln(w, "\nCommands:")
		tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
		for _, sub := range shown(cmd) {
			fmt.Fprintf(tw, "  %s\t%s\n", sub.Name(), sub.Short)
		}
		tw.Flush()
	}
	fmt.Fprintln(w, "\nFlags:")
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	print := func(f *pflag.Flag) { printFlag(tw, f) }
	cmd.LocalFlags().VisitAll(print)
	cmd.InheritedFlags().VisitAll(print)
	return tw.Flush()
}

func printFlag(w *tabwriter.Writer, f *pflag.Flag) {
	value, usage := pflag.UnquoteUsage(f)
	if f.Value.Type() == "bool" {
		value = ""
	}
	short := "    "
	if f.Shorthand != "" {
		short = "-" + f.Shorthand + ", "
	}
	fmt.Fprintf(w, "  %s\t%s\n", strings.TrimRight(short+"--"+f.Name+" "+value, " "), usage)
}
