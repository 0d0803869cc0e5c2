// Package nametable makes the table from which the preload answers what a name means:
// the imports and scopes of the map, the pinned files, the links of the map, and what the
// pinned package.json files say about formats and directories. The preload then asks
// neither Node nor the file system.
//
// # The table
//
// The table is a section of the image of package launch. Numbers are little-endian.
//
//	u32       number of directories
//	u32       1 if a specifier in the table is a path, 2 if the map has links; or both
//	…         one record for each directory, sorted by its bytes: the first 16 bytes of
//	          the SHA-256 of the directory's path, the offset of its text from the end of
//	          the records (u32), and the length of the text (u32)
//	…         the texts, JSON
//
// The text of a directory is an object. Each member may be absent:
//
//	f  names of the pinned files in the directory
//	l  links in the directory: target by name
//	t  the type in its package.json: "module", "commonjs", "none" for any other or no
//	   type, or "?" if Node may read the file in another way than nodeint
//	m  the main in its package.json
//	o  true for the directory of a package
//	i  the imports of the map (only in the directory of the project)
//	c  the conditions for which the map was generated (only in the root)
//	s  the scope whose prefix is the directory
//	r  of nodeint.require, the same
//	x  the scopes of single files, by name: objects with s and r
//
// A name is looked up for require in each r and then in each s, and for import in each s:
// in the directory of the module and those above it, as far as the directory of its
// package, and in i there. [mapfile.Names] says why no further.
//
// i, s and r are specifier maps: {"e": {SPECIFIER: VALUE}, "p": [[PREFIX, VALUE], …]},
// with the longest prefixes first. A specifier that is a path begins with "./" and is
// relative to the root. A value is the path of a pinned file (or of a directory, with "/"
// at its end, for a prefix), "/node:NAME" for a module of Node, or 0: ask Node.
//
// All paths are relative to the root, with slashes and not percent-encoded. Names that are
// not UTF-8 are left out. The root is "".
package nametable

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/jsontext"
)

const (
	keySize  = 16
	hasPaths = 1
	hasLinks = 2
)

// A directory is the text of one.
type directory struct {
	Files     []string          `json:"f,omitempty"`
	Links     map[string]string `json:"l,omitempty"`
	Type      string            `json:"t,omitempty"`
	Main      string            `json:"m,omitempty"`
	IsPackage bool              `json:"o,omitempty"`
	Imports   *specifiers       `json:"i,omitempty"`

	Conditions []string `json:"c,omitempty"`
	scope
	Single map[string]*scope `json:"x,omitempty"`
}

// A scope is what the map says for the files of a directory, or for one file.
type scope struct {
	Scope   *specifiers `json:"s,omitempty"`
	Require *specifiers `json:"r,omitempty"`
}

type specifiers struct {
	Exact    map[string]any `json:"e,omitempty"`
	Prefixes [][2]any       `json:"p,omitempty"`
}

// Of returns the table of a map for the tree at root. It reads the pinned package.json
// files that are not in manifests, which has the bytes of those that were compared with the
// map, by path. leftOut has the directories of the packages that the tree does not have: names
// that mean their files are left to Node. A map without the member nodeint has no table,
// since nobody has looked for files that Node would find first.
func Of(root string, m *mapfile.Map, leftOut map[string]int, manifests map[string][]byte) ([]byte, error) {
	if m.Digest == "" {
		return nil, nil
	}
	b := &builder{dirs: make(map[string]*directory), isPinned: make(map[string]bool, len(m.Pinned))}
	var unread []mapfile.Pinned
	for _, f := range m.Pinned {
		if !utf8.ValidString(f.Path) || isBelow(f.Path, leftOut) {
			continue
		}
		b.isPinned[f.Path] = true
		dir := b.dir(tree.Parent(f.Path))
		dir.Files = append(dir.Files, path.Base(f.Path))
		if path.Base(f.Path) == nodejs.PackageJSON {
			if data, ok := manifests[f.Path]; ok && len(data) <= nodejs.MaxPackageJSON {
				dir.Type, dir.Main = readManifest(data)
			} else {
				unread = append(unread, f)
			}
		}
	}
	b.dir("").Conditions = m.Conditions
	b.addLinks(m)
	b.addNames(m)
	if err := b.addManifests(root, unread); err != nil {
		return nil, err
	}
	return b.encode()
}

func isBelow(p string, dirs map[string]int) bool {
	if len(dirs) == 0 {
		return false
	}
	for dir := tree.Parent(p); dir != ""; dir = tree.Parent(dir) {
		if _, ok := dirs[dir]; ok {
			return true
		}
	}
	return false
}

type builder struct {
	dirs     map[string]*directory
	isPinned map[string]bool
	flags    uint32
}

func (b *builder) dir(p string) *directory {
	d := b.dirs[p]
	if d == nil {
		d = &directory{}
		b.dirs[p] = d
	}
	return d
}

// addLinks adds the links whose target is below the root.
func (b *builder) addLinks(m *mapfile.Map) {
	for link, key := range m.Links {
		target, err := mapfile.PathOf(key)
		if err != nil || !utf8.ValidString(link) || !utf8.ValidString(target) {
			continue
		}
		d := b.dir(tree.Parent(link))
		if d.Links == nil {
			d.Links = make(map[string]string)
		}
		d.Links[path.Base(link)] = target
		b.flags |= hasLinks
	}
}

// encode returns the table.
func (b *builder) encode() ([]byte, error) {
	type record struct {
		key  [sha256.Size]byte
		text []byte
	}
	records := make([]record, 0, len(b.dirs))
	size := 0
	for p, d := range b.dirs {
		text, err := jsontext.Marshal(d)
		if err != nil {
			return nil, err
		}
		size += len(text)
		records = append(records, record{sha256.Sum256([]byte(p)), text})
	}
	slices.SortFunc(records, func(x, y record) int { return bytes.Compare(x.key[:], y.key[:]) })
	out := make([]byte, 0, 8+len(records)*(keySize+8)+size)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(records)))
	out = binary.LittleEndian.AppendUint32(out, b.flags)
	at := 0
	for _, r := range records {
		out = append(out, r.key[:keySize]...)
		out = binary.LittleEndian.AppendUint32(out, uint32(at))
		out = binary.LittleEndian.AppendUint32(out, uint32(len(r.text)))
		at += len(r.text)
	}
	for _, r := range records {
		out = append(out, r.text...)
	}
	return out, nil
}

// cut is strings.CutSuffix for the "/" of a directory.
func cut(p string) (string, bool) { return strings.CutSuffix(p, "/") }
