package importmap

import (
	"fmt"
	"slices"
	"strings"
)

// A Map is the standard's import map: what Document.Parse made of a document and the
// URL it lies at. All URLs are serialised.
type Map struct {
	Imports   Specifiers
	Scopes    []Scope           // sorted, the most specific first
	Integrity map[string]string // metadata by URL
}

// Specifiers is a module specifier map: URLs by specifier, which is a URL where it can
// be one. An empty URL is the standard's null: the specifier resolves to an error.
//
// The standard sorts a module specifier map in descending order, for the longest key
// that matches to be found first. Here lookup goes from the longest possible key to
// the shortest, which comes to the same.
type Specifiers map[string]string

// A Scope holds what module specifiers mean for modules below a URL.
type Scope struct {
	Prefix  string // a URL; it covers what begins with it if it ends in "/", else itself
	Imports Specifiers
}

// A Warning is a part of a map that the standard ignores.
type Warning struct {
	Key    string // the place: imports["a"], scopes["/js/"]["a"]
	Reason string
}

func (w Warning) String() string { return w.Key + ": " + w.Reason }

// Parse makes the map that a browser makes of the document at baseURL: "parse an import
// map string" (https://html.spec.whatwg.org/#parse-an-import-map-string). A part that
// the standard ignores is a warning, what it throws a TypeError for is an error.
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

// scanRaw reads a section's own text. It was read before: an error has no place and is
// of a document that the program made.
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

// specifiers is "sort and normalize a module specifier map".
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

// address reads the value of a specifier. It returns "", and warns, for the standard's null.
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

// scopes is "sort and normalize scopes".
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
	// The standard sorts by UTF-16 code units. Serialised URLs are ASCII, but for opaque
	// hosts' and paths' sake: of the scopes that can cover one URL, all are prefixes of
	// it, and those lie in the same order by bytes.
	slices.SortFunc(scopes, func(a, b Scope) int { return strings.Compare(b.Prefix, a.Prefix) })
	return scopes, err
}

// integrity is "normalize a module integrity map". That the values are strings was seen
// to by Read.
func (p *mapParser) integrity(entries []Entry) map[string]string {
	normal := make(map[string]string, len(entries))
	folder, _ := parseURL("./", p.base)
	for _, e := range entries {
		if href, ok := joinKey(folder, e.Key); ok {
			normal[href] = e.Value
		} else if u, ok := parseURLLike(e.Key, p.base); ok {
			normal[u.href] = e.Value
		} else {
			p.warn([]step{{"integrity", inObject}, {e.Key, inObject}}, "the key is not a URL and does not begin with /, ./ or ../")
		}
	}
	return normal
}

// joinKey resolves a key of nodeint's form, which a URL parser would append to the
// base's folder as it is, at a fraction of the parser's cost. "|" is left to the
// parser: after a drive's letter it reads ":".
func joinKey(folder *parsedURL, key string) (href string, ok bool) {
	if folder == nil || strings.Contains(key, "|") {
		return "", false
	}
	if _, err := pathOf(key, false); err != nil {
		return "", false
	}
	return folder.href + key[len("./"):], true
}

// Resolve returns the URL that a specifier means in the module at baseURL: "resolve a
// module specifier" (https://html.spec.whatwg.org/#resolve-a-module-specifier).
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
		return "", fmt.Errorf("resolve %s from %s: a bare specifier that the import map does not map", quoteShort(specifier), base.href)
	}
	return asURL.href, nil
}

// covering returns the specifier maps that hold for a module, in order: those of the
// scopes that cover it, then imports.
func (m *Map) covering(module string) []Specifiers {
	var maps []Specifiers
	for _, scope := range m.Scopes {
		if scope.Prefix == module || strings.HasSuffix(scope.Prefix, "/") && strings.HasPrefix(module, scope.Prefix) {
			maps = append(maps, scope.Imports)
		}
	}
	return append(maps, m.Imports)
}

// match is "resolve an imports match". A prefix counts only for bare specifiers and
// special URLs.
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

// below resolves what follows a prefix against the prefix's address.
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
		return "", fmt.Errorf("%s is no URL below %s", quoteShort(rest), address)
	case !strings.HasPrefix(u.href, address):
		return "", fmt.Errorf("%s leads out of %s", quoteShort(rest), address)
	}
	return u.href, nil
}

// IntegrityOf returns the metadata of a URL, "" where there is none: "resolve a module
// integrity metadata" (https://html.spec.whatwg.org/#resolving-a-module-integrity-metadata).
// The URL is one that Resolve returned, or is serialised as those are.
func (m *Map) IntegrityOf(url string) string { return m.Integrity[url] }
