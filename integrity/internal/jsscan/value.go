package jsscan

import (
	"slices"
	"strings"
)

// A base is what the text of a constant is appended to.
type base uint8

const (
	baseNone     base = iota // nothing: the text is the whole string
	baseDir                  // the path of the module's directory, without a slash at its end
	baseFile                 // the path of the module's file
	baseResolved             // nothing: the path of the file that require(text) resolves to
)

// A constant is a string that is known up to the location of the module.
type constant struct {
	base  base
	isURL bool // a file: URL, as a string or an object; any URL if base is baseNone
	text  string
}

// The limits of a value. An expression that exceeds them is incomplete.
const (
	maxConstants = 16   // number of constants
	maxPatterns  = 8    // number of patterns
	maxText      = 4096 // length of a constant, in bytes
)

// An origin is where a require function resolves from.
type origin struct {
	dirs       []string // directories, as Specifier.From
	incomplete bool     // there are others that are not known
	fromEntry  bool     // the directory of the program's entry instead
	// the working directory of the process instead
	fromWorkingDir bool
	alwaysGap      bool // every call is a gap
	own            bool // the function is the require of this module
	direct         bool // and it is called by that name, so esbuild sees the call
	resolve        bool // the function is require.resolve
}

// A value is what is known of an expression: an entity, or the strings that it may
// evaluate to.
type value struct {
	entity     entity
	guessed    bool    // the entity is guessed from the name
	calling    calling // how a call of the entity gets its arguments
	origin     origin
	constants  []constant
	incomplete bool // the expression may have other values
	// patterns are what is known of the values that are not in constants: strings
	// with wildcards. There are none unless incomplete is set.
	patterns []constant
}

// unknown is the value of an expression about which nothing is known.
var unknown = value{incomplete: true}

// constants returns the value of an expression that is one of cs.
func constants(cs ...constant) value { return value{constants: cs} }

// isConstant reports whether every string that v may be is known.
func (v value) isConstant() bool { return !v.incomplete && v.entity == entNone && len(v.constants) > 0 }

// isLocalPath reports whether v is a path relative to the module.
func (v value) isLocalPath() bool {
	based := func(c constant) bool { return c.base == baseDir || c.base == baseFile }
	return slices.ContainsFunc(v.constants, based) || slices.ContainsFunc(v.patterns, based)
}

// union returns the value of an expression that is a or b.
func union(a, b value) value {
	out := a
	if a.entity == entNone {
		out.entity, out.guessed, out.origin = b.entity, b.guessed, b.origin
	} else if a.entity == entRequire && b.entity == entRequire {
		out.origin.dirs = slices.Clone(a.origin.dirs)
		for _, f := range b.origin.dirs {
			if !slices.Contains(out.origin.dirs, f) && len(out.origin.dirs) < maxConstants {
				out.origin.dirs = append(out.origin.dirs, f)
			}
		}
		out.origin.incomplete = a.origin.incomplete || b.origin.incomplete
		out.origin.own = a.origin.own && b.origin.own
		out.origin.direct = false
	}
	out.incomplete = a.incomplete || b.incomplete
	out.constants = slices.Clone(a.constants)
	for _, c := range b.constants {
		out.addConstant(c)
	}
	out.patterns = slices.Clone(a.patterns)
	for _, c := range b.patterns {
		out.addPattern(c)
	}
	return out
}

// addConstant adds c. If that exceeds a limit, v becomes incomplete.
func (v *value) addConstant(c constant) {
	switch {
	case slices.Contains(v.constants, c):
	case len(v.constants) >= maxConstants || len(c.text) > maxText:
		v.incomplete = true
	default:
		v.constants = append(v.constants, c)
	}
}

// addPattern adds the pattern c, unless it consists of wildcards only.
func (v *value) addPattern(c constant) {
	if c.base == baseNone && strings.Trim(c.text, Wildcard) == "" || len(c.text) > maxText ||
		len(v.patterns) >= maxPatterns || slices.Contains(v.patterns, c) {
		return
	}
	v.patterns = append(v.patterns, c)
}

// alternatives returns all that v may be, the constants first. If only some of the
// unknown values have a known part, that part is assumed for all of them.
func (v value) alternatives() []constant {
	switch {
	case len(v.patterns) > 0:
		return slices.Concat(v.constants, v.patterns)
	case v.incomplete:
		return append(slices.Clip(v.constants), constant{text: Wildcard})
	}
	return v.constants
}

// combine applies f to every pair of constants of a and b, and to the pairs of
// patterns. f returns false if the result is not known.
func combine(a, b value, f func(a, b constant) (constant, bool)) value {
	out := value{incomplete: a.incomplete || b.incomplete || a.entity != entNone || b.entity != entNone}
	for _, x := range a.constants {
		for _, y := range b.constants {
			if c, ok := f(x, y); ok {
				out.addConstant(c)
			} else {
				out.incomplete = true
			}
		}
	}
	if out.incomplete && len(a.constants)+len(a.patterns)+len(b.constants)+len(b.patterns) > 0 {
		out.combinePatterns(a, b, f)
	}
	return out
}

// combinePatterns applies f to the pairs of alternatives that are not pairs of
// constants.
func (v *value) combinePatterns(a, b value, f func(a, b constant) (constant, bool)) {
	for i, x := range a.alternatives() {
		for j, y := range b.alternatives() {
			if i < len(a.constants) && j < len(b.constants) {
				continue
			}
			if c, ok := f(x, y); ok {
				v.addPattern(c)
			}
		}
	}
}

// mapConstants applies f to every constant and pattern of v.
func (v value) mapConstants(f func(constant) (constant, bool)) value {
	return combine(v, constants(constant{}), func(c, _ constant) (constant, bool) { return f(c) })
}

// concat is a + b.
func concat(a, b constant) (constant, bool) {
	if a.base == baseResolved {
		return a, b == constant{}
	}
	if b.base == baseNone {
		return constant{base: a.base, isURL: a.isURL, text: a.text + b.text}, true
	}
	switch a {
	case constant{}:
		return b, true
	case constant{text: "file:"}, constant{text: "file://"}, constant{text: "file:///"}:
		return constant{base: b.base, isURL: true, text: b.text}, !b.isURL
	}
	return constant{}, false
}
