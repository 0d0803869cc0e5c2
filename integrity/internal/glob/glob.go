// Package glob matches the include and exclude patterns of the configuration.
//
// A pattern is one line of a .gitignore file (gitignore(5), "Pattern format"):
//
//   - A pattern with a slash at its start or in its middle is relative to the root.
//     One without matches at any depth.
//   - A pattern with a slash at its end matches only directories.
//   - "*", "?" and "[a-z]" match within a path component. "**" matches any number of
//     components.
//   - "!" at the start negates the pattern: it excludes what an earlier one matched.
//     The last pattern that matches decides.
//   - Everything in a directory that matches, matches.
//
// In addition to gitignore(5), "{a,b}" matches either alternative, and "./" at the
// start stands for the root.
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
	glob    string
	negated bool
	dirOnly bool // matches directories and what is in them
}

// Limits of a list. A pattern may come from a hostile map, and the time to match one
// grows with a power of the number of its wildcards.
const (
	maxPatterns = 1000
	maxLength   = 512 // bytes of a pattern
	maxStars    = 12
	maxBraces   = 6 // opening ones
)

// New parses patterns. The error names the first invalid one.
func New(patterns []string) (*List, error) {
	if len(patterns) > maxPatterns {
		return nil, fmt.Errorf("%d patterns are too many: the limit is %d", len(patterns), maxPatterns)
	}
	l := &List{}
	for _, text := range patterns {
		if len(text) > maxLength || strings.Count(text, "*") > maxStars || strings.Count(text, "{") > maxBraces {
			return nil, fmt.Errorf("the pattern %.60q is too long: the limit is %d bytes with %d stars and %d braces", text, maxLength, maxStars, maxBraces)
		}
		p := pattern{glob: text}
		p.glob, p.negated = strings.CutPrefix(p.glob, "!")
		p.glob, p.dirOnly = strings.CutSuffix(p.glob, "/")
		anchored := strings.Contains(p.glob, "/")
		p.glob = strings.TrimPrefix(strings.TrimPrefix(p.glob, "./"), "/")
		if !anchored {
			p.glob = "**/" + p.glob
		}
		if strings.Trim(text, "!/.") == "" || !doublestar.ValidatePattern(p.glob) || slices.Contains(strings.Split(p.glob, "/"), "..") {
			return nil, fmt.Errorf("%q is not a valid pattern; write it as in a .gitignore file, relative to the root", text)
		}
		l.patterns = append(l.patterns, p)
	}
	return l, nil
}

// Match reports whether the list matches p, or a directory that contains p. p is
// slash-separated and relative to the root; isDir tells whether it is a directory.
func (l *List) Match(p string, isDir bool) bool {
	if l == nil || len(l.patterns) == 0 {
		return false
	}
	matched := false
	for _, pat := range l.patterns {
		if matched != pat.negated {
			continue // a match would change nothing
		}
		if pat.match(p, isDir) {
			matched = !pat.negated
		}
	}
	return matched
}

func (pat pattern) match(p string, isDir bool) bool {
	if (isDir || !pat.dirOnly) && doublestar.MatchUnvalidated(pat.glob, p) {
		return true
	}
	for dir := path.Dir(p); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if doublestar.MatchUnvalidated(pat.glob, dir) {
			return true
		}
	}
	return false
}

// Bases returns the directories that can contain matches: the part before the first
// wildcard of each pattern. "" is the root.
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

// MayMatchBelow reports whether a path in the directory p may match.
func (l *List) MayMatchBelow(p string) bool {
	return slices.ContainsFunc(l.Bases(), func(base string) bool {
		return base == "" || p == base || strings.HasPrefix(p, base+"/") || strings.HasPrefix(base, p+"/")
	})
}
