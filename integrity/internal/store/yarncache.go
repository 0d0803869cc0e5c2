package store

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
)

// maxCandidates bounds how many files of one name and version are hashed.
const maxCandidates = 32

// A folder is the names in a folder, read once.
type folder struct {
	once  sync.Once
	names []string // sorted
}

func (s *Store) folder(path string) *folder {
	v, _ := s.folders.LoadOrStore(path, new(folder))
	f := v.(*folder)
	f.once.Do(func() {
		entries, _ := os.ReadDir(path) // sorted
		for _, e := range entries {
			f.names = append(f.names, e.Name())
		}
	})
	return f
}

// with gives the names that begin with a prefix; none for "".
func (f *folder) with(prefix string) []string {
	if prefix == "" {
		return nil
	}
	from := sort.SearchStrings(f.names, prefix)
	to := from
	for to < len(f.names) && to-from < maxCandidates && strings.HasPrefix(f.names[to], prefix) {
		to++
	}
	return f.names[from:to]
}

var notInSlug = regexp.MustCompile(`[^@a-z0-9]+`)

// classicPrefix is how the names begin that yarn 1 gives to a package in its cache:
// npm-@babel-core-7.26.0-<sha1>-integrity.
func classicPrefix(w Want) string {
	if !isName(w.Name) || !isVersion(w.Version) {
		return ""
	}
	return "npm-" + strings.Trim(notInSlug.ReplaceAllString(w.Name, "-"), "-") + "-" + w.Version + "-"
}

// zipPrefix is how the names begin that later yarns give to an archive:
// @babel-core-npm-7.26.0-<digits of what it is>-<digits of the archive>.zip, or with
// the cache key at the end where projects share the folder.
func zipPrefix(w Want) string {
	if !isName(w.Name) {
		return ""
	}
	return strings.Replace(w.Name, "/", "-", 1) + "-"
}

// zipFiles are the candidates in the caches of yarn 2 and later.
func (s *Store) zipFiles(w Want) []candidate {
	var all []candidate
	for _, dir := range s.zips {
		for _, name := range s.zipNames(dir, w) {
			c := candidate{Yarn, filepath.Join(dir, name), true}
			c.loose = !isZipOf(name, w)
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		all = append(all, candidate{source: Yarn})
	}
	return all
}

func (s *Store) zipNames(dir string, w Want) []string {
	var names []string
	for _, name := range s.folder(dir).with(zipPrefix(w)) {
		if strings.HasSuffix(name, ".zip") {
			names = append(names, name)
		}
	}
	// The one that is called as the archive should be comes first.
	slices.SortStableFunc(names, func(a, b string) int { return rank(a, w) - rank(b, w) })
	return names
}

func rank(name string, w Want) int {
	if isZipOf(name, w) {
		return 0
	}
	return 1
}

// isZipOf reports whether a name says that its file is the archive: by the first
// digits of its digest, or by version and cache key.
func isZipOf(name string, w Want) bool {
	for _, d := range w.digests() {
		digits := hex.EncodeToString(d.Bytes())
		if strings.HasSuffix(name, "-"+digits[:10]+".zip") || strings.HasSuffix(name, "-"+digits[:8]+".zip") {
			return true
		}
	}
	return w.CacheKey != "" && w.Version != "" && strings.HasPrefix(name, zipPrefix(w)+"npm-"+w.Version+"-") && strings.HasSuffix(name, "-"+w.CacheKey+".zip")
}

// isName reports whether a text is a name that a package may have, and no path.
func isName(name string) bool {
	scope, base, scoped := strings.Cut(name, "/")
	if !scoped {
		return isPart(name)
	}
	return strings.HasPrefix(scope, "@") && isPart(scope[1:]) && isPart(base)
}

func isPart(s string) bool {
	if s == "" || len(s) > 214 || s[0] == '.' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= 0x20 || c >= 0x7f || strings.IndexByte(`/\:@%?#"<>|*`, c) >= 0 {
			return false
		}
	}
	return true
}

// isVersion reports whether a text may be a version: no path, and no part of a URL.
func isVersion(s string) bool { return isPart(s) }
