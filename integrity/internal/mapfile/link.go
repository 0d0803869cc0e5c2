package mapfile

import (
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
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
	case !filepath.IsAbs(raw) && goesBack(filepath.ToSlash(raw)):
		// If a is a link, a/../b is not b. Only the text says where it leads.
		return filepath.ToSlash(raw), nil
	case inside:
		return KeyOf(target), nil
	case filepath.IsAbs(target):
		return absoluteTarget, nil
	}
	return filepath.ToSlash(target), nil
}

// goesBack reports whether a relative path goes into a directory and out of it again.
func goesBack(p string) bool {
	down := false
	for name := range strings.SplitSeq(p, "/") {
		if name == ".." && down {
			return true
		}
		down = down || name != ".." && name != "." && name != ""
	}
	return false
}

// CheckedLinks returns the links that a tree on this system is compared with, sorted. On
// Windows, package managers write scripts to a BinDir in place of links.
func (m *Map) CheckedLinks() []string {
	links := sortedKeys(m.Links)
	if runtime.GOOS == "windows" {
		links = slices.DeleteFunc(links, func(link string) bool { return m.OptionalLinks[link] && IsBinDir(tree.Parent(link)) })
	}
	return links
}

// CompareLinks returns a finding for each symbolic link that does not lead where
// the map says, and for each of its directories that is not one.
func CompareLinks(t *tree.Tree, m *Map) ([]problem.Finding, error) {
	findings, err := m.CompareDirectories(t)
	if err != nil {
		return nil, err
	}
	for _, link := range m.CheckedLinks() {
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
			if m.AcceptsTarget(t, link, got) {
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

// AcceptsTarget reports whether a link may lead where it leads: got is its target as
// [LinkTarget] returns it. A link that some installs leave out may also lead to another
// package of the map that is installed under the same name.
func (m *Map) AcceptsTarget(t *tree.Tree, link, got string) bool {
	want := m.Links[link]
	return got == want || m.OptionalLinks[link] && m.isSameName(want, got) || m.isOldTarget(t, link, want)
}

// isSameName reports whether the targets of two links are directories of packages
// of the map that are installed under the same name.
func (m *Map) isSameName(a, b string) bool {
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

// isOldTarget reports whether want is what earlier versions recorded for a link at path
// whose text has needless dots or slashes: the text itself. Text that begins with "./"
// could also be the key of another target, so it counts only if that does not exist and
// did not when the map was made.
func (m *Map) isOldTarget(t *tree.Tree, link, want string) bool {
	raw, err := t.LinkText(link)
	if err != nil || filepath.ToSlash(raw) != want || filepath.IsAbs(raw) || filepath.Clean(raw) == raw {
		return false
	}
	p, err := PathOf(want)
	if err != nil {
		return true // no key
	}
	kind, err := t.Kind(p)
	return err == nil && kind == tree.None && !slices.Contains(m.Absent, "./"+p)
}

// BinDir is the directory in a node_modules in which package managers put links to the
// commands of packages.
const BinDir = ".bin"

// IsBinDir reports whether dir is the BinDir of a node_modules.
func IsBinDir(dir string) bool {
	return path.Base(dir) == BinDir && path.Base(tree.Parent(dir)) == nodejs.NodeModules
}
