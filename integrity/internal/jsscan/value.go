package graph

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// base is what a constant's text is appended to.
type base uint8

const (
	baseNone base = iota // nothing: the text is all
	baseDir              // the path of the module's folder, without a slash at its end
	baseFile             // the path of the module's file
	baseSpec             // nothing: the file that require(text) resolves to
)

// A constant is a string whose value is known, given where the module lies.
type constant struct {
	base base
	url  bool // a file: URL, as a string or an object, or another URL where base is baseNone
	text string
}

const (
	maxValues = 16   // alternatives that one expression may have
	maxGlobs  = 8    // and patterns
	maxText   = 4096 // bytes of a constant
)

// star stands in the text of a pattern for what is not known.
const star = "\x00"

// A thing is a value that leads to modules.
type thing uint8

const (
	thNone thing = iota
	thRequire
	thReqCall  // require.call
	thReqApply // require.apply
	thReqBind  // require.bind
	thModuleObject
	thRequireMain
	thParent
	thGlobal
	thEval
	thImportMeta
	thMetaResolve

	thNSModule
	thNSWorker
	thNSChild
	thNSCluster
	thNSPath
	thNSURL
	thNSProcess

	thCreateRequire
	thLoad
	thWorker
	thFork
	thSetup
	thDlopen
	thGetBuiltin
	thRegister
	thURL
	thJoin
	thResolve
	thNormalize
	thDirname
	thFileURLToPath
	thPathToFileURL
	thIdentity // String, decodeURI, url.toString …
	thConstant // a method that gives the constants of its object
)

func (t thing) namespace() bool { return t >= thNSModule && t <= thNSProcess }

// followed reports whether the uses of a name for t are to be looked at.
func (t thing) followed() bool {
	switch t {
	case thNone, thNSPath, thNSURL, thURL, thJoin, thResolve, thNormalize, thDirname, thFileURLToPath,
		thPathToFileURL, thIdentity, thConstant:
		return false
	}
	return true
}

// origin is where a require function resolves from.
type origin struct {
	froms   []string // folders, as ref.from
	unknown bool     // or from a folder that is not known
	main    bool     // from the entry's folder
	ask     bool     // and for each call that is a gap
	native  bool     // it is the module's own require
	direct  bool     // and it is called by that name, so that esbuild sees the call
	resolve bool     // require.resolve
}

// A value is what is known of an expression.
type value struct {
	thing  thing
	soft   bool // the thing is guessed from its name
	origin origin
	vals   []constant
	open   bool // it may be something else, too
	// globs are what is known of the values that are not among vals: constants
	// with stars. There are none unless open is set.
	globs []constant
}

var unknown = value{open: true}

func constants(cs ...constant) value { return value{vals: cs} }

func (v value) isConst() bool { return !v.open && v.thing == thNone && len(v.vals) > 0 }

// hasBase reports whether v is a path in the module's neighbourhood.
func (v value) hasBase() bool {
	based := func(c constant) bool { return c.base == baseDir || c.base == baseFile }
	return slices.ContainsFunc(v.vals, based) || slices.ContainsFunc(v.globs, based)
}

// either is the value of an expression that is a or b.
func either(a, b value) value {
	out := a
	if a.thing == thNone {
		out.thing, out.soft, out.origin = b.thing, b.soft, b.origin
	} else if a.thing == thRequire && b.thing == thRequire {
		out.origin.froms = slices.Clone(a.origin.froms)
		for _, f := range b.origin.froms {
			if !slices.Contains(out.origin.froms, f) && len(out.origin.froms) < maxValues {
				out.origin.froms = append(out.origin.froms, f)
			}
		}
		out.origin.unknown = a.origin.unknown || b.origin.unknown
		out.origin.native = a.origin.native && b.origin.native
		out.origin.direct = false
	}
	out.open = a.open || b.open
	out.vals = slices.Clone(a.vals)
	for _, c := range b.vals {
		out.add(c)
	}
	out.globs = slices.Clone(a.globs)
	for _, c := range b.globs {
		out.addGlob(c)
	}
	return out
}

func (v *value) add(c constant) {
	switch {
	case slices.Contains(v.vals, c):
	case len(v.vals) >= maxValues || len(c.text) > maxText:
		v.open = true
	default:
		v.vals = append(v.vals, c)
	}
}

// addGlob adds a pattern, if something in it is known.
func (v *value) addGlob(c constant) {
	if c.base == baseNone && strings.Trim(c.text, star) == "" || len(c.text) > maxText ||
		len(v.globs) >= maxGlobs || slices.Contains(v.globs, c) {
		return
	}
	v.globs = append(v.globs, c)
}

// patterns are all that v may be: the constants come first. What is known only
// of some of the other values is taken for all of them.
func (v value) patterns() []constant {
	switch {
	case len(v.globs) > 0:
		return slices.Concat(v.vals, v.globs)
	case v.open:
		return append(slices.Clip(v.vals), constant{text: star})
	}
	return v.vals
}

// combine applies f to every pair of constants of a and b, and to the pairs of
// patterns.
func combine(a, b value, f func(a, b constant) (constant, bool)) value {
	out := value{open: a.open || b.open || a.thing != thNone || b.thing != thNone}
	for _, x := range a.vals {
		for _, y := range b.vals {
			if c, ok := f(x, y); ok {
				out.add(c)
			} else {
				out.open = true
			}
		}
	}
	if out.open && len(a.vals)+len(a.globs)+len(b.vals)+len(b.globs) > 0 {
		out.combineGlobs(a, b, f)
	}
	return out
}

func (v *value) combineGlobs(a, b value, f func(a, b constant) (constant, bool)) {
	for i, x := range a.patterns() {
		for j, y := range b.patterns() {
			if i < len(a.vals) && j < len(b.vals) {
				continue
			}
			if c, ok := f(x, y); ok {
				v.addGlob(c)
			}
		}
	}
}

func (v value) each(f func(constant) (constant, bool)) value {
	return combine(v, constants(constant{}), func(c, _ constant) (constant, bool) { return f(c) })
}

// concat is a + b.
func concat(a, b constant) (constant, bool) {
	if a.base == baseSpec {
		return a, b == constant{}
	}
	if b.base == baseNone {
		return constant{base: a.base, url: a.url, text: a.text + b.text}, true
	}
	switch a {
	case constant{}:
		return b, true
	case constant{text: "file:"}, constant{text: "file://"}, constant{text: "file:///"}:
		return constant{base: b.base, url: true, text: b.text}, !b.url
	}
	return constant{}, false
}

// slashed is text with a slash at its end if rel, which has been joined to what
// had been before, has one, as path.join has it.
func slashed(text, before, rel string) string {
	if text != "" && (strings.HasSuffix(rel, "/") || (rel == "" || rel == ".") && strings.HasSuffix(before, "/")) {
		return text + "/"
	}
	return text
}

// clean is a path below or beside a folder without . and .. in the middle: ""
// for the folder itself, else it begins with a slash.
func clean(text string) string {
	text = path.Clean(strings.TrimLeft(text, "/"))
	if text == "." {
		return ""
	}
	return "/" + text
}

// under gives the path that is rel, seen from c: path.join(c, rel).
func under(c constant, rel string) (constant, bool) {
	switch c.base {
	case baseDir:
		if c.text != "" && c.text[0] != '/' {
			return constant{}, false
		}
		return constant{base: baseDir, text: slashed(clean(c.text+"/"+rel), c.text, rel)}, true
	case baseFile:
		if c.text != "" {
			return constant{}, false
		}
		switch p := clean(rel); {
		case p == "":
			return c, true
		case p == "/..":
			return constant{base: baseDir}, true
		case strings.HasPrefix(p, "/../"):
			return constant{base: baseDir, text: clean(p[4:])}, true
		}
		return constant{}, false
	case baseSpec:
		return c, clean(rel) == ""
	}
	return constant{text: path.Join(c.text, rel)}, true
}

func joinPaths(a, b constant) (constant, bool) {
	if b.base != baseNone || a.url || b.url {
		return b, a == constant{} && !b.url
	}
	return under(a, b.text)
}

// resolvePaths is path.resolve(a, b); the empty constant is the working folder.
func resolvePaths(a, b constant) (constant, bool) {
	switch {
	case b.url:
		return constant{}, false
	case b.base != baseNone:
		return b, true
	case path.IsAbs(b.text):
		return constant{text: path.Clean(b.text)}, true
	case a.base == baseNone && !path.IsAbs(a.text):
		return constant{}, false
	}
	c, ok := under(a, b.text)
	if c.base == baseDir {
		c.text = strings.TrimRight(c.text, "/")
	}
	return c, ok
}

// dirOf is path.dirname(c).
func dirOf(c constant) (constant, bool) {
	switch c.base {
	case baseFile:
		if c.text != "" {
			return constant{}, false
		}
		return constant{base: baseDir, url: c.url}, true
	case baseDir:
		text := strings.TrimRight(c.text, "/")
		if text == "" {
			return constant{base: baseDir, url: c.url, text: "/.."}, true
		}
		if last := path.Base(text); last == ".." || last == "." || text[0] != '/' {
			return constant{}, false
		}
		return constant{base: baseDir, url: c.url, text: clean(path.Dir(strings.TrimLeft(text, "/")))}, true
	case baseSpec:
		return constant{}, false
	}
	return constant{text: path.Dir(c.text)}, true
}

// joinURL is new URL(rel, c) (URL Standard §4.4, for the references that occur).
func joinURL(rel, c constant) (constant, bool) {
	if rel.base != baseNone || rel.url || hasScheme(rel.text) {
		if rel.base != baseNone && !rel.url {
			return constant{}, false
		}
		rel.url = true
		return rel, true
	}
	if c.base == baseNone || !c.url || strings.HasPrefix(rel.text, "/") {
		return constant{}, false
	}
	text := cutQuery(c.text)
	if rel.text == "" || rel.text[0] == '?' || rel.text[0] == '#' {
		return constant{base: c.base, url: true, text: text}, true
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
	joined := clean(text + relPath)
	if strings.HasSuffix(relPath, "/") || relPath == "." || relPath == ".." || strings.HasSuffix(relPath, "/..") {
		joined += "/"
	}
	return constant{base: baseDir, url: true, text: joined + tail}, true
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
func urlToPath(c constant) (constant, bool) {
	if !c.url {
		if c.base == baseNone && strings.HasPrefix(c.text, "file://") {
			c.text, c.url = c.text[len("file://"):], true
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
func toPath(c constant) constant {
	if c.url {
		if p, ok := urlToPath(c); ok {
			return p
		}
	}
	return c
}

// folderPath is c as a path relative to the module's folder, for ref.text.
func folderPath(c constant) (string, bool) {
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
func globPath(c constant) (string, bool) {
	if c.base != baseDir || c.url || !strings.HasPrefix(c.text, "/") {
		return "", false
	}
	p := path.Clean(strings.TrimLeft(c.text, "/"))
	for component := range strings.SplitSeq(p, "/") {
		if strings.Trim(component, "."+star) != "" {
			return p, true
		}
	}
	return "", false
}

// requireFolder is the folder that createRequire(c) resolves from.
func requireFolder(c constant) (string, bool) {
	c = toPath(c)
	switch c.base {
	case baseFile:
		return "", c.text == ""
	case baseDir:
		if !strings.HasSuffix(c.text, "/") {
			d, ok := dirOf(constant{base: baseDir, text: c.text})
			if !ok {
				return "", false
			}
			c = d
		}
		f, ok := folderPath(c)
		if f == "." {
			f = ""
		}
		return f, ok
	}
	if c.base == baseSpec || !path.IsAbs(c.text) {
		return "", false
	}
	if strings.HasSuffix(c.text, "/") {
		return path.Clean(c.text), true
	}
	return path.Dir(c.text), true
}
