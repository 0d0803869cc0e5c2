package nametable

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nodeint/nodeint/integrity/internal/mapfile"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// askNode is the value of a name that the map does not answer.
const askNode = 0

const builtinScheme = "node:"

// addNames adds the specifiers of the map.
func (b *builder) addNames(m *mapfile.Map) {
	for dir := range m.Packages {
		if utf8.ValidString(dir) && b.dirs[dir] != nil {
			b.dirs[dir].IsPackage = true
		}
	}
	if len(m.Names.Imports) > 0 {
		b.dir(m.Project).Imports = b.specifiers(m.Names.Imports)
	}
	for prefix, names := range m.Names.Scopes {
		if s := b.scope(prefix); s != nil {
			s.Scope = b.specifiers(names)
		}
	}
	for prefix, names := range m.Names.Require {
		if s := b.scope(prefix); s != nil {
			s.Require = b.specifiers(names)
		}
	}
}

// scope returns the scope with a prefix, or nil if no file below the root is in it.
func (b *builder) scope(prefix string) *scope {
	if prefix == "./" {
		return &b.dir("").scope
	}
	p, isDir := cut(prefix)
	p, err := mapfile.PathOf(p)
	if err != nil || !utf8.ValidString(p) {
		return nil
	}
	if isDir {
		return &b.dir(p).scope
	}
	d := b.dir(tree.Parent(p))
	if d.Single == nil {
		d.Single = make(map[string]*scope)
	}
	name := p[strings.LastIndexByte(p, '/')+1:]
	if d.Single[name] == nil {
		d.Single[name] = &scope{}
	}
	return d.Single[name]
}

// specifiers returns a specifier map. It is nil if it has no entries for Node.
func (b *builder) specifiers(names mapfile.Specifiers) *specifiers {
	s := &specifiers{}
	for specifier, address := range names {
		name, ok := b.specifier(specifier)
		if !ok {
			continue
		}
		if strings.HasSuffix(name, "/") {
			s.Prefixes = append(s.Prefixes, [2]any{name, b.directory(address)})
			continue
		}
		if s.Exact == nil {
			s.Exact = make(map[string]any, len(names))
		}
		s.Exact[name] = b.file(address)
	}
	if s.Exact == nil && s.Prefixes == nil {
		return nil
	}
	slices.SortFunc(s.Prefixes, func(x, y [2]any) int {
		return cmp.Or(cmp.Compare(len(y[0].(string)), len(x[0].(string))), cmp.Compare(x[0].(string), y[0].(string)))
	})
	return s
}

// specifier returns the form that a specifier has in the table. ok is false for one that
// no module of the program can mean in Node.
func (b *builder) specifier(s string) (name string, ok bool) {
	switch {
	case s == "", s[0] == '/', s == "..", strings.HasPrefix(s, "../"), !utf8.ValidString(s):
		return "", false
	case s == ".", s == "./":
		b.flags |= hasPaths
		return "./", true
	case strings.HasPrefix(s, "./"):
		p, isDir := cut(s)
		p, err := mapfile.PathOf(p)
		if err != nil || !utf8.ValidString(p) {
			return "", false
		}
		b.flags |= hasPaths
		if isDir {
			p += "/"
		}
		return "./" + p, true
	case strings.HasPrefix(s, builtinScheme):
		return s, true
	}
	return s, !nodejs.HasScheme(s)
}

// file returns the value of an address: a pinned file, a module of Node, or askNode for
// all else.
func (b *builder) file(address string) any {
	if strings.HasPrefix(address, builtinScheme) {
		return "/" + address
	}
	p, err := mapfile.PathOf(address)
	if err != nil || !b.isPinned[p] {
		return askNode
	}
	return p
}

// directory returns the value of the address of a prefix.
func (b *builder) directory(address string) any {
	p, isDir := cut(address)
	if !isDir {
		return askNode
	}
	if p == "." {
		return "/" // the root
	}
	p, err := mapfile.PathOf(p)
	if err != nil || !utf8.ValidString(p) {
		return askNode
	}
	return p + "/"
}
