package mapdiff

import (
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// An Input is one of the two maps.
type Input struct {
	Name string // for a person, and for errors
	Text []byte
}

// A Side describes one of the two maps.
type Side struct {
	Name     string `json:"name"`
	Digest   string `json:"digest,omitempty"` // the tree digest
	Files    int    `json:"files"`
	Packages int    `json:"packages"`
}

// A Report says how a new map differs from an old one.
type Report struct {
	Old      Side      `json:"old"`
	New      Side      `json:"new"`
	Same     bool      `json:"same"`     // the maps mean the same
	Settings []Setting `json:"settings"` // what decides how much is pinned, and what names mean
	Packages []Package `json:"packages"` // own ones first, then those with alerts
	Names    []Name    `json:"names"`    // names that mean a file of another package
	Moved    []string  `json:"moved"`    // packages whose directories alone differ, as name@version
	Rehashed int       `json:"rehashed"` // files whose digests cannot be compared
	Parts    []Part    `json:"parts"`    // other members of the map that differ
	Notes    []string  `json:"notes"`    // limits of the report, one sentence each

	new *side
}

// A Setting is a setting of the map that differs.
type Setting struct {
	Name    string   `json:"name"` // a member of nodeint: "coverage", "exclude"
	Old     string   `json:"old,omitempty"`
	New     string   `json:"new,omitempty"`
	Added   []string `json:"added,omitempty"` // of a list
	Removed []string `json:"removed,omitempty"`
	Alert   bool     `json:"alert"` // the map may pin less, or names may mean other files
}

// A Kind says what became of a package.
type Kind string

// The kinds.
const (
	Changed Kind = "changed"
	Added   Kind = "added"
	Removed Kind = "removed"
)

// A Package is a package that differs. Its files are relative to its directory.
type Package struct {
	Kind       Kind     `json:"kind"`
	Name       string   `json:"name"`
	Own        bool     `json:"own,omitempty"`    // the project, or a member of its workspace
	Direct     bool     `json:"direct,omitempty"` // the project's own code imports it
	OldVersion string   `json:"oldVersion,omitempty"`
	NewVersion string   `json:"newVersion,omitempty"`
	Dirs       []string `json:"dirs"` // in the new map; of a removed package in the old one
	Changed    []string `json:"changed,omitempty"`
	Added      []string `json:"added,omitempty"`
	Removed    []string `json:"removed,omitempty"`
	For        []string `json:"for,omitempty"`    // of an added package: the packages that import it
	Others     []string `json:"others,omitempty"` // other versions in the new map, of a package that is added or removed
	Remarks    []Remark `json:"remarks,omitempty"`

	news []*instance
}

// The codes of remarks. They are stable.
const (
	PowersGained   = "powers-gained"   // the package uses powers that it did not use, or is added and uses some
	PowersLost     = "powers-lost"     // it no longer uses powers
	PowersUnknown  = "powers-unknown"  // the powers of its new version are not known
	ScriptAdded    = "install-script"  // an install script is new or has another command
	ScriptRemoved  = "script-removed"  // an install script is gone
	BinaryAdded    = "binary-added"    // a new file with machine code or WebAssembly, by its name
	BinaryChanged  = "binary-changed"  // such a file has other bytes
	GapsAdded      = "gaps-added"      // new places that load what nodeint cannot determine
	GapsRemoved    = "gaps-removed"    // such places are gone
	SameVersion    = "same-version"    // files have changed, and the version has not
	ArchiveChanged = "archive-changed" // the lockfile has another archive for the same version
	Downgrade      = "downgrade"       // the new version is lower
	ClassWeaker    = "class-weaker"    // the lockfile accounts for less of the package than before
	ClassStronger  = "class-stronger"  // it accounts for more
	Condition      = "condition"       // another set of installs has the package
	Alias          = "alias"           // it is installed under another name
	Replaced       = "replaced"        // it is in the directory of another package of the old map
)

// The codes of what is no remark on a package, in reports of other formats.
const (
	SettingChanged = "setting-changed"
	NameChanged    = "name-changed"
)

// A Remark is something about a package that a reviewer wants to know.
type Remark struct {
	Code  string   `json:"code"`
	Text  string   `json:"text"`            // for a person; has no text of a map
	Items []string `json:"items,omitempty"` // places, commands, files: text of the map
	Alert bool     `json:"alert"`           // look at it before you accept the change

	Powers []nodejs.Power `json:"powers,omitempty"` // those that the package has gained or lost
}

// A Name is a name that means a file of another package than before.
type Name struct {
	From      string `json:"from"` // the key of the directory whose modules use the name; "" for all own ones
	Specifier string `json:"specifier"`
	Old       string `json:"old"` // a key or a URL
	New       string `json:"new"`
}

// A Part is a member of the map that differs, beside those that the report lists.
type Part struct {
	Name    string `json:"name"`
	Changes int    `json:"changes"` // number of its entries that differ; 1 if it has none
}

// Compare compares two maps. It returns an error of class [problem.Untrusted] if one of
// them is not well formed.
func Compare(old, new Input) (*Report, error) {
	was, err := read(old)
	if err != nil {
		return nil, err
	}
	is, err := read(new)
	if err != nil {
		return nil, err
	}
	r := &Report{
		Old: was.describe(old.Name), New: is.describe(new.Name),
		Settings: []Setting{}, Packages: []Package{}, Names: []Name{}, Moved: []string{}, Parts: []Part{}, Notes: []string{}, new: is,
	}
	if _, r.Same = mapfile.Compare(was.doc, is.doc); r.Same {
		return r, nil
	}
	r.compareSettings(was, is)
	c := comparison{Report: r, was: was, is: is}
	c.own()
	c.installed()
	c.finish()
	r.compareNames(was, is)
	r.compareParts(was, is)
	return r, nil
}

// Alerts counts the alerts.
func (r *Report) Alerts() int {
	n := len(r.Names)
	for _, s := range r.Settings {
		if s.Alert {
			n++
		}
	}
	for i := range r.Packages {
		for _, remark := range r.Packages[i].Remarks {
			if remark.Alert {
				n++
			}
		}
	}
	return n
}

// IsAlert reports whether a package has an alert.
func (p *Package) IsAlert() bool {
	for _, r := range p.Remarks {
		if r.Alert {
			return true
		}
	}
	return false
}

func (p *Package) isListed() bool {
	return p.Kind != Changed || len(p.Changed)+len(p.Added)+len(p.Removed)+len(p.Remarks) > 0
}
