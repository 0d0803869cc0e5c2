package lockfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// wins says which of two lockfiles of one manager the manager itself reads.
var wins = map[string]string{
	"npm-shrinkwrap.json": "package-lock.json", // npm's documentation of npm-shrinkwrap.json
	"bun.lock":            "bun.lockb",         // bun's documentation of the lockfile
}

// Find returns the name of the lockfile of the project whose root is dir. Where more
// than one manager has left one, package.json has to say which manager is the
// project's (packageManager, devEngines.packageManager). Without a lockfile the error
// is fs.ErrNotExist.
func Find(dir string) (string, error) {
	var found []string
	for _, name := range known() {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			found = append(found, name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("look for a lockfile: %w", err)
		}
	}
	for winner, loser := range wins {
		if slices.Contains(found, winner) {
			found = slices.DeleteFunc(found, func(name string) bool { return name == loser })
		}
	}
	if len(found) > 1 {
		found = ofManager(found, managerOf(dir))
	}
	switch len(found) {
	case 0:
		return "", &Error{
			op: "look for a lockfile in", File: dir, Reason: "none of " + strings.Join(known(), ", ") + " is there",
			Hint: "install with npm, pnpm, yarn or bun, which write one", err: fs.ErrNotExist,
		}
	case 1:
		return found[0], nil
	}
	return "", &Error{
		op: "look for a lockfile in", File: dir, Reason: "there are " + strings.Join(found, " and "),
		Hint: `remove what is not the project's, or name its manager in package.json: "packageManager": "pnpm@10.0.0"`,
	}
}

// ofManager keeps the lockfiles of a manager; all where none is its own.
func ofManager(found []string, manager string) []string {
	own := slices.Clone(found)
	own = slices.DeleteFunc(own, func(name string) bool { return formats[name].manager != manager })
	if len(own) == 0 {
		return found
	}
	return own
}

// managerOf gives the manager that package.json names, "" if it names none.
func managerOf(dir string) string {
	text, err := readBounded(filepath.Join(dir, "package.json"), 4<<20)
	if err != nil || !gjson.Valid(text) {
		return ""
	}
	if name, _, _ := strings.Cut(gjson.Get(text, "packageManager").Str, "@"); name != "" {
		return name
	}
	return gjson.Get(text, "devEngines.packageManager.name").Str
}

// Load finds the lockfile of the project whose root is dir, and reads it.
func Load(dir string, o Options) (*Lock, error) {
	name, err := Find(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, name)
	text, err := readBounded(path, MaxSize)
	if err != nil {
		return nil, fmt.Errorf("read the lockfile: %w", err)
	}
	return Parse(path, text, o)
}

// readBounded reads a regular file, and one byte more than most of a larger one.
func readBounded(path string, most int64) (string, error) {
	if info, err := os.Stat(path); err != nil {
		return "", err
	} else if !info.Mode().IsRegular() {
		return "", &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	return string(text), err
}
