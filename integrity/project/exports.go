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
)

// nodeConditions are those that node itself may set.
// https://nodejs.org/api/packages.html#conditional-exports
var nodeConditions = []string{"node", "node-addons", "import", "require", "module-sync", "default"}

// exportTargets returns every target of the member exports that node can come
// to, with its own conditions and the given ones: of the subpath sub ("." or
// "./x"), or of all if sub is "".
func exportTargets(v gjson.Result, sub string, conditions []string) ([]string, error) {
	w := targetWalk{conditions: slices.Concat(nodeConditions, conditions)}
	if !v.IsObject() || !hasSubpaths(v) {
		if sub == "" || sub == "." {
			w.visit(v)
		}
		return w.targets, w.err
	}
	v.ForEach(func(k, v gjson.Result) bool {
		if sub == "" || sub == k.Str {
			w.visit(v)
		}
		return w.err == nil
	})
	return w.targets, w.err
}

// hasSubpaths reports whether the object's keys are subpaths, not conditions.
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
		// https://nodejs.org/api/esm.html#resolution-algorithm-specification,
		// PACKAGE_TARGET_RESOLVE: within the package, and not in node_modules.
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

// expand returns the files below dir that the pattern, a target with "*", may
// stand for. A star stands for any text, slashes too, the same wherever it
// occurs; since a later one only narrows that, the first decides here.
func (l *looks) expand(dir, pattern string) ([]string, error) {
	pattern = strings.TrimPrefix(pattern, "./")
	before, after, _ := strings.Cut(pattern, "*")
	if i := strings.LastIndexByte(after, '*'); i >= 0 {
		after = after[i+1:]
	}
	var out []string
	err := fs.WalkDir(os.DirFS(dir), startOf(before), func(name string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if d.IsDir() && path.Base(name) == "node_modules" {
			return fs.SkipDir
		}
		if !d.IsDir() && len(name) >= len(before)+len(after) &&
			strings.HasPrefix(name, before) && strings.HasSuffix(name, after) &&
			l.isFile(filepath.Join(dir, filepath.FromSlash(name))) {
			out = append(out, filepath.Join(dir, filepath.FromSlash(name)))
		}
		return nil
	})
	return out, err
}

// startOf returns the folder where all that begins with before lies.
func startOf(before string) string {
	i := strings.LastIndexByte(before, '/')
	if i < 0 {
		return "."
	}
	return path.Clean(before[:i])
}
