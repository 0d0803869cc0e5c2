package tarball

import (
	"strings"
	"unicode/utf8"
)

// A place is where an entry goes, or why it goes nowhere.
type place struct {
	path string // "" where code says that the entry is skipped
	code Code   // "" where all is plain
	why  string
}

func skipped(code Code, why string) place { return place{code: code, why: why} }

// tarPlace leaves out the first element, whatever it is: npm's tarballs have
// "package", others the name of a repository, or ".".
func tarPlace(name string) place {
	if p := odd(name); p.code != "" {
		return p
	}
	first, rest, _ := strings.Cut(name, "/")
	if first == ".." {
		return skipped(PathParent, `leads to another folder by ".."`)
	}
	return clean(rest)
}

// zipPlace leaves out the prefix, node_modules/ and the package's name.
func zipPlace(name, prefix string) place {
	if p := odd(name); p.code != "" {
		return p
	}
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return skipped(PathElsewhere, "not below "+quote(prefix))
	}
	return clean(rest)
}

// odd finds what makes a whole name one that means different things to different
// readers. The place's code is "" if there is nothing.
func odd(name string) place {
	switch {
	case strings.IndexByte(name, 0) >= 0:
		return skipped(PathBytes, "a NUL in a path, which no system opens")
	case !utf8.ValidString(name):
		return skipped(PathBytes, "no UTF-8, so what package managers call it depends on them")
	case strings.Contains(name, `\`):
		return skipped(PathBackslash, "a backslash, which is part of a name here and leads into a folder on Windows")
	case strings.HasPrefix(name, "/"):
		return skipped(PathAbsolute, "an absolute path")
	}
	return place{}
}

// clean gives what is left of a path without empty and "." elements: every
// package manager leaves them out, and published packages have them.
func clean(rest string) place {
	kept := strings.Split(rest, "/")
	n := 0
	for _, element := range kept {
		switch {
		case element == "..":
			return skipped(PathParent, `leads to another folder by ".."`)
		case hasDrive(element):
			return skipped(PathDrive, "a drive of Windows")
		case element != "" && element != ".":
			kept[n] = element
			n++
		}
	}
	switch n {
	case 0:
		return skipped(PathShort, "no name is left of it without the folder that every package has")
	case len(kept):
		return place{path: rest}
	}
	return place{path: strings.Join(kept[:n], "/")}
}

func hasDrive(element string) bool {
	return len(element) >= 2 && element[1] == ':' && 'a' <= element[0]|0x20 && element[0]|0x20 <= 'z'
}
