// Package why explains why a map pins a file or a package of a program: by the imports that
// lead to it, or by the rule that pins it. For one that no map would pin, it says why not.
//
// The answer is about the files that are there: [Find] makes the map of the tree, as
// generate does, and compares the answer with the map that exists.
//
// docs/findings.md lists the codes of the answers.
package why

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/importmap"
	"github.com/nodeint/nodeint/integrity"
	"github.com/nodeint/nodeint/integrity/internal/coverage"
	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// Options say what Find explains.
type Options struct {
	Generate integrity.GenerateOptions
	Target   string // a file, the directory of a package, or a package: "express", "express@5.1.0"
	Path     string // Target as the absolute path of a file
}

// An Answer is the result of Find.
type Answer struct {
	Target string `json:"target"`
	Pinned bool   `json:"pinned"` // whether an item is
	Items  []Item `json:"items"`  // one for a file; one for each installed package of a name
}

// An Item is a file or a package.
type Item struct {
	Path    string   `json:"path"`              // relative to the root; of a package, its directory
	Package string   `json:"package,omitempty"` // name@version
	Pinned  bool     `json:"pinned"`
	Code    string   `json:"code"`           // the rule, or why it is not pinned
	Detail  string   `json:"detail"`         // one clause for a person
	Map     string   `json:"map"`            // InMap, NotInMap or NoMap
	Ways    [][]Step `json:"ways"`           // from an entry, the shortest first; at most maxWays
	Total   int      `json:"total"`          // number of ways
	Hint    string   `json:"hint,omitempty"` // one step to pin it
}

// Whether the map that exists has the file or package.
const (
	InMap    = "pinned"
	NotInMap = "not-pinned"
	NoMap    = "none"
)

// A Step is a place in a file that leads to another one.
type Step struct {
	Path      string `json:"path"` // relative to the root
	Package   string `json:"package,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"` // from 1, in bytes
	Kind      string `json:"kind"`             // one of the kinds
	Specifier string `json:"specifier,omitempty"`
	To        string `json:"to"` // the file, or for Declares the directory of the package
}

// The kinds of steps.
const (
	Imports  = "imports"  // by import
	Requires = "requires" // by require
	Names    = "names"    // by a path in another call, such as new Worker
	Traced   = "loaded"   // by a computed name; a trace has it
	Declares = "declares" // package.json lists the package
)

// maxWays is the number of ways of an item.
const maxWays = 20

// Find explains why a map of the tree pins a file or a package.
func Find(ctx context.Context, opt Options) (*Answer, error) {
	useMap(&opt.Generate)
	f := &finder{opt: opt, answer: &Answer{Target: opt.Target}}
	opt.Generate.Explain = f.explain
	g, err := integrity.Generate(ctx, opt.Generate)
	if err != nil {
		return nil, err
	}
	f.compare(g.Old)
	for _, item := range f.answer.Items {
		f.answer.Pinned = f.answer.Pinned || item.Pinned
	}
	return f.answer, nil
}

// useMap takes the entries, the coverage and the kind of the map that exists, which may have
// been given on the command line of generate. A map that cannot be read changes nothing.
func useMap(opt *integrity.GenerateOptions) {
	text, err := mapfile.ReadText(opt.Map)
	if err != nil {
		return
	}
	_, m, err := mapfile.Read(opt.Map, text)
	if err != nil || m.Digest == "" {
		return
	}
	var entries []string
	for _, e := range m.Entries {
		file := filepath.Join(opt.Project.Root, filepath.FromSlash(e))
		if exists, err := safefile.TargetExists(file); exists && err == nil {
			entries = append(entries, file)
		}
	}
	if len(opt.Entries) == 0 && opt.Start == nil && len(entries) == len(m.Entries) {
		opt.Entries = entries
	}
	if opt.Coverage == "" {
		opt.Coverage = m.Coverage
	}
	opt.Browser = opt.Browser || m.Browser
}

// A finder is one call of Find.
type finder struct {
	opt    Options
	answer *Answer

	// Of the map that generate makes.
	m    *mapfile.Map
	tree *tree.Tree
	why  *coverage.Reasons
	net  *network
}

// explain is integrity.GenerateOptions.Explain.
func (f *finder) explain(m *mapfile.Map, t *tree.Tree, why *coverage.Reasons) error {
	f.m, f.tree, f.why = m, t, why
	var err error
	if f.net, err = newNetwork(m, t, why); err != nil {
		return err
	}
	if p, inside := t.Rel(f.opt.Path); inside {
		if found, err := f.explainPath(p); found || err != nil {
			return err
		}
	}
	return f.explainPackages()
}

// explainPath adds the item of the file, link or package at p. found is false if nothing is
// there, and the map has nothing there.
func (f *finder) explainPath(p string) (found bool, err error) {
	place, err := f.tree.Resolve(p)
	if err != nil {
		return false, err
	}
	if f.isPinned(p) && place.Kind != tree.Directory {
		return true, f.addFile(p)
	}
	if _, isPackage := f.m.Packages[place.Path]; place.Kind == tree.Directory {
		if isPackage || mapfile.InstalledName(place.Path) != "" {
			return true, f.addPackage(place.Path)
		}
		return f.explainDirectory(place.Path)
	}
	if place.Kind == tree.None && !place.Outside {
		return f.explainAbsent(p)
	}
	if !place.Outside && f.isPinned(place.Path) {
		return true, f.addFile(place.Path)
	}
	f.add(f.notPinned(p, place))
	return true, nil
}

func (f *finder) isPinned(p string) bool {
	_, isFile := f.m.Files[p]
	_, isLink := f.m.Links[p]
	return isFile || isLink
}

// add adds an item.
func (f *finder) add(item Item) {
	item.Total = max(item.Total, len(item.Ways))
	if len(item.Ways) > maxWays {
		item.Ways = item.Ways[:maxWays]
	}
	if item.Ways == nil {
		item.Ways = [][]Step{}
	}
	f.answer.Items = append(f.answer.Items, item)
}

// compare says of each item whether the existing map has it.
func (f *finder) compare(old []byte) {
	keys := make(map[string]bool)
	if old != nil {
		if doc, err := importmap.ReadString(integrity.MapName, string(old)); err == nil {
			for _, e := range doc.Integrity {
				keys[e.Key] = true
			}
			if m, err := mapfile.Parse(integrity.MapName, doc); err == nil {
				for link := range m.Links {
					keys[mapfile.KeyOf(link)] = true
				}
			}
		}
	}
	for i := range f.answer.Items {
		item := &f.answer.Items[i]
		key := mapfile.KeyOf(item.Path)
		has := keys[key] || slices.ContainsFunc(mapKeys(keys), func(k string) bool { return strings.HasPrefix(k, key+"/") })
		switch {
		case old == nil:
			item.Map = NoMap
		case has:
			item.Map = InMap
		default:
			item.Map = NotInMap
		}
	}
}

func mapKeys(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	return keys
}
