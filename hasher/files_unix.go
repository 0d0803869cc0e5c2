//go:build linux || darwin || freebsd || openbsd || netbsd || dragonfly

package hasher

import (
	"errors"
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"
)

// This file calls the system through package unix. An os.File takes two more
// system calls for each file (fcntl, epoll_ctl) and an allocation with a
// finalizer.

// fileFlags open a file without waiting (for the writer of a FIFO), without
// making a terminal the controlling one, and without following a symbolic link.
const fileFlags = unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY

// A rootDir is the open root directory.
type rootDir struct {
	fd int

	// openPath opens a file: openByParts, or openBeneath if the system has
	// openat2. It returns the error of the system unchanged.
	openPath func(*reader, string) (int, error)
}

func openRoot(root string) (*rootDir, error) {
	fd, err := ignoringEINTR(func() (int, error) {
		return unix.Open(root, dirFlags, 0)
	})
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: root, Err: err}
	}
	return &rootDir{fd: fd, openPath: bestOpenPath(fd)}, nil
}

func (d *rootDir) close() { unix.Close(d.fd) }

func (d *rootDir) newReader() *reader { return &reader{root: d, dirFd: -1} }

// A reader opens files for one worker.
type reader struct {
	root  *rootDir
	stat  unix.Stat_t
	dir   string // the directory of the last file, open as dirFd
	dirFd int    // -1 if none is open
}

// open opens a path that validPath accepts. A directory or a device is opened
// too: fstat rejects it.
func (r *reader) open(path string) (file, error) {
	fd, err := r.root.openPath(r, path)
	if err == nil {
		return file{reader: r, path: path, fd: fd}, nil
	}
	// The errors for other kinds differ between systems (ELOOP, EMLINK, EFTYPE
	// for a link, ENXIO, EOPNOTSUPP for a socket).
	if err != unix.ENOENT && !isTemporary(err) {
		if kind := r.findKind(path); kind != nil {
			return file{}, kind
		}
	}
	return file{}, &fs.PathError{Op: "open", Path: path, Err: err}
}

// openByParts opens one directory of the path after the other and follows no
// symbolic link. It keeps the last directory open for the next file.
func (r *reader) openByParts(path string) (int, error) {
	dir, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		dir, name = path[:i], path[i+1:]
	}
	if dir == "" {
		return openAt(r.root.fd, name, fileFlags)
	}
	if r.dirFd < 0 || dir != r.dir {
		if err := r.enter(dir); err != nil {
			return -1, err
		}
	}
	return openAt(r.dirFd, name, fileFlags)
}

// enter opens the directory dir as dirFd.
func (r *reader) enter(dir string) error {
	r.release()
	at := r.root.fd
	for rest, more := dir, true; more; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		fd, err := openAt(at, name, dirFlags|unix.O_NOFOLLOW)
		if at != r.root.fd {
			unix.Close(at)
		}
		if err != nil {
			return err
		}
		at = fd
	}
	r.dir, r.dirFd = dir, at
	return nil
}

// release closes the directory that the reader keeps open.
func (r *reader) release() {
	if r.dirFd >= 0 {
		unix.Close(r.dirFd)
		r.dirFd = -1
	}
}

func (r *reader) close() { r.release() }

// findKind returns a KindError for the first element of the path that is not a
// directory or, if it is the last, not a regular file. It returns nil if there is
// no such element, or if an element cannot be examined.
func (r *reader) findKind(path string) error {
	at := r.root.fd
	defer func() {
		if at != r.root.fd {
			unix.Close(at)
		}
	}()
	for end := 0; end < len(path); end++ {
		name, _, more := strings.Cut(path[end:], "/")
		end += len(name)
		if unix.Fstatat(at, name, &r.stat, unix.AT_SYMLINK_NOFOLLOW) != nil {
			return nil
		}
		kind, want := kindOf(uint32(r.stat.Mode)), regularFile
		if more {
			want = directory
		}
		if kind != want {
			return &KindError{Path: path[:end], Kind: kind}
		}
		if !more {
			return nil
		}
		fd, err := openAt(at, name, dirFlags|unix.O_NOFOLLOW)
		if err != nil {
			return nil
		}
		if at != r.root.fd {
			unix.Close(at)
		}
		at = fd
	}
	return nil
}

// A file is an open file of a reader.
type file struct {
	reader *reader
	path   string
	fd     int
}

func (f file) close() { unix.Close(f.fd) }

// fstat returns the size of a regular file, in bytes, and a KindError for
// anything else.
func (f file) fstat() (int64, error) {
	st := &f.reader.stat
	if err := unix.Fstat(f.fd, st); err != nil {
		return 0, &fs.PathError{Op: "stat", Path: f.path, Err: err}
	}
	if kind := kindOf(uint32(st.Mode)); kind != regularFile {
		return 0, &KindError{Path: f.path, Kind: kind}
	}
	return st.Size, nil
}

// read reads bytes at an offset. At the end of the file it returns 0.
func (f file) read(buf []byte, at int64) (int, error) {
	n, err := ignoringEINTR(func() (int, error) { return unix.Pread(f.fd, buf, at) })
	if err != nil {
		return 0, &fs.PathError{Op: "read", Path: f.path, Err: err}
	}
	return n, nil
}

func openAt(dir int, name string, flags int) (int, error) {
	return ignoringEINTR(func() (int, error) { return unix.Openat(dir, name, flags, 0) })
}

func ignoringEINTR(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return n, err
		}
	}
}

const (
	regularFile = "regular file"
	directory   = "directory"
)

func kindOf(mode uint32) string {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return regularFile
	case unix.S_IFDIR:
		return directory
	case unix.S_IFLNK:
		return "symbolic link"
	case unix.S_IFIFO:
		return "FIFO"
	case unix.S_IFSOCK:
		return "socket"
	case unix.S_IFCHR, unix.S_IFBLK:
		return "device"
	}
	return "special file"
}

// isTemporary reports whether opening the file may succeed later: the process
// (EMFILE) or the system (ENFILE) has too many open files, or another process has
// a lease on the file that the kernel now breaks (EAGAIN, see fcntl(2)).
func isTemporary(err error) bool {
	return errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) || errors.Is(err, unix.EAGAIN)
}

// validOnSystem returns true: a name may have any byte except NUL and "/".
func validOnSystem(string) bool { return true }
