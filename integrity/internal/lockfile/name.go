package lockfile

import (
	"strings"
	"unicode"
)

// Bounds of paths: Linux opens no longer ones.
const (
	maxSegment = 255
	maxPath    = 4095
)

// nameFault says why a name cannot be that of a package: name or @scope/name.
func nameFault(name string) string {
	segment := name
	if strings.HasPrefix(name, "@") {
		scope, rest, found := strings.Cut(name[1:], "/")
		if !found {
			return "has a scope and nothing in it"
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
		return "is that of a folder of packages"
	}
	return segmentFault(segment)
}

// segmentFault says why a part of a path is not a plain name on every system.
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

// textFault refuses what may not be in any text of a lockfile that nodeint repeats.
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

// placeFault says why a path is not a clean one inside the root.
func placeFault(place string) string {
	if place == "." {
		return ""
	}
	if len(place) > maxPath {
		return "is longer than any system opens"
	}
	for segment := range strings.SplitSeq(place, "/") {
		if segment != "node_modules" && strings.EqualFold(segment, "node_modules") {
			return "has a part that is node_modules but for its case"
		}
		if fault := segmentFault(segment); fault != "" {
			return fault
		}
	}
	return ""
}

// outside takes the "../" off a path's beginning, and reports whether any was there.
func outside(p string) (rest string, out bool) {
	for strings.HasPrefix(p, "../") {
		p, out = p[3:], true
	}
	if p == ".." {
		return ".", true
	}
	return p, out
}

// target checks a path that leads from the folder from, which is relative to the
// root, and gives it relative to the root, cleaned; it may begin with "../".
func (r *reader) target(at pos, from, to string) string {
	if strings.HasPrefix(to, "/") || strings.ContainsRune(to, '\\') || isDrive(to) {
		r.bad(at, "the path %s is absolute, or of one system: it would be of one machine", quote(to))
		return ""
	}
	joined := join(from, to)
	if rest, _ := outside(joined); placeFault(rest) != "" {
		r.bad(at, "the path %s %s", quote(to), placeFault(rest))
	}
	return joined
}

// join is path.Join for a path that may lead out of the root.
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

// isURL reports whether a text begins with a scheme and "//".
func isURL(s string) bool {
	scheme, _, ok := strings.Cut(s, "://")
	return ok && scheme != "" && !strings.ContainsAny(scheme, "/@ ")
}

// isGit reports whether an address is that of a repository.
func isGit(s string) bool {
	for _, p := range []string{"git+", "git:", "git@", "ssh:", "github:", "gitlab:", "bitbucket:", "gist:"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// ofRegistry reports whether an address is what registries have for a tarball:
// …/name/-/name-1.0.0.tgz.
func ofRegistry(address, name, version string) bool {
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	last := name[strings.LastIndexByte(name, '/')+1:]
	return isURL(address) && strings.HasSuffix(address, "/-/"+last+"-"+version+".tgz")
}

// isTarball reports whether a file's name is that of a tarball.
func isTarball(name string) bool {
	return strings.HasSuffix(name, ".tgz") || strings.HasSuffix(name, ".tar.gz") || strings.HasSuffix(name, ".tar")
}

// split parts a package from what follows: name@rest, @scope/name@rest.
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
