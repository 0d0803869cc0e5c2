package project

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/goccy/go-yaml"
	"github.com/tidwall/gjson"
)

// Bounds of pnpm-workspace.yaml: its size in bytes, and how deep brackets nest.
// The YAML parser takes time in the square of both.
const (
	maxWorkspaceYAML = 64 << 10
	maxNesting       = 32
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

// isMember reports whether the last of the patterns that matches the folder
// rel, slash-separated and relative to the workspace, takes it in.
// IsMember reports whether the folder at rel, a path relative to the root in slashes,
// is a member of the root's workspace.
func (p *Project) IsMember(rel string) bool {
	patterns, err := workspacePatterns(p.Root)
	return err == nil && isMember(patterns, rel)
}

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
	data, err := readSmall(path, maxWorkspaceYAML)
	if data == nil || err != nil {
		return nil, err
	}
	if nesting(data) > maxNesting {
		return nil, configError(path, "list the folders in one list", "%s nests more than %d brackets", path, maxNesting)
	}
	patterns, err := decodePackages(data)
	if err != nil {
		return nil, configError(path, `write it as packages: ["packages/*"]`, "read %s: %s", path, yaml.FormatError(err, false, false))
	}
	slices.SortStableFunc(patterns, func(a, b string) int {
		return strings.Count(a[:min(1, len(a))], "!") - strings.Count(b[:min(1, len(b))], "!")
	})
	return patterns, checkPatterns(path, "packages", patterns)
}

// decodePackages reads the list packages. The parser, made for texts that people
// write, panics on some others.
func decodePackages(data []byte) (packages []string, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("it is not YAML")
		}
	}()
	var w struct {
		Packages []string `yaml:"packages"`
	}
	err = yaml.Unmarshal(data, &w)
	return w.Packages, err
}

// nesting returns how deep brackets nest in the text, quotes not looked at.
func nesting(data []byte) int {
	deepest, depth := 0, 0
	for _, c := range data {
		switch c {
		case '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ']', '}':
			depth = max(0, depth-1)
		}
	}
	return deepest
}

func checkPatterns(path, member string, patterns []string) error {
	for _, p := range patterns {
		if m := isGlob(p); m != nil {
			return configError(path, m.hint, "%s: %s %s", path, member, m.wrong)
		}
	}
	return nil
}
