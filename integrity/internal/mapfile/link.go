package mapfile

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/tree"
	"github.com/nodeint/nodeint/integrity/problem"
)

// absoluteTarget is what a map records for a link to an absolute path outside
// the root. The path itself would hold for one machine only.
const absoluteTarget = "/"

// LinkTarget returns what a map records for the symbolic link at path: the key
// of its target. For a target outside the root it is the text of the link if
// that is relative, and "/" if it is absolute.
func LinkTarget(t *tree.Tree, link string) (string, error) {
	target, inside, err := t.Readlink(link)
	if err != nil {
		return "", err
	}
	raw, err := t.LinkText(link)
	switch {
	case err != nil:
		return "", err
	case !filepath.IsAbs(raw) && filepath.Clean(raw) != strings.TrimSuffix(raw, string(filepath.Separator)):
		// If a is a link, a/../b is not b. Only the text says where it leads.
		return filepath.ToSlash(raw), nil
	case inside:
		return KeyOf(target), nil
	case filepath.IsAbs(target):
		return absoluteTarget, nil
	}
	return filepath.ToSlash(target), nil
}

// CompareLinks returns a finding for each symbolic link that does not lead where
// the map says. One that some installs leave out may also lead to another package
// of the map that is installed under the same name.
func CompareLinks(t *tree.Tree, m *Map) ([]problem.Finding, error) {
	var findings []problem.Finding
	for _, link := range slices.Sorted(maps.Keys(m.Links)) {
		want := m.Links[link]
		kind, err := t.Kind(link)
		if err != nil {
			return nil, problem.NotChecked(link, "run nodeint as a user that can read this path", "%w", err)
		}
		f := problem.Finding{Path: link, Want: "a symbolic link to " + want}
		switch kind {
		case tree.None:
			f.Code, f.Got = problem.Missing, "nothing"
		case tree.Link:
			got, err := LinkTarget(t, link)
			if err != nil {
				return nil, problem.NotChecked(link, "", "%w", err)
			}
			if got == want || m.OptionalLinks[link] && isSameName(m, want, got) {
				continue
			}
			f.Code, f.Got = problem.Mismatch, "a symbolic link to "+got
		default:
			f.Code, f.Got = problem.WrongKind, kind.String()
		}
		findings = append(findings, f)
	}
	return findings, nil
}

// isSameName reports whether the targets of two links are directories of packages
// of the map that are installed under the same name.
func isSameName(m *Map, a, b string) bool {
	var names [2]string
	for i, key := range []string{a, b} {
		dir, err := PathOf(key)
		if _, known := m.Packages[dir]; err != nil || !known {
			return false
		}
		names[i] = InstalledName(dir)
	}
	return names[0] != "" && names[0] == names[1]
}
