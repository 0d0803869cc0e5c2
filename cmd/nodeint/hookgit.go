package main

import (
	"os/exec"
	"strings"

	"github.com/nodeint/nodeint/integrity/installhook"
)

// gitConfig is the place of the merge driver in reports: it is not a file that
// nodeint writes.
const gitConfig = "git config merge.nodeint.driver"

// runHookInstallGit names the merge driver in .gitattributes, and prints what Git does
// not take from a repository: the command that it runs.
func runHookInstallGit(u *ui, opt hookOptions) error {
	if opt.manager != "" {
		return usage("omit --manager, or omit --git", "--git does not concern a package manager")
	}
	h, err := u.hook("hook install")
	if err != nil {
		return err
	}
	u.doc.Hook.Command = installhook.MergeDriver
	changes, err := h.InstallMerge()
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		u.infof("%s: .gitattributes names the merge driver already", paint(u.paintOut, green, "nothing to do"))
	} else if err := u.change(h, changes, opt.dryRun); err != nil {
		return err
	}
	u.infof("Git takes no commands from a repository. Run these in each clone:")
	u.infof(`git config merge.nodeint.name "import maps, entry by entry"`)
	u.infof(`git config merge.nodeint.driver "%s"`, installhook.MergeDriver)
	u.infof("git config merge.nodeint.recursive binary")
	if _, err := exec.LookPath("nodeint"); err != nil {
		u.doc.Notes = append(u.doc.Notes, "nodeint is not on the PATH: a merge of two maps conflicts until it is")
		u.printNotes(u.doc.Notes)
	}
	return nil
}

// gitDriver returns the command of the merge driver in the configuration of Git, or ""
// if there is none.
func gitDriver(root string) string {
	out, err := exec.Command("git", "-C", root, "config", "--get", "merge.nodeint.driver").Output()
	if err != nil {
		return "" // also if there is no Git: it then merges nothing
	}
	return strings.TrimSpace(string(out))
}

// gitState returns whether this clone has the merge driver.
func gitState(root string) installhook.State {
	driver := gitDriver(root)
	return installhook.State{File: gitConfig, Command: driver, Installed: driver != ""}
}

func isGitState(s installhook.State) bool { return s.File == gitConfig }

// isMergeState reports whether a state is that of .gitattributes.
func isMergeState(s installhook.State) bool { return s.File == ".gitattributes" }
