package importmap

import (
	"fmt"
	"slices"
	"strings"
)

// A Map is an import map of the HTML standard
// (https://html.spec.whatwg.org/#import-map). Document.Parse makes it from a document
// and the URL of the document. All URLs in it are serialised.
type Map struct {
	Imports   Specifiers
	Scopes    []Scope           // the most specific first
	Integrity map[string]string // metadata by URL
}

// Specifiers is a module specifier map of the standard
// (https://html.spec.whatwg.org/#module-specifier-map): URLs by specifier. A specifier
// that can be parsed as a URL is serialised. An empty URL is null in the standard:
// resolving the specifier is an error.
//
// The standard sorts a module specifier map in descending order, so that the longest
// matching key is found first. This package looks up all possible keys from the
// longest to the shortest, with the same result.
type Specifiers map[string]string

// A Scope is the module specifier map for modules below a URL.
type Scope struct {
	Prefix  string // a URL; if it ends in "/", it covers all URLs that begin with it, otherwise only itself
	Imports Specifiers
}

// A Warning reports a part of a map that the standard ignores.
type Warning struct {
	Key    string // the member, such as imports["a"] or scopes["/js/"]["a"]
	Reason string
}

// String returns the warning in one line: key: reason.
func (w Warning) String() string { return w.Key + ": " + w.Reason }

// Parse returns the map that a browser makes from the document at baseURL: "parse an
// import map string" (https://html.spec.whatwg.org/#parse-an-import-map-string). It
// returns a warning for each part that the standard ignores. It returns an error if
// baseURL is not an absolute URL, or if the standard throws a TypeError.
func (d *Document) Parse(baseURL string) (*Map, []Warning, error) {
	base, ok := parseURL(baseURL, nil)
	if !ok {
		return nil, nil, fmt.Errorf("parse import map: base %s is not an absolute URL", quoteShort(baseURL))
	}
	p := &mapParser{base: base}
	m := &Map{Imports: Specifiers{}}
	var err error
	if d.Imports != nil {
		if m.Imports, err = p.specifiers(scanRaw(d.file, "imports", d.Imports)); err != nil {
			return nil, nil, err
		}
	}
	if d.Scopes != nil {
		if m.Scopes, err = p.scopes(d); err != nil {
			return nil, nil, err
		}
	}
	m.Integrity = p.integrity(d.Integrity)
	for _, member := range d.Members {
		p.warn([]step{{member.Name, inObject}}, "not a member of import maps")
	}
	return m, p.warnings, nil
}

// scanRaw returns a scanner for the text of a section. Read has checked the text, so an
// error occurs only in a document that the caller made, and has no position.
func scanRaw(file, section string, raw []byte) *scanner {
	s := &scanner{file: file, text: string(raw), path: []step{{section, inObject}}}
	s.space()
	return s
}

type mapParser struct {
	base     *parsedURL
	warnings []Warning
}

func (p *mapParser) warn(path []step, reason string) {
	p.warnings = append(p.warnings, Warning{keyPath(path), reason})
}

// specifiers implements "sort and normalize a module specifier map".
func (p *mapParser) specifiers(s *scanner) (Specifiers, error) {
	imports := Specifiers{}
	if err := s.wantObject(); err != nil {
		return nil, err
	}
	err := s.object(func(m member) error {
		if m.name == "" {
			p.warn(s.path, "a specifier cannot be empty")
			return s.value()
		}
		key := m.name
		if u, ok := parseURLLike(key, p.base); ok {
			key = u.href
		}
		address, err := p.address(s, m.name)
		imports[key] = address
		return err
	})
	return imports, err
}

// address reads the value of a specifier. If the standard stores null for it, address
// returns "" and adds a warning.
func (p *mapParser) address(s *scanner, specifier string) (string, error) {
	if s.peek() != '"' {
		p.warn(s.path, "the address is not a string")
		return "", s.value()
	}
	address, err := s.str()
	if err != nil {
		return "", err
	}
	u, ok := parseURLLike(address, p.base)
	switch {
	case !ok:
		p.warn(s.path, "the address is not a URL and does not begin with /, ./ or ../")
		return "", nil
	case strings.HasSuffix(specifier, "/") && !strings.HasSuffix(u.href, "/"):
		p.warn(s.path, `the specifier ends in "/" and its address does not`)
		return "", nil
	}
	return u.href, nil
}

// scopes implements "sort and normalize scopes".
func (p *mapParser) scopes(d *Document) ([]Scope, error) {
	s := scanRaw(d.file, "scopes", d.Scopes)
	if err := s.wantObject(); err != nil {
		return nil, err
	}
	var scopes []Scope
	index := map[string]int{}
	err := s.object(func(m member) error {
		if s.peek() != '{' {
			return d.ErrorAt(s.kind()+" where an object should be", "scopes", m.name)
		}
		u, ok := parseURL(m.name, p.base)
		if !ok {
			p.warn(s.path, "the scope's prefix is not a URL")
			return s.value()
		}
		imports, err := p.specifiers(s)
		i, again := index[u.href]
		if !again {
			i, index[u.href] = len(scopes), len(scopes)
			scopes = append(scopes, Scope{Prefix: u.href})
		}
		scopes[i].Imports = imports
		return err
	})
	// The standard sorts by UTF-16 code units. Opaque hosts and paths are not always
	// ASCII. But the scopes that can cover one URL are all prefixes of it, and
	// prefixes of one URL have the same order by bytes.
	slices.SortFunc(scopes, func(a, b Scope) int { return strings.Compare(b.Prefix, a.Prefix) })
	return scopes, err
}

// integrity implements "normalize a module integrity map". Read has checked that the
// values are strings.
func (p *mapParser) integrity(entries []Entry) map[string]string {
	normal := make(map[string]string, len(entries))
	dir, _ := parseURL("./", p.base)
	for _, e := range entries {
		if href, ok := joinKey(dir, e.Key); ok {
			normal[href] = e.Value
		} else if u, ok := parseURLLike(e.Key, p.base); ok {
			normal[u.href] = e.Value
		} else {
			p.warn([]step{{"integrity", inObject}, {e.Key, inObject}}, "the key is not a URL and does not begin with /, ./ or ../")
		}
	}
	return normal
}

// joinKey resolves a key that has the form of KeyOf, in a fraction of the time that the
// URL parser takes. The parser would append such a key to the directory of the base
// unchanged. joinKey does not resolve a key with "|", which the parser reads as ":"
// after a drive letter.
func joinKey(dir *parsedURL, key string) (href string, ok bool) {
	if dir == nil || strings.Contains(key, "|") {
		return "", false
	}
	if _, err := pathOf(key, false); err != nil {
		return "", false
	}
	return dir.href + key[len("./"):], true
}

// Resolve returns the URL of a specifier in the module at baseURL: "resolve a module
// specifier" (https://html.spec.whatwg.org/#resolve-a-module-specifier). It returns an
// error if baseURL is not an absolute URL, or if the standard throws a TypeError: the
// map blocks the specifier (null), a bare specifier is not in the map, or a prefix
// match leaves the address of the prefix.
func (m *Map) Resolve(specifier, baseURL string) (string, error) {
	base, ok := parseURL(baseURL, nil)
	if !ok {
		return "", fmt.Errorf("resolve %s: base %s is not an absolute URL", quoteShort(specifier), quoteShort(baseURL))
	}
	name := specifier
	asURL, isURL := parseURLLike(specifier, base)
	if isURL {
		name = asURL.href
	}
	prefixes := !isURL || asURL.isSpecial()
	for _, imports := range m.covering(base.href) {
		if u, found, err := imports.match(name, prefixes); err != nil {
			return "", fmt.Errorf("resolve %s from %s: %w", quoteShort(specifier), base.href, err)
		} else if found {
			return u, nil
		}
	}
	if !isURL {
		return "", fmt.Errorf("resolve %s from %s: the import map has no entry for this bare specifier", quoteShort(specifier), base.href)
	}
	return asURL.href, nil
}

// covering returns the specifier maps for a module, in the order of lookup: those of
// the scopes that cover it, then imports.
func (m *Map) covering(module string) []Specifiers {
	var maps []Specifiers
	for _, scope := range m.Scopes {
		if covers(scope.Prefix, module) {
			maps = append(maps, scope.Imports)
		}
	}
	return append(maps, m.Imports)
}

// match implements "resolve an imports match". prefixes is false for URLs that are not
// special: the standard matches no prefix of those.
func (imports Specifiers) match(name string, prefixes bool) (href string, found bool, err error) {
	if address, ok := imports[name]; ok {
		if address == "" {
			return "", false, fmt.Errorf("the import map blocks %s", quoteShort(name))
		}
		return address, true, nil
	}
	if !prefixes {
		return "", false, nil
	}
	for i := strings.LastIndexByte(name, '/'); i >= 0; i = strings.LastIndexByte(name[:i], '/') {
		prefix, rest := name[:i+1], name[i+1:]
		if address, ok := imports[prefix]; ok {
			href, err := below(prefix, address, rest)
			return href, err == nil, err
		}
	}
	return "", false, nil
}

// below resolves the rest of a specifier, after a prefix, against the address of the
// prefix.
func below(prefix, address, rest string) (string, error) {
	if address == "" {
		return "", fmt.Errorf("the import map blocks %s", quoteShort(prefix))
	}
	base, ok := parseURL(address, nil)
	if !ok {
		return "", fmt.Errorf("the address of %s is not a URL", quoteShort(prefix))
	}
	u, ok := parseURL(rest, base)
	switch {
	case !ok:
		return "", fmt.Errorf("%s is not a URL below %s", quoteShort(rest), address)
	case !strings.HasPrefix(u.href, address):
		return "", fmt.Errorf("%s is outside %s", quoteShort(rest), address)
	}
	return u.href, nil
}

// IntegrityOf returns the metadata of a URL, or "" if there is none: "resolve a module
// integrity metadata"
// (https://html.spec.whatwg.org/#resolving-a-module-integrity-metadata). The URL has to
// be serialised, as Resolve returns it.
func (m *Map) IntegrityOf(url string) string { return m.Integrity[url] }
