package resolution

import (
	"errors"
	"net/url"
	"path"
	"path/filepath"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A PackageMap is the content of a file of --experimental-package-map: which package
// each name means in each package. See https://nodejs.org/api/packages.html#package-maps.
type PackageMap struct {
	// Outside reports whether a package is outside the root.
	Outside bool

	dirs         map[string]string            // the directory of a package, relative to the root, by its id
	dependencies map[string]map[string]string // the id of each name in a package, by the package's directory
}

// ReadPackageMap reads the file at the path p, relative to the root.
func ReadPackageMap(t *tree.Tree, p string) (*PackageMap, error) {
	text, err := t.ReadFile(p, maxPackageMap)
	if err != nil {
		return nil, err
	}
	return parsePackageMap(text, t.Abs(p), t.Rel)
}

// maxPackageMap is the size limit of a package map, in bytes.
const maxPackageMap = 64 << 20

// parsePackageMap parses the text of the file at an absolute path. rel returns a path
// relative to the root.
func parsePackageMap(text []byte, file string, rel func(abs string) (string, bool)) (*PackageMap, error) {
	if !gjson.ValidBytes(text) {
		return nil, errors.New("it is not JSON")
	}
	packages := gjson.ParseBytes(text)
	if packages = lastMember(packages, "packages"); !packages.IsObject() {
		return nil, errors.New("it has no object packages")
	}
	base := &url.URL{Scheme: "file", Path: filepath.ToSlash(file)}
	m := &PackageMap{dirs: make(map[string]string), dependencies: make(map[string]map[string]string)}
	var err error
	packages.ForEach(func(id, p gjson.Result) bool {
		ref, parseErr := url.Parse(stringOf(lastMember(p, "url"), ""))
		if parseErr != nil || ref.String() == "" {
			err = errors.New("the url of the package " + id.Str + " is not valid")
			return false
		}
		at := base.ResolveReference(ref)
		dir, inside := rel(path.Clean(at.Path))
		if at.Scheme != "file" || at.Host != "" && at.Host != "localhost" || !inside {
			m.Outside = true
			return true
		}
		names := make(map[string]string)
		lastMember(p, "dependencies").ForEach(func(name, id gjson.Result) bool {
			names[name.Str] = stringOf(id, "")
			return true
		})
		m.dirs[id.Str], m.dependencies[dir] = dir, names
		return true
	})
	return m, err
}

// lastMember returns the last member of a name, which JSON.parse uses.
func lastMember(object gjson.Result, name string) (value gjson.Result) {
	object.ForEach(func(k, v gjson.Result) bool {
		if object.IsObject() && k.Str == name {
			value = v
		}
		return true
	})
	return value
}

// find returns the directory of the package that a name means in the directory dir.
func (m *PackageMap) find(dir, name string) (string, bool) {
	for at, ok := dir, true; ok; at, ok = parent(at) {
		if names, mapped := m.dependencies[at]; mapped {
			target, ok := m.dirs[names[name]]
			return target, ok
		}
	}
	return "", false
}

// SetPackageMap sets the package map with which node may be started. A name is then
// resolved by it as well as without it.
func (r *Resolver) SetPackageMap(m *PackageMap) { r.packageMap = m }

// resolveMapped resolves a name by the package map. Where that leads to another package
// than esbuild's resolution, the file of exports is recorded, so that the graph goes on
// from it.
func (r *Resolver) resolveMapped(dir, specifier, raw string, isImport bool) (bool, error) {
	b := newBare(specifier, raw, isImport)
	if r.packageMap == nil || b.name == "" {
		return false, nil
	}
	target, ok := r.packageMap.find(dir, b.name)
	if !ok {
		return false, nil
	}
	place, err := r.tree.Resolve(target)
	if err != nil {
		return false, err
	}
	if place.Kind != tree.Directory {
		r.record.RecordPlace(place)
		return place.Outside, r.record.RecordMissing(target)
	}
	found, err := r.inPackage(place, target, b)
	if err != nil {
		return false, err
	}
	m, err := r.manifest(place.Path)
	if m == nil || !m.hasExports || err != nil {
		return found, err
	}
	return true, r.recordTargetsOf(place.Path, m, b.exportKey, isImport, 1)
}

// stringOf returns a string member, or before if its value is not a string.
func stringOf(r gjson.Result, before string) string {
	if r.Type != gjson.String {
		return before
	}
	return r.Str
}
