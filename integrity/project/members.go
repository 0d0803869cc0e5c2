package project

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
)

// A Member is a directory of a workspace that may have a map.
type Member struct {
	Dir string // relative to the root, slash-separated; "." is the root itself

	// Skip is why the member needs no map, or "".
	Skip string
}

// Members returns the workspace's members, sorted by directory, and its root. A member
// is skipped if it has no map, named mapName, and no entry. The root is listed only if
// it has a map: the start script of a workspace often starts its members. dir is a
// directory in the workspace.
func Members(dir, mapName string) (root string, members []Member, err error) {
	p, err := Locate(dir, mapName)
	if err != nil {
		return "", nil, err
	}
	patterns, err := workspacePatterns(p.Root)
	if err != nil {
		return "", nil, err
	}
	if len(patterns) == 0 {
		return "", nil, usageError(p.Root, "leave out --workspaces, or change to the directory of the workspace",
			"%s has no workspaces: neither package.json nor pnpm-workspace.yaml names members", p.Root)
	}
	dirs, err := memberDirs(p.Root, patterns)
	if err != nil {
		return "", nil, err
	}
	for _, rel := range append([]string{"."}, dirs...) {
		at := filepath.Join(p.Root, filepath.FromSlash(rel))
		hasMap, err := isNonDirectory(filepath.Join(at, mapName))
		switch {
		case err != nil:
			return "", nil, err
		case hasMap:
			members = append(members, Member{Dir: rel})
		case rel != ".":
			members = append(members, Member{Dir: rel, Skip: noEntry(at)})
		}
	}
	return p.Root, members, nil
}

// noEntry returns why the project in dir needs no map: its package.json names no entry.
// It returns "" if there is an entry, or an error that the command itself reports.
func noEntry(dir string) string {
	m, err := readManifest(dir)
	if err != nil || m == nil {
		return ""
	}
	p, err := load(dir, *m)
	if err != nil {
		return ""
	}
	_, err = p.Entries()
	if missing, ok := errors.AsType[*NotBuiltError](err); ok && missing.None {
		return "it has no entry and no map"
	}
	return ""
}

// memberDirs returns the directories below root that match the patterns and have a
// package.json, and those that match the patterns of such a member (Yarn's worktrees).
// They are sorted.
func memberDirs(root string, patterns []string) ([]string, error) {
	dirs, err := matchingDirs(root, patterns)
	if err != nil {
		return nil, err
	}
	for _, dir := range slices.Clone(dirs) {
		at := filepath.Join(root, filepath.FromSlash(dir))
		nested, err := workspacePatterns(at)
		if err != nil || len(nested) == 0 {
			continue // the member's own run reports the error
		}
		below, err := memberDirs(at, nested)
		if err != nil {
			return nil, err
		}
		for _, rel := range below {
			dirs = append(dirs, dir+"/"+rel)
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs), nil
}

// matchingDirs returns the directories below root that match the patterns and have a
// package.json.
func matchingDirs(root string, patterns []string) ([]string, error) {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if d.Name() == nodejs.NodeModules || d.Name() == ".git" {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if !isMember(patterns, rel) {
			return nil
		}
		found, err := isNonDirectory(filepath.Join(path, nodejs.PackageJSON))
		if found {
			dirs = append(dirs, rel)
		}
		return err
	})
	return dirs, err
}
