package resolution

import (
	"path"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// A pattern is a key of exports or imports that contains one "*".
type pattern struct {
	base, trailer string   // before and after the "*"
	targets       []string // whatever their conditions; those of null are left out
}

// patternsOf returns the patterns of an exports or imports value. It is nil only if the
// value is.
func patternsOf(t *nodejs.Target) []pattern {
	if t == nil {
		return nil
	}
	patterns := []pattern{}
	t.Members(func(name string, value *nodejs.Target) {
		if base, trailer, ok := strings.Cut(name, "*"); ok && !strings.Contains(trailer, "*") {
			patterns = append(patterns, pattern{base, trailer, value.Texts()})
		}
	})
	return patterns
}

// matchPattern is the part of PACKAGE_IMPORTS_EXPORTS_RESOLVE for patterns: it returns
// the targets of the best pattern for a key, with what the "*" stands for. An exact key
// that wins over the pattern has targets of its own, so the pattern's do no harm.
func matchPattern(patterns []pattern, key string) []string {
	best := -1
	for i, p := range patterns {
		if !p.matches(key) {
			continue
		}
		// PATTERN_KEY_COMPARE: the longer base, then the longer key.
		if best < 0 || len(p.base) > len(patterns[best].base) ||
			len(p.base) == len(patterns[best].base) && len(p.trailer) > len(patterns[best].trailer) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	p := patterns[best]
	star := key[len(p.base) : len(key)-len(p.trailer)]
	targets := slices.Clone(p.targets)
	for i := range targets {
		targets[i] = strings.ReplaceAll(targets[i], "*", star)
	}
	return targets
}

// matches reports whether a key is of the pattern. The "*" stands for at least one
// character.
func (p pattern) matches(key string) bool {
	return len(key) > len(p.base)+len(p.trailer) && strings.HasPrefix(key, p.base) && strings.HasSuffix(key, p.trailer)
}

// resolveExports is PACKAGE_EXPORTS_RESOLVE.
func (r *Resolver) resolveExports(dir string, m *manifest, b bare) error {
	if err := r.recordTargets(dir, m); err != nil {
		return err
	}
	targets := slices.DeleteFunc(matchPattern(m.exports, b.exportKey), func(s string) bool { return !isInPackage(s) })
	if nodejs.IsBuiltin(b.name) {
		exact := slices.DeleteFunc(slices.Clone(m.pathTargets), func(s string) bool { return !isExactPath(s) })
		if err := r.resolveAll(dir, append(exact, targets...)); err != nil {
			return err
		}
	}
	for _, target := range targets {
		if err := r.resolveTarget(dir, target); err != nil {
			return err
		}
	}
	return r.recordVariants(dir, m, b.exportKey, b.isImport)
}

// resolveTarget records the links on the way to a target of exports or imports, and the
// target if it is not a file. A target is a URL, so its escapes are decoded.
func (r *Resolver) resolveTarget(dir, target string) error {
	p := path.Join(dir, decode(target))
	if p == dir || p == "." || isAboveRoot(p) || strings.Contains(p, "\x00") {
		return nil
	}
	place, err := r.tree.Resolve(p)
	if err != nil {
		return err
	}
	switch {
	case place.Outside || place.Kind == tree.File || place.Kind == tree.Other:
		r.record.RecordPlace(place)
	case place.Kind == tree.Directory && namesDirectory(target): // a mapping of directories, which Node ignores
		r.record.RecordPlace(place)
	case place.Kind == tree.Directory:
		r.record.recordDirectory(place)
	default:
		return r.record.RecordMissing(p)
	}
	return nil
}
