package graph

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/jsscan"
	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// deepPattern returns the expression for a slash-separated path that the pattern with
// these components matches: a wildcard at the start of a component stands for
// directories as well (jsscan.Specifier.Deep).
func deepPattern(components []string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("^")
	for i, c := range components {
		if i > 0 {
			b.WriteString("/")
		}
		for n, part := range strings.Split(c, jsscan.Wildcard) {
			if n == 1 && b.Len() > 0 && strings.HasPrefix(c, jsscan.Wildcard) {
				b.WriteString("(?:[^/]*/)*")
			}
			if n > 0 {
				b.WriteString("[^/]*")
			}
			b.WriteString(regexp.QuoteMeta(strings.ToValidUTF8(part, "\uFFFD")))
		}
	}
	b.WriteString("$")
	return regexp.MustCompile(b.String())
}

// walk adds the files below dir whose path matches: those that Node loads by their name,
// or by their name without an extension if the pattern is probed. rel is the path of dir
// relative to the base of the pattern. It follows no links to directories. It returns
// false if a limit is exceeded or an error has occurred.
func (l *patternLister) walk(dir, rel string, pattern *regexp.Regexp) bool {
	entries, err := os.ReadDir(dir)
	if err != nil && !safefile.IsAbsentName(err) {
		l.fail(err)
		return false
	}
	if l.entries += len(entries); l.entries > maxEntries {
		return false
	}
	for _, e := range entries {
		name := e.Name()
		path, relPath := filepath.Join(dir, name), strings.TrimPrefix(rel+"/"+name, "/")
		switch {
		case name == nodejs.NodeModules || name[0] == '.':
		case e.IsDir():
			if !l.walk(path, relPath, pattern) {
				return false
			}
		case !l.isCode(name):
		case pattern.MatchString(relPath) || l.probe && slices.ContainsFunc(stems(relPath), pattern.MatchString):
			if e.Type()&os.ModeSymlink != 0 && !l.isInside(path) {
				continue
			}
			if l.isRegular(path) {
				l.found = append(l.found, path)
			}
		}
		if l.err != nil {
			return false
		}
	}
	return true
}

// stems returns the names by which require finds a file: without its extension, and the
// directory of an index.
func stems(file string) []string {
	ext := filepath.Ext(file)
	stem := strings.TrimSuffix(file, ext)
	if !slices.Contains(nodejs.RequireExtensions(), ext) {
		return nil
	}
	if dir, ok := strings.CutSuffix(stem, "/index"); ok {
		return []string{stem, dir}
	}
	return []string{stem}
}
