package resolution

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
	place            tree.Place // of the package.json itself, which may be a link
	name             string
	main             string
	hasExports       bool
	bareTargets      []string  // targets of imports that are not paths
	pathTargets      []string  // targets of exports and imports that are paths in the package
	targetsRecorded  bool      // whether recordTargets has run
	duplicateTargets []string  // targets of the last exports, if there are several
	exports, imports []pattern // keys with a "*"; not nil if there are imports

	text   []byte // for nodejs.ReadManifest
	varies bool   // whether a varying condition is in exports or imports
}

// manifest returns the package.json in dir, or nil if there is none.
func (r *Resolver) manifest(dir string) (*manifest, error) {
	if m, ok := r.manifests[dir]; ok {
		return m, nil
	}
	m, err := r.readManifest(dir)
	if err == nil {
		r.manifests[dir] = m
	}
	return m, err
}

func (r *Resolver) readManifest(dir string) (*manifest, error) {
	place, err := r.tree.Resolve(tree.Join(dir, nodejs.PackageJSON))
	if err != nil || place.Kind != tree.File {
		r.record.RecordPlace(place)
		return nil, err
	}
	data, err := r.tree.ReadFile(place.Path, nodejs.MaxPackageJSON)
	if err != nil {
		return nil, err
	}
	return parseManifest(place, data), nil
}

// parseManifest reads members as Node does: the last of several members with one name and a
// value of a usable type wins (nodejs.Manifest). It returns an empty manifest for text that is not a JSON object.
func parseManifest(place tree.Place, data []byte) *manifest {
	m := &manifest{place: place, text: data}
	var exports []gjson.Result
	text := gjson.ParseBytes(bytes.TrimPrefix(data, []byte("\uFEFF")))
	if !text.IsObject() {
		return m
	}
	text.ForEach(func(k, v gjson.Result) bool {
		switch k.Str {
		case "name":
			m.name = stringOf(v, m.name)
		case "main":
			m.main = stringOf(v, m.main)
		case "exports":
			if !v.IsObject() && !v.IsArray() && v.Type != gjson.String {
				return true
			}
			m.hasExports = true
			exports = append(exports, v)
			m.pathTargets = appendTargets(m.pathTargets, v, isInPackage, 0)
			m.exports = patternsOf(v)
			m.varies = m.varies || hasVarying(v, 0)
		case "imports":
			m.varies = m.varies || hasVarying(v, 0)
			m.bareTargets = appendTargets(nil, v, isBare, 0)
			m.pathTargets = appendTargets(m.pathTargets, v, isInPackage, 0)
			m.imports = patternsOf(v)
		}
		return true
	})
	if len(exports) > 1 {
		m.duplicateTargets = appendTargets(nil, exports[len(exports)-1], isExactPath, 0)
	}
	return m
}

// recordTargets records the links on the way to the targets of exports and imports,
// and the targets that are missing, whatever their conditions. Of a pattern, it
// follows the part before the "*".
func (r *Resolver) recordTargets(dir string, m *manifest) error {
	if m.targetsRecorded {
		return nil
	}
	m.targetsRecorded = true
	for _, target := range m.pathTargets {
		fixed, _, isPattern := strings.Cut(target, "*")
		if !isPattern {
			if err := r.resolveTarget(dir, target); err != nil {
				return err
			}
			continue
		}
		p := path.Join(dir, fixed[:strings.LastIndexByte(fixed, '/')+1])
		if isAboveRoot(p) {
			continue
		}
		place, err := r.tree.Resolve(p)
		if err != nil {
			return err
		}
		r.record.RecordPlace(place)
	}
	return r.resolveAll(dir, m.duplicateTargets)
}

// resolveAll resolves targets of exports as files: those of the last exports of a
// package.json that has several, since esbuild uses the first one and Node the last; and
// those of a package with the name of a builtin, which esbuild does not resolve.
func (r *Resolver) resolveAll(dir string, targets []string) error {
	for _, target := range targets {
		if _, err := r.fileOrDirectory(path.Join(dir, target)); err != nil {
			return err
		}
	}
	return nil
}

// stringOf returns a string member, or before if its value is not a string.
func stringOf(r gjson.Result, before string) string {
	if r.Type != gjson.String {
		return before
	}
	return r.Str
}

func isExactPath(s string) bool { return isInPackage(s) && !strings.Contains(s, "*") }

func isInPackage(s string) bool { return strings.HasPrefix(s, "./") }

func isBare(s string) bool {
	return s != "" && !strings.HasPrefix(s, ".") && !strings.HasPrefix(s, "/")
}

// maxNesting is the depth to which targets are read: reading nested ones takes time
// in the square of the depth. No real package nests conditions as deep.
const maxNesting = 100

// appendTargets appends the strings in an exports or imports value for which wanted
// is true, whatever their conditions. A "*" in a bare target is part of the subpath,
// never of the package's name, so only the name is kept.
func appendTargets(to []string, r gjson.Result, wanted func(string) bool, depth int) []string {
	switch {
	case r.IsObject() || r.IsArray():
		if depth == maxNesting {
			return to
		}
		r.ForEach(func(_, v gjson.Result) bool {
			to = appendTargets(to, v, wanted, depth+1)
			return true
		})
	case r.Type == gjson.String && wanted(r.Str):
		s := r.Str
		if strings.Contains(s, "*") && isBare(s) {
			s, _ = nodejs.SplitSpecifier(s)
		}
		to = append(to, s)
	}
	return to
}
