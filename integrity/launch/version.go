package launch

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Version is a version of node.
type Version struct{ Major, Minor, Patch int }

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

func (v Version) before(major, minor int) bool {
	return v.Major < major || v.Major == major && v.Minor < minor
}

// Check refuses a node without module.registerHooks, on which the hook rests.
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
	return usage("install a newer node, or name one by its path: nodeint run /opt/node/bin/node app.js",
		"node %s is too old for run: %s or newer is needed", v, need)
}

// hasDisableSigusr1 reports whether the version knows --disable-sigusr1.
func (v Version) hasDisableSigusr1() bool { return v.Major != 23 || v.Minor >= 7 }

// InstalledVersion reads the version in the headers that most installations have
// beside node (bin/node, include/node/node_version.h): a hundredth of what asking
// node costs. They may be of another node, so that a version that is too old has
// to be asked for, and what node says itself counts.
func InstalledVersion(node string) (v Version, ok bool) {
	real, err := filepath.EvalSymlinks(node)
	if err != nil {
		return v, false
	}
	f, err := os.Open(filepath.Join(filepath.Dir(real), "..", "include", "node", "node_version.h"))
	if err != nil {
		return v, false
	}
	defer f.Close()
	const most = 64 << 10 // it has 4 KB
	text, err := io.ReadAll(io.LimitReader(f, most))
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

// NodeVersion asks node for its version. That costs a process, which ends before
// V8 is set up.
func NodeVersion(ctx context.Context, node string, env []string) (Version, error) {
	cmd := exec.CommandContext(ctx, node, "--version")
	// What it is to do later must not be done by this process.
	cmd.Env = slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		return strings.HasPrefix(e, "NODE_") || strings.HasPrefix(e, "LISTEN_")
	})
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return Version{}, ctx.Err()
	}
	if isSystem(err) {
		return Version{}, failed(node, "", "asking node for its version: %w", err)
	}
	if err != nil {
		return Version{}, usage("try it by hand: "+node+" --version", "asking node for its version: %w", err)
	}
	var v Version
	if _, err := fmt.Sscanf(string(out), "v%d.%d.%d", &v.Major, &v.Minor, &v.Patch); err != nil {
		return v, usage("see what that is: "+node+" --version", "%s does not answer --version as node does", node)
	}
	return v, nil
}
