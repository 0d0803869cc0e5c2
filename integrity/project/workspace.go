package project

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/tidwall/gjson"
)

// workspaceRoot returns the folder of the workspace that dir is a member of, or
// dir. A workspace within a workspace (yarn's worktrees) belongs to the outer.
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

// IsMember reports whether the folder at rel, a path relative to the root in slashes,
// is a member of the root's workspace.
func (p *Project) IsMember(rel string) (bool, error) {
	patterns, err := workspacePatterns(p.Root)
	return isMember(patterns, rel), err
}

// isMember reports whether the last of the patterns that matches the folder
// rel, slash-separated and relative to the workspace, takes it in.
func isMember(patterns []string, rel string) bool {
	if rel == "." || slices.Contains(strings.Split(rel, "/"), "node_modules") {
		return false
	}
	member := false
	for _, p := range patterns {
		p, not := strings.CutPrefix(p, "!")
		if doublestar.MatchUnvalidated(trimPattern(p), rel) {
			member = !not
		}
	}
	return member
}

// trimPattern takes away what package managers ignore: ./packages/*/ is packages/*.
func trimPattern(p string) string {
	return strings.TrimSuffix(strings.TrimLeft(strings.TrimPrefix(p, "./"), "/"), "/")
}

// workspacePatterns returns the patterns of the members of the workspace whose
// folder dir is; none if it is no workspace's.
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

// npmPatterns reads the member workspaces of package.json: a list, or yarn's
// object with the list packages. npm takes the patterns in order.
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

// pnpmPatterns reads the list packages of the pnpm-workspace.yaml at path. What
// it excludes stays out whatever the order.
func pnpmPatterns(path string) ([]string, error) {
	data, err := readSmall(path, maxYAML)
	if data == nil || err != nil {
		return nil, err
	}
	patterns, err := YAMLList(data, "packages")
	if err == nil && slices.Contains(patterns, "") {
		err = errors.New("packages holds something else than texts")
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
