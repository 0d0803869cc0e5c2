package main

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity"
)

// maxPerPackage is the number of findings of one installed package that are listed
// without -v. If there are more, their numbers are printed.
const maxPerPackage = 3

// A pinnedPackage is an installed package in the report of verify.
type pinnedPackage struct {
	dir      string // "" for findings that belong to no installed package
	name     string
	files    int // pinned files
	findings []integrity.Finding
}

// isMissing reports whether no pinned file of the package exists.
func (p *pinnedPackage) isMissing() bool {
	return p.dir != "" && p.files > 0 && numberOf(p.findings, integrity.Missing) >= p.files
}

// byPackage returns the findings of the project's own files, and those of each installed
// package, by directory.
func byPackage(r *integrity.Report) (own []integrity.Finding, installed []*pinnedPackage) {
	packages := make(map[string]*pinnedPackage)
	for _, f := range r.Findings {
		if integrity.IsOwn(f.Path) {
			own = append(own, f)
			continue
		}
		dir := ""
		if !strings.HasPrefix(f.Code, "anchor-") {
			dir = integrity.InstalledPackage(r.Packages, f.Path)
		}
		p := packages[dir]
		if p == nil {
			p = &pinnedPackage{dir: dir, name: nameOf(r.Packages, dir)}
			packages[dir] = p
			installed = append(installed, p)
		}
		p.findings = append(p.findings, f)
	}
	for _, f := range r.Pinned {
		if integrity.IsOwn(f.Path) {
			continue
		}
		if p := packages[integrity.InstalledPackage(r.Packages, f.Path)]; p != nil {
			p.files++
		}
	}
	slices.SortFunc(installed, func(a, b *pinnedPackage) int { return strings.Compare(a.dir, b.dir) })
	return own, installed
}

// isNothingInstalled reports whether every pinned file of every installed package is
// missing.
func isNothingInstalled(r *integrity.Report) bool {
	missing := make(map[string]bool)
	for _, f := range r.Findings {
		if f.Code == integrity.Missing {
			missing[f.Path] = true
		}
	}
	any := false
	for _, f := range r.Pinned {
		if integrity.IsOwn(f.Path) {
			continue
		}
		if any = true; !missing[f.Path] {
			return false
		}
	}
	return any
}

// printDifferences prints the findings of verify: the project's own files first, then
// one line for each installed package with many of them.
func (u *ui) printDifferences(r *integrity.Report) {
	if u.verbose {
		u.printFindings(r.Findings)
		return
	}
	own, installed := byPackage(r)
	if isNothingInstalled(r) {
		installed = u.printNothingInstalled(installed)
	}
	u.printOwn(own, newOutermost(r))
	u.printInstalled(installed)
}

// printOwn prints the findings of the project's own files: one line for each directory
// with many added files and no pinned one.
func (u *ui) printOwn(own []integrity.Finding, dirs outermost) {
	added := make(map[string]int)
	for _, f := range own {
		if dir := dirs.of(f.Path); dir != "" && integrity.CanExclude(f) {
			added[dir]++
		}
	}
	var list []integrity.Finding
	for _, f := range own {
		if dir := dirs.of(f.Path); added[dir] <= maxPerPackage || !integrity.CanExclude(f) {
			list = append(list, f)
		}
	}
	u.printFindings(list)
	for _, dir := range sortedByCount(added) {
		if added[dir] > maxPerPackage {
			u.printf("%s %s: %s added; use -v to list them", paint(u.paintOut, red, integrity.Unexpected), safeName(dir+"/"), count(added[dir], "file"))
		}
	}
}

// An outermost finds the directories without pinned files.
type outermost struct{ pinned map[string]bool } // directories with a pinned file in or below them

func newOutermost(r *integrity.Report) outermost {
	pinned := map[string]bool{".": true, "/": true}
	for i := range r.Pinned {
		for dir := path.Dir(r.Pinned[i].Path); !pinned[dir]; dir = path.Dir(dir) {
			pinned[dir] = true
		}
	}
	return outermost{pinned}
}

// of returns the outermost of the directories that a file is in and that contain no
// pinned file; "" if there is none.
func (o outermost) of(file string) string {
	found := ""
	for dir := path.Dir(file); !o.pinned[dir]; dir = path.Dir(dir) {
		found = dir
	}
	return found
}

// printInstalled prints the findings of installed packages.
func (u *ui) printInstalled(installed []*pinnedPackage) {
	left := maxFindings
	shortened := false
	for i, p := range installed {
		if left <= 0 {
			u.printf("and %s; use -v to list all", count(len(installed)-i, "more package"))
			return
		}
		switch {
		case p.dir == "":
			u.printFindings(p.findings[:min(len(p.findings), max(left, 1))])
			if n := len(p.findings) - max(left, 1); n > 0 {
				u.printf("and %d more; use -v to list all", n)
			}
			left -= len(p.findings)
		case p.isMissing() || len(p.findings) > maxPerPackage:
			u.printPackage(p)
			left, shortened = left-1, true
		default:
			u.printFindings(p.findings)
			left -= len(p.findings)
		}
	}
	if shortened {
		u.printf("use -v to list the files of a package")
	}
}

// printNothingInstalled prints one line for all missing packages, and returns the others.
func (u *ui) printNothingInstalled(installed []*pinnedPackage) (rest []*pinnedPackage) {
	files, packages := 0, 0
	for _, p := range installed {
		if p.isMissing() {
			files, packages = files+p.files, packages+1
		} else if p.dir != "" || slices.ContainsFunc(p.findings, func(f integrity.Finding) bool { return f.Code != integrity.Missing }) {
			rest = append(rest, p)
		}
	}
	u.printf("%s: no dependency of the program is installed: %s of %s", paint(u.paintOut, red, "missing node_modules"), count(files, "file"), count(packages, "package"))
	return rest
}

// printPackage prints how many files of a package differ.
func (u *ui) printPackage(p *pinnedPackage) {
	var parts []string
	for _, kind := range []struct{ code, word string }{
		{integrity.Missing, "missing"}, {integrity.Mismatch, "changed"}, {integrity.WrongKind, "of another kind"}, {integrity.Unreadable, "unreadable"},
	} {
		if n := numberOf(p.findings, kind.code); n > 0 {
			parts = append(parts, fmt.Sprintf("%d of %s %s", n, count(max(p.files, n), "file"), kind.word))
		}
	}
	if n := numberOf(p.findings, integrity.Unexpected); n > 0 {
		parts = append(parts, fmt.Sprintf("%d added", n))
	}
	u.printf("%s: %s (%s)", paint(u.paintOut, red, escape(p.name)), strings.Join(parts, ", "), safeName(p.dir))
}

func numberOf(findings []integrity.Finding, code string) int {
	n := 0
	for _, f := range findings {
		if f.Code == code {
			n++
		}
	}
	return n
}

// hintUndo prints what to do about differences from the map. On the machine where the
// map is made they may be accepted. deployed is true elsewhere: there the program is to
// be deployed again.
func (u *ui) hintUndo(r *integrity.Report, deployed bool) {
	switch {
	case isNothingInstalled(r):
		u.hintf("install the dependencies: %s", r.Install)
		return
	case deployed:
		u.hintf("to undo the changes: restore the files, or deploy the program again; to accept them, generate a map where the program is built")
	default:
		u.hintf("to undo the changes: restore your own files, or delete node_modules and install again")
	}
	if slices.ContainsFunc(r.Findings, integrity.IsLineEnds) {
		u.hintf(`if git changed the line ends: add the line "* -text" to .gitattributes, and check the files out again`)
	}
	if patterns := excludePatterns(r); len(patterns) > 0 {
		u.hintf(`if the program itself writes these files: add "exclude": [%s] to nodeint in package.json, then generate the map again`, strings.Join(patterns, ", "))
	}
	if deployed {
		return
	}
	accept := u.commandLine("generate")
	if r.Anchors != nil {
		accept += " --lockfile"
	}
	u.hintf("to accept the changes: %s", accept)
}

// excludePatterns returns quoted patterns for the unexpected files that exclude can take
// out, and that the program may have written: own files, and files in caches. A directory
// with nothing pinned below is excluded whole.
func excludePatterns(r *integrity.Report) []string {
	const most = 3
	var patterns []string
	dirs := newOutermost(r)
	for _, f := range r.Findings {
		if !integrity.CanExclude(f) || !integrity.IsOwn(f.Path) && !strings.Contains(strings.ToLower(f.Path), "cache") {
			continue
		}
		pattern := "/" + f.Path
		if dir := dirs.of(f.Path); dir != "" {
			pattern = "/" + dir + "/**"
		}
		if pattern = fmt.Sprintf("%q", pattern); !isPlain(f.Path) || slices.Contains(patterns, pattern) {
			continue
		}
		if len(patterns) == most {
			return append(patterns, "…")
		}
		patterns = append(patterns, pattern)
	}
	return patterns
}

// isBelow reports whether a file is in dir or below it.
func isBelow(file, dir string) bool {
	rel, err := filepath.Rel(dir, file)
	return err == nil && filepath.IsLocal(rel)
}
