package lockcheck

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/problem"
)

// checkManifests checks that each archive is the one of the package that the lockfile
// names, by the package.json in it. The digest of another package at the entry would
// otherwise give that package's files the name of this one.
func (c *checker) checkManifests() {
	for _, in := range c.installs {
		if in.listing == nil {
			continue
		}
		name, version, ok := identity(in.listing)
		wanted := in.pkg.Name != "" && !namedByAddress(c.in.Lock.Manager, in.pkg)
		switch {
		case !wanted:
		case !ok:
			c.find(problem.Finding{Code: problem.AnchorArchive, Path: in.dir, Package: in.at(), Detail: "its archive has no package.json with a name and a version"})
		case name != in.pkg.Name || in.pkg.Version != "" && plainVersion(version) != plainVersion(in.pkg.Version):
			c.find(problem.Finding{Code: problem.AnchorArchive, Path: in.dir, Package: in.at(),
				Detail: "the lockfile names " + in.at() + ", and its archive contains " + name + "@" + version})
		}
	}
}

// identity returns the name and version in the package.json of an archive, as Node and
// the package managers read it: the last one of two members counts.
func identity(l *tarball.Listing) (name, version string, ok bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(bytes.TrimPrefix(l.Manifest, []byte("\ufeff")), &members) != nil {
		return "", "", false
	}
	ok = json.Unmarshal(members["name"], &name) == nil && json.Unmarshal(members["version"], &version) == nil
	return name, version, ok && name != "" && version != ""
}

// plainVersion returns a version as registries normalize it: without spaces, "v" or "="
// before it, and the build after "+".
func plainVersion(version string) string {
	version, _, _ = strings.Cut(strings.TrimLeft(strings.TrimSpace(version), "=v "), "+")
	return version
}

// namedByAddress reports whether the lockfile names a package by an address or a file
// only, with the name that the project gave it: its package.json may have another.
func namedByAddress(m manager.Manager, p *lockfile.Package) bool {
	if p.Kind != lockfile.Tarball {
		return false
	}
	switch m {
	case manager.YarnBerry, manager.Bun:
		return true
	case manager.YarnClassic:
		_, pattern, _ := strings.Cut(p.Key[min(1, len(p.Key)):], "@")
		return strings.ContainsAny(pattern, "/:") && !strings.HasPrefix(pattern, "npm:")
	}
	return false
}
