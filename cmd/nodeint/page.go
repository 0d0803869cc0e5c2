package main

import (
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/output"
	"github.com/nodeint/nodeint/integrity/page"
)

// checkPage rejects options that have no meaning together.
func (opt *generateOptions) checkPage(isBrowser bool) error {
	switch {
	case opt.html == "":
		return nil
	case !isBrowser:
		return usage("add --browser", "--html requires --browser: a page cannot use a map of a Node.js program")
	case opt.workspaces:
		return usage("run nodeint generate --html in each member", "--html and --workspaces exclude each other")
	}
	return nil
}

// checkPagePlace rejects a page that the new map pins, or that is another kind of file.
func (u *ui) checkPagePlace(g *integrity.Generated, opt generateOptions) error {
	if opt.html == "" {
		return nil
	}
	file, err := u.absolute(opt.html)
	if err != nil {
		return err
	}
	guard := output.NewGuard(g.Root)
	guard.AddMap(g.Map)
	if err := guard.AddText(g.Map, string(g.Text)); err != nil {
		return err
	}
	return guard.Check(output.File{Flag: "--html", What: "the import map", Path: file, Appended: true})
}

// updatePage puts the map in the page of --html, or compares it with --check.
func (u *ui) updatePage(g *integrity.Generated, opt generateOptions) error {
	if opt.html == "" {
		return nil
	}
	file, err := u.absolute(opt.html)
	if err != nil {
		return err
	}
	p, err := page.Prepare(file, g.Root, g.Text)
	if err != nil {
		return err
	}
	name := u.displayPath(file)
	switch {
	case opt.check && !p.Same:
		u.printf("%s is out of date: its import map is not that of %s", paint(u.paintOut, red, name), u.displayPath(g.Map))
		u.hintf("update the page: %s", u.commandLine("generate --browser --html "+opt.html))
		return statusError(exitDiffers)
	case !p.Found:
		u.printf("%s has no import map. Add this element before the first module script and modulepreload:", name)
		u.printf("%s", p.Block)
		u.hintf("nodeint updates the element from then on: %s", u.commandLine("generate --browser --html "+opt.html))
	case p.Same:
		u.infof("%s is up to date", name)
	default:
		if err := p.Write(); err != nil {
			return err
		}
		u.infof("wrote the import map of %s", name)
	}
	if p.Late {
		u.printf("warning: in %s, a module script or modulepreload is before the import map, which does not apply to it", name)
		u.hintf("move the element <script type=\"importmap\"> before it")
	}
	return nil
}
