package project

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
)

// nodeConditions are the conditions that Node itself may set.
// See https://nodejs.org/api/packages.html#conditional-exports.
var nodeConditions = []string{"node", "node-addons", "import", "require", "module-sync", "default"}

// exportTargets returns every target of the member exports that Node can reach with
// its own conditions and the given ones. key is the subpath, "." or "./x"; "" means
// all of them.
func exportTargets(v gjson.Result, key string, conditions []string) ([]string, error) {
	w := targetWalk{conditions: slices.Concat(nodeConditions, conditions)}
	if !v.IsObject() || !hasSubpaths(v) {
		if key == "" || key == "." {
			w.visit(v)
		}
		return w.targets, w.err
	}
	v.ForEach(func(k, v gjson.Result) bool {
		if key == "" || key == k.Str {
			w.visit(v)
		}
		return w.err == nil
	})
	return w.targets, w.err
}

// hasSubpaths reports whether the keys of an object are subpaths, not conditions.
func hasSubpaths(v gjson.Result) bool {
	found := false
	v.ForEach(func(k, _ gjson.Result) bool {
		found = strings.HasPrefix(k.Str, ".")
		return false
	})
	return found
}

type targetWalk struct {
	conditions []string
	targets    []string
	err        error
}

func (w *targetWalk) visit(v gjson.Result) {
	switch {
	case v.Type == gjson.String:
		// PACKAGE_TARGET_RESOLVE: the target must be within the package.
		// See https://nodejs.org/api/esm.html#resolution-algorithm-specification.
		rest, ok := strings.CutPrefix(v.Str, "./")
		if !ok || !filepath.IsLocal(filepath.FromSlash(rest)) {
			w.err = fmt.Errorf("%q is not a path within the package", v.Str)
			return
		}
		if !slices.Contains(w.targets, v.Str) {
			w.targets = append(w.targets, v.Str)
		}
	case v.IsArray() || v.IsObject():
		v.ForEach(func(k, e gjson.Result) bool {
			if v.IsArray() || slices.Contains(w.conditions, k.Str) {
				w.visit(e)
			}
			return w.err == nil
		})
	}
}

// expand returns the files below dir that match a pattern, a target with "*". A star
// matches any text, including slashes. Node requires that all stars of a target match
// the same text; expand ignores that, so it may return more files.
func (pr *prober) expand(dir, pattern string) ([]string, error) {
	pattern = strings.TrimPrefix(pattern, "./")
	before, after, _ := strings.Cut(pattern, "*")
	if i := strings.LastIndexByte(after, '*'); i >= 0 {
		after = after[i+1:]
	}
	var out []string
	err := fs.WalkDir(os.DirFS(dir), startOf(before), func(name string, d fs.DirEntry, err error) error {
		if safefile.IsAbsent(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if d.IsDir() && path.Base(name) == nodejs.NodeModules {
			return fs.SkipDir
		}
		if !d.IsDir() && len(name) >= len(before)+len(after) &&
			strings.HasPrefix(name, before) && strings.HasSuffix(name, after) &&
			pr.isFile(filepath.Join(dir, filepath.FromSlash(name))) {
			out = append(out, filepath.Join(dir, filepath.FromSlash(name)))
		}
		return nil
	})
	return out, err
}

// startOf returns the directory that contains every path with the prefix before.
func startOf(before string) string {
	i := strings.LastIndexByte(before, '/')
	if i < 0 {
		return "."
	}
	return path.Clean(before[:i])
}
