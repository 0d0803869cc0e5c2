package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/launch"
	"github.com/nodeint/nodeint/integrity/permissions"
	"github.com/nodeint/nodeint/integrity/project"
)

type permissionsOptions struct {
	node  string
	trust trustOptions
}

// A permissionReport is the result of permissions, for --json.
type permissionReport struct {
	Node    int                `json:"node"` // major version
	Flags   []permissions.Flag `json:"flags"`
	Options string             `json:"nodeOptions"`
	Config  json.RawMessage    `json:"config"` // of node.config.json
}

func newPermissions(u *ui) *cobra.Command {
	var opt permissionsOptions
	cmd := &cobra.Command{
		Use:   "permissions",
		Short: "print flags of Node's permission model for the program",
		Long: `permissions checks the files like nodeint verify. Then it prints the flags of Node's
permission model that the program needs, with the places in its sources that need them:
as flags, as NODE_OPTIONS and as node.config.json.

The flags depend on the version of node. It is that of the node of PATH, unless --node
gives another.`,
		Example: `  nodeint permissions
  nodeint permissions --node 26
  nodeint permissions --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runPermissions(cmd.Context(), u, opt)
		},
	}
	cmd.Flags().StringVar(&opt.node, "node", "", "the major `VERSION` of node, such as 24 (default that of the node of PATH)")
	opt.trust.register(cmd.Flags())
	return cmd
}

func runPermissions(ctx context.Context, u *ui, opt permissionsOptions) error {
	major, err := majorOf(ctx, opt.node)
	if err != nil {
		return err
	}
	p, err := project.Find(u.cwd)
	if err != nil {
		return err
	}
	policy, err := opt.trust.policy(u)
	if err != nil {
		return err
	}
	r, err := u.verify(ctx, p, policy, false)
	if err != nil {
		return err
	}
	list, err := flagsOf(ctx, r, major)
	if err != nil {
		return err
	}
	config, err := permissions.Config(list)
	if err != nil {
		return err
	}
	u.doc.Command = "permissions"
	u.doc.Permission = &permissionReport{Node: major, Flags: list, Options: permissions.Options(list), Config: config}
	u.printf("flags for node %d:", major)
	for _, f := range list {
		u.printf("  %s\n      %s", f, reasonOf(f, u.verbose))
		if u.verbose {
			for _, use := range f.Uses[min(1, len(f.Uses)):] {
				u.printf("      %s", placeOf(use))
			}
		}
	}
	u.printf("\nNODE_OPTIONS='%s'\n\nnode.config.json:\n%s", permissions.Options(list), strings.TrimSuffix(string(config), "\n"))
	return u.out.Flush()
}

// flagsOf returns the flags for the program of a report.
func flagsOf(ctx context.Context, r *integrity.Report, major int) ([]permissions.Flag, error) {
	files := make([]string, len(r.Pinned))
	for i := range r.Pinned {
		files[i] = r.Pinned[i].Path
	}
	uses, err := permissions.Uses(ctx, r.Root, files, r.Packages)
	if err != nil {
		return nil, err
	}
	return permissions.Flags(major, r.Root, r.Powers, uses), nil
}

// majorOf returns the major version that the flag --node gives, or that of the node of PATH.
func majorOf(ctx context.Context, given string) (int, error) {
	if given == "" {
		v, err := launch.NodeVersion(ctx, "node", os.Environ())
		return v.Major, err
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(given, "v"), ".")
	major, err := strconv.Atoi(text)
	if err != nil || major < 22 {
		return 0, usage("use 22 or a newer release line of Node", "unknown version of node %q", given)
	}
	return major, nil
}

// reasonOf returns why a flag is needed: the first place that uses its power.
func reasonOf(f permissions.Flag, alone bool) string {
	if len(f.Uses) == 0 {
		return f.Reason
	}
	s := placeOf(f.Uses[0])
	if more := len(f.Uses) - 1; more > 0 && !alone {
		s += fmt.Sprintf(", and %s", count(more, "more package"))
	}
	return s
}

// placeOf returns a place for a person.
func placeOf(use permissions.Use) string {
	s := use.Path
	if use.Line > 0 {
		s += fmt.Sprintf(":%d:%d", use.Line, use.Column)
	}
	if use.Package != "" {
		s += " (" + use.Package + ")"
	}
	if use.Word != "" {
		s += ": " + use.Word
	}
	return s
}
