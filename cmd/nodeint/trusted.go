package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/nodeint/nodeint/integrity/jsontext"
)

// absolutes returns the absolute paths of the directories given with --trust.
func (u *ui) absolutes(dirs []string) ([]string, error) {
	var all []string
	for _, dir := range dirs {
		if dir == "" {
			return nil, usage("use --trust DIR", "--trust: the directory is empty")
		}
		path, err := u.absolute(dir)
		if err != nil {
			return nil, err
		}
		all = append(all, path)
	}
	return all, nil
}

// trustedDirs returns the real paths of trusted directories.
func trustedDirs(dirs []string, root string) ([]string, error) {
	var real []string
	for _, dir := range dirs {
		path, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return nil, usage("check the path given to --trust", "--trust %s: %w", dir, err)
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		const writableByAll = 0o002
		switch {
		case !info.IsDir():
			return nil, usage("name the directory that contains it", "--trust %s: not a directory", dir)
		case path == root || isInside(root, path):
			return nil, usage("pin its files: nodeint generate with include in package.json", "--trust %s: inside the root %s", dir, root)
		case isInside(path, root):
			return nil, usage("name a directory that does not contain the program", "--trust %s: contains the root %s", dir, root)
		case info.Mode().Perm()&writableByAll != 0 && runtime.GOOS != "windows":
			return nil, usage("chmod o-w "+path, "--trust %s: every user can write this directory", dir)
		}
		real = append(real, path)
	}
	return real, nil
}

// isInside reports whether the absolute path is inside the directory dir.
func isInside(dir, path string) bool {
	return strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// trustedFiles is the report on stderr, as JSON on one line.
type trustedFiles struct {
	Schema  int            `json:"schema"`
	Command string         `json:"command"`
	Trusted map[string]int `json:"trusted"` // number of files by directory
}

// reportTrusted returns a function that prints how many files were loaded from each
// trusted directory, and with -v which. It returns nil if there are no directories.
func (u *ui) reportTrusted(dirs []string) func(files []string) {
	if len(dirs) == 0 {
		return nil
	}
	return func(files []string) {
		counts, total := map[string]int{}, 0
		for _, dir := range dirs {
			counts[dir] = 0
		}
		for _, f := range files {
			for _, dir := range dirs {
				if isInside(dir, f) {
					counts[dir]++
					total++
					break
				}
			}
		}
		if u.json {
			if text, err := jsontext.Marshal(trustedFiles{1, "run", counts}); err == nil {
				fmt.Fprintf(u.err, "%s\n", text)
			}
			return
		}
		if u.quiet {
			return
		}
		var each []string
		for _, dir := range dirs {
			each = append(each, fmt.Sprintf("%d of %s", counts[dir], safeName(dir)))
		}
		fmt.Fprintf(u.err, "nodeint: loaded %s without a check, because of --trust: %s\n", count(total, "file"), strings.Join(each, ", "))
		for _, f := range files {
			if u.verbose {
				fmt.Fprintf(u.err, "  %s\n", safeName(f))
			}
		}
	}
}
