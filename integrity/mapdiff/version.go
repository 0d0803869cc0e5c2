package mapdiff

import (
	"cmp"
	"strings"
)

// compareVersions compares two versions by the precedence of semver.org. Texts that are no
// versions have an order too.
func compareVersions(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(a, b)
	}
	a, _, _ = strings.Cut(a, "+")
	b, _, _ = strings.Cut(b, "+")
	coreA, preA, isPreA := strings.Cut(a, "-")
	coreB, preB, isPreB := strings.Cut(b, "-")
	if c := compareIdentifiers(coreA, coreB); c != 0 {
		return c
	}
	switch {
	case isPreA != isPreB && isPreA:
		return -1
	case isPreA != isPreB:
		return 1
	}
	return compareIdentifiers(preA, preB)
}

// isDowngrade reports whether a version is lower than the one before. The order of two
// versions before the same release says little: many have the digest of a commit.
func isDowngrade(old, new string) bool {
	if old == "" || new == "" {
		return false
	}
	coreOld, _, isPreOld := strings.Cut(old, "-")
	coreNew, _, _ := strings.Cut(new, "-")
	return compareVersions(new, old) < 0 && (compareIdentifiers(coreNew, coreOld) != 0 || !isPreOld)
}

// compareIdentifiers compares identifiers between dots: numbers by value, before texts.
func compareIdentifiers(a, b string) int {
	left, right := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(left), len(right)) {
		x, y := left[i], right[i]
		isNumberX, isNumberY := isNumber(x), isNumber(y)
		switch {
		case isNumberX && isNumberY:
			x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
		case isNumberX != isNumberY && isNumberX:
			return -1
		case isNumberX != isNumberY:
			return 1
		case x != y:
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(left), len(right))
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
