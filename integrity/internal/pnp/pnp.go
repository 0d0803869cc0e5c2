// Package pnp reads the tables of Yarn's Plug'n'Play. They define which package a file
// belongs to, and the locations of the packages that it may import.
//
// The package runs no code. The text of .pnp.cjs contains the tables as a string. If
// the setting pnpEnableInlining is false, they are in .pnp.data.json next to it.
//
// # The tables
//
// The tables are JSON. The package reads these members of
// https://yarnpkg.com/advanced/pnp-spec:
//
//	packageRegistryData     [[name, [[reference, package], …]], …]. The name and the
//	                        reference of the project itself are null.
//	enableTopLevelFallback  Whether a package may also import what the project, or
//	                        fallbackPool, may import. Packages in
//	                        fallbackExclusionList may not.
//	fallbackExclusionList   [[name, [reference, …]], …]
//	fallbackPool            [[name, target], …]
//	ignorePatternData       A regular expression for files whose imports Node resolves
//	                        without the tables.
//
//	package                 {"packageLocation", "packageDependencies": [[name, target], …],
//	                        "discardFromLookup"}
//	target                  A reference, or [name, reference] for an alias, or null for
//	                        a dependency that is declared and not installed.
//
// A member, a package or a dependency that occurs twice is an error: readers differ on
// which one counts.
//
// # Paths
//
// All paths are slash-separated and relative to the directory of .pnp.cjs, which is "".
// A package is in a directory or in a zip: .yarn/cache/ms.zip/node_modules/ms.
//
// A package with peer dependencies has a virtual path for each set of them, which does
// not exist on disk. For example, .yarn/__virtual__/x/1/cache/a.zip/b stands for
// cache/a.zip/b. The number is how many levels above the directory that contains
// __virtual__ the rest of the path starts ([Real]).
package pnp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// The files that Yarn writes into the project's directory.
const (
	Program = ".pnp.cjs"        // the tables and the resolver
	Data    = ".pnp.data.json"  // the tables, if they are not in Program
	Loader  = ".pnp.loader.mjs" // the resolver for import
)

// MaxSize is the size limit for a file with tables, in bytes. The tables of a workspace
// of 5,000 packages have some 5 MB.
const MaxSize = 64 << 20

// A Locator identifies a package in the tables. The zero value is the project itself.
type Locator struct{ Name, Reference string }

// String returns the locator as in yarn.lock: name@reference, without the part of the
// reference that identifies a set of peer dependencies.
func (l Locator) String() string {
	reference := l.Reference
	if rest, ok := strings.CutPrefix(reference, "virtual:"); ok {
		_, reference, _ = strings.Cut(rest, "#")
	}
	return l.Name + "@" + reference
}

// IsWorkspace reports whether the package is the project or one of its workspaces.
func (l Locator) IsWorkspace() bool {
	return l == Locator{} || strings.HasPrefix(l.String()[len(l.Name)+1:], "workspace:")
}

// Tables are the parsed tables of a project.
type Tables struct {
	packages map[Locator]*packageInfo
	owners   map[string]Locator   // by path; without packages that have discardFromLookup
	at       map[string][]Locator // by real path
	fallback bool
	excluded map[Locator]bool
	pool     map[string]Locator
	ignored  *regexp.Regexp // nil ignores nothing
	rest     string         // the members that are not lists of packages, as canonical returns them
}

// A packageInfo is a package in the tables.
type packageInfo struct {
	path  string
	deps  map[string]Locator // the Reference is "" for a dependency that is not installed
	peers map[string]bool    // names of peer dependencies
	rest  string             // the other members, as canonical returns them
}

// FromProgram parses the text of .pnp.cjs. It returns nil and no error if the tables are
// not in it: then they are in .pnp.data.json.
func FromProgram(text []byte) (*Tables, error) {
	s, err := stateOf(text)
	if s.inData || err != nil {
		return nil, err
	}
	return Parse(s.raw)
}

// Split returns the text of the tables in a program, and the text of the program with
// empty tables: its code. code is nil if the tables are not a string, because only then
// the text around them is all of the code.
func Split(text []byte) (raw, code []byte, err error) {
	s, err := stateOf(text)
	if s.inData || !s.isString || err != nil {
		return nil, nil, err
	}
	return s.raw, slices.Concat(text[:s.start], text[s.end:]), nil
}

// A state is the tables in a program.
type state struct {
	raw        []byte
	inData     bool // the tables are in another file
	isString   bool // they are a string, whose content is text[start:end]
	start, end int
}

// stateOf finds the tables in a program. They are a string (Yarn 4), an object literal
// (Yarn 2 and 3), or in another file.
func stateOf(text []byte) (state, error) {
	const constant = "\nconst RAW_RUNTIME_STATE ="
	if i := bytes.Index(text, []byte(constant)); i >= 0 {
		rest := bytes.TrimLeft(text[i+len(constant):], " \r\n")
		raw, n, err := unquote(rest)
		start := len(text) - len(rest) + 1
		return state{raw: raw, isString: true, start: start, end: start + n}, err
	}
	const call = "return hydrateRuntimeState("
	i := bytes.Index(text, []byte(call))
	if i < 0 {
		return state{}, errors.New("no tables found: not written by Yarn, or by a version that is not supported")
	}
	rest := text[i+len(call):]
	if !bytes.HasPrefix(rest, []byte("{")) {
		return state{inData: true}, nil
	}
	end := bytes.Index(rest, []byte("\n  }, {basePath:")) // yarn writes it with this indentation
	if end < 0 {
		return state{}, errors.New("the tables have no end")
	}
	return state{raw: rest[:end+len("\n  }")]}, nil
}

// unquote returns the value of a JavaScript string in single quotes, and the length of
// the text between them. It accepts the escapes that Yarn writes: a line continuation,
// and a backslash before a character that stands for itself.
func unquote(text []byte) (value []byte, length int, err error) {
	if len(text) == 0 || text[0] != '\'' {
		return nil, 0, errors.New("the tables are not a string as Yarn writes it")
	}
	out := make([]byte, 0, len(text))
	for i := 1; i < len(text); i++ {
		switch c := text[i]; c {
		case '\'':
			return out, i - 1, nil
		case '\n':
			return nil, 0, errors.New("the string of the tables contains a line end")
		case '\\':
			if i++; i == len(text) {
				return nil, 0, errors.New("the string of the tables has no end")
			}
			switch c := text[i]; c {
			case '\n':
			case '\\', '\'', '"', '/':
				out = append(out, c)
			default:
				return nil, 0, fmt.Errorf("the string of the tables contains the escape \\%c, which Yarn does not write", c)
			}
		default:
			out = append(out, c)
		}
	}
	return nil, 0, errors.New("the string of the tables has no end")
}

// Parse parses the text of the tables.
func Parse(text []byte) (*Tables, error) {
	if !json.Valid(text) { // json.Valid limits the nesting depth, gjson does not
		return nil, errors.New("the tables are not JSON")
	}
	if !utf8.Valid(text) {
		return nil, errors.New("the tables are not UTF-8")
	}
	r := &reader{tables: &Tables{
		packages: make(map[Locator]*packageInfo), owners: make(map[string]Locator), at: make(map[string][]Locator),
		excluded: make(map[Locator]bool), pool: make(map[string]Locator),
	}}
	r.tables.rest = r.object("the top level", gjson.ParseBytes(text), r.member)
	if r.err == nil && r.tables.packages[Locator{}] == nil {
		r.fail("no entry for the project itself")
	}
	return r.tables, r.err
}

// A reader fills tables and keeps the first error.
type reader struct {
	tables *Tables
	err    error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("reading the tables: "+format, args...)
	}
}

// object calls each for every member of an object. It returns the members for which each
// returns false, as canonical returns them.
func (r *reader) object(what string, v gjson.Result, each func(name string, v gjson.Result) bool) (rest string) {
	if !v.IsObject() {
		r.fail("%s is not an object", what)
		return ""
	}
	seen := make(map[string]bool)
	others := make(map[string]json.RawMessage)
	v.ForEach(func(k, v gjson.Result) bool {
		if seen[k.Str] {
			r.fail("%s has the member %q twice", what, k.Str)
		}
		seen[k.Str] = true
		if !each(k.Str, v) {
			others[k.Str] = json.RawMessage(v.Raw)
		}
		return r.err == nil
	})
	return r.canonical(others)
}

// canonical returns JSON text that is the same for all texts with the same meaning: in
// objects, the order of members does not count.
func (r *reader) canonical(members map[string]json.RawMessage) string {
	var value any
	raw, err := json.Marshal(members)
	if err == nil {
		err = json.Unmarshal(raw, &value)
	}
	if err == nil {
		raw, err = json.Marshal(value)
	}
	if err != nil {
		r.fail("%w", err)
	}
	return string(raw)
}

// pairs calls each for every pair of [[a, b], …].
func (r *reader) pairs(what string, v gjson.Result, each func(a, b gjson.Result)) {
	if !v.IsArray() {
		r.fail("%s is not a list", what)
		return
	}
	v.ForEach(func(_, v gjson.Result) bool {
		pair := v.Array()
		if len(pair) != 2 || !v.IsArray() {
			r.fail("%s contains an item that is not a pair", what)
			return false
		}
		each(pair[0], pair[1])
		return r.err == nil
	})
}

// text returns a string that Yarn writes: not empty, and without the character that
// stands for a lone surrogate, which JavaScript reads in another way.
func (r *reader) text(what string, v gjson.Result) string {
	switch {
	case v.Type != gjson.String:
		r.fail("%s is not a string", what)
	case v.Str == "" || strings.ContainsRune(v.Str, utf8.RuneError):
		r.fail("%s is %q", what, v.Str)
	}
	return v.Str
}

// textOrNull is like text, but returns "" for null.
func (r *reader) textOrNull(what string, v gjson.Result) string {
	if v.Type == gjson.Null {
		return ""
	}
	return r.text(what, v)
}

// member reads a member of the top level. It returns false if the member has to be equal
// in all installs.
func (r *reader) member(name string, v gjson.Result) bool {
	t := r.tables
	switch name {
	case "packageRegistryData":
		names := make(map[string]bool)
		r.pairs(name, v, func(k, v gjson.Result) {
			name := r.textOrNull("a package's name", k)
			if names[name] {
				r.fail("the packages named %q are in two lists", name)
			}
			names[name] = true
			r.pairs("the package "+strconv.Quote(name), v, func(k, v gjson.Result) {
				r.addPackage(Locator{name, r.textOrNull("a reference", k)}, v)
			})
		})
		return true
	case "fallbackPool":
		t.pool = r.targets(name, v)
		return true
	case "enableTopLevelFallback":
		t.fallback = v.Type == gjson.True
	case "fallbackExclusionList":
		r.pairs(name, v, func(k, v gjson.Result) {
			for _, reference := range v.Array() {
				t.excluded[Locator{r.textOrNull(name, k), r.textOrNull(name, reference)}] = true
			}
		})
	case "ignorePatternData":
		t.ignored = pattern(r.textOrNull(name, v))
	}
	return false
}

// targets returns the packages that names resolve to.
func (r *reader) targets(what string, v gjson.Result) map[string]Locator {
	m := make(map[string]Locator)
	r.pairs(what, v, func(k, v gjson.Result) {
		name := r.text(what, k)
		if _, twice := m[name]; twice {
			r.fail("%s has %q twice", what, name)
		}
		m[name] = r.target(name, v)
	})
	return m
}

// target returns the package that a name resolves to.
func (r *reader) target(name string, v gjson.Result) Locator {
	switch {
	case v.Type == gjson.Null:
		return Locator{Name: name}
	case v.IsArray():
		if pair := v.Array(); len(pair) == 2 {
			return Locator{r.text("an alias", pair[0]), r.text("an alias", pair[1])}
		}
		r.fail("an alias is not a pair")
	}
	return Locator{name, r.text("a reference", v)}
}

func (r *reader) addPackage(l Locator, v gjson.Result) {
	p := &packageInfo{peers: make(map[string]bool)}
	located, discarded := false, false
	p.rest = r.object("a package", v, func(name string, v gjson.Result) bool {
		switch name {
		case "packageLocation":
			p.path, located = r.location(r.text(name, v)), true
			return true
		case "packageDependencies":
			p.deps = r.targets(name, v)
			return true
		case "discardFromLookup":
			discarded = v.Type == gjson.True
		case "packagePeers":
			for _, peer := range v.Array() {
				p.peers[r.text(name, peer)] = true
			}
		}
		return false
	})
	if r.err == nil && (!located || (l.Name == "") != (l.Reference == "")) {
		r.fail("the package %s has no location, or a name without a reference", l)
	}
	if r.tables.packages[l] != nil {
		r.fail("the package %s occurs twice", l)
	}
	r.tables.packages[l] = p
	// The last of several packages with one path counts, as in Yarn.
	if !discarded {
		r.tables.owners[p.path] = l
	}
	real := Real(p.path)
	r.tables.at[real] = append(r.tables.at[real], l)
}

// location returns a packageLocation as a path: "./a/" is "a". A path above the
// directory of .pnp.cjs starts with "../". Yarn compares locations as text, so there is
// one way to write each.
func (r *reader) location(location string) string {
	p := path.Clean(location)
	written := "./" + p + "/"
	switch {
	case p == ".":
		p, written = "", "./"
	case p == ".." || strings.HasPrefix(p, "../"):
		written = p + "/"
	}
	if location != written || path.IsAbs(location) || strings.ContainsAny(location, "\x00\\") {
		r.fail("the location %q is not one that Yarn writes", location)
	}
	return p
}

// pattern compiles ignorePatternData. Go's regular expressions have no look-aheads. Yarn
// uses them to exclude "." and ".." in the middle of a path, which no path here has, so
// they are removed. A pattern that still does not compile ignores nothing. esbuild does
// the same, and it resolves.
func pattern(text string) *regexp.Regexp {
	if text == "" {
		return nil
	}
	for _, ahead := range []string{`(?!\.)`, `(?!(?:^|\/)\.)`, `(?!\.{1,2}(?:\/|$))`, `(?!(?:^|\/)\.{1,2}(?:\/|$))`} {
		text = strings.ReplaceAll(text, ahead, "")
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil
	}
	return re
}
