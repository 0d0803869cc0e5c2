package launch

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/nodeint/nodeint/integrity/internal/safefile"

	"github.com/nodeint/nodeint/integrity/problem"
)

// A Version is a version of node.
type Version struct{ Major, Minor, Patch int }

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

func (v Version) before(major, minor int) bool {
	return v.Major < major || v.Major == major && v.Minor < minor
}

// Check returns an error for a node without module.registerHooks, which the preload
// needs.
func (v Version) Check() error {
	need := ""
	switch {
	case v.before(22, 15):
		need = "22.15"
	case v.Major == 23 && v.Minor < 5:
		need = "23.5"
	default:
		return nil
	}
	return problem.BadUsage("install a newer node, or give the path of one: nodeint run /opt/node/bin/node app.js",
		"node %s is too old for run: %s or newer is needed", v, need)
}

// hasDisableSigusr1 reports whether the version knows --disable-sigusr1.
func (v Version) hasDisableSigusr1() bool { return v.Major != 23 || v.Minor >= 7 }

// hasPackageMaps reports whether the version knows --experimental-package-map.
func (v Version) hasPackageMaps() bool {
	switch {
	case v.Major == 24:
		return v.Minor >= 20
	case v.Major == 26:
		return v.Minor >= 4
	}
	return v.Major > 26
}

// InstalledVersion returns the version in the headers that most installations have
// beside node (bin/node, include/node/node_version.h). That costs a hundredth of
// NodeVersion. ok is false if there are none, or if their version is too old: they may
// be those of another node, so only NodeVersion decides that.
func InstalledVersion(node string) (v Version, ok bool) {
	real, err := filepath.EvalSymlinks(node)
	if err != nil {
		return v, false
	}
	const maxSize = 64 << 10 // it has 4 KB
	text, err := safefile.Read(filepath.Join(filepath.Dir(real), "..", "include", "node", "node_version.h"), maxSize)
	if err != nil {
		return v, false
	}
	numbers := map[string]*int{"NODE_MAJOR_VERSION": &v.Major, "NODE_MINOR_VERSION": &v.Minor, "NODE_PATCH_VERSION": &v.Patch}
	found := 0
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "#define" {
			continue
		}
		number := numbers[words[1]]
		if number == nil {
			continue
		}
		if *number, err = strconv.Atoi(words[2]); err != nil {
			return v, false
		}
		found++
	}
	return v, err == nil && found == 3 && v.Check() == nil
}

// NodeVersion runs node --version. The process ends before it sets up V8.
func NodeVersion(ctx context.Context, node string, env []string) (Version, error) {
	cmd := exec.CommandContext(ctx, node, "--version")
	// The variables are for the program, not for this process.
	cmd.Env = slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		return strings.HasPrefix(e, "NODE_") || strings.HasPrefix(e, "LISTEN_")
	})
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return Version{}, ctx.Err()
	}
	if isSystem(err) {
		return Version{}, problem.NotChecked(node, "", "running %s --version: %w", node, err)
	}
	if err != nil {
		return Version{}, problem.BadUsage("run "+node+" --version", "running %s --version: %w", node, err)
	}
	var v Version
	if _, err := fmt.Sscanf(string(out), "v%d.%d.%d", &v.Major, &v.Minor, &v.Patch); err != nil {
		return v, problem.BadUsage("run "+node+" --version", "%s --version does not print a version of node", node)
	}
	return v, nil
}
