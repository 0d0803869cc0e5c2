package tree

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An opener opens files below a root without following symbolic links.
type opener struct {
	fd   int
	root string
}

func openRoot(root string) (opener, error) {
	fd, err := openAt(unix.AT_FDCWD, root, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != nil {
		return opener{}, &fs.PathError{Op: "open", Path: root, Err: err}
	}
	return opener{fd: fd, root: root}, nil
}

func (o opener) close() error { return unix.Close(o.fd) }

// openat opens p. openat2 (Linux 5.6) checks every component in one call. If the kernel
// or a sandbox does not allow it, walkOpen opens one component after the other.
func (o opener) openat(p string, flags uint64) (int, error) {
	if p == "" {
		p = "."
	}
	flags |= unix.O_RDONLY | unix.O_CLOEXEC
	if flags&unix.O_PATH == 0 { // openat2 allows no more flags with it
		flags |= unix.O_NONBLOCK | unix.O_NOCTTY
	}
	how := unix.OpenHow{
		Flags:   flags,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
	}
	for {
		fd, err := unix.Openat2(o.fd, p, &how)
		switch err {
		case unix.EINTR, unix.EAGAIN:
			continue
		case unix.ENOSYS, unix.EPERM:
			fd, err = walkOpen(o.fd, p, int(flags))
		}
		if err != nil {
			return -1, &fs.PathError{Op: "open", Path: o.root + "/" + p, Err: err}
		}
		return fd, nil
	}
}

// openAt is unix.Openat, repeated if a signal interrupts it.
func openAt(dir int, name string, flags int) (int, error) {
	for {
		fd, err := unix.Openat(dir, name, flags, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

// walkOpen opens p one component after the other. A component that is a link is an error.
func walkOpen(root int, p string, flags int) (int, error) {
	parts := splitPath(p)
	if len(parts) == 0 {
		return openAt(root, ".", flags)
	}
	at := root
	for i, name := range parts {
		how := unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC
		if i == len(parts)-1 {
			how = flags
		}
		fd, err := openAt(at, name, how|unix.O_NOFOLLOW)
		if at != root {
			unix.Close(at)
		}
		if err != nil {
			return -1, err
		}
		at = fd
	}
	return at, nil
}

func (o opener) open(p string) (*os.File, error) {
	fd, err := o.openat(p, 0)
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err = unix.Fstat(fd, &st); err == nil && st.Mode&unix.S_IFMT != unix.S_IFREG {
		err = errors.New("not a regular file")
	}
	if err != nil {
		unix.Close(fd)
		return nil, &fs.PathError{Op: "open", Path: o.root + "/" + p, Err: err}
	}
	return os.NewFile(uintptr(fd), o.root+"/"+p), nil
}

// direntBuffers are the buffers for getdents64: 32 KiB have room for some 800 names.
var direntBuffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// readDir reads the directory p with raw system calls: os.ReadDir would register it
// with the poller, and allocate four objects for every name.
func (o opener) readDir(p string) (Dir, error) {
	fd, err := o.openat(p, unix.O_DIRECTORY)
	if err != nil {
		if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
			return nil, errNotDirectory
		}
		return nil, err
	}
	defer unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
	buf := direntBuffers.Get().(*[]byte)
	defer direntBuffers.Put(buf)
	dir := Dir{}
	for {
		// A raw system call, for the same reason as in package hasher.
		n, _, errno := unix.RawSyscall(unix.SYS_GETDENTS64, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(*buf))), uintptr(len(*buf)))
		if errno == unix.EINTR {
			continue
		}
		if errno != 0 {
			return nil, &fs.PathError{Op: "readdir", Path: o.root + "/" + p, Err: errno}
		}
		if n == 0 {
			return dir, nil
		}
		dir = o.parse(dir, fd, (*buf)[:n])
	}
}

// parse appends the entries in buf, a sequence of struct linux_dirent64 (getdents64(2)):
// ino u64, off i64, reclen u16, type u8, name up to a NUL.
func (o opener) parse(dir Dir, fd int, buf []byte) Dir {
	dir = slices.Grow(dir, len(buf)/40) // the size of an entry with a name of some 20 bytes
	for len(buf) > 19 {
		size := int(binary.NativeEndian.Uint16(buf[16:]))
		if size < 20 || size > len(buf) {
			return dir
		}
		name, _, _ := bytes.Cut(buf[19:size], []byte{0})
		kind := kindOfType(buf[18])
		buf = buf[size:]
		if s := string(name); s != "." && s != ".." {
			if kind == None { // some file systems do not report it
				kind = kindAt(fd, s)
			}
			dir = append(dir, Entry{Name: s, Kind: kind})
		}
	}
	return dir
}

func kindOfType(t byte) Kind {
	switch t {
	case unix.DT_REG:
		return File
	case unix.DT_DIR:
		return Directory
	case unix.DT_LNK:
		return Link
	case unix.DT_UNKNOWN:
		return None
	}
	return Other
}

func kindAt(fd int, name string) Kind {
	var st unix.Stat_t
	if unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW) != nil {
		return Other // removed meanwhile, or not accessible
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return File
	case unix.S_IFDIR:
		return Directory
	case unix.S_IFLNK:
		return Link
	}
	return Other
}
