package nodejs

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
)

// A TargetKind says what a name in exports or imports leads to.
type TargetKind uint8

// The kinds of targets.
const (
	NoTarget      TargetKind = iota // nothing: the name is not exported, or no condition holds
	InvalidTarget                   // Node throws ERR_INVALID_PACKAGE_TARGET or ERR_INVALID_PACKAGE_CONFIG
	FileTarget                      // a file of the package: "./" and a path in percent form
	BareTarget                      // the specifier of a package or of a builtin module; only of imports
)

// ResolveExports is PACKAGE_EXPORTS_RESOLVE: it returns the target of subpath, "." or "./"
// and a path, under the conditions.
func (m Manifest) ResolveExports(subpath string, conditions []string) (string, TargetKind) {
	exports := *m.Exports
	if exports.kind == targetObject && len(exports.members) > 0 {
		sugar := !strings.HasPrefix(exports.members[0], ".")
		for _, name := range exports.members {
			if sugar != !strings.HasPrefix(name, ".") {
				return "", InvalidTarget
			}
		}
		if sugar {
			exports = Target{kind: targetObject, members: []string{"."}, items: []Target{exports}}
		}
	} else if exports.kind != targetObject {
		exports = Target{kind: targetObject, members: []string{"."}, items: []Target{exports}}
	}
	return targetResolver{conditions: conditions}.resolveName(exports, subpath)
}

// ResolveImports is PACKAGE_IMPORTS_RESOLVE, for a name that begins with "#".
func (m Manifest) ResolveImports(name string, conditions []string) (string, TargetKind) {
	if m.Imports == nil || m.Imports.kind != targetObject || name == "#" || strings.HasPrefix(name, "#/") {
		return "", NoTarget
	}
	return targetResolver{conditions: conditions, imports: true}.resolveName(*m.Imports, name)
}

// A targetResolver resolves the targets of one name.
type targetResolver struct {
	conditions []string
	imports    bool
	isPattern  bool
	match      string // what the "*" of a pattern stands for
}

// resolveName is PACKAGE_IMPORTS_EXPORTS_RESOLVE.
func (r targetResolver) resolveName(in Target, name string) (string, TargetKind) {
	if t := in.member(name); t != nil && !strings.Contains(name, "*") && !strings.HasSuffix(name, "/") {
		return found(r.resolve(*t))
	}
	best := ""
	for _, key := range in.members {
		before, after, isPattern := strings.Cut(key, "*")
		if isPattern && !strings.Contains(after, "*") && strings.HasPrefix(name, before) && len(name) >= len(key) &&
			strings.HasSuffix(name, after) && isMoreSpecific(key, best) {
			best, r.match = key, name[len(before):len(name)-len(after)]
		}
	}
	if best == "" {
		return "", NoTarget
	}
	r.isPattern = true
	return found(r.resolve(*in.member(best)))
}

// isMoreSpecific is PATTERN_KEY_COMPARE: whether key comes before best.
func isMoreSpecific(key, best string) bool {
	a, b := strings.IndexByte(key, '*'), strings.IndexByte(best, '*')
	return a > b || a == b && len(key) > len(best)
}

// A targetResult is the result of PACKAGE_TARGET_RESOLVE. undefined differs from null: a
// list of conditions goes on after undefined.
type targetResult struct {
	text      string
	kind      TargetKind
	undefined bool
}

func found(r targetResult) (string, TargetKind) { return r.text, r.kind }

// resolve is PACKAGE_TARGET_RESOLVE.
func (r targetResolver) resolve(t Target) targetResult {
	switch t.kind {
	case targetString:
		return r.resolveString(t.text)
	case targetNull:
		return targetResult{}
	case targetArray:
		return r.resolveArray(t.items)
	case targetObject:
		if slices.ContainsFunc(t.members, isArrayIndex) {
			return targetResult{kind: InvalidTarget, text: "config"}
		}
		for i, name := range t.members {
			if name != "default" && !slices.Contains(r.conditions, name) {
				continue
			}
			if out := r.resolve(t.items[i]); !out.undefined {
				return out
			}
		}
		return targetResult{undefined: true}
	}
	return targetResult{kind: InvalidTarget}
}

// resolveArray returns the first target that is valid. It does not look whether it exists.
func (r targetResolver) resolveArray(items []Target) targetResult {
	last := targetResult{undefined: len(items) > 0}
	for _, item := range items {
		out := r.resolve(item)
		switch {
		case out.undefined:
		case out.kind == NoTarget, out.kind == InvalidTarget && out.text == "":
			last = out
		default:
			return out
		}
	}
	return last
}

// isArrayIndex reports whether name is one that Node rejects as a condition.
func isArrayIndex(name string) bool {
	n, err := strconv.ParseUint(name, 10, 32)
	return err == nil && strconv.FormatUint(n, 10) == name
}

var (
	invalidSegment = lazyregexp.New(`(?i)(^|\\|/)((\.|%2e)(\.|%2e)?|(n|%6e|%4e)(o|%6f|%4f)(d|%64|%44)(e|%65|%45)(_|%5f)` +
		`(m|%6d|%4d)(o|%6f|%4f)(d|%64|%44)(u|%75|%55)(l|%6c|%4c)(e|%65|%45)(s|%73|%53))(\\|/|$)`)
	scheme = lazyregexp.New(`^[A-Za-z][A-Za-z0-9+.-]*:`)
)

// HasScheme reports whether a specifier begins as an absolute URL does (URL standard, §4.3).
func HasScheme(specifier string) bool { return scheme().MatchString(specifier) }

// resolveString resolves the target text.
func (r targetResolver) resolveString(text string) targetResult {
	invalid := targetResult{kind: InvalidTarget}
	rest, isFile := strings.CutPrefix(text, "./")
	if !isFile {
		if !r.imports || strings.HasPrefix(text, "../") || strings.HasPrefix(text, "/") || HasScheme(text) {
			return invalid
		}
		if r.isPattern {
			text = strings.ReplaceAll(text, "*", r.match)
		}
		return targetResult{text: text, kind: BareTarget}
	}
	if invalidSegment().MatchString(rest) || r.isPattern && invalidSegment().MatchString(r.match) {
		return invalid
	}
	if r.isPattern {
		text = strings.ReplaceAll(text, "*", r.match)
	}
	return targetResult{text: text, kind: FileTarget}
}
