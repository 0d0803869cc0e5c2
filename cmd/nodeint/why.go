package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/integrity/project"
	"github.com/nodeint/nodeint/integrity/why"
)

func newWhy(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "why FILE|PACKAGE",
		Short: "explain why a file or a package is pinned, or why it is not",
		Long: `why follows the imports of the program, as generate does, and prints the shortest way
from an entry to a file or a package, with the line of each import. If no import leads
there, it prints the rule that pins it. For what is not pinned, it prints the reason.
The entries and the coverage are those of the map, if there is one.

A PACKAGE is a name, a name and a version, or the directory of a package. With -v, why
prints more ways. It exits with 0 if the file or package is pinned, and with 1 if not.`,
		Example: `  nodeint why node_modules/express/lib/router/index.js
  nodeint why express
  nodeint why debug@2.6.9 -v`,
		Args:              oneTarget,
		ValidArgsFunction: u.completeTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runWhy(cmd.Context(), u, args[0])
		},
	}
}

func oneTarget(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0 || args[0] == "":
		return usage("name one: nodeint why express", "missing FILE or PACKAGE")
	case len(args) > 1:
		return usage("run "+cmd.CommandPath()+" for each of them", "unexpected argument %q: why takes one file or package", args[1])
	}
	return nil
}

// completeTarget completes the name of a package in node_modules. The shell completes files.
func (u *ui) completeTarget(_ *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	p, err := project.Find(u.cwd)
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, pattern := range []string{"*", "@*/*"} {
		dirs, _ := filepath.Glob(filepath.Join(p.Root, "node_modules", pattern)) // the pattern is right
		for _, dir := range dirs {
			name, err := filepath.Rel(filepath.Join(p.Root, "node_modules"), dir)
			name = filepath.ToSlash(name)
			if err == nil && strings.HasPrefix(name, start) && name[0] != '.' && (name[0] != '@' || pattern != "*") {
				names = append(names, name)
			}
		}
	}
	return names, cobra.ShellCompDirectiveDefault
}

func runWhy(ctx context.Context, u *ui, target string) error {
	opt := why.Options{Target: target}
	var err error
	if opt.Generate, err = u.generateOptions(generateOptions{}); err != nil {
		return err
	}
	if opt.Path, err = u.targetPath(target, opt.Generate.Project); err != nil {
		return err
	}
	meter, report := u.progress()
	opt.Generate.Progress = report
	answer, err := why.Find(ctx, opt)
	meter.erase()
	if err != nil {
		return err
	}
	u.doc.Command, u.doc.Map, u.doc.Why = "why", opt.Generate.Map, answer
	for i, item := range answer.Items {
		if i > 0 {
			u.printf("")
		}
		u.printItem(item)
	}
	if answer.Pinned && answer.Items[0].Map == why.NoMap {
		u.infof("%s there is no map yet; to write one: %s", paint(u.paintOut, yellow, "note:"), u.commandLine("generate"))
	}
	if !answer.Pinned {
		return statusError(exitDiffers)
	}
	return nil
}

// targetPath returns the absolute path of a target. Its directory is real, since paths of
// maps are; the last name may be a link.
func (u *ui) targetPath(target string, p *project.Project) (string, error) {
	file, err := u.absolute(target)
	if err != nil {
		return "", err
	}
	file = filepath.Clean(file)
	if dir, err := filepath.EvalSymlinks(filepath.Dir(file)); err == nil && filepath.Dir(file) != p.Root {
		file = filepath.Join(dir, filepath.Base(file))
	}
	return file, nil
}

// printItem prints why a file or package is pinned or not, and a way to it.
func (u *ui) printItem(item why.Item) {
	name := safeName(cmp.Or(item.Path, "."))
	if item.Package != "" {
		name += " (" + escape(item.Package) + ")"
	}
	state := paint(u.paintOut, green, "is pinned")
	if !item.Pinned {
		state = paint(u.paintOut, yellow, "is not pinned")
	}
	u.printf("%s %s: %s", name, state, escape(item.Detail))
	u.printWays(item)
	switch {
	case item.Pinned && item.Map == why.NotInMap:
		u.printf("%s the map does not pin it; to update the map: %s", paint(u.paintOut, yellow, "note:"), u.commandLine("generate"))
	case !item.Pinned && item.Map == why.InMap:
		u.printf("%s the map pins it, so verify reports the difference; to update the map: %s", paint(u.paintOut, yellow, "note:"), u.commandLine("generate"))
	}
	if item.Hint != "" {
		u.hintf("%s", item.Hint)
	}
}

func (u *ui) printWays(item why.Item) {
	ways := item.Ways
	if !u.verbose {
		ways = ways[:min(1, len(ways))]
	}
	for i, way := range ways {
		if i > 0 {
			u.printf("or")
		}
		u.printWay(way)
	}
	if more := item.Total - len(ways); more > 0 {
		hint := ""
		if !u.verbose {
			hint = "; -v lists them"
		}
		u.printf("and %s%s", count(more, "other way"), hint)
	}
}

// printWay prints the steps of a way, below the name of the package that each is in.
func (u *ui) printWay(way []why.Step) {
	group := "\x00"
	for _, s := range way {
		if s.Package != group {
			group = s.Package
			u.printf("  %s", escape(cmp.Or(group, "no package")))
		}
		place := safeName(s.Path)
		if s.Line > 0 {
			place += fmt.Sprintf(":%d:%d", s.Line, s.Column)
		}
		what := safeName(s.To)
		if s.Specifier != "" {
			what = fmt.Sprintf("%q", s.Specifier)
			if s.Kind != why.Declares {
				what += " → " + safeName(s.To)
			}
		}
		u.printf("    %s %s %s", place, s.Kind, what)
	}
}
