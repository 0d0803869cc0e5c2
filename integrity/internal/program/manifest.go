package program

import (
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// Manifests reads the package.json files of a tree, each one once.
type Manifests struct {
	tree  *tree.Tree
	texts map[string][]byte // by directory
}

// NewManifests returns the manifests of t.
func NewManifests(t *tree.Tree) *Manifests {
	return &Manifests{tree: t, texts: make(map[string][]byte)}
}

// Read returns the text of the package.json in dir; nil if there is none.
func (m *Manifests) Read(dir string) ([]byte, error) {
	if text, ok := m.texts[dir]; ok {
		return text, nil
	}
	place, err := m.tree.Resolve(tree.Join(dir, nodejs.PackageJSON))
	if err != nil {
		return nil, problem.NotChecked(dir, "make this path readable", "%w", err)
	}
	var text []byte
	if place.Kind == tree.File {
		if text, err = m.tree.ReadFile(place.Path, nodejs.MaxPackageJSON); err != nil {
			return nil, problem.NotChecked(place.Path, "make this path readable", "%w", err)
		}
	}
	m.texts[dir] = text
	return text, nil
}

// Declared returns the names of the dependencies, optional dependencies, peer
// dependencies and bundled dependencies of the package in dir, sorted.
func (m *Manifests) Declared(dir string) ([]string, error) {
	text, err := m.Read(dir)
	if err != nil {
		return nil, err
	}
	names := make(map[string]bool)
	add := func(name string) {
		if name, sub := nodejs.SplitSpecifier(name); name != "" && sub == "" && !strings.HasPrefix(name, ".") {
			names[name] = true
		}
	}
	// A package may mark a peer as optional without declaring it as a peer.
	for _, section := range []string{"dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta"} {
		gjson.GetBytes(text, section).ForEach(func(k, _ gjson.Result) bool {
			add(k.Str)
			return true
		})
	}
	// npm accepts both spellings. What a package bundles, it need not declare otherwise.
	for _, section := range []string{"bundleDependencies", "bundledDependencies"} {
		if list := gjson.GetBytes(text, section); list.IsArray() {
			for _, e := range list.Array() {
				add(e.Str)
			}
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// ExportedName returns the name of the package in dir if it has exports; "" otherwise.
func (m *Manifests) ExportedName(dir string) (string, error) {
	text, err := m.Read(dir)
	if err != nil {
		return "", err
	}
	if p, ok := nodejs.ReadManifest(text); ok && p.Exports != nil {
		return p.Name, nil
	}
	return "", nil
}

// A declaration says how a package.json declares another package.
type declaration int

const (
	undeclared   declaration = iota
	required                 // in dependencies or peerDependencies
	optional                 // in optionalDependencies
	optionalPeer             // in peerDependenciesMeta, as optional
)

// declarationOf returns how a package.json declares the package name. Package managers
// let optionalDependencies override dependencies.
func declarationOf(text []byte, name string) declaration {
	has := func(section string) gjson.Result {
		return gjson.GetBytes(text, section+"."+gjson.Escape(name))
	}
	switch {
	case has("optionalDependencies").Exists():
		return optional
	case has("peerDependenciesMeta").Get("optional").Bool():
		return optionalPeer
	case has("dependencies").Exists(), has("peerDependencies").Exists():
		return required
	}
	return undeclared
}

// Package returns the name and version of the package in dir, and the install scripts of
// an installed one. They are for people: every package.json is pinned, so nothing depends
// on them.
func (m *Manifests) Package(dir string) (mapfile.Package, error) {
	text, err := m.Read(dir)
	if err != nil {
		return mapfile.Package{}, err
	}
	fields := gjson.GetManyBytes(text, "name", "version")
	p := mapfile.Package{Name: printable(fields[0]), Version: printable(fields[1])}
	if !mapfile.IsOwn(dir) {
		p.Install, err = m.install(dir, text)
	}
	return p, err
}

// printable returns a name or version if it contains only printable ASCII
// characters, so that a map cannot surprise a program that displays it.
func printable(r gjson.Result) string {
	if len(r.Str) > 214 || strings.ContainsFunc(r.Str, func(c rune) bool { return c < 0x21 || c > 0x7E }) {
		return ""
	}
	return r.Str
}
