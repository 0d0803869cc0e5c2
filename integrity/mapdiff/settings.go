package mapdiff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
)

// levels are the levels of coverage, the lowest first.
var levels = []mapfile.Coverage{mapfile.Graph, mapfile.Packages, mapfile.Dependencies, mapfile.Tree}

// compareSettings lists the settings that differ.
func (r *Report) compareSettings(was, is *side) {
	a, b := was.m, is.m
	value := func(name, old, new string, alert bool) {
		if old != new {
			r.Settings = append(r.Settings, Setting{Name: name, Old: old, New: new, Alert: alert})
		}
	}
	// list compares lists. alertAdded and alertRemoved say whether such an item is an alert.
	list := func(name string, old, new []string, alertAdded, alertRemoved bool) {
		added, removed := without(new, old), without(old, new)
		if len(added)+len(removed) > 0 {
			alert := alertAdded && len(added) > 0 || alertRemoved && len(removed) > 0
			r.Settings = append(r.Settings, Setting{Name: name, Added: added, Removed: removed, Alert: alert})
		} else if !slices.Equal(old, new) {
			value(name, strings.Join(old, " "), strings.Join(new, " "), true) // the order counts
		}
	}
	value("coverage", string(a.Coverage), string(b.Coverage), slices.Index(levels, b.Coverage) < slices.Index(levels, a.Coverage))
	list("entries", mapfile.KeysOf(a.Entries), mapfile.KeysOf(b.Entries), false, true)
	list("include", a.Include, b.Include, false, true)
	list("exclude", a.Exclude, b.Exclude, true, false)
	list("scripts", a.Scripts, b.Scripts, true, false)
	list("conditions", a.Conditions, b.Conditions, true, true)
	list("nodePath", mapfile.KeysOf(a.NodePath), mapfile.KeysOf(b.NodePath), true, true)
	value("packageMap", a.PackageMap, b.PackageMap, true)
	value("project", a.Project, b.Project, true)
	value("browser", yes(a.Browser), yes(b.Browser), true)
	value("isPackageMap", yes(a.NodePackages != nil), yes(b.NodePackages != nil), false)
	value("version", fmt.Sprint(a.Version), fmt.Sprint(b.Version), b.Version < a.Version)
	value("lockfile", compared(a), compared(b), compared(b) == "")
	list("links", linksOutside(a), linksOutside(b), true, false)
	for _, side := range []struct {
		name string
		m    *mapfile.Map
	}{{r.Old.Name, a}, {r.New.Name, b}} {
		if side.m.Powers == nil && !side.m.Browser {
			r.Notes = append(r.Notes, side.name+" does not record powers, so new and lost powers are not known")
		}
	}
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// compared returns "compared" if a map was generated with --lockfile.
func compared(m *mapfile.Map) string {
	for _, p := range m.Packages {
		if p.Class != "" {
			return "compared"
		}
	}
	return ""
}

// linksOutside returns the links that lead out of the root, with their targets.
func linksOutside(m *mapfile.Map) []string {
	var list []string
	for link, target := range m.Links {
		if strings.HasPrefix(target, "../") || strings.HasPrefix(target, "/") {
			list = append(list, link+" → "+target)
		}
	}
	slices.Sort(list)
	return list
}

// without returns the elements of a that b does not have.
func without(a, b []string) []string {
	has := make(map[string]bool, len(b))
	for _, s := range b {
		has[s] = true
	}
	var list []string
	for _, s := range a {
		if !has[s] {
			list = append(list, s)
		}
	}
	return list
}

// reported are the members of nodeint that the other parts of a report are about.
var reported = []string{
	"root", "version", "coverage", "entries", "include", "exclude", "scripts", "conditions", "nodePath", "packageMap",
	"project", "browser", "isPackageMap", "packages", "powers", "gaps",
}

// compareParts lists the other members of the map that differ. A report of two maps that
// differ is not empty.
func (r *Report) compareParts(was, is *side) {
	counts := make(map[string]int)
	for _, c := range mapfile.PartChanges(was.doc, is.doc) {
		name, isMember := strings.CutPrefix(c.Path, mapfile.MemberName+".")
		switch {
		case isMember && slices.Contains(reported, name):
			continue
		case !isMember:
			name, _, _ = strings.Cut(c.Path, "[")
			name, _, _ = strings.Cut(name, ".")
		}
		r.addPart(counts, name, was, is, isMember)
	}
	for url := range merged(was.m.URLs, is.m.URLs) {
		if was.m.URLs[url] != is.m.URLs[url] {
			counts["integrity of URLs"]++
		}
	}
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		r.Parts = append(r.Parts, Part{name, counts[name]})
	}
	if len(r.Settings)+len(r.Packages)+len(r.Names)+len(r.Moved)+len(r.Parts)+len(r.Notes)+r.Rehashed == 0 {
		r.Parts = append(r.Parts, Part{"other members", 1})
	}
}

// addPart counts the entries of a part that differ.
func (r *Report) addPart(counts map[string]int, name string, was, is *side, isMember bool) {
	if !isMember {
		counts[name]++ // imports, a scope, or an entry of packages
		return
	}
	before, after := entriesOf(was, name), entriesOf(is, name)
	for key := range merged(before, after) {
		if before[key] != after[key] {
			counts[name]++
		}
	}
	if counts[name] == 0 {
		counts[name] = 1
	}
}

// entriesOf returns the entries of a member of nodeint: those of an object by name, those of
// an array by their text.
func entriesOf(s *side, name string) map[string]string {
	entries := make(map[string]string)
	v := gjson.Parse(mapfile.MemberTexts(s.doc)[name])
	v.ForEach(func(k, e gjson.Result) bool {
		if v.IsArray() {
			entries[e.Raw] = e.Raw
		} else {
			entries[k.Raw] = e.Raw
		}
		return true
	})
	return entries
}

func merged(a, b map[string]string) map[string]string {
	all := make(map[string]string, len(a)+len(b))
	for k, v := range a {
		all[k] = v
	}
	for k, v := range b {
		all[k] = v
	}
	return all
}
