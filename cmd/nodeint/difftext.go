package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/mapdiff"
)

// Limits of the report of a difference without -v. A reviewer of one upgraded package reads
// at most fifteen lines, unless there are more alerts.
const (
	maxDiffLines   = 12 // before the lines about the rest, and beside alerts
	maxAlerts      = 10 // packages with alerts
	maxOwnFiles    = 5
	maxInlineFiles = 3  // names of files in the line of a package
	maxNamedFiles  = 10 // names of files in a line of their own
	maxItems       = 3  // of a remark
	maxShort       = 50 // bytes of the item of a remark that is no alert
	maxItem        = 80 // bytes of an item
	maxWidth       = 100
)

// printDiff prints the report of nodeint diff.
func (u *ui) printDiff(r *mapdiff.Report) {
	color := green
	if !r.Same {
		color = yellow
	}
	u.printf("%s → %s: %s", escape(r.Old.Name), escape(r.New.Name), paint(u.paintOut, color, r.Summary()))
	u.printDifference(r)
}

// printDifference prints what differs: settings, own files, packages with alerts, other
// packages, the rest.
func (u *ui) printDifference(r *mapdiff.Report) {
	d := differencePrinter{ui: u}
	for _, s := range r.Settings {
		d.line(s.Alert, "%s", s.Text(escape))
	}
	for i := range r.Names {
		if i == maxOwnFiles && !u.verbose {
			d.line(true, "and %s; use -v to list all", count(len(r.Names)-i, "more name"))
			break
		}
		d.line(true, "%s", r.Names[i].Text(escape))
	}
	var packages []*mapdiff.Package
	for i := range r.Packages {
		if p := &r.Packages[i]; p.Own {
			d.own(p)
		} else {
			packages = append(packages, p)
		}
	}
	d.packages(packages)
	for _, line := range r.Rest(u.verbose, escape) {
		d.line(false, "%s", line)
	}
	if list := r.Assurance(); len(list) > 0 {
		d.line(false, "%s", strings.Join(list, "; "))
	}
}

// A differencePrinter counts the lines that it prints.
type differencePrinter struct {
	*ui
	lines    int
	detailed bool // remarks with several items have a line of their own
}

func (d *differencePrinter) line(alert bool, format string, args ...any) {
	sign := "  "
	if alert {
		sign = paint(d.paintOut, red, "!") + " "
	}
	d.printf("%s%s", sign, fmt.Sprintf(format, args...))
	d.lines++
}

// own prints the files of an own package, then its remarks.
func (d *differencePrinter) own(p *mapdiff.Package) {
	files := filesOf(p)
	for i, f := range files {
		if i == maxOwnFiles && !d.verbose {
			d.line(false, "and %s; use -v to list all", count(len(files)-i, "more own file"))
			break
		}
		d.line(false, "%-7s %s", f[0], safeName(path.Join(p.Dirs[0], f[1])))
	}
	for i := range p.Remarks {
		d.line(p.Remarks[i].Alert, "%s: %s", escape(p.Title()), d.short(&p.Remarks[i]))
	}
}

// packages prints installed packages: those with alerts, then one line for each of the
// others, then one line for those that are left.
func (d *differencePrinter) packages(list []*mapdiff.Package) {
	alerts := 0
	for i, p := range list {
		switch {
		case d.verbose:
			d.full(p)
			continue
		case p.IsAlert() && alerts < maxAlerts:
			alerts++
			d.alert(p)
			continue
		case p.IsAlert():
			n := 0
			for n = i; n < len(list) && list[n].IsAlert(); n++ {
			}
			d.rest(true, "with alerts", list[i:n])
			d.plain(list[n:])
			return
		}
		d.plain(list[i:])
		return
	}
}

// plain prints packages without alerts: all of them, or what fits.
func (d *differencePrinter) plain(list []*mapdiff.Package) {
	var removed []string
	kept := slices.Clone(list)
	kept = slices.DeleteFunc(kept, func(p *mapdiff.Package) bool {
		if p.Kind == mapdiff.Removed {
			removed = append(removed, escape(p.Title())+strings.TrimPrefix(p.Counts(), string(mapdiff.Removed)))
			return true
		}
		return false
	})
	details := d.details(kept)
	d.detailed = details != nil
	for i, p := range kept {
		if d.lines >= maxDiffLines && len(kept)-i > 1 {
			d.rest(false, "", kept[i:])
			break
		}
		d.line(false, "%s", d.summary(p))
		if details != nil {
			for _, s := range details[i] {
				d.printf("    %s", s)
				d.lines++
			}
		}
	}
	if len(removed) > 0 {
		d.line(false, "removed: %s", joined(removed))
	}
}

// details returns more lines for each package, if there is room for all of them: the names
// of its files, and the items of remarks.
func (d *differencePrinter) details(list []*mapdiff.Package) [][]string {
	all := make([][]string, len(list))
	n := d.lines + len(list)
	for i, p := range list {
		if files := filesOf(p); p.Kind == mapdiff.Changed && len(files) > maxInlineFiles && len(files) <= maxNamedFiles {
			var names []string
			for _, f := range files {
				names = append(names, f[1])
			}
			all[i] = append(all[i], mapdiff.ShowList(names, maxNamedFiles, safeName))
		}
		for j := range p.Remarks {
			if r := &p.Remarks[j]; !r.Alert && len(r.Items) > 1 {
				all[i] = append(all[i], d.remark(r))
			}
		}
		n += len(all[i])
	}
	if n > maxDiffLines {
		return nil
	}
	return all
}

// joined joins texts up to the width of a line.
func joined(list []string) string {
	width := 0
	for i, s := range list {
		if width += len(s) + 2; width > maxWidth && i > 0 {
			return fmt.Sprintf("%s and %d more", strings.Join(list[:i], ", "), len(list)-i)
		}
	}
	return strings.Join(list, ", ")
}

// rest prints one line for packages.
func (d *differencePrinter) rest(alert bool, what string, list []*mapdiff.Package) {
	if len(list) == 0 {
		return
	}
	var names []string
	for _, p := range list {
		name := escape(p.Title())
		if p.Kind != mapdiff.Changed {
			name += " " + string(p.Kind)
		}
		names = append(names, name)
	}
	d.line(alert, "and %s: %s; use -v to list all", strings.TrimSpace(count(len(list), "more package")+" "+what), joined(names))
}

// alert prints a package with alerts: a line, then one for each alert.
func (d *differencePrinter) alert(p *mapdiff.Package) {
	d.line(true, "%s", d.summary(p))
	for i := range p.Remarks {
		if p.Remarks[i].Alert {
			d.printf("    %s", d.remark(&p.Remarks[i]))
			d.lines++
		}
	}
}

// full prints a package with its directories, remarks and files.
func (d *differencePrinter) full(p *mapdiff.Package) {
	d.line(p.IsAlert(), "%s", d.summary(p))
	for i := range p.Remarks {
		if p.Remarks[i].Alert {
			d.printf("    %s", d.remark(&p.Remarks[i]))
		}
	}
	for _, dir := range p.Dirs {
		d.printf("    in %s", safeName(dir))
	}
	for _, f := range filesOf(p) {
		d.printf("    %-7s %s", f[0], safeName(f[1]))
	}
}

// summary returns one line on a package: the versions, the number of files and the remarks
// that are no alerts.
func (d *differencePrinter) summary(p *mapdiff.Package) string {
	s := escape(p.Title()) + ": " + p.Counts()
	if files := filesOf(p); p.Kind == mapdiff.Changed && len(files) > 0 && len(files) <= maxInlineFiles && !d.verbose {
		var names []string
		for _, f := range files {
			names = append(names, f[1])
		}
		s += " (" + mapdiff.ShowList(names, maxInlineFiles, safeName) + ")"
	}
	if len(p.For) > 0 {
		s += ", for " + mapdiff.ShowList(p.For, d.limit(maxItems), escape)
	}
	for i := range p.Remarks {
		if r := &p.Remarks[i]; !r.Alert && !(d.detailed && len(r.Items) > 1) {
			s += "; " + d.short(r)
		}
	}
	return s
}

// short returns a remark without its items, unless it is an alert or has one that is short.
func (d *differencePrinter) short(r *mapdiff.Remark) string {
	if r.Alert || d.verbose || len(r.Items) == 1 && len(r.Items[0]) <= maxShort {
		return d.remark(r)
	}
	return r.Text
}

// remark returns a remark with its items.
func (d *differencePrinter) remark(r *mapdiff.Remark) string {
	if len(r.Items) == 0 {
		return r.Text
	}
	return r.Text + ": " + mapdiff.ShowList(r.Items, d.limit(maxItems), d.item)
}

// limit returns how many items are printed.
func (d *differencePrinter) limit(n int) int {
	if d.verbose {
		return 1 << 20
	}
	return n
}

// item returns a text of a map so that it is safe to print, and short without -v.
func (d *differencePrinter) item(s string) string {
	if s = escape(s); len(s) > maxItem && !d.verbose {
		s = strings.ToValidUTF8(s[:maxItem], "") + "…"
	}
	return s
}

// filesOf returns what became of the files of a package, each with its name.
func filesOf(p *mapdiff.Package) [][2]string {
	var list [][2]string
	for _, part := range []struct {
		verb  string
		names []string
	}{{"changed", p.Changed}, {"added", p.Added}, {"removed", p.Removed}} {
		for _, name := range part.names {
			list = append(list, [2]string{part.verb, name})
		}
	}
	return list
}
