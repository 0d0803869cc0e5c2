package noderesolve

import (
	"bytes"
	"path"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A manifest is what resolution uses of a package.json.
type manifest struct {
	invalid    bool // not the text of a JSON object: Node throws
	name, main string
	exports    *value // nil if absent
	imports    *value // nil if absent

	// For browsers: other main files, and what replaces packages and files; "" is false.
	browserMain, module string
	browser             map[string]string
}

// A value is a JSON value of exports or imports. Its kind is the field that is set;
// without any it is null or another scalar.
type value struct {
	text   *string
	list   []*value
	isList bool
	object *object
}

// An object has its members in the order in which JavaScript enumerates them. Names that
// are integers, which would come first, are errors in exports and imports.
type object struct {
	names   []string
	members map[string]*value
}

// manifest returns the package.json in dir, or nil if there is none.
func (r *Resolver) manifest(dir string) (*manifest, error) {
	if m, ok := r.manifests[dir]; ok {
		r.sawInvalid = r.sawInvalid || m != nil && m.invalid
		return m, nil
	}
	place, err := r.tree.Resolve(tree.Join(dir, nodejs.PackageJSON))
	if err != nil {
		return nil, err
	}
	var m *manifest
	if place.Kind == tree.File {
		data, err := r.tree.ReadFile(place.Path, nodejs.MaxPackageJSON)
		if err != nil {
			return nil, err
		}
		m = parseManifest(data)
		r.sawInvalid = r.sawInvalid || m.invalid
	}
	r.manifests[dir] = m
	return m, nil
}

// manifestIn returns the package.json of the directory at place, or nil.
func (r *Resolver) manifestIn(place tree.Place) (*manifest, error) {
	if place.Kind != tree.Directory {
		return nil, nil
	}
	return r.manifest(place.Path)
}

// packageScope is LOOKUP_PACKAGE_SCOPE.
func (r *Resolver) packageScope(dir string) (*manifest, string, error) {
	for at := dir; path.Base(at) != nodejs.NodeModules; at = tree.Parent(at) {
		if m, err := r.manifest(at); m != nil || err != nil {
			return m, at, err
		}
		if at == "" {
			break
		}
	}
	return nil, "", nil
}

// parseManifest reads the members of a package.json.
func parseManifest(data []byte) *manifest {
	m := &manifest{}
	text := gjson.ParseBytes(bytes.TrimPrefix(data, []byte("\uFEFF")))
	if !text.IsObject() || !gjson.ValidBytes(bytes.TrimPrefix(data, []byte("\uFEFF"))) {
		m.invalid = true
		return m
	}
	text.ForEach(func(k, v gjson.Result) bool {
		switch strings.Trim(k.Raw, `"`) { // Node does not decode escapes in these names
		case "name":
			if v.Type == gjson.String {
				m.name = v.Str
			}
		case "main":
			if v.Type == gjson.String {
				m.main = v.Str
			}
		case "module":
			if v.Type == gjson.String {
				m.module = v.Str
			}
		case "browser":
			m.setBrowser(v)
		case "exports":
			if v.Type == gjson.String || v.IsObject() || v.IsArray() {
				m.exports = parseValue(v, 0)
			}
		case "imports":
			if v.IsObject() || v.IsArray() {
				m.imports = parseValue(v, 0)
			}
		}
		return true
	})
	return m
}

// setBrowser reads the member browser: a main file, or an object of replacements.
func (m *manifest) setBrowser(v gjson.Result) {
	m.browserMain, m.browser = "", nil
	if v.Type == gjson.String {
		m.browserMain = v.Str
	}
	if !v.IsObject() {
		return
	}
	m.browser = make(map[string]string)
	v.ForEach(func(k, v gjson.Result) bool {
		if v.Type == gjson.String && v.Str != "" || v.Type == gjson.False {
			m.browser[k.Str] = v.Str
		}
		return true
	})
}

// maxNesting is the depth to which a value is read. No real package nests conditions as
// deep; a deeper value counts as null.
const maxNesting = 100

func parseValue(v gjson.Result, depth int) *value {
	switch {
	case depth == maxNesting:
		return &value{}
	case v.Type == gjson.String:
		return &value{text: &v.Str}
	case v.IsArray():
		list := &value{isList: true}
		v.ForEach(func(_, e gjson.Result) bool {
			list.list = append(list.list, parseValue(e, depth+1))
			return true
		})
		return list
	case v.IsObject():
		o := &object{members: make(map[string]*value)}
		v.ForEach(func(k, e gjson.Result) bool {
			if _, ok := o.members[k.Str]; !ok {
				o.names = append(o.names, k.Str)
			}
			o.members[k.Str] = parseValue(e, depth+1)
			return true
		})
		return &value{object: o}
	}
	return &value{}
}

// hasIndex reports whether a name of the object is an integer, as of an array.
func (o *object) hasIndex() bool {
	for _, name := range o.names {
		if name != "" && strings.Trim(name, "0123456789") == "" {
			return true
		}
	}
	return false
}
