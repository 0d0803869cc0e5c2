package resolution

import (
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// varying are the conditions that Node has or not by its version and its flags:
// module-sync since 22.10, and not with --no-require-module; node-addons not with
// --no-addons. A map is right for both.
var varying = []string{"module-sync", "node-addons"}

// SetConditions sets the conditions of exports and imports beside Node's own.
func (r *Resolver) SetConditions(conditions []string) { r.conditions = conditions }

// hasVarying reports whether an exports or imports value has a key that is a varying
// condition.
func hasVarying(v gjson.Result, depth int) bool {
	found := false
	if (v.IsObject() || v.IsArray()) && depth < maxNesting {
		v.ForEach(func(k, v gjson.Result) bool {
			found = slices.Contains(varying, k.Str) || hasVarying(v, depth+1)
			return !found
		})
	}
	return found
}

// recordVariants resolves what a key of exports or imports means with and without the
// varying conditions. esbuild has resolved it with them: if there is a difference, the
// files are recorded, so that the graph goes on from each.
func (r *Resolver) recordVariants(dir string, v gjson.Result, key string, isImport bool) error {
	return r.recordTargetsOf(dir, v, key, isImport, 2)
}

// recordTargetsOf is recordVariants if there are at least enough targets.
func (r *Resolver) recordTargetsOf(dir string, v gjson.Result, key string, isImport bool, enough int) error {
	if !v.Exists() {
		return nil
	}
	entry, star, ok := entryOf(v, key)
	if !ok {
		return nil
	}
	kind := "require"
	if isImport {
		kind = "import"
	}
	var targets []string
	for subset := range 1 << len(varying) {
		conditions := append([]string{"node", "default", kind}, r.conditions...)
		for i, c := range varying {
			if subset>>i&1 == 1 {
				conditions = append(conditions, c)
			}
		}
		if target, state := targetOf(entry, conditions, 0); state == isTarget && !slices.Contains(targets, target) {
			targets = append(targets, target)
		}
	}
	if len(targets) < enough {
		return nil
	}
	for _, target := range targets {
		if !isInPackage(target) {
			continue // a name, which resolveImports resolves
		}
		if _, err := r.fileOrMissing(path.Join(dir, strings.ReplaceAll(target, "*", star))); err != nil {
			return err
		}
	}
	return nil
}

// entryOf is the search of PACKAGE_IMPORTS_EXPORTS_RESOLVE: it returns the value of the
// key that matches, and what its "*" stands for. Exports without subpaths are the value
// of ".".
func entryOf(v gjson.Result, key string) (entry gjson.Result, star string, ok bool) {
	if !strings.HasPrefix(key, "#") && !hasSubpaths(v) {
		return v, "", key == "."
	}
	best := ""
	v.ForEach(func(k, value gjson.Result) bool {
		name := k.Str
		before, after, isPattern := strings.Cut(name, "*")
		switch {
		case name == key && !isPattern:
			entry, star, best, ok = value, "", "", true
			return false
		case !isPattern || strings.Contains(after, "*") || len(key) < len(name) || !strings.HasPrefix(key, before) || key == before || !strings.HasSuffix(key, after):
		case !ok || isMoreSpecific(name, best):
			entry, star, best, ok = value, key[len(before):len(key)-len(after)], name, true
		}
		return true
	})
	return entry, star, ok
}

// isMoreSpecific is PATTERN_KEY_COMPARE: the longer part before "*" wins, then the longer
// key.
func isMoreSpecific(a, b string) bool {
	i, j := strings.IndexByte(a, '*'), strings.IndexByte(b, '*')
	return i > j || i == j && len(a) > len(b)
}

func hasSubpaths(v gjson.Result) bool {
	found := false
	if v.IsObject() {
		v.ForEach(func(k, _ gjson.Result) bool {
			found = strings.HasPrefix(k.Str, ".")
			return false
		})
	}
	return found
}

// What a target is.
const (
	isUndefined = iota // no condition matches: the search goes on
	isNull             // it is excluded
	isTarget
)

// targetOf is PACKAGE_TARGET_RESOLVE, without a look at the file system.
func targetOf(v gjson.Result, conditions []string, depth int) (target string, state int) {
	switch {
	case v.Type == gjson.String:
		return v.Str, isTarget
	case v.Type == gjson.Null:
		return "", isNull
	case !v.IsObject() && !v.IsArray() || depth == maxNesting:
		return "", isUndefined
	}
	v.ForEach(func(k, value gjson.Result) bool {
		if v.IsObject() && !slices.Contains(conditions, k.Str) {
			return true
		}
		target, state = targetOf(value, conditions, depth+1)
		if v.IsArray() && state == isNull {
			return true // the next element may be one
		}
		return state == isUndefined
	})
	return target, state
}
