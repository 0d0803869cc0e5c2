package launch

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
	var attribute [64]byte
	n, err := unix.Getxattr(file, "security.capability", attribute[:])
	if err != nil && !errors.Is(err, unix.ENODATA) && !errors.Is(err, unix.EOPNOTSUPP) {
		return problem.NotChecked(file, "", "reading the capabilities of %s: %w", file, err)
	}
	what, hint := gains(info, attribute[:max(n, 0)], os.Geteuid(), os.Getegid())
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

// hasCapabilities reports whether a file has capabilities by which node ignores
// NODE_OPTIONS (node_credentials.cc, SafeGetenv): those of a node that may bind low ports,
// and nothing else, are none.
func hasCapabilities(attribute []byte) bool {
	// struct vfs_cap_data: a word of flags; permitted and inheritable, lower words first
	const flags, permitted, upper = 4, 4, 12
	if len(attribute) < flags {
		return false
	}
	if len(attribute) < upper+8 {
		return true // not a form that is known
	}
	low, high := binary.LittleEndian.Uint32(attribute[permitted:]), binary.LittleEndian.Uint32(attribute[upper:])
	inherited := binary.LittleEndian.Uint32(attribute[permitted+4:]) | binary.LittleEndian.Uint32(attribute[upper+4:])
	return low != 1<<unix.CAP_NET_BIND_SERVICE && low != 0 || high != 0 || inherited != 0
}
