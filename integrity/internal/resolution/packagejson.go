package resolution

import (
	"path"
	"slices"
	"strings"

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
	oddTargets       []string  // targets of exports, if esbuild may read them in another way
	exports, imports []pattern // keys with a "*"; not nil if there are imports

	parsed nodejs.Manifest
	varies bool // whether a varying condition is in exports or imports
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

// parseManifest returns an empty manifest for text that is not a JSON object.
func parseManifest(place tree.Place, data []byte) *manifest {
	m := &manifest{place: place}
	parsed, ok := nodejs.ReadManifest(data)
	if !ok {
		return m
	}
	exports, imports := parsed.Exports, parsed.Imports
	m.parsed, m.name, m.main, m.hasExports = parsed, parsed.Name, parsed.Main, exports != nil
	m.varies = exports.HasMember(varying) || imports.HasMember(varying)
	m.bareTargets = bareTargets(imports)
	m.pathTargets = append(only(exports.Texts(), isInPackage), only(imports.Texts(), isInPackage)...)
	m.exports, m.imports = patternsOf(exports), patternsOf(imports)
	if parsed.Odd {
		m.oddTargets = only(exports.Texts(), isExactPath)
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
	return r.resolveAll(dir, m.oddTargets)
}

// resolveAll resolves targets of exports as files: those of a package.json that esbuild may
// read in another way; and those of a package with the name of a builtin, which esbuild
// does not resolve.
func (r *Resolver) resolveAll(dir string, targets []string) error {
	for _, target := range targets {
		if _, err := r.fileOrDirectory(path.Join(dir, target)); err != nil {
			return err
		}
	}
	return nil
}

func isExactPath(s string) bool { return isInPackage(s) && !strings.Contains(s, "*") }

func isInPackage(s string) bool { return strings.HasPrefix(s, "./") }

func isBare(s string) bool {
	return s != "" && !strings.HasPrefix(s, ".") && !strings.HasPrefix(s, "/")
}

// only returns the texts for which wanted is true.
func only(texts []string, wanted func(string) bool) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return !wanted(s) })
}

// bareTargets returns the targets of imports that are not paths, whatever their
// conditions. A "*" in one is part of the subpath, never of the package's name, so only
// the name is kept.
func bareTargets(imports *nodejs.Target) []string {
	targets := only(imports.Texts(), isBare)
	for i, s := range targets {
		if strings.Contains(s, "*") {
			targets[i], _ = nodejs.SplitSpecifier(s)
		}
	}
	return targets
}
