package jsscan

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// base is what a constant's text is appended to.
type base uint8

const (
	baseNone     base = iota // nothing: the text is all
	baseDir                  // the path of the module's folder, without a slash at its end
	baseFile                 // the path of the module's file
	baseResolved             // nothing: the file that require(text) resolves to
)

// A constant is a string whose value is known, given where the module lies.
type constant struct {
	base  base
	isURL bool // a file: URL, as a string or an object, or another URL where base is baseNone
	text  string
}

const (
	maxConstants = 16   // alternatives that one expression may have
	maxPatterns  = 8    // and patterns
	maxText      = 4096 // bytes of a constant
)

// star stands in the text of a pattern for what is not known.
const Wildcard = "\x00"

// A thing is a value that leads to modules.
type entity uint8

const (
	entNone entity = iota
	entRequire
	entRequireCall  // require.call
	entRequireApply // require.apply
	entRequireBind  // require.bind
	entModule
	entMainModule
	entParentModule
	entGlobalThis
	entEval
	entImportMeta
	entImportMetaResolve

	entNodeModule
	entNodeWorkerThreads
	entNodeChildProcess
	entNodeCluster
	entNodePath
	entNodeURL
	entNodeProcess

	entCreateRequire
	entModuleLoad
	entWorker
	entFork
	entSetupPrimary
	entDlopen
	entGetBuiltinModule
	entRegister
	entURL
	entPathJoin
	entPathResolve
	entPathNormalize
	entPathDirname
	entFileURLToPath
	entPathToFileURL
	entIdentity       // String, decodeURI, url.toString …
	entConstantMethod // a method that gives the constants of its object
)

func (t entity) isNamespace() bool { return t >= entNodeModule && t <= entNodeProcess }

// followed reports whether the uses of a name for t are to be looked at.
func (t entity) isFollowed() bool {
	switch t {
	case entNone, entNodePath, entNodeURL, entURL, entPathJoin, entPathResolve, entPathNormalize, entPathDirname, entFileURLToPath,
		entPathToFileURL, entIdentity, entConstantMethod:
		return false
	}
	return true
}

// origin is where a require function resolves from.
type origin struct {
	dirs       []string // folders, as ref.from
	incomplete bool     // or from a folder that is not known
	fromEntry  bool     // from the entry's folder
	alwaysGap  bool     // and for each call that is a gap
	own        bool     // it is the module's own require
	direct     bool     // and it is called by that name, so that esbuild sees the call
	resolve    bool     // require.resolve
}

// A value is what is known of an expression.
type value struct {
	entity     entity
	guessed    bool // the thing is guessed from its name
	origin     origin
	constants  []constant
	incomplete bool // it may be something else, too
	// globs are what is known of the values that are not among vals: constants
	// with stars. There are none unless open is set.
	patterns []constant
}

var unknown = value{incomplete: true}

func constants(cs ...constant) value { return value{constants: cs} }

func (v value) isConstant() bool { return !v.incomplete && v.entity == entNone && len(v.constants) > 0 }

// hasBase reports whether v is a path in the module's neighbourhood.
func (v value) isLocalPath() bool {
	based := func(c constant) bool { return c.base == baseDir || c.base == baseFile }
	return slices.ContainsFunc(v.constants, based) || slices.ContainsFunc(v.patterns, based)
}

// either is the value of an expression that is a or b.
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

func (v *value) addConstant(c constant) {
	switch {
	case slices.Contains(v.constants, c):
	case len(v.constants) >= maxConstants || len(c.text) > maxText:
		v.incomplete = true
	default:
		v.constants = append(v.constants, c)
	}
}

// addGlob adds a pattern, if something in it is known.
func (v *value) addPattern(c constant) {
	if c.base == baseNone && strings.Trim(c.text, Wildcard) == "" || len(c.text) > maxText ||
		len(v.patterns) >= maxPatterns || slices.Contains(v.patterns, c) {
		return
	}
	v.patterns = append(v.patterns, c)
}

// patterns are all that v may be: the constants come first. What is known only
// of some of the other values is taken for all of them.
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
// patterns.
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

// slashed is text with a slash at its end if rel, which has been joined to what
// had been before, has one, as path.join has it.
func keepSlash(text, before, rel string) string {
	if text != "" && (strings.HasSuffix(rel, "/") || (rel == "" || rel == ".") && strings.HasSuffix(before, "/")) {
		return text + "/"
	}
	return text
}

// clean is a path below or beside a folder without . and .. in the middle: ""
// for the folder itself, else it begins with a slash.
func cleanPath(text string) string {
	text = path.Clean(strings.TrimLeft(text, "/"))
	if text == "." {
		return ""
	}
	return "/" + text
}

// under gives the path that is rel, seen from c: path.join(c, rel).
func joinPath(c constant, rel string) (constant, bool) {
	switch c.base {
	case baseDir:
		if c.text != "" && c.text[0] != '/' {
			return constant{}, false
		}
		return constant{base: baseDir, text: keepSlash(cleanPath(c.text+"/"+rel), c.text, rel)}, true
	case baseFile:
		if c.text != "" {
			return constant{}, false
		}
		switch p := cleanPath(rel); {
		case p == "":
			return c, true
		case p == "/..":
			return constant{base: baseDir}, true
		case strings.HasPrefix(p, "/../"):
			return constant{base: baseDir, text: cleanPath(p[4:])}, true
		}
		return constant{}, false
	case baseResolved:
		return c, cleanPath(rel) == ""
	}
	return constant{text: path.Join(c.text, rel)}, true
}

func pathJoin(a, b constant) (constant, bool) {
	if b.base != baseNone || a.isURL || b.isURL {
		return b, a == constant{} && !b.isURL
	}
	return joinPath(a, b.text)
}

// resolvePaths is path.resolve(a, b); the empty constant is the working folder.
func pathResolve(a, b constant) (constant, bool) {
	switch {
	case b.isURL:
		return constant{}, false
	case b.base != baseNone:
		return b, true
	case path.IsAbs(b.text):
		return constant{text: path.Clean(b.text)}, true
	case a.base == baseNone && !path.IsAbs(a.text):
		return constant{}, false
	}
	c, ok := joinPath(a, b.text)
	if c.base == baseDir {
		c.text = strings.TrimRight(c.text, "/")
	}
	return c, ok
}

// dirOf is path.dirname(c).
func pathDirname(c constant) (constant, bool) {
	switch c.base {
	case baseFile:
		if c.text != "" {
			return constant{}, false
		}
		return constant{base: baseDir, isURL: c.isURL}, true
	case baseDir:
		text := strings.TrimRight(c.text, "/")
		if text == "" {
			return constant{base: baseDir, isURL: c.isURL, text: "/.."}, true
		}
		if last := path.Base(text); last == ".." || last == "." || text[0] != '/' {
			return constant{}, false
		}
		return constant{base: baseDir, isURL: c.isURL, text: cleanPath(path.Dir(strings.TrimLeft(text, "/")))}, true
	case baseResolved:
		return constant{}, false
	}
	return constant{text: path.Dir(c.text)}, true
}

// joinURL is new URL(rel, c) (URL Standard §4.4, for the references that occur).
func newURL(rel, c constant) (constant, bool) {
	if rel.base != baseNone || rel.isURL || hasScheme(rel.text) {
		if rel.base != baseNone && !rel.isURL {
			return constant{}, false
		}
		rel.isURL = true
		return rel, true
	}
	if c.base == baseNone || !c.isURL || strings.HasPrefix(rel.text, "/") {
		return constant{}, false
	}
	text := cutQuery(c.text)
	if rel.text == "" || rel.text[0] == '?' || rel.text[0] == '#' {
		return constant{base: c.base, isURL: true, text: text}, true
	}
	tail := rel.text[len(cutQuery(rel.text)):]
	if c.base == baseFile {
		if text != "" {
			return constant{}, false
		}
		text = "/"
	}
	slash := strings.LastIndexByte(text, '/')
	if slash < 0 {
		text = "/../" // the folder's own URL, without a slash
	} else {
		text = text[:slash+1]
	}
	relPath := cutQuery(rel.text)
	joined := cleanPath(text + relPath)
	if strings.HasSuffix(relPath, "/") || relPath == "." || relPath == ".." || strings.HasSuffix(relPath, "/..") {
		joined += "/"
	}
	return constant{base: baseDir, isURL: true, text: joined + tail}, true
}

func cutQuery(s string) string {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		return s[:i]
	}
	return s
}

// hasScheme reports whether s begins with a URL's scheme.
func hasScheme(s string) bool {
	i := strings.IndexByte(s, ':')
	if i < 2 { // a single letter is a drive
		return false
	}
	for _, c := range []byte(s[:i]) {
		if !(c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}

// urlToPath is fileURLToPath(c).
func fileURLToPath(c constant) (constant, bool) {
	if !c.isURL {
		if c.base == baseNone && strings.HasPrefix(c.text, "file://") {
			c.text, c.isURL = c.text[len("file://"):], true
		} else {
			return c, c.base != baseNone
		}
	} else if c.base == baseNone {
		rest, ok := strings.CutPrefix(c.text, "file://")
		if !ok {
			return constant{}, false
		}
		c.text = rest
	}
	text, err := url.PathUnescape(cutQuery(c.text))
	if err != nil {
		return constant{}, false
	}
	return constant{base: c.base, text: text}, true
}

// toPath is the path that a function of Node gets when it is handed c.
func asPath(c constant) constant {
	if c.isURL {
		if p, ok := fileURLToPath(c); ok {
			return p
		}
	}
	return c
}

// folderPath is c as a path relative to the module's folder, for ref.text.
func relativePath(c constant) (string, bool) {
	if c.base != baseDir {
		return "", false
	}
	if c.text == "" {
		return ".", true
	}
	if c.text[0] != '/' || strings.IndexByte(c.text, 0) >= 0 {
		return "", false
	}
	return path.Clean(strings.TrimLeft(c.text, "/")), true
}

// globPath is the pattern c as a path relative to the module's folder, for
// ref.text. One that names nothing but folders above it is not worth a look.
func patternPath(c constant) (string, bool) {
	if c.base != baseDir || c.isURL || !strings.HasPrefix(c.text, "/") {
		return "", false
	}
	p := path.Clean(strings.TrimLeft(c.text, "/"))
	for component := range strings.SplitSeq(p, "/") {
		if strings.Trim(component, "."+Wildcard) != "" {
			return p, true
		}
	}
	return "", false
}

// requireFolder is the folder that createRequire(c) resolves from.
func createRequireDir(c constant) (string, bool) {
	c = asPath(c)
	switch c.base {
	case baseFile:
		return "", c.text == ""
	case baseDir:
		if !strings.HasSuffix(c.text, "/") {
			d, ok := pathDirname(constant{base: baseDir, text: c.text})
			if !ok {
				return "", false
			}
			c = d
		}
		f, ok := relativePath(c)
		if f == "." {
			f = ""
		}
		return f, ok
	}
	if c.base == baseResolved || !path.IsAbs(c.text) {
		return "", false
	}
	if strings.HasSuffix(c.text, "/") {
		return path.Clean(c.text), true
	}
	return path.Dir(c.text), true
}
