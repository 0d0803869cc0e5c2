package mapfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity/jsontext"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Document returns old with the names, the integrity section, the package map and the
// member nodeint of m. Its other members stay, and of its names those that m keeps. old may
// be nil. [IsConflict] reports whether the error is about what m keeps.
func (m *Map) Document(old *importmap.Document) (*importmap.Document, error) {
	doc := &importmap.Document{}
	if old != nil {
		*doc = *old
		doc.Members = slices.Clone(old.Members)
	}
	if err := m.setNames(doc); err != nil {
		return nil, err
	}
	if err := m.setPackages(doc); err != nil {
		return nil, err
	}
	doc.HasIntegrity = true
	doc.Integrity = make([]importmap.Entry, 0, len(m.Files)+len(m.URLs))
	for _, f := range sortedKeys(m.Files) {
		doc.Integrity = append(doc.Integrity, importmap.Entry{Key: importmap.KeyOf(f), Value: m.Files[f]})
	}
	for _, url := range sortedKeys(m.URLs) { // they sort after keys of files, which begin with "."
		doc.Integrity = append(doc.Integrity, importmap.Entry{Key: url, Value: m.URLs[url]})
	}
	member, err := m.member()
	if err != nil {
		return nil, err
	}
	for range 2 { // first without the digest, then with the digest of the first
		raw, err := jsontext.Marshal(member)
		if err != nil {
			return nil, err
		}
		if raw, err = canonical(memberName, raw); err != nil {
			return nil, err
		}
		doc.SetMember(memberName, raw)
		member["root"] = treeDigest(doc)
	}
	return doc, nil
}

// canonical returns the text of a member as it is formatted in a map, so that reading the
// map back gives the same digest.
func canonical(name string, raw []byte) ([]byte, error) {
	alone := &importmap.Document{Members: []importmap.Member{{Name: name, Raw: raw}}}
	alone, err := importmap.Read(name, alone.Format())
	if err != nil {
		return nil, fmt.Errorf("writing the member %s: %w", name, err)
	}
	raw, _ = alone.Member(name)
	return raw, nil
}

// member returns the member nodeint, without root.
func (m *Map) member() (map[string]any, error) {
	member := map[string]any{
		"version":  mapVersion,
		"coverage": m.Coverage,
		"entries":  KeysOf(m.Entries),
	}
	set := func(name string, n int, v any) {
		if n > 0 {
			member[name] = v
		}
	}
	set("project", len(m.Project), KeyOf(m.Project))
	if m.Browser {
		member["browser"] = true
	}
	if m.NodePackages != nil {
		member["isPackageMap"] = true
	}
	set("conditions", len(m.Conditions), m.Conditions)
	set("nodePath", len(m.NodePath), KeysOf(m.NodePath))
	set("packageMap", len(m.PackageMap), KeyOf(m.PackageMap))
	set("include", len(m.Include), m.Include)
	set("exclude", len(m.Exclude), m.Exclude)
	set("scripts", len(m.Scripts), m.Scripts)
	packages := make(map[string]map[string]any)
	for dir, info := range m.Packages {
		packages[KeyOf(dir)] = info.member()
	}
	set("packages", len(packages), packages)
	links := make(map[string]string)
	for link, target := range m.Links {
		links[KeyOf(link)] = target
	}
	set("links", len(links), links)
	set("optionalLinks", len(m.OptionalLinks), KeysOf(sortedKeys(m.OptionalLinks)))
	if m.PnP != nil {
		member["pnp"] = m.PnP.member()
	}
	set("absent", len(m.Absent), m.absentKeys())
	require := make(map[string]map[string]any)
	for scope, names := range m.Names.Require {
		require[scope] = names.object()
	}
	set("require", len(require), require)
	if m.Powers != nil {
		member["powers"] = m.Powers.member()
	}
	if !m.Kept.isZero() {
		kept, err := m.Kept.member()
		if err != nil {
			return nil, err
		}
		member["kept"] = kept
	}
	set("directories", len(m.Directories), KeysOf(m.Directories))
	set("gaps", len(m.Gaps), m.gapsWithKeys())
	return member, nil
}

// gapsWithKeys returns Gaps with keys in place of paths.
func (m *Map) gapsWithKeys() []problem.Gap {
	gaps := slices.Clone(m.Gaps)
	for i := range gaps {
		gaps[i].Path, gaps[i].Detail = KeyOf(gaps[i].Path), ""
	}
	return gaps
}

// absentKeys returns Absent with keys in place of paths, sorted.
func (m *Map) absentKeys() []string {
	absent := make([]string, 0, len(m.Absent))
	for _, a := range m.Absent {
		if file, ok := strings.CutPrefix(a, "./"); ok {
			a = KeyOf(file)
		}
		absent = append(absent, a)
	}
	slices.Sort(absent)
	return absent
}

// member returns one package as it is in the member packages.
func (p Package) member() map[string]any {
	fields := make(map[string]any)
	for name, text := range map[string]string{"name": p.Name, "version": p.Version, "class": p.Class, "integrity": p.Integrity} {
		if text != "" {
			fields[name] = text
		}
	}
	for name, is := range map[string]bool{"dev": p.Dev, "optional": p.Optional} {
		if is {
			fields[name] = true
		}
	}
	for name, list := range map[string][]string{"os": p.OS, "cpu": p.CPU, "libc": p.Libc} {
		if len(list) > 0 {
			fields[name] = list
		}
	}
	if len(p.Install) > 0 {
		fields["install"] = p.Install
	}
	return fields
}
