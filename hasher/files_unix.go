//go:build linux || darwin || freebsd || openbsd || netbsd || dragonfly

package hasher

import (
	"errors"
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"
)

// The system is called directly: an os.File costs two more system calls a file
// (fcntl, epoll_ctl) and an allocation with a finalizer.

// fileFlags open a file so that nothing is waited for (a FIFO's writer), no
// terminal becomes the controlling one, and no symbolic link is followed.
const fileFlags = unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY

// A rootDir is the open folder that all paths are relative to.
type rootDir struct {
	fd int

	// openPath is how files are opened: the reader's method openByParts, or a
	// better one that the system has. It returns the system's error as it is.
	openPath func(*reader, string) (int, error)
}

func openRoot(root string) (*rootDir, error) {
	fd, err := ignoringEINTR(func() (int, error) {
		return unix.Open(root, folderFlags, 0)
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
	path  []byte // openBeneath's, with a final NUL
	dir   string // openByParts': the folder of the last file, open as dirFd
	dirFd int    // -1 if none is

	waiting waiting
}

// open opens what is at a path that validPath accepts, whatever it is.
func (r *reader) open(path string) (file, error) {
	fd, err := r.root.openPath(r, path)
	if err == nil {
		return file{reader: r, path: path, fd: fd}, nil
	}
	// The errors for what is no file differ between systems (ELOOP, EMLINK,
	// EFTYPE for a link, ENXIO, EOPNOTSUPP for a socket).
	if err != unix.ENOENT && !isTemporary(err) {
		if kind := r.findKind(path); kind != nil {
			return file{}, kind
		}
	}
	return file{}, &fs.PathError{Op: "open", Path: path, Err: err}
}

// openByParts opens one folder of the path after the other, without following
// a link in any. It keeps the last one open for the next file.
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

// enter opens the folder dir as dirFd.
func (r *reader) enter(dir string) error {
	r.release()
	at := r.root.fd
	for rest, more := dir, true; more; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		fd, err := openAt(at, name, folderFlags|unix.O_NOFOLLOW)
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

// release closes what the reader keeps open.
func (r *reader) release() {
	if r.dirFd >= 0 {
		unix.Close(r.dirFd)
		r.dirFd = -1
	}
}

func (r *reader) close() { r.release() }

// findKind looks for the first part of the path that is not what it should be,
// a folder or, for the last, a regular file. It returns nil where all are.
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
		fd, err := openAt(at, name, folderFlags|unix.O_NOFOLLOW)
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

func (f file) close() { sysClose(f.fd) }

// stat returns the size of a regular file, and a KindError for anything else.
func (f file) stat() (int64, error) {
	st := &f.reader.stat
	if err := sysFstat(f.fd, st); err != nil {
		return 0, &fs.PathError{Op: "stat", Path: f.path, Err: err}
	}
	if kind := kindOf(uint32(st.Mode)); kind != regularFile {
		return 0, &KindError{Path: f.path, Kind: kind}
	}
	return st.Size, nil
}

// canGlance is whether read fails for a FIFO, a socket and a folder.
const canGlance = true

// read reads bytes at an offset, none at the end.
func (f file) read(buf []byte, at int64) (int, error) {
	n, err := ignoringEINTR(func() (int, error) { return sysPread(f.fd, buf, at) })
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

// isTemporary reports whether a file may be opened later: the process (EMFILE)
// or the system (ENFILE) has too many open, or someone has a lease on it that
// the kernel now breaks (EAGAIN, see fcntl(2)).
func isTemporary(err error) bool {
	return errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) || errors.Is(err, unix.EAGAIN)
}

// validOnSystem has nothing to add here: any byte but NUL and "/" is a name's.
func validOnSystem(string) bool { return true }
