package hasher

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// folderFlags open a folder to look up names in it. O_PATH asks for no
// permission to list it.
const folderFlags = unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC

// how makes the kernel refuse (ELOOP, EXDEV) any path that goes through a
// symbolic link or leaves the root, see openat2(2).
var how = unix.OpenHow{
	Flags:   fileFlags,
	Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
}

// bestOpenPath tries whether there is openat2: not before Linux 5.6 (ENOSYS),
// nor under an older container's system call filter (EPERM).
func bestOpenPath(root int) func(*reader, string) (int, error) {
	probe := how
	probe.Flags = folderFlags
	fd, err := ignoringEINTR(func() (int, error) { return unix.Openat2(root, ".", &probe) })
	if err != nil {
		return (*reader).openByParts
	}
	unix.Close(fd)
	return (*reader).openBeneath
}

// openBeneath opens a whole path in one system call. It does what unix.Openat2
// does, without the copy of the path that it allocates for each call.
func (r *reader) openBeneath(path string) (int, error) {
	r.path = append(append(r.path[:0], path...), 0)
	for {
		fd, _, errno := unix.Syscall6(unix.SYS_OPENAT2, uintptr(r.root.fd),
			uintptr(unsafe.Pointer(&r.path[0])), uintptr(unsafe.Pointer(&how)), unix.SizeofOpenHow, 0, 0)
		switch errno {
		case 0:
			return int(fd), nil
		case unix.EINTR:
			continue
		}
		return -1, errno
	}
}
