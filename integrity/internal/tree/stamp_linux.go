package tree

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

func stampOf(info fs.FileInfo) Stamp {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return Stamp{}
	}
	return Stamp{
		Device: uint64(st.Dev), Inode: st.Ino, Size: st.Size,
		Modified: unix.TimespecToNsec(unix.Timespec(st.Mtim)), Changed: unix.TimespecToNsec(unix.Timespec(st.Ctim)),
	}
}

func (o opener) stamp(p string) Stamp {
	fd, err := o.openat(p, unix.O_PATH|unix.O_NOFOLLOW)
	if err != nil {
		return Stamp{}
	}
	defer unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return Stamp{}
	}
	return Stamp{
		Device: uint64(st.Dev), Inode: st.Ino, Size: st.Size,
		Modified: unix.TimespecToNsec(st.Mtim), Changed: unix.TimespecToNsec(st.Ctim),
	}
}

// The magic numbers of file systems that package unix does not have (statfs(2)).
const (
	zfsMagic      = 0x2fc12fc1
	bcachefsMagic = 0xca451a4e
)

// stampDevice knows no file systems of other machines and of FUSE: their times come from
// another clock, or from a program.
func (o opener) stampDevice() (device uint64, ok bool) {
	var fsys unix.Statfs_t
	var st unix.Stat_t
	if unix.Fstatfs(o.fd, &fsys) != nil || unix.Fstat(o.fd, &st) != nil {
		return 0, false
	}
	switch uint32(fsys.Type) {
	case unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC,
		unix.OVERLAYFS_SUPER_MAGIC, unix.TMPFS_MAGIC, zfsMagic, bcachefsMagic:
		return uint64(st.Dev), true
	}
	return 0, false
}
