package launch

import (
	"errors"
	"io/fs"
	"syscall"
)

// isSystem reports whether the system failed. It does not count that a file does not
// exist, or cannot be executed.
func isSystem(err error) bool {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) && errno != syscall.ENOEXEC && errno != syscall.ENOTDIR
	}
	return false
}
