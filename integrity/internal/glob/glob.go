// Package glob matches the include and exclude patterns of the configuration.
//
// A pattern is one line of a .gitignore file (gitignore(5), "Pattern format"):
// one with a slash at its start or in its middle is relative to the root, one
// without matches at any depth; a slash at the end makes it match folders only;
// "*", "?", "[a-z]" stay within a path component and "**" does not; "!" at the
// start takes back what an earlier pattern matched, and the last pattern that
// matches decides. What lies in a folder that matches, matches. Beyond
// gitignore(5), "{a,b}" is either, and "./" at the start is the root.
package glob

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// A List is a list of patterns. A nil List matches nothing.
type List struct {
	patterns []pattern
}

type pattern struct {
	glob        string
	negated     bool
	foldersOnly bool // and what is in them
}

// Bounds of a list. A pattern may come from a hostile map, and matching one of
// many wildcards takes time that grows with a power of their number.
const (
	maxPatterns = 1000
	maxLength   = 512 // bytes of a pattern
	maxStars    = 12
	maxBraces   = 6 // opening ones
)

// New reads patterns. The error names the one that is not a pattern.
func New(patterns []string) (*List, error) {
	if len(patterns) > maxPatterns {
		return nil, fmt.Errorf("%d patterns are too many: at most %d are taken", len(patterns), maxPatterns)
	}
	l := &List{}
	for _, text := range patterns {
		if len(text) > maxLength || strings.Count(text, "*") > maxStars || strings.Count(text, "{") > maxBraces {
			return nil, fmt.Errorf("the pattern %.60q is too long: at most %d bytes with %d stars and %d braces are taken", text, maxLength, maxStars, maxBraces)
		}
		p := pattern{glob: text}
		p.glob, p.negated = strings.CutPrefix(p.glob, "!")
		p.glob, p.foldersOnly = strings.CutSuffix(p.glob, "/")
		anchored := strings.Contains(p.glob, "/")
		p.glob = strings.TrimPrefix(strings.TrimPrefix(p.glob, "./"), "/")
		if !anchored {
			p.glob = "**/" + p.glob
		}
		if strings.Trim(text, "!/.") == "" || !doublestar.ValidatePattern(p.glob) || slices.Contains(strings.Split(p.glob, "/"), "..") {
			return nil, fmt.Errorf("%q is not a pattern; write it as in a .gitignore file, relative to the root", text)
		}
		l.patterns = append(l.patterns, p)
	}
	return l, nil
}

// Match reports whether the list matches p, a slash-separated path relative to
// the root, or a folder that it lies in.
func (l *List) Match(p string, isFolder bool) bool {
	if l == nil || len(l.patterns) == 0 {
		return false
	}
	matched := false
	for _, pat := range l.patterns {
		if matched != pat.negated {
			continue // it would change nothing
		}
		if pat.match(p, isFolder) {
			matched = !pat.negated
		}
	}
	return matched
}

func (pat pattern) match(p string, isFolder bool) bool {
	if (isFolder || !pat.foldersOnly) && doublestar.MatchUnvalidated(pat.glob, p) {
		return true
	}
	for dir := path.Dir(p); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if doublestar.MatchUnvalidated(pat.glob, dir) {
			return true
		}
	}
	return false
}

// Bases returns the folders that matches can lie in: what comes before the
// first wildcard of each pattern. "" is the root.
func (l *List) Bases() []string {
	var bases []string
	if l == nil {
		return nil
	}
	for _, pat := range l.patterns {
		if pat.negated {
			continue
		}
		base, _ := doublestar.SplitPattern(pat.glob)
		if base == "." {
			base = ""
		}
		bases = append(bases, base)
	}
	slices.Sort(bases)
	return slices.Compact(bases)
}

// MayMatchBelow reports whether something in the folder p may match.
func (l *List) MayMatchBelow(p string) bool {
	return slices.ContainsFunc(l.Bases(), func(base string) bool {
		return base == "" || p == base || strings.HasPrefix(p, base+"/") || strings.HasPrefix(base, p+"/")
	})
}
