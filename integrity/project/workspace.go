package project

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// workspaceRoot returns the directory of the workspace that dir is a member of, or dir
// if it is not a member of one. For nested workspaces (Yarn's worktrees), it returns
// the outermost.
func workspaceRoot(dir string) (string, error) {
	root := dir
	for at := filepath.Dir(dir); ; at = filepath.Dir(at) {
		patterns, err := workspacePatterns(at)
		if err != nil {
			return "", err
		}
		rel, err := filepath.Rel(at, root)
		if err != nil {
			return "", err
		}
		if isMember(patterns, filepath.ToSlash(rel)) {
			root = at
		}
		if at == filepath.Dir(at) {
			return root, nil
		}
	}
}

// IsMember reports whether the directory rel is a member of the root's workspace. rel is
// slash-separated and relative to the root.
func (p *Project) IsMember(rel string) (bool, error) {
	patterns, err := workspacePatterns(p.Root)
	return isMember(patterns, rel), err
}

// isMember reports whether the directory rel is a member by the patterns: the last one
// that matches decides. rel is slash-separated and relative to the workspace.
func isMember(patterns []string, rel string) bool {
	if rel == "." || slices.Contains(strings.Split(rel, "/"), nodejs.NodeModules) {
		return false
	}
	member := false
	for _, p := range patterns {
		p, negated := strings.CutPrefix(p, "!")
		if doublestar.MatchUnvalidated(trimPattern(p), rel) {
			member = !negated
		}
	}
	return member
}

// trimPattern removes what package managers ignore: ./packages/*/ becomes packages/*.
func trimPattern(p string) string {
	return strings.TrimSuffix(strings.TrimLeft(strings.TrimPrefix(p, "./"), "/"), "/")
}

// workspacePatterns returns the patterns of the members of the workspace in dir. It
// returns none if dir is not the directory of a workspace.
func workspacePatterns(dir string) ([]string, error) {
	patterns, err := pnpmPatterns(filepath.Join(dir, "pnpm-workspace.yaml"))
	if err != nil {
		return nil, err
	}
	m, err := readManifest(dir)
	if m == nil || err != nil {
		return patterns, err
	}
	more, err := npmPatterns(m.path, m.members["workspaces"])
	return append(more, patterns...), err
}

// npmPatterns returns the patterns in the member workspaces of package.json: a list, or
// Yarn's object with the list packages. npm applies them in order.
func npmPatterns(path string, v gjson.Result) ([]string, error) {
	if !v.Exists() || v.Type == gjson.Null {
		return nil, nil
	}
	if v.IsObject() {
		if v = v.Get("packages"); !v.Exists() {
			return nil, nil
		}
	}
	patterns, ok := list(v)
	if !ok {
		return nil, configError(path, `write it as "workspaces": ["packages/*"]`, "%s: workspaces is not a list of strings", path)
	}
	return patterns, checkPatterns(path, "workspaces", patterns)
}

// pnpmPatterns returns the patterns in the list packages of the pnpm-workspace.yaml at
// path. Negated ones come last: pnpm applies them after the others, whatever the order.
func pnpmPatterns(path string) ([]string, error) {
	data, err := readIfPresent(path, maxYAML)
	if data == nil || err != nil {
		return nil, err
	}
	patterns, err := YAMLList(data, "packages")
	if err == nil && slices.Contains(patterns, "") {
		err = errors.New("packages contains an item that is not a string")
	}
	if err != nil {
		return nil, configError(path, `write it as packages: ["packages/*"]`, "read %s: %w", path, err)
	}
	slices.SortStableFunc(patterns, func(a, b string) int {
		return strings.Count(a[:min(1, len(a))], "!") - strings.Count(b[:min(1, len(b))], "!")
	})
	return patterns, checkPatterns(path, "packages", patterns)
}

func checkPatterns(path, member string, patterns []string) error {
	for _, p := range patterns {
		if m := isGlob(p); m != nil {
			return configError(path, m.hint, "%s: %s %s", path, member, m.wrong)
		}
	}
	return nil
}
