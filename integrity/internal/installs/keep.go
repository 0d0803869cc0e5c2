package installs

import (
	"fmt"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
)

// Keep adds to m the files of the unknown packages that was, an existing map, pins. It
// does so if the lockfile names the archive that was was made of. was may be nil. asks
// reports whether a module of the package in a directory asks for a specifier. The result
// says what was kept and what is not pinned, one sentence each.
func (o *Overlay) Keep(m, was *mapfile.Map, asks func(dir, specifier string) bool) []string {
	var kept, unknown, foreign, unlocked, notes []string
	dirs := make(map[string]bool) // of the packages that are kept
	for _, u := range o.Unknown() {
		switch {
		case was != nil && u.keep(m, was):
			kept = append(kept, u.Package)
			dirs[u.Dir] = true
		case u.Unlocked:
			unlocked = append(unlocked, u.Package)
		case u.Foreign:
			foreign = append(foreign, u.Package)
		default:
			unknown = append(unknown, u.Package)
		}
	}
	if len(kept) > 0 {
		m.KeepNames(was, func(dir string) bool { return dirs[dir] }, asks)
		notes = append(notes, "kept from the existing map, because this tree does not have them and no cache has their archives: "+some(kept))
	}
	if len(unknown) > 0 {
		notes = append(notes, fmt.Sprintf("not pinned, because this tree does not have them and no cache has their archives: %s; where they are installed, verify reports them, unless you run nodeint generate --lockfile --fetch", some(unknown)))
	}
	if len(foreign) > 0 {
		notes = append(notes, fmt.Sprintf("not pinned, because they are for other platforms: %s; to pin those of linux-x64, add \"platforms\": [\"linux-x64\"] to nodeint in package.json", some(foreign)))
	}
	if len(unlocked) > 0 {
		notes = append(notes, fmt.Sprintf("not pinned, because this tree does not have them and yarn.lock has no checksum of packages for some platforms only: %s; where they are installed, verify reports them, unless supportedArchitectures in .yarnrc.yml lists the platforms before you run yarn install and nodeint generate", some(unlocked)))
	}
	return notes
}

// some names the first of many packages.
func some(packages []string) string {
	const most = 3
	if len(packages) <= most {
		return strings.Join(packages, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(packages[:most], ", "), len(packages)-most)
}

// keep copies a package from was, and the links to it.
func (u Unknown) keep(m, was *mapfile.Map) bool {
	pkg := was.Packages[u.Dir]
	if u.Integrity == "" || pkg.Integrity != u.Integrity || pkg.IsZero() {
		return false
	}
	m.Packages[u.Dir] = pkg
	for i := range was.Pinned {
		f := &was.Pinned[i]
		if dir, ok := was.Owner(f.Path); ok && dir == u.Dir {
			m.Files[f.Path] = f.Metadata.String()
		}
	}
	for link, target := range was.Links {
		if dir, err := mapfile.PathOf(target); err == nil && dir == u.Dir && m.Links[link] == "" {
			m.Links[link] = target
			if was.OptionalLinks[link] {
				m.AddOptionalLink(link)
			}
		}
	}
	return true
}
