package jsscan

import (
	"net/url"
	"path"
	"strings"
)

// Constant folding of node:path, node:url and URL, on paths relative to the module.

// evalPathCall evaluates a call of a function of node:path or node:url.
func (s *scanner) evalPathCall(v value, args []argument, depth int) value {
	if len(args) == 0 {
		return unknown
	}
	out := s.evalArgument(args, 0, depth)
	if v.guessed && !out.isLocalPath() {
		return unknown
	}
	switch v.entity {
	case entPathJoin:
		out = s.evalPathJoin(out, args, depth, pathJoin)
	case entPathResolve:
		out = s.evalPathJoin(out, args, depth, pathResolve).mapConstants(func(c constant) (constant, bool) {
			return c, c.base != baseNone || strings.HasPrefix(c.text, "/")
		})
	case entPathNormalize:
		out = out.mapConstants(func(c constant) (constant, bool) { return joinPath(c, ".") })
	case entPathDirname:
		out = out.mapConstants(pathDirname)
	case entFileURLToPath:
		out = out.mapConstants(fileURLToPath)
	case entPathToFileURL:
		out = out.mapConstants(pathToFileURL)
	}
	return out
}

// evalPathJoin evaluates path.join and path.resolve; out is the first argument.
func (s *scanner) evalPathJoin(out value, args []argument, depth int, op func(a, b constant) (constant, bool)) value {
	out = out.mapConstants(func(c constant) (constant, bool) {
		if c.isURL {
			return c, false
		}
		if c.base == baseNone {
			return c, true
		}
		return op(c, constant{text: "."})
	})
	for n := 1; n < len(args); n++ {
		out = combine(out, s.evalArgument(args, n, depth), op)
	}
	return out
}

// pathToFileURL is the function of node:url. A resolved specifier stays one.
func pathToFileURL(c constant) (constant, bool) {
	switch {
	case c.base == baseResolved:
	case c.isURL || c.base == baseNone && !strings.HasPrefix(c.text, "/"):
		return c, false
	case c.base == baseNone:
		c.text = "file://" + c.text
	}
	c.isURL = true
	return c, true
}

// keepSlash appends a slash to text if path.join keeps one: if rel, the last part
// that was joined to before, ends with a slash, or is empty and before ends so.
func keepSlash(text, before, rel string) string {
	if text != "" && (strings.HasSuffix(rel, "/") || (rel == "" || rel == ".") && strings.HasSuffix(before, "/")) {
		return text + "/"
	}
	return text
}

// cleanPath resolves "." and ".." in a path relative to a directory. The result is
// "" for the directory itself; otherwise it begins with a slash.
func cleanPath(text string) string {
	text = path.Clean(strings.TrimLeft(text, "/"))
	if text == "." {
		return ""
	}
	return "/" + text
}

// joinPath is path.join(c, rel) for a string rel.
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

// pathJoin is path.join(a, b).
func pathJoin(a, b constant) (constant, bool) {
	if b.base != baseNone || a.isURL || b.isURL {
		return b, a == constant{} && !b.isURL
	}
	return joinPath(a, b.text)
}

// pathResolve is path.resolve(a, b). The empty constant is the working directory.
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

// pathDirname is path.dirname(c).
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

// newURL is new URL(rel, c) (URL Standard §4.4, for the references that occur).
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
		text = "/../" // the URL of the directory itself, without a slash at its end
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

// cutQuery returns s without its query and fragment.
func cutQuery(s string) string {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		return s[:i]
	}
	return s
}

// hasScheme reports whether s begins with a URL scheme. A single letter is a drive.
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

// fileURLToPath is the function of node:url. A path stays a path.
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

// asPath returns the path that a function of Node gets when it is passed c.
func asPath(c constant) constant {
	if c.isURL {
		if p, ok := fileURLToPath(c); ok {
			return p
		}
	}
	return c
}

// relativePath returns c as a path relative to the module's directory, in the form
// of Specifier.Text.
func relativePath(c constant) (string, bool) {
	if c = fromFile(c); c.base != baseDir {
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

// fromFile returns a path that begins with the module's file, and leaves it with "..", as one
// that begins with the module's directory. Node normalizes such paths.
func fromFile(c constant) constant {
	if c.base != baseFile || !strings.HasPrefix(c.text, "/") {
		return c
	}
	p := cleanPath(c.text)
	if rest, ok := strings.CutPrefix(p, "/.."); ok && (rest == "" || rest[0] == '/') {
		return constant{base: baseDir, isURL: c.isURL, text: keepSlash(rest, c.text, "")}
	}
	return c
}

// isModuleFile reports whether c is the module itself, which needs no specifier.
func isModuleFile(c constant) bool { return c.base == baseFile && cutQuery(c.text) == "" }

// patternPath returns the pattern c relative to the module's directory, in the form
// of Specifier.Text. It rejects patterns that name only directories above it.
func patternPath(c constant) (string, bool) {
	if c = fromFile(c); c.base != baseDir || c.isURL || !strings.HasPrefix(c.text, "/") {
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

// createRequireDir returns the directory that createRequire(c) resolves from.
func createRequireDir(c constant) (string, bool) {
	c = fromFile(asPath(c))
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
