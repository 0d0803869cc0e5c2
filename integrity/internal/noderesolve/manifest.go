package noderesolve

import (
	"bytes"
	"path"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A manifest is what resolution uses of a package.json.
type manifest struct {
	nodejs.Manifest
	invalid bool // not the text of a JSON object, or with a bad type: Node throws

	// For browsers: other main files, and what replaces packages and files; "" is false.
	browserMain, module string
	browser             map[string]string
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
		m = parseManifest(data, r.browser)
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

// parseManifest reads a package.json, with the members for browsers if forBrowser.
func parseManifest(data []byte, forBrowser bool) *manifest {
	m := &manifest{}
	text, ok := bytes.TrimPrefix(data, []byte("\uFEFF")), false
	if m.Manifest, ok = nodejs.ReadManifest(text); !ok || m.BadType || !gjson.ValidBytes(text) {
		m.invalid = true
		return m
	}
	if forBrowser {
		gjson.ParseBytes(text).ForEach(func(k, v gjson.Result) bool {
			switch {
			case k.Str == "module" && v.Type == gjson.String:
				m.module = v.Str
			case k.Str == "browser":
				m.setBrowser(v)
			}
			return true
		})
	}
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
