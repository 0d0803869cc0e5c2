package resolution

import (
	"github.com/nodeint/nodeint/integrity/internal/pnp"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// plugged is bare by the tables of Plug'n'Play. owned is false where they leave it to
// Node.
func (l *Lookup) plugged(dir, specifier string) (found, owned bool, err error) {
	if l.tables == nil {
		return false, false, nil
	}
	owner, owned := l.tables.Owner(dir)
	name, sub := SplitName(specifier)
	if !owned || name == "" {
		return name == "", owned || name == "", nil
	}
	at, ok := l.tables.Resolve(owner, name)
	if !ok {
		return false, true, nil // and it stays so while the tables do
	}
	place, err := l.plug(at)
	if err != nil || place.Kind != tree.Folder {
		return place.Outside, true, err
	}
	found, err = l.inPackage(place, place.Path, sub)
	return found, true, err
}

// plug goes to a package of the tables. Where it is not installed, as those of other
// systems are not, that is noted: what appears there is loaded.
func (l *Lookup) plug(at string) (tree.Place, error) {
	real := pnp.Real(at)
	if leadsOut(real) {
		return tree.Place{Outside: true}, nil // if the graph comes there, it says so
	}
	place, err := l.tree.Resolve(real)
	if err != nil || place.Outside {
		l.pass(place)
		return place, err
	}
	if place.Kind != tree.Folder {
		if zip, _, ok := pnp.SplitZip(real); ok {
			real = zip
		}
		return place, l.Lack(real)
	}
	l.pass(place)
	return place, nil
}

// IsPlugged reports whether the tables decide what a module in dir gets by name.
func (l *Lookup) IsPlugged(dir string) bool {
	if l.tables == nil {
		return false
	}
	_, owned := l.tables.Owner(dir)
	return owned
}

// Dependencies gives the real folders of the packages that the one in dir declares,
// by the names in its package.json and, for packages that are not the project's own,
// by the tables of Plug'n'Play: Yarn adds what a package has forgotten.
func (l *Lookup) Dependencies(dir string, declared []string) ([]string, error) {
	if l.tables == nil || len(l.tables.At(dir)) == 0 {
		return l.installed(dir, declared)
	}
	var found []string
	for _, owner := range l.tables.At(dir) {
		names := declared
		if !owner.IsWorkspace() {
			names = append(l.tables.Names(owner), declared...)
		}
		for _, name := range names {
			at, ok := l.tables.Resolve(owner, name)
			if !ok {
				continue
			}
			place, err := l.plug(at)
			if err != nil {
				return nil, err
			}
			if place.Kind == tree.Folder && !place.Outside {
				l.Packages[place.Path] = struct{}{}
				found = append(found, place.Path)
			}
		}
	}
	return found, nil
}

func (l *Lookup) installed(dir string, names []string) ([]string, error) {
	var found []string
	for _, name := range names {
		at, ok, err := l.Package(dir, name)
		if err != nil {
			return nil, err
		}
		if ok && at != "" {
			found = append(found, at)
		}
	}
	return found, nil
}
