//go:build unix

package filecache

import (
	"os"
	"syscall"
)

// isPrivate reports whether nobody but this user and root can write to a file or directory.
func isPrivate(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSymlink != 0 {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid() && info.Mode().Perm()&0o022 == 0
}
