package noderesolve

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/tree"
)

// resolveExports is PACKAGE_EXPORTS_RESOLVE.
func (e *evaluation) resolveExports(dir string, m *manifest, subpath string) (Result, error) {
	exports, valid := asSubpaths(m.exports)
	if !valid {
		return failed, nil // ERR_INVALID_PACKAGE_CONFIG
	}
	t, err := e.resolveMatch(dir, exports, subpath, false)
	return t.result, err
}

// resolveImports is PACKAGE_IMPORTS_RESOLVE, in the package that contains dir.
func (e *evaluation) resolveImports(dir, name string) (Result, error) {
	if name == "#" {
		return failed, nil
	}
	m, at, err := e.packageScope(dir)
	if err != nil || m == nil || m.imports == nil || m.imports.object == nil {
		return failed, err
	}
	if strings.HasPrefix(name, "#/") {
		return undetermined, nil // an error before Node 25
	}
	t, err := e.resolveMatch(at, m.imports.object, name, true)
	return t.result, err
}

// asSubpaths returns exports as an object of subpaths. valid is false if it mixes them
// with conditions.
func asSubpaths(v *value) (*object, bool) {
	if v.object != nil {
		paths := 0
		for _, name := range v.object.names {
			if strings.HasPrefix(name, ".") {
				paths++
			}
		}
		if paths > 0 {
			return v.object, paths == len(v.object.names)
		}
		if len(v.object.names) == 0 {
			return v.object, true
		}
	}
	return &object{names: []string{"."}, members: map[string]*value{".": v}}, true
}

// A target is the result of a target of exports or imports. One that is skipped is
// undefined in Node: the next one of a list or an object has a say. One that is invalid
// ends an object, and the next one of a list has a say.
type target struct {
	result        Result
	skip, invalid bool
}

// resolveMatch is PACKAGE_IMPORTS_EXPORTS_RESOLVE.
func (e *evaluation) resolveMatch(dir string, o *object, key string, internal bool) (target, error) {
	if v, ok := o.members[key]; ok && !strings.Contains(key, "*") && !strings.HasSuffix(key, "/") {
		return e.resolveTarget(dir, v, nil, internal)
	}
	best, match := "", ""
	for _, name := range o.names {
		prefix, suffix, isPattern := strings.Cut(name, "*")
		if !isPattern || strings.Contains(suffix, "*") || len(key) < len(name) || !strings.HasPrefix(key, prefix) || !strings.HasSuffix(key, suffix) {
			continue
		}
		if key != prefix && comparePatterns(best, name) > 0 {
			best, match = name, key[len(prefix):len(key)-len(suffix)]
		}
	}
	if best == "" {
		return target{}, nil
	}
	return e.resolveTarget(dir, o.members[best], &match, internal)
}

// comparePatterns is PATTERN_KEY_COMPARE. It is positive if b is the better key. "" is
// the worst.
func comparePatterns(a, b string) int {
	if a == "" {
		return 1
	}
	x, y := strings.IndexByte(a, '*'), strings.IndexByte(b, '*')
	switch {
	case x != y:
		return y - x
	default:
		return len(b) - len(a)
	}
}

// resolveTarget is PACKAGE_TARGET_RESOLVE.
func (e *evaluation) resolveTarget(dir string, v *value, match *string, internal bool) (target, error) {
	switch {
	case v.text != nil:
		return e.resolveText(dir, *v.text, match, internal)
	case v.isList:
		return e.resolveList(dir, v.list, match, internal)
	case v.object != nil:
		return e.resolveConditions(dir, v.object, match, internal)
	}
	return target{}, nil // null, or an error
}

func (e *evaluation) resolveList(dir string, list []*value, match *string, internal bool) (target, error) {
	last := target{}
	for _, v := range list {
		t, err := e.resolveTarget(dir, v, match, internal)
		if err != nil {
			return t, err
		}
		if t.skip || t.invalid || isNull(v) {
			last = target{invalid: t.invalid}
			continue
		}
		return t, nil
	}
	return last, nil
}

func isNull(v *value) bool { return v.text == nil && !v.isList && v.object == nil }

func (e *evaluation) resolveConditions(dir string, o *object, match *string, internal bool) (target, error) {
	if o.hasIndex() {
		return target{}, nil
	}
	for _, name := range o.names {
		if name != "default" {
			e.conditional = true
		}
		if !e.conditions[name] {
			continue
		}
		t, err := e.resolveTarget(dir, o.members[name], match, internal)
		if err != nil || !t.skip {
			return t, err
		}
	}
	return target{skip: true}, nil
}

// invalidSegment matches the segments that neither a target nor what stands for its "*"
// may contain.
var invalidSegment = regexp.MustCompile(`(?i)(^|\\|/)((\.|%2e)(\.|%2e)?|(n|%6e|%4e)(o|%6f|%4f)(d|%64|%44)(e|%65|%45)(_|%5f)(m|%6d|%4d)(o|%6f|%4f)(d|%64|%44)(u|%75|%55)(l|%6c|%4c)(e|%65|%45)(s|%73|%53))?(\\|/|$)`)

func (e *evaluation) resolveText(dir, text string, match *string, internal bool) (target, error) {
	if !strings.HasPrefix(text, "./") {
		return e.resolveOther(dir, text, match, internal)
	}
	if invalidSegment.MatchString(text[2:]) && text != "./" {
		// Empty segments are allowed with a warning, the others are not.
		if deprecated := strings.ReplaceAll(text[2:], "//", "/"); invalidSegment.MatchString(strings.TrimSuffix(deprecated, "/")) {
			return target{invalid: true}, nil
		}
	}
	if match != nil {
		if invalidSegment.MatchString(*match) {
			return target{result: undetermined}, nil // deprecated in some cases
		}
		text = strings.ReplaceAll(text, "*", *match)
	}
	result, err := e.targetFile(dir, text)
	return target{result: result}, err
}

// resolveOther resolves a target that is not a path: imports may name a package.
func (e *evaluation) resolveOther(dir, text string, match *string, internal bool) (target, error) {
	if !internal || strings.HasPrefix(text, "../") || strings.HasPrefix(text, "/") || hasScheme(text) {
		return target{invalid: true}, nil // also "node:fs", which is a URL
	}
	if match != nil {
		text = strings.ReplaceAll(text, "*", *match)
	}
	if e.depth++; e.depth > maxDepth {
		return target{result: undetermined}, nil
	}
	// PACKAGE_RESOLVE, whatever asked: its rules for import hold, with the conditions
	// of the one that asked.
	if builtin, ok := builtinOf(text); ok && !e.browser {
		if !e.isImport && builtin.Outcome == Builtin {
			return target{}, nil // require takes a file alone
		}
		return target{result: builtin}, nil
	}
	asImport := *e
	asImport.isImport = true
	result, err := asImport.resolveBare(dir, text)
	e.conditional = e.conditional || asImport.conditional
	return target{result: result}, err
}

// targetFile returns the file that a URL relative to dir names. It must exist.
func (e *evaluation) targetFile(dir, relative string) (Result, error) {
	relative, _, _ = strings.Cut(relative, "?")
	relative, _, _ = strings.Cut(relative, "#")
	if strings.HasSuffix(relative, "/") {
		return failed, nil
	}
	if strings.Contains(relative, "%") {
		decoded, err := url.PathUnescape(relative)
		if err != nil || strings.Count(decoded, "/") != strings.Count(relative, "/") || strings.Contains(decoded, `\`) {
			return failed, nil // an encoded separator
		}
		relative = decoded
	}
	p := path.Join(dir, strings.ReplaceAll(relative, `\`, "/"))
	if isAbove(p) || p != dir && dir != "" && !strings.HasPrefix(p, dir+"/") {
		return undetermined, nil
	}
	return e.exactFile(tree.Join("", p))
}
