// Package unpinned lists the files that no map pins, whatever asks for them:
// the version-control directory of the root, caches of tools, and temporary files of
// nodeint.
//
// They change without a change of the program, and differ between two trees of
// the same program. generate leaves them out, and verify does not report them as
// unexpected: both ask this package. There are two exceptions. A file in a cache
// that the program imports by a fixed name is pinned. In a version-control directory
// elsewhere, as a clone in the program has it, the files that Node loads are pinned as
// in any other directory: nothing but its name tells it from one that was added.
//
// Paths are slash-separated and relative to the root.
package unpinned

import (
	"path"
	"slices"
	"strings"
)

// VersionControl returns the names of the directories of version control systems.
// In a worktree and in a submodule of git, .git is a file.
func VersionControl() []string { return []string{".git", ".hg", ".svn"} }

// Caches returns the directories of known caches. Each stands for a directory of
// that path at any depth.
func Caches() []string {
	return []string{
		".angular/cache",
		".astro",
		".next/cache",
		".next/server/route-cache",
		".nx/cache",
		".nyc_output",
		".parcel-cache",
		".swc",
		".turbo",
		".vite",
		".wireit",
		"node_modules/.cache",
		"node_modules/.vite-temp",
		"node_modules/.vitest",
	}
}

var (
	versionControl = VersionControl()
	caches         = Caches()
)

// IsVersionControl reports whether p is the version-control directory of the root, or in
// it.
func IsVersionControl(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return slices.Contains(versionControl, first)
}

// InVersionControl reports whether p is a version-control directory, or in one, at any
// depth.
func InVersionControl(p string) bool {
	if !hasDot(p) {
		return false
	}
	for _, dir := range versionControl {
		if contains(p, dir) {
			return true
		}
	}
	return false
}

// IsCache reports whether p is the directory of a known cache, or in one.
func IsCache(p string) bool {
	if !hasDot(p) {
		return false
	}
	for _, dir := range caches {
		if contains(p, dir) {
			return true
		}
	}
	return false
}

// hasDot reports whether a component of p begins with a dot, as one of every directory
// here does. Most paths have none.
func hasDot(p string) bool { return p != "" && p[0] == '.' || strings.Contains(p, "/.") }

// contains reports whether the components of dir occur in p, one after the other.
func contains(p, dir string) bool {
	for rest := p; ; {
		i := strings.Index(rest, dir)
		if i < 0 {
			return false
		}
		end := i + len(dir)
		if (i == 0 || rest[i-1] == '/') && (end == len(rest) || rest[end] == '/') {
			return true
		}
		rest = rest[i+1:]
	}
}

// Place returns what a gap names for p, of which IsNever is true: the version-control
// directory, since its content differs between two trees of a program, or p itself.
func Place(p string) string {
	if IsVersionControl(p) {
		p, _, _ = strings.Cut(p, "/")
	}
	return p
}

// IsNever reports whether no map pins p, even if the program names it: it is the
// version-control directory of the root or in it, it is in own, or it is a temporary file of a
// file in own. own has the paths of maps, envelopes and traces.
func IsNever(p string, own map[string]bool) bool {
	if own[p] || IsVersionControl(p) {
		return true
	}
	file, ok := TemporaryOf(p)
	return ok && own[file]
}

// TemporaryOf returns the file that p is a temporary file of, when its name is one
// that package atomic gives: ".NAME.DIGITS.tmp" beside NAME.
func TemporaryOf(p string) (file string, ok bool) {
	name := path.Base(p)
	stem, hasSuffix := strings.CutSuffix(name, ".tmp")
	dot := strings.LastIndexByte(stem, '.')
	if !hasSuffix || dot < 2 || stem[0] != '.' || dot == len(stem)-1 || strings.Trim(stem[dot+1:], "0123456789") != "" {
		return "", false
	}
	return p[:len(p)-len(name)] + stem[1:dot], true
}
