package lockfile

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/nodeint/nodeint/integrity/internal/nodejs"
	"github.com/nodeint/nodeint/integrity/internal/safefile"
	"github.com/nodeint/nodeint/integrity/problem"
)

// ErrNotFound is the cause of the error if the project has no lockfile.
var ErrNotFound = errors.New("not found")

// wins says which of two lockfiles the package manager reads if both exist: the key.
var wins = map[string]string{
	"npm-shrinkwrap.json": "package-lock.json", // npm's documentation of npm-shrinkwrap.json
	"bun.lock":            "bun.lockb",         // bun's documentation of the lockfile
}

// Find returns the name of the lockfile of the project whose root is dir. If there are
// lockfiles of several package managers, package.json must name the manager
// (packageManager or devEngines.packageManager). The error is a [*problem.Error]; it
// wraps [ErrNotFound] if there is no lockfile.
func Find(dir string) (string, error) {
	var found []string
	for _, name := range fileNames() {
		exists, err := safefile.TargetExists(filepath.Join(dir, name))
		if err != nil {
			return "", refused(dir, "", "find the lockfile in %s: %w", dir, err)
		}
		if exists {
			found = append(found, name)
		}
	}
	for winner, loser := range wins {
		if slices.Contains(found, winner) {
			found = slices.DeleteFunc(found, func(name string) bool { return name == loser })
		}
	}
	if len(found) > 1 {
		manager, err := managerOf(dir)
		if err != nil {
			return "", err
		}
		found = ofManager(found, manager)
	}
	switch len(found) {
	case 0:
		return "", problem.New(problem.Usage, problem.CodeLockfile, dir, "run npm install, or the install command of pnpm, yarn or bun",
			"find the lockfile in %s: %w: looked for %s", dir, ErrNotFound, strings.Join(fileNames(), ", "))
	case 1:
		return found[0], nil
	}
	return "", refused(dir, `remove the unused one, or name the package manager in package.json: "packageManager": "pnpm@10.0.0"`,
		"find the lockfile in %s: found %s", dir, strings.Join(found, " and "))
}

// ofManager returns the lockfiles of a package manager, or all if it has none.
func ofManager(found []string, manager string) []string {
	own := slices.Clone(found)
	own = slices.DeleteFunc(own, func(name string) bool { return formats[name].manager != manager })
	if len(own) == 0 {
		return found
	}
	return own
}

// managerOf returns the package manager that package.json names, or "" if it names
// none, does not exist, or is not JSON.
func managerOf(dir string) (string, error) {
	path := filepath.Join(dir, nodejs.PackageJSON)
	text, err := safefile.Read(path, nodejs.MaxPackageJSON)
	if safefile.IsAbsent(err) {
		return "", nil
	}
	if err != nil {
		return "", refused(path, "", "read the package manager in package.json: %w", err)
	}
	if !gjson.ValidBytes(text) {
		return "", nil
	}
	if name, _, _ := strings.Cut(gjson.GetBytes(text, "packageManager").Str, "@"); name != "" {
		return name, nil
	}
	return gjson.GetBytes(text, "devEngines.packageManager.name").Str, nil
}

// InstallCommand returns the command that installs the packages of the project whose
// root is dir: that of the package manager of its lockfile, else that of the one that
// package.json names, else npm's.
func InstallCommand(dir string) string {
	manager := "npm"
	if name, err := Find(dir); err == nil {
		manager = formats[name].manager
	} else if named, err := managerOf(dir); err == nil && slices.Contains([]string{"npm", "pnpm", "yarn", "bun"}, named) {
		manager = named
	}
	return manager + " install"
}

// Read returns the name and the bytes of the lockfile of the project whose root is dir.
// It does not parse them. Read never blocks, and reads at most [MaxSize] bytes. The
// error is that of [Find], or a [*problem.Error] if the lockfile is not a regular file,
// is larger, or cannot be read.
func Read(dir string) (name string, text []byte, err error) {
	if name, err = Find(dir); err != nil {
		return "", nil, err
	}
	path, hint := filepath.Join(dir, name), "remove it, then "+formats[name].hint
	text, err = safefile.Read(path, MaxSize)
	switch {
	case errors.Is(err, safefile.ErrTooLarge):
		return "", nil, refused(path, hint, "read %s: the lockfile is larger than %d MiB", path, MaxSize>>20)
	case err != nil:
		if _, isKind := errors.AsType[*safefile.KindError](err); !isKind {
			hint = ""
		}
		return "", nil, refused(path, hint, "read the lockfile: %w", err)
	}
	return name, text, nil
}

// Load finds the lockfile of the project whose root is dir, and parses it. The error is
// that of [Read] or [Parse].
func Load(dir string, o Options) (*Lock, error) {
	name, text, err := Read(dir)
	if err != nil {
		return nil, err
	}
	return Parse(filepath.Join(dir, name), string(text), o)
}
