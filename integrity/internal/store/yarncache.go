package store

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/nodeint/nodeint/integrity/internal/lazyregexp"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// maxCandidates is the most files of one name and version that are hashed.
const maxCandidates = 32

// dirNames are the names in a directory, read once.
type dirNames struct {
	once  sync.Once
	names []string // sorted
	err   error
}

// readDir returns the sorted names in a directory, and none if it does not exist. It reads
// each directory once.
func (s *Store) readDir(path string) ([]string, error) {
	v, _ := s.dirs.LoadOrStore(path, new(dirNames))
	d := v.(*dirNames)
	d.once.Do(func() {
		entries, err := os.ReadDir(path) // sorted
		if err != nil && !safefile.IsAbsent(err) {
			d.err = err
			return
		}
		for _, e := range entries {
			d.names = append(d.names, e.Name())
		}
	})
	return d.names, d.err
}

// withPrefix returns the sorted names that begin with prefix, and none for "".
func withPrefix(names []string, prefix string) []string {
	if prefix == "" {
		return nil
	}
	from := sort.SearchStrings(names, prefix)
	to := from
	for to < len(names) && to-from < maxCandidates && strings.HasPrefix(names[to], prefix) {
		to++
	}
	return names[from:to]
}

var notInSlug = lazyregexp.New(`[^@a-z0-9]+`)

// classicPrefix returns the beginning of the names that yarn 1 gives to a package in its
// cache: npm-@babel-core-7.26.0-<sha1>-integrity. It returns "" for an invalid name.
func classicPrefix(w Want) string {
	if !isName(w.Name) || !isVersion(w.Version) {
		return ""
	}
	return "npm-" + strings.Trim(notInSlug().ReplaceAllString(w.Name, "-"), "-") + "-" + w.Version + "-"
}

// zipPrefix returns the beginning of the names that yarn 2 and later give to an archive:
// @babel-core-npm-7.26.0-<digits of the locator>-<digits of the archive>.zip. In a cache
// that projects share, the cache key is at the end instead. It returns "" for an invalid
// name.
func zipPrefix(w Want) string {
	if !isName(w.Name) {
		return ""
	}
	return strings.Replace(w.Name, "/", "-", 1) + "-"
}

// zipFiles returns the candidates in the caches of yarn 2 and later.
func (s *Store) zipFiles(w Want) []candidate {
	var all []candidate
	for _, dir := range s.zips {
		names, err := s.readDir(dir)
		if err != nil {
			all = append(all, candidate{source: Yarn, path: dir, err: err})
		}
		for _, name := range zipNames(names, w) {
			all = append(all, candidate{source: Yarn, path: filepath.Join(dir, name), loose: !isZipOf(name, w)})
		}
	}
	if len(all) == 0 {
		all = append(all, candidate{source: Yarn})
	}
	return all
}

// zipNames returns the names that may be the archive, the likeliest first.
func zipNames(names []string, w Want) []string {
	var zips []string
	for _, name := range withPrefix(names, zipPrefix(w)) {
		if strings.HasSuffix(name, ".zip") {
			zips = append(zips, name)
		}
	}
	slices.SortStableFunc(zips, func(a, b string) int { return rank(a, w) - rank(b, w) })
	return zips
}

func rank(name string, w Want) int {
	if isZipOf(name, w) {
		return 0
	}
	return 1
}

// isZipOf reports whether a file name identifies the archive: by the first digits of its
// digest, or by version and cache key.
func isZipOf(name string, w Want) bool {
	for _, d := range w.digests() {
		digits := hex.EncodeToString(d.Bytes())
		if strings.HasSuffix(name, "-"+digits[:10]+".zip") || strings.HasSuffix(name, "-"+digits[:8]+".zip") {
			return true
		}
	}
	return w.CacheKey != "" && w.Version != "" && strings.HasPrefix(name, zipPrefix(w)+"npm-"+w.Version+"-") && strings.HasSuffix(name, "-"+w.CacheKey+".zip")
}

// isName reports whether a string is a valid package name, and so not a path.
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

// isVersion reports whether s can be a version. It is then not a path or part of a URL.
func isVersion(s string) bool { return isPart(s) }
