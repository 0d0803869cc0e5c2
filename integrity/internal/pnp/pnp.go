// Package pnp reads the tables of Yarn's Plug'n'Play: which package a file belongs
// to, and where the packages lie that it may ask for. Nothing is run: the tables are
// taken from the text of .pnp.cjs, which has them as a string or, where the setting
// pnpEnableInlining is false, from .pnp.data.json beside it.
//
// # The tables
//
// JSON, of which these members are read (yarnpkg.com/advanced/pnp-spec):
//
//	packageRegistryData     [[name, [[reference, package], …]], …]; null for name and
//	                        reference is the project itself
//	enableTopLevelFallback  whether who is not in fallbackExclusionList may ask for
//	                        what the project, or fallbackPool, has
//	fallbackExclusionList   [[name, [reference, …]], …]
//	fallbackPool            [[name, target], …]
//	ignorePatternData       a regular expression: files that Node resolves by itself
//
//	package                 {"packageLocation", "packageDependencies": [[name, target], …],
//	                        "discardFromLookup"}
//	target                  a reference; [name, reference] under an alias; null for what
//	                        is declared and not there
//
// A member that stands there twice is refused: JSON.parse and other readers differ
// on which counts.
//
// # Paths
//
// All paths are relative to the folder of .pnp.cjs, with slashes, "" for that folder.
// A package lies in a folder, or in a zip: .yarn/cache/ms.zip/node_modules/ms. One
// with peer dependencies has a place of its own for each set of them, which is on no
// disk: .yarn/__virtual__/x/1/cache/a.zip/b stands for cache/a.zip/b, as many folders
// up as the number says, from the folder that holds __virtual__ ([Real]).
package pnp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// The files that Yarn writes into the project's folder.
const (
	Program = ".pnp.cjs"        // the tables and what resolves by them
	Data    = ".pnp.data.json"  // the tables, where they are not in Program
	Loader  = ".pnp.loader.mjs" // hooks for import
)

// MaxSize is how large the text of the tables may be, in bytes: those of a
// workspace of 5,000 packages have some 5 MB.
const MaxSize = 64 << 20

// A Locator names a package among the tables. The zero value is the project itself.
type Locator struct{ Name, Reference string }

// String gives the locator as yarn.lock has it: without what a set of peer
// dependencies adds to the reference.
func (l Locator) String() string {
	reference := l.Reference
	if rest, ok := strings.CutPrefix(reference, "virtual:"); ok {
		_, reference, _ = strings.Cut(rest, "#")
	}
	return l.Name + "@" + reference
}

// IsWorkspace reports whether the package is the project's own.
func (l Locator) IsWorkspace() bool {
	return l == Locator{} || strings.HasPrefix(l.String()[len(l.Name)+1:], "workspace:")
}

// Tables say where packages lie and what each may ask for.
type Tables struct {
	packages map[Locator]*pack
	owners   map[string]Locator   // by place; without what is discarded from look-ups
	at       map[string][]Locator // by real place
	fallback bool
	excluded map[Locator]bool
	pool     map[string]Locator
	ignored  *regexp.Regexp // nil ignores nothing
}

type pack struct {
	place string
	deps  map[string]Locator // Reference is "" for what is not there
}

// FromProgram reads the text of .pnp.cjs. Where the tables are not in it, it
// returns nil and no error: they are in .pnp.data.json then.
func FromProgram(text []byte) (*Tables, error) {
	raw, inData, err := stateOf(text)
	if inData || err != nil {
		return nil, err
	}
	return Parse(raw)
}

// stateOf finds the tables in a program: as a string (yarn 4), as an object
// (yarn 2 and 3), or elsewhere.
func stateOf(text []byte) (raw []byte, inData bool, err error) {
	if i := bytes.Index(text, []byte("\nconst RAW_RUNTIME_STATE =")); i >= 0 {
		rest := bytes.TrimLeft(text[i+len("\nconst RAW_RUNTIME_STATE ="):], " \r\n")
		raw, err = unquote(rest)
		return raw, false, err
	}
	const call = "return hydrateRuntimeState("
	i := bytes.Index(text, []byte(call))
	if i < 0 {
		return nil, false, errors.New("it has no tables, so Yarn did not write it, or a Yarn that is not known yet")
	}
	rest := text[i+len(call):]
	if !bytes.HasPrefix(rest, []byte("{")) {
		return nil, true, nil
	}
	end := bytes.Index(rest, []byte("\n  }, {basePath:")) // yarn writes it with this indentation
	if end < 0 {
		return nil, false, errors.New("its tables have no end")
	}
	return rest[:end+len("\n  }")], false, nil
}

// unquote reads a JavaScript string in single quotes, of which Yarn uses these
// escapes: a line that goes on, and a character that stands for itself.
func unquote(text []byte) ([]byte, error) {
	if len(text) == 0 || text[0] != '\'' {
		return nil, errors.New("its tables are no string as Yarn writes it")
	}
	out := make([]byte, 0, len(text))
	for i := 1; i < len(text); i++ {
		switch c := text[i]; c {
		case '\'':
			return out, nil
		case '\n':
			return nil, errors.New("the string of its tables ends within a line")
		case '\\':
			if i++; i == len(text) {
				return nil, errors.New("the string of its tables has no end")
			}
			switch c := text[i]; c {
			case '\n':
			case '\\', '\'', '"', '/':
				out = append(out, c)
			default:
				return nil, fmt.Errorf("the string of its tables has the escape \\%c, which Yarn does not write", c)
			}
		default:
			out = append(out, c)
		}
	}
	return nil, errors.New("the string of its tables has no end")
}

// Parse reads the tables.
func Parse(text []byte) (*Tables, error) {
	if !json.Valid(text) { // which has a limit on how deep it nests, and gjson has none
		return nil, errors.New("the tables are not JSON")
	}
	r := &reader{tables: &Tables{
		packages: make(map[Locator]*pack), owners: make(map[string]Locator), at: make(map[string][]Locator),
		excluded: make(map[Locator]bool), pool: make(map[string]Locator),
	}}
	r.object("the tables", gjson.ParseBytes(text), r.member)
	if r.err == nil && r.tables.packages[Locator{}] == nil {
		r.bad("they have no entry for the project itself")
	}
	return r.tables, r.err
}

// A reader keeps the first thing that is not as it should be.
type reader struct {
	tables *Tables
	err    error
}

func (r *reader) bad(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("reading the tables: "+format, args...)
	}
}

func (r *reader) object(what string, v gjson.Result, each func(name string, v gjson.Result)) {
	if !v.IsObject() {
		r.bad("%s is no object", what)
		return
	}
	seen := make(map[string]bool)
	v.ForEach(func(k, v gjson.Result) bool {
		if seen[k.Str] {
			r.bad("%s has the member %q twice", what, k.Str)
		}
		seen[k.Str] = true
		each(k.Str, v)
		return r.err == nil
	})
}

// pairs reads [[a, b], …].
func (r *reader) pairs(what string, v gjson.Result, each func(a, b gjson.Result)) {
	if !v.IsArray() {
		r.bad("%s is no list", what)
		return
	}
	v.ForEach(func(_, v gjson.Result) bool {
		pair := v.Array()
		if len(pair) != 2 || !v.IsArray() {
			r.bad("%s has what is no pair", what)
			return false
		}
		each(pair[0], pair[1])
		return r.err == nil
	})
}

func (r *reader) text(what string, v gjson.Result) string {
	if v.Type != gjson.String {
		r.bad("%s is no string", what)
	}
	return v.Str
}

// orNull is text, "" for null.
func (r *reader) orNull(what string, v gjson.Result) string {
	if v.Type == gjson.Null {
		return ""
	}
	return r.text(what, v)
}

func (r *reader) member(name string, v gjson.Result) {
	t := r.tables
	switch name {
	case "enableTopLevelFallback":
		t.fallback = v.Type == gjson.True
	case "fallbackExclusionList":
		r.pairs(name, v, func(k, v gjson.Result) {
			for _, reference := range v.Array() {
				t.excluded[Locator{r.orNull(name, k), r.orNull(name, reference)}] = true
			}
		})
	case "fallbackPool":
		r.pairs(name, v, func(k, v gjson.Result) { t.pool[r.text(name, k)] = r.target(k.Str, v) })
	case "ignorePatternData":
		t.ignored = pattern(r.orNull(name, v))
	case "packageRegistryData":
		r.pairs(name, v, func(k, v gjson.Result) {
			name := r.orNull("a package's name", k)
			r.pairs("the package "+strconv.Quote(name), v, func(k, v gjson.Result) {
				r.pack(Locator{name, r.orNull("a reference", k)}, v)
			})
		})
	}
}

// target reads what a name stands for.
func (r *reader) target(name string, v gjson.Result) Locator {
	switch {
	case v.Type == gjson.Null:
		return Locator{Name: name}
	case v.IsArray():
		if pair := v.Array(); len(pair) == 2 {
			return Locator{r.text("an alias", pair[0]), r.text("an alias", pair[1])}
		}
		r.bad("an alias is no pair")
	}
	return Locator{name, r.text("a reference", v)}
}

func (r *reader) pack(l Locator, v gjson.Result) {
	p := &pack{deps: make(map[string]Locator)}
	discarded := false
	r.object("a package", v, func(name string, v gjson.Result) {
		switch name {
		case "packageLocation":
			p.place = r.place(r.text(name, v))
		case "packageDependencies":
			r.pairs(name, v, func(k, v gjson.Result) { p.deps[r.text(name, k)] = r.target(k.Str, v) })
		case "discardFromLookup":
			discarded = v.Type == gjson.True
		}
	})
	if r.tables.packages[l] != nil {
		r.bad("the package %s is there twice", l)
	}
	r.tables.packages[l] = p
	// Of several packages with one place the last counts, as Yarn has it.
	if !discarded {
		r.tables.owners[p.place] = l
	}
	real := Real(p.place)
	r.tables.at[real] = append(r.tables.at[real], l)
}

// place gives a location as a path: "./a/" is "a". One above the folder begins with
// "../".
func (r *reader) place(location string) string {
	if path.IsAbs(location) || strings.ContainsAny(location, "\x00\\") || !strings.HasSuffix(location, "/") {
		r.bad("the location %q is none that Yarn writes", location)
	}
	if p := path.Clean(location); p != "." {
		return p
	}
	return ""
}

// pattern compiles what files are to be ignored. Go knows no look-aheads; Yarn uses
// them to leave out "." and ".." in the middle of a path, which no path here has. So
// esbuild does, which resolves: a pattern that it cannot read ignores nothing.
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
