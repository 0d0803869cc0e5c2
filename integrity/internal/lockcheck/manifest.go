package lockcheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lockfile"
	"github.com/nodeint/nodeint/integrity/internal/manager"
	"github.com/nodeint/nodeint/integrity/internal/tarball"
	"github.com/nodeint/nodeint/integrity/problem"
)

// checkManifests checks that each archive is the one of the package that the lockfile
// names.
func (c *checker) checkManifests() {
	for _, in := range c.installs {
		if in.listing == nil {
			continue
		}
		if fault := manifestFault(c.in.Lock.Manager, in.pkg, in.listing); fault != "" {
			c.find(problem.Finding{Code: problem.AnchorArchive, Path: in.dir, Package: in.at(), Detail: fault})
		}
	}
}

// manifestFault says why an archive is not the one of the package that the lockfile
// names, by the package.json in it; "" if it is. The digest of another package at the
// entry would otherwise give that package's files the name of this one.
func manifestFault(m manager.Manager, p *lockfile.Package, l *tarball.Listing) string {
	if p.Name == "" || namedByAddress(m, p) {
		return ""
	}
	name, version, ok := identity(l)
	switch {
	case !ok:
		return "its archive has no package.json with a name and a version"
	case name != p.Name || p.Version != "" && plainVersion(version) != plainVersion(p.Version):
		return "the lockfile names " + p.Name + "@" + p.Version + ", and its archive contains " + name + "@" + version
	}
	return ""
}

// CheckArchive returns an error if an archive is not the one of the package that the
// lockfile names, or if package managers read it differently.
func CheckArchive(m manager.Manager, p *lockfile.Package, l *tarball.Listing) error {
	if i := slices.IndexFunc(l.Irregular, func(e tarball.IrregularEntry) bool { return !harmless[e.Code] }); i >= 0 {
		return fmt.Errorf("it contains %q: %s", l.Irregular[i].Path, l.Irregular[i].Reason)
	}
	if fault := manifestFault(m, p, l); fault != "" {
		return errors.New(fault)
	}
	return nil
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
