package main

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/problem"
)

// nameOf names the package in a directory: packages has names by directory. A package
// without a name is named by its directory.
func nameOf(packages map[string]string, dir string) string {
	name, _, _ := strings.Cut(packages[dir], ", ") // without the provenance class
	return cmp.Or(name, dir)
}

// splitGaps returns the imports that resolve to nothing, and the other gaps.
func splitGaps(gaps []integrity.Gap) (unresolved, others []integrity.Gap) {
	for _, g := range gaps {
		if g.Reason == problem.GapUnresolved {
			unresolved = append(unresolved, g)
		} else {
			others = append(others, g)
		}
	}
	return unresolved, others
}

// namesPackage reports whether the import of a gap names a package. Its text is the
// quoted specifier.
func namesPackage(g integrity.Gap) bool {
	return !strings.HasPrefix(g.Text, `".`) && !strings.HasPrefix(g.Text, `"/`) && !strings.HasPrefix(g.Text, `"#`)
}

// printUnresolved prints the imports that resolve to nothing.
func (u *ui) printUnresolved(gaps []integrity.Gap, packages map[string]string) {
	if gaps, _ = splitGaps(gaps); len(gaps) > 0 {
		u.printf("%s (the program fails when it reaches these places):", paint(u.paintOut, red, "imports that resolve to nothing"))
		u.printPlaces(gaps, packages, "import")
	}
}

// printGaps prints the places whose modules nodeint could not determine.
func (u *ui) printGaps(gaps []integrity.Gap, packages map[string]string) {
	if _, gaps = splitGaps(gaps); len(gaps) > 0 {
		u.printf("gaps (nodeint cannot determine what these places load):")
		u.printPlaces(gaps, packages, "gap")
	}
}

// printPlaces prints the places of the project's own code, then the number of places of
// each package. -v lists them all.
func (u *ui) printPlaces(gaps []integrity.Gap, packages map[string]string, noun string) {
	var own, installed []integrity.Gap
	for _, g := range gaps {
		if integrity.IsOwn(g.Path) {
			own = append(own, g)
		} else {
			installed = append(installed, g)
		}
	}
	if u.verbose {
		for _, g := range append(own, installed...) {
			u.printGap(g)
		}
		return
	}
	for i, g := range own {
		if i == maxGaps {
			u.printf("  and %d more; use -v to list all", len(own)-i)
			break
		}
		u.printGap(g)
	}
	numbers := make(map[string]int)
	for _, g := range installed {
		numbers[cmp.Or(nameOf(packages, integrity.InstalledPackage(packages, g.Path)), g.Path)]++
	}
	u.printCounts(numbers, noun)
}

func (u *ui) printGap(g integrity.Gap) {
	place := g.Path
	if g.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", g.Path, g.Line, g.Column)
	}
	text := ""
	if g.Text != "" {
		text = ": " + escape(g.Text)
	}
	if g.Detail != "" {
		text += " (" + escape(g.Detail) + ")"
	}
	u.printf("  %s: %s%s", safeName(place), paint(u.paintOut, yellow, g.Reason), text)
}

// printCounts prints the number of each package, the largest first.
func (u *ui) printCounts(numbers map[string]int, noun string) {
	names := sortedByCount(numbers)
	for i, name := range names {
		if i == maxGaps {
			rest := 0
			for _, name := range names[i:] {
				rest += numbers[name]
			}
			u.printf("  %s: %s; use -v to list all", count(len(names)-i, "more package"), count(rest, noun))
			return
		}
		u.printf("  %s: %s", escape(name), count(numbers[name], noun))
	}
}

// sortedByCount returns the names, those with the largest numbers first.
func sortedByCount(numbers map[string]int) []string {
	var names []string
	for name := range numbers {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(numbers[b], numbers[a]), cmp.Compare(a, b))
	})
	return names
}

// printNotFound prints what the program requests, and what may be absent.
func (u *ui) printNotFound(list []integrity.NotFound) {
	if len(list) > 0 {
		u.infof("not found, and allowed to be absent:")
	}
	for _, n := range list {
		u.infof("  %s: %s, requested by %s", safeName(n.Name), n.Reason, safeName(n.Path))
	}
}

// hintInclude prints what pins the files that gaps of the project's own code may load.
// From the coverage packages on, the project's own files are pinned already.
func (u *ui) hintInclude(g *integrity.Generated) {
	const most = 3
	var patterns []string
	for _, gap := range g.Gaps {
		if !integrity.IsOwn(gap.Path) || gap.Reason != problem.GapComputed && gap.Reason != problem.GapIndirect {
			continue
		}
		pattern := "**"
		if dir := path.Dir(gap.Path); dir != "." {
			pattern = "/" + dir + "/**"
		}
		if pattern = fmt.Sprintf("%q", pattern); isPlain(gap.Path) && !slices.Contains(patterns, pattern) {
			patterns = append(patterns, pattern)
		}
	}
	switch {
	case len(patterns) == 0:
	case g.Coverage == integrity.Graph:
		if len(patterns) > most {
			patterns = append(patterns[:most], "…")
		}
		u.hintf(`if a gap of your own code loads a file that is not pinned: add "include": [%s] to nodeint in package.json, or omit --coverage graph`, strings.Join(patterns, ", "))
	case g.Coverage != integrity.Tree:
		u.hintf("your own files are pinned; if a gap of your own code loads another file: declare its package, or name the file as an entry: %s", u.commandLine("generate ENTRY FILE"))
	}
}

// isPlain reports whether a path is the same as a pattern and in JSON.
func isPlain(file string) bool {
	return safeName(file) == file && !strings.ContainsAny(file, `\*?[]{}!"`)
}
