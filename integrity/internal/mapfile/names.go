package mapfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/jsontext"
)

// Specifiers maps specifiers to addresses: the key of a file, or the URL of a module of
// Node ("node:fs"). "" is null.
type Specifiers map[string]string

// Names say which file each name means. The keys of Scopes and of Require are keys of
// directories: "./node_modules/a/", and "./" for the root.
//
// Imports and Scopes are the sections of the standard. They hold what import gets. What
// require gets is in Require, where it differs. There null says that the map does not
// know: Node answers.
//
// The names in Imports are those of modules of the project's own package: a module of
// another package is answered by Scopes alone, and only by those of its package and of
// directories in it.
type Names struct {
	Imports Specifiers
	Scopes  map[string]Specifiers
	Require map[string]Specifiers
}

// Kept are the keys of entries that generate has not made, and keeps: those that a person
// or another tool has written.
type Kept struct {
	Imports   []string            `json:"imports,omitempty"`
	Scopes    map[string][]string `json:"scopes,omitempty"` // by scope
	Integrity []string            `json:"integrity,omitempty"`
}

func (k *Kept) isZero() bool {
	return len(k.Imports)+len(k.Scopes)+len(k.Integrity) == 0
}

// rootScope stands for the section imports where scopes are listed.
const rootScope = ""

// has reports whether k lists an entry of a scope.
func (k *Kept) has(scope, specifier string) bool {
	if scope == rootScope {
		return slices.Contains(k.Imports, specifier)
	}
	return slices.Contains(k.Scopes[scope], specifier)
}

func (k *Kept) add(scope, specifier string) {
	if scope == rootScope {
		k.Imports = append(k.Imports, specifier)
		return
	}
	if k.Scopes == nil {
		k.Scopes = make(map[string][]string)
	}
	k.Scopes[scope] = append(k.Scopes[scope], specifier)
}

// scopeOf returns the entries of a scope; rootScope is the section imports.
func (n *Names) scopeOf(scope string) Specifiers {
	if scope == rootScope {
		return n.Imports
	}
	return n.Scopes[scope]
}

// A section is imports, or one scope, as the text of a map has it. The values are JSON
// text: a person's value need not be a string.
type section struct {
	names  []string
	values map[string]json.RawMessage
}

func (s *section) set(name string, value json.RawMessage) {
	if _, ok := s.values[name]; !ok {
		s.names = append(s.names, name)
	}
	s.values[name] = value
}

func newSection() *section { return &section{values: make(map[string]json.RawMessage)} }

// sectionOf returns the members of a JSON object; none of another value.
func sectionOf(raw []byte) *section {
	s := newSection()
	if v := gjson.ParseBytes(raw); v.IsObject() {
		v.ForEach(func(k, v gjson.Result) bool {
			s.set(k.Str, json.RawMessage(v.Raw))
			return true
		})
	}
	return s
}

// text returns the JSON text of the section, sorted.
func (s *section) text() json.RawMessage {
	raw, err := jsontext.Marshal(s.values)
	if err != nil {
		return nil // not reached: the values are JSON
	}
	return raw
}

func (s Specifiers) section() *section {
	out := newSection()
	for _, name := range sortedKeys(s) {
		out.set(name, addressText(s[name]))
	}
	return out
}

func addressText(address string) json.RawMessage {
	if address == "" {
		return json.RawMessage("null")
	}
	raw, err := jsontext.Marshal(address)
	if err != nil {
		return json.RawMessage("null") // not reached: a string can be marshalled
	}
	return raw
}

// object returns the JSON value of specifiers for the member nodeint.
func (s Specifiers) object() map[string]any {
	o := make(map[string]any, len(s))
	for name, address := range s {
		o[name] = nil
		if address != "" {
			o[name] = address
		}
	}
	return o
}

// readNames returns the sections of the standard. Values that are not strings are null,
// as in the standard.
func readNames(imports, scopes []byte) Names {
	n := Names{Imports: specifiersOf(gjson.ParseBytes(imports))}
	gjson.ParseBytes(scopes).ForEach(func(k, v gjson.Result) bool {
		if n.Scopes == nil {
			n.Scopes = make(map[string]Specifiers)
		}
		n.Scopes[k.Str] = specifiersOf(v)
		return true
	})
	return n
}

func specifiersOf(v gjson.Result) Specifiers {
	if !v.IsObject() {
		return nil
	}
	s := make(Specifiers)
	v.ForEach(func(k, v gjson.Result) bool {
		s[k.Str] = ""
		if v.Type == gjson.String {
			s[k.Str] = v.Str
		}
		return true
	})
	return s
}

// requireNames reads the member require of nodeint.
func (r *memberReader) requireNames(v gjson.Result) map[string]Specifiers {
	m := make(map[string]Specifiers)
	r.object("require", v, func(scope string, v gjson.Result) {
		s := make(Specifiers)
		r.object("require", v, func(specifier string, v gjson.Result) {
			if v.Type != gjson.Null {
				s[specifier] = r.text("require", v)
			} else {
				s[specifier] = ""
			}
		})
		m[scope] = s
	})
	return m
}

// kept reads the member kept of nodeint.
func (r *memberReader) kept(v gjson.Result) Kept {
	k := Kept{}
	r.object("kept", v, func(field string, v gjson.Result) {
		switch field {
		case "imports":
			k.Imports = r.texts("kept: imports", v)
		case "integrity":
			k.Integrity = r.texts("kept: integrity", v)
		case "scopes":
			k.Scopes = make(map[string][]string)
			r.object("kept: scopes", v, func(scope string, v gjson.Result) { k.Scopes[scope] = r.texts("kept: scopes", v) })
		default:
			r.bad("kept: member %q is unknown to this version; use the nodeint that wrote this map", field)
		}
	})
	return k
}

// A ConflictError reports an entry of a map that a person or another tool has written,
// and that says something else than what the program resolves.
type ConflictError struct {
	Scope     string // of scopes; "" for imports
	Specifier string
	Is        string // JSON text of the address in the map
	Want      string // the address that the program resolves to
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s of the map is %s, but in this program the name means %q", e.Place(), e.Is, e.Want)
}

// IsConflict reports whether an error of [Map.Document] is about what a person or another
// tool has written.
func IsConflict(err error) bool {
	_, ok := errors.AsType[*ConflictError](err)
	return ok || errors.Is(err, errForeignPackages)
}

// Place names the entry as JavaScript would write it.
func (e *ConflictError) Place() string {
	if e.Scope == rootScope {
		return fmt.Sprintf("imports[%q]", e.Specifier)
	}
	return fmt.Sprintf("scopes[%q][%q]", e.Scope, e.Specifier)
}

// allScopes returns the scopes of both, sorted, and rootScope first.
func allScopes(a *section, b map[string]Specifiers) []string {
	all := map[string]bool{rootScope: true}
	for _, scope := range a.names {
		all[scope] = true
	}
	for scope := range b {
		all[scope] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// namesMember reads a member that version 1 does not have.
func (r *memberReader) namesMember(m *Map, name string, v gjson.Result) {
	switch {
	case m.Version < mapVersion:
		r.bad("member %q is not one of version %d", name, m.Version)
	case name == "require":
		m.Names.Require = r.requireNames(v)
	case name == "isPackageMap":
		if r.isTrue(name, v) {
			m.NodePackages = NodePackages{}
		}
	default:
		m.Kept = r.kept(v)
	}
}
