package resolution

import (
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// varying are the conditions that Node has or not by its version and its flags:
// module-sync since 22.10, and not with --no-require-module; node-addons not with
// --no-addons. A map is right for both.
var varying = []string{"module-sync", "node-addons"}

// SetConditions sets the conditions of exports and imports beside Node's own.
func (r *Resolver) SetConditions(conditions []string) { r.conditions = conditions }

// recordVariants resolves what a key of exports or imports means with and without the
// varying conditions. esbuild has resolved it with them: if there is a difference, the
// files are recorded, so that the graph goes on from each.
func (r *Resolver) recordVariants(dir string, m *manifest, key string, isImport bool) error {
	if !m.varies {
		return nil
	}
	return r.recordTargetsOf(dir, m, key, isImport, 2)
}

// recordTargetsOf is recordVariants if there are at least enough targets.
func (r *Resolver) recordTargetsOf(dir string, m *manifest, key string, isImport bool, enough int) error {
	targets := r.variantsOf(m, key, isImport)
	if len(targets) < enough {
		return nil
	}
	for _, target := range targets {
		if !isInPackage(target) {
			continue // a name, which resolveImports resolves
		}
		if _, err := r.fileOrMissing(path.Join(dir, target)); err != nil {
			return err
		}
	}
	return nil
}

// variantsOf returns the targets of a key of exports or imports with each set of the
// varying conditions.
func (r *Resolver) variantsOf(m *manifest, key string, isImport bool) (targets []string) {
	resolve := m.parsed.ResolveExports
	if strings.HasPrefix(key, "#") {
		resolve = m.parsed.ResolveImports
	} else if m.parsed.Exports == nil {
		return nil
	}
	how := "require"
	if isImport {
		how = "import"
	}
	for subset := range 1 << len(varying) {
		conditions := append([]string{"node", how}, r.conditions...)
		for i, c := range varying {
			if subset>>i&1 == 1 {
				conditions = append(conditions, c)
			}
		}
		target, kind := resolve(key, conditions)
		if (kind == nodejs.FileTarget || kind == nodejs.BareTarget) && !slices.Contains(targets, target) {
			targets = append(targets, target)
		}
	}
	return targets
}
