package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/nodeint/nodeint/integrity/installhook"
	"github.com/nodeint/nodeint/integrity/project"
)

// runHookRun is what package managers run after an install.
func runHookRun(ctx context.Context, u *ui, opt hookOptions) error {
	u.doc.Command = "hook run"
	p, err := u.hookProject()
	if p == nil || err != nil {
		return err
	}
	u.doc.Root = p.Root
	why, err := installhook.CheckOnly(p.Root, os.Getenv, installhook.Ancestors())
	if opt.check {
		why, err = "the install hook was added with --check", nil
	}
	if err != nil {
		return err
	}
	if skip := installhook.Skip(p, os.Getenv, why != ""); skip != "" {
		u.note(skip)
		return nil
	}
	err = runGenerate(ctx, u, generateOptions{check: why != ""})
	if _, notBuilt := errors.AsType[*project.NotBuiltError](err); notBuilt {
		u.doc.Command = "hook run"
		u.notBuilt(err.Error(), why != "")
		return nil
	}
	if err == statusError(exitDiffers) && why != "" {
		u.hintf("%s, so the install hook only checks: run nodeint generate where you develop, and commit the map", why)
	}
	return err
}

// hookProject returns the project of the install hook. It returns nil, after a note,
// if the directory of -C has no package.json: an image is often built from the
// package.json files of some members alone, before the sources are copied.
func (u *ui) hookProject() (*project.Project, error) {
	if u.cwd == "." {
		return project.Find(u.cwd)
	}
	if _, err := os.Stat(filepath.Join(u.cwd, "package.json")); errors.Is(err, os.ErrNotExist) {
		u.notBuilt(u.displayPath(filepath.Join(u.cwd, "package.json"))+" does not exist", true)
		return nil, nil
	}
	return project.Find(u.cwd)
}

// notBuilt prints that the program is not there yet, and what to run when it is.
func (u *ui) notBuilt(why string, check bool) {
	verb, did := "generate", "wrote no map"
	if check {
		verb, did = "verify", "checked nothing"
	}
	u.note("the install hook " + did + ", because the program is not built yet: " + why)
	if !u.quiet {
		u.hintf("after the build: %s", u.commandLine(verb))
	}
}

// note adds a note to the document and prints it.
func (u *ui) note(text string) {
	u.doc.Notes = append(u.doc.Notes, text)
	u.printNotes([]string{text})
}
