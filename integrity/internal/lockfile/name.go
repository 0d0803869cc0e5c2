package lockfile

import (
	"strings"
	"unicode"
)

// Limits of paths: those of Linux.
const (
	maxSegment = 255
	maxPath    = 4095
)

// nameFault says why a name is not a valid package name, name or @scope/name. It
// returns "" for a valid one.
func nameFault(name string) string {
	segment := name
	if strings.HasPrefix(name, "@") {
		scope, rest, found := strings.Cut(name[1:], "/")
		if !found {
			return "has a scope without a name"
		}
		if fault := segmentFault(scope); fault != "" {
			return fault
		}
		segment = rest
	}
	switch {
	case strings.HasPrefix(segment, "."):
		return "begins with a dot"
	case strings.HasSuffix(segment, ".") || strings.HasSuffix(segment, " "):
		return "ends with a dot or a space"
	case strings.EqualFold(segment, "node_modules"):
		return "is node_modules"
	}
	return segmentFault(segment)
}

// segmentFault says why an element of a path is not a plain name on every system. It
// returns "" if it is one.
func segmentFault(s string) string {
	switch {
	case s == "":
		return "has an empty part"
	case s == "." || s == "..":
		return "has a part " + quote(s)
	case len(s) > maxSegment:
		return "has a part that is longer than 255 bytes"
	case strings.ContainsAny(s, `/\:`):
		return `has one of / \ : in a part`
	}
	return textFault(s)
}

// textFault says why nodeint must not repeat a text in its output. It returns "" if it
// may.
func textFault(s string) string {
	if len(s) > maxText {
		return "is longer than 8 KiB"
	}
	for _, c := range s {
		if !unicode.IsPrint(c) {
			return "has a character that is not printable"
		}
	}
	return ""
}

// placeFault says why a path is not a clean path inside the root. It returns "" if it
// is one.
func placeFault(place string) string {
	if place == "." {
		return ""
	}
	if len(place) > maxPath {
		return "is longer than 4095 bytes"
	}
	for segment := range strings.SplitSeq(place, "/") {
		if segment != "node_modules" && strings.EqualFold(segment, "node_modules") {
			return "has a part that differs from node_modules only in case"
		}
		if fault := segmentFault(segment); fault != "" {
			return fault
		}
	}
	return ""
}

// outside removes each leading "../" of a path, and reports whether there was one.
func outside(p string) (rest string, out bool) {
	for strings.HasPrefix(p, "../") {
		p, out = p[3:], true
	}
	if p == ".." {
		return ".", true
	}
	return p, out
}

// target checks the path to, which is relative to the directory from. It returns the
// clean path relative to the root, which may begin with "../".
func (r *reader) target(at pos, from, to string) string {
	if strings.HasPrefix(to, "/") || strings.ContainsRune(to, '\\') || isDrive(to) {
		r.bad(at, "the path %s is absolute or system-specific", quote(to))
		return ""
	}
	joined := join(from, to)
	if rest, _ := outside(joined); placeFault(rest) != "" {
		r.bad(at, "the path %s %s", quote(to), placeFault(rest))
	}
	return joined
}

// join is path.Join for a path that may leave the root.
func join(from, to string) string {
	var parts []string
	for part := range strings.SplitSeq(from+"/"+to, "/") {
		n := len(parts)
		switch {
		case part == "" || part == ".":
		case part == ".." && n > 0 && parts[n-1] != "..":
			parts = parts[:n-1]
		default:
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "."
	}
	return strings.Join(parts, "/")
}

func isDrive(s string) bool {
	return len(s) > 1 && s[1] == ':' && 'a' <= s[0]|0x20 && s[0]|0x20 <= 'z'
}

// isURL reports whether s begins with a scheme and "//".
func isURL(s string) bool {
	scheme, _, ok := strings.Cut(s, "://")
	return ok && scheme != "" && !strings.ContainsAny(scheme, "/@ ")
}

// isGit reports whether s is the address of a repository.
func isGit(s string) bool {
	for _, p := range []string{"git+", "git:", "git@", "ssh:", "github:", "gitlab:", "bitbucket:", "gist:"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// ofRegistry reports whether address has the form that registries use for tarballs:
// …/name/-/name-1.0.0.tgz.
func ofRegistry(address, name, version string) bool {
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	last := name[strings.LastIndexByte(name, '/')+1:]
	return isURL(address) && strings.HasSuffix(address, "/-/"+last+"-"+version+".tgz")
}

// isTarball reports whether a file name has the extension of a tarball.
func isTarball(name string) bool {
	return strings.HasSuffix(name, ".tgz") || strings.HasSuffix(name, ".tar.gz") || strings.HasSuffix(name, ".tar")
}

// split splits name@rest or @scope/name@rest at the second or only "@".
func split(s string) (name, rest string, ok bool) {
	if s == "" {
		return "", "", false
	}
	i := strings.IndexByte(s[1:], '@')
	if i < 0 {
		return s, "", false
	}
	return s[:i+1], s[i+2:], true
}
