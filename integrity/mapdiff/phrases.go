package mapdiff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lockcheck"
)

// title returns "express 5.1.0".
func title(name, version string) string {
	return strings.TrimSpace(name + " " + version)
}

// Title names the package with its versions: "express 5.0.1 → 5.1.0".
func (p *Package) Title() string {
	name := p.Name
	if p.Own {
		name = cmp.Or(name, "the project")
	}
	switch {
	case p.OldVersion == p.NewVersion || p.Kind != Changed:
		return title(name, cmp.Or(p.NewVersion, p.OldVersion))
	}
	return name + " " + cmp.Or(p.OldVersion, "?") + " → " + cmp.Or(p.NewVersion, "?")
}

// Counts says how many files differ: "43 files changed, 2 added". For a package that is
// added or removed it is the number of its files.
func (p *Package) Counts() string {
	switch p.Kind {
	case Added:
		return "added" + p.others(" beside ", "") + ", " + count(len(p.Added), "file", "files")
	case Removed:
		return "removed" + p.others(" (", " stays)")
	}
	var parts []string
	noun := "file "
	for _, part := range []struct {
		files []string
		verb  string
	}{{p.Changed, "changed"}, {p.Added, "added"}, {p.Removed, "removed"}} {
		if n := len(part.files); n > 0 {
			parts = append(parts, count(n, noun+part.verb, strings.Replace(noun, "file", "files", 1)+part.verb))
			noun = ""
		}
	}
	if parts == nil {
		return "no file changed"
	}
	return strings.Join(parts, ", ")
}

// others lists the other versions of the package; "" if one of them is no plain version.
func (p *Package) others(before, after string) string {
	if len(p.Others) == 0 {
		return ""
	}
	list := strings.Join(p.Others, ", ")
	if len(list) > 60 || strings.Trim(list, "abcdefghijklmnopqrstuvwxyz0123456789.-, ") != "" {
		return ""
	}
	return before + list + after
}

// Assurance returns what a reviewer may rely on, one sentence each.
func (r *Report) Assurance() []string {
	if r.Same {
		return nil
	}
	var list []string
	switch n := r.Alerts(); {
	case n > 0:
		list = append(list, count(n, "alert", "alerts")+": look before you accept the change")
	case len(r.Notes) > 0:
		list = append(list, "no alerts, as far as the maps say: no new install scripts or binaries")
	default:
		list = append(list, "no alerts: no new powers, install scripts or binaries")
	}
	compared, anchored, all := 0, 0, 0
	for i := range r.Packages {
		if p := &r.Packages[i]; p.Own || p.Kind == Removed {
			continue
		}
		for _, in := range r.Packages[i].news {
			all++
			if in.info.Class != "" {
				compared++
			}
			if in.info.Class == string(lockcheck.Anchored) {
				anchored++
			}
		}
	}
	switch {
	case all == 0:
	case anchored == all:
		list = append(list, "these packages have the files of the archives that the lockfile names")
	case compared == 0:
		list = append(list, "not compared with the archives that the lockfile names (generate --lockfile does)")
	default:
		list = append(list, fmt.Sprintf("of %d directories of these packages, %d have only files of the archives that the lockfile names", all, anchored))
	}
	return list
}

// Summary counts what the report lists: "3 packages changed, 1 added; 2 own files changed".
func (r *Report) Summary() string {
	if r.Same {
		return "no differences"
	}
	kinds := make(map[Kind]int)
	own := Package{Kind: Changed}
	for _, p := range r.Packages {
		if p.Own {
			own.Changed = append(own.Changed, p.Changed...)
			own.Added = append(own.Added, p.Added...)
			own.Removed = append(own.Removed, p.Removed...)
		} else {
			kinds[p.Kind]++
		}
	}
	var parts, packages []string
	if len(own.Changed)+len(own.Added)+len(own.Removed) > 0 {
		parts = append(parts, strings.Replace(own.Counts(), "file", "own file", 1))
	}
	one, many := "package ", "packages "
	for _, kind := range []Kind{Changed, Added, Removed} {
		if n := kinds[kind]; n > 0 {
			packages = append(packages, count(n, one+string(kind), many+string(kind)))
			one, many = "", ""
		}
	}
	if packages != nil {
		parts = append(parts, strings.Join(packages, ", "))
	}
	if n := len(r.Settings); n > 0 {
		parts = append(parts, count(n, "setting changed", "settings changed"))
	}
	if n := len(r.Names); n > 0 {
		parts = append(parts, count(n, "name means another package", "names mean other packages"))
	}
	if r.Rehashed > 0 {
		parts = append(parts, count(r.Rehashed, "file cannot be compared", "files cannot be compared"))
	}
	if parts == nil {
		return "no file changed"
	}
	return strings.Join(parts, "; ")
}

// text describes a setting; show returns a text of the map so that it can be shown.
func (s *Setting) text(show func(string) string) string {
	if len(s.Added)+len(s.Removed) == 0 {
		return show(cmp.Or(s.Old, "none")) + " → " + show(cmp.Or(s.New, "none"))
	}
	var parts []string
	for _, list := range []struct {
		verb  string
		items []string
	}{{"added", s.Added}, {"removed", s.Removed}} {
		if len(list.items) > 0 {
			parts = append(parts, list.verb+" "+ShowList(list.items, maxItems, show))
		}
	}
	return strings.Join(parts, "; ")
}

// Text describes a setting that differs; show makes a text of the map safe to print.
func (s *Setting) Text(show func(string) string) string { return s.Name + ": " + s.text(show) }

func (n *Name) text(show func(string) string) string {
	from := "in your own code"
	if n.From != "" {
		from = "in " + show(n.From)
	}
	return show(n.Specifier) + " " + from + " now means " + show(n.New) + ", and meant " + show(n.Old)
}

// Text describes a name; show makes a text of the map safe to print.
func (n *Name) Text(show func(string) string) string { return n.text(show) }

// ShowList joins at most limit texts.
func ShowList(list []string, limit int, show func(string) string) string {
	var parts []string
	for i, s := range list {
		if i == limit {
			parts = append(parts, fmt.Sprintf("and %d more", len(list)-i))
			break
		}
		parts = append(parts, show(s))
	}
	return strings.Join(parts, ", ")
}

// followers are the parts of a map that differ because packages and sources do.
var followers = []string{"imports", "scopes", "require", "absent", "directories", "optionalLinks"}

// Rest describes what the report has beside settings, names and packages, one line each.
// Unless all is true or there is nothing else, it leaves out parts of the map that differ
// because packages and sources do.
func (r *Report) Rest(all bool, show func(string) string) []string {
	all = all || len(r.Settings)+len(r.Packages)+len(r.Names) == 0
	var lines []string
	if r.Rehashed > 0 {
		lines = append(lines, "the maps have no hash algorithm in common for "+count(r.Rehashed, "file", "files")+": whether they differ is not known")
	}
	if len(r.Moved) > 0 {
		lines = append(lines, "in other directories, with the same files: "+ShowList(r.Moved, maxItems, show))
	}
	var parts []string
	for _, part := range r.Parts {
		if all || !slices.Contains(followers, part.Name) {
			parts = append(parts, fmt.Sprintf("%s (%d)", part.Name, part.Changes))
		}
	}
	if len(parts) > 0 {
		lines = append(lines, "other entries of the map: "+strings.Join(parts, ", "))
	}
	for _, note := range r.Notes {
		lines = append(lines, "note: "+show(note))
	}
	return lines
}
