package hasher

import (
	"strings"

	"golang.org/x/sys/unix"
)

// dirFlags open a directory to look up names in it. O_PATH requires no
// permission to list it.
const dirFlags = unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC

// openBelow makes the kernel reject (ELOOP, EXDEV) any path that goes through a
// symbolic link or leaves the root, see openat2(2).
var openBelow = unix.OpenHow{
	Flags:   dirFlags,
	Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
}

// bestOpenPath returns openBeneath if the system has openat2. Linux before 5.6
// has not (ENOSYS), and the system call filter of an older container rejects it
// (EPERM).
func bestOpenPath(root int) func(*reader, string) (int, error) {
	fd, err := ignoringEINTR(func() (int, error) { return unix.Openat2(root, ".", &openBelow) })
	if err != nil {
		return (*reader).openByParts
	}
	unix.Close(fd)
	return (*reader).openBeneath
}

// openBeneath opens the directory of a path in one system call, unless the last
// file was in it too, and the file in another. Most files have neighbours, and
// the kernel takes longer for one path of eight elements than for two short ones.
func (r *reader) openBeneath(path string) (int, error) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return openAt(r.root.fd, path, fileFlags)
	}
	if dir := path[:i]; r.dirFd < 0 || dir != r.dir {
		r.release()
		fd, err := ignoringEINTR(func() (int, error) { return unix.Openat2(r.root.fd, dir, &openBelow) })
		if err != nil {
			return -1, err
		}
		r.dir, r.dirFd = dir, fd
	}
	return openAt(r.dirFd, path[i+1:], fileFlags)
}

// stamp sets to to what fstat has returned.
func (f file) stamp(to *Stamp) {
	st := &f.reader.stat
	*to = Stamp{
		Device: uint64(st.Dev), Inode: st.Ino, Size: st.Size,
		Modified: unix.TimespecToNsec(st.Mtim), Changed: unix.TimespecToNsec(st.Ctim),
	}
}
