package tarball

import (
	"strings"
	"unicode/utf8"
)

// A place is the path of an entry in the package, or the reason to skip it.
type place struct {
	path string // "" if the entry is skipped
	code Code   // "" if the path is plain
	why  string
}

func skipped(code Code, why string) place { return place{code: code, why: why} }

// tarPlace returns the place of an entry of a tarball. It removes the first element,
// which is "package" in npm's tarballs, and the name of a repository or "." in others.
func tarPlace(name string) place {
	if p := inconsistent(name); p.code != "" {
		return p
	}
	first, rest, _ := strings.Cut(name, "/")
	if first == ".." {
		return skipped(PathParent, `contains the element ".."`)
	}
	return clean(rest)
}

// zipPlace returns the place of an entry of a zip. It removes the prefix, node_modules/
// and the name of the package.
func zipPlace(name, prefix string) place {
	if p := inconsistent(name); p.code != "" {
		return p
	}
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return skipped(PathElsewhere, "not below "+quote(prefix))
	}
	return clean(rest)
}

// inconsistent checks whether readers understand a name differently. The code of the
// place is "" if they do not.
func inconsistent(name string) place {
	switch {
	case strings.IndexByte(name, 0) >= 0:
		return skipped(PathBytes, "a NUL in a path, which no system opens")
	case !utf8.ValidString(name):
		return skipped(PathBytes, "not UTF-8: package managers decode it differently")
	case strings.Contains(name, `\`):
		return skipped(PathBackslash, "a backslash, which is a path separator on Windows")
	case strings.HasPrefix(name, "/"):
		return skipped(PathAbsolute, "an absolute path")
	}
	return place{}
}

// clean removes empty and "." elements from a path. All package managers do, and
// published packages have them.
func clean(rest string) place {
	kept := strings.Split(rest, "/")
	n := 0
	for _, element := range kept {
		switch {
		case element == "..":
			return skipped(PathParent, `contains the element ".."`)
		case hasDrive(element):
			return skipped(PathDrive, "a Windows drive")
		case element != "" && element != ".":
			kept[n] = element
			n++
		}
	}
	switch n {
	case 0:
		return skipped(PathShort, "no name after the first element")
	case len(kept):
		return place{path: rest}
	}
	return place{path: strings.Join(kept[:n], "/")}
}

func hasDrive(element string) bool {
	return len(element) >= 2 && element[1] == ':' && 'a' <= element[0]|0x20 && element[0]|0x20 <= 'z'
}
