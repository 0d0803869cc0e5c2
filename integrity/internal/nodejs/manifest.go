package nodejs

import (
	"bytes"
	"encoding/json"
	"slices"
)

// A Manifest is what Node.js reads of a package.json to resolve names. Main is empty, and
// Exports and Imports are nil, if the file does not have them.
//
// Node does not read the file as JSON.parse does. It compares the names of the outermost
// members without decoding their escapes. Of several members with one name, the last one
// with a value of a usable type counts: a string for name and main; "module" or "commonjs"
// for type; a string, an object or an array for exports and imports. Inside of exports and imports, the last of several
// members with one name counts, in the place of the first.
type Manifest struct {
	Name, Main       string
	Type             string // "module", "commonjs" or ""
	Exports, Imports *Target

	// BadType is true if type is not a string. Node then rejects the file.
	BadType bool

	// Odd is true if another reader of JSON may understand the file in another way: a
	// name occurs twice, is written with escapes, or has a value that Node ignores.
	Odd bool
}

// A Target is the value of exports or imports, or a part of it.
type Target struct {
	kind    targetKind
	text    string   // of a string
	items   []Target // of an array, or the values of an object
	members []string // the names of an object
}

type targetKind uint8

const (
	targetOther targetKind = iota // a number or a boolean
	targetNull
	targetString
	targetArray
	targetObject
)

// maxTargetDepth is the depth to which targets are read. No real package nests conditions
// as deep.
const maxTargetDepth = 100

// ReadManifest reads the text of a package.json. ok is false if the text is not a JSON
// object, or nests too deep.
func ReadManifest(text []byte) (m Manifest, ok bool) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	r := manifestReader{Decoder: json.NewDecoder(bytes.NewReader(text))}
	if t, err := r.Token(); err != nil || t != json.Delim('{') {
		return Manifest{}, false
	}
	seen := make(map[string]bool)
	for r.More() {
		before := r.InputOffset()
		name, err := r.Token()
		if err != nil {
			return Manifest{}, false
		}
		raw := bytes.Trim(text[before:r.InputOffset()], ", \t\r\n")
		value, err := r.target(0)
		if err != nil {
			return Manifest{}, false
		}
		key, _ := name.(string)
		if !slices.Contains(manifestMembers, key) {
			continue
		}
		if len(raw) != len(key)+2 { // written with escapes: Node does not recognise it
			r.odd = true
			continue
		}
		used := m.set(key, value)
		r.odd = r.odd || seen[key] || !used && value.kind != targetNull
		seen[key] = true
	}
	if _, err := r.Token(); err != nil {
		return Manifest{}, false
	}
	m.Odd = r.odd
	return m, true
}

// manifestMembers are the members that ReadManifest reads.
var manifestMembers = []string{"name", "main", "type", "exports", "imports"}

// set sets a member. It returns false if Node ignores a value of this type.
func (m *Manifest) set(key string, value Target) bool {
	switch {
	case key == "name" && value.kind == targetString:
		m.Name = value.text
	case key == "main" && value.kind == targetString:
		m.Main = value.text
	case key == "type" && value.kind != targetString:
		m.BadType = true
	case key == "type":
		if value.text == "module" || value.text == "commonjs" {
			m.Type = value.text
		}
	case key == "exports" && value.kind >= targetString:
		m.Exports = &value
	case key == "imports" && value.kind >= targetString:
		m.Imports = &value
	default:
		return false
	}
	return true
}

// A manifestReader reads targets. odd is set if an object has a name twice.
type manifestReader struct {
	*json.Decoder
	odd bool
}

// target reads one value.
func (r *manifestReader) target(depth int) (Target, error) {
	token, err := r.Token()
	if err != nil {
		return Target{}, err
	}
	if depth > maxTargetDepth {
		return Target{}, &json.SyntaxError{Offset: r.InputOffset()}
	}
	switch t := token.(type) {
	case nil:
		return Target{kind: targetNull}, nil
	case string:
		return Target{kind: targetString, text: t}, nil
	case json.Delim:
		if t == '[' {
			return r.array(depth)
		}
		return r.object(depth)
	}
	return Target{}, nil
}

func (r *manifestReader) array(depth int) (Target, error) {
	out := Target{kind: targetArray}
	for r.More() {
		item, err := r.target(depth + 1)
		if err != nil {
			return Target{}, err
		}
		out.items = append(out.items, item)
	}
	_, err := r.Token()
	return out, err
}

func (r *manifestReader) object(depth int) (Target, error) {
	out := Target{kind: targetObject}
	index := make(map[string]int)
	for r.More() {
		name, err := r.Token()
		if err != nil {
			return Target{}, err
		}
		value, err := r.target(depth + 1)
		if err != nil {
			return Target{}, err
		}
		key, _ := name.(string)
		if at, twice := index[key]; twice {
			out.items[at] = value
			r.odd = true
			continue
		}
		index[key] = len(out.members)
		out.members, out.items = append(out.members, key), append(out.items, value)
	}
	_, err := r.Token()
	return out, err
}

// Texts returns the strings in a target, whatever their conditions. t may be nil.
func (t *Target) Texts() []string {
	if t == nil {
		return nil
	}
	if t.kind == targetString {
		return []string{t.text}
	}
	var all []string
	for i := range t.items {
		all = append(all, t.items[i].Texts()...)
	}
	return all
}

// Members calls fn for each member of an object, in the order of the text. t may be nil.
func (t *Target) Members(fn func(name string, value *Target)) {
	if t != nil {
		for i, name := range t.members {
			fn(name, &t.items[i])
		}
	}
}

// HasMember reports whether an object in a target, at any depth, has a member with one of
// the names. t may be nil.
func (t *Target) HasMember(names []string) bool {
	if t == nil {
		return false
	}
	for i := range t.items {
		if i < len(t.members) && slices.Contains(names, t.members[i]) || t.items[i].HasMember(names) {
			return true
		}
	}
	return false
}

// member returns the value of a member, or nil.
func (t *Target) member(name string) *Target {
	if i := slices.Index(t.members, name); i >= 0 {
		return &t.items[i]
	}
	return nil
}
