package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/nodeint/nodeint/integrity/problem"
)

// checkPrivileges returns an error for a node that gets more privileges than the process
// that starts it. The kernel tells such a program (AT_SECURE), and it ignores
// NODE_OPTIONS: the preload would never start.
func checkPrivileges(node string) error {
	file, err := filepath.EvalSymlinks(node)
	if err != nil {
		return nil // starting it fails
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil
	}
	attribute, err := attributeOf(func(name string, b []byte) (int, error) { return unix.Getxattr(file, name, b) })
	if err != nil {
		return problem.NotChecked(file, "", "reading the capabilities of %s: %w", file, err)
	}
	what, hint := gains(info, attribute, os.Geteuid(), os.Getegid())
	if what == "" && (os.Getuid() != os.Geteuid() || os.Getgid() != os.Getegid()) {
		return problem.BadUsage("remove the set-user-ID bit of nodeint", "nodeint itself has other privileges than the user who starts it: node then ignores NODE_OPTIONS, and the preload does not start")
	}
	if what == "" {
		return nil
	}
	return problem.BadUsage(hint+file, "%s %s: node then ignores NODE_OPTIONS, and the preload does not start", file, what)
}

// gains returns which privileges a program gets by its file, or "", and the beginning of the
// command that removes them. attribute is the extended attribute with its capabilities.
func gains(info fs.FileInfo, attribute []byte, uid, gid int) (what, hint string) {
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok:
		return "", ""
	case info.Mode()&fs.ModeSetuid != 0 && int(st.Uid) != uid:
		return "has the set-user-ID bit", "chmod u-s "
	case info.Mode()&fs.ModeSetgid != 0 && int(st.Gid) != gid:
		return "has the set-group-ID bit", "chmod g-s "
	case uid != 0 && hasCapabilities(attribute):
		return "has file capabilities", "give the capability to nodeint instead, by AmbientCapabilities= of systemd or setpriv --ambient-caps, and run setcap -r "
	}
	return "", ""
}

// attributeOf reads the extended attribute with the capabilities of a file, which most do
// not have.
func attributeOf(get func(name string, b []byte) (int, error)) ([]byte, error) {
	attribute := make([]byte, 64)
	n, err := get("security.capability", attribute)
	if err != nil && !errors.Is(err, unix.ENODATA) && !errors.Is(err, unix.EOPNOTSUPP) {
		return nil, err
	}
	return attribute[:max(n, 0)], nil
}

// hasCapabilities reports whether a file has capabilities. Node takes NODE_OPTIONS although
// it may bind low ports (node_credentials.cc, SafeGetenv), but the kernel refuses that
// capability to a program under no_new_privs, and tells it of the ones of its file.
func hasCapabilities(attribute []byte) bool {
	// struct vfs_cap_data: a word of flags; permitted and inheritable, lower words first
	const flags, effective = 4, 1
	if len(attribute) < flags {
		return false
	}
	if attribute[0]&effective != 0 {
		return true
	}
	return slices.ContainsFunc(attribute[flags:min(len(attribute), flags+16)], func(b byte) bool { return b != 0 })
}

// ignoresOptions returns why the kernel would tell the program of an exec that it has more
// privileges than the process that starts it (AT_SECURE), or "". Node then ignores
// NODE_OPTIONS. Under no_new_privs, the set-user-ID bit of a file does nothing.
func ignoresOptions(tid int, file *os.File) (why, hint string, err error) {
	ids, err := idsOf(tid)
	if err != nil {
		return "", "", err
	}
	if ids.uid != ids.euid || ids.gid != ids.egid {
		return "the process has other effective than real user or group ids", "set the real ids too: process.setgid() and process.setuid()", nil
	}
	if ids.uid == 0 || file == nil {
		return "", "", nil
	}
	attribute, err := attributeOf(func(name string, b []byte) (int, error) { return unix.Fgetxattr(int(file.Fd()), name, b) })
	if err != nil {
		return "", "", err
	}
	if hasCapabilities(attribute) {
		return "it has file capabilities", "run setcap -r " + file.Name(), nil
	}
	return "", "", nil
}

// ids are the real and effective ids of a thread.
type ids struct{ uid, euid, gid, egid int }

// idsOf reads them, as the user namespace of this process has them.
func idsOf(tid int) (ids, error) {
	var all ids
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", tid))
	if err != nil {
		return all, err
	}
	found := 0
	for line := range strings.Lines(string(text)) {
		for _, row := range []struct {
			name            string
			real, effective *int
		}{{"Uid:", &all.uid, &all.euid}, {"Gid:", &all.gid, &all.egid}} {
			if values, ok := strings.CutPrefix(line, row.name); ok {
				if _, err := fmt.Sscan(values, row.real, row.effective); err != nil {
					return all, err
				}
				found++
			}
		}
	}
	if found != 2 {
		return all, fmt.Errorf("/proc/%d/status has no ids", tid)
	}
	return all, nil
}
