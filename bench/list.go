package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nodeint/nodeint/hasher"
	"github.com/nodeint/nodeint/importmap"
)

// A pinned file is an entry of a map.
type pinned struct {
	path   string // relative to the root, in slashes
	digest string // SHA-256, in hexadecimal
}

// readMap reads a map of SHA-256 digests that nodeint wrote, in the order of
// paths.
func readMap(text []byte) ([]pinned, error) {
	var m struct {
		Integrity map[string]string `json:"integrity"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	var files []pinned
	for key, metadata := range m.Integrity {
		path, err := importmap.PathOf(key)
		if err != nil {
			return nil, err
		}
		if strings.ContainsAny(path, "\\\n\r") {
			return nil, fmt.Errorf("%q: the lists of sha256sum would have to escape this name", path)
		}
		digest, err := hasher.ParseDigest(metadata)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		files = append(files, pinned{path, hex.EncodeToString(digest.Bytes())})
	}
	slices.SortFunc(files, func(a, b pinned) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

// lists are the files to check, in the form that each peer of verify reads.
type lists struct {
	paths  string // one path a line
	sha256 string // as sha256sum writes
	blake3 string // as b3sum writes
}

// writeLists writes the lists of files, which are below root, to the directory dir.
func writeLists(ctx context.Context, dir, root string, files []pinned) (lists, error) {
	l := lists{filepath.Join(dir, "paths"), filepath.Join(dir, "sha256"), filepath.Join(dir, "blake3")}
	jobs := make([]hasher.Job, len(files))
	for i, f := range files {
		jobs[i] = hasher.Job{Path: f.path, Algorithms: hasher.SetOf(hasher.BLAKE3)}
	}
	results, err := hasher.Files(ctx, root, jobs, hasher.Options{})
	if err != nil {
		return l, err
	}
	var paths, sha256, blake3 strings.Builder
	for i, f := range files {
		if err := results[i].Err; err != nil {
			return l, err
		}
		paths.WriteString(f.path + "\n")
		sha256.WriteString(f.digest + "  " + f.path + "\n")
		blake3.WriteString(hex.EncodeToString(results[i].Digests[0].Bytes()) + "  " + f.path + "\n")
	}
	for name, text := range map[string]*strings.Builder{l.paths: &paths, l.sha256: &sha256, l.blake3: &blake3} {
		if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
			return l, err
		}
	}
	return l, nil
}
