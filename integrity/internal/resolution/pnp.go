package resolution

import (
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// resolvePnP resolves a bare specifier by the tables of Plug'n'Play. owned is false
// if they leave it to Node.
func (r *Resolver) resolvePnP(dir, specifier, raw string, isImport bool) (found, owned bool, err error) {
	if r.tables == nil {
		return false, false, nil
	}
	owner, owned := r.tables.Owner(dir)
	b := newBare(specifier, raw, isImport)
	if !owned || b.name == "" {
		return b.name == "", owned || b.name == "", nil
	}
	at, ok := r.tables.Resolve(owner, b.name)
	if !ok {
		r.record.recordMissingPackage(b.name)
		return false, true, nil
	}
	place, err := r.pnpPackage(at)
	if err != nil || place.Kind != tree.Directory {
		return place.Outside, true, err
	}
	found, err = r.inPackage(place, place.Path, b)
	return found, true, err
}

// pnpPackage finds the package that the tables locate at a path, and records the
// links to it. If the package is not installed, as one for another system is not, it
// is recorded as missing: Node would load what appears there.
func (r *Resolver) pnpPackage(at string) (tree.Place, error) {
	real := pnp.Real(at)
	if isAboveRoot(real) {
		return tree.Place{Outside: true}, nil // package graph reports it, if a module is loaded from there
	}
	place, err := r.tree.Resolve(real)
	if err != nil || place.Outside {
		r.record.RecordPlace(place)
		return place, err
	}
	if place.Kind != tree.Directory {
		if zip, _, ok := pnp.SplitZip(real); ok {
			real = zip
		}
		return place, r.record.RecordMissing(real)
	}
	r.record.RecordPlace(place)
	return place, nil
}

// IsPnP reports whether the tables of Plug'n'Play decide what a module in dir gets
// for a bare specifier.
func (r *Resolver) IsPnP(dir string) bool {
	if r.tables == nil {
		return false
	}
	_, owned := r.tables.Owner(dir)
	return owned
}

// Dependencies returns the real directories of the installed packages that the
// package in dir depends on, and records them. declared are the names in its
// package.json. With Plug'n'Play, for a package that is not the project's own, the
// names in the tables are added: Yarn adds what a package forgot to declare.
func (r *Resolver) Dependencies(dir string, declared []string) ([]string, error) {
	if r.tables == nil || len(r.tables.At(dir)) == 0 {
		return r.installed(dir, declared)
	}
	var found []string
	missing := make(map[string]bool)
	resolved := make(map[string]bool) // by one of the owners, of which each has another set of peer dependencies
	for _, owner := range r.tables.At(dir) {
		names := declared
		if !owner.IsWorkspace() {
			names = append(r.tables.Names(owner), declared...)
		}
		for _, name := range names {
			at, ok := r.tables.Resolve(owner, name)
			if !ok {
				missing[name] = true
				continue
			}
			resolved[name] = true
			place, err := r.pnpPackage(at)
			if err != nil {
				return nil, err
			}
			if place.Kind == tree.None && !place.Outside {
				r.record.recordUninstalled(dir, name)
			}
			if place.Kind == tree.Directory && !place.Outside {
				r.record.recordPackage(place)
				found = append(found, place.Path)
			}
		}
	}
	for name := range missing {
		if !resolved[name] {
			r.record.recordMissingPackage(name)
			r.record.recordUninstalled(dir, name)
		}
	}
	return found, nil
}

func (r *Resolver) installed(dir string, names []string) ([]string, error) {
	var found []string
	for _, name := range names {
		at, ok, err := r.Package(dir, name)
		if err != nil {
			return nil, err
		}
		switch {
		case !ok:
			r.record.recordUninstalled(dir, name)
		case at != "":
			found = append(found, at)
		}
	}
	return found, nil
}
